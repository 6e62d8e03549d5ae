/* SPDX-License-Identifier: Apache-2.0 */
/*
 * work - every change to lots, operators, stops and records that a person makes: who may, done and audited in one
 * transaction. The one place where the role lock stands: each door (command line, screen, control socket, start of a run)
 * puts its call to work_do(), which refuses what the table below does not give to that door.
 *
 * An engineer's act needs an engineer's PIN with each call, once an engineer is enrolled (db/desk/operator.h). Acts that need
 * a reason are refused without words. docs/audit.md lists them; tests hold the page, the doors and the callers to the table.
 */
#ifndef DB_DESK_WORK_H
#define DB_DESK_WORK_H

#include <stdbool.h>

#include "db/open/db.h"

/* Who may; ENGINEER: by the PIN, whoever's name the call carries. */
enum work_who { WHO_ANYBODY, WHO_ENGINEER };

/* Which PIN. CHANGED: the one that is changed, also when it is too short to open anything any more. */
enum work_pin { PIN_NONE, PIN_ENGINEER, PIN_CHANGED };

enum work_reason { REASON_FREE, REASON_NEEDED };

/* X(id, name, what comes in by it). */
#define WORK_DOORS(X)                                                                           \
    X(DOOR_COMMAND, "command", "a verb of the command line that holds the database itself")     \
    X(DOOR_SCREEN, "screen", "the screen of a run")                                             \
    X(DOOR_SOCKET, "socket", "the control socket: verbs and others that ask a running station") \
    X(DOOR_START, "start", "the start of a run or flash: screen, lines and JSON alike")         \
    X(DOOR_DUTY, "duty", "the choice of operator, lot or job that others put to a running station")

enum work_door {
#define X(id, name, what) id,
    WORK_DOORS(X)
#undef X
        DOOR_COUNT
};

#define AT(door)     (1u << DOOR_##door)
#define AT_COMMANDS  (AT(COMMAND) | AT(SOCKET))
#define AT_DESK      (AT(COMMAND) | AT(SOCKET) | AT(SCREEN))
#define AT_LOT       (AT_DESK | AT(START) | AT(DUTY))
#define AT_JOB       (AT(SCREEN) | AT(START) | AT(DUTY))
#define AT_WHO       (AT(SCREEN) | AT(DUTY))
#define AT_ELSEWHERE (AT(COMMAND) | AT(SOCKET) | AT(START))

