/* SPDX-License-Identifier: Apache-2.0 */
/* db_open - a file becomes an open database, or is refused in words: whose it is, whether it is whole, brought up to date. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "db/clean_end.h"
#include "db/db_private.h"
#include "db/out_file.h"
#include "db/schema.h"
#include "db/sql.h"
#include "db/station_lock.h"

#define BUSY_MS 5000

static int64_t real_wall_ms(void *ctx)
{
    (void)ctx;
    return clock_wall_ms();
}

static int64_t real_mono_us(void *ctx)
{
    struct timespec t;

    (void)ctx;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

static int make_folders(const char *path)
{
    char part[4096];

    for (const char *slash = strchr(path + 1, '/'); slash != NULL; slash = strchr(slash + 1, '/')) {
        size_t len = (size_t)(slash - path);
        if (len >= sizeof part)
            return -ENAMETOOLONG;
        memcpy(part, path, len);
        part[len] = '\0';
        if (mkdir(part, 0777) != 0 && errno != EEXIST)
            return -errno;
    }
    return 0;
}

static int refuse(const struct db *db, struct failure *f, int sys, const char *why)
{
    return failure_set(f, FAIL_DB_OPEN, STAGE_NONE, sys, "%s: %s", db->path, why);
}

static int refuse_rc(const struct db *db, struct failure *f, int rc)
{
    int sys = db->h == NULL ? 0 : sqlite3_system_errno(db->h);
    char why[128];

    snprintf(why, sizeof why, "%s%s%s", sql_error_words(rc), sys != 0 ? ": " : "",
             sys != 0 ? strerror(sys) : "");
    return refuse(db, f, sys, why);
}

/* Our file: 0 with *version; a new empty file is version 0. */
static int check_kind(struct db *db, int *version, struct failure *f)
{
    int64_t application = 0, user = 0, tables = 0;
    int rc = sql_int(db->h, &tables, 0, "SELECT count(*) FROM sqlite_schema", "");

    if (rc == SQLITE_ROW)
        rc = sql_int(db->h, &application, 0, "PRAGMA application_id", "");
    if (rc == SQLITE_ROW)
        rc = sql_int(db->h, &user, 0, "PRAGMA user_version", "");
    if (rc != SQLITE_ROW)
        return refuse_rc(db, f, rc);
    if (tables != 0 && application != SCHEMA_APPLICATION_ID)
        return refuse(db, f, 0, "this is another programme's database");
    if (user > schema_newest())
        return failure_set(
            f, FAIL_DB_OPEN, STAGE_NONE, 0,
            "%s: written by a newer flashline (format %d, this one knows %d): update this station", db->path,
            (int)user, schema_newest());
    if (tables == 0 && db->mode == DB_REVIEW)
        return refuse(db, f, 0, "the database is empty");
    if (db->mode == DB_REVIEW && user != schema_newest())
        return refuse(db, f, 0, "older format: start the station once to bring it up to date");
    *version = tables == 0 ? 0 : (int)user;
    return 0;
}

static int check_text(struct db *db, const char *sql, const char *want, struct failure *f)
{
    sqlite3_stmt *s = sql_prepare(db->h, sql, "");
    int rc = s == NULL ? sqlite3_errcode(db->h) : sqlite3_step(s);
    int ok = rc == SQLITE_ROW && strcmp(sql_text(s, 0), want) == 0;
    char got[128] = "";

    if (rc == SQLITE_ROW && !ok)
        snprintf(got, sizeof got, "%.40s is %.80s", sql, sql_text(s, 0));
    sqlite3_finalize(s);
    if (ok)
        return 0;
    return got[0] != '\0' ? refuse(db, f, 0, got) : refuse_rc(db, f, rc);
}

