/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "db/care/verify_private.h"
#include "db/desk/work.h"
#include "db/open/canon.h"
#include "db/open/journal.h"
#include "db/open/journal_form.h"
#include "db/open/sql.h"

#define TOLD_MAX 3 /* findings of one table; more of them say nothing new */

/* An entry that only a person's act explains, until the audit row that stands for it is met. */
struct act {
    int64_t seq, row;
    enum journal_table table;
    uint8_t digest[SHA256_SIZE];
};

struct journal_check {
    sqlite3 *h;
    struct verify_report *r;
    struct journal_rows *rows;
    struct {
        int64_t row;
        uint8_t digest[SHA256_SIZE];
    } base[J_COUNT]; /* old rows, up to `row` */
    bool asked;      /* to archive, by a row of the audit, and not done yet */
    bool has_facts;  /* entries of this format's own were met: no base may follow */
    struct act *acts;
    size_t count, size;
    sqlite3_stmt *archives; /* the ends of the archives, in step with the entries of the links they took */
    int64_t archived; /* last link that one of them took; the rows themselves are checked like any others */
};

static bool same(sqlite3_stmt *s, int column, const uint8_t hash[static SHA256_SIZE])
{
    return sqlite3_column_bytes(s, column) == SHA256_SIZE &&
           memcmp(sqlite3_column_blob(s, column), hash, SHA256_SIZE) == 0;
}

/* Tables whose rows are made by a person's act alone, which stands in the audit. */
static bool is_act(enum journal_table t)
{
    return t == J_operator || t == J_lot || t == J_correction || t == J_stop_release || t == J_identity_act ||
           t == J_pool || t == J_pool_block;
}

static int keep_act(struct journal_check *c, enum journal_table t, sqlite3_stmt *s)
{
    if (c->count == c->size) {
        size_t size = c->size == 0 ? 64 : 2 * c->size;
        struct act *grown = realloc(c->acts, size * sizeof *grown);
        if (grown == NULL)
            return SQLITE_NOMEM;
        c->acts = grown;
        c->size = size;
    }
    struct act *a = &c->acts[c->count++];
    *a = (struct act){.seq = sqlite3_column_int64(s, 0), .row = sqlite3_column_int64(s, 2), .table = t};
    memcpy(a->digest, sqlite3_column_blob(s, 3), SHA256_SIZE);
    return SQLITE_OK;
}

/* The digest that an audit row carries of the `facts` entries right before its own. */
static int digest_facts(sqlite3 *h, int64_t seq, int64_t facts, uint8_t out[static SHA256_SIZE])
{
    struct canon all = {0};
    sqlite3_stmt *s = sql_prepare(h, "SELECT digest FROM journal WHERE seq >= ? AND seq < ? ORDER BY seq",
                                  "ll", seq - facts, seq);
    int rc = s == NULL ? sqlite3_errcode(h) : SQLITE_ROW;

    while (s != NULL && (rc = sqlite3_step(s)) == SQLITE_ROW)
        canon_bytes(&all, sqlite3_column_blob(s, 0), (size_t)sqlite3_column_bytes(s, 0));
    sqlite3_finalize(s);
    int end = canon_finish(&all, out);
    return rc == SQLITE_DONE ? end : rc;
}

/* An audit row explains the entries right before it, as many as it says. */
static int meet_audit(struct journal_check *c, int64_t seq, int64_t id)
{
    sqlite3_stmt *s =
        sql_prepare(c->h, "SELECT facts, facts_sha256, action FROM audit WHERE id = ?", "l", id);
    uint8_t digest[SHA256_SIZE];
    int rc = s == NULL ? sqlite3_errcode(c->h) : sqlite3_step(s);
    int64_t facts = rc == SQLITE_ROW ? sqlite3_column_int64(s, 0) : 0;

    if (rc == SQLITE_ROW && strcmp(sql_text(s, 2), work_action_name(WORK_ARCHIVE)) == 0)
        c->asked = true;

    if (rc == SQLITE_ROW && facts > 0 && facts < seq) {
        rc = digest_facts(c->h, seq, facts, digest);
        if (rc == SQLITE_OK && !same(s, 1, digest))
            verify_bad(c->r, -1,
                       "audit row %lld stands for other rows than the journal has before it (entry %lld)",
                       (long long)id, (long long)seq);
        while (rc == SQLITE_OK && c->count > 0 && c->acts[c->count - 1].seq >= seq - facts)
            c->count--;
    }
    sqlite3_finalize(s);
    return rc == SQLITE_ROW || rc == SQLITE_DONE ? SQLITE_OK : rc;
}

