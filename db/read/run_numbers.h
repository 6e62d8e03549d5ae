/* SPDX-License-Identifier: Apache-2.0 */
/*
 * run_numbers - the numbers of the run that goes on (db/read/numbers.h), kept up to date by what has been closed since the last
 * look, so that a look costs the same in a long run. They are what numbers of the whole run would be. (test_numbers)
 *
 * Threads: as its database handle, which it borrows.
 */
#ifndef DB_READ_RUN_NUMBERS_H
#define DB_READ_RUN_NUMBERS_H

#include "db/read/numbers.h"

struct run_numbers;

/* `run`: by db_run() of the station. NULL: *f is filled. Caller: run_numbers_free(), before the database is closed. */
struct run_numbers *run_numbers_new(struct db *db, int64_t run, struct failure *f);
void run_numbers_free(struct run_numbers *r); /* NULL is fine */
/* As it stands now; valid until the next look. NULL: the records cannot be read, *f says why. */
const struct numbers *run_numbers_look(struct run_numbers *r, struct failure *f);

#endif /* DB_READ_RUN_NUMBERS_H */
