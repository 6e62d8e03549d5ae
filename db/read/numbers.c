/* SPDX-License-Identifier: Apache-2.0 */
#include "db/read/numbers.h"

#include <stdio.h>

#include "db/open/kept_back.h"
#include "db/open/sql.h"
#include "db/read/numbers_private.h"
#include "db/read/where.h"

#define HOUR_MS      3600000.0
#define SPAN_LEAST   60000 /* ms: sooner, a board or two would be told as thousands an hour */
#define PASSES_LEAST 2

static bool is_try(enum result r)
{
    return r != RESULT_ABORTED && r != RESULT_INTERRUPTED;
}

void numbers_count(struct numbers *n, const struct numbers_row *row)
{
    bool passed = row->result == RESULT_PASS;

    if (row->result == RESULT_OPEN)
        return;
    n->attempts++;
    n->by_result[row->result]++;
    n->first_ms = n->first_ms == 0 || row->opened_ms < n->first_ms ? row->opened_ms : n->first_ms;
    n->last_ms = row->closed_ms > n->last_ms ? row->closed_ms : n->last_ms;
    if (!is_try(row->result))
        return;
    n->tries++;
    n->unidentified += !row->identified;
    n->passes_after_retry += passed && row->retries > 0;
    n->first_tries += row->try_no == 1;
    n->first_passes += row->try_no == 1 && passed && row->retries == 0;
}

double numbers_per_hour(const struct numbers *n)
{
    int64_t span = sql_difference(n->last_ms, n->first_ms);

    return n->by_result[RESULT_PASS] >= PASSES_LEAST && span >= SPAN_LEAST
               ? (double)n->by_result[RESULT_PASS] * HOUR_MS / (double)span
               : -1;
}

void numbers_percent(int64_t n, int64_t m, char out[static NUMBERS_TEXT])
{
    if (m <= 0)
        snprintf(out, NUMBERS_TEXT, "-");
    else
        snprintf(out, NUMBERS_TEXT, "%.1f", (double)n * 100.0 / (double)m);
}

int numbers_read(sqlite3_stmt *s, struct numbers_row *row)
{
    *row = (struct numbers_row){.result = result_parse(sql_text(s, 0)),
                                .try_no = sqlite3_column_int64(s, 1),
                                .retries = sqlite3_column_int(s, 2),
                                .identified = sqlite3_column_type(s, 3) != SQLITE_NULL,
                                .opened_ms = sqlite3_column_int64(s, 4),
                                .closed_ms = sqlite3_column_int64(s, 5)};
    return row->result == RESULT_COUNT ? SQLITE_CORRUPT : SQLITE_OK;
}

sqlite3_stmt *numbers_prepare(sqlite3 *h, const struct record_filter *filter, const char *sql)
{
    sqlite3_stmt *s = NULL;

    if (sqlite3_prepare_v2(h, sql, -1, &s, NULL) != SQLITE_OK || where_bind(s, filter) != SQLITE_OK) {
        sqlite3_finalize(s);
        return NULL;
    }
    return s;
}

/*
 * Each unit by its last attempt, one that was stopped too: it may have left the board half written. SQLite gives a bare column
 * the row that max() came from, as long as that is the only one.
 */
sqlite3_stmt *numbers_units(sqlite3 *h, const struct record_filter *filter, const char *group, bool kept_back)
{
    char sql[WHERE_SIZE + 1024];
    struct where w;

    where_chosen(&w, filter);
    snprintf(
        sql, sizeof sql,
        "SELECT part, count(*), coalesce(sum(tried), 0), coalesce(sum(result = 'PASS'), 0) FROM"
        " (SELECT %s AS part, a.unit_id AS unit, max(a.id), a.result AS result, count(a.try_no) > 0 AS tried"
        " FROM %s AND a.unit_id %s GROUP BY part, a.unit_id) GROUP BY part",
        group, w.sql, kept_back ? "IN (" KEPT_BACK_SQL ")" : "IS NOT NULL");
    return numbers_prepare(h, filter, sql);
}

void numbers_take_units(sqlite3_stmt *s, bool kept_back, struct numbers *n)
{
    if (kept_back) {
        n->kept_back = sqlite3_column_int64(s, 1);
        n->good = sql_difference(n->good, sqlite3_column_int64(s, 3));
        return;
    }
    n->units = sqlite3_column_int64(s, 1);
    n->units_tried = sqlite3_column_int64(s, 2);
    n->good = sqlite3_column_int64(s, 3);
}
