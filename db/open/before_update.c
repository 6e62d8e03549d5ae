/* SPDX-License-Identifier: Apache-2.0 */
#include "db/open/before_update.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/errno_text.h"
#include "base/file.h"
#include "db/open/db_inside.h"
#include "db/open/disk_guard.h"
#include "db/open/schema.h"
#include "db/open/sql.h"

#define NAMES_MAX 1000
#define MIB       (1 << 20)

static int refuse(const struct db *db, struct failure *f, int sys, const char *what)
{
    return failure_set(f, FAIL_DB_OPEN, STAGE_NONE, sys,
                       "%s: cannot keep a copy before the update to format %d (%s); nothing was changed",
                       db->path, schema_newest(), what);
}

/* The first name that nothing has: what an earlier update kept may be all there is of those records. */
static int find_name(const struct db *db, int version, char out[static KEPT_PATH])
{
    struct stat st;

    for (int i = 1; i < NAMES_MAX; i++) {
        int n = i == 1 ? snprintf(out, KEPT_PATH, "%s.v%d", db->path, version)
                       : snprintf(out, KEPT_PATH, "%s.v%d-%d", db->path, version, i);
        if (n >= KEPT_PATH)
            return -ENAMETOOLONG;
        if (lstat(out, &st) != 0)
            return errno == ENOENT ? 0 : -errno;
    }
    return -EEXIST;
}

/* The copy, and as much again: the update writes each row that it changes into the WAL first. */
static int check_room(struct db *db, struct failure *f)
{
    int64_t pages = 0, size = 0, space = disk_free(db->path);
    int rc = sql_int(db->h, &pages, 0, "PRAGMA page_count", "");

    if (rc == SQLITE_ROW)
        rc = sql_int(db->h, &size, 0, "PRAGMA page_size", "");
    if (rc != SQLITE_ROW)
        return refuse(db, f, 0, sql_error_words(rc));
    int64_t need = 2 * pages * size + 2 * DISK_RESERVE_SIZE;
    if (space < 0 || space >= need)
        return 0; /* where it cannot be told, the writing itself will */
    return failure_set(f, FAIL_DB_OPEN, STAGE_NONE, ENOSPC,
                       "%s: the update to format %d keeps a copy first: it needs %" PRId64
                       " MiB free, %" PRId64 " MiB are: make room there and start again; nothing was changed",
                       db->path, schema_newest(), need / MIB + 1, space / MIB);
}

static int64_t count_rows(sqlite3 *h, const char *table)
{
    char *sql = sqlite3_mprintf("SELECT count(*) FROM \"%w\"", table);
    int64_t n = -1;

    if (sql == NULL || sql_int(h, &n, 0, sql, "") != SQLITE_ROW)
        n = -1;
    sqlite3_free(sql);
    return n;
}

static bool has_every_row(sqlite3 *h, sqlite3 *copy)
{
    sqlite3_stmt *s = sql_prepare(
        h, "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite!_%' ESCAPE '!'",
        "");
    int rc = s == NULL ? SQLITE_NOMEM : SQLITE_ROW;
    bool same = true;

    while (rc == SQLITE_ROW && same && (rc = sqlite3_step(s)) == SQLITE_ROW) {
        int64_t here = count_rows(h, sql_text(s, 0));
        same = here >= 0 && count_rows(copy, sql_text(s, 0)) == here;
    }
    sqlite3_finalize(s);
    return same && rc == SQLITE_DONE;
}

static bool is_whole(sqlite3 *copy)
{
    sqlite3_stmt *s = sql_prepare(copy, "PRAGMA integrity_check(1)", "");
    bool whole = s != NULL && sqlite3_step(s) == SQLITE_ROW && strcmp(sql_text(s, 0), "ok") == 0;

    sqlite3_finalize(s);
    return whole;
}

/* Read anew from the disk's side, by a connection of its own. */
static bool is_sound(const struct db *db, const char *path, int version)
{
    sqlite3 *copy = NULL;
    int64_t format = 0;
    bool sound = sqlite3_open_v2(path, &copy, SQLITE_OPEN_READONLY, NULL) == SQLITE_OK &&
                 sql_int(copy, &format, 0, "PRAGMA user_version", "") == SQLITE_ROW && format == version &&
                 is_whole(copy) && has_every_row(db->h, copy);

    sqlite3_close(copy);
    return sound;
}

int before_update_keep(struct db *db, int version, char kept[static KEPT_PATH], struct failure *f)
{
    char part[KEPT_PATH + 8];

    kept[0] = '\0';
    if (!db->on_disk || version == 0)
        return 0;
    int err = find_name(db, version, kept);
    if (err != 0)
        return refuse(db, f, -err, errno_text(-err));
    if (check_room(db, f) != 0)
        return -1;
    snprintf(part, sizeof part, "%s.part", kept);
    err = file_prepare(part);
    if (err != 0)
        return refuse(db, f, -err, errno_text(-err));
    int rc = db_vacuum_into(db, part);
    err = rc == SQLITE_OK ? file_sync(part) : 0;
    bool sound = rc == SQLITE_OK && err == 0 && is_sound(db, part, version);
    if (sound && (err = file_replace(part, kept)) == 0)
        return 0;
    unlink(part);
    unlink(kept); /* its name alone may not be durable: the next start makes another */
    kept[0] = '\0';
    return refuse(db, f, -err,
                  rc != SQLITE_OK ? sql_error_words(rc)
                  : err != 0      ? errno_text(-err)
                                  : "the copy is not what it was made of: look at the disk");
}
