/* SPDX-License-Identifier: Apache-2.0 */
#include "db/desk/work.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "db/desk/audit.h"
#include "db/desk/identity_inside.h"
#include "db/desk/lot_inside.h"
#include "db/desk/operator.h"
#include "db/desk/operator_private.h"
#include "db/desk/pool_work.h"
#include "db/open/sql.h"
#include "db/desk/stop_inside.h"
#include "db/desk/pin.h"
#include "db/desk/work_inside.h"

#define OBJECT_TEXT 128
#define STATE_TEXT  4608 /* a path and some words */

/* One call on its way through the transaction. */
struct step {
    const struct work_call *call;
    const char *object;
    struct work_leave leave;
    struct failure refusal;
    int64_t now; /* one time for the change and for its row */
    char old[STATE_TEXT], fresh[STATE_TEXT];
};

static bool given(const char *text)
{
    return text != NULL && text[0] != '\0';
}

static int refuse(struct step *s, const char *why)
{
    failure_set(&s->refusal, FAIL_WORK, STAGE_NONE, 0, "%s %.63s: %s", work_action_name(s->call->action),
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

/* False: `hex` is no SHA-256 as digest_hex() writes it. */
static bool read_hash(const char *hex, uint8_t out[static SHA256_SIZE])
{
    static const char digits[] = "0123456789abcdef";

    if (strlen(hex) != SHA256_TEXT_SIZE - 1 || strspn(hex, digits) != SHA256_TEXT_SIZE - 1)
        return false;
    for (size_t i = 0; i < SHA256_SIZE; i++)
        out[i] =
            (uint8_t)((strchr(digits, hex[2 * i]) - digits) << 4 | (strchr(digits, hex[2 * i + 1]) - digits));
    return true;
}

static int lot_open(struct db *db, struct step *s)
{
    const struct work_call *c = s->call;
    uint8_t hash[SHA256_SIZE];

    if (c->number < 0)
        return refuse(s, "a quantity is not negative");
    if (s->object[0] == '\0')
        return refuse(s, "a lot needs a name");
    if (given(c->job) && (!given(c->job_sha256) || !read_hash(c->job_sha256, hash)))
        return refuse(s, "a lot that names its job names the SHA-256 of the released job too");
    int rc = sql_run(db->h,
                     "INSERT OR IGNORE INTO lot(code, work_order, planned, opened_ms, job_name, job_sha256)"
                     " VALUES (?, ?, ?, ?, ?, ?)",
                     "tTllTb", s->object, c->text, c->number, s->now, c->job, given(c->job) ? hash : NULL,
                     SHA256_SIZE);
    if (rc == SQLITE_OK && sqlite3_changes(db->h) == 0)
        return refuse(s, "the lot is there already; extend it instead");
    snprintf(s->fresh, sizeof s->fresh, "%lld%s%s%s%s%s%s", (long long)c->number,
             given(c->text) ? ", work order " : "", given(c->text) ? c->text : "",
             given(c->job) ? ", job " : "", given(c->job) ? c->job : "", given(c->job) ? " " : "",
             given(c->job) ? c->job_sha256 : "");
    return rc;
}

static int lot_extend(struct db *db, struct step *s)
{
    int64_t planned, closed, taken = 0;
    int rc = find_lot(db, s, &planned, &closed);

    if (rc != SQLITE_OK)
        return rc;
    if (planned == 0)
        return refuse(s, "the lot is open-ended, nothing to extend");
    if ((rc = lot_taken(db, s->object, &taken)) != SQLITE_OK)
        return rc;
    if (s->call->number == 0 || sql_sum(planned, s->call->number) < taken ||
        sql_sum(planned, s->call->number) <= 0)
        return refuse(s, "the plan cannot be less than what is done and running");
    snprintf(s->old, sizeof s->old, "%lld", (long long)planned);
    snprintf(s->fresh, sizeof s->fresh, "%lld", (long long)sql_sum(planned, s->call->number));
    return sql_run(db->h, "UPDATE lot SET planned = planned + ? WHERE code = ?", "lt", s->call->number,
                   s->object);
}

static int lot_set_closed(struct db *db, struct step *s)
{
    bool close = s->call->action == WORK_LOT_CLOSE;
    int64_t planned = 0, closed = 0;
    int rc = find_lot(db, s, &planned, &closed);

    if (rc != SQLITE_OK)
        return rc;
    if ((closed != 0) == close)
        return refuse(s, close ? "the lot is closed already" : "the lot is open");
    snprintf(s->old, sizeof s->old, "%s", close ? "open" : "closed");
    snprintf(s->fresh, sizeof s->fresh, "%s", close ? "closed" : "open");
    return sql_run(db->h, "UPDATE lot SET closed_ms = nullif(?, 0) WHERE code = ?", "lt", close ? s->now : 0,
                   s->object);
}

/* Without this the lock would open itself. SQLITE_OK when another engineer stays, or `who` is none. */
static int keep_an_engineer(struct db *db, struct step *s, const char *why)
{
    int64_t others = 0, is_one = 0;
    int rc = sql_int(
        db->h, &others, 0,
        "SELECT count(*) FROM operator WHERE active = 1 AND role = 'engineer' AND pin_hash IS NOT NULL"
        " AND name <> ?",
        "t", s->object);

    if (rc == SQLITE_ROW)
        rc = sql_int(
            db->h, &is_one, 0,
            "SELECT count(*) FROM operator WHERE active = 1 AND role = 'engineer' AND pin_hash IS NOT NULL"
            " AND name = ?",
            "t", s->object);
    if (rc != SQLITE_ROW)
        return rc;
    return is_one > 0 && others == 0 ? refuse(s, why) : SQLITE_OK;
}

/* What the table says of an operator: the row of the audit names it whole. */
static void state_of(const struct operator_info *o, const struct work_call *c, char out[static STATE_TEXT])
{
    snprintf(out, STATE_TEXT, "%s, %s%s%s", o->is_engineer ? "engineer" : "operator",
             o->active ? "active" : "disabled",
             c != NULL && c->badge != NULL ? ", new badge"
             : o->has_badge                ? ", badge"
                                           : "",
             c != NULL && c->new_pin != NULL ? ", new PIN"
             : o->has_pin                    ? ", PIN"
                                             : "");
}

/* Is this name or role or secret one that can be had? */
static int check_operator(struct db *db, struct step *s, bool was_engineer, bool becomes_engineer)
{
    const struct work_call *c = s->call;
    struct operator_info other;
    struct failure f;

    if (s->object[0] == '\0')
        return refuse(s, "an operator needs a name");
    if (c->new_pin != NULL && pin_trouble(c->new_pin) != NULL)
        return refuse(s, pin_trouble(c->new_pin));
    if (becomes_engineer && !was_engineer && c->new_pin == NULL)
        return refuse(s, "an engineer needs a PIN");
    if (c->badge != NULL && c->badge[0] == '\0')
        return refuse(s, "a badge has a code");
    if (c->badge != NULL && operator_by_badge(db, c->badge, &other, &f) == 0 &&
        strcmp(other.name, s->object) != 0)
        return refuse(s, "the badge belongs to somebody else");
    if (!becomes_engineer)
        return keep_an_engineer(db, s, "the last engineer stays one: enrol another one first");
    return SQLITE_OK;
}

/* No role said: the role stays. */
static int operator_add(struct db *db, struct step *s)
{
    const struct work_call *c = s->call;
    const char *role = given(c->text) ? c->text : NULL;
    struct operator_info o = {0};
    struct failure f;

    if (role != NULL && strcmp(role, "engineer") != 0 && strcmp(role, "operator") != 0)
        return refuse(s, "a role is operator or engineer");
    int known = operator_by_name(db, s->object, &o, &f);
    if (known != 0 && known != -ENOENT)
        return SQLITE_IOERR;
    bool was_engineer = known == 0 && o.is_engineer && o.has_pin;
    bool becomes = role != NULL ? strcmp(role, "engineer") == 0 : known == 0 && o.is_engineer;
    int rc = check_operator(db, s, was_engineer, becomes);
    if (rc != SQLITE_OK)
        return rc;
    if (known == 0)
        state_of(&o, NULL, s->old);
    rc = operator_enrol(db, s->object, role, c->badge, c->new_pin);
    if (rc != SQLITE_OK || operator_by_name(db, s->object, &o, &f) != 0)
        return rc != SQLITE_OK ? rc : SQLITE_IOERR;
    state_of(&o, c, s->fresh);
    return SQLITE_OK;
}

static int operator_disable(struct db *db, struct step *s)
{
    struct operator_info o;
    struct failure f;
    int known = operator_by_name(db, s->object, &o, &f);

    if (known == -ENOENT)
        return refuse(s, "there is no such operator");
    int rc = known == 0
                 ? keep_an_engineer(db, s, "the last engineer cannot be disabled: enrol another one first")
                 : SQLITE_IOERR;
    if (rc != SQLITE_OK)
        return rc;
    state_of(&o, NULL, s->old);
    o.active = false;
    state_of(&o, NULL, s->fresh);
    return operator_set_active(db, s->object, false);
}

/* The PIN that the call came with is the one that changes. */
static int operator_pin(struct db *db, struct step *s)
{
    const struct work_call *c = s->call;
    const char *owner = s->leave.actor.name;
    struct operator_info o;
    struct failure f;

    if (strcmp(s->leave.actor.role, "engineer") != 0)
        return refuse(s, "nobody here has a PIN yet: flashline operator add NAME --role engineer");
    if (s->object[0] != '\0' && strcmp(s->object, owner) != 0)
        return refuse(s, "this PIN is another engineer's; operator add sets a new one for somebody else");
    s->object = owner;
    const char *trouble = pin_trouble(c->new_pin);
    if (trouble != NULL)
        return refuse(s, trouble);
    if (strcmp(c->new_pin, c->pin) == 0)
        return refuse(s, "the new PIN is the old one");
    if (operator_by_name(db, owner, &o, &f) != 0)
        return SQLITE_IOERR;
    state_of(&o, NULL, s->old);
    state_of(&o, c, s->fresh);
    return operator_enrol(db, owner, NULL, NULL, c->new_pin);
}

/* The screen has read the badge; the name must be of somebody who may work here. */
static int log_in(struct db *db, struct step *s)
{
    struct operator_info o = {0};
    struct failure f;
    int known = operator_by_name(db, s->object, &o, &f);

    if (known != 0 && known != -ENOENT)
        return SQLITE_IOERR;
    return known == 0 && o.active ? SQLITE_OK : refuse(s, "nobody who works here has this name");
}

static int unlock(struct db *db, struct step *s)
{
    int released;

    if (s->call->number < 0 || s->call->number > 9999)
        return refuse(s, "there is no such slot");
    int rc = stop_release(db, (int)s->call->number, s->leave.actor.name, s->call->reason, &released);

    if (rc == SQLITE_OK && released == 0)
        return refuse(s, "no stop holds there");
    snprintf(s->fresh, sizeof s->fresh, "%d released", released);
    return rc;
}

/* The unit of a MAC, where an archive holds the attempt `?2` of it; an archive of before format 8 does not say which. */
static const char archived_unit_sql[] =
    "SELECT u.id FROM unit u WHERE u.mac = ?1 AND EXISTS (SELECT 1 FROM unit_past p JOIN archive r ON r.id = p.archive_id"
    " WHERE p.unit_id = u.id AND (?2 = 0 OR EXISTS (SELECT 1 FROM tried_past t WHERE t.archive_id = r.id"
    " AND t.unit_id = u.id AND t.last_attempt = ?2)))";

/* *unit: whose word it is; 0: of an attempt on a board that was never identified. */
static int whose(struct db *db, struct step *s, int64_t *unit)
{
    struct mac mac;
    int rc;

    if (s->object[0] == '\0') {
        rc = sql_int(
            db->h, unit, 0,
            "SELECT i.unit_id FROM attempt a LEFT JOIN identification i ON i.attempt_id = a.id AND i.n = 0"
            " WHERE a.id = ? AND a.result <> 'OPEN'",
            "l", s->call->number);
        return rc == SQLITE_DONE  ? refuse(s, "there is no such closed attempt")
               : rc == SQLITE_ROW ? SQLITE_OK
                                  : rc;
    }
    if (mac_parse(s->object, &mac) != 0)
        return refuse(s, "that is not a MAC address");
    rc = sql_int(db->h, unit, 0, archived_unit_sql, "bl", mac.bytes, 6, s->call->number);
    return rc == SQLITE_DONE  ? refuse(s, "no archive holds this attempt of the unit")
           : rc == SQLITE_ROW ? SQLITE_OK
                              : rc;
}

static int correct(struct db *db, struct step *s)
{
    static const char *const words[] = {[WORK_RELEASE] = "RELEASE",
                                        [WORK_REWORK] = "REWORK",
                                        [WORK_SCRAP] = "SCRAP",
                                        [WORK_NOTE] = "NOTE",
                                        [WORK_QUARANTINE] = "QUARANTINE"};
    int64_t unit = 0;
    int rc = whose(db, s, &unit);

    if (rc != SQLITE_OK)
        return rc;
    return sql_run(db->h,
                   "INSERT INTO correction(attempt_id, at_ms, actor, action, reason, unit_id)"
                   " VALUES (?, ?, ?, ?, ?, nullif(?, 0))",
                   "lltttl", s->call->number, s->now, s->leave.actor.name, words[s->call->action],
                   s->call->reason, unit);
}

static int identity(struct db *db, struct step *s)
{
    const struct work_call *c = s->call;
    struct mac mac;

    if (mac_parse(s->object, &mac) != 0)
        return refuse(s, "that is not a MAC address");
    bool by_board = c->action != WORK_IDENTITY_ACCEPT;

    if (by_board && c->identity == NULL)
        return refuse(s, "this is done where the board is plugged in");
    int rc = identity_note_act(db, &mac, by_board ? c->identity : NULL);
    snprintf(s->fresh, sizeof s->fresh, "%s", given(c->text) ? c->text : "");
    if (rc == SQLITE_LOCKED)
        return refuse(s, "the board is being flashed: wait until that is done");
    return rc == SQLITE_NOTFOUND ? refuse(s, "there is no such unit") : rc;
}

static int pool(struct db *db, struct step *s)
{
    struct pool_said said;
    int rc = pool_work(db, s->call, &said);

    snprintf(s->old, sizeof s->old, "%s", said.old);
    snprintf(s->fresh, sizeof s->fresh, "%s", said.fresh);
    return rc == SQLITE_ABORT ? refuse(s, said.why) : rc;
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
    case WORK_QUARANTINE:
        return correct(db, s);
    case WORK_IDENTITY_RESTORE:
    case WORK_IDENTITY_CHANGE:
    case WORK_IDENTITY_ACCEPT:
        return identity(db, s);
    case WORK_PIN:
        return operator_pin(db, s);
    case WORK_LOGIN:
        return log_in(db, s);
    case WORK_POOL_IMPORT:
    case WORK_POOL_TAKE:
    case WORK_POOL_LEND:
    case WORK_POOL_SPOIL:
        return pool(db, s);
    default: /* what is done elsewhere is recorded here */
        snprintf(s->fresh, sizeof s->fresh, "%s", given(s->call->text) ? s->call->text : "");
        return SQLITE_OK;
    }
}

static int work_steps(struct db *db, void *arg)
{
    struct step *s = arg;

    failure_clear(&s->refusal);
    s->old[0] = s->fresh[0] = '\0';
    if (given(s->call->old))
        snprintf(s->old, sizeof s->old, "%s", s->call->old);
    s->now = db_wall_ms(db);
    int rc = act(db, s);
    if (rc == SQLITE_OK && s->leave.pin_short)
        rc = work_use_up_pin(db, s->leave.actor.name);
    if (rc != SQLITE_OK)
        return rc;
    char object[OBJECT_TEXT + 32];
    snprintf(object, sizeof object, "%s%s%.0lld", s->object,
             s->object[0] != '\0' && s->call->number != 0 ? " " : "", (long long)s->call->number);
    const struct audit_entry entry = {
        work_action_name(s->call->action), object, s->old[0] != '\0' ? s->old : NULL,
        s->fresh[0] != '\0' ? s->fresh : NULL, given(s->call->reason) ? s->call->reason : NULL};
    return audit_append(db, s->now, &s->leave.actor, &entry);
}

/* Nothing is cut on its way into the audit. */
static bool fits(const struct work_call *c)
{
    return (c->object == NULL || strlen(c->object) < OBJECT_TEXT) &&
           (c->text == NULL || strlen(c->text) < STATE_TEXT - 64) &&
           (c->old == NULL || strlen(c->old) < STATE_TEXT);
}

static int ask(struct db *db, const struct work_call *c, struct work_leave *leave, struct failure *f)
{
    if (db->mode != DB_STATION)
        return failure_set(f, FAIL_WORK, STAGE_NONE, 0, "%s is open for review only", db->path);
    if (work_ask(db, c, leave, f) != 0)
        return -1;
    if (!fits(c))
        return failure_set(f, FAIL_WORK, STAGE_NONE, 0, "%s: a name or a text is too long to be recorded",
                           work_action_name(c->action));
    return 0;
}

int work_may(struct db *db, const struct work_call *c, struct failure *f)
{
    struct work_leave leave;

    return ask(db, c, &leave, f);
}

int work_do(struct db *db, const struct work_call *c, struct work_receipt *receipt, struct failure *f)
{
    struct step s = {.call = c, .object = c->object != NULL ? c->object : ""};
    struct failure mine = {0};

    f = f != NULL ? f : &mine;
    if (ask(db, c, &s.leave, f) != 0)
        return -1;
    int rc = db_transact(db, work_steps, &s);
    if (s.refusal.code != FAILURE_NONE) {
        *f = s.refusal;
        return -1;
    }
    if (rc != SQLITE_OK)
        return failure_set(f, FAIL_RECORD, STAGE_NONE, 0, "cannot record %s: %s", work_action_name(c->action),
                           sql_error_words(rc));
    if (receipt != NULL) {
        snprintf(receipt->who, sizeof receipt->who, "%s", s.leave.actor.name);
        receipt->pin_short = s.leave.pin_short;
    }
    return 0;
}