/* Of the first entries: what an older format left. False: the name is no such entry's. */
static bool meet_base(struct journal_check *c, const char *table, sqlite3_stmt *s)
{
    const size_t skip = sizeof JOURNAL_BASE - 1;
    int64_t seq = sqlite3_column_int64(s, 0), row = sqlite3_column_int64(s, 2);

    if (strncmp(table, JOURNAL_BASE, skip) != 0)
        return false;
    enum journal_table t = journal_table_find(table + skip);
    if (c->has_facts || (t == J_COUNT && strcmp(table, JOURNAL_FORMAT) != 0)) {
        verify_bad(c->r, -1, "journal entry %lld begins the journal a second time: it was forged",
                   (long long)seq);
    } else if (t != J_COUNT) {
        c->base[t].row = row;
        if (!sql_hash(s, 3, c->base[t].digest))
            verify_bad(c->r, -1, "journal entry %lld has no digest", (long long)seq);
    } else {
        c->has_facts = true;
        c->count = 0; /* what was there before is nobody's act of now */
        verify_note(
            c->r,
            "rows before journal entry %lld are covered by the rules of format %lld: up to record %lld and audit row"
            " %lld the two chains, of the rest nothing from before the update",
            (long long)seq + 1, (long long)row, (long long)c->base[J_chain].row,
            (long long)c->base[J_audit].row);
    }
    return true;
}

static int meet_entry(struct journal_check *c, sqlite3_stmt *s)
{
    const char *table = sql_text(s, 1);
    int64_t seq = sqlite3_column_int64(s, 0), row = sqlite3_column_int64(s, 2);
    enum journal_table t = journal_table_find(table);

    if (meet_base(c, table, s))
        return SQLITE_OK;
    if (t == J_COUNT)
        verify_bad(c->r, -1, "journal entry %lld names a table that there is not: %.32s", (long long)seq,
                   table);
    /* Of these tables an update enters all rows together; one by one they are of this format's own time. */
    if (t != J_COUNT && journal_table_before(t) != JOURNAL_EACH)
        c->has_facts = true;
    if (t == J_audit)
        return meet_audit(c, seq, row);
    /* Leave to archive stands in the audit right before; a row of an older format has its entry before any other. */
    if (t == J_archive && c->has_facts && !c->asked)
        verify_bad(c->r, -1, "archive %lld is what no row of the audit explains (journal entry %lld)",
                   (long long)row, (long long)seq);
    if (t == J_archive)
        c->asked = false;
    return t != J_COUNT && is_act(t) ? keep_act(c, t, s) : SQLITE_OK;
}

/* Entry by entry: in its place, after its predecessor, true to itself. */
static int walk(struct journal_check *c)
{
    sqlite3_stmt *s =
        sql_prepare(c->h, "SELECT seq, tbl, \"row\", digest, hash FROM journal ORDER BY seq", "");
    int rc = s == NULL ? sqlite3_errcode(c->h) : SQLITE_ROW;
    uint8_t hash[SHA256_SIZE];

    while (s != NULL && (rc = sqlite3_step(s)) == SQLITE_ROW) {
        int64_t seq = sqlite3_column_int64(s, 0), want = c->r->journal_seq + 1;
        if (seq != want || sqlite3_column_bytes(s, 3) != SHA256_SIZE) {
            verify_bad(c->r, -1, "journal entry %lld is missing", (long long)want);
            break;
        }
        rc = journal_entry_hash(c->r->journal, seq, sql_text(s, 1), sqlite3_column_int64(s, 2),
                                sqlite3_column_blob(s, 3), hash);
        if (rc == SQLITE_OK && !same(s, 4, hash)) {
            verify_bad(c->r, -1, "journal entry %lld was changed, or one before it", (long long)seq);
            break;
        }
        if (rc == SQLITE_OK)
            rc = meet_entry(c, s);
        if (rc != SQLITE_OK)
            break;
        c->r->journal_seq = seq;
        memcpy(c->r->journal, hash, SHA256_SIZE);
    }
    sqlite3_finalize(s);
    return rc == SQLITE_DONE || rc == SQLITE_ROW ? SQLITE_OK : rc;
}

/* SQLite remembers the highest number ever given. */
static int check_end(struct journal_check *c)
{
    int64_t given = 0;
    int rc = sql_int(c->h, &given, 0, "SELECT seq FROM sqlite_sequence WHERE name = 'journal'", "");

    if ((rc == SQLITE_ROW || rc == SQLITE_DONE) && given != c->r->journal_seq)
        verify_bad(c->r, -1, "journal entry %lld is missing: the end of the journal was cut off",
                   (long long)c->r->journal_seq + 1);
    return rc == SQLITE_ROW || rc == SQLITE_DONE ? SQLITE_OK : rc;
}

