/* SPDX-License-Identifier: Apache-2.0 */
#include "db/care/restore.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/errno_text.h"
#include "base/file.h"
#include "base/own_file.h"
#include "db/care/maintain.h"
#include "db/desk/operator.h"
#include "db/desk/work_inside.h"
#include "db/open/archive_file.h"
#include "db/open/db_inside.h"
#include "db/open/schema.h"
#include "db/open/sql.h"
#include "db/open/trace.h"
#include "db/record/chain.h"

#define PATH_SIZE 4096
#define HEAD_TEXT 160

struct restore {
    const struct restore_call *call;
    struct restore_report *report;
    struct db *old;            /* what is there now; NULL: nothing, or nothing that opens */
    struct station_lock *lock; /* once `old` is closed, or from the start without it */
    bool replaces, decided;    /* decided: who may was said by what is there, not by the backup */
    struct actor actor;
    char fresh[PATH_SIZE + 16], source[PATH_MAX];
    char old_text[PATH_SIZE + HEAD_TEXT + 64], new_text[HEAD_TEXT + 128];
};

static int cannot(struct failure *f, const char *doing, const char *path, int err)
{
    return failure_set(f, FAIL_RECORD, STAGE_NONE, err, "cannot %s %s: %s", doing, path, errno_text(err));
}

static int copy_all(FILE *in, int out)
{
    uint8_t buffer[16384];
    size_t n;
    int rc = 0;

    while (rc == 0 && (n = fread(buffer, 1, sizeof buffer, in)) > 0)
        rc = file_write_all(out, buffer, n);
    if (rc != 0)
        return rc;
    return ferror(in) ? -EIO : fsync(out) == 0 ? 0 : -errno;
}

/* Byte for byte; the backup is no live database, nobody writes it. */
static int copy_file(struct restore *r, struct failure *f)
{
    FILE *in = fopen(r->call->backup, "rbe");
    uint64_t bytes;

    if (in == NULL)
        return cannot(f, "read", r->call->backup, errno);
    int out = own_file_open_path(r->fresh, O_EXCL), rc = out < 0 ? out : copy_all(in, out);
    if (out >= 0)
        close(out);
    fclose(in);
    if (rc == 0)
        rc = file_sha256(r->fresh, r->report->sha256, &bytes);
    return rc == 0 ? 0 : cannot(f, "copy", r->call->backup, -rc);
}

static void head_text(struct db *db, char out[static HEAD_TEXT])
{
    uint8_t hash[SHA256_SIZE];
    char hex[SHA256_TEXT_SIZE];
    int64_t seq;

    if (chain_head(db->h, &seq, hash) != SQLITE_OK) {
        snprintf(out, HEAD_TEXT, "a database whose records cannot be read");
        return;
    }
    digest_hex(hash, SHA256_SIZE, hex);
    snprintf(out, HEAD_TEXT, "head %lld %s", (long long)seq, hex);
}

/* Names both sides before anything moves. The lock is held, so nobody takes the name meanwhile. */
static void describe(struct restore *r, struct db *copy)
{
    char head[HEAD_TEXT], hex[SHA256_TEXT_SIZE];
    struct restore_report *report = r->report;

    digest_hex(report->sha256, SHA256_SIZE, hex);
    head_text(copy, head);
    snprintf(r->new_text, sizeof r->new_text, "SHA-256 %s, %s", hex, head);
    if (!r->replaces) {
        snprintf(r->old_text, sizeof r->old_text, "nothing was there");
        return;
    }
    for (int i = 1;; i++) {
        snprintf(report->kept, sizeof report->kept, "%s.before-restore-%d", r->call->path, i);
        struct stat st;
        if (lstat(report->kept, &st) != 0)
            break;
    }
    snprintf(head, sizeof head, "a database that does not open");
    if (r->old != NULL)
        head_text(r->old, head);
    snprintf(r->old_text, sizeof r->old_text, "%s, kept as %s", head, report->kept);
}

