/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/support/cut_copy.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <sqlite3.h>

#define NAME_SIZE 160

static sqlite3_file *file_open(sqlite3_vfs *v, const char *name, int flags)
{
    sqlite3_file *f = calloc(1, (size_t)v->szOsFile);
    int got = 0;

    if (f != NULL && v->xOpen(v, name, f, flags | SQLITE_OPEN_READWRITE, &got) == SQLITE_OK)
        return f;
    free(f);
    return NULL;
}

static void file_close(sqlite3_file *f)
{
    f->pMethods->xClose(f);
    free(f);
}

static int one_in(sqlite3_vfs *v, const char *name, int flags)
{
    FILE *in = fopen(name, "rb");
    sqlite3_file *out = in != NULL ? file_open(v, name, flags | SQLITE_OPEN_CREATE) : NULL;
    char part[4096];
    sqlite3_int64 at = 0;
    int rc = in == NULL || out != NULL ? 0 : -1;

    for (size_t n = 1; out != NULL && rc == 0 && n > 0; at += (sqlite3_int64)n) {
        n = fread(part, 1, sizeof part, in);
        rc = n > 0 ? out->pMethods->xWrite(out, part, (int)n, at) : out->pMethods->xSync(out, 0);
    }
    if (out != NULL)
        file_close(out);
    if (in != NULL)
        fclose(in);
    return rc == 0 ? 0 : -1;
}

static int one_out(sqlite3_vfs *v, const char *name, int flags)
{
    sqlite3_file *in = file_open(v, name, flags);
    sqlite3_int64 size = 0;
    int rc = 0;

    unlink(name);
    if (in == NULL)
        return 0; /* the cut took it */
    FILE *out = fopen(name, "wb");
    rc = out == NULL ? -1 : in->pMethods->xFileSize(in, &size);
    for (sqlite3_int64 at = 0; rc == 0 && at < size; at += 512) {
        char part[512];
        int n = size - at < 512 ? (int)(size - at) : 512;
        rc = in->pMethods->xRead(in, part, n, at);
        if (rc == 0 && fwrite(part, 1, (size_t)n, out) != (size_t)n)
            rc = -1;
    }
    file_close(in);
    if (out != NULL && fclose(out) != 0)
        rc = -1;
    return rc == 0 ? 0 : -1;
}

static int both(int (*one)(sqlite3_vfs *, const char *, int), const char *vfs, const char *name)
{
    sqlite3_vfs *v = sqlite3_vfs_find(vfs);
    char log[NAME_SIZE];

    if (v == NULL || snprintf(log, sizeof log, "%s-wal", name) >= (int)sizeof log)
        return -1;
    return one(v, name, SQLITE_OPEN_MAIN_DB) == 0 && one(v, log, SQLITE_OPEN_WAL) == 0 ? 0 : -1;
}

int cut_copy_in(const char *vfs, const char *name)
{
    return both(one_in, vfs, name);
}

int cut_copy_out(const char *vfs, const char *name)
{
    char index[NAME_SIZE];

    if (snprintf(index, sizeof index, "%s-shm", name) >= (int)sizeof index)
        return -1;
    unlink(index);
    return both(one_out, vfs, name);
}
