/* SPDX-License-Identifier: Apache-2.0 */
/*
 * unit_tally - units by the last of the attempts that were put in, a row at a time, so that who counts attempts counts units in
 * the same pass (docs/terminology.md, "Numbers"). Under the database's lock.
 */
#ifndef DB_READ_UNIT_TALLY_H
#define DB_READ_UNIT_TALLY_H

#include <sqlite3.h>
#include <stdbool.h>
#include <stddef.h>

#include "db/read/numbers.h"

/* A unit by its last attempt. */
struct tallied_unit {
    int64_t unit, last; /* unit 0: a free place */
    bool tried, passed;
};

/* Plain data; zeroed: nothing counted. */
struct unit_tally {
    int64_t count, tried;
    int64_t passed;             /* by their last attempt, kept back or not */
    struct tallied_unit *units; /* a hash table, at most half full; its size is a power of two */
    size_t size;
};

/* `row` is the attempt `attempt` of `unit`, in any order. SQLITE_OK or SQLITE_NOMEM. */
int unit_tally_add(struct unit_tally *t, int64_t unit, int64_t attempt, const struct numbers_row *row);

/* units, units_tried, kept_back and good; who is kept back is asked now. SQLITE_OK, or as SQLite says. */
int unit_tally_tell(const struct unit_tally *t, sqlite3 *h, struct numbers *n);

void unit_tally_free(struct unit_tally *t);

#endif /* DB_READ_UNIT_TALLY_H */
