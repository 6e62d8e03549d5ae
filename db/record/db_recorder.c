/* SPDX-License-Identifier: Apache-2.0 */
#include "db/record/db_recorder.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "db/desk/identity_inside.h"
#include "db/desk/stop_inside.h"
#include "db/open/sql.h"
#include "db/record/recorder_private.h"

static int told(struct db_recorder *r, int rc, enum failure_code code, enum stage stage, const char *doing,
                struct failure *f)
{
    if (rc == SQLITE_OK)
        return 0;
    return failure_set(f, code, stage, sqlite3_system_errno(r->db->h), "cannot %s: %s (%d)", doing,
                       sql_error_words(rc), rc);
}

struct open_call {
    struct db_recorder *r;
    const struct attempt_start *start;
    int64_t attempt;
    struct failure refusal;
};

static int open_steps(struct db *db, void *arg)
{
    struct open_call *c = arg;

    failure_clear(&c->refusal);
    int rc = clock_watch_look(&c->r->clock, db);
    return rc != SQLITE_OK ? rc : recorder_open_attempt(c->r, c->start, &c->attempt, &c->refusal);
}

static int recorder_open(void *ctx, const struct attempt_start *start, int64_t *attempt, struct failure *f)
{
    struct open_call c = {.r = ctx, .start = start};

    *attempt = 0;
    if (recorder_check_disk(c.r, f) != 0)
        return -1;
    int rc = db_transact(c.r->db, open_steps, &c);
    if (c.refusal.code != FAILURE_NONE) {
        if (f != NULL)
            *f = c.refusal;
        return -1;
    }
    if (rc == SQLITE_OK) {
        *attempt = c.attempt;
        serial_desk_open(c.r->serials, start->slot);
    }
    return told(c.r, rc, FAIL_RECORD, STAGE_OPEN, "record a new attempt", f);
}

struct identify_call {
    struct db_recorder *r;
    int64_t attempt;
    const struct unit_identity *unit;
    struct recorder_verdict *verdict;
};

static int identify_steps(struct db *db, void *arg)
{
    struct identify_call *c = arg;

    (void)db;
    return recorder_judge(c->r, c->attempt, c->unit, c->verdict);
}

static int recorder_identify(void *ctx, int64_t attempt, const struct unit_identity *unit,
                             struct recorder_verdict *v, struct failure *f)
{
    struct identify_call c = {ctx, attempt, unit, v};
    int rc = db_transact(c.r->db, identify_steps, &c);

    if (rc != SQLITE_OK)
        memset(v, 0, sizeof *v); /* nobody may take an undone verdict for leave */
    return told(c.r, rc, FAIL_RECORD, STAGE_GATE, "record the board's identity", f);
}

struct backup_call {
    struct db_recorder *r;
    int64_t attempt;
    const struct backup *backup;
};

static int backup_steps(struct db *db, void *arg)
{
    const struct backup_call *c = arg;
    const struct backup *b = c->backup;
    int rc = sql_run(db->h, "INSERT OR IGNORE INTO sector(sha256, data) VALUES (?, ?)", "bb", b->sha256,
                     SHA256_SIZE, b->data, BACKUP_SIZE);

    if (rc == SQLITE_OK)
        rc = sql_run(db->h,
                     "INSERT INTO backup(attempt_id, unit_id, kind, offset, sha256, at_ms) VALUES (?1,"
                     " (SELECT unit_id FROM identification WHERE attempt_id = ?1 AND n = 0), ?2, ?3, ?4, ?5)",
                     "ltlbl", c->attempt, b->kind == BACKUP_IDENTITY ? "CONFIG" : "BOOT_SECTOR",
                     (int64_t)b->offset, b->sha256, SHA256_SIZE, db_wall_ms(db));
    return rc;
}

