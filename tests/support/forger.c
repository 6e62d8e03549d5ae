/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/support/forger.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "base/digest.h"
#include "db/record/chain.h"

struct text {
    uint8_t bytes[16384];
    size_t len;
};

static void add(struct text *t, const void *bytes, size_t len)
{
    assert_true(t->len + len <= sizeof t->bytes);
    if (len > 0)
        memcpy(t->bytes + t->len, bytes, len);
    t->len += len;
}

static void add_columns(struct text *t, sqlite3_stmt *s, int first, int count)
{
    char head[96];

    for (int i = first; i < first + count; i++) {
        static const char letters[] = {0, 'i', 'f', 't', 'b', 'n'};
        int type = sqlite3_column_type(s, i);
        const void *value = type == SQLITE_BLOB ? sqlite3_column_blob(s, i) : sqlite3_column_text(s, i);
        size_t len = type == SQLITE_NULL ? 0 : (size_t)sqlite3_column_bytes(s, i);
        add(t, head,
            (size_t)snprintf(head, sizeof head, "%s %c %zu ", sqlite3_column_name(s, i), letters[type], len));
        add(t, value, len);
        add(t, "\n", 1);
    }
}

static sqlite3_stmt *ask(sqlite3 *h, const char *sql)
{
    sqlite3_stmt *s = NULL;

    if (sqlite3_prepare_v2(h, sql, -1, &s, NULL) != SQLITE_OK)
        fail_msg("%s: %s", sql, sqlite3_errmsg(h));
    return s;
}

static void put_hashes(sqlite3 *h, const char *sql, int64_t id, const uint8_t *prev, const uint8_t *hash)
{
    sqlite3_stmt *s = ask(h, sql);

    sqlite3_bind_int64(s, 1, id);
    sqlite3_bind_blob(s, 2, prev, SHA256_SIZE, SQLITE_TRANSIENT);
    sqlite3_bind_blob(s, 3, hash, SHA256_SIZE, SQLITE_TRANSIENT);
    assert_int_equal(sqlite3_step(s), SQLITE_DONE);
    sqlite3_finalize(s);
}

void forge_audit(sqlite3 *h)
{
    sqlite3_stmt *s = ask(
        h,
        "SELECT id, at_ms, actor, role, action, object, old, new, reason, facts, facts_sha256 FROM audit ORDER BY id");
    uint8_t prev[SHA256_SIZE] = {0}, hash[SHA256_SIZE];

    while (sqlite3_step(s) == SQLITE_ROW) {
        static const char title[] = "flashline audit 1\n";
        struct text t = {.len = 0};
        add(&t, prev, SHA256_SIZE);
        add(&t, title, sizeof title - 1);
        add_columns(&t, s, 0, 9);
        for (int i = 9; i < 11; i++)
            add_columns(&t, s, i, sqlite3_column_type(s, i) != SQLITE_NULL);
        digest_sha256(t.bytes, t.len, hash);
        put_hashes(h, "UPDATE audit SET prev_hash = ?2, hash = ?3 WHERE id = ?1", sqlite3_column_int64(s, 0),
                   prev, hash);
        memcpy(prev, hash, SHA256_SIZE);
    }
    sqlite3_finalize(s);
}

void forge_links(sqlite3 *h)
{
    sqlite3_stmt *s = ask(h, "SELECT last_hash FROM archive ORDER BY last_seq DESC LIMIT 1");
    uint8_t prev[SHA256_SIZE] = {0}, hash[SHA256_SIZE];
    struct chain_reader *r = chain_reader_new(h);

    if (sqlite3_step(s) == SQLITE_ROW)
        memcpy(prev, sqlite3_column_blob(s, 0), SHA256_SIZE);
    sqlite3_finalize(s);
    assert_non_null(r);
    s = ask(h, "SELECT seq, attempt_id FROM chain ORDER BY seq");
    while (sqlite3_step(s) == SQLITE_ROW) {
        assert_int_equal(chain_hash(r, sqlite3_column_int64(s, 1), prev, hash), SQLITE_OK);
        put_hashes(h, "UPDATE chain SET prev_hash = ?2, hash = ?3 WHERE seq = ?1", sqlite3_column_int64(s, 0),
                   prev, hash);
        memcpy(prev, hash, SHA256_SIZE);
    }
    sqlite3_finalize(s);
    chain_reader_free(r);
}

/* One row's digest, after docs/database.md: the table's columns in their order, an archive with what it left behind. */
static void add_past(struct text *t, sqlite3 *h, const char *title, const char *sql, int64_t archive)
{
    sqlite3_stmt *s = ask(h, sql);

    sqlite3_bind_int64(s, 1, archive);
    while (sqlite3_step(s) == SQLITE_ROW) {
        add(t, title, strlen(title));
        add_columns(t, s, 0, sqlite3_column_count(s));
    }
    sqlite3_finalize(s);
}

