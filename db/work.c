/* SPDX-License-Identifier: Apache-2.0 */
#include "db/work.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "db/audit.h"
#include "db/identity_private.h"
#include "db/lot_private.h"
#include "db/operator.h"
#include "db/operator_private.h"
#include "db/sql.h"
#include "db/stop_private.h"
#include "db/work_private.h"

static const struct {
    const char *name;
    bool engineer, reason;
} actions[] = {
#define X(id, name, engineer, reason, what) {name, engineer, reason},
    WORK_ACTIONS(X)
#undef X
};

const char *work_action_name(enum work_action action)
{
    return actions[action].name;
}

bool work_needs_engineer(enum work_action action)
{
    return actions[action].engineer;
}

bool work_needs_reason(enum work_action action)
{
    return actions[action].reason;
}

enum work_action work_action_parse(const char *name)
{
    int i = 0;

    while (i < WORK_ACTION_COUNT && strcmp(actions[i].name, name) != 0)
        i++;
    return (enum work_action)i;
}

/* One call on its way through the transaction. */
struct step {
    const struct work_call *call;
    const char *object;
    struct actor actor;
    struct failure refusal;
    char old[128], fresh[128];
};

static bool given(const char *text)
{
    return text != NULL && text[0] != '\0';
}

static int refuse(struct step *s, const char *why)
{
    failure_set(&s->refusal, FAIL_WORK, STAGE_NONE, 0, "%s %.60s: %s", work_action_name(s->call->action),
                s->object, why);
    return SQLITE_ABORT;
}

static int find_lot(struct db *db, struct step *s, int64_t *planned, int64_t *closed)
{
    int rc = sql_int(db->h, planned, 0, "SELECT planned FROM lot WHERE code = ?", "t", s->object);

    if (rc == SQLITE_DONE)
        return refuse(s, "there is no such lot");
    if (rc == SQLITE_ROW)
        rc = sql_int(db->h, closed, 0, "SELECT closed_ms FROM lot WHERE code = ?", "t", s->object);
    return rc == SQLITE_ROW ? SQLITE_OK : rc;
}

static int lot_open(struct db *db, struct step *s)
{
    const struct work_call *c = s->call;

    if (c->number < 0)
        return refuse(s, "a quantity is not negative");
    if (s->object[0] == '\0')
        return refuse(s, "a lot needs a name");
    if (strlen(s->object) >= 64)
        return refuse(s, "the lot's name is too long (63 bytes)");
    int rc =
        sql_run(db->h, "INSERT OR IGNORE INTO lot(code, work_order, planned, opened_ms) VALUES (?, ?, ?, ?)",
                "tTll", s->object, c->text, c->number, db_wall_ms(db));
    if (rc == SQLITE_OK && sqlite3_changes(db->h) == 0)
        return refuse(s, "the lot is there already; extend it instead");
    snprintf(s->fresh, sizeof s->fresh, "%lld", (long long)c->number);
    return rc;
}

static int lot_extend(struct db *db, struct step *s)
{
    int64_t planned, closed, good = 0;
    int rc = find_lot(db, s, &planned, &closed);

    if (rc != SQLITE_OK)
        return rc;
    if (planned == 0)
        return refuse(s, "the lot is open-ended, nothing to extend");
    rc = sql_int(
        db->h, &good, 0,
        "SELECT max(coalesce((SELECT good FROM lot_count WHERE lot_id = l.id AND training = 0), 0)"
        " + (SELECT count(*) FROM attempt WHERE lot_id = l.id AND result = 'OPEN' AND kind <> 'TRAINING'),"
        " coalesce((SELECT good FROM lot_count WHERE lot_id = l.id AND training = 1), 0)"
        " + (SELECT count(*) FROM attempt WHERE lot_id = l.id AND result = 'OPEN' AND kind = 'TRAINING'))"
        " FROM lot l WHERE code = ?",
        "t", s->object);
    if (rc != SQLITE_ROW)
        return rc;
    if (s->call->number == 0 || planned + s->call->number < good || planned + s->call->number <= 0)
        return refuse(s, "the plan cannot be less than what is done and running");
    snprintf(s->old, sizeof s->old, "%lld", (long long)planned);
    snprintf(s->fresh, sizeof s->fresh, "%lld", (long long)planned + s->call->number);
    return sql_run(db->h, "UPDATE lot SET planned = planned + ? WHERE code = ?", "lt", s->call->number,
                   s->object);
}

