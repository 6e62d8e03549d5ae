/* SPDX-License-Identifier: Apache-2.0 */
/*
 * retention - old records out of the way without losing any: the oldest links of the chain move, verified, into a file
 * of their own, whose SHA-256 stays here; the chain goes on from its last hash. Nothing is ever moved by itself.
 *
 * What stays: units, lots, operators, saved sectors, audit, and per unit how often it was tried and passed, so that
 * duplicates are found for ever. The file is a database of the same form, without badges and PINs, readable by every
 * record verb with --db FILE.
 */
#ifndef DB_CARE_RETENTION_H
#define DB_CARE_RETENTION_H

#include "base/digest.h"
#include "db/open/db.h"

struct retention_report {
    int64_t rows, first_seq, last_seq; /* rows 0: nothing is that old */
    uint8_t sha256[SHA256_SIZE];
    char file[4096];
};

/*
 * Moves every attempt closed before `before_ms`, up to the first in closing order that is not (clocks jump, the chain
 * does not). `file` NULL: DATABASE.archive-YYYY-MM-DD-N-M.db by the day of `before_ms` and the links N to M. `db` is
 * DB_STATION; who may do this is asked elsewhere (WORK_ARCHIVE). -1: *f, and everything is where it was; or, after an error
 * at the COMMIT itself, in the file and here or not: nothing is deleted, and the same call on the database opened again
 * finds out.
 */
int retention_archive(struct db *db, int64_t before_ms, const char *file, struct retention_report *out,
                      struct failure *f);

#endif /* DB_CARE_RETENTION_H */
