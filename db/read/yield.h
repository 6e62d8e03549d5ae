/* SPDX-License-Identifier: Apache-2.0 */
/*
 * yield - how well it goes, over the attempts a filter names: their numbers (db/read/numbers.h), what fails most, how long a
 * board takes, and each slot. A board that was never identified is in the station yield and the Pareto, but is no unit.
 */
#ifndef DB_READ_YIELD_H
#define DB_READ_YIELD_H

#include "db/open/db.h"
#include "db/read/numbers.h"

#define YIELD_CODES_MAX 64
#define YIELD_SLOTS_MAX 256

struct yield_slot {
    int slot;
    int64_t tries, passes, first_tries, first_passes;
    bool
        worse; /* fails more than its neighbours: two-proportion z over 3, with 30 tries or more on either side */
};

struct yield_report {
    struct numbers n;
    int64_t cycles, median_us, p95_us; /* of passes; 0 when there are none */
    double boards_per_hour;            /* < 0: not to be said */
    int code_count, slot_count;
    struct {
        int code;
        int64_t count;
    } codes[YIELD_CODES_MAX];                 /* most frequent first, then by number */
    struct yield_slot slots[YIELD_SLOTS_MAX]; /* by number */
};

/* 0, or -1 with *f. Reads only. */
int yield_compute(struct db *db, const struct record_filter *filter, struct yield_report *out,
                  struct failure *f);

#endif /* DB_READ_YIELD_H */
