/* SPDX-License-Identifier: Apache-2.0 */
/*
 * numbers - what is counted of attempts and units, each number by its one definition (docs/terminology.md, "Numbers", which has
 * the same in words and as SQL for any reader). The screen, `yield`, the end of a run and whoever else tells a number takes it
 * from here; the numbers of a lot, which the desk needs before a board starts, are db/desk/lot.h's.
 *
 * Threads: as the database handle.
 */
#ifndef DB_READ_NUMBERS_H
#define DB_READ_NUMBERS_H

#include "db/open/db.h"
#include "db/read/record_filter.h"

/* Of a selection: all closed attempts that a filter names. */
struct numbers {
    int64_t attempts, by_result[RESULT_COUNT];
    int64_t tries;              /* PASS, FAIL, ERROR, HOLD; who was stopped was not tried */
    int64_t passes_after_retry; /* PASS that started over, a region or the board */
    int64_t unidentified;       /* tries whose board never said who it is: no unit's */
    int64_t first_tries, first_passes;
    int64_t units;             /* identified */
    int64_t units_tried, good; /* good of units_tried is the final yield */
    int64_t kept_back; /* scrapped or in quarantine; units that are neither good nor this are still in work */
    int64_t first_ms, last_ms; /* first opened, last closed; 0: no attempt */
};

/* Of one closed attempt, what is counted. */
struct numbers_row {
    enum result result;
    int64_t try_no; /* 0: none */
    int retries;
    bool identified;
    int64_t opened_ms, closed_ms;
};

/* All but the units. An open attempt is not counted. */
void numbers_count(struct numbers *n, const struct numbers_row *row);

/* < 0: not to be said yet: under two passes, or less than a minute. */
double numbers_per_hour(const struct numbers *n);

/* n of m as a percentage with one place, "-" when m is 0. */
#define NUMBERS_TEXT 16
void numbers_percent(int64_t n, int64_t m, char out[static NUMBERS_TEXT]);

#endif /* DB_READ_NUMBERS_H */
