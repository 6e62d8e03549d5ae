/* SPDX-License-Identifier: Apache-2.0 */
#include "db/read/yield.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "db/open/db_inside.h"
#include "db/open/sql.h"
#include "db/read/where.h"

#define HEALTH_TRIES 30
#define HEALTH_Z     3.0

struct cycles {
    int64_t *us;
    size_t count, size;
};

static int keep_cycle(struct cycles *c, int64_t us)
{
    if (c->count == c->size) {
        size_t size = c->size == 0 ? 1024 : 2 * c->size;
        int64_t *grown = realloc(c->us, size * sizeof *grown);
        if (grown == NULL)
            return SQLITE_NOMEM;
        c->us = grown;
        c->size = size;
    }
    c->us[c->count++] = us;
    return SQLITE_OK;
}

static void count_code(struct yield_report *y, int code)
{
    int i = 0;

    while (i < y->code_count && y->codes[i].code != code)
        i++;
    if (i == YIELD_CODES_MAX)
        return;
    if (i == y->code_count) {
        y->codes[i].code = code;
        y->code_count++;
    }
    y->codes[i].count++;
}

static struct yield_slot *find_slot(struct yield_report *y, int slot)
{
    int i = 0;

    while (i < y->slot_count && y->slots[i].slot != slot)
        i++;
    if (i == YIELD_SLOTS_MAX)
        return NULL;
    if (i == y->slot_count)
        y->slots[y->slot_count++].slot = slot;
    return &y->slots[i];
}

enum column { C_RESULT, C_CODE, C_TRY, C_RETRIES, C_DURATION, C_SLOT, C_UNIT, C_OPENED, C_CLOSED };

static const char columns[] =
    "a.result, a.code, a.try_no, a.retries, a.duration_us, a.slot, a.unit_id, a.opened_ms, a.closed_ms";

static void count_first(struct yield_report *y, struct yield_slot *slot, bool passed)
{
    y->first_tries++;
    y->first_passes += passed;
    if (slot != NULL) {
        slot->first_tries++;
        slot->first_passes += passed;
    }
}

static int count_row(struct yield_report *y, sqlite3_stmt *s, struct cycles *cycles)
{
    enum result result = result_parse(sql_text(s, C_RESULT));
    int64_t opened = sqlite3_column_int64(s, C_OPENED), closed = sqlite3_column_int64(s, C_CLOSED);
    bool passed = result == RESULT_PASS;
    int retries = sqlite3_column_int(s, C_RETRIES);

    if (result == RESULT_COUNT)
        return SQLITE_CORRUPT;
    y->attempts++;
    y->by_result[result]++;
    y->first_ms = y->first_ms == 0 || opened < y->first_ms ? opened : y->first_ms;
    y->last_ms = closed > y->last_ms ? closed : y->last_ms;
    if (sqlite3_column_int(s, C_CODE) != 0)
        count_code(y, sqlite3_column_int(s, C_CODE));
    if (result == RESULT_ABORTED || result == RESULT_INTERRUPTED)
        return SQLITE_OK;
    struct yield_slot *slot = find_slot(y, sqlite3_column_int(s, C_SLOT));
    y->tries++;
    y->unidentified += sqlite3_column_type(s, C_UNIT) == SQLITE_NULL;
    y->passes_after_retry += passed && retries > 0;
    if (slot != NULL) {
        slot->tries++;
        slot->passes += passed;
    }
    if (sqlite3_column_int64(s, C_TRY) == 1)
        count_first(y, slot, passed && retries == 0);
    return passed ? keep_cycle(cycles, sqlite3_column_int64(s, C_DURATION)) : SQLITE_OK;
}

static sqlite3_stmt *prepare(sqlite3 *h, const struct record_filter *filter, const char *sql)
{
    sqlite3_stmt *s = NULL;

    if (sqlite3_prepare_v2(h, sql, -1, &s, NULL) != SQLITE_OK || where_bind(s, filter) != SQLITE_OK) {
        sqlite3_finalize(s);
        return NULL;
    }
    return s;
}

static int count_rows(sqlite3 *h, const struct record_filter *filter, struct yield_report *y,
                      struct cycles *cycles)
{
    char sql[WHERE_SIZE + 256];
    struct where w;

    where_make(&w, filter, WHERE_ALL);
    snprintf(sql, sizeof sql, "SELECT %s FROM attempt a WHERE %s", columns, w.sql);
    sqlite3_stmt *s = prepare(h, filter, sql);
    int rc = s == NULL ? sqlite3_errcode(h) : SQLITE_ROW;
    while (s != NULL && (rc = sqlite3_step(s)) == SQLITE_ROW) {
        if ((rc = count_row(y, s, cycles)) != SQLITE_OK)
            break;
    }
    sqlite3_finalize(s);
    return rc == SQLITE_DONE ? SQLITE_OK : rc;
}

