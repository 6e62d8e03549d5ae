/* SPDX-License-Identifier: Apache-2.0 */
/* db_open - a file becomes an open database, or is refused in words: whose it is, whether it is whole, brought up to date. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/errno_text.h"
#include "base/file.h"
#include "base/own_file.h"
#include "db/open/archive_file.h"
#include "db/open/before_update.h"
#include "db/open/clean_end.h"
#include "db/open/db_inside.h"
#include "db/open/journal.h"
#include "db/open/schema.h"
#include "db/open/sql.h"
#include "db/open/trace.h"

#define BUSY_MS 5000

static int64_t real_wall_ms(void *ctx)
{
    (void)ctx;
    return clock_wall_ms();
}

static int64_t real_mono_us(void *ctx)
{
    (void)ctx;
    return clock_monotonic_us();
}

static int refuse(const struct db *db, struct failure *f, int sys, const char *why)
{
    return failure_set(f, FAIL_DB_OPEN, STAGE_NONE, sys, "%s: %s", db->path, why);
}

/* What is another account's is told with whose it is, and how it is shared. */
static int refuse_errno(const struct db *db, struct failure *f, int error)
{
    char why[OWN_DENIED_SIZE];

    own_file_denied(db->path, "--db", error, why);
    return refuse(db, f, error, why);
}

static bool is_denied(const struct db *db, int rc)
{
    int kind = rc & 0xff;

    return (kind == SQLITE_READONLY || kind == SQLITE_CANTOPEN || kind == SQLITE_PERM) &&
           own_file_is_anothers(db->path) && access(db->path, R_OK | W_OK) != 0;
}

static int refuse_rc(const struct db *db, struct failure *f, int rc)
{
    if (is_denied(db, rc))
        return refuse_errno(db, f, EACCES);
    int sys = db->h == NULL ? 0 : sqlite3_system_errno(db->h);
    char why[128];

    snprintf(why, sizeof why, "%s%s%s", sql_error_words(rc), sys != 0 ? ": " : "",
             sys != 0 ? errno_text(sys) : "");
    return refuse(db, f, sys, why);
}

