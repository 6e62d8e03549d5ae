/* SPDX-License-Identifier: Apache-2.0 */
#include "db/maintain.h"

#include <errno.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "db/db_private.h"
#include "db/event.h"
#include "db/out_file.h"
#include "db/schema.h"
#include "db/sql.h"
#include "db/station_lock.h"

#define PATH_SIZE 4096

static int cannot(struct failure *f, const char *doing, const char *path, int err)
{
    return failure_set(f, FAIL_RECORD, STAGE_NONE, err, "cannot %s %s: %s", doing, path, strerror(err));
}

/* Opens the copy as a reviewer would, and looks at everything in it. */
static int verify_copy(const char *path, struct verify_report *report, struct failure *f)
{
    const struct db_options o = {.path = path, .mode = DB_REVIEW};
    struct db *copy = db_open(&o, f);

    if (copy == NULL)
        return -1;
    int rc = verify_all(copy, report, f);
    db_close(copy);
    if (rc == 0 && report->first_bad != 0)
        rc = failure_set(f, FAIL_RECORD, STAGE_NONE, 0, "%.100s: %.90s", path, report->text);
    return rc;
}

static void drop(const char *path)
{
    static const char *const ends[] = {"", "-wal", "-shm", "-journal"};
    char name[PATH_SIZE + 16];

    for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++) {
        snprintf(name, sizeof name, "%s%s", path, ends[i]);
        unlink(name);
    }
}

int maintain_backup(struct db *db, const char *path, bool replace, struct backup_report *report,
                    struct failure *f)
{
    char temp[PATH_SIZE];

    memset(report, 0, sizeof *report);
    if (!replace && access(path, F_OK) == 0)
        return cannot(f, "write", path, EEXIST);
    if (snprintf(temp, sizeof temp, "%s.%ld.tmp", path, (long)getpid()) >= (int)sizeof temp)
        return cannot(f, "write", path, ENAMETOOLONG);
    drop(temp);
    db_lock(db);
    int rc = db_vacuum_into(db, temp);
    db_unlock(db);
    if (rc != SQLITE_OK) {
        drop(temp);
        return failure_set(f, FAIL_RECORD, STAGE_NONE, 0, "cannot write the backup %s: %s", path,
                           sql_error_words(rc));
    }
    int err = file_sync(temp);
    if (err == 0 && verify_copy(temp, &report->verify, f) != 0) {
        drop(temp);
        return -1;
    }
    if (err == 0)
        err = file_sha256(temp, report->sha256, &report->bytes);
    if (err == 0)
        err = file_replace(temp, path);
    drop(temp);
    return err == 0 ? 0 : cannot(f, "write the backup", path, -err);
}

/* Names sort by date: the oldest come first. */
static void keep_newest(const char *folder, int keep)
{
    char pattern[PATH_SIZE];
    glob_t found;

    snprintf(pattern, sizeof pattern, "%s/flashline-[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9].db", folder);
    if (glob(pattern, 0, NULL, &found) != 0)
        return;
    for (size_t i = 0; i + (size_t)keep < found.gl_pathc; i++)
        drop(found.gl_pathv[i]);
    globfree(&found);
}

int maintain_backup_daily(struct db *db, const char *folder, int keep, char *path, size_t size,
                          struct failure *f)
{
    time_t now = (time_t)(db_wall_ms(db) / 1000);
    struct backup_report report;
    struct tm local;
    char day[32];

    if (mkdir(folder, 0700) != 0 && errno != EEXIST)
        return cannot(f, "make the folder", folder, errno);
    localtime_r(&now, &local);
    strftime(day, sizeof day, "%Y-%m-%d", &local);
    if (snprintf(path, size, "%s/flashline-%s.db", folder, day) >= (int)size)
        return cannot(f, "write", folder, ENAMETOOLONG);
    if (db_look_through(db, f) != 0 || maintain_backup(db, path, true, &report, f) != 0)
        return -1;
    keep_newest(folder, keep);
    return 0;
}

struct backup_note {
    const char *text;
    bool good;
};

static int note_steps(struct db *db, void *arg)
{
    const struct backup_note *n = arg;

    return event_note(db, "BACKUP", n->good ? 0 : -1, "%s", n->text);
}