/* Entries by table and row, the newest of each row: what the row must be now. */
struct newest {
    sqlite3_stmt *s;
    int rc; /* SQLITE_ROW: the fields below hold one */
    enum journal_table table;
    int64_t row, seq;
    uint8_t digest[SHA256_SIZE];
    bool more; /* the statement stands on the entry after it */
    bool end;  /* it has none left, and would begin again */
};

static void newest_next(struct newest *n)
{
    bool has = false;

    for (;;) {
        int rc = n->more ? SQLITE_ROW : n->end ? SQLITE_DONE : sqlite3_step(n->s);
        n->more = false;
        n->end = rc == SQLITE_DONE;
        if (rc != SQLITE_ROW) {
            n->rc = has ? SQLITE_ROW : rc;
            return;
        }
        enum journal_table t = journal_table_find(sql_text(n->s, 0));
        int64_t row = sqlite3_column_int64(n->s, 1);
        if (t == J_COUNT || sqlite3_column_bytes(n->s, 3) != SHA256_SIZE)
            continue; /* an older format's, or told of before */
        if (has && (t != n->table || row != n->row)) {
            n->more = true;
            n->rc = SQLITE_ROW;
            return;
        }
        has = true;
        n->table = t;
        n->row = row;
        n->seq = sqlite3_column_int64(n->s, 2);
        memcpy(n->digest, sqlite3_column_blob(n->s, 3), SHA256_SIZE);
    }
}

/* A row as people know it: an operator or lot by its name. */
static void name_row(sqlite3 *h, enum journal_table t, int64_t row, char out[static 96])
{
    char name[64] = "";

    if (t == J_operator || t == J_lot) {
        sqlite3_stmt *s = sql_prepare(
            h, t == J_lot ? "SELECT code FROM lot WHERE id = ?" : "SELECT name FROM operator WHERE id = ?",
            "l", row);
        if (s != NULL && sqlite3_step(s) == SQLITE_ROW)
            sql_copy_text(s, 0, name, sizeof name);
        sqlite3_finalize(s);
    }
    snprintf(out, 96, "%s %lld%s%s", journal_table_name(t), (long long)row, name[0] != '\0' ? ", " : "",
             name);
}

static void tell_row(struct journal_check *c, enum journal_table t, int64_t row, int64_t seq,
                     const char *what, int *told)
{
    char name[96];

    name_row(c->h, t, row, name);
    if (++*told > TOLD_MAX)
        return;
    if (seq != 0)
        verify_bad(c->r, -1, "%s %s since journal entry %lld", name, what, (long long)seq);
    else
        verify_bad(c->r, -1, "%s %s", name, what);
}

/* A link that an archive took; the last one's hash stands in the archive's row. */
static void archived_link(struct journal_check *c, const struct newest *n)
{
    while (sqlite3_data_count(c->archives) > 0 && sqlite3_column_int64(c->archives, 0) < n->row)
        sqlite3_step(c->archives);
    if (sqlite3_data_count(c->archives) > 0 && sqlite3_column_int64(c->archives, 0) == n->row &&
        !same(c->archives, 1, n->digest))
        verify_bad(c->r, -1,
                   "archive: the hash of record %lld, its last, is not the one of journal entry %lld",
                   (long long)n->row, (long long)n->seq);
}

/* An entry whose row is not there: fine for a link that an archive took. */
static void no_row(struct journal_check *c, const struct newest *n, int *told)
{
    if (n->table == J_chain && n->row <= c->archived)
        archived_link(c, n);
    else
        tell_row(c, n->table, n->row, n->seq, "was removed", told);
}

struct old_rows {
    struct canon all;
    uint8_t last[SHA256_SIZE];
};

/* Old rows are held together, by one digest or by the last one's hash. */
static void check_base(struct journal_check *c, enum journal_table t, struct old_rows *old, bool any)
{
    uint8_t sum[SHA256_SIZE];
    const uint8_t *is = journal_table_before(t) == JOURNAL_LAST ? old->last : sum;

    if (canon_finish(&old->all, sum) != SQLITE_OK || c->base[t].row == 0)
        return;
    if (t == J_chain && c->base[t].row <= c->archived)
        return;
    if (!any || memcmp(is, c->base[t].digest, SHA256_SIZE) != 0)
        verify_bad(
            c->r, -1,
            "%s: a row up to number %lld, from before the journal, was changed, added or removed since",
            journal_table_name(t), (long long)c->base[t].row);
}