/* Each unit by its last try. SQLite gives a bare column the row that max() came from. */
static int count_units(sqlite3 *h, const struct record_filter *filter, struct yield_report *y)
{
    char sql[WHERE_SIZE + 256];
    struct where w;

    where_make(&w, filter, WHERE_ALL);
    snprintf(
        sql, sizeof sql,
        "SELECT count(*), coalesce(sum(result = 'PASS'), 0) FROM (SELECT max(a.id), a.result AS result FROM attempt a"
        " WHERE a.try_no IS NOT NULL AND %s GROUP BY a.unit_id)",
        w.sql);
    sqlite3_stmt *s = prepare(h, filter, sql);
    int rc = s == NULL ? sqlite3_errcode(h) : sqlite3_step(s);
    if (rc == SQLITE_ROW) {
        y->units = sqlite3_column_int64(s, 0);
        y->final_passes = sqlite3_column_int64(s, 1);
    }
    sqlite3_finalize(s);
    return rc == SQLITE_ROW ? SQLITE_OK : rc;
}

static int by_size(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

    return (x > y) - (x < y);
}

static int by_slot(const void *a, const void *b)
{
    return ((const struct yield_slot *)a)->slot - ((const struct yield_slot *)b)->slot;
}

static void sort_codes(struct yield_report *y)
{
    for (int i = 1; i < y->code_count; i++) {
        for (int k = i; k > 0; k--) {
            bool behind =
                y->codes[k].count < y->codes[k - 1].count ||
                (y->codes[k].count == y->codes[k - 1].count && y->codes[k].code > y->codes[k - 1].code);
            if (behind)
                break;
            int code = y->codes[k].code;
            int64_t count = y->codes[k].count;
            y->codes[k] = y->codes[k - 1];
            y->codes[k - 1].code = code;
            y->codes[k - 1].count = count;
        }
    }
}

/* Two proportions, pooled, squared so that no square root is needed: z > 3 is z^2 > 9 on the bad side. */
static bool is_worse(const struct yield_report *y, const struct yield_slot *s)
{
    double n1 = (double)s->tries, n2 = (double)(y->tries - s->tries);
    double bad1 = (double)(s->tries - s->passes),
           bad2 = (double)(y->tries - y->by_result[RESULT_PASS]) - bad1;

    if (n1 < HEALTH_TRIES || n2 < HEALTH_TRIES)
        return false;
    double p1 = bad1 / n1, p2 = bad2 / n2, p = (bad1 + bad2) / (n1 + n2);
    double variance = p * (1 - p) * (1 / n1 + 1 / n2);
    return p1 > p2 && variance > 0 && (p1 - p2) * (p1 - p2) > HEALTH_Z * HEALTH_Z * variance;
}

static void finish(struct yield_report *y, struct cycles *c)
{
    int64_t span = sql_difference(y->last_ms, y->first_ms);

    if (c->count > 0) {
        qsort(c->us, c->count, sizeof *c->us, by_size);
        y->median_us = c->us[(c->count - 1) / 2];
        y->p95_us = c->us[(c->count * 95 + 99) / 100 - 1];
    }
    y->cycles = (int64_t)c->count;
    y->boards_per_hour = y->by_result[RESULT_PASS] >= 2 && span > 0
                             ? (double)y->by_result[RESULT_PASS] * 3600000.0 / (double)span
                             : -1;
    sort_codes(y);
    qsort(y->slots, (size_t)y->slot_count, sizeof *y->slots, by_slot);
    for (int i = 0; i < y->slot_count; i++)
        y->slots[i].worse = is_worse(y, &y->slots[i]);
}

int yield_compute(struct db *db, const struct record_filter *filter, struct yield_report *out,
                  struct failure *f)
{
    struct cycles cycles = {0};

    memset(out, 0, sizeof *out);
    db_lock(db);
    int rc = sql_script(db->h, "BEGIN"); /* both questions about one moment */
    if (rc == SQLITE_OK)
        rc = count_rows(db->h, filter, out, &cycles);
    if (rc == SQLITE_OK)
        rc = count_units(db->h, filter, out);
    if (rc != SQLITE_OK)
        sql_failure(db->h, rc, FAIL_DB_OPEN, STAGE_NONE, "compute the yield", f);
    sql_script(db->h, "ROLLBACK");
    db_unlock(db);
    if (rc == SQLITE_OK)
        finish(out, &cycles);
    free(cycles.us);
    return rc == SQLITE_OK ? 0 : -1;
}

void yield_percent(int64_t n, int64_t m, char out[static YIELD_TEXT])
{
    if (m <= 0)
        snprintf(out, YIELD_TEXT, "-");
    else
        snprintf(out, YIELD_TEXT, "%.1f", (double)n * 100.0 / (double)m);
}