static bool digest_of(sqlite3 *h, const char *table, int64_t row, uint8_t out[static SHA256_SIZE])
{
    bool chained = strcmp(table, "chain") == 0 || strcmp(table, "audit") == 0;
    char sql[160];
    struct text t = {.len = 0};

    snprintf(sql, sizeof sql, "SELECT %s FROM %s WHERE rowid = ?", chained ? "hash" : "*", table);
    sqlite3_stmt *s = ask(h, sql);
    sqlite3_bind_int64(s, 1, row);
    bool there = sqlite3_step(s) == SQLITE_ROW;
    if (there && chained) {
        memcpy(out, sqlite3_column_blob(s, 0), SHA256_SIZE);
    } else if (there) {
        char title[64];
        add(&t, title, (size_t)snprintf(title, sizeof title, "flashline row 1\n%s\n", table));
        /* What came later stands in the form where it holds something. */
        bool grew = strcmp(table, "lot") == 0 || strcmp(table, "correction") == 0;
        add_columns(&t, s, 0, grew ? 6 : sqlite3_column_count(s));
        for (int i = 6; grew && i < sqlite3_column_count(s); i++)
            add_columns(&t, s, i, sqlite3_column_type(s, i) != SQLITE_NULL);
        if (strcmp(table, "archive") == 0) {
            add_past(&t, h, "unit_past\n",
                     "SELECT unit_id, attempts, passes, training_attempts, last_pass FROM unit_past"
                     " WHERE archive_id = ? ORDER BY unit_id",
                     row);
            add_past(&t, h, "lot_past\n",
                     "SELECT lot_id, training, unit_id FROM lot_past WHERE archive_id = ?"
                     " ORDER BY lot_id, training, unit_id",
                     row);
            add_past(&t, h, "serial_past\n",
                     "SELECT serial, unit_id, training, passes, last_attempt FROM serial_past"
                     " WHERE archive_id = ? ORDER BY serial, unit_id, training",
                     row);
            add_past(&t, h, "tried_past\n",
                     "SELECT lot_id, training, unit_id, attempts, last_attempt, last_result FROM tried_past"
                     " WHERE archive_id = ? ORDER BY lot_id, training, unit_id",
                     row);
            add_past(
                &t, h, "word_past\n",
                "SELECT correction_id, unit_id FROM word_past WHERE archive_id = ? ORDER BY correction_id",
                row);
        }
        digest_sha256(t.bytes, t.len, out);
    }
    sqlite3_finalize(s);
    return there;
}

static void run(sqlite3 *h, const char *sql)
{
    if (sqlite3_exec(h, sql, NULL, NULL, NULL) != SQLITE_OK)
        fail_msg("%s: %s", sql, sqlite3_errmsg(h));
}

static void set_digest(sqlite3 *h, const char *sql, int64_t seq, const char *table, int64_t row,
                       const uint8_t *digest)
{
    sqlite3_stmt *s = ask(h, sql);

    sqlite3_bind_int64(s, 1, seq);
    sqlite3_bind_text(s, 2, table, -1, SQLITE_TRANSIENT);
    sqlite3_bind_int64(s, 3, row);
    sqlite3_bind_blob(s, 4, digest, SHA256_SIZE, SQLITE_TRANSIENT);
    assert_int_equal(sqlite3_step(s), SQLITE_DONE);
    sqlite3_finalize(s);
}

#define ADD_ENTRY \
    "INSERT INTO journal(tbl, row, digest, hash) SELECT ?2, ?3, ?4, zeroblob(32) WHERE ?1 IS NOT NULL"
#define SET_ENTRY "UPDATE journal SET digest = ?4 WHERE seq = ?1 AND tbl = ?2 AND row = ?3"

/* The newest entry of each row says what is there now, or one more does; entries of rows that are gone go too. */
static void enter_changes(sqlite3 *h, bool append)
{
    sqlite3_stmt *s = ask(
        h,
        "SELECT max(seq), tbl, row, digest FROM journal WHERE tbl NOT LIKE 'base %' AND tbl <> 'other' GROUP BY tbl, row");

    run(h, "CREATE TEMP TABLE gone(seq INTEGER)");
    while (sqlite3_step(s) == SQLITE_ROW) {
        const char *table = (const char *)sqlite3_column_text(s, 1);
        int64_t seq = sqlite3_column_int64(s, 0), row = sqlite3_column_int64(s, 2);
        uint8_t digest[SHA256_SIZE];
        if (!digest_of(h, table, row, digest))
            set_digest(
                h, "INSERT INTO gone SELECT seq FROM journal WHERE tbl = ?2 AND row = ?3 AND ?1 IS NOT ?4",
                seq, table, row, digest);
        else if (memcmp(digest, sqlite3_column_blob(s, 3), SHA256_SIZE) != 0)
            set_digest(h, append ? ADD_ENTRY : SET_ENTRY, seq, table, row, digest);
    }
    sqlite3_finalize(s);
    run(h,
        "DELETE FROM journal WHERE seq IN (SELECT seq FROM gone) AND (tbl <> 'chain' OR row > coalesce((SELECT max(last_seq) FROM archive), 0))");
}