static int check_table(struct journal_check *c, enum journal_table t, struct newest *n)
{
    struct old_rows old = {0};
    uint8_t digest[SHA256_SIZE];
    int64_t row, base = c->base[t].row;
    bool any = false;
    int rc, told = 0;

    while ((rc = journal_rows_next(c->rows, t, &row, digest)) == SQLITE_ROW) {
        for (; n->rc == SQLITE_ROW && n->table == t && n->row < row; newest_next(n))
            no_row(c, n, &told);
        bool entered = n->rc == SQLITE_ROW && n->table == t && n->row == row;
        if (row <= base) {
            any = true;
            canon_bytes(&old.all, digest, SHA256_SIZE);
            memcpy(old.last, digest, SHA256_SIZE);
        } else if (!entered) {
            tell_row(c, t, row, 0, "stands in no entry of the journal: it was added by no station", &told);
        } else if (memcmp(digest, n->digest, SHA256_SIZE) != 0) {
            tell_row(c, t, row, n->seq, "was changed", &told);
        }
        if (entered)
            newest_next(n);
    }
    for (; n->rc == SQLITE_ROW && n->table == t; newest_next(n))
        no_row(c, n, &told);
    check_base(c, t, &old, any);
    return rc == SQLITE_DONE ? SQLITE_OK : rc;
}

static int check_rows(struct journal_check *c)
{
    struct newest n = {.s = sql_prepare(c->h,
                                        "SELECT tbl, \"row\", seq, digest FROM journal"
                                        " ORDER BY tbl, \"row\", seq",
                                        "")};
    int rc = n.s == NULL ? sqlite3_errcode(c->h) : SQLITE_OK;

    if (rc == SQLITE_OK)
        newest_next(&n);
    for (int t = 0; t < J_COUNT && rc == SQLITE_OK; t++)
        rc = check_table(c, (enum journal_table)t, &n);
    if (rc == SQLITE_OK && n.rc != SQLITE_DONE)
        rc = n.rc == SQLITE_ROW ? SQLITE_OK : n.rc;
    sqlite3_finalize(n.s);
    return rc;
}

/* Acts that no audit row explains: fine only for what the recorder itself makes, names nobody announced and practice. */
static int check_acts(struct journal_check *c)
{
    int told = 0, rc = SQLITE_OK;

    for (size_t i = 0; i < c->count && rc == SQLITE_OK; i++) {
        const struct act *a = &c->acts[i];
        uint8_t digest[SHA256_SIZE] = {0};
        int64_t own = 0;
        if (a->table == J_operator || a->table == J_lot)
            rc = journal_rows_unannounced(c->rows, a->table, a->row, digest);
        else if (a->table == J_stop_release)
            rc = sql_int(c->h, &own, 0,
                         "SELECT 1 FROM stop_release r JOIN stop s ON s.id = r.stop_id"
                         " WHERE r.stop_id = ? AND r.actor = '' AND s.training = 1",
                         "l", a->row);
        rc = rc == SQLITE_NOTFOUND || rc == SQLITE_ROW || rc == SQLITE_DONE ? SQLITE_OK : rc;
        if (rc == SQLITE_OK && own == 0 && memcmp(digest, a->digest, SHA256_SIZE) != 0)
            tell_row(c, a->table, a->row, a->seq, "is what no row of the audit explains", &told);
    }
    return rc;
}

int verify_journal(sqlite3 *h, struct verify_report *r)
{
    struct journal_check c = {
        .h = h,
        .r = r,
        .rows = journal_rows_new(h),
        .archives = sql_prepare(h, "SELECT last_seq, last_hash FROM archive ORDER BY last_seq", "")};
    int rc = c.rows == NULL ? SQLITE_NOMEM : c.archives == NULL ? sqlite3_errcode(h) : SQLITE_OK;

    if (rc == SQLITE_OK)
        rc = sql_int(h, &c.archived, 0, "SELECT max(last_seq) FROM archive", "");
    if (rc == SQLITE_ROW) {
        sqlite3_step(c.archives);
        rc = walk(&c);
    }
    if (rc == SQLITE_OK)
        rc = check_end(&c);
    if (rc == SQLITE_OK)
        rc = check_rows(&c);
    if (rc == SQLITE_OK)
        rc = check_acts(&c);
    journal_rows_free(c.rows);
    sqlite3_finalize(c.archives);
    free(c.acts);
    return rc;
}
