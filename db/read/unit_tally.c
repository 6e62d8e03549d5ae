/* SPDX-License-Identifier: Apache-2.0 */
#include "db/read/unit_tally.h"

#include <stdlib.h>

#include "db/open/kept_back.h"
#include "db/open/sql.h"

static struct tallied_unit *place_of(struct tallied_unit *units, size_t size, int64_t unit)
{
    size_t i = (size_t)((uint64_t)unit * 0x9e3779b97f4a7c15u >> 20) & (size - 1);

    while (units[i].unit != 0 && units[i].unit != unit)
        i = (i + 1) & (size - 1);
    return &units[i];
}

static int grow(struct unit_tally *t)
{
    size_t size = t->size == 0 ? 256 : 2 * t->size;
    struct tallied_unit *units = calloc(size, sizeof *units);

    if (units == NULL)
        return SQLITE_NOMEM;
    for (size_t i = 0; i < t->size; i++) {
        if (t->units[i].unit != 0)
            *place_of(units, size, t->units[i].unit) = t->units[i];
    }
    free(t->units);
    t->units = units;
    t->size = size;
    return SQLITE_OK;
}

int unit_tally_add(struct unit_tally *t, int64_t unit, int64_t attempt, const struct numbers_row *row)
{
    if ((size_t)t->count * 2 >= t->size && grow(t) != SQLITE_OK)
        return SQLITE_NOMEM;
    struct tallied_unit *u = place_of(t->units, t->size, unit);
    t->count += u->unit == 0;
    u->unit = unit;
    t->tried += !u->tried && row->try_no != 0;
    u->tried = u->tried || row->try_no != 0;
    if (attempt < u->last)
        return SQLITE_OK; /* one that began before ended after it */
    u->last = attempt;
    t->passed += (row->result == RESULT_PASS) - u->passed;
    u->passed = row->result == RESULT_PASS;
    return SQLITE_OK;
}

int unit_tally_tell(const struct unit_tally *t, sqlite3 *h, struct numbers *n)
{
    int64_t kept = 0, passed = 0;
    sqlite3_stmt *s = sql_prepare(h, KEPT_BACK_SQL, "");
    int rc = s == NULL ? sqlite3_errcode(h) : SQLITE_ROW;

    while (s != NULL && (rc = sqlite3_step(s)) == SQLITE_ROW) {
        const struct tallied_unit *u =
            t->size > 0 ? place_of(t->units, t->size, sqlite3_column_int64(s, 0)) : NULL;
        kept += u != NULL && u->unit != 0;
        passed += u != NULL && u->unit != 0 && u->passed;
    }
    sqlite3_finalize(s);
    n->units = t->count;
    n->units_tried = t->tried;
    n->kept_back = kept;
    n->good = t->passed - passed;
    return rc == SQLITE_DONE ? SQLITE_OK : rc;
}

void unit_tally_free(struct unit_tally *t)
{
    free(t->units);
    *t = (struct unit_tally){0};
}
