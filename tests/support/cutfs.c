/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/support/cutfs.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <sqlite3.h>

#define SECTOR    512
#define FILES_MAX 16
#define SHM_MAX   64

struct op {
    int64_t offset;
    int64_t len; /* -1: truncate to offset */
    uint8_t *data;
};

struct image {
    uint8_t *data;
    int64_t len, size;
};

struct node {
    char name[128];
    bool exists, durable;
    struct image now, safe;
    struct op *ops;
    size_t op_count, op_size;
    void *shm[SHM_MAX];
};

struct cutfs {
    sqlite3_vfs vfs;
    char name[32];
    uint64_t random;
    struct node nodes[FILES_MAX];
    int64_t calls, cut_at, fail_at;
    int fail_code;
    bool cut;
};

struct handle {
    sqlite3_file base;
    struct cutfs *fs;
    struct node *node;
    bool delete_on_close;
};

static void *must(void *p)
{
    if (p == NULL)
        abort();
    return p;
}

static uint64_t next_random(struct cutfs *fs)
{
    fs->random ^= fs->random << 13;
    fs->random ^= fs->random >> 7;
    fs->random ^= fs->random << 17;
    return fs->random;
}

static void image_resize(struct image *m, int64_t len)
{
    if (len > m->size) {
        m->size = len * 2;
        m->data = must(realloc(m->data, (size_t)m->size));
    }
    if (len > m->len)
        memset(m->data + m->len, 0, (size_t)(len - m->len));
    m->len = len;
}

static void image_write(struct image *m, int64_t offset, const uint8_t *data, int64_t len)
{
    if (offset + len > m->len)
        image_resize(m, offset + len);
    memcpy(m->data + offset, data, (size_t)len);
}

static void image_copy(struct image *to, const struct image *from)
{
    image_resize(to, 0);
    image_resize(to, from->len);
    if (from->len > 0)
        memcpy(to->data, from->data, (size_t)from->len);
}

static void forget_ops(struct node *n)
{
    for (size_t i = 0; i < n->op_count; i++)
        free(n->ops[i].data);
    n->op_count = 0;
}

static void push_op(struct node *n, int64_t offset, const void *data, int64_t len)
{
    if (n->op_count == n->op_size) {
        n->op_size = n->op_size == 0 ? 64 : 2 * n->op_size;
        n->ops = must(realloc(n->ops, n->op_size * sizeof *n->ops));
    }
    struct op *op = &n->ops[n->op_count++];
    *op = (struct op){offset, len, NULL};
    if (len > 0) {
        op->data = must(malloc((size_t)len));
        memcpy(op->data, data, (size_t)len);
    }
}

static void apply(struct image *m, const struct op *op)
{
    if (op->len < 0)
        image_resize(m, op->offset);
    else
        image_write(m, op->offset, op->data, op->len);
}

/* Counts a call that the disk sees. SQLITE_OK, or the error it ends with. */
static int count_call(struct cutfs *fs)
{
    fs->calls++;
    if (fs->cut_at != 0 && fs->calls >= fs->cut_at)
        fs->cut = true;
    if (fs->cut)
        return SQLITE_IOERR_WRITE;
    if (fs->fail_at != 0 && fs->calls == fs->fail_at) {
        fs->fail_at = 0;
        return fs->fail_code;
    }
    return SQLITE_OK;
}

static struct node *find(struct cutfs *fs, const char *name)
{
    for (int i = 0; i < FILES_MAX; i++) {
        if (fs->nodes[i].exists && strcmp(fs->nodes[i].name, name) == 0)
            return &fs->nodes[i];
    }
    return NULL;
}

static struct node *create(struct cutfs *fs, const char *name)
{
    for (int i = 0; i < FILES_MAX; i++) {
        struct node *n = &fs->nodes[i];
        if (!n->exists && !n->durable) {
            snprintf(n->name, sizeof n->name, "%s", name);
            n->exists = true;
            image_resize(&n->now, 0);
            image_resize(&n->safe, 0);
            return n;
        }
    }
    abort();
}

static void drop_shm(struct node *n)
{
    for (int i = 0; i < SHM_MAX; i++) {
        free(n->shm[i]);
        n->shm[i] = NULL;
    }
}

static void forget(struct node *n)
{
    forget_ops(n);
    drop_shm(n);
    n->exists = n->durable = false;
}

static struct handle *self(sqlite3_file *f)
{
    return (struct handle *)f;
}

static int io_close(sqlite3_file *f)
{
    struct handle *h = self(f);

    if (h->delete_on_close && !h->fs->cut)
        forget(h->node);
    return SQLITE_OK;
}