/* Set and read back: a build of SQLite that ignores any of these must not run a station. */
static int set_up_writer(struct db *db, struct failure *f)
{
    int rc = sql_script(db->h, "PRAGMA foreign_keys=ON; PRAGMA synchronous=FULL; PRAGMA trusted_schema=OFF;");
    if (rc != SQLITE_OK)
        return refuse_rc(db, f, rc);
    if (check_text(db, "PRAGMA journal_mode=WAL", "wal", f) != 0)
        return -1;
    if (check_text(db, "PRAGMA synchronous", "2", f) != 0)
        return -1;
    return check_text(db, "PRAGMA foreign_keys", "1", f);
}

/* What the file was before, as FILE.vN, in case the update must be taken back. */
static int keep_old_version(struct db *db, int version, struct failure *f)
{
    char copy[sizeof db->path + 16];

    snprintf(copy, sizeof copy, "%s.v%d", db->path, version);
    if (!db->on_disk || version == 0 || access(copy, F_OK) == 0)
        return 0;
    int rc = db_vacuum_into(db, copy);
    if (rc == SQLITE_OK && file_sync(copy) == 0)
        return 0;
    unlink(copy);
    return refuse(db, f, 0, "no room for a copy before the update to a newer format");
}

static int migrate(struct db *db, int version, struct failure *f)
{
    if (version == schema_newest())
        return 0;
    if (keep_old_version(db, version, f) != 0)
        return -1;
    int rc = schema_migrate(db->h, version, schema_newest());
    if (rc != SQLITE_OK)
        return sql_failure(db->h, rc, FAIL_DB_OPEN, STAGE_NONE, "bring the database up to date", f);
    if (version > 0 && sql_int(db->h, &(int64_t){0}, 0, "PRAGMA foreign_key_check", "") == SQLITE_ROW)
        return refuse(db, f, 0, "rows point nowhere after the update: restore the last backup");
    return 0;
}

static int run_steps(struct db *db, void *arg)
{
    char uuid[UUID_TEXT_SIZE], host[64] = "", boot[64];
    int64_t now = db_wall_ms(db);
    time_t seconds = (time_t)(now / 1000);
    struct tm local = {0};

    (void)arg;
    gethostname(host, sizeof host - 1);
    clean_end_boot(boot);
    localtime_r(&seconds, &local);
    uuid_new(now, uuid);
    int rc = sql_run(db->h, "INSERT OR IGNORE INTO station(id, uuid, name, created_ms) VALUES (1, ?, ?, ?)",
                     "ttl", uuid, db->station, now);
    if (rc != SQLITE_OK)
        return rc;
    uuid_new(now, uuid);
    rc = sql_run(
        db->h,
        "INSERT INTO run(uuid, version, host, pid, boot_id, tz_min, started_ms) VALUES (?,?,?,?,?,?,?)",
        "tttitil", uuid, FLASHLINE_VERSION, host, (int)getpid(), boot, (int)(local.tm_gmtoff / 60), now);
    db->run_id = sqlite3_last_insert_rowid(db->h);
    return rc;
}

static int note_run(struct db *db, struct failure *f)
{
    int rc = db_transact(db, run_steps, NULL);

    return rc == SQLITE_OK ? 0 : sql_failure(db->h, rc, FAIL_DB_OPEN, STAGE_NONE, "write to the database", f);
}

int db_look_through(struct db *db, struct failure *f)
{
    db_lock(db);
    int rc = check_text(db, "PRAGMA quick_check(1)", "ok", f);
    db_unlock(db);
    return rc;
}

/* May the look be skipped? Asked before anything is written: the note is about the file as it was left. */
static bool is_as_it_was_left(struct db *db, int version)
{
    int64_t run = 0;

    return db->lock != NULL && version == schema_newest() &&
           sql_int(db->h, &run, 0, "SELECT max(id) FROM run", "") == SQLITE_ROW &&
           clean_end_holds(station_lock_last_word(db->lock), db->path, run, db_wall_ms(db), &db->checked_ms);
}

static int look_if_due(struct db *db, int version, const struct db_options *o, struct failure *f)
{
    struct stat st = {0};

    if (version == 0 || is_as_it_was_left(db, version))
        return 0;
    if (o->looking != NULL && db->on_disk && stat(db->path, &st) == 0)
        o->looking(o->looking_ctx, st.st_size);
    return db_look_through(db, f);
}

