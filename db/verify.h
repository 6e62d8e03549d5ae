/* SPDX-License-Identifier: Apache-2.0 */
/*
 * verify - is the database whole, and is it what was written? The chain finds a changed, removed, added or reordered
 * record; the check adds SQLite's own view and the rules the tables cannot express. Reads only; either mode of db.
 */
#ifndef DB_VERIFY_H
#define DB_VERIFY_H

#include "base/digest.h"
#include "db/db.h"

struct verify_report {
    int64_t attempts; /* links that were checked */
    int64_t head_seq; /* last link; 0: none */
    uint8_t head[SHA256_SIZE];
    int64_t first_bad; /* link (closing order) of the first bad row; 0: none. -1: outside the chain */
    char text[256];    /* what is wrong, in words; "" when nothing is */
};

/* The hash chains of attempts and audit. 0: report filled, good or bad. -1: could not be read, *f. */
int verify_chain(struct db *db, struct verify_report *report, struct failure *f);
/* The same, and: SQLite's integrity and foreign keys, backups against their hashes, every closed attempt in the chain. */
int verify_all(struct db *db, struct verify_report *report, struct failure *f);

#endif /* DB_VERIFY_H */
