/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/support/cutdisk.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sqlite3.h>

static void *must(void *p)
{
    if (p == NULL)
        abort();
    return p;
}

uint64_t cutdisk_random(struct cutdisk *d)
{
    d->random ^= d->random << 13;
    d->random ^= d->random >> 7;
    d->random ^= d->random << 17;
    return d->random;
}

static void image_resize(struct cutdisk_image *m, int64_t len)
{
    if (len > m->size) {
        m->size = len * 2;
        m->data = must(realloc(m->data, (size_t)m->size));
    }
    if (len > m->len)
        memset(m->data + m->len, 0, (size_t)(len - m->len));
    m->len = len;
}

static void image_write(struct cutdisk_image *m, int64_t offset, const uint8_t *data, int64_t len)
{
    if (offset + len > m->len)
        image_resize(m, offset + len);
    memcpy(m->data + offset, data, (size_t)len);
}

static void image_copy(struct cutdisk_image *to, const struct cutdisk_image *from)
{
    image_resize(to, 0);
    image_resize(to, from->len);
    if (from->len > 0)
        memcpy(to->data, from->data, (size_t)from->len);
}

static void forget_ops(struct cutdisk_file *f)
{
    for (size_t i = 0; i < f->op_count; i++)
        free(f->ops[i].data);
    f->op_count = 0;
}

static void push_op(struct cutdisk_file *f, int64_t offset, const void *data, int64_t len)
{
    if (f->op_count == f->op_size) {
        f->op_size = f->op_size == 0 ? 64 : 2 * f->op_size;
        f->ops = must(realloc(f->ops, f->op_size * sizeof *f->ops));
    }
    struct cutdisk_op *op = &f->ops[f->op_count++];
    *op = (struct cutdisk_op){offset, len, NULL};
    if (len > 0) {
        op->data = must(malloc((size_t)len));
        memcpy(op->data, data, (size_t)len);
    }
}

static void apply(struct cutdisk_image *m, const struct cutdisk_op *op)
{
    if (op->len < 0)
        image_resize(m, op->offset);
    else
        image_write(m, op->offset, op->data, op->len);
}

/* Counts a call that the disk sees. SQLITE_OK, or the error it ends with. */
static int count_call(struct cutdisk *d)
{
    d->calls++;
    if (d->cut_at != 0 && d->calls >= d->cut_at)
        d->cut = true;
    if (d->cut)
        return SQLITE_IOERR_WRITE;
    if (d->fail_at != 0 && d->calls == d->fail_at) {
        d->fail_at = 0;
        return d->fail_code;
    }
    return SQLITE_OK;
}

struct cutdisk_file *cutdisk_find(struct cutdisk *d, const char *name)
{
    for (int i = 0; i < CUTDISK_FILES; i++) {
        if (d->files[i].exists && strcmp(d->files[i].name, name) == 0)
            return &d->files[i];
    }
    return NULL;
}

struct cutdisk_file *cutdisk_create(struct cutdisk *d, const char *name)
{
    for (int i = 0; i < CUTDISK_FILES; i++) {
        struct cutdisk_file *f = &d->files[i];
        if (!f->exists && !f->durable) {
            snprintf(f->name, sizeof f->name, "%s", name);
            f->exists = true;
            image_resize(&f->now, 0);
            image_resize(&f->safe, 0);
            return f;
        }
    }
    abort();
}

void cutdisk_drop_shm(struct cutdisk_file *f)
{
    for (int i = 0; i < CUTDISK_SHM; i++) {
        free(f->shm[i]);
        f->shm[i] = NULL;
    }
}

void cutdisk_forget(struct cutdisk_file *f)
{
    forget_ops(f);
    cutdisk_drop_shm(f);
    f->exists = f->durable = false;
}

int cutdisk_write(struct cutdisk *d, struct cutdisk_file *f, int64_t offset, const void *data, int64_t len)
{
    bool cut_before = d->cut;
    int rc = count_call(d);

    /* The write during which the power goes may have reached the disk in part: it stays pending. */
    if (rc != SQLITE_OK && (cut_before || !d->cut))
        return rc;
    push_op(f, offset, data, len);
    image_write(&f->now, offset, data, len);
    return rc;
}

int cutdisk_truncate(struct cutdisk *d, struct cutdisk_file *f, int64_t size)
{
    int rc = count_call(d);

    if (rc != SQLITE_OK)
        return rc;
    push_op(f, size, NULL, -1);
    image_resize(&f->now, size);
    return SQLITE_OK;
}

int cutdisk_sync(struct cutdisk *d, struct cutdisk_file *f)
{
    int rc = count_call(d);

    if (rc != SQLITE_OK)
        return rc == SQLITE_IOERR_WRITE ? SQLITE_IOERR_FSYNC : rc;
    for (size_t i = 0; i < f->op_count; i++)
        apply(&f->safe, &f->ops[i]);
    forget_ops(f);
    f->durable = true;
    return SQLITE_OK;
}

/* Whole sectors reach the disk or not, in any order; the end of a write that is not sector-aligned counts as one. */
static void keep_some(struct cutdisk *d, struct cutdisk_file *f)
{
    for (size_t i = 0; i < f->op_count; i++) {
        const struct cutdisk_op *op = &f->ops[i];
        if (op->len < 0) {
            if (cutdisk_random(d) % 2 == 0)
                image_resize(&f->safe, op->offset);
            continue;
        }
        for (int64_t at = 0; at < op->len;) {
            int64_t end = ((op->offset + at) / CUTDISK_SECTOR + 1) * CUTDISK_SECTOR - op->offset;
            end = end > op->len ? op->len : end;
            if (cutdisk_random(d) % 2 == 0)
                image_write(&f->safe, op->offset + at, op->data + at, end - at);
            at = end;
        }
    }
}

void cutdisk_restart(struct cutdisk *d, enum cut_model model)
{
    for (int i = 0; i < CUTDISK_FILES; i++) {
        struct cutdisk_file *f = &d->files[i];
        if (!f->exists)
            continue;
        bool survives = f->durable || (model == CUT_SOME && cutdisk_random(d) % 2 == 0);
        if (model == CUT_SOME)
            keep_some(d, f);
        cutdisk_drop_shm(f);
        forget_ops(f);
        if (!survives) {
            cutdisk_forget(f);
            continue;
        }
        f->durable = true;
        image_copy(&f->now, &f->safe);
    }
    d->cut = false;
    d->cut_at = d->fail_at = 0;
}

void cutdisk_wipe(struct cutdisk *d)
{
    for (int i = 0; i < CUTDISK_FILES; i++)
        cutdisk_forget(&d->files[i]);
    d->cut = false;
    d->cut_at = d->fail_at = 0;
}

void cutdisk_done(struct cutdisk *d)
{
    cutdisk_wipe(d);
    for (int i = 0; i < CUTDISK_FILES; i++) {
        free(d->files[i].now.data);
        free(d->files[i].safe.data);
        free(d->files[i].ops);
    }
}
