/* SPDX-License-Identifier: Apache-2.0 */
/* db_fixture - a database in a folder of its own for one test, and plain boards to record in it. */
#ifndef TESTS_DB_FIXTURE_H
#define TESTS_DB_FIXTURE_H

#include "base/recorder.h"
#include "db/record/db_recorder.h"
#include "tests/support/scratch.h"

struct db_fixture {
    char dir[SCRATCH_SIZE], path[128];
    struct db_policy policy;
    struct db *db;
    struct db_recorder *rec;
    const struct recorder *face;
    /* A clock the test moves; used when has_clock was set before fixture_start(). */
    bool has_clock;
    int64_t wall_ms, mono_us;
    struct db_clock clock;
};

void fixture_new(struct db_fixture *x);   /* makes the folder; nothing is open yet */
void fixture_start(struct db_fixture *x); /* opens database and recorder, asserts success */
void fixture_stop(struct db_fixture *x);  /* closes both */
void fixture_free(struct db_fixture *x);  /* closes and removes the folder */

struct attempt_start board_start(int slot);
struct unit_identity board_identity(uint32_t tail); /* 24:0a:c4 and the tail */
struct attempt_result board_end(enum result result, enum failure_code code);

/* open + identify + close, all asserted to be recorded; returns the handle. */
int64_t fixture_flash(struct db_fixture *x, int slot, const char *lot, uint32_t tail, enum result result,
                      enum failure_code code);
/* One integer out of the file, by a connection of its own when nothing is open, else by the fixture's. */
int64_t fixture_int(struct db_fixture *x, const char *sql);
int fixture_exec(struct db_fixture *x, const char *sql); /* SQLite's code */
int fixture_write(struct db_fixture *x,
                  const char *sql); /* the same by the open station, in a transaction of its own */

#endif /* TESTS_DB_FIXTURE_H */
