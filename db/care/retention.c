/* SPDX-License-Identifier: Apache-2.0 */
#include "db/care/retention.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/errno_text.h"
#include "base/file.h"
#include "base/out_file.h"
#include "db/care/verify.h"
#include "db/open/db_inside.h"
#include "db/open/sql.h"
#include "db/open/triggers.h"

#define PATH_SIZE 4096

static int cannot(struct failure *f, const char *why)
{
    return failure_set(f, FAIL_RECORD, STAGE_NONE, 0, "nothing was archived: %.160s", why);
}

static int find_range(struct db *db, int64_t before_ms, struct retention_report *r)
{
    int64_t next = 0;
    int rc = sql_int(db->h, &r->first_seq, 0, "SELECT min(seq) FROM chain", "");

    if (rc == SQLITE_ROW)
        rc = sql_int(db->h, &next, 0,
                     "SELECT coalesce((SELECT min(c.seq) FROM chain c JOIN attempt a ON a.id = c.attempt_id"
                     " WHERE a.closed_ms >= ?), (SELECT max(seq) + 1 FROM chain))",
                     "l", before_ms);
    r->last_seq = sql_difference(next, 1);
    r->rows = r->first_seq == 0 || next == 0 ? 0 : sql_difference(next, r->first_seq);
    return rc == SQLITE_ROW ? SQLITE_OK : rc;
}

/* The copy keeps what the links need to be verified, and nothing else. */
static int reduce_copy(const char *path, const struct retention_report *r)
{
    sqlite3 *h = NULL;
    int64_t rows = 0;
    int rc = sqlite3_open_v2(path, &h, SQLITE_OPEN_READWRITE, NULL);

    if (rc == SQLITE_OK)
        rc = sql_script(h, "PRAGMA foreign_keys=OFF; PRAGMA journal_mode=DELETE; PRAGMA secure_delete=ON;");
    if (rc == SQLITE_OK)
        rc = triggers_drop(h);
    if (rc == SQLITE_OK)
        rc = sql_script(h, "BEGIN");
    if (rc == SQLITE_OK)
        rc = sql_run(h, "DELETE FROM chain WHERE seq > ?", "l", r->last_seq);
    if (rc == SQLITE_OK)
        rc = sql_script(
            h,
            "DELETE FROM attempt WHERE id NOT IN (SELECT attempt_id FROM chain);"
            "DELETE FROM identification WHERE attempt_id NOT IN (SELECT attempt_id FROM chain);"
            "DELETE FROM evidence WHERE attempt_id NOT IN (SELECT attempt_id FROM chain);"
            "DELETE FROM backup WHERE attempt_id NOT IN (SELECT attempt_id FROM chain);"
            "DELETE FROM identity_act_done; DELETE FROM identity_act;"
            "DELETE FROM pool_value; DELETE FROM pool_block; DELETE FROM pool;"
            "DELETE FROM sector WHERE sha256 NOT IN (SELECT sha256 FROM backup);"
            "DELETE FROM audit; DELETE FROM stop_release; DELETE FROM stop; DELETE FROM event;"
            "DELETE FROM correction WHERE attempt_id NOT IN (SELECT attempt_id FROM chain);"
            "DELETE FROM unit_address WHERE unit_id NOT IN (SELECT unit_id FROM identification);"
            "DELETE FROM unit WHERE id NOT IN (SELECT unit_id FROM identification);"
            "DELETE FROM word_past; DELETE FROM tried_past; DELETE FROM serial_past;"
            "DELETE FROM unit_past; DELETE FROM lot_past; DELETE FROM lot_good; DELETE FROM lot_count; DELETE FROM journal;"
            "DELETE FROM sqlite_sequence WHERE name = 'journal';"
            "INSERT INTO lot_good(lot_id, training, unit_id) SELECT DISTINCT lot_id, kind = 'TRAINING', unit_id"
            " FROM attempt WHERE result = 'PASS' AND lot_id IS NOT NULL AND unit_id IS NOT NULL;"
            "INSERT INTO lot_count SELECT lot_id, training, count(*) FROM lot_good GROUP BY 1, 2;"
            "UPDATE sqlite_sequence SET seq = (SELECT count(*) FROM attempt)"
            " + (SELECT coalesce(sum(rows), 0) FROM archive) WHERE name = 'attempt';"
            "UPDATE operator SET badge_salt = NULL, badge_hash = NULL, pin_salt = NULL, pin_hash = NULL;"
            "COMMIT; VACUUM;");
    if (rc == SQLITE_OK && (rc = sql_int(h, &rows, 0, "SELECT count(*) FROM attempt", "")) == SQLITE_ROW)
        rc = rows == r->rows ? SQLITE_OK : SQLITE_MISMATCH;
    int end = sqlite3_close(h);
    return rc != SQLITE_OK ? rc : end;
}

