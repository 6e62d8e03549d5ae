/* SPDX-License-Identifier: Apache-2.0 */
#include "db/care/verify.h"

#include <string.h>

#include "db/care/verify_private.h"
#include "db/desk/audit.h"
#include "db/open/archive_file.h"
#include "db/open/db_inside.h"
#include "db/open/sql.h"
#include "db/record/chain.h"

static bool same_hash(sqlite3_stmt *s, int column, const uint8_t hash[static SHA256_SIZE])
{
    return sqlite3_column_bytes(s, column) == SHA256_SIZE &&
           memcmp(sqlite3_column_blob(s, column), hash, SHA256_SIZE) == 0;
}

/* Where the chain in this file begins: after what the archives took. */
static int chain_start(sqlite3 *h, int64_t *seq, uint8_t hash[static SHA256_SIZE])
{
    sqlite3_stmt *s =
        sql_prepare(h, "SELECT last_seq, last_hash FROM archive ORDER BY last_seq DESC LIMIT 1", "");
    int rc = s == NULL ? sqlite3_errcode(h) : sqlite3_step(s);

    *seq = 0;
    memset(hash, 0, SHA256_SIZE);
    if (rc == SQLITE_ROW && sqlite3_column_bytes(s, 1) == SHA256_SIZE) {
        *seq = sqlite3_column_int64(s, 0);
        memcpy(hash, sqlite3_column_blob(s, 1), SHA256_SIZE);
    }
    sqlite3_finalize(s);
    return rc == SQLITE_ROW || rc == SQLITE_DONE ? SQLITE_OK : rc;
}

/* One link: in its place, after its predecessor, true to its attempt. */
static int check_link(struct chain_reader *reader, sqlite3_stmt *s, int64_t want, struct verify_report *r)
{
    int64_t seq = sqlite3_column_int64(s, 0), attempt = sqlite3_column_int64(s, 1);
    uint8_t hash[SHA256_SIZE];

    if (seq != want) {
        verify_bad(r, want, "record %lld is missing: the chain goes on with record %lld (attempt %lld)",
                   (long long)want, (long long)seq, (long long)attempt);
        return SQLITE_OK;
    }
    if (!same_hash(s, 2, r->head)) {
        verify_bad(
            r, seq,
            "record %lld (attempt %lld) does not follow its predecessor: rows were exchanged or inserted",
            (long long)seq, (long long)attempt);
        return SQLITE_OK;
    }
    int rc = chain_hash(reader, attempt, r->head, hash);
    if (rc == SQLITE_NOTFOUND)
        verify_bad(r, seq, "record %lld: attempt %lld was removed", (long long)seq, (long long)attempt);
    else if (rc == SQLITE_OK && !same_hash(s, 3, hash))
        verify_bad(r, seq, "record %lld: attempt %lld was changed", (long long)seq, (long long)attempt);
    else if (rc == SQLITE_OK)
        memcpy(r->head, hash, SHA256_SIZE);
    return rc == SQLITE_NOTFOUND ? SQLITE_OK : rc;
}

static int check_links(sqlite3 *h, struct verify_report *r)
{
    int64_t want;
    int rc = chain_start(h, &want, r->head);
    sqlite3_stmt *s =
        rc == SQLITE_OK
            ? sql_prepare(h, "SELECT seq, attempt_id, prev_hash, hash FROM chain ORDER BY seq", "")
            : NULL;

    struct chain_reader *reader = s == NULL ? NULL : chain_reader_new(h);

    if (reader == NULL) {
        sqlite3_finalize(s);
        return rc != SQLITE_OK ? rc : sqlite3_errcode(h);
    }
    r->head_seq = want;
    while (r->first_bad == 0 && (rc = sqlite3_step(s)) == SQLITE_ROW) {
        want = sql_sum(want, 1);
        if ((rc = check_link(reader, s, want, r)) != SQLITE_OK)
            break;
        if (r->first_bad == 0) {
            r->attempts++;
            r->head_seq = want;
        }
    }
    chain_reader_free(reader);
    sqlite3_finalize(s);
    return rc == SQLITE_DONE || r->first_bad != 0 ? SQLITE_OK : rc;
}

/* An attempt that is closed but stands in no link was added or lost its link. */
static int check_unlinked(sqlite3 *h, struct verify_report *r)
{
    int64_t attempt;
    int rc = sql_int(h, &attempt, 0,
                     "SELECT a.id FROM attempt a LEFT JOIN chain c ON c.attempt_id = a.id"
                     " WHERE a.result <> 'OPEN' AND c.seq IS NULL LIMIT 1",
                     "");
    if (rc == SQLITE_ROW)
        verify_bad(
            r, -1,
            "attempt %lld is closed but stands in no link of the chain: a record was added or the end cut off",
            (long long)attempt);
    return rc == SQLITE_ROW || rc == SQLITE_DONE ? SQLITE_OK : rc;
}

