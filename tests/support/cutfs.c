/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/support/cutfs.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <sqlite3.h>

#include "tests/support/cutdisk.h"

struct cutfs {
    sqlite3_vfs vfs;
    char name[32];
    struct cutdisk disk;
};

struct handle {
    sqlite3_file base;
    struct cutdisk *disk;
    struct cutdisk_file *file;
    bool delete_on_close;
};

static struct handle *self(sqlite3_file *f)
{
    return (struct handle *)f;
}

static int io_close(sqlite3_file *f)
{
    struct handle *h = self(f);

    if (h->delete_on_close && !h->disk->cut)
        cutdisk_forget(h->file);
    return SQLITE_OK;
}

static int io_read(sqlite3_file *f, void *out, int amount, sqlite3_int64 offset)
{
    const struct handle *h = self(f);
    const struct cutdisk_image *m = &h->file->now;
    int64_t have = m->len - offset;

    if (h->disk->cut)
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
    return cutdisk_write(self(f)->disk, self(f)->file, offset, data, amount);
}

static int io_truncate(sqlite3_file *f, sqlite3_int64 size)
{
    return cutdisk_truncate(self(f)->disk, self(f)->file, size);
}

static int io_sync(sqlite3_file *f, int flags)
{
    (void)flags;
    return cutdisk_sync(self(f)->disk, self(f)->file);
}

static int io_size(sqlite3_file *f, sqlite3_int64 *size)
{
    *size = self(f)->file->now.len;
    return self(f)->disk->cut ? SQLITE_IOERR_FSTAT : SQLITE_OK;
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
    return CUTDISK_SECTOR;
}

static int io_traits(sqlite3_file *f)
{
    (void)f;
    return 0; /* no promise about atomic or ordered writes */
}

static int io_shm_map(sqlite3_file *f, int page, int size, int extend, void volatile **out)
{
    struct cutdisk_file *n = self(f)->file;

    if (page >= CUTDISK_SHM)
        return SQLITE_IOERR_SHMSIZE;
    if (n->shm[page] == NULL && extend)
        n->shm[page] = calloc(1, (size_t)size);
    if (n->shm[page] == NULL && extend)
        abort();
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
    cutdisk_drop_shm(self(f)->file);
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
    struct cutdisk *d = v->pAppData;
    struct handle *h = self(f);
    char temp[32];

    h->base.pMethods = NULL;
    if (d->cut)
        return SQLITE_CANTOPEN;
    if (name == NULL) {
        snprintf(temp, sizeof temp, "temp-%llx", (unsigned long long)cutdisk_random(d));
        name = temp;
    }
    struct cutdisk_file *n = cutdisk_find(d, name);
    if (n == NULL && (flags & SQLITE_OPEN_CREATE) == 0)
        return SQLITE_CANTOPEN;
    *h = (struct handle){
        {&methods}, d, n != NULL ? n : cutdisk_create(d, name), (flags & SQLITE_OPEN_DELETEONCLOSE) != 0};
    if (out != NULL)
        *out = flags;
    return SQLITE_OK;
}

static int vfs_delete(sqlite3_vfs *v, const char *name, int sync_folder)
{
    struct cutdisk *d = v->pAppData;
    struct cutdisk_file *n = cutdisk_find(d, name);

    (void)sync_folder;
    if (d->cut)
        return SQLITE_IOERR_DELETE;
    if (n == NULL)
        return SQLITE_IOERR_DELETE_NOENT;
    cutdisk_forget(n);
    return SQLITE_OK;
}

static int vfs_access(sqlite3_vfs *v, const char *name, int flags, int *out)
{
    (void)flags;
    *out = cutdisk_find(v->pAppData, name) != NULL;
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
        out[i] = (char)cutdisk_random(v->pAppData);
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
    struct cutfs *fs = calloc(1, sizeof *fs);

    if (fs == NULL)
        abort();
    snprintf(fs->name, sizeof fs->name, "%s", name);
    fs->disk.random = seed * 0x9e3779b97f4a7c15u + 1;
    fs->vfs = (sqlite3_vfs){.iVersion = 2,
                            .szOsFile = sizeof(struct handle),
                            .mxPathname = 120,
                            .zName = fs->name,
                            .pAppData = &fs->disk,
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
    cutdisk_wipe(&fs->disk);
}

void cutfs_free(struct cutfs *fs)
{
    sqlite3_vfs_unregister(&fs->vfs);
    cutdisk_done(&fs->disk);
    free(fs);
}

void cutfs_cut_after(struct cutfs *fs, int64_t calls)
{
    fs->disk.cut_at = calls == 0 ? 0 : fs->disk.calls + calls;
}

bool cutfs_is_cut(const struct cutfs *fs)
{
    return fs->disk.cut;
}

int64_t cutfs_calls(const struct cutfs *fs)
{
    return fs->disk.calls;
}

void cutfs_fail_once(struct cutfs *fs, int64_t calls, int code)
{
    fs->disk.fail_at = fs->disk.calls + calls;
    fs->disk.fail_code = code;
}

void cutfs_restart(struct cutfs *fs, enum cut_model model)
{
    cutdisk_restart(&fs->disk, model);
}