static int io_read(sqlite3_file *f, void *out, int amount, sqlite3_int64 offset)
{
    const struct handle *h = self(f);
    const struct image *m = &h->node->now;
    int64_t have = m->len - offset;

    if (h->fs->cut)
        return SQLITE_IOERR_READ;
    have = have < 0 ? 0 : have > amount ? amount : have;
    if (have > 0)
        memcpy(out, m->data + offset, (size_t)have);
    if (have == amount)
        return SQLITE_OK;
    memset((uint8_t *)out + have, 0, (size_t)(amount - have));
    return SQLITE_IOERR_SHORT_READ;
}

static int io_write(sqlite3_file *f, const void *data, int amount, sqlite3_int64 offset)
{
    struct handle *h = self(f);
    bool cut_before = h->fs->cut;
    int rc = count_call(h->fs);

    /* The write during which the power goes may have reached the disk in part: it stays pending. */
    if (rc != SQLITE_OK && (cut_before || !h->fs->cut))
        return rc;
    push_op(h->node, offset, data, amount);
    image_write(&h->node->now, offset, data, amount);
    return rc;
}

static int io_truncate(sqlite3_file *f, sqlite3_int64 size)
{
    struct handle *h = self(f);
    int rc = count_call(h->fs);

    if (rc != SQLITE_OK)
        return rc;
    push_op(h->node, size, NULL, -1);
    image_resize(&h->node->now, size);
    return SQLITE_OK;
}

static int io_sync(sqlite3_file *f, int flags)
{
    struct handle *h = self(f);
    int rc = count_call(h->fs);

    (void)flags;
    if (rc != SQLITE_OK)
        return rc == SQLITE_IOERR_WRITE ? SQLITE_IOERR_FSYNC : rc;
    for (size_t i = 0; i < h->node->op_count; i++)
        apply(&h->node->safe, &h->node->ops[i]);
    forget_ops(h->node);
    h->node->durable = true;
    return SQLITE_OK;
}

static int io_size(sqlite3_file *f, sqlite3_int64 *size)
{
    *size = self(f)->node->now.len;
    return self(f)->fs->cut ? SQLITE_IOERR_FSTAT : SQLITE_OK;
}

static int io_lock(sqlite3_file *f, int kind)
{
    (void)f;
    (void)kind;
    return SQLITE_OK;
}

static int io_reserved(sqlite3_file *f, int *out)
{
    (void)f;
    *out = 0;
    return SQLITE_OK;
}

static int io_control(sqlite3_file *f, int op, void *arg)
{
    (void)f;
    (void)op;
    (void)arg;
    return SQLITE_NOTFOUND;
}

static int io_sector_size(sqlite3_file *f)
{
    (void)f;
    return SECTOR;
}

static int io_traits(sqlite3_file *f)
{
    (void)f;
    return 0; /* no promise about atomic or ordered writes */
}

static int io_shm_map(sqlite3_file *f, int page, int size, int extend, void volatile **out)
{
    struct node *n = self(f)->node;

    if (page >= SHM_MAX)
        return SQLITE_IOERR_SHMSIZE;
    if (n->shm[page] == NULL && extend)
        n->shm[page] = must(calloc(1, (size_t)size));
    *out = n->shm[page];
    return SQLITE_OK;
}

static int io_shm_lock(sqlite3_file *f, int offset, int n, int flags)
{
    (void)f;
    (void)offset;
    (void)n;
    (void)flags;
    return SQLITE_OK;
}

static void io_shm_barrier(sqlite3_file *f)
{
    (void)f;
    __sync_synchronize();
}

static int io_shm_unmap(sqlite3_file *f, int delete_it)
{
    (void)delete_it;
    drop_shm(self(f)->node);
    return SQLITE_OK;
}

static const sqlite3_io_methods methods = {
    .iVersion = 2,
    .xClose = io_close,
    .xRead = io_read,
    .xWrite = io_write,
    .xTruncate = io_truncate,
    .xSync = io_sync,
    .xFileSize = io_size,
    .xLock = io_lock,
    .xUnlock = io_lock,
    .xCheckReservedLock = io_reserved,
    .xFileControl = io_control,
    .xSectorSize = io_sector_size,
    .xDeviceCharacteristics = io_traits,
    .xShmMap = io_shm_map,
    .xShmLock = io_shm_lock,
    .xShmBarrier = io_shm_barrier,
    .xShmUnmap = io_shm_unmap,
};

static int vfs_open(sqlite3_vfs *v, const char *name, sqlite3_file *f, int flags, int *out)
{
    struct cutfs *fs = v->pAppData;
    struct handle *h = self(f);
    char temp[32];

    h->base.pMethods = NULL;
    if (fs->cut)
        return SQLITE_CANTOPEN;
    if (name == NULL) {
        snprintf(temp, sizeof temp, "temp-%llx", (unsigned long long)next_random(fs));
        name = temp;
    }
    struct node *n = find(fs, name);
    if (n == NULL && (flags & SQLITE_OPEN_CREATE) == 0)
        return SQLITE_CANTOPEN;
    *h = (struct handle){
        {&methods}, fs, n != NULL ? n : create(fs, name), (flags & SQLITE_OPEN_DELETEONCLOSE) != 0};
    if (out != NULL)
        *out = flags;
    return SQLITE_OK;
}

