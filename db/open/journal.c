/* SPDX-License-Identifier: Apache-2.0 */
#include "db/open/journal.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "db/open/canon.h"
#include "db/open/journal_form.h"
#include "db/open/sql.h"

struct touched {
    enum journal_table table;
    int64_t row;
};

struct journal {
    sqlite3 *h;
    bool on, failed; /* failed: out of memory inside the hook; told by journal_write() */
    struct touched *rows;
    size_t count, size;
};

#define LOOK_BACK 8 /* a row is often touched twice in a transaction, one statement after the other */

static bool is_noted(const struct journal *j, enum journal_table t, int64_t row)
{
    for (size_t i = j->count; i > 0 && i + LOOK_BACK > j->count; i--) {
        if (j->rows[i - 1].table == t && j->rows[i - 1].row == row)
            return true;
    }
    return false;
}

/* SQLite calls it for every row written, also by a trigger; the connection must be left alone meanwhile. */
static void touch(void *ctx, int op, const char *schema, const char *table, sqlite3_int64 row)
{
    struct journal *j = ctx;
    enum journal_table t = !j->on || op == SQLITE_DELETE ? J_COUNT : journal_table_find(table);

    (void)schema;
    if (t == J_COUNT || is_noted(j, t, row))
        return;
    if (j->count == j->size) {
        size_t size = j->size == 0 ? 64 : 2 * j->size;
        struct touched *grown = realloc(j->rows, size * sizeof *grown);
        if (grown == NULL) {
            j->failed = true;
            return;
        }
        j->rows = grown;
        j->size = size;
    }
    j->rows[j->count++] = (struct touched){t, row};
}

struct journal *journal_new(sqlite3 *h)
{
    struct journal *j = calloc(1, sizeof *j);

    if (j == NULL)
        return NULL;
    j->h = h;
    sqlite3_update_hook(h, touch, j);
    return j;
}

void journal_free(struct journal *j)
{
    if (j == NULL)
        return;
    sqlite3_update_hook(j->h, NULL, NULL);
    free(j->rows);
    free(j);
}

void journal_start(struct journal *j)
{
    j->count = 0;
    j->failed = false;
    j->on = true;
}

void journal_stop(struct journal *j)
{
    j->on = false;
    j->count = 0;
}

int journal_head(sqlite3 *h, int64_t *seq, uint8_t hash[static SHA256_SIZE])
{
    sqlite3_stmt *s = sql_prepare(h, "SELECT seq, hash FROM journal ORDER BY seq DESC LIMIT 1", "");
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

/* Where entries are added: the end of the chain, and the statement. */
struct pen {
    sqlite3 *h;
    sqlite3_stmt *insert;
    int64_t seq;
    uint8_t hash[SHA256_SIZE];
};

static int pen_open(struct pen *p, sqlite3 *h)
{
    p->h = h;
    int rc = journal_head(h, &p->seq, p->hash);
    p->insert = rc != SQLITE_OK ? NULL
                                : sql_prepare(h,
                                              "INSERT INTO journal(seq, tbl, \"row\", digest, hash)"
                                              " VALUES (?, ?, ?, ?, ?)",
                                              "");
    return rc == SQLITE_OK && p->insert == NULL ? sqlite3_errcode(h) : rc;
}

static int pen_write(struct pen *p, const char *table, int64_t row, const uint8_t digest[static SHA256_SIZE])
{
    if (p->seq == INT64_MAX) /* by a hand other than ours */
        return SQLITE_FULL;
    int rc = journal_entry_hash(p->hash, ++p->seq, table, row, digest, p->hash);

    if (rc != SQLITE_OK)
        return rc;
    sqlite3_bind_int64(p->insert, 1, p->seq);
    sqlite3_bind_text(p->insert, 2, table, -1, SQLITE_TRANSIENT);
    sqlite3_bind_int64(p->insert, 3, row);
    sqlite3_bind_blob(p->insert, 4, digest, SHA256_SIZE, SQLITE_TRANSIENT);
    sqlite3_bind_blob(p->insert, 5, p->hash, SHA256_SIZE, SQLITE_TRANSIENT);
    sqlite3_step(p->insert);
    return sqlite3_reset(p->insert); /* repeats the step's error */
}

static int write_touched(struct journal *j, struct pen *p, struct canon *facts)
{
    struct journal_rows *r = journal_rows_new(j->h);
    uint8_t digest[SHA256_SIZE];
    int rc = r == NULL ? SQLITE_NOMEM : SQLITE_OK;

    for (size_t i = 0; i < j->count && rc == SQLITE_OK; i++) {
        const struct touched *t = &j->rows[i];
        rc = journal_rows_one(r, t->table, t->row, digest);
        if (rc == SQLITE_OK)
            rc = pen_write(p, journal_table_name(t->table), t->row, digest);
        canon_bytes(facts, digest, SHA256_SIZE);
    }
    journal_rows_free(r);
    return rc;
}

int journal_write(struct journal *j, struct journal_facts *facts)
{
    struct canon digests = {0};
    struct journal_facts none;
    struct pen p = {0};
    int rc = j->failed ? SQLITE_NOMEM : SQLITE_OK;

    facts = facts != NULL ? facts : &none;
    memset(facts, 0, sizeof *facts);
    facts->count = (int64_t)j->count;
    if (rc != SQLITE_OK || j->count == 0)
        return rc;
    if ((rc = pen_open(&p, j->h)) == SQLITE_OK)
        rc = write_touched(j, &p, &digests);
    sqlite3_finalize(p.insert);
    int end = canon_finish(&digests, facts->sha256);
    j->count = 0;
    return rc != SQLITE_OK ? rc : end;
}

/* The rows that are there when the journal begins, as journal_form.h says for their table. */
static int begin_table(struct pen *p, struct journal_rows *r, enum journal_table t)
{
    enum journal_before before = journal_table_before(t);
    struct canon all = {0};
    uint8_t digest[SHA256_SIZE], sum[SHA256_SIZE];
    char name[48];
    int64_t row = 0, rows = 0;
    int rc;

    while ((rc = journal_rows_next(r, t, &row, digest)) == SQLITE_ROW) {
        rows++;
        if (before == JOURNAL_EACH && (rc = pen_write(p, journal_table_name(t), row, digest)) != SQLITE_OK)
            break;
        canon_bytes(&all, digest, before == JOURNAL_ALL ? SHA256_SIZE : 0);
    }
    int end = canon_finish(&all, sum);
    if (rc != SQLITE_DONE || end != SQLITE_OK)
        return rc != SQLITE_DONE ? rc : end;
    if (before == JOURNAL_EACH || rows == 0)
        return SQLITE_OK;
    snprintf(name, sizeof name, JOURNAL_BASE "%s", journal_table_name(t));
    return pen_write(p, name, row, before == JOURNAL_ALL ? sum : digest);
}

int journal_begin(sqlite3 *h, int from)
{
    struct journal_rows *r = journal_rows_new(h);
    struct pen p = {0};
    uint8_t nothing[SHA256_SIZE];
    int rc = r == NULL ? SQLITE_NOMEM : pen_open(&p, h);

    for (int t = 0; t < J_COUNT && rc == SQLITE_OK; t++)
        rc = begin_table(&p, r, (enum journal_table)t);
    digest_sha256("", 0, nothing);
    if (rc == SQLITE_OK)
        rc = pen_write(&p, JOURNAL_FORMAT, from, nothing);
    sqlite3_finalize(p.insert);
    journal_rows_free(r);
    return rc;
}