/* As a reviewer would see it: whole, and its chain ends at the hash that the live chain has there. */
static int verify_copy(struct db *db, const char *path, const struct retention_report *r, struct failure *f)
{
    const struct db_options o = {.path = path, .mode = DB_REVIEW};
    struct verify_report v;
    struct db *copy = db_open(&o, f);
    int64_t same = 0;

    if (copy == NULL)
        return -1;
    int rc = verify_all(copy, &v, f);
    db_close(copy);
    if (rc != 0)
        return -1;
    if (v.first_bad != 0)
        return cannot(f, v.text);
    sql_int(db->h, &same, 0, "SELECT hash = ? FROM chain WHERE seq = ?", "bl", v.head, SHA256_SIZE,
            r->last_seq);
    return v.head_seq == r->last_seq && v.attempts == r->rows && same != 0
               ? 0
               : cannot(f, "the copy is not what it should be");
}

/* Never written again; and never seen by more people than the database was. */
static int make_final(const char *path)
{
    struct stat st;

    return stat(path, &st) != 0 ? -1 : chmod(path, st.st_mode & 0440);
}

static int write_copy(struct db *db, struct retention_report *r, const char *temp, struct failure *f)
{
    char path[PATH_SIZE];
    uint64_t bytes;
    int rc = file_prepare(temp) == 0 ? db_vacuum_into(db, temp) : SQLITE_CANTOPEN;

    if (rc == SQLITE_OK)
        rc = reduce_copy(temp, r);
    if (rc != SQLITE_OK)
        return cannot(f, sql_error_words(rc));
    if (verify_copy(db, temp, r, f) != 0)
        return -1;
    snprintf(path, sizeof path, "%s", r->file);
    int err = make_final(temp) == 0 ? file_sync(temp) : -errno;
    if (err == 0)
        err = file_sha256(temp, r->sha256, &bytes);
    if (err == 0)
        err = file_replace(temp, path);
    return err == 0 ? 0 : cannot(f, errno_text(-err));
}

#define THIS_ONE "(SELECT max(id) FROM archive)"
#define MOVING   " FROM chain c JOIN attempt a ON a.id = c.attempt_id WHERE c.seq <= ?"

/* What stays known here of the attempts that go. docs/database.md tells what each table is asked for. */
static const char *const left_behind[] = {
    "INSERT INTO unit_past(archive_id, unit_id, attempts, passes, training_attempts, last_pass)"
    " SELECT " THIS_ONE ", a.unit_id,"
    " sum(a.try_no IS NOT NULL AND a.kind <> 'TRAINING'), sum(a.result = 'PASS' AND a.kind <> 'TRAINING'),"
    " sum(a.try_no IS NOT NULL AND a.kind = 'TRAINING'), max(CASE WHEN a.result = 'PASS' THEN a.id END)" MOVING
    " AND a.unit_id IS NOT NULL GROUP BY a.unit_id",
    "INSERT INTO lot_past(archive_id, lot_id, training, unit_id)"
    " SELECT DISTINCT " THIS_ONE ", a.lot_id, a.kind = 'TRAINING', a.unit_id" MOVING
    " AND a.result = 'PASS' AND a.lot_id IS NOT NULL AND a.unit_id IS NOT NULL",
    "INSERT INTO serial_past(archive_id, serial, unit_id, training, passes, last_attempt)"
    " SELECT " THIS_ONE ", a.serial, a.unit_id, a.kind = 'TRAINING', sum(a.result = 'PASS'), max(a.id)" MOVING
    " AND a.serial IS NOT NULL AND a.unit_id IS NOT NULL GROUP BY a.serial, a.unit_id, a.kind = 'TRAINING'",
    /* SQLite gives a bare column the row that max() came from. */
    "INSERT INTO tried_past(archive_id, lot_id, training, unit_id, attempts, last_attempt, last_result)"
    " SELECT " THIS_ONE
    ", lot, training, unit, attempts, last, result FROM (SELECT coalesce(a.lot_id, 0) AS lot,"
    " a.kind = 'TRAINING' AS training, coalesce(a.unit_id, 0) AS unit, count(*) AS attempts, max(a.id) AS last,"
    " a.result AS result" MOVING " GROUP BY 1, 2, 3)",
    "INSERT INTO word_past(archive_id, correction_id, unit_id)"
    " SELECT " THIS_ONE ", w.id, i.unit_id FROM chain c JOIN correction w ON w.attempt_id = c.attempt_id"
    " JOIN identification i ON i.attempt_id = c.attempt_id AND i.n = 0 WHERE c.seq <= ? AND w.unit_id IS NULL",
};

