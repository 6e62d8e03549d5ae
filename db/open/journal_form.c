/* SPDX-License-Identifier: Apache-2.0 */
#include "db/open/journal_form.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "db/open/canon.h"
#include "db/open/sql.h"

#define SQL_SIZE 768

static const struct {
    const char *name, *columns;
    enum journal_before before;
} tables[] = {
#define X(name, columns, before) {#name, columns, JOURNAL_##before},
    JOURNAL_TABLES(X)
#undef X
};

const char *journal_table_name(enum journal_table t)
{
    return tables[t].name;
}

enum journal_before journal_table_before(enum journal_table t)
{
    return tables[t].before;
}

enum journal_table journal_table_find(const char *name)
{
    int t = 0;

    while (t < J_COUNT && strcmp(tables[t].name, name) != 0)
        t++;
    return (enum journal_table)t;
}

/* Of an archive: what it left behind, which nobody could tell from its attempts any more. Later tables may not be there yet. */
static const struct {
    const char *table, *sql;
} pasts[] = {
    {"unit_past",
     "SELECT unit_id AS unit_id, attempts AS attempts, passes AS passes, training_attempts AS"
     " training_attempts, last_pass AS last_pass FROM unit_past WHERE archive_id = ? ORDER BY unit_id"},
    {"lot_past", "SELECT lot_id AS lot_id, training AS training, unit_id AS unit_id FROM lot_past"
                 " WHERE archive_id = ? ORDER BY lot_id, training, unit_id"},
    {"serial_past",
     "SELECT serial AS serial, unit_id AS unit_id, training AS training, passes AS passes, last_attempt"
     " AS last_attempt FROM serial_past WHERE archive_id = ? ORDER BY serial, unit_id, training"},
    {"tried_past",
     "SELECT lot_id AS lot_id, training AS training, unit_id AS unit_id, attempts AS attempts, last_attempt AS last_attempt,"
     " last_result AS last_result FROM tried_past WHERE archive_id = ? ORDER BY lot_id, training, unit_id"},
    {"word_past",
     "SELECT correction_id AS correction_id, unit_id AS unit_id FROM word_past WHERE archive_id = ?"
     " ORDER BY correction_id"},
};

#define PASTS ((int)(sizeof pasts / sizeof pasts[0]))

struct journal_rows {
    sqlite3 *h;
    sqlite3_stmt *one[J_COUNT], *all[J_COUNT], *past[PASTS];
};

struct journal_rows *journal_rows_new(sqlite3 *h)
{
    struct journal_rows *r = calloc(1, sizeof *r);

    if (r != NULL)
        r->h = h;
    return r;
}

void journal_rows_free(struct journal_rows *r)
{
    if (r == NULL)
        return;
    for (int t = 0; t < J_COUNT; t++) {
        sqlite3_finalize(r->one[t]);
        sqlite3_finalize(r->all[t]);
    }
    for (int p = 0; p < PASTS; p++)
        sqlite3_finalize(r->past[p]);
    free(r);
}

static bool has_column(sqlite3 *h, const char *table, const char *column)
{
    int64_t there = 0;

    return sql_int(h, &there, 0, "SELECT 1 FROM pragma_table_info(?) WHERE name = ?", "tt", table, column) ==
           SQLITE_ROW;
}

/*
 * "SELECT id AS id, .. FROM table REST", once: the names are spelled out, SQLite promises them no other way. The key stands for
 * the %s in `rest`. SQLITE_DONE: there is no such table.
 */
static int prepare_rows(struct journal_rows *r, sqlite3_stmt **s, enum journal_table t, const char *rest)
{
    char columns[256], sql[SQL_SIZE], *next = NULL;
    size_t len = 0;

    if (*s != NULL)
        return SQLITE_OK;
    snprintf(columns, sizeof columns, "%s", tables[t].columns);
    for (char *c = strtok_r(columns, " ", &next); c != NULL; c = strtok_r(NULL, " ", &next)) {
        bool later = *c == '+', there = !later || has_column(r->h, tables[t].name, c + 1);
        c += later;
        len +=
            (size_t)snprintf(sql + len, sizeof sql - len, there ? "%s \"%s\" AS \"%s\"" : "%s NULL AS \"%s\"",
                             len == 0 ? "SELECT" : ",", c, c);
    }
    len += (size_t)snprintf(sql + len, sizeof sql - len, " FROM \"%s\" ", tables[t].name);
    columns[strcspn(columns, " ")] = '\0'; /* the first one is left: the key */
    sqlite3_snprintf((int)(sizeof sql - len), sql + len, rest, columns);
    int rc = sqlite3_prepare_v2(r->h, sql, -1, s, NULL);
    /* A file of an earlier format lacks a table of a later one: it has no rows. */
    return rc == SQLITE_ERROR && !has_column(r->h, tables[t].name, columns) ? SQLITE_DONE : rc;
}

static int add_past(struct journal_rows *r, struct canon *c, int p, int64_t archive)
{
    sqlite3_stmt **s = &r->past[p];
    int rc = SQLITE_OK;

    if (*s == NULL && !has_column(r->h, pasts[p].table, "archive_id"))
        return SQLITE_OK; /* a file that is being updated has none yet */
    if (*s == NULL)
        rc = sqlite3_prepare_v2(r->h, pasts[p].sql, -1, s, NULL);
    if (rc == SQLITE_OK)
        rc = sqlite3_bind_int64(*s, 1, archive);
    while (rc == SQLITE_OK && (rc = sqlite3_step(*s)) == SQLITE_ROW) {
        rc = SQLITE_OK;
        canon_text(c, pasts[p].table);
        canon_text(c, "\n");
        for (int i = 0; i < sqlite3_column_count(*s); i++)
            canon_column(c, *s, i);
    }
    sqlite3_reset(*s);
    return rc == SQLITE_DONE ? SQLITE_OK : rc;
}