static int audit_steps(struct db *db, void *arg)
{
    const struct restore *r = arg;
    const char *reason = r->call->reason;
    const struct audit_entry entry = {work_action_name(WORK_RESTORE), r->source, r->old_text, r->new_text,
                                      reason != NULL && reason[0] != '\0' ? reason : NULL};

    return audit_append(db, db_wall_ms(db), &r->actor, &entry);
}

static int check_role(struct restore *r, struct db *db, struct failure *f)
{
    const struct work_call call = {
        .action = WORK_RESTORE, .actor = r->call->actor, .pin = r->call->pin, .reason = r->call->reason};

    return work_check_role(db, &call, &r->actor, f);
}

/* Whoever restores knows the backup, not its copy. */
static int blame_backup(const struct restore *r, struct failure *f)
{
    size_t len = strlen(r->fresh);
    char rest[FAILURE_DETAIL_SIZE];

    if (strncmp(f->detail, r->fresh, len) != 0)
        return -1;
    snprintf(rest, sizeof rest, "%s", f->detail + len);
    return failure_set(f, f->code, f->stage, f->sys, "%s%s", r->call->backup, rest);
}

/* What the copy is, by its tables; one that is damaged is told of by whoever opens it next. */
static bool is_archive(const char *path)
{
    sqlite3 *h = NULL;
    bool archive = false;

    if (sqlite3_open_v2(path, &h, SQLITE_OPEN_READONLY, NULL) != SQLITE_OK ||
        archive_file_is(h, &archive) != SQLITE_OK)
        archive = false;
    sqlite3_close(h);
    return archive;
}

/* A copy of an archive is nobody's database: it is brought up to date and stays what it is. */
static int take_in_archive(struct restore *r, struct failure *f)
{
    sqlite3 *h = NULL;

    if (r->replaces)
        return failure_set(
            f, FAIL_RECORD, STAGE_NONE, 0,
            "%s is an archive, no backup: it would replace all other records; name a file that is"
            " not there yet with --db COPY",
            r->call->backup);
    int rc = sqlite3_open_v2(r->fresh, &h, SQLITE_OPEN_READWRITE, NULL);
    if (rc == SQLITE_OK)
        rc = archive_file_update(h);
    int end = sqlite3_close(h);
    rc = rc != SQLITE_OK ? rc : end;
    return rc == SQLITE_OK ? 0
                           : failure_set(f, FAIL_RECORD, STAGE_NONE, 0, "cannot bring %s up to date: %s",
                                         r->call->backup, sql_error_words(rc));
}

/* The copy becomes a station's own file for a moment: brought up to date if it is of an earlier form, and told of in its audit. */
static int take_in(struct restore *r, struct failure *f)
{
    const struct db_options o = {.path = r->fresh, .mode = DB_STATION, .station = "restore"};
    int rc = -1;

    if (is_archive(r->fresh))
        return take_in_archive(r, f);
    struct db *copy = db_open(&o, f);
    if (copy == NULL)
        return blame_backup(r, f);
    if (r->decided || check_role(r, copy, f) == 0) {
        describe(r, copy);
        rc = db_transact(copy, audit_steps, r) == SQLITE_OK ? 0 : cannot(f, "write", r->fresh, EIO);
    }
    db_close(copy);
    return rc;
}

/* The newest records of a file that could not take them in go along under its new name; they leave the old name before
 * the copy takes it, which must never be read with another database's WAL. */
static int move_wal(struct restore *r, struct failure *f)
{
    char from[PATH_SIZE + 8], to[PATH_SIZE + 40];
    struct stat st;

    snprintf(from, sizeof from, "%s-wal", r->call->path);
    snprintf(to, sizeof to, "%s-wal", r->report->kept);
    int err = stat(from, &st) != 0 ? 0
              : st.st_size == 0    ? (unlink(from) == 0 ? 0 : -errno)
                                   : file_replace(from, to);
    if (err != 0)
        return cannot(f, "move", from, -err);
    snprintf(from, sizeof from, "%s-shm", r->call->path);
    unlink(from);
    return 0;
}

