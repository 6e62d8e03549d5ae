/* SPDX-License-Identifier: Apache-2.0 */
#include "db/read/yield.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "db/open/db_inside.h"
#include "db/open/sql.h"
#include "db/read/numbers_private.h"
#include "db/read/unit_tally.h"
#include "db/read/where.h"

#define HEALTH_TRIES 30
#define HEALTH_Z     3.0

struct cycles {
    int64_t *us;
    size_t count, size;
};

/* What is gathered on the way through the rows. */
struct gathered {
    struct cycles cycles;
    struct unit_tally units;
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

enum column { C_CODE = NUMBERS_WIDTH, C_DURATION, C_SLOT, C_ID };

static const char columns[] = NUMBERS_COLUMNS ", a.code, a.duration_us, a.slot, a.id";

static void count_slot(struct yield_slot *slot, const struct numbers_row *row)
{
    struct numbers one = {0};

    numbers_count(&one, row);
    slot->tries += one.tries;
    slot->passes += one.by_result[RESULT_PASS];
    slot->first_tries += one.first_tries;
    slot->first_passes += one.first_passes;
}

static int count_row(struct yield_report *y, sqlite3_stmt *s, struct gathered *g)
{
    struct numbers_row row;
    int rc = numbers_read(s, &row);

    if (rc != SQLITE_OK || row.result == RESULT_OPEN)
        return rc;
    numbers_count(&y->n, &row);
    if (row.identified)
        rc = unit_tally_add(&g->units, sqlite3_column_int64(s, 3), sqlite3_column_int64(s, C_ID), &row);
    if (rc != SQLITE_OK)
        return rc;
    if (sqlite3_column_int(s, C_CODE) != 0)
        count_code(y, sqlite3_column_int(s, C_CODE));
    if (row.result == RESULT_ABORTED || row.result == RESULT_INTERRUPTED)
        return SQLITE_OK;
    struct yield_slot *slot = find_slot(y, sqlite3_column_int(s, C_SLOT));
    if (slot != NULL)
        count_slot(slot, &row);
    return row.result == RESULT_PASS ? keep_cycle(&g->cycles, sqlite3_column_int64(s, C_DURATION))
                                     : SQLITE_OK;
}

static int count_rows(sqlite3 *h, const struct record_filter *filter, struct yield_report *y,
                      struct gathered *g)
{
    char sql[WHERE_SIZE + 256];
    struct where w;

    where_chosen(&w, filter);
    snprintf(sql, sizeof sql, "SELECT %s FROM %s", columns, w.sql);
    sqlite3_stmt *s = numbers_prepare(h, filter, sql);
    int rc = s == NULL ? sqlite3_errcode(h) : SQLITE_ROW;
    while (s != NULL && (rc = sqlite3_step(s)) == SQLITE_ROW) {
        if ((rc = count_row(y, s, g)) != SQLITE_OK)
            break;
    }
    sqlite3_finalize(s);
    return rc == SQLITE_DONE ? SQLITE_OK : rc;
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
    double n1 = (double)s->tries, n2 = (double)(y->n.tries - s->tries);
    double bad1 = (double)(s->tries - s->passes),
           bad2 = (double)(y->n.tries - y->n.by_result[RESULT_PASS]) - bad1;

    if (n1 < HEALTH_TRIES || n2 < HEALTH_TRIES)
        return false;
    double p1 = bad1 / n1, p2 = bad2 / n2, p = (bad1 + bad2) / (n1 + n2);
    double variance = p * (1 - p) * (1 / n1 + 1 / n2);
    return p1 > p2 && variance > 0 && (p1 - p2) * (p1 - p2) > HEALTH_Z * HEALTH_Z * variance;
}

static void finish(struct yield_report *y, struct cycles *c)
{
    if (c->count > 0) {
        qsort(c->us, c->count, sizeof *c->us, by_size);
        y->median_us = c->us[(c->count - 1) / 2];
        y->p95_us = c->us[(c->count * 95 + 99) / 100 - 1];
    }
    y->cycles = (int64_t)c->count;
    y->boards_per_hour = numbers_per_hour(&y->n);
    sort_codes(y);
    qsort(y->slots, (size_t)y->slot_count, sizeof *y->slots, by_slot);
    for (int i = 0; i < y->slot_count; i++)
        y->slots[i].worse = is_worse(y, &y->slots[i]);
}

int yield_compute(struct db *db, const struct record_filter *filter, struct yield_report *out,
                  struct failure *f)
{
    struct gathered g = {0};

    memset(out, 0, sizeof *out);
    db_lock(db);
    int rc = sql_script(db->h, "BEGIN"); /* both questions about one moment */
    if (rc == SQLITE_OK)
        rc = count_rows(db->h, filter, out, &g);
    if (rc == SQLITE_OK)
        rc = unit_tally_tell(&g.units, db->h, &out->n);
    if (rc != SQLITE_OK)
        sql_failure(db->h, rc, FAIL_DB_OPEN, STAGE_NONE, "compute the yield", f);
    sql_script(db->h, "ROLLBACK");
    db_unlock(db);
    if (rc == SQLITE_OK)
        finish(out, &g.cycles);
    free(g.cycles.us);
    unit_tally_free(&g.units);
    return rc == SQLITE_OK ? 0 : -1;
}
