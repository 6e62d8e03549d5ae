/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cutdisk - the files of a disk in memory, each as it is now and as a power cut would leave it. For cutfs alone.
 * Codes are SQLite's. Aborts without memory.
 */
#ifndef TESTS_SUPPORT_CUTDISK_H
#define TESTS_SUPPORT_CUTDISK_H

#include <stddef.h>

#include "tests/support/cutfs.h"

#define CUTDISK_SECTOR 512
#define CUTDISK_FILES  16
#define CUTDISK_SHM    64

struct cutdisk_image {
    uint8_t *data;
    int64_t len, size;
};

struct cutdisk_op {
    int64_t offset;
    int64_t len; /* -1: truncate to offset */
    uint8_t *data;
};

struct cutdisk_file {
    char name[128];
    bool exists, durable;
    struct cutdisk_image now, safe; /* as the programme sees it; as of the last sync */
    struct cutdisk_op *ops;         /* since then */
    size_t op_count, op_size;
    void *shm[CUTDISK_SHM];
};

struct cutdisk {
    uint64_t random;
    struct cutdisk_file files[CUTDISK_FILES];
    int64_t calls, cut_at, fail_at;
    int fail_code;
    bool cut;
};

uint64_t cutdisk_random(struct cutdisk *d);
struct cutdisk_file *cutdisk_find(struct cutdisk *d, const char *name); /* NULL: there is none */
struct cutdisk_file *cutdisk_create(struct cutdisk *d, const char *name);
void cutdisk_forget(struct cutdisk_file *f); /* deletes it */
void cutdisk_drop_shm(struct cutdisk_file *f);

/* Each of these three counts as a call; 0, or the code it ends with. */
int cutdisk_write(struct cutdisk *d, struct cutdisk_file *f, int64_t offset, const void *data, int64_t len);
int cutdisk_truncate(struct cutdisk *d, struct cutdisk_file *f, int64_t size);
int cutdisk_sync(struct cutdisk *d, struct cutdisk_file *f);

void cutdisk_restart(struct cutdisk *d, enum cut_model model);
void cutdisk_wipe(struct cutdisk *d);
void cutdisk_done(struct cutdisk *d); /* frees what is in it */

#endif /* TESTS_SUPPORT_CUTDISK_H */