/* Closing the last connection folds the WAL in; a damaged file may refuse. */
static void fold(const char *path)
{
    sqlite3 *h = NULL;

    if (sqlite3_open_v2(path, &h, SQLITE_OPEN_READWRITE, NULL) == SQLITE_OK)
        sqlite3_exec(h, "PRAGMA wal_checkpoint(TRUNCATE)", NULL, NULL, NULL);
    sqlite3_close(h);
}

/*
 * The copy waits under the name that the old one will have, and the two change names at once: at no moment is there no
 * database, nor is the old one without a name. Where the file system cannot do that, the old one gets its second name first.
 */
static int exchange(struct restore *r, bool *changed)
{
    const char *path = r->call->path, *kept = r->report->kept;
    int err = file_replace(r->fresh, kept);

    if (err != 0)
        return err;
    if (renameat2(AT_FDCWD, kept, AT_FDCWD, path, RENAME_EXCHANGE) == 0) {
        *changed = true;
        return file_sync(path);
    }
    if (errno != EINVAL && errno != ENOSYS)
        return -errno;
    if (rename(kept, r->fresh) != 0 || link(path, kept) != 0)
        return -errno;
    return file_replace(r->fresh, path);
}

static int change_places(struct restore *r, struct failure *f)
{
    if (r->old != NULL) {
        /* What is kept says too what became of it; a database too full or too damaged for that is replaced all the same. */
        db_transact(r->old, audit_steps, r);
        db_say_ending(r->old);
        r->lock = r->old->lock;
        r->old->lock = NULL;
        db_close(r->old);
        r->old = NULL;
    }
    station_lock_say(r->lock, LOCK_ENDED); /* whatever is in its WAL goes along */
    if (r->replaces)
        fold(r->call->path);
    if (r->replaces && move_wal(r, f) != 0)
        return -1;
    bool changed = false;
    int err = r->replaces ? exchange(r, &changed) : file_replace(r->fresh, r->call->path);
    if (err != 0 && changed)
        return failure_set(
            f, FAIL_RECORD, STAGE_NONE, -err,
            "the backup is in its place, but that may not be durable: %s: %s; the old one is %s",
            errno_text(-err), r->call->path, r->report->kept);
    if (err != 0)
        return cannot(f, "write", r->call->path, -err);
    return 0;
}

/* In a damaged file, people who are not found may be lost: it had none only where its audit tells of none either. */
static bool knows_engineers(struct db *wreck)
{
    struct failure ignored = {0};
    int64_t enrolled = 0;
    int closed = operator_lock_closed(wreck, &ignored);

    if (closed != 0)
        return closed > 0;
    return sql_int(
               wreck->h, &enrolled, 0,
               "SELECT (SELECT count(*) FROM audit WHERE action = 'operator.add' AND new LIKE 'engineer%')"
               " + (SELECT count(*) = 0 FROM run)",
               "") == SQLITE_ROW &&
           enrolled == 0;
}

/* A damaged file may still say who its engineers are. True: it was asked, and *rc is the answer. */
static bool ask_wreck(struct restore *r, int *rc, struct failure *f)
{
    struct db *wreck = db_open_wreck(r->call->path);
    bool says = wreck != NULL && knows_engineers(wreck);

    if (says)
        *rc = check_role(r, wreck, f);
    db_close(wreck);
    return says;
}

/* Nothing says who may: whoever owns the machine. */
static int ask_root(struct restore *r, const char *what, struct failure *f)
{
    if (geteuid() != 0)
        return failure_set(f, FAIL_ROLE, STAGE_NONE, EPERM,
                           "%s %s, so nothing says who its engineers are: only root may restore here",
                           r->call->path, what);
    snprintf(r->actor.name, sizeof r->actor.name, "%s",
             r->call->actor != NULL && r->call->actor[0] != '\0' ? r->call->actor : "root");
    snprintf(r->actor.role, sizeof r->actor.role, "root");
    return 0;
}