/* Does the form of `t` leave out column `i` where it holds nothing? */
static bool is_later(enum journal_table t, int i)
{
    const char *c = tables[t].columns;

    while (i-- > 0)
        c += strcspn(c, " ") + 1;
    return *c == '+';
}

static int digest_row(struct journal_rows *r, sqlite3_stmt *s, enum journal_table t,
                      uint8_t digest[static SHA256_SIZE])
{
    struct canon c = {0};
    int rc = SQLITE_OK;

    if (t == J_chain || t == J_audit) {
        memset(digest, 0, SHA256_SIZE);
        if (sqlite3_column_bytes(s, 1) == SHA256_SIZE && sqlite3_column_blob(s, 1) != NULL)
            memcpy(digest, sqlite3_column_blob(s, 1), SHA256_SIZE);
        return SQLITE_OK;
    }
    canon_text(&c, "flashline row 1\n");
    canon_text(&c, tables[t].name);
    canon_text(&c, "\n");
    for (int i = 0; i < sqlite3_column_count(s); i++) {
        if (!is_later(t, i) || sqlite3_column_type(s, i) != SQLITE_NULL)
            canon_column(&c, s, i);
    }
    for (int p = 0; t == J_archive && p < PASTS && rc == SQLITE_OK; p++)
        rc = add_past(r, &c, p, sqlite3_column_int64(s, 0));
    int end = canon_finish(&c, digest);
    return rc != SQLITE_OK ? rc : end;
}

int journal_rows_one(struct journal_rows *r, enum journal_table t, int64_t row,
                     uint8_t digest[static SHA256_SIZE])
{
    int rc = prepare_rows(r, &r->one[t], t, "WHERE \"%s\" = ?");

    if (rc == SQLITE_OK)
        rc = sqlite3_bind_int64(r->one[t], 1, row);
    if (rc != SQLITE_OK)
        return rc == SQLITE_DONE ? SQLITE_NOTFOUND : rc;
    rc = sqlite3_step(r->one[t]);
    if (rc == SQLITE_ROW)
        rc = digest_row(r, r->one[t], t, digest);
    else if (rc == SQLITE_DONE)
        rc = SQLITE_NOTFOUND;
    sqlite3_reset(r->one[t]);
    return rc;
}

int journal_rows_next(struct journal_rows *r, enum journal_table t, int64_t *row,
                      uint8_t digest[static SHA256_SIZE])
{
    int rc = prepare_rows(r, &r->all[t], t, "ORDER BY \"%s\"");

    if (rc != SQLITE_OK)
        return rc;
    if ((rc = sqlite3_step(r->all[t])) != SQLITE_ROW) {
        sqlite3_reset(r->all[t]);
        return rc;
    }
    *row = sqlite3_column_int64(r->all[t], 0);
    rc = digest_row(r, r->all[t], t, digest);
    return rc == SQLITE_OK ? SQLITE_ROW : rc;
}

int journal_rows_unannounced(struct journal_rows *r, enum journal_table t, int64_t row,
                             uint8_t digest[static SHA256_SIZE])
{
    static const char person[] =
        "SELECT id AS id, name AS name, 'operator' AS role, NULL AS badge_salt, NULL AS badge_hash, NULL AS pin_salt,"
        " NULL AS pin_hash, 1 AS active, created_ms AS created_ms FROM operator WHERE id = ?";
    static const char lot[] =
        "SELECT id AS id, code AS code, NULL AS work_order, 0 AS planned, opened_ms AS opened_ms,"
        " NULL AS closed_ms FROM lot WHERE id = ?";
    sqlite3_stmt *s = sql_prepare(r->h, t == J_lot ? lot : person, "l", row);
    int rc = s == NULL ? sqlite3_errcode(r->h) : sqlite3_step(s);

    if (rc == SQLITE_ROW)
        rc = digest_row(r, s, t, digest);
    else if (rc == SQLITE_DONE)
        rc = SQLITE_NOTFOUND;
    sqlite3_finalize(s);
    return rc;
}

int journal_entry_hash(const uint8_t prev[static SHA256_SIZE], int64_t seq, const char *table, int64_t row,
                       const uint8_t digest[static SHA256_SIZE], uint8_t hash[static SHA256_SIZE])
{
    struct canon c = {0};
    char text[160], n[32], m[32];
    int seq_len = snprintf(n, sizeof n, "%lld", (long long)seq);
    int row_len = snprintf(m, sizeof m, "%lld", (long long)row);

    snprintf(text, sizeof text,
             "flashline journal 1\nseq i %d %s\ntbl t %zu %.32s\nrow i %d %s\ndigest b 32 ", seq_len, n,
             strnlen(table, 32), table, row_len, m);
    canon_bytes(&c, prev, SHA256_SIZE);
    canon_text(&c, text);
    canon_bytes(&c, digest, SHA256_SIZE);
    canon_text(&c, "\n");
    return canon_finish(&c, hash);
}