static int recorder_backup(void *ctx, int64_t attempt, const struct backup *b, struct failure *f)
{
    struct backup_call c = {ctx, attempt, b};
    uint8_t sha256[SHA256_SIZE];

    digest_sha256(b->data, BACKUP_SIZE, sha256);
    if (memcmp(sha256, b->sha256, SHA256_SIZE) != 0)
        return failure_set(f, FAIL_BACKUP_STORE, STAGE_BACKUP, 0, "the sector does not match its own hash");
    return told(c.r, db_transact(c.r->db, backup_steps, &c), FAIL_BACKUP_STORE, STAGE_BACKUP,
                "save the board's identity data", f);
}

static int recorder_saved(void *ctx, int64_t attempt, uint32_t offset, struct saved_sector *out,
                          struct failure *f)
{
    struct db_recorder *r = ctx;

    db_lock(r->db);
    int rc = identity_saved_at(r->db->h, attempt, offset, out);
    int answer = told(r, rc, FAIL_RECORD, STAGE_BACKUP, "read what is saved of the board", f);
    db_unlock(r->db);
    return answer;
}

struct close_call {
    struct db_recorder *r;
    int64_t attempt;
    const struct attempt_result *result;
    struct serial_end end;
};

static int close_steps(struct db *db, void *arg)
{
    struct close_call *c = arg;
    int rc = clock_watch_look(&c->r->clock, db);

    if (rc == SQLITE_OK)
        rc = recorder_end_serial(c->r, c->attempt, c->result, &c->end);
    return rc != SQLITE_OK ? rc : recorder_close_attempt(c->r, c->attempt, c->result);
}

static int recorder_close(void *ctx, int64_t attempt, const struct attempt_result *result, struct failure *f)
{
    struct close_call c = {.r = ctx, .attempt = attempt, .result = result};

    if (result->result == RESULT_OPEN || result->result >= RESULT_COUNT)
        return failure_set(f, FAIL_RECORD, STAGE_RECORD, EINVAL, "an attempt cannot end as %s",
                           result_name(result->result));
    int rc = db_transact(c.r->db, close_steps, &c);
    if ((rc & 0xff) == SQLITE_CONSTRAINT)
        return failure_set(f, FAIL_RECORD, STAGE_RECORD, 0, "attempt %lld is not open", (long long)attempt);
    return told(c.r, rc, FAIL_RECORD, STAGE_RECORD, "save the result", f);
}

struct leave_call {
    struct db_recorder *r;
    int64_t attempt;
    bool begins; /* the last question, before anything is changed */
    int leave;
    struct failure refusal;
};

static int leave_steps(struct db *db, void *arg)
{
    struct leave_call *c = arg;

    (void)db;
    failure_clear(&c->refusal);
    return c->begins ? recorder_begin_attempt(c->r, c->attempt, &c->refusal)
                     : recorder_leave_attempt(c->r, c->attempt, &c->leave, &c->refusal);
}

static int ask_leave(struct leave_call *c, struct failure *f)
{
    int rc = db_transact(c->r->db, leave_steps, c);

    if (c->refusal.code != FAILURE_NONE) {
        if (f != NULL)
            *f = c->refusal;
        return -1;
    }
    return rc == SQLITE_OK ? c->leave
                           : told(c->r, rc, FAIL_RECORD, STAGE_GATE, "record the board's serial number", f);
}

static int recorder_leave(void *ctx, int64_t attempt, struct failure *f)
{
    struct leave_call c = {.r = ctx, .attempt = attempt};

    return ask_leave(&c, f);
}

static int recorder_begin(void *ctx, int64_t attempt, struct failure *f)
{
    struct leave_call c = {.r = ctx, .attempt = attempt, .begins = true};

    return ask_leave(&c, f);
}

