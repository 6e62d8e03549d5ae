/* SPDX-License-Identifier: Apache-2.0 */
/*
 * past - what was archived, still answered for: which archive files hold something of a unit, a serial number or a lot, and
 * those rows themselves, read out of the file. Whoever lists records asks here, so that nothing is silently missing.
 *
 * Which files those are stands in the database itself; a file is opened when its rows are wanted, never written, and believed
 * only when its SHA-256 is the one that the chain of records keeps of it. Archives of before format 8 do not tell the database
 * their serial numbers and lots: they are named whenever such is asked for.
 * Threads: as the database handle.
 */
#ifndef DB_READ_PAST_H
#define DB_READ_PAST_H

#include "base/digest.h"
#include "base/mac.h"
#include "db/open/db.h"

#define PAST_FILES_MAX 256

/* One of them; the others are NULL. All NULL: whatever there is, for past_files() alone. Borrowed. */
struct past_ask {
    const struct mac *mac;
    const char *serial, *lot;
    bool
        still_last; /* past_rows(): only of units that nothing is known of since, and whose serial is no other's anywhere */
};

struct past_file {
    int64_t id, first_seq, last_seq; /* its row of `archive`, and the records it took */
    uint8_t sha256[SHA256_SIZE];
    char name[256]; /* it lies beside the database */
    bool certain;   /* it holds something; false: it may, of before format 8 */
};

/* Oldest first. Files filled (at most `max`), or -1 with *f. */
int past_files(struct db *db, const struct past_ask *ask, struct past_file *out, int max, struct failure *f);

/*
 * The attempts that are asked for, out of one file, as a database in memory that every reader takes: with what belongs to them,
 * their units' marks as they stand today, and no more. NULL: *f says which file is missing or is not the one that was made, and
 * what to do. Reads the whole file once for its SHA-256. Caller: db_close().
 */
struct db *past_rows(struct db *db, const struct past_file *file, const struct past_ask *ask,
                     struct failure *f);

/* The unit that an archived attempt with this serial number was made on last: 1 and *mac, 0: none known, -1: *f. */
int past_serial_unit(struct db *db, const char *serial, struct mac *mac, struct failure *f);

/* The last attempt of this unit that an archive is known to hold; 0: none, or archived before format 8. -1: *f. */
int64_t past_last_attempt(struct db *db, const struct mac *mac, struct failure *f);

#endif /* DB_READ_PAST_H */
