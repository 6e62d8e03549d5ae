/* SPDX-License-Identifier: Apache-2.0 */
/*
 * work - every change to lots, operators, stops and records that a person makes: who may, done and audited in one
 * transaction. The one place where the role lock stands, for screen, command line and headless alike.
 *
 * An engineer's action needs an engineer's PIN with each call, once an engineer is enrolled (db/operator.h). Actions
 * marked "reason" are refused without one. docs/audit.md lists them; a test keeps it so.
 */
#ifndef DB_WORK_H
#define DB_WORK_H

#include <stdbool.h>

#include "db/db.h"

/* X(id, name in audit, needs the engineer, needs a reason, what it does to which object). Append only. */
/* clang-format off */
#define WORK_ACTIONS(X) \
    X(WORK_LOT_OPEN,         "lot.open",         false, false, "opens a lot with `number` planned boards (0: open-ended) and `text` as work order") \
    X(WORK_LOT_EXTEND,       "lot.extend",       true,  true,  "plans `number` more boards for a lot; negative: fewer") \
    X(WORK_LOT_CLOSE,        "lot.close",        true,  false, "closes a lot: no more boards start in it") \
    X(WORK_LOT_REOPEN,       "lot.reopen",       true,  true,  "opens a closed lot again") \
    X(WORK_OPERATOR_ADD,     "operator.add",     true,  false, "enrols an operator, or changes badge, PIN or role; `text` is the role") \
    X(WORK_OPERATOR_DISABLE, "operator.disable", true,  false, "an operator may no longer log in") \
    X(WORK_UNLOCK,           "stop.unlock",      true,  true,  "releases the stop of slot `number`, 0: of the station") \
    X(WORK_RELEASE,          "attempt.release",  true,  true,  "a held unit may be used: correction of attempt `number`") \
    X(WORK_REWORK,           "attempt.rework",   true,  true,  "a unit goes to rework: correction of attempt `number`") \
    X(WORK_SCRAP,            "attempt.scrap",    true,  true,  "a unit is scrapped: correction of attempt `number`") \
    X(WORK_NOTE,             "attempt.note",     false, true,  "a remark on attempt `number`") \
    X(WORK_JOB_CHANGE,       "job.change",       true,  false, "another job is chosen for the station") \
    X(WORK_JOB_UNRELEASED,   "job.unreleased",   true,  false, "boards are started with a job that is not released") \
    X(WORK_JOB_RELEASE,      "job.release",      true,  false, "a job's hashes are pinned") \
    X(WORK_SLOT_CHANGE,      "slot.change",      true,  false, "a slot is taught, labelled, forgotten, enabled or disabled") \
    X(WORK_REWORK_RUN,       "run.rework",       true,  true,  "units that passed are flashed again") \
    X(WORK_ARCHIVE,          "records.archive",  true,  false, "old records are moved to a dated file") \
    X(WORK_LOGIN,            "login",            false, false, "an operator logs in by badge") \
    X(WORK_LOGOUT,           "logout",           false, false, "an operator logs out, or is logged out when idle (`text` says which)") \
    X(WORK_RESTORE,          "records.restore",  true,  false, "a backup takes the place of the database (db/restore.h)") \
    X(WORK_ELSEWHERE,        "run.elsewhere",    true,  false, "boards on real ports are flashed for practice, or into another database: `text` says which") \
    X(WORK_IDENTITY_RESTORE, "identity.restore", true,  true,  "a saved identity sector goes back onto the board of MAC `object`: the SHA-256 of what stood there, and `text`: of what is put there (db/identity.h)") \
    X(WORK_IDENTITY_ACCEPT,  "identity.accept",  true,  true,  "what stands in the identity sector of MAC `object` is right: what attempts before saved of it counts no more")
/* clang-format on */

enum work_action {
#define X(id, name, engineer, reason, what) id,
    WORK_ACTIONS(X)
#undef X
        WORK_ACTION_COUNT
};

struct identity_act; /* db/identity.h */

struct work_call {
    enum work_action action;
    const char *actor;  /* who asks: an operator's name; "" or NULL: nobody is logged in */
    const char *pin;    /* the engineer's; NULL or "": none given */
    const char *object; /* lot, operator, job, slot.. as the action says; NULL: "" */
    int64_t number;
    const char *text; /* NULL: none */
    const char *badge,
        *new_pin; /* WORK_OPERATOR_ADD; NULL: leave as it is. Never kept in clear, never audited */
    const char *reason;
    const char *old; /* value before, for actions that only record (job, slot); NULL: none */
    const struct identity_act *identity; /* WORK_IDENTITY_RESTORE: both sectors, within this process only */
};

const char *work_action_name(enum work_action action); /* "lot.extend"; static storage */
bool work_needs_engineer(enum work_action action);
bool work_needs_reason(enum work_action action);
/* WORK_ACTION_COUNT: no such name. */
enum work_action work_action_parse(const char *name);

/* Would work_do() be allowed to? Nothing is done or audited; same answers. For work that a person prepares first. */
int work_may(struct db *db, const struct work_call *call, struct failure *f);
/*
 * Checks, does and audits, durably; `db` is DB_STATION. `who` (64 bytes or NULL) gets the name that stands in the audit.
 * -1: FAIL_ROLE (sys EACCES: no or wrong PIN, EAGAIN: too many wrong ones), FAIL_WORK (what is in the way; sys EINVAL:
 * the reason is missing), FAIL_RECORD.
 */
int work_do(struct db *db, const struct work_call *call, char *who, struct failure *f);

#endif /* DB_WORK_H */
