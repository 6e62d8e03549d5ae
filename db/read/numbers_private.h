/* SPDX-License-Identifier: Apache-2.0 */
/* numbers_private - the queries behind numbers.h, for the files of this folder that count. Under the database's lock. */
#ifndef DB_READ_NUMBERS_PRIVATE_H
#define DB_READ_NUMBERS_PRIVATE_H

#include <sqlite3.h>

#include "db/read/numbers.h"

/* The columns that numbers_read() takes, from the first on, of `attempt a`. */
#define NUMBERS_COLUMNS "a.result, a.try_no, a.retries, a.unit_id, a.opened_ms, a.closed_ms"
#define NUMBERS_WIDTH   6

/* SQLITE_OK, or SQLITE_CORRUPT: no such result. */
int numbers_read(sqlite3_stmt *s, struct numbers_row *row);

/* Prepared and bound; NULL: see sqlite3_errcode(). */
sqlite3_stmt *numbers_prepare(sqlite3 *h, const struct record_filter *filter, const char *sql);

/*
 * The statement that counts units, a row a group, for numbers_take_units(): first all, then those that are kept back alone, which
 * takes them from the good. Its first column is the group: an expression on `attempt a` that is a whole number. Caller
 * finalizes. Two questions cost less than to ask of each of a million units whether it is kept back.
 */
sqlite3_stmt *numbers_units(sqlite3 *h, const struct record_filter *filter, const char *group,
                            bool kept_back);
void numbers_take_units(sqlite3_stmt *s, bool kept_back, struct numbers *n);

#endif /* DB_READ_NUMBERS_PRIVATE_H */
