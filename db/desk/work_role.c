/* SPDX-License-Identifier: Apache-2.0 */
/* work_role - who may do what, by which door, with which PIN and for which reason: the table of db/desk/work.h asked. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/plain.h"
#include "db/desk/operator.h"
#include "db/desk/pin.h"
#include "db/desk/work_inside.h"
#include "db/open/sql.h"

#define PIN_USED_UP "operator.pin_short"

static const struct {
    const char *name;
    enum work_who who;
    enum work_pin pin;
    enum work_reason reason;
    unsigned doors;
} actions[] = {
#define X(id, name, who, pin, reason, doors, what) {name, WHO_##who, PIN_##pin, REASON_##reason, doors},
    WORK_ACTIONS(X)
#undef X
};

const char *work_action_name(enum work_action action)
{
    return actions[action].name;
}

const char *work_door_name(enum work_door door)
{
    static const char *const names[] = {
#define X(id, name, what) name,
        WORK_DOORS(X)
#undef X
    };

    return names[door];
}

bool work_needs_engineer(enum work_action action)
{
    return actions[action].who == WHO_ENGINEER;
}

bool work_needs_reason(enum work_action action)
{
    return actions[action].reason == REASON_NEEDED;
}

bool work_is_at(enum work_action action, enum work_door door)
{
    return (actions[action].doors & 1u << door) != 0;
}

enum work_action work_action_parse(const char *name)
{
    int i = 0;

    while (i < WORK_ACTION_COUNT && strcmp(actions[i].name, name) != 0)
        i++;
    return (enum work_action)i;
}

static bool given(const char *text)
{
    return text != NULL && text[0] != '\0';
}

/* What is written down must read the same everywhere. */
static int check_texts(const struct work_call *c, struct failure *f)
{
    const struct {
        const char *what, *text;
    } texts[] = {{"the name of who asks", c->actor},
                 {"the name", c->object},
                 {"the text", c->text},
                 {"the value before", c->old},
                 {"the badge", c->badge}};

    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        const char *trouble = plain_trouble(texts[i].text);
        if (trouble != NULL)
            return failure_set(f, FAIL_WORK, STAGE_NONE, 0, "%s: %s %s", work_action_name(c->action),
                               texts[i].what, trouble);
    }
    return 0;
}

/* What a call makes, its work order and who asks: names that stand in the records from then on. */
static int check_new_names(const struct work_call *c, struct failure *f)
{
    bool is_lot = c->action == WORK_LOT_OPEN;
    const struct {
        const char *what, *text;
    } names[] = {{"the name of who asks", c->actor},
                 {"the name", is_lot || c->action == WORK_OPERATOR_ADD ? c->object : NULL},
                 {"the work order", is_lot ? c->text : NULL},
                 {"the job's name", is_lot ? c->job : NULL}};

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        const char *trouble = given(names[i].text) ? plain_name_trouble(names[i].text) : NULL;
        if (trouble != NULL)
            return failure_set(f, FAIL_WORK, STAGE_NONE, 0, "%s: %s %s", work_action_name(c->action),
                               names[i].what, trouble);
    }
    return 0;
}

static int check_reason(const struct work_call *c, struct failure *f)
{
    if (!given(c->reason) && !work_needs_reason(c->action))
        return 0;
    if (!given(c->reason))
        return failure_set(f, FAIL_WORK, STAGE_NONE, EINVAL, "%s needs a reason",
                           work_action_name(c->action));
    if (plain_is_words(c->reason))
        return 0;
    const char *trouble = plain_trouble(c->reason);
    return failure_set(f, FAIL_WORK, STAGE_NONE, EINVAL, "%s: the reason %s", work_action_name(c->action),
                       trouble != NULL ? trouble : "is no words");
}

/* Was this engineer's PIN taken for the last time since it was last set? The audit says so. SQLite code. */
static int is_used_up(struct db *db, const char *name, bool *used)
{
    int64_t last = 0, set = 0;

    db_lock(db);
    int rc = sql_int(db->h, &last, 0,
                     "SELECT max(id) FROM audit WHERE action = '" PIN_USED_UP "' AND object = ?", "t", name);
    if (rc == SQLITE_ROW)
        rc = sql_int(
            db->h, &set, 0,
            "SELECT max(id) FROM audit WHERE action IN ('operator.add', 'operator.pin') AND object = ?"
            " AND new LIKE '%new PIN%'",
            "t", name);
    db_unlock(db);
    *used = last > set;
    return rc == SQLITE_ROW ? SQLITE_OK : rc;
}

