/* SPDX-License-Identifier: Apache-2.0 */
#include "db/db.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "db/db_private.h"
#include "db/disk_guard.h"
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

void db_lock(struct db *db)
{
    pthread_mutex_lock(&db->mutex);
}

void db_unlock(struct db *db)
{
    pthread_mutex_unlock(&db->mutex);
}

int db_begin(struct db *db)
{
    db_lock(db);
    int rc = db->broken != 0 ? db->broken : sql_script(db->h, "BEGIN IMMEDIATE");
    if (rc != SQLITE_OK)
        db_unlock(db);
    return rc;
}

int db_commit(struct db *db)
{
    int rc = sql_script(db->h, "COMMIT");

    if (rc != SQLITE_OK) {
        /* Nothing of this transaction may come back later: what was not acknowledged is undone. */
        if (sqlite3_get_autocommit(db->h) == 0)
            sqlite3_exec(db->h, "ROLLBACK", NULL, NULL, NULL);
        /* After a failed fsync the kernel may have dropped the pages and call the next one good: believe nothing more. */
        if ((rc & 0xff) == SQLITE_IOERR)
            db->broken = rc;
    }
    db_unlock(db);
    return rc;
}

void db_rollback(struct db *db)
{
    if (sqlite3_get_autocommit(db->h) == 0)
        sqlite3_exec(db->h, "ROLLBACK", NULL, NULL, NULL);
    db_unlock(db);
}

static int transact_once(struct db *db, int (*steps)(struct db *db, void *arg), void *arg)
{
    int rc = db_begin(db);

    if (rc != SQLITE_OK)
        return rc;
    rc = steps(db, arg);
    if (rc == SQLITE_OK)
        return db_commit(db);
    db_rollback(db);
    return rc;
}

int db_transact(struct db *db, int (*steps)(struct db *db, void *arg), void *arg)
{
    int rc = transact_once(db, steps, arg);

    if ((rc & 0xff) == SQLITE_FULL && db->on_disk && disk_reserve_release(db->path))
        rc = transact_once(db, steps, arg);
    return rc;
}

int db_vacuum_into(struct db *db, const char *path)
{
    /* query_only would refuse it although it only reads this file; a review connection is opened read-only anyway. */
    bool review = db->mode == DB_REVIEW;
    int rc = review ? sql_script(db->h, "PRAGMA query_only=OFF") : SQLITE_OK;

    if (rc == SQLITE_OK)
        rc = sql_run(db->h, "VACUUM INTO ?", "t", path);
    if (review && sql_script(db->h, "PRAGMA query_only=ON") != SQLITE_OK && rc == SQLITE_OK)
        rc = SQLITE_ERROR;
    return rc;
}

const char *db_path(const struct db *db)
{
    return db->path;
}

enum db_mode db_mode_of(const struct db *db)
{
    return db->mode;
}

int64_t db_wall_ms(const struct db *db)
{
    return db->clock.wall_ms(db->clock.ctx);
}

int64_t db_mono_us(const struct db *db)
{
    return db->clock.mono_us(db->clock.ctx);
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

static void read_boot_id(char out[static 64])
{
    FILE *in = fopen("/proc/sys/kernel/random/boot_id", "re");

    out[0] = '\0';
    if (in != NULL) {
        if (fgets(out, 64, in) == NULL)
            out[0] = '\0';
        fclose(in);
    }
    out[strcspn(out, "\n")] = '\0';
}

static int run_steps(struct db *db, void *arg)
{
    char uuid[UUID_TEXT_SIZE], host[64] = "", boot[64];
    int64_t now = db_wall_ms(db);
    time_t seconds = (time_t)(now / 1000);
    struct tm local = {0};

    (void)arg;
    gethostname(host, sizeof host - 1);
    read_boot_id(boot);
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

static int open_station(struct db *db, struct failure *f)
{
    int version;

    if (check_kind(db, &version, f) != 0 || set_up_writer(db, f) != 0)
        return -1;
    if (version > 0 && check_text(db, "PRAGMA quick_check(1)", "ok", f) != 0)
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
            return refuse(db, f, errno, errno == ENOENT ? "there is no such database yet: the first run makes it" : strerror(errno));
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
    if ((db->mode == DB_STATION ? open_station(db, f) : open_review(db, f)) != 0)
        goto fail;
    return db;
fail:
    db_close(db);
    return NULL;
}

void db_close(struct db *db)
{
    if (db == NULL)
        return;
    sqlite3_close_v2(db->h);
    station_lock_free(db->lock);
    pthread_mutex_destroy(&db->mutex);
    free(db);
}
