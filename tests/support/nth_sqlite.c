/* SPDX-License-Identifier: Apache-2.0 */
/* nth_sqlite - the calls that SQLite makes of its allocator and of its files, for nth_call. */
#include "tests/support/nth_call.h"

#include <assert.h>
#include <stddef.h>

#include <sqlite3.h>

/* A file as its own VFS made it, with methods of ours in front. */
struct nth_file {
    const sqlite3_io_methods *real;
    sqlite3_io_methods ours;
};

static struct {
    sqlite3_vfs vfs, *under;
    sqlite3_mem_methods memory;
} sql;

static struct nth_file *extra(sqlite3_file *f)
{
    return (struct nth_file *)(void *)((char *)f + (sql.under->szOsFile + 7) / 8 * 8);
}

static void *sql_malloc(int size)
{
    return nth_call_is_due(NTH_SQL_ALLOC) ? NULL : sql.memory.xMalloc(size);
}

static void *sql_realloc(void *old, int size)
{
    return nth_call_is_due(NTH_SQL_ALLOC) ? NULL : sql.memory.xRealloc(old, size);
}

static int sql_read(sqlite3_file *f, void *data, int len, sqlite3_int64 at)
{
    return nth_call_is_due(NTH_SQL_READ) ? SQLITE_IOERR_READ : extra(f)->real->xRead(f, data, len, at);
}

static int sql_write(sqlite3_file *f, const void *data, int len, sqlite3_int64 at)
{
    if (nth_call_is_due(NTH_SQL_WRITE))
        return SQLITE_FULL;
    return nth_call_is_due(NTH_SQL_WRECK) ? SQLITE_IOERR_WRITE : extra(f)->real->xWrite(f, data, len, at);
}

static int sql_sync(sqlite3_file *f, int flags)
{
    return nth_call_is_due(NTH_SQL_SYNC) ? SQLITE_IOERR_FSYNC : extra(f)->real->xSync(f, flags);
}

static int sql_size(sqlite3_file *f, sqlite3_int64 *size)
{
    return nth_call_is_due(NTH_SQL_SIZE) ? SQLITE_IOERR_FSTAT : extra(f)->real->xFileSize(f, size);
}

static int sql_lock(sqlite3_file *f, int level)
{
    return nth_call_is_due(NTH_SQL_LOCK) ? SQLITE_IOERR_LOCK : extra(f)->real->xLock(f, level);
}

/* Giving a lock up never fails. */
static int sql_shm_lock(sqlite3_file *f, int at, int n, int flags)
{
    if ((flags & SQLITE_SHM_LOCK) != 0 && nth_call_is_due(NTH_SQL_LOCK))
        return SQLITE_IOERR_SHMLOCK;
    return extra(f)->real->xShmLock(f, at, n, flags);
}

static int sql_shm_map(sqlite3_file *f, int page, int size, int extend, void volatile **out)
{
    return nth_call_is_due(NTH_SQL_MAP) ? SQLITE_IOERR_SHMMAP
                                        : extra(f)->real->xShmMap(f, page, size, extend, out);
}

static int sql_open(sqlite3_vfs *vfs, const char *name, sqlite3_file *f, int flags, int *out)
{
    (void)vfs;
    int rc = sql.under->xOpen(sql.under, name, f, flags, out);

    if (rc == SQLITE_OK && f->pMethods != NULL) {
        struct nth_file *x = extra(f);
        x->real = f->pMethods;
        x->ours = *x->real;
        x->ours.xRead = sql_read;
        x->ours.xWrite = sql_write;
        x->ours.xSync = sql_sync;
        x->ours.xFileSize = sql_size;
        x->ours.xLock = sql_lock;
        x->ours.xShmLock = sql_shm_lock;
        x->ours.xShmMap = sql_shm_map;
        f->pMethods = &x->ours;
    }
    return rc;
}

void nth_call_watch_sqlite(void)
{
    sqlite3_mem_methods ours;
    int rc = sqlite3_config(SQLITE_CONFIG_GETMALLOC, &sql.memory);

    assert(rc == SQLITE_OK);
    ours = sql.memory;
    ours.xMalloc = sql_malloc;
    ours.xRealloc = sql_realloc;
    rc = sqlite3_config(SQLITE_CONFIG_MALLOC, &ours);
    assert(rc == SQLITE_OK);
    /* Small pieces out of a connection's own stock would not be asked for one by one. */
    rc = sqlite3_config(SQLITE_CONFIG_LOOKASIDE, 0, 0);
    assert(rc == SQLITE_OK);
    sql.under = sqlite3_vfs_find(NULL);
    sql.vfs = *sql.under;
    sql.vfs.zName = "nth";
    sql.vfs.szOsFile = (sql.under->szOsFile + 7) / 8 * 8 + (int)sizeof(struct nth_file);
    sql.vfs.xOpen = sql_open;
    rc = sqlite3_vfs_register(&sql.vfs, 1);
    assert(rc == SQLITE_OK);
    (void)rc;
}