/* One transaction: either every attempt found open is INTERRUPTED, or the station does not start. */
static int interrupt_steps(struct db *db, void *arg)
{
    struct db_recorder *r = arg;
    int64_t attempt = 0;
    int rc;

    r->interrupted = 0;
    if ((rc = clock_watch_look(&r->clock, db)) != SQLITE_OK || (rc = stop_release_training(db)) != SQLITE_OK)
        return rc;
    while ((rc = sql_int(db->h, &attempt, 0,
                         "SELECT id FROM attempt WHERE result = 'OPEN' ORDER BY id LIMIT 1", "")) ==
           SQLITE_ROW) {
        if ((rc = recorder_close_attempt(r, attempt, NULL)) != SQLITE_OK)
            break;
        r->interrupted++;
    }
    return rc == SQLITE_DONE ? SQLITE_OK : rc;
}

struct db_recorder *db_recorder_new(struct db *db, const struct db_policy *policy, struct failure *f)
{
    struct db_recorder *r = calloc(1, sizeof *r);

    if (r == NULL || (r->duty = duty_new()) == NULL || (r->serials = serial_desk_new()) == NULL) {
        failure_set(f, FAIL_NO_MEMORY, STAGE_NONE, ENOMEM, "starting the recorder");
        goto fail;
    }
    r->db = db;
    r->policy = *policy;
    r->face = (struct recorder){r,
                                recorder_open,
                                recorder_identify,
                                recorder_backup,
                                recorder_close,
                                recorder_saved,
                                recorder_leave,
                                recorder_begin};
    if (db_mode_of(db) != DB_STATION) {
        failure_set(f, FAIL_DB_OPEN, STAGE_NONE, 0, "%s is open for review only", db_path(db));
        goto fail;
    }
    int rc = sql_int(db->h, &r->told_event, 0, "SELECT max(id) FROM event", "");
    if (rc != SQLITE_ROW) {
        told(r, rc, FAIL_DB_OPEN, STAGE_NONE, "read the station's events", f);
        goto fail;
    }
    if (told(r, db_transact(db, interrupt_steps, r), FAIL_DB_OPEN, STAGE_NONE, "close interrupted attempts",
             f) != 0)
        goto fail;
    return r;
fail:
    db_recorder_free(r);
    return NULL;
}

void db_recorder_free(struct db_recorder *r)
{
    if (r == NULL)
        return;
    duty_free(r->duty);
    serial_desk_free(r->serials);
    free(r);
}

const struct recorder *db_recorder_face(const struct db_recorder *r)
{
    return &r->face;
}

int db_recorder_interrupted(const struct db_recorder *r)
{
    return r->interrupted;
}

void db_recorder_set_policy(struct db_recorder *r, const struct db_policy *policy)
{
    db_lock(r->db);
    r->policy = *policy;
    db_unlock(r->db);
}

struct duty *db_recorder_duty(const struct db_recorder *r)
{
    return r->duty;
}

struct serial_desk *db_recorder_serials(const struct db_recorder *r)
{
    return r->serials;
}

void db_recorder_set_rework(struct db_recorder *r, bool rework)
{
    db_lock(r->db);
    r->rework = rework;
    db_unlock(r->db);
}

bool db_recorder_next_note(struct db_recorder *r, char *text, size_t size)
{
    long count = atomic_load(&r->db->events);

    if (count == r->told_count)
        return false;
    db_lock(r->db);
    sqlite3_stmt *s = sql_prepare(
        r->db->h,
        "SELECT id, text FROM event WHERE id > ? AND (kind IN ('CLOCK', 'LOT', 'DUPLICATE', 'ADDRESS', 'POOL')"
        " OR (kind = 'BACKUP' AND amount < 0)) ORDER BY id LIMIT 1",
        "l", r->told_event);
    bool found = s != NULL && sqlite3_step(s) == SQLITE_ROW;
    if (found) {
        r->told_event = sqlite3_column_int64(s, 0);
        sql_copy_text(s, 1, text, size);
    }
    sqlite3_finalize(s);
    db_unlock(r->db);
    if (!found)
        r->told_count = count;
    return found;
}