/* X(id, name in audit, who may, whether a PIN, whether a reason, at which doors, what it does to which object). Append only. */
/* clang-format off */
#define WORK_ACTIONS(X) \
    X(WORK_LOT_OPEN,         "lot.open",         ANYBODY,  NONE,     FREE,   AT_LOT,      "opens a lot with `number` planned boards (0: open-ended) and `text` as work order, for any job or for one released job and its hash alone") \
    X(WORK_LOT_EXTEND,       "lot.extend",       ENGINEER, ENGINEER, NEEDED, AT_DESK,     "plans `number` more boards for a lot; negative: fewer") \
    X(WORK_LOT_CLOSE,        "lot.close",        ENGINEER, ENGINEER, FREE,   AT_COMMANDS, "closes a lot: no more boards start in it") \
    X(WORK_LOT_REOPEN,       "lot.reopen",       ENGINEER, ENGINEER, NEEDED, AT_COMMANDS, "opens a closed lot again") \
    X(WORK_OPERATOR_ADD,     "operator.add",     ENGINEER, ENGINEER, FREE,   AT_COMMANDS, "enrols an operator, or changes badge, PIN or role; `text` is the role, none: as it was") \
    X(WORK_OPERATOR_DISABLE, "operator.disable", ENGINEER, ENGINEER, FREE,   AT_COMMANDS, "an operator may no longer log in") \
    X(WORK_UNLOCK,           "stop.unlock",      ENGINEER, ENGINEER, NEEDED, AT_DESK,     "releases the stop of slot `number`, 0: of the station") \
    X(WORK_RELEASE,          "attempt.release",  ENGINEER, ENGINEER, NEEDED, AT_COMMANDS, "a held unit may be used: correction of attempt `number`") \
    X(WORK_REWORK,           "attempt.rework",   ENGINEER, ENGINEER, NEEDED, AT_COMMANDS, "a unit goes to rework: correction of attempt `number`") \
    X(WORK_SCRAP,            "attempt.scrap",    ENGINEER, ENGINEER, NEEDED, AT_COMMANDS, "a unit is scrapped: correction of attempt `number`") \
    X(WORK_NOTE,             "attempt.note",     ANYBODY,  NONE,     NEEDED, AT_COMMANDS, "a remark on attempt `number`") \
    X(WORK_JOB_CHANGE,       "job.change",       ENGINEER, ENGINEER, FREE,   AT_JOB,      "another job is chosen for the station") \
    X(WORK_JOB_UNRELEASED,   "job.unreleased",   ENGINEER, ENGINEER, FREE,   AT_JOB,      "boards are started with a job that is not released") \
    X(WORK_JOB_RELEASE,      "job.release",      ENGINEER, ENGINEER, FREE,   AT_COMMANDS, "a job's hashes are pinned") \
    X(WORK_SLOT_CHANGE,      "slot.change",      ENGINEER, ENGINEER, FREE,   AT_DESK,     "a slot is taught, labelled, forgotten, enabled or disabled") \
    X(WORK_REWORK_RUN,       "run.rework",       ENGINEER, ENGINEER, NEEDED, AT(START),   "units that passed are flashed again") \
    X(WORK_ARCHIVE,          "records.archive",  ENGINEER, ENGINEER, FREE,   AT(COMMAND), "old records are moved to a dated file") \
    X(WORK_LOGIN,            "login",            ANYBODY,  NONE,     FREE,   AT_WHO,      "an operator logs in by badge, or is named to a running station") \
    X(WORK_LOGOUT,           "logout",           ANYBODY,  NONE,     FREE,   AT_WHO,      "an operator logs out, or is logged out when idle (`text` says which)") \
    X(WORK_RESTORE,          "records.restore",  ENGINEER, ENGINEER, FREE,   AT(COMMAND), "a backup takes the place of the database (db/care/restore.h)") \
    X(WORK_ELSEWHERE,        "run.elsewhere",    ENGINEER, ENGINEER, FREE,   AT_ELSEWHERE, "boards on real ports are flashed for practice, or into another database: `text` says which") \
    X(WORK_IDENTITY_RESTORE, "identity.restore", ENGINEER, ENGINEER, NEEDED, AT(COMMAND), "a saved identity sector goes back onto the board of MAC `object`: the SHA-256 of what stood there, and `text`: of what is put there (db/desk/identity.h)") \
    X(WORK_IDENTITY_ACCEPT,  "identity.accept",  ENGINEER, ENGINEER, NEEDED, AT_COMMANDS, "what stands in the identity sector of MAC `object` is right: what attempts before saved of it counts no more") \
    X(WORK_PIN,              "operator.pin",     ENGINEER, CHANGED,  FREE,   AT_DESK,     "an engineer changes the own PIN, which the call carries, for `new_pin`") \
    X(WORK_STUB,             "stub.other",       ENGINEER, ENGINEER, FREE,   AT_JOB,      "a released job is flashed by a helper program that neither the list nor the job knows: `text` is its SHA-256") \
    X(WORK_QUARANTINE,       "attempt.quarantine", ENGINEER, ENGINEER, NEEDED, AT_COMMANDS, "a unit is put aside until a later word: correction of attempt `number`") \
    X(WORK_SETUP,            "station.setup",    ENGINEER, ENGINEER, FREE,   AT_COMMANDS, "`flashline setup` changes what station.yaml says: `text` names the keys") \
    X(WORK_IDENTITY_CHANGE,  "identity.change",  ENGINEER, ENGINEER, FREE,   AT(COMMAND), "fields of the identity sector of the board of MAC `object` are changed, or a copy from a file is put there: the SHA-256 of what stood there, and `text`: of what is put there") \
    X(WORK_POOL_IMPORT,      "pool.import",      ENGINEER, ENGINEER, FREE,   AT_COMMANDS, "values come into pool `object`, all or none, out of the block of values in file `text`") \
    X(WORK_POOL_TAKE,        "pool.take",        ENGINEER, ENGINEER, FREE,   AT_COMMANDS, "a block that another station lent comes into pool `object`, out of file `text`") \
    X(WORK_POOL_LEND,        "pool.lend",        ENGINEER, ENGINEER, FREE,   AT_COMMANDS, "`number` free values of pool `object` are lent: `text` is the block and the station") \
    X(WORK_POOL_SPOIL,       "pool.spoil",       ENGINEER, ENGINEER, NEEDED, AT_COMMANDS, "value number `number` of pool `object` is given to nobody any more") \
    X(WORK_POOL_REVEAL,      "pool.reveal",      ENGINEER, ENGINEER, FREE,   AT_COMMANDS, "the secrets of pool `object` are shown, or written to the file `text`") \
    X(WORK_POOL_KEY,         "pool.key",         ENGINEER, ENGINEER, FREE,   AT_COMMANDS, "a key file for the secrets of pools is made: `text`")