/* Who may, where the file that is replaced does not open. The lock is held. */
static int ask_without(struct restore *r, struct failure *f)
{
    char trace[256];
    int rc = -1;

    r->decided = true;
    if (r->replaces && ask_wreck(r, &rc, f))
        return rc;
    if (r->replaces)
        return ask_root(r, "cannot be read", f);
    if (trace_find(r->call->path, station_lock_state(r->lock), trace, sizeof trace))
        return ask_root(r, "is gone", f);
    r->decided = false; /* nothing was ever here: the backup's engineers say */
    return 0;
}

static int check_files(struct restore *r, struct failure *f)
{
    struct stat old, backup;

    if (stat(r->call->backup, &backup) != 0)
        return cannot(f, "read", r->call->backup, errno);
    int err = own_folders_make(r->call->path);
    if (err != 0)
        return cannot(f, "write", r->call->path, -err);
    if (station_files_may_write(r->call->own, r->call->path, WRITE_DATABASE, f) != 0)
        return -1;
    bool there = lstat(r->call->path, &old) == 0;
    if (there && !S_ISREG(old.st_mode))
        return failure_set(f, FAIL_RECORD, STAGE_NONE, 0, "cannot write %s: it is no file", r->call->path);
    if (there && old.st_dev == backup.st_dev && old.st_ino == backup.st_ino)
        return failure_set(f, FAIL_RECORD, STAGE_NONE, 0, "%s is the database itself, not a backup",
                           r->call->backup);
    r->replaces = there && old.st_size > 0;
    return 0;
}

/* The lock, and with it the old database if it opens: its engineers are asked. */
static int open_old(struct restore *r, struct failure *f)
{
    const struct db_options o = {.path = r->call->path, .mode = DB_STATION, .station = "restore"};

    if (check_files(r, f) != 0)
        return -1;
    if (r->replaces && (r->old = db_open(&o, f)) != NULL) {
        r->decided = true;
        return check_role(r, r->old, f);
    }
    if (r->replaces && f->code == FAIL_DB_HELD)
        return -1;
    failure_clear(f);
    r->lock = station_lock_take(r->call->path, "restore", f);
    if (r->lock == NULL || (r->replaces && station_lock_file(r->lock, r->call->path, f) != 0))
        return -1;
    return ask_without(r, f);
}

static void clear_away(const char *fresh)
{
    static const char *const ends[] = {"", "-wal", "-shm", "-journal", ".lock", ".reserve"};
    char name[PATH_SIZE + 32];

    for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++) {
        snprintf(name, sizeof name, "%s%s", fresh, ends[i]);
        unlink(name);
    }
    for (int v = 1; v < schema_newest(); v++) { /* the form it had before: the backup itself is that */
        snprintf(name, sizeof name, "%s.v%d", fresh, v);
        unlink(name);
    }
}

int restore_database(const struct restore_call *call, struct restore_report *report, struct failure *f)
{
    struct restore r = {.call = call, .report = report};
    int rc = -1;

    memset(report, 0, sizeof *report);
    if (strlen(call->path) >= PATH_SIZE - 16)
        return cannot(f, "write", call->path, ENAMETOOLONG);
    snprintf(r.fresh, sizeof r.fresh, "%s.restoring", call->path);
    if (realpath(call->backup, r.source) == NULL)
        snprintf(r.source, sizeof r.source, "%s", call->backup);
    if (open_old(&r, f) == 0) {
        clear_away(r.fresh);
        if (copy_file(&r, f) == 0 && take_in(&r, f) == 0 && maintain_verify(r.fresh, &report->verify, f) == 0)
            rc = change_places(&r, f);
        clear_away(r.fresh);
    }
    db_close(r.old);
    station_lock_free(r.lock);
    return rc;
}