/* An archive is updated by nobody: its SHA-256 is known to the database it was taken from. */
static int refuse_older(struct db *db, struct failure *f)
{
    bool archive = false;

    if (archive_file_is(db->h, &archive) == SQLITE_OK && archive)
        return refuse(db, f, 0,
                      "an archive of an earlier format: 'flashline db restore ARCHIVE --db COPY' makes a copy"
                      " that can be read");
    return refuse(db, f, 0,
                  "older format: start the station once to bring its database up to date; of a copy"
                  " 'flashline db restore COPY --db OTHER' makes one that can be read");
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
    if (user < 0 || (user == 0 && tables != 0))
        return refuse(db, f, 0, "damaged: its format has no number; restore the last backup");
    if (user > schema_newest())
        return failure_set(
            f, FAIL_DB_OPEN, STAGE_NONE, 0,
            "%s: written by a newer flashline (format %d, this one knows %d): update this station", db->path,
            (int)user, schema_newest());
    if (tables == 0 && db->lock != NULL && station_lock_state(db->lock)[0] != '\0')
        return refuse(db, f, 0, "emptied: nothing of its records is left; 'flashline db restore BACKUP'");
    if (tables == 0 && db->mode == DB_REVIEW)
        return refuse(db, f, 0, "the database is empty");
    if (db->mode == DB_REVIEW && user != schema_newest())
        return refuse_older(db, f);
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

/* A copy of what was not changed in the end is no use to anybody, and each further start would add one. */
static void drop_kept(struct db *db, int version)
{
    int64_t now = 0;

    if (db->kept[0] == '\0' || sql_int(db->h, &now, 0, "PRAGMA user_version", "") != SQLITE_ROW ||
        now != version)
        return;
    unlink(db->kept);
    db->kept[0] = '\0';
}

static int migrate(struct db *db, int version, struct failure *f)
{
    if (version == schema_newest())
        return 0;
    if (before_update_keep(db, version, db->kept, f) != 0)
        return -1;
    int rc = schema_migrate(db->h, version, schema_newest());
    if (rc != SQLITE_OK) {
        sql_failure(db->h, rc, FAIL_DB_OPEN, STAGE_NONE, "bring the database up to date", f);
        drop_kept(db, version);
        return -1;
    }
    if (version > 0 && sql_int(db->h, &(int64_t){0}, 0, "PRAGMA foreign_key_check", "") == SQLITE_ROW)
        return refuse(db, f, 0, "rows point nowhere after the update: restore the last backup");
    db->updated_from = version;
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
    if (db->clock.boot != NULL)
        snprintf(boot, sizeof boot, "%s", db->clock.boot);
    else
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
           clean_end_holds(station_lock_state(db->lock), db->path, run, db_wall_ms(db), &db->checked_ms);
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
    int version = 0;

    if (check_kind(db, &version, f) != 0 || look_if_due(db, version, o, f) != 0)
        return -1;
    if (db->checked_ms == 0)
        db->checked_ms = db_wall_ms(db);
    if (set_up_writer(db, f) != 0)
        return -1;
    if (migrate(db, version, f) != 0)
        return -1;
    if ((db->journal = journal_new(db->h)) == NULL)
        return failure_set(f, FAIL_NO_MEMORY, STAGE_NONE, ENOMEM, "opening the database");
    if (note_run(db, f) != 0)
        return -1;
    db_say_writing(db);
    return 0;
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

/* What may not be written over must be known whole: a name that got lost would be unprotected. */
static bool copy_own(struct db *db, const struct station_files *own)
{
    bool all = true;

    db->own.databases[STATION_DATABASES - 1] = db->path;
    for (int i = 0; own != NULL && i < STATION_DATABASES - 1; i++) {
        if (own->databases[i] != NULL)
            all = (db->own.databases[i] = strdup(own->databases[i])) != NULL && all;
    }
    if (own != NULL && own->config != NULL)
        all = (db->own.config = strdup(own->config)) != NULL && all;
    return all;
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
    db->clock = o->clock != NULL ? *o->clock : (struct db_clock){NULL, real_wall_ms, real_mono_us, NULL};
    snprintf(db->path, sizeof db->path, "%s", o->path);
    if (o->station != NULL && o->station[0] != '\0')
        snprintf(db->station, sizeof db->station, "%s", o->station);
    else if (gethostname(db->station, sizeof db->station - 1) != 0)
        snprintf(db->station, sizeof db->station, "station");
    if (copy_own(db, o->own))
        return db;
    failure_set(f, FAIL_NO_MEMORY, STAGE_NONE, ENOMEM, "opening the database");
    db_close(db);
    return NULL;
}

/* A link is another name of a file: what SQLite and the station keep beside it lies beside the file. */
static int follow_link(struct db *db, struct failure *f)
{
    char real[PATH_MAX];
    struct stat st;

    if (lstat(db->path, &st) != 0 || !S_ISLNK(st.st_mode))
        return 0;
    if (realpath(db->path, real) == NULL)
        return refuse(db, f, errno, "a link that leads nowhere");
    if (strlen(real) >= sizeof db->path)
        return refuse(db, f, ENAMETOOLONG, errno_text(ENAMETOOLONG));
    memcpy(db->path, real, strlen(real) + 1);
    return 0;
}

/* What the file system says, in words, before SQLite gets to see the file. */
static int check_file(struct db *db, struct failure *f)
{
    struct stat st;

    if (follow_link(db, f) != 0)
        return -1;
    if (stat(db->path, &st) != 0) {
        if (errno == EACCES)
            return refuse_errno(db, f, errno);
        if (db->mode == DB_REVIEW)
            return refuse(db, f, errno,
                          errno == ENOENT
                              ? "there is no such database yet: the first run, or pool import, makes it"
                              : errno_text(errno));
        int rc = own_folders_make(db->path);
        return rc == 0 ? 0 : refuse_errno(db, f, -rc);
    }
    if (S_ISDIR(st.st_mode))
        return failure_set(f, FAIL_DB_OPEN, STAGE_NONE, EISDIR,
                           "%s is a folder: name the file in it, as %s/flashline.db", db->path, db->path);
    if (!S_ISREG(st.st_mode))
        return refuse(db, f, 0, "not a regular file: name a file on a disk");
    if (faccessat(AT_FDCWD, db->path, db->mode == DB_STATION ? R_OK | W_OK : R_OK, AT_EACCESS) != 0)
        return refuse_errno(db, f, errno);
    return 0;
}

/* The lock is held. A new file is made here, with its mode, and only where there never was one. */
static int make_file(struct db *db, struct failure *f)
{
    char trace[256];
    struct stat st;
    bool there = stat(db->path, &st) == 0;

    if (there && st.st_size > 0)
        return 0;
    if (trace_find(db->path, station_lock_state(db->lock), trace, sizeof trace))
        return failure_set(
            f, FAIL_DB_OPEN, STAGE_NONE, 0,
            "%s is %s, but was here (its %.40s says so): put it back, or 'flashline db restore BACKUP'; for a "
            "new one move all its files away",
            db->path, there ? "empty" : "gone", trace);
    if (there)
        return 0;
    int fd = own_file_open_path(db->path, O_EXCL);
    if (fd < 0)
        return refuse_errno(db, f, -fd);
    close(fd);
    return 0;
}

/* A restore that was killed between its last two steps leaves the old database under both names. */
static bool drop_second_name(const struct db *db, const struct stat *file)
{
    char name[sizeof db->path + 32];
    struct stat st;

    for (int i = 1; i < 1000; i++) {
        snprintf(name, sizeof name, "%s.before-restore-%d", db->path, i);
        if (stat(name, &st) == 0 && st.st_dev == file->st_dev && st.st_ino == file->st_ino)
            return unlink(name) == 0;
    }
    return false;
}

/* With a second name it would have a second WAL, of which SQLite knows nothing. */
static int check_names(struct db *db, struct failure *f)
{
    struct stat st;

    if (stat(db->path, &st) != 0 || st.st_nlink == 1)
        return 0;
    if (st.st_nlink == 2 && drop_second_name(db, &st))
        return 0;
    return failure_set(f, FAIL_DB_OPEN, STAGE_NONE, 0,
                       "%s has %lu names (hard links): one station, one name: remove the others", db->path,
                       (unsigned long)st.st_nlink);
}

/* "file:PATH?immutable=1", with what has a meaning in a URI escaped. */
static void immutable_uri(const char *path, char *out, size_t size)
{
    size_t len = (size_t)snprintf(out, size, "file:");

    for (; *path != '\0' && len + 32 < size; path++) {
        bool plain = strchr("%?#", *path) == NULL;
        len += (size_t)snprintf(out + len, size - len, plain ? "%c" : "%%%02X", *path);
    }
    snprintf(out + len, size - len, "?immutable=1");
}

/* How far the journal reaches in FILE alone, without any WAL; -1 when that cannot be told. */
static int64_t journal_in_file(const char *path)
{
    char uri[3 * 4096 + 32];
    uint8_t hash[SHA256_SIZE];
    sqlite3 *h = NULL;
    int64_t seq = -1;

    immutable_uri(path, uri, sizeof uri);
    if (sqlite3_open_v2(uri, &h, SQLITE_OPEN_READONLY | SQLITE_OPEN_URI, NULL) != SQLITE_OK ||
        journal_head(h, &seq, hash) != SQLITE_OK)
        seq = -1;
    sqlite3_close(h);
    return seq;
}

/* A reader that may write folds the WAL in when it closes, as the sqlite3 shell does: then all is there without it. */
static bool is_folded_in(const struct db *db, const char *state)
{
    int64_t seq = -1;

    return sscanf(state, LOCK_WRITING " inode %*u journal %" SCNd64, &seq) == 1 && seq >= 0 &&
           journal_in_file(db->path) >= seq;
}

static int check_wal(struct db *db, struct failure *f)
{
    const char *state = station_lock_state(db->lock);
    uintmax_t inode = 0;
    struct stat st;

    if (strncmp(state, LOCK_WRITING, strlen(LOCK_WRITING)) != 0)
        return 0;
    if (trace_wal_is_there(db->path)) {
        if (sscanf(state, LOCK_WRITING " inode %ju", &inode) != 1 || stat(db->path, &st) != 0 ||
            st.st_ino == inode)
            return 0;
        return failure_set(
            f, FAIL_DB_OPEN, STAGE_NONE, 0,
            "%s is not the file that its -wal belongs to: put that one back, or 'flashline db restore BACKUP'; "
            "if both were copied here remove its .lock",
            db->path);
    }
    if (is_folded_in(db, state))
        return 0;
    return failure_set(
        f, FAIL_DB_OPEN, STAGE_NONE, 0,
        "%s-wal is missing, with the newest records: put it back, or 'flashline db restore BACKUP'; to go on "
        "without them remove %s.lock",
        db->path, db->path);
}

/* Files of an older programme, or of a generous umask, come under the rule. */
static void mend_modes(const struct db *db)
{
    static const char *const ends[] = {"", "-wal", "-shm", ".reserve"};
    char name[sizeof db->path + 16];

    for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++) {
        snprintf(name, sizeof name, "%s%s", db->path, ends[i]);
        own_file_mend(name);
    }
}

/* Everything a station must know of its file before SQLite may touch it. */
static int take_place(struct db *db, struct failure *f)
{
    db->lock = station_lock_take(db->path, db->station, f);
    if (db->lock == NULL || make_file(db, f) != 0 || station_lock_file(db->lock, db->path, f) != 0 ||
        check_names(db, f) != 0 || check_wal(db, f) != 0)
        return -1;
    mend_modes(db);
    return 0;
}

struct db *db_open(const struct db_options *o, struct failure *f)
{
    struct db *db = db_new(o, f);
    int flags = o->mode == DB_REVIEW ? SQLITE_OPEN_READONLY
                : o->vfs == NULL     ? SQLITE_OPEN_READWRITE
                                     : SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;

    if (db == NULL)
        return NULL;
    if (o->vfs == NULL && check_file(db, f) != 0)
        goto fail;
    if (o->vfs == NULL && o->mode == DB_STATION && take_place(db, f) != 0)
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

struct db *db_open_beside(const char *file, struct failure *f)
{
    const struct db_options o = {.path = file, .mode = DB_REVIEW};
    struct db *db = db_new(&o, f);
    char uri[3 * 4096 + 32];

    if (db == NULL)
        return NULL;
    immutable_uri(file, uri, sizeof uri);
    int rc = sqlite3_open_v2(":memory:", &db->h,
                             SQLITE_OPEN_READWRITE | SQLITE_OPEN_URI | SQLITE_OPEN_FULLMUTEX, NULL);
    if (rc == SQLITE_OK)
        rc = sql_script(db->h, "PRAGMA trusted_schema=OFF");
    if (rc == SQLITE_OK)
        rc = schema_migrate(db->h, 0, schema_newest());
    if (rc == SQLITE_OK)
        rc = sql_run(db->h, "ATTACH ? AS past", "t", uri);
    if (rc == SQLITE_OK)
        return db;
    refuse_rc(db, f, rc);
    db_close(db);
    return NULL;
}

struct db *db_open_wreck(const char *path)
{
    const struct db_options o = {.path = path, .mode = DB_REVIEW};
    struct failure ignored = {0};
    struct db *db = db_new(&o, &ignored);

    if (db != NULL &&
        sqlite3_open_v2(path, &db->h, SQLITE_OPEN_READONLY | SQLITE_OPEN_FULLMUTEX, NULL) == SQLITE_OK &&
        sql_script(db->h, "PRAGMA query_only=ON; PRAGMA trusted_schema=OFF;") == SQLITE_OK)
        return db;
    db_close(db);
    return NULL;
}
