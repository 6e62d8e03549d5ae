/* SPDX-License-Identifier: Apache-2.0 */
/*
 * db_recorder - base/recorder.h kept in a database: every call is one transaction, committed with synchronous=FULL
 * before it returns 0. A refused or failed call leaves nothing behind.
 *
 * Threads: the recorder's calls from any thread; new and free from one, when nobody calls.
 */
#ifndef DB_RECORD_DB_RECORDER_H
#define DB_RECORD_DB_RECORDER_H

#include "base/recorder.h"
#include "db/desk/duty.h"
#include "db/desk/policy.h"
#include "db/desk/serial_desk.h"
#include "db/open/db.h"

struct db_recorder;

/*
 * `db` is borrowed and must be DB_STATION. Attempts found open are closed as INTERRUPTED (FAIL_INTERRUPTED), durably,
 * before this returns. NULL: *f is filled. Caller owns: db_recorder_free().
 */
struct db_recorder *db_recorder_new(struct db *db, const struct db_policy *policy, struct failure *f);
void db_recorder_free(struct db_recorder *r); /* NULL is fine; the database stays open */
const struct recorder *db_recorder_face(const struct db_recorder *r); /* borrowed */
/* Under whom and for which lot attempts are recorded that open from now on. Borrowed; any thread. */
struct duty *db_recorder_duty(const struct db_recorder *r);
/* Which board has which serial, and what became of each scan. Borrowed; any thread; a scan itself goes through the next. */
struct serial_desk *db_recorder_serials(const struct db_recorder *r);
/*
 * A serial was scanned, typed or sent for the board in *slot, or (0) for whichever asks: *slot is that one afterwards. The
 * one door of all serials; what became of it is told by the desk of serials too. Afterwards the engine looks again there.
 */
enum serial_answer db_recorder_scan(struct db_recorder *r, int *slot, const char *code);
/* On the attempt's record; "" : none. */
void db_recorder_serial_of(struct db_recorder *r, int64_t attempt, char serial[static SERIAL_SIZE]);
/* What an open attempt's board may be given of its own record: "" where there is none. */
struct attempt_words {
    char serial
        [SERIAL_SIZE]; /* that it will be begun with, or was: it may still be taken back, never another one be taken */
    char lot[DUTY_NAME_SIZE];
};
/* 0, or -1 with *f. */
int db_recorder_words_of(struct db_recorder *r, int64_t attempt, struct attempt_words *out,
                         struct failure *f);
void db_recorder_set_rework(struct db_recorder *r,
                            bool rework); /* units that passed are allowed: engineer's decision */
/*
 * What a person should see of what the recorder noted since the last call: the clock jumped, a lot is nearly or wholly
 * done, a duplicate was let through, a backup failed. False: nothing. Any one thread; costs nothing when there is nothing.
 */
bool db_recorder_next_note(struct db_recorder *r, char *text, size_t size);
/* Other rules from here on, as when another job is chosen. While no attempt is open. */
void db_recorder_set_policy(struct db_recorder *r, const struct db_policy *policy);
int db_recorder_interrupted(const struct db_recorder *r); /* how many were found open */

#endif /* DB_RECORD_DB_RECORDER_H */
