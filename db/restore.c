/* SPDX-License-Identifier: Apache-2.0 */
#include "db/restore.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "db/chain.h"
#include "db/db_private.h"
#include "db/maintain.h"
#include "db/out_file.h"
#include "db/station_lock.h"
#include "db/work_private.h"

#define PATH_SIZE 4096
#define HEAD_TEXT 160

struct restore {
    const struct restore_call *call;
    struct restore_report *report;
    struct db *old;            /* what is there now; NULL: nothing, or nothing that opens */
    struct station_lock *lock; /* once `old` is closed, or from the start without it */
    bool replaces;
    struct actor actor;
    char fresh[PATH_SIZE + 16], source[PATH_MAX];
    char old_text[PATH_SIZE + HEAD_TEXT + 64], new_text[HEAD_TEXT + 128];
};

static int cannot(struct failure *f, const char *doing, const char *path, int err)
{
    return failure_set(f, FAIL_RECORD, STAGE_NONE, err, "cannot %s %s: %s", doing, path, strerror(err));
}

/* Copies byte for byte; the backup is no live database, nobody writes it. */
static int copy_file(struct restore *r, struct failure *f)
{
    struct out_file *out = out_file_new(r->fresh, f);
    uint8_t buffer[16384];
    uint64_t bytes;
    size_t n;
    FILE *in = fopen(r->call->backup, "rbe");

    if (out == NULL || in == NULL) {
        if (in != NULL)
            fclose(in);
        else if (out != NULL)
            cannot(f, "read", r->call->backup, errno);
        out_file_drop(out);
        return -1;
    }
    while ((n = fread(buffer, 1, sizeof buffer, in)) > 0)
        out_file_write(out, buffer, n);
    int bad = ferror(in);
    fclose(in);
    if (bad) {
        out_file_drop(out);
        return cannot(f, "read", r->call->backup, EIO);
    }
    return out_file_commit(out, &bytes, r->report->sha256, f);
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
        if (access(report->kept, F_OK) != 0)
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

    return audit_append(db->h, db_wall_ms(db), &r->actor, &entry);
}

static int check_role(struct restore *r, struct db *db, struct failure *f)
{
    const struct work_call call = {.action = WORK_RESTORE, .actor = r->call->actor, .pin = r->call->pin};

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

/* The copy becomes a station's own file for a moment: brought up to date if it is of an earlier form, and told of in its audit. */
static int take_in(struct restore *r, struct failure *f)
{
    const struct db_options o = {.path = r->fresh, .mode = DB_STATION, .station = "restore"};
    struct db *copy = db_open(&o, f);
    int rc = -1;

    if (copy == NULL)
        return blame_backup(r, f);
    if (r->old != NULL || check_role(r, copy, f) == 0) {
        describe(r, copy);
        rc = db_transact(copy, audit_steps, r) == SQLITE_OK ? 0 : cannot(f, "write", r->fresh, EIO);
    }
    db_close(copy);
    return rc;
}

/* The old database with everything still in its WAL: closing the last connection folds it in. */
static int put_aside(const char *path, const char *aside, struct failure *f)
{
    char wal[PATH_SIZE + 8];
    sqlite3 *h = NULL;

    if (sqlite3_open_v2(path, &h, SQLITE_OPEN_READWRITE, NULL) == SQLITE_OK)
        sqlite3_exec(h, "PRAGMA wal_checkpoint(TRUNCATE)", NULL, NULL, NULL);
    sqlite3_close(h);
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

static int change_places(struct restore *r, struct failure *f)
{
    if (r->old != NULL) {
        /* What is kept says too what became of it; a database too full or too damaged for that is replaced all the same. */
        db_transact(r->old, audit_steps, r);
        r->lock = r->old->lock;
        r->old->lock = NULL;
        db_close(r->old);
        r->old = NULL;
    }
    if (r->replaces && put_aside(r->call->path, r->report->kept, f) != 0)
        return -1;
    int err = file_replace(r->fresh, r->call->path);
    return err == 0 ? 0 : cannot(f, "write", r->call->path, -err);
}

/* The lock, and with it the old database if it opens: its engineers are asked. */
static int open_old(struct restore *r, struct failure *f)
{
    const struct db_options o = {.path = r->call->path, .mode = DB_STATION, .station = "restore"};
    struct stat old, backup;

    if (stat(r->call->backup, &backup) != 0)
        return cannot(f, "read", r->call->backup, errno);
    r->replaces = stat(r->call->path, &old) == 0;
    if (r->replaces && old.st_dev == backup.st_dev && old.st_ino == backup.st_ino)
        return failure_set(f, FAIL_RECORD, STAGE_NONE, 0, "%s is the database itself, not a backup",
                           r->call->backup);
    if (r->replaces && (r->old = db_open(&o, f)) != NULL)
        return check_role(r, r->old, f);
    if (r->replaces && f->code == FAIL_DB_HELD)
        return -1;
    failure_clear(f);
    r->lock = station_lock_take(r->call->path, "restore", f);
    return r->lock != NULL ? 0 : -1;
}

static void clear_away(const char *fresh)
{
    static const char *const ends[] = {"", "-wal", "-shm", "-journal", ".lock", ".reserve"};
    char name[PATH_SIZE + 32];

    for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++) {
        snprintf(name, sizeof name, "%s%s", fresh, ends[i]);
        unlink(name);
    }
    for (int v = 1; v < 100; v++) { /* the form it had before: the backup itself is that */
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
    station_lock_free(r.lock, NULL);
    return rc;
}