/* clang-format on */

enum work_action {
#define X(id, name, who, pin, reason, doors, what) id,
    WORK_ACTIONS(X)
#undef X
        WORK_ACTION_COUNT
};

struct identity_act; /* db/desk/identity.h */

struct work_call {
    enum work_action action;
    enum work_door door; /* by which it comes in */
    const char *actor;   /* who asks: an operator's name; "" or NULL: nobody is logged in */
    const char *pin;     /* the engineer's; NULL or "": none given */
    const char *object;  /* lot, operator, job, slot.. as the action says; NULL: "" */
    int64_t number;
    const char *text;             /* NULL: none */
    const char *job, *job_sha256; /* WORK_LOT_OPEN: what the lot is for, the hash in hex; NULL: any job */
    const char *badge,
        *new_pin; /* WORK_OPERATOR_ADD, WORK_PIN (new_pin); NULL: leave as it is. Never kept in clear, never audited */
    const char *reason;
    const char *old; /* value before, for actions that only record (job, slot); NULL: none */
    const struct identity_act
        *identity; /* WORK_IDENTITY_RESTORE, _CHANGE: both sectors, within this process only */
};

/* How a call that was carried out went. */
struct work_receipt {
    char who[64]; /* the name that stands in the audit */
    bool
        pin_short; /* the PIN is too short for today's rule: it opened this once more, and must now be changed (WORK_PIN) */
};

const char *work_action_name(enum work_action action); /* "lot.extend"; static storage */
const char *work_door_name(enum work_door door);       /* "screen" */
bool work_needs_engineer(enum work_action action);
bool work_needs_reason(enum work_action action);
/* Can this be asked for at that door? */
bool work_is_at(enum work_action action, enum work_door door);
/* WORK_ACTION_COUNT: no such name. */
enum work_action work_action_parse(const char *name);

/* Would work_do() be allowed to? Nothing is done or audited; same answers. For work that a person prepares first. */
int work_may(struct db *db, const struct work_call *call, struct failure *f);
/*
 * Checks, does and audits, durably; `db` is DB_STATION. `receipt` may be NULL.
 * -1: FAIL_ROLE (sys EACCES: no or wrong PIN; EAGAIN: too many wrong ones; EKEYEXPIRED: the PIN is too short and was used
 * up, WORK_PIN alone takes it; EPERM: the actor may no longer work here), FAIL_WORK (what is in the way; sys EINVAL: the
 * reason is missing or no words), FAIL_RECORD.
 */
int work_do(struct db *db, const struct work_call *call, struct work_receipt *receipt, struct failure *f);

#endif /* DB_DESK_WORK_H */