static int vfs_delete(sqlite3_vfs *v, const char *name, int sync_folder)
{
    struct cutfs *fs = v->pAppData;
    struct node *n = find(fs, name);

    (void)sync_folder;
    if (fs->cut)
        return SQLITE_IOERR_DELETE;
    if (n == NULL)
        return SQLITE_IOERR_DELETE_NOENT;
    forget(n);
    return SQLITE_OK;
}

static int vfs_access(sqlite3_vfs *v, const char *name, int flags, int *out)
{
    (void)flags;
    *out = find(v->pAppData, name) != NULL;
    return SQLITE_OK;
}

static int vfs_full_name(sqlite3_vfs *v, const char *name, int size, char *out)
{
    (void)v;
    snprintf(out, (size_t)size, "%s", name);
    return SQLITE_OK;
}

static int vfs_randomness(sqlite3_vfs *v, int size, char *out)
{
    for (int i = 0; i < size; i++)
        out[i] = (char)next_random(v->pAppData);
    return size;
}

static int vfs_sleep(sqlite3_vfs *v, int us)
{
    (void)v;
    return us;
}

static int vfs_time(sqlite3_vfs *v, sqlite3_int64 *out)
{
    (void)v;
    *out = 2440587 * 86400000LL + (sqlite3_int64)time(NULL) * 1000;
    return SQLITE_OK;
}

struct cutfs *cutfs_new(const char *name, uint64_t seed)
{
    struct cutfs *fs = must(calloc(1, sizeof *fs));

    snprintf(fs->name, sizeof fs->name, "%s", name);
    fs->random = seed * 0x9e3779b97f4a7c15u + 1;
    fs->vfs = (sqlite3_vfs){.iVersion = 2,
                            .szOsFile = sizeof(struct handle),
                            .mxPathname = 120,
                            .zName = fs->name,
                            .pAppData = fs,
                            .xOpen = vfs_open,
                            .xDelete = vfs_delete,
                            .xAccess = vfs_access,
                            .xFullPathname = vfs_full_name,
                            .xRandomness = vfs_randomness,
                            .xSleep = vfs_sleep,
                            .xCurrentTimeInt64 = vfs_time};
    if (sqlite3_vfs_register(&fs->vfs, 0) != SQLITE_OK)
        abort();
    return fs;
}

void cutfs_wipe(struct cutfs *fs)
{
    for (int i = 0; i < FILES_MAX; i++)
        forget(&fs->nodes[i]);
    fs->cut = false;
    fs->cut_at = fs->fail_at = 0;
}

void cutfs_free(struct cutfs *fs)
{
    sqlite3_vfs_unregister(&fs->vfs);
    cutfs_wipe(fs);
    for (int i = 0; i < FILES_MAX; i++) {
        free(fs->nodes[i].now.data);
        free(fs->nodes[i].safe.data);
        free(fs->nodes[i].ops);
    }
    free(fs);
}

void cutfs_cut_after(struct cutfs *fs, int64_t calls)
{
    fs->cut_at = calls == 0 ? 0 : fs->calls + calls;
}

bool cutfs_is_cut(const struct cutfs *fs)
{
    return fs->cut;
}

int64_t cutfs_calls(const struct cutfs *fs)
{
    return fs->calls;
}

void cutfs_fail_once(struct cutfs *fs, int64_t calls, int code)
{
    fs->fail_at = fs->calls + calls;
    fs->fail_code = code;
}

/* Whole sectors reach the disk or not, in any order; the end of a write that is not sector-aligned counts as one. */
static void keep_some(struct cutfs *fs, struct node *n)
{
    for (size_t i = 0; i < n->op_count; i++) {
        const struct op *op = &n->ops[i];
        if (op->len < 0) {
            if (next_random(fs) % 2 == 0)
                image_resize(&n->safe, op->offset);
            continue;
        }
        for (int64_t at = 0; at < op->len;) {
            int64_t end = ((op->offset + at) / SECTOR + 1) * SECTOR - op->offset;
            end = end > op->len ? op->len : end;
            if (next_random(fs) % 2 == 0)
                image_write(&n->safe, op->offset + at, op->data + at, end - at);
            at = end;
        }
    }
}

void cutfs_restart(struct cutfs *fs, enum cut_model model)
{
    for (int i = 0; i < FILES_MAX; i++) {
        struct node *n = &fs->nodes[i];
        if (!n->exists)
            continue;
        bool survives = n->durable || (model == CUT_SOME && next_random(fs) % 2 == 0);
        if (model == CUT_SOME)
            keep_some(fs, n);
        drop_shm(n);
        forget_ops(n);
        if (!survives) {
            forget(n);
            continue;
        }
        n->durable = true;
        image_copy(&n->now, &n->safe);
    }
    fs->cut = false;
    fs->cut_at = fs->fail_at = 0;
}
