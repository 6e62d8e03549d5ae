/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/support/made_archive.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "profiles/firmware/demo_archive.h"
#include "profiles/firmware/firmware_archive.h"

static void need(bool good, const char *what)
{
    if (good)
        return;
    fprintf(stderr, "made_archive: %s\n", what);
    abort();
}

void made_archive_open(struct made_archive *m)
{
    const struct place at = {"demo", 0, NULL};
    struct firmware_archive archive;
    struct complaint c = {0};
    uint8_t *bytes;
    size_t size;

    memset(m, 0, sizeof *m);
    m->arena = arena_new();
    need(m->arena != NULL && demo_archive_make(&bytes, &size) == 0, "no demo archive");
    need(firmware_archive_read(bytes, size, m->arena, &archive, &at, &c) == 0, c.text);
    free(bytes);
    for (size_t i = 0; i < archive.count; i++)
        m->members[m->count++] = (struct tar_member){archive.members[i].name, archive.members[i].data,
                                                     archive.members[i].size, TAR_FILE};
}

void made_archive_close(struct made_archive *m)
{
    arena_free(m->arena);
}

static struct tar_member *find(struct made_archive *m, const char *name)
{
    for (size_t i = 0; i < m->count; i++)
        if (strcmp(m->members[i].name, name) == 0)
            return &m->members[i];
    return NULL;
}

void made_archive_put(struct made_archive *m, const char *name, const void *data, size_t size)
{
    struct tar_member *t = find(m, name);
    uint8_t *copy = arena_alloc(m->arena, size);

    need(copy != NULL && (t != NULL || m->count < MADE_MEMBERS), "no room");
    if (t == NULL)
        t = &m->members[m->count++];
    memcpy(copy, data, size);
    *t = (struct tar_member){arena_text(m->arena, "%s", name), copy, size, TAR_FILE};
}

void made_archive_text(struct made_archive *m, const char *name, const char *text)
{
    made_archive_put(m, name, text, strlen(text));
}

void made_archive_drop(struct made_archive *m, const char *name)
{
    struct tar_member *t = find(m, name);

    need(t != NULL, "no such member");
    *t = m->members[--m->count];
}

uint8_t *made_archive_copy(struct made_archive *m, const char *name, size_t *size)
{
    struct tar_member *t = find(m, name);
    uint8_t *copy;

    if (t == NULL)
        return NULL;
    copy = arena_alloc(m->arena, t->size);
    need(copy != NULL, "no memory");
    memcpy(copy, t->data, t->size);
    *size = t->size;
    return copy;
}

const uint8_t *made_archive_pack(struct made_archive *m, bool gzip, size_t *size)
{
    uint8_t *bytes, *copy;

    need(tar_make(m->members, m->count, gzip, &bytes, size) == 0, "cannot pack");
    copy = arena_alloc(m->arena, *size);
    need(copy != NULL, "no memory");
    memcpy(copy, bytes, *size);
    free(bytes);
    return copy;
}

void made_archive_save(struct made_archive *m, bool gzip, const char *path)
{
    size_t size;
    const uint8_t *bytes = made_archive_pack(m, gzip, &size);
    FILE *f = fopen(path, "wb");

    need(f != NULL && fwrite(bytes, 1, size, f) == size && fclose(f) == 0, "cannot save");
}
