/* SPDX-License-Identifier: Apache-2.0 */
/*
 * yield - how well it goes, over the attempts a filter names. A try is PASS, FAIL, ERROR or HOLD; ABORTED and
 * INTERRUPTED are counted and left out of every yield.
 *
 * First-pass yield: units whose first try ever passed without a whole-board retry, of the units whose first try lies in
 * the filter. Final yield: units whose last try in the filter passed, of the units tried. Station yield: passes of tries.
 * A board that was never identified is in the station yield and the Pareto, but is no unit.
 */
#ifndef DB_READ_YIELD_H
#define DB_READ_YIELD_H

#include "db/open/db.h"
#include "db/read/record_filter.h"

#define YIELD_CODES_MAX 64
#define YIELD_SLOTS_MAX 256

struct yield_slot {
    int slot;
    int64_t tries, passes, first_tries, first_passes;
    bool
        worse; /* fails more than its neighbours: two-proportion z over 3, with 30 tries or more on either side */
};

struct yield_report {
    int64_t attempts, by_result[RESULT_COUNT]; /* closed ones */
    int64_t tries, passes_after_retry, unidentified;
    int64_t units, final_passes, first_tries, first_passes;
    int64_t cycles, median_us, p95_us; /* of passes; 0 when there are none */
    int64_t first_ms, last_ms;         /* first opened, last closed */
    double boards_per_hour;            /* passes over that span; < 0: not to be said (under two passes) */
    int code_count, slot_count;
    struct {
        int code;
        int64_t count;
    } codes[YIELD_CODES_MAX];                 /* most frequent first, then by number */
    struct yield_slot slots[YIELD_SLOTS_MAX]; /* by number */
};

/* 0, or -1 with *f. Reads only. `filter->newest` is not looked at. */
int yield_compute(struct db *db, const struct record_filter *filter, struct yield_report *out,
                  struct failure *f);

/* n of m as a percentage with one place, "-" when m is 0. */
#define YIELD_TEXT 16
void yield_percent(int64_t n, int64_t m, char out[static YIELD_TEXT]);

#endif /* DB_READ_YIELD_H */