int work_use_up_pin(struct db *db, const char *engineer)
{
    static const struct actor station = {.role = "station"};
    const struct audit_entry entry = {PIN_USED_UP, engineer, NULL,
                                      "a PIN that is too short was taken for the last time", NULL};

    return audit_append(db, db_wall_ms(db), &station, &entry);
}

static int refuse_pin(const struct work_call *c, int sys, const char *why, struct failure *f)
{
    return failure_set(f, FAIL_ROLE, STAGE_NONE, sys, "%s%s", work_action_name(c->action), why);
}

static int ask_pin(struct db *db, const struct work_call *c, struct work_leave *leave, struct failure *f)
{
    struct operator_info engineer;
    bool used = false;

    if (!given(c->pin))
        return refuse_pin(c, EACCES, " needs the engineer's PIN", f);
    int rc = operator_by_pin(db, NULL, c->pin, &engineer, f);
    if (rc == -EAGAIN)
        return failure_set(f, FAIL_ROLE, STAGE_NONE, EAGAIN, "too many wrong PINs: wait a minute");
    if (rc == -EACCES)
        return refuse_pin(c, EACCES, ": that is not an engineer's PIN", f);
    if (rc != 0)
        return -1;
    bool is_short = pin_trouble(c->pin) != NULL && actions[c->action].pin != PIN_CHANGED;
    if (is_short && is_used_up(db, engineer.name, &used) != SQLITE_OK)
        return failure_set(f, FAIL_DB_OPEN, STAGE_NONE, 0, "cannot read the audit of %s", db_path(db));
    if (used)
        return failure_set(f, FAIL_ROLE, STAGE_NONE, EKEYEXPIRED,
                           "the PIN of %s is too short and was used up: flashline operator pin %s",
                           engineer.name, engineer.name);
    snprintf(leave->actor.name, sizeof leave->actor.name, "%s", engineer.name);
    snprintf(leave->actor.role, sizeof leave->actor.role, "engineer");
    leave->pin_short = is_short;
    return 0;
}

/* Who was sent away does nothing here under the own name, but go. */
static int check_actor(struct db *db, const struct work_call *c, struct failure *f)
{
    struct operator_info who;

    if (!given(c->actor) || c->action == WORK_LOGOUT)
        return 0;
    int known = operator_by_name(db, c->actor, &who, f);
    if (known == 0 && !who.active)
        return failure_set(f, FAIL_ROLE, STAGE_NONE, EPERM, "%s may no longer work here", who.name);
    return known == 0 || known == -ENOENT ? 0 : -1;
}

/* The engineer by PIN; while nobody is enrolled as one, whoever asks, and the audit says "unlocked". */
static int check_who(struct db *db, const struct work_call *c, struct work_leave *leave, struct failure *f)
{
    int closed = operator_lock_closed(db, f);

    if (closed < 0)
        return -1;
    snprintf(leave->actor.name, sizeof leave->actor.name, "%s", given(c->actor) ? c->actor : "");
    snprintf(leave->actor.role, sizeof leave->actor.role, "%s", closed ? "operator" : "unlocked");
    return closed && work_needs_engineer(c->action) ? ask_pin(db, c, leave, f) : check_actor(db, c, f);
}

int work_ask(struct db *db, const struct work_call *c, struct work_leave *leave, struct failure *f)
{
    memset(leave, 0, sizeof *leave);
    if (check_new_names(c, f) != 0 || check_texts(c, f) != 0 || check_who(db, c, leave, f) != 0 ||
        check_reason(c, f) != 0)
        return -1;
    if (!work_is_at(c->action, c->door))
        return failure_set(f, FAIL_WORK, STAGE_NONE, ENOTSUP, "%s cannot be asked for here (%s)",
                           work_action_name(c->action), work_door_name(c->door));
    return 0;
}

int work_check_role(struct db *db, const struct work_call *c, struct actor *actor, struct failure *f)
{
    struct work_leave leave;

    if (work_ask(db, c, &leave, f) != 0)
        return -1;
    if (leave.pin_short)
        return failure_set(f, FAIL_ROLE, STAGE_NONE, EKEYEXPIRED,
                           "the PIN of %s is too short for this: change it first: flashline operator pin %s",
                           leave.actor.name, leave.actor.name);
    *actor = leave.actor;
    return 0;
}