static int lot_set_closed(struct db *db, struct step *s)
{
    bool close = s->call->action == WORK_LOT_CLOSE;
    int64_t planned, closed;
    int rc = find_lot(db, s, &planned, &closed);

    if (rc != SQLITE_OK)
        return rc;
    if ((closed != 0) == close)
        return refuse(s, close ? "the lot is closed already" : "the lot is open");
    return sql_run(db->h, "UPDATE lot SET closed_ms = nullif(?, 0) WHERE code = ?", "lt",
                   close ? db_wall_ms(db) : 0, s->object);
}

static int operator_add(struct db *db, struct step *s)
{
    const struct work_call *c = s->call;
    bool engineer = given(c->text) && strcmp(c->text, "engineer") == 0;
    struct operator_info other;
    struct failure f;

    if (given(c->text) && !engineer && strcmp(c->text, "operator") != 0)
        return refuse(s, "a role is operator or engineer");
    if (s->object[0] == '\0')
        return refuse(s, "an operator needs a name");
    if (strlen(s->object) >= 64)
        return refuse(s, "the name is too long (63 bytes)");
    if (c->new_pin != NULL && (strlen(c->new_pin) < PIN_MIN || strlen(c->new_pin) > PIN_MAX))
        return refuse(s, "a PIN has 4 to 64 characters");
    if (engineer && c->new_pin == NULL)
        return refuse(s, "an engineer needs a PIN");
    if (c->badge != NULL && operator_by_badge(db, c->badge, &other, &f) == 0 &&
        strcmp(other.name, s->object) != 0)
        return refuse(s, "the badge belongs to somebody else");
    snprintf(s->fresh, sizeof s->fresh, "%s%s%s", engineer ? "engineer" : "operator",
             c->badge != NULL ? ", badge" : "", c->new_pin != NULL ? ", PIN" : "");
    return operator_enrol(db, s->object, engineer, c->badge, c->new_pin);
}

static int operator_disable(struct db *db, struct step *s)
{
    int64_t others = 1;
    int rc = sql_int(
        db->h, &others, 0,
        "SELECT count(*) FROM operator WHERE active = 1 AND role = 'engineer' AND pin_hash IS NOT NULL AND name <> ?",
        "t", s->object);

    /* Without this the lock would open itself. */
    if (rc == SQLITE_ROW && others == 0)
        return refuse(s, "the last engineer cannot be disabled: enrol another one first");
    rc = rc == SQLITE_ROW ? operator_set_active(db, s->object, false) : rc;
    return rc == SQLITE_NOTFOUND ? refuse(s, "there is no such operator") : rc;
}

static int unlock(struct db *db, struct step *s)
{
    int released;
    int rc = stop_release(db, (int)s->call->number, s->actor.name, s->call->reason, &released);

    if (rc == SQLITE_OK && released == 0)
        return refuse(s, "no stop holds there");
    snprintf(s->fresh, sizeof s->fresh, "%d released", released);
    return rc;
}

static int correct(struct db *db, struct step *s)
{
    static const char *const words[] = {
        [WORK_RELEASE] = "RELEASE", [WORK_REWORK] = "REWORK", [WORK_SCRAP] = "SCRAP", [WORK_NOTE] = "NOTE"};
    int64_t there = 0;
    int rc = sql_int(db->h, &there, 0, "SELECT 1 FROM attempt WHERE id = ? AND result <> 'OPEN'", "l",
                     s->call->number);

    if (rc == SQLITE_DONE)
        return refuse(s, "there is no such closed attempt");
    if (rc != SQLITE_ROW)
        return rc;
    return sql_run(
        db->h, "INSERT INTO correction(attempt_id, at_ms, actor, action, reason) VALUES (?, ?, ?, ?, ?)",
        "llttt", s->call->number, db_wall_ms(db), s->actor.name, words[s->call->action], s->call->reason);
}

static int identity(struct db *db, struct step *s)
{
    const struct work_call *c = s->call;
    struct mac mac;

    if (mac_parse(s->object, &mac) != 0)
        return refuse(s, "that is not a MAC address");
    if (c->action == WORK_IDENTITY_RESTORE && c->identity == NULL)
        return refuse(s, "this is done where the board is plugged in");
    int rc = identity_note_act(db, &mac, c->action == WORK_IDENTITY_RESTORE ? c->identity : NULL);
    snprintf(s->fresh, sizeof s->fresh, "%.127s", given(c->text) ? c->text : "");
    if (rc == SQLITE_LOCKED)
        return refuse(s, "the board is being flashed: wait until that is done");
    return rc == SQLITE_NOTFOUND ? refuse(s, "there is no such unit") : rc;
}

