/* SPDX-License-Identifier: Apache-2.0 */
/*
 * journal - one chain over every row that states a fact, in the order of the commits: an entry names table and row, carries the
 * digest of the row as it then was, and the hash of the entry before. Nobody writes entries: SQLite tells which rows a
 * transaction touched, and db_commit() enters them before it commits, so that no writer can forget to. Deleting is no fact
 * (triggers forbid it; an archive says what it took). Private to this room, under the database's lock; SQLite codes.
 */
#ifndef DB_OPEN_JOURNAL_H
#define DB_OPEN_JOURNAL_H

#include <stdint.h>

#include <sqlite3.h>

#include "base/digest.h"

struct journal;

/* For the one connection that writes; takes its update hook. NULL: out of memory. */
struct journal *journal_new(sqlite3 *h);
void journal_free(struct journal *j); /* NULL is fine */
void journal_start(
    struct journal *j); /* a transaction of ours begins; what is written outside of one is not entered */
void journal_stop(struct journal *j); /* it is over, one way or the other */

/* What journal_write() entered: how many, and SHA-256 of their digests one after the other. */
struct journal_facts {
    int64_t count;
    uint8_t sha256[SHA256_SIZE];
};

/* Enters what the transaction touched so far and is not entered yet; `facts` may be NULL. */
int journal_write(struct journal *j, struct journal_facts *facts);
/* The newest entry: *seq 0 and zeros when there is none. */
int journal_head(sqlite3 *h, int64_t *seq, uint8_t hash[static SHA256_SIZE]);
/* The first entries of a database of format `from`, inside its migration: what is there, held from here on. */
int journal_begin(sqlite3 *h, int from);

#define JOURNAL_BASE   "base "       /* before a table's name: one digest of all old rows up to `row` */
#define JOURNAL_FORMAT "base format" /* `row` is the format before; the last of the first entries */

#endif /* DB_OPEN_JOURNAL_H */