int maintain_note_backup(struct db *writer, bool good, const char *text, struct failure *f)
{
    struct backup_note n = {text, good};
    int rc = db_transact(writer, note_steps, &n);

    return rc == SQLITE_OK ? 0 : sql_failure(writer->h, rc, FAIL_RECORD, STAGE_NONE, "note the backup", f);
}

/* Copies byte for byte; the backup is no live database, nobody writes it. */
static int copy_file(const char *from, const char *to, struct failure *f)
{
    struct out_file *out = out_file_new(to, f);
    uint8_t sha256[SHA256_SIZE], buffer[16384];
    uint64_t bytes;
    size_t n;
    FILE *in = fopen(from, "rbe");

    if (out == NULL || in == NULL) {
        if (in != NULL)
            fclose(in);
        else if (out != NULL)
            cannot(f, "read", from, errno);
        out_file_drop(out);
        return -1;
    }
    while ((n = fread(buffer, 1, sizeof buffer, in)) > 0)
        out_file_write(out, buffer, n);
    int bad = ferror(in);
    fclose(in);
    if (bad) {
        out_file_drop(out);
        return cannot(f, "read", from, EIO);
    }
    return out_file_commit(out, &bytes, sha256, f);
}

/* The old database with everything still in its WAL: closing the last connection folds it in. */
static int put_aside(const char *path, struct failure *f)
{
    char aside[PATH_SIZE + 32], wal[PATH_SIZE + 8];
    struct stat st;
    sqlite3 *h = NULL;

    if (stat(path, &st) != 0)
        return errno == ENOENT ? 0 : cannot(f, "look at", path, errno);
    if (sqlite3_open_v2(path, &h, SQLITE_OPEN_READWRITE, NULL) == SQLITE_OK)
        sqlite3_exec(h, "PRAGMA wal_checkpoint(TRUNCATE)", NULL, NULL, NULL);
    sqlite3_close(h);
    for (int i = 1;; i++) {
        snprintf(aside, sizeof aside, "%s.before-restore-%d", path, i);
        if (access(aside, F_OK) != 0)
            break;
    }
    /* A damaged file may not fold: then its WAL goes along under the same name. */
    snprintf(wal, sizeof wal, "%s-wal", path);
    if (access(wal, F_OK) == 0) {
        char wal_aside[PATH_SIZE + 40];
        snprintf(wal_aside, sizeof wal_aside, "%s-wal", aside);
        if (rename(wal, wal_aside) != 0)
            return cannot(f, "move", wal, errno);
    }
    int err = file_replace(path, aside);
    snprintf(wal, sizeof wal, "%s-shm", path);
    unlink(wal);
    return err == 0 ? 0 : cannot(f, "move", path, -err);
}

/* A backup of an earlier form is brought up to date in its copy, by the same migrations as a station's own file. */
static int upgrade_copy(const char *path, struct failure *f)
{
    const struct db_options o = {.path = path, .mode = DB_STATION, .station = "restore"};
    int64_t version = schema_newest();
    char name[PATH_SIZE + 32];
    sqlite3 *h = NULL;

    if (sqlite3_open_v2(path, &h, SQLITE_OPEN_READONLY, NULL) == SQLITE_OK)
        sql_int(h, &version, schema_newest(), "PRAGMA user_version", "");
    sqlite3_close(h);
    if (version < 1 || version >= schema_newest())
        return 0;
    struct db *db = db_open(&o, f);
    db_close(db);
    snprintf(name, sizeof name, "%s.lock", path);
    unlink(name);
    snprintf(name, sizeof name, "%s.v%d", path, (int)version);
    unlink(name); /* the backup itself is the old version */
    return db == NULL ? -1 : 0;
}

int maintain_restore(const char *backup, const char *path, struct verify_report *report, struct failure *f)
{
    char fresh[PATH_SIZE];
    int rc = -1;

    if (snprintf(fresh, sizeof fresh, "%s.restoring", path) >= (int)sizeof fresh)
        return cannot(f, "write", path, ENAMETOOLONG);
    struct station_lock *lock = station_lock_take(path, "restore", f);
    if (lock == NULL)
        return -1;
    if (copy_file(backup, fresh, f) == 0 && upgrade_copy(fresh, f) == 0 &&
        verify_copy(fresh, report, f) == 0 && put_aside(path, f) == 0) {
        int err = file_replace(fresh, path);
        rc = err == 0 ? 0 : cannot(f, "write", path, -err);
    }
    drop(fresh);
    station_lock_free(lock, NULL);
    return rc;
}