/* Rows without an entry get one at the end: the audit's last, for they explain the others. */
static void enter_new(sqlite3 *h)
{
    static const char *const tables[] = {
        "archive", "backup",   "chain", "correction",   "identity_act", "identity_act_done",
        "event",   "firmware", "job",   "lot",          "operator",     "run",
        "slot",    "station",  "stop",  "stop_release", "unit",         "audit"};
    for (size_t i = 0; i < sizeof tables / sizeof tables[0]; i++) {
        char sql[200];
        uint8_t digest[SHA256_SIZE];
        snprintf(sql, sizeof sql,
                 "SELECT rowid FROM %s WHERE rowid NOT IN (SELECT row FROM journal WHERE tbl = '%s')",
                 tables[i], tables[i]);
        sqlite3_stmt *s = ask(h, sql);
        while (sqlite3_step(s) == SQLITE_ROW) {
            assert_true(digest_of(h, tables[i], sqlite3_column_int64(s, 0), digest));
            set_digest(h, ADD_ENTRY, 1, tables[i], sqlite3_column_int64(s, 0), digest);
        }
        sqlite3_finalize(s);
    }
}

static void rehash(sqlite3 *h)
{
    sqlite3_stmt *s;
    uint8_t hash[SHA256_SIZE] = {0};

    run(h,
        "CREATE TEMP TABLE renumbered AS SELECT row_number() OVER (ORDER BY seq) AS seq, tbl, row, digest, hash FROM journal;"
        "DELETE FROM journal; INSERT INTO journal SELECT * FROM renumbered;"
        "UPDATE sqlite_sequence SET seq = (SELECT max(seq) FROM journal) WHERE name = 'journal'");
    s = ask(h, "SELECT seq, tbl, row, digest FROM journal ORDER BY seq");
    while (sqlite3_step(s) == SQLITE_ROW) {
        static const char title[] = "flashline journal 1\n";
        struct text t = {.len = 0};
        add(&t, hash, SHA256_SIZE);
        add(&t, title, sizeof title - 1);
        add_columns(&t, s, 0, 4);
        digest_sha256(t.bytes, t.len, hash);
        put_hashes(h, "UPDATE journal SET hash = ?3 WHERE seq = ?1 AND ?2 IS NOT NULL",
                   sqlite3_column_int64(s, 0), hash, hash);
    }
    sqlite3_finalize(s);
}

/* What each audit row stands for, counted back from its own entry. */
static void forge_facts(sqlite3 *h)
{
    sqlite3_stmt *s = ask(
        h,
        "SELECT j.seq, a.id, a.facts FROM journal j JOIN audit a ON a.id = j.row WHERE j.tbl = 'audit' AND a.facts > 0");

    while (sqlite3_step(s) == SQLITE_ROW) {
        struct text t = {.len = 0};
        uint8_t sha256[SHA256_SIZE];
        sqlite3_stmt *d = ask(h, "SELECT digest FROM journal WHERE seq >= ?1 - ?2 AND seq < ?1 ORDER BY seq");
        sqlite3_bind_int64(d, 1, sqlite3_column_int64(s, 0));
        sqlite3_bind_int64(d, 2, sqlite3_column_int64(s, 2));
        while (sqlite3_step(d) == SQLITE_ROW)
            add(&t, sqlite3_column_blob(d, 0), SHA256_SIZE);
        sqlite3_finalize(d);
        digest_sha256(t.bytes, t.len, sha256);
        put_hashes(h, "UPDATE audit SET facts_sha256 = ?3 WHERE id = ?1 AND ?2 IS NOT NULL",
                   sqlite3_column_int64(s, 1), sha256, sha256);
    }
    sqlite3_finalize(s);
}

void forge_journal(sqlite3 *h, bool append, bool audit_too)
{
    enter_changes(h, append);
    enter_new(h);
    rehash(h); /* gives the entries their numbers */
    if (audit_too) {
        forge_facts(h);
        forge_audit(h);
        run(h,
            "UPDATE journal SET digest = (SELECT hash FROM audit WHERE id = row) WHERE tbl = 'audit'; DROP TABLE renumbered");
        rehash(h);
    }
}

char *forge_triggers_off(sqlite3 *h)
{
    sqlite3_stmt *s = ask(h, "SELECT name, sql FROM sqlite_schema WHERE type = 'trigger' ORDER BY rowid");
    char *drops = sqlite3_mprintf(""), *makes = sqlite3_mprintf("");

    while (sqlite3_step(s) == SQLITE_ROW) {
        char *d = sqlite3_mprintf("%s DROP TRIGGER %s;", drops, sqlite3_column_text(s, 0));
        char *m = sqlite3_mprintf("%s %s;", makes, sqlite3_column_text(s, 1));
        sqlite3_free(drops);
        sqlite3_free(makes);
        drops = d;
        makes = m;
    }
    sqlite3_finalize(s);
    run(h, drops);
    sqlite3_free(drops);
    return makes;
}