static int act(struct db *db, struct step *s)
{
    switch (s->call->action) {
    case WORK_LOT_OPEN:
        return lot_open(db, s);
    case WORK_LOT_EXTEND:
        return lot_extend(db, s);
    case WORK_LOT_CLOSE:
    case WORK_LOT_REOPEN:
        return lot_set_closed(db, s);
    case WORK_OPERATOR_ADD:
        return operator_add(db, s);
    case WORK_OPERATOR_DISABLE:
        return operator_disable(db, s);
    case WORK_UNLOCK:
        return unlock(db, s);
    case WORK_RELEASE:
    case WORK_REWORK:
    case WORK_SCRAP:
    case WORK_NOTE:
        return correct(db, s);
    case WORK_IDENTITY_RESTORE:
    case WORK_IDENTITY_ACCEPT:
        return identity(db, s);
    default: /* what is done elsewhere is recorded here */
        snprintf(s->fresh, sizeof s->fresh, "%.127s", given(s->call->text) ? s->call->text : "");
        return SQLITE_OK;
    }
}

static int work_steps(struct db *db, void *arg)
{
    struct step *s = arg;

    failure_clear(&s->refusal);
    s->old[0] = s->fresh[0] = '\0';
    if (given(s->call->old))
        snprintf(s->old, sizeof s->old, "%.127s", s->call->old);
    int rc = act(db, s);
    if (rc != SQLITE_OK)
        return rc;
    char object[96];
    snprintf(object, sizeof object, "%.64s%s%.0lld", s->object,
             s->object[0] != '\0' && s->call->number != 0 ? " " : "", (long long)s->call->number);
    const struct audit_entry entry = {
        work_action_name(s->call->action), object, s->old[0] != '\0' ? s->old : NULL,
        s->fresh[0] != '\0' ? s->fresh : NULL, given(s->call->reason) ? s->call->reason : NULL};
    return audit_append(db->h, db_wall_ms(db), &s->actor, &entry);
}

/* The engineer by PIN; while nobody is enrolled as one, whoever asks, and the audit says "unlocked". */
int work_check_role(struct db *db, const struct work_call *c, struct actor *actor, struct failure *f)
{
    struct operator_info engineer;
    int closed = operator_lock_closed(db, f);

    if (closed < 0)
        return -1;
    snprintf(actor->name, sizeof actor->name, "%s", given(c->actor) ? c->actor : "");
    snprintf(actor->role, sizeof actor->role, "%s", closed ? "operator" : "unlocked");
    if (!closed || !work_needs_engineer(c->action))
        return 0;
    if (!given(c->pin))
        return failure_set(f, FAIL_ROLE, STAGE_NONE, EACCES, "%s needs the engineer's PIN",
                           work_action_name(c->action));
    int rc = operator_by_pin(db, NULL, c->pin, &engineer, f);
    if (rc == -EAGAIN)
        return failure_set(f, FAIL_ROLE, STAGE_NONE, EAGAIN, "too many wrong PINs: wait a minute");
    if (rc == -EACCES)
        return failure_set(f, FAIL_ROLE, STAGE_NONE, EACCES, "%s: that is not an engineer's PIN",
                           work_action_name(c->action));
    if (rc != 0)
        return -1;
    snprintf(actor->name, sizeof actor->name, "%s", engineer.name);
    snprintf(actor->role, sizeof actor->role, "engineer");
    return 0;
}

static int check(struct db *db, const struct work_call *c, struct actor *actor, struct failure *f)
{
    if (db->mode != DB_STATION)
        return failure_set(f, FAIL_WORK, STAGE_NONE, 0, "%s is open for review only", db->path);
    if (work_check_role(db, c, actor, f) != 0)
        return -1;
    if (work_needs_reason(c->action) && !given(c->reason))
        return failure_set(f, FAIL_WORK, STAGE_NONE, EINVAL, "%s needs a reason",
                           work_action_name(c->action));
    return 0;
}

int work_may(struct db *db, const struct work_call *c, struct failure *f)
{
    struct actor actor;

    return check(db, c, &actor, f);
}

int work_do(struct db *db, const struct work_call *c, char *who, struct failure *f)
{
    struct step s = {.call = c, .object = c->object != NULL ? c->object : ""};
    struct failure mine = {0};

    f = f != NULL ? f : &mine;
    if (check(db, c, &s.actor, f) != 0)
        return -1;
    int rc = db_transact(db, work_steps, &s);
    if (s.refusal.code != FAILURE_NONE) {
        *f = s.refusal;
        return -1;
    }
    if (rc != SQLITE_OK)
        return failure_set(f, FAIL_RECORD, STAGE_NONE, 0, "cannot record %s: %s", work_action_name(c->action),
                           sql_error_words(rc));
    if (who != NULL)
        snprintf(who, 64, "%s", s.actor.name);
    return 0;
}
