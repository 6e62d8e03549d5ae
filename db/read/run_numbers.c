/* SPDX-License-Identifier: Apache-2.0 */
#include "db/read/run_numbers.h"

#include <errno.h>
#include <stdlib.h>

#include "db/open/db_inside.h"
#include "db/open/sql.h"
#include "db/read/numbers_private.h"
#include "db/read/unit_tally.h"

struct run_numbers {
    struct db *db;
    int64_t run, seq, words; /* seen so far: the chain, and later words on attempts */
    sqlite3_stmt *closed;
    struct numbers n;
    struct unit_tally units;
};

enum column { C_SEQ = NUMBERS_WIDTH, C_ID };

static const char closed_sql[] =
    "SELECT " NUMBERS_COLUMNS ", c.seq, a.id FROM chain c JOIN attempt a ON a.id = c.attempt_id"
    " WHERE c.seq > ?1 AND a.run_id = ?2 ORDER BY c.seq";

/* The newest link before this run: attempts that were found open are closed first, and belong to runs before. */
static const char before_sql[] =
    "SELECT c.seq FROM chain c JOIN attempt a ON a.id = c.attempt_id WHERE a.run_id <> ? ORDER BY c.seq DESC LIMIT 1";

static int take_closed(struct run_numbers *r)
{
    sqlite3_stmt *s = r->closed;
    struct numbers_row row;
    int rc;

    sqlite3_reset(s);
    sqlite3_bind_int64(s, 1, r->seq);
    sqlite3_bind_int64(s, 2, r->run);
    while ((rc = sqlite3_step(s)) == SQLITE_ROW) {
        if ((rc = numbers_read(s, &row)) != SQLITE_OK)
            break;
        if (row.identified && (rc = unit_tally_add(&r->units, sqlite3_column_int64(s, 3),
                                                   sqlite3_column_int64(s, C_ID), &row)) != SQLITE_OK)
            break;
        numbers_count(&r->n, &row);
        r->seq = sqlite3_column_int64(s, C_SEQ);
    }
    sqlite3_reset(s);
    return rc == SQLITE_DONE ? SQLITE_OK : rc;
}

const struct numbers *run_numbers_look(struct run_numbers *r, struct failure *f)
{
    int64_t seq = r->seq, words = 0;

    db_lock(r->db);
    int rc = take_closed(r);
    if (rc == SQLITE_OK) {
        rc = sql_int(r->db->h, &words, 0, "SELECT max(id) FROM correction", "");
        rc = rc == SQLITE_ROW ? SQLITE_OK : rc;
    }
    /* Who is kept back is asked again when a word was said, or an attempt closed. */
    if (rc == SQLITE_OK && (r->seq != seq || r->words != words))
        rc = unit_tally_tell(&r->units, r->db->h, &r->n);
    r->words = words;
    if (rc != SQLITE_OK)
        sql_failure(r->db->h, rc, FAIL_DB_OPEN, STAGE_NONE, "count this run", f);
    db_unlock(r->db);
    return rc == SQLITE_OK ? &r->n : NULL;
}

struct run_numbers *run_numbers_new(struct db *db, int64_t run, struct failure *f)
{
    struct run_numbers *r = calloc(1, sizeof *r);

    if (r == NULL) {
        failure_set(f, FAIL_NO_MEMORY, STAGE_NONE, ENOMEM, "no memory to count this run");
        return NULL;
    }
    r->db = db;
    r->run = run;
    db_lock(db);
    int rc = sql_int(db->h, &r->seq, 0, before_sql, "l", run);
    rc = rc == SQLITE_ROW || rc == SQLITE_DONE ? SQLITE_OK : rc;
    if (rc == SQLITE_OK)
        rc = sqlite3_prepare_v2(db->h, closed_sql, -1, &r->closed, NULL);
    if (rc != SQLITE_OK)
        sql_failure(db->h, rc, FAIL_DB_OPEN, STAGE_NONE, "count this run", f);
    db_unlock(db);
    if (rc == SQLITE_OK)
        return r;
    run_numbers_free(r);
    return NULL;
}

void run_numbers_free(struct run_numbers *r)
{
    if (r == NULL)
        return;
    sqlite3_finalize(r->closed);
    unit_tally_free(&r->units);
    free(r);
}
