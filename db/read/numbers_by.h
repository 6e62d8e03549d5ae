/* SPDX-License-Identifier: Apache-2.0 */
/*
 * numbers_by - the numbers of a selection in parts: a part each slot, operator, firmware, job, chip, or span of time. Each part's are
 * what the same filter would give with the part's own condition beside it; one pass over the records, whatever the parts.
 */
#ifndef DB_READ_NUMBERS_BY_H
#define DB_READ_NUMBERS_BY_H

#include <stddef.h>

#include "db/read/numbers.h"

enum numbers_by {
    NUMBERS_BY_SLOT,
    NUMBERS_BY_OPERATOR,
    NUMBERS_BY_FIRMWARE,
    NUMBERS_BY_JOB,
    NUMBERS_BY_CHIP, /* as the unit was first seen */
    NUMBERS_BY_SPAN
};

/* By an attempt's opening: from the first millisecond on, until before the last. */
struct numbers_span {
    int64_t from_ms, to_ms;
};

struct numbers_part {
    int64_t key; /* slot number, index of the span; else a row of the database, 0: none */
    char name
        [192]; /* "3", "anna", "1.18.1 WiPy-1.18.1.tar.gz 0123abcd", "wipy 0123abcd", "ESP32-C3"; "" : none, and for a span */
    struct numbers n;
};

/* When the first and the last attempt of the selection were opened; both 0: it is empty. 0, or -1 with *f. */
int numbers_range(struct db *db, const struct record_filter *filter, int64_t *first_ms, int64_t *last_ms,
                  struct failure *f);

/*
 * Parts that have attempts, slots and spans in their order, others by name; or -1 with *f. `spans` rise and do not overlap, and
 * are not looked at but for NUMBERS_BY_SPAN; what lies in none of them is left out. *out is the caller's: free().
 */
int numbers_by(struct db *db, const struct record_filter *filter, enum numbers_by by,
               const struct numbers_span *spans, size_t span_count, struct numbers_part **out,
               struct failure *f);

#endif /* DB_READ_NUMBERS_BY_H */