static int move_steps(struct db *db, void *arg)
{
    const struct retention_report *r = arg;
    const char *slash = strrchr(r->file, '/');
    int rc = sql_script(db->h, "PRAGMA defer_foreign_keys=ON"); /* a link and its attempt go together */

    if (rc == SQLITE_OK)
        rc = sql_run(db->h,
                     "INSERT INTO archive(at_ms, file, file_sha256, first_seq, last_seq, last_hash, rows)"
                     " SELECT ?1, ?2, ?3, ?4, ?5, hash, ?6 FROM chain WHERE seq = ?5",
                     "ltblll", db_wall_ms(db), slash == NULL ? r->file : slash + 1, r->sha256, SHA256_SIZE,
                     r->first_seq, r->last_seq, r->rows);
    for (size_t i = 0; i < sizeof left_behind / sizeof left_behind[0] && rc == SQLITE_OK; i++)
        rc = sql_run(db->h, left_behind[i], "l", r->last_seq);
    static const char *const moves[] = {
        "DELETE FROM evidence WHERE attempt_id IN (SELECT attempt_id FROM chain WHERE seq <= ?)",
        "DELETE FROM identification WHERE attempt_id IN (SELECT attempt_id FROM chain WHERE seq <= ?)",
        "DELETE FROM attempt WHERE id IN (SELECT attempt_id FROM chain WHERE seq <= ?)",
        "DELETE FROM chain WHERE seq <= ?",
    };
    for (size_t i = 0; i < sizeof moves / sizeof moves[0] && rc == SQLITE_OK; i++)
        rc = sql_run(db->h, moves[i], "l", r->last_seq);
    return rc;
}

/* A file of our own naming that no row of `archive` knows is left of a move that did not happen: its rows are all here. */
static int check_name(struct db *db, bool ours, const struct retention_report *r, struct failure *f)
{
    const char *slash = strrchr(r->file, '/');
    int64_t known = 1;

    if (access(r->file, F_OK) != 0)
        return 0;
    sql_int(db->h, &known, 1, "SELECT count(*) FROM archive WHERE file = ?", "t",
            slash == NULL ? r->file : slash + 1);
    return ours && known == 0 ? 0 : cannot(f, "the archive file is there already");
}

static int name_file(struct db *db, int64_t before_ms, const char *file, struct retention_report *r,
                     struct failure *f)
{
    time_t seconds = (time_t)(before_ms / 1000);
    char day[32];
    struct tm local;
    int n;

    localtime_r(&seconds, &local);
    strftime(day, sizeof day, "%Y-%m-%d", &local);
    if (file != NULL)
        n = snprintf(r->file, sizeof r->file, "%s", file);
    else
        n = snprintf(r->file, sizeof r->file, "%s.archive-%s-%lld-%lld.db", db->path, day,
                     (long long)r->first_seq, (long long)r->last_seq);
    if (n >= (int)sizeof r->file - 32)
        return cannot(f, "the file name is too long");
    return check_name(db, file == NULL, r, f);
}

/*
 * From here the rows are safe in two places; only a commit takes them out of this one. One that ended in an error may have
 * taken them: then the file may be all there is of them, and stays until the database, opened again, says which.
 */
static int move_rows(struct db *db, const struct retention_report *r, struct failure *f)
{
    long doubts = db->doubts;
    int rc = db_transact(db, move_steps, (void *)(uintptr_t)r);

    if (rc == SQLITE_OK)
        return 0;
    if (db->doubts == doubts) {
        unlink(r->file);
        return cannot(f, sql_error_words(rc));
    }
    return failure_set(
        f, FAIL_RECORD, STAGE_NONE, 0,
        "%s: whether the records moved is not known, nothing was deleted: archive again, it finds out",
        sql_error_words(rc));
}

static int archive_locked(struct db *db, int64_t before_ms, const char *file, struct retention_report *r,
                          struct failure *f)
{
    struct verify_report v;
    char temp[PATH_SIZE + 32];
    int rc;

    if (file != NULL && file_check_target(&db->own, file, f) != 0)
        return -1;
    if (verify_chain(db, &v, f) != 0)
        return -1;
    if (v.first_bad != 0)
        return cannot(f, v.text);
    if ((rc = find_range(db, before_ms, r)) != SQLITE_OK)
        return cannot(f, sql_error_words(rc));
    if (r->rows == 0)
        return 0;
    if (name_file(db, before_ms, file, r, f) != 0)
        return -1;
    snprintf(temp, sizeof temp, "%s.%ld.tmp", r->file, (long)getpid());
    unlink(temp);
    if (write_copy(db, r, temp, f) != 0) {
        unlink(temp);
        return -1;
    }
    return move_rows(db, r, f);
}

int retention_archive(struct db *db, int64_t before_ms, const char *file, struct retention_report *out,
                      struct failure *f)
{
    memset(out, 0, sizeof *out);
    if (db->mode != DB_STATION)
        return cannot(f, "the database is open for review only");
    db_lock(db);
    int rc = archive_locked(db, before_ms, file, out, f);
    db_unlock(db);
    return rc;
}