/* Attempts are numbered without gaps, and SQLite remembers the highest number ever given: a cut-off end shows. */
static int check_end(sqlite3 *h, struct verify_report *r)
{
    int64_t missing = 0;
    int rc = sql_int(h, &missing, 0,
                     "SELECT coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'attempt'), 0)"
                     " - (SELECT count(*) FROM attempt) - (SELECT coalesce(sum(rows), 0) FROM archive)",
                     "");

    if (rc == SQLITE_ROW && missing > 0)
        verify_bad(r, sql_sum(r->head_seq, 1), "record %lld is missing: %lld attempt%s cut off at the end",
                   (long long)sql_sum(r->head_seq, 1), (long long)missing, missing == 1 ? " was" : "s were");
    return rc == SQLITE_ROW ? SQLITE_OK : rc;
}

static int chain_steps(struct db *db, struct verify_report *r)
{
    sqlite3 *h = db->h;
    int64_t audit_row = 0;
    bool archive = false;
    int rc = check_links(h, r);

    if (rc == SQLITE_OK && r->first_bad == 0)
        rc = check_unlinked(h, r);
    if (rc == SQLITE_OK && r->first_bad == 0)
        rc = check_end(h, r);
    if (rc == SQLITE_OK)
        rc = audit_check(h, &audit_row);
    if (rc == SQLITE_OK && audit_row != 0)
        verify_bad(r, -1, "audit row %lld was changed, or a row before it is missing", (long long)audit_row);
    if (rc == SQLITE_OK)
        rc = verify_tables(h, r);
    if (rc == SQLITE_OK)
        rc = archive_file_is(h, &archive);
    if (rc == SQLITE_OK && !archive)
        rc = verify_journal(h, r);
    if (rc == SQLITE_OK)
        rc = verify_archives(h, db->on_disk ? db->path : NULL, r);
    return rc == SQLITE_OK ? verify_counts(h, r) : rc;
}

/* SQLite's own words for the first thing it finds. */
static int check_pragma(sqlite3 *h, const char *sql, const char *good, const char *what,
                        struct verify_report *r)
{
    sqlite3_stmt *s = sql_prepare(h, sql, "");
    int rc = s == NULL ? sqlite3_errcode(h) : sqlite3_step(s);

    if (rc == SQLITE_ROW && (good == NULL || strcmp(sql_text(s, 0), good) != 0))
        verify_bad(r, -1, "%s: %.160s", what, sql_text(s, 0));
    sqlite3_finalize(s);
    return rc == SQLITE_ROW || rc == SQLITE_DONE ? SQLITE_OK : rc;
}

static int check_sectors(sqlite3 *h, struct verify_report *r)
{
    sqlite3_stmt *s = sql_prepare(h, "SELECT sha256, data FROM sector", "");
    int rc = s == NULL ? sqlite3_errcode(h) : SQLITE_ROW;
    char hex[SHA256_TEXT_SIZE];
    uint8_t hash[SHA256_SIZE], name[SHA256_SIZE];

    while (s != NULL && (rc = sqlite3_step(s)) == SQLITE_ROW) {
        digest_sha256(sqlite3_column_blob(s, 1), (size_t)sqlite3_column_bytes(s, 1), hash);
        if (!same_hash(s, 0, hash)) {
            sql_hash(s, 0, name);
            digest_hex(name, SHA256_SIZE, hex);
            verify_bad(r, -1, "the saved sector %s is not what its hash says", hex);
        }
    }
    sqlite3_finalize(s);
    return rc == SQLITE_DONE ? SQLITE_OK : rc;
}

/* One read transaction, so that a running station does not change what is being compared. */
static int in_snapshot(struct db *db, int (*steps)(struct db *, struct verify_report *),
                       struct verify_report *r, struct failure *f)
{
    memset(r, 0, sizeof *r);
    db_lock(db);
    int rc = sql_script(db->h, "BEGIN");
    if (rc == SQLITE_OK)
        rc = steps(db, r);
    if ((rc & 0xff) == SQLITE_CORRUPT || (rc & 0xff) == SQLITE_NOTADB) {
        verify_bad(r, -1, "the file is damaged: %s", sqlite3_errmsg(db->h));
        rc = SQLITE_OK;
    }
    if (rc != SQLITE_OK)
        sql_failure(db->h, rc, FAIL_DB_OPEN, STAGE_NONE, "read the records", f);
    sql_script(db->h, "ROLLBACK");
    db_unlock(db);
    return rc == SQLITE_OK ? 0 : -1;
}

static int all_steps(struct db *db, struct verify_report *r)
{
    sqlite3 *h = db->h;
    int rc = check_pragma(h, "PRAGMA integrity_check(1)", "ok", "the file is damaged", r);

    if (rc == SQLITE_OK)
        rc = check_pragma(h, "PRAGMA foreign_key_check", NULL, "a row points nowhere, in table", r);
    if (rc == SQLITE_OK)
        rc = chain_steps(db, r);
    return rc == SQLITE_OK ? check_sectors(h, r) : rc;
}

int verify_chain(struct db *db, struct verify_report *report, struct failure *f)
{
    return in_snapshot(db, chain_steps, report, f);
}

int verify_all(struct db *db, struct verify_report *report, struct failure *f)
{
    return in_snapshot(db, all_steps, report, f);
}