static int open_station(struct db *db, const struct db_options *o, struct failure *f)
{
    int version;

    if (check_kind(db, &version, f) != 0 || look_if_due(db, version, o, f) != 0)
        return -1;
    if (db->checked_ms == 0)
        db->checked_ms = db_wall_ms(db);
    if (set_up_writer(db, f) != 0)
        return -1;
    if (migrate(db, version, f) != 0)
        return -1;
    return note_run(db, f);
}

static int open_review(struct db *db, struct failure *f)
{
    int version;
    int rc = sqlite3_db_config(db->h, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, (int *)NULL);

    if (rc == SQLITE_OK)
        rc = sql_script(db->h,
                        "PRAGMA query_only=ON; PRAGMA wal_autocheckpoint=0; PRAGMA trusted_schema=OFF;");
    if (rc != SQLITE_OK)
        return refuse_rc(db, f, rc);
    return check_kind(db, &version, f);
}

static struct db *db_new(const struct db_options *o, struct failure *f)
{
    struct db *db = calloc(1, sizeof *db);
    pthread_mutexattr_t recursive;

    if (db == NULL) {
        failure_set(f, FAIL_NO_MEMORY, STAGE_NONE, ENOMEM, "opening the database");
        return NULL;
    }
    pthread_mutexattr_init(&recursive);
    pthread_mutexattr_settype(&recursive, PTHREAD_MUTEX_RECURSIVE);
    pthread_mutex_init(&db->mutex, &recursive);
    pthread_mutexattr_destroy(&recursive);
    db->mode = o->mode;
    db->on_disk = o->vfs == NULL;
    db->clock = o->clock != NULL ? *o->clock : (struct db_clock){NULL, real_wall_ms, real_mono_us};
    snprintf(db->path, sizeof db->path, "%s", o->path);
    if (o->station != NULL && o->station[0] != '\0')
        snprintf(db->station, sizeof db->station, "%s", o->station);
    else if (gethostname(db->station, sizeof db->station - 1) != 0)
        snprintf(db->station, sizeof db->station, "station");
    return db;
}

/* What the file system says, in words, before SQLite gets to see the file. */
static int check_file(struct db *db, struct failure *f)
{
    struct stat st;

    if (stat(db->path, &st) != 0) {
        if (db->mode == DB_REVIEW)
            return refuse(db, f, errno,
                          errno == ENOENT ? "there is no such database yet: the first run makes it"
                                          : strerror(errno));
        int rc = make_folders(db->path);
        return rc == 0 ? 0 : refuse(db, f, -rc, strerror(-rc));
    }
    if (!S_ISREG(st.st_mode))
        return refuse(db, f, 0, "not a regular file");
    if (faccessat(AT_FDCWD, db->path, db->mode == DB_STATION ? R_OK | W_OK : R_OK, AT_EACCESS) != 0)
        return refuse(db, f, errno, strerror(errno));
    return 0;
}

struct db *db_open(const struct db_options *o, struct failure *f)
{
    struct db *db = db_new(o, f);
    int flags = o->mode == DB_STATION ? SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE : SQLITE_OPEN_READONLY;

    if (db == NULL)
        return NULL;
    if (o->vfs == NULL && check_file(db, f) != 0)
        goto fail;
    if (o->vfs == NULL && o->mode == DB_STATION &&
        (db->lock = station_lock_take(db->path, db->station, f)) == NULL)
        goto fail;
    int rc = sqlite3_open_v2(db->path, &db->h, flags | SQLITE_OPEN_FULLMUTEX, o->vfs);
    if (rc != SQLITE_OK) {
        refuse_rc(db, f, rc);
        goto fail;
    }
    sqlite3_extended_result_codes(db->h, 1);
    sqlite3_busy_timeout(db->h, BUSY_MS);
    if ((db->mode == DB_STATION ? open_station(db, o, f) : open_review(db, f)) != 0)
        goto fail;
    return db;
fail:
    db_close(db);
    return NULL;
}
