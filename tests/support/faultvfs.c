/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/support/faultvfs.h"

#include <stdlib.h>
#include <string.h>

#include <sqlite3.h>

/* A file as its own VFS made it, with two methods of ours in front. */
struct fault_file {
    sqlite3_file base;
    const sqlite3_io_methods *real;
    sqlite3_io_methods ours;
};

static struct {
    sqlite3_vfs vfs, *under;
    int left, code;
    bool after, failed;
} fault;

static struct fault_file *extra(sqlite3_file *f)
{
    return (struct fault_file *)((char *)f + fault.under->szOsFile);
}

static bool is_due(void)
{
    bool due = fault.left > 0 && --fault.left == 0;

    fault.failed = fault.failed || due;
    return due;
}

static int fault_write(sqlite3_file *f, const void *data, int len, sqlite3_int64 at)
{
    bool due = is_due();
    int rc = due && !fault.after ? fault.code : extra(f)->real->xWrite(f, data, len, at);

    return due ? fault.code : rc;
}

static int fault_sync(sqlite3_file *f, int flags)
{
    bool due = is_due();
    int rc = due && !fault.after ? fault.code : extra(f)->real->xSync(f, flags);

    return due ? fault.code : rc;
}

static int fault_open(sqlite3_vfs *vfs, const char *name, sqlite3_file *f, int flags, int *out)
{
    (void)vfs;
    int rc = fault.under->xOpen(fault.under, name, f, flags, out);

    if (rc == SQLITE_OK && (flags & SQLITE_OPEN_WAL) != 0) {
        struct fault_file *x = extra(f);
        x->real = f->pMethods;
        x->ours = *x->real;
        x->ours.xWrite = fault_write;
        x->ours.xSync = fault_sync;
        f->pMethods = &x->ours;
    }
    return rc;
}

void faultvfs_install(void)
{
    memset(&fault, 0, sizeof fault);
    fault.under = sqlite3_vfs_find(NULL);
    fault.vfs = *fault.under;
    fault.vfs.zName = "fault";
    fault.vfs.szOsFile = fault.under->szOsFile + (int)sizeof(struct fault_file);
    fault.vfs.xOpen = fault_open;
    sqlite3_vfs_register(&fault.vfs, 1);
}

void faultvfs_remove(void)
{
    sqlite3_vfs_unregister(&fault.vfs);
    sqlite3_vfs_register(fault.under, 1);
}

void faultvfs_fail(int n, int code, bool after)
{
    fault.left = n;
    fault.code = code;
    fault.after = after;
    fault.failed = false;
}

bool faultvfs_failed(void)
{
    return fault.failed;
}
