/* SPDX-License-Identifier: Apache-2.0 */
/* recorder_private - the recorder's steps, one file each. All run inside a transaction of the caller and answer SQLite codes. */
#ifndef DB_RECORD_RECORDER_PRIVATE_H
#define DB_RECORD_RECORDER_PRIVATE_H

#include "base/recorder.h"
#include "db/record/db_recorder.h"
#include "db/open/db_inside.h"
#include "db/desk/event.h"
#include "db/desk/policy.h"
#include "db/desk/serial_desk.h"

struct db_recorder {
    /* Not written after it is made. */
    struct recorder face;
    struct db *db;
    struct duty *duty;
    struct serial_desk *serials;
    int interrupted;

    long told_count; /* of db->events when nothing was left to tell; the asking thread's */

    /* Guarded by the database's lock. */
    struct db_policy policy;
    int64_t told_event;
    bool told_archives; /* that some of them do not tell their serials */
    bool rework;        /* units that passed are allowed */
    struct clock_watch clock;
};

/* recorder_open.c: a refusal leaves SQLITE_ABORT and *refusal filled. */
int recorder_open_attempt(struct db_recorder *r, const struct attempt_start *start, int64_t *attempt,
                          struct failure *refusal);
/* Free space, before any transaction: 0, or -1 with *f. */
int recorder_check_disk(struct db_recorder *r, struct failure *f);
/* recorder_identify.c: fills the verdict and stores the identification. */
int recorder_judge(struct db_recorder *r, int64_t attempt, const struct unit_identity *unit,
                   struct recorder_verdict *v);
/*
 * recorder_serial.c: may the attempt's board go on (base/recorder.h, leave and begin)? *leave as leave() answers, -1 with
 * *refusal. And its end: what it was scanned as stands on its row, before that is closed. The desk is told once, whatever
 * becomes of the transaction, and *end keeps its answer for when the steps are gone through again (db_transact()).
 */
struct serial_end {
    bool is_told;
    char serial[SERIAL_SIZE];
};
int recorder_leave_attempt(struct db_recorder *r, int64_t attempt, int *leave, struct failure *refusal);
int recorder_begin_attempt(struct db_recorder *r, int64_t attempt, struct failure *refusal);
int recorder_end_serial(struct db_recorder *r, int64_t attempt, const struct attempt_result *result,
                        struct serial_end *end);
/* recorder_close.c: `result` NULL closes as INTERRUPTED. */
int recorder_close_attempt(struct db_recorder *r, int64_t attempt, const struct attempt_result *result);

#endif /* DB_RECORD_RECORDER_PRIVATE_H */
