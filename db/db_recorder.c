/* SPDX-License-Identifier: Apache-2.0 */
#include "db/db_recorder.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "db/recorder_private.h"
#include "db/sql.h"

/* Ends the transaction: commits after SQLITE_OK, else undoes. Returns 0 only when the commit was durable. */
static int finish(struct db_recorder *r, int rc, enum failure_code code, enum stage stage, const char *doing, struct failure *f)
{
    if (rc == SQLITE_OK) {
        rc = db_commit(r->db);
        if (rc == SQLITE_OK)
            return 0;
        return failure_set(f, code, stage, sqlite3_system_errno(r->db->h), "cannot %s: %s", doing, sql_error_words(rc));
    }
    sql_failure(r->db->h, rc, code, stage, doing, f);
    db_rollback(r->db);
    return -1;
}

static int begin(struct db_recorder *r, enum failure_code code, enum stage stage, const char *doing, struct failure *f)
{
    int rc = db_begin(r->db);

    return rc == SQLITE_OK ? 0 : failure_set(f, code, stage, 0, "cannot %s: %s", doing, sql_error_words(rc));
}

static int recorder_open(void *ctx, const struct attempt_start *start, int64_t *attempt, struct failure *f)
{
    struct db_recorder *r = ctx;

    *attempt = 0;
    if (begin(r, FAIL_RECORD, STAGE_OPEN, "record a new attempt", f) != 0)
        return -1;
    return finish(r, recorder_insert_attempt(r, start, attempt), FAIL_RECORD, STAGE_OPEN, "record a new attempt", f);
}

static int recorder_identify(void *ctx, int64_t attempt, const struct unit_identity *unit, struct recorder_verdict *v,
                             struct failure *f)
{
    struct db_recorder *r = ctx;

    if (begin(r, FAIL_RECORD, STAGE_GATE, "record the board's identity", f) != 0)
        return -1;
    return finish(r, recorder_judge(r, attempt, unit, v), FAIL_RECORD, STAGE_GATE, "record the board's identity", f);
}

static int store_backup(struct db_recorder *r, int64_t attempt, const struct backup *b)
{
    int rc = sql_run(r->db->h, "INSERT OR IGNORE INTO sector(sha256, data) VALUES (?, ?)", "bb", b->sha256, SHA256_SIZE,
                     b->data, BACKUP_SIZE);

    if (rc == SQLITE_OK)
        rc = sql_run(r->db->h,
                     "INSERT INTO backup(attempt_id, unit_id, kind, offset, sha256, at_ms) VALUES (?1,"
                     " (SELECT unit_id FROM identification WHERE attempt_id = ?1 AND n = 0), ?2, ?3, ?4, ?5)",
                     "ltlbl", attempt, b->kind == BACKUP_CONFIG ? "CONFIG" : "BOOT_SECTOR", (int64_t)b->offset, b->sha256,
                     SHA256_SIZE, db_wall_ms(r->db));
    return rc;
}

static int recorder_backup(void *ctx, int64_t attempt, const struct backup *b, struct failure *f)
{
    struct db_recorder *r = ctx;
    uint8_t sha256[SHA256_SIZE];

    digest_sha256(b->data, BACKUP_SIZE, sha256);
    if (memcmp(sha256, b->sha256, SHA256_SIZE) != 0)
        return failure_set(f, FAIL_BACKUP_STORE, STAGE_BACKUP, 0, "the sector does not match its own hash");
    if (begin(r, FAIL_BACKUP_STORE, STAGE_BACKUP, "save the board's identity data", f) != 0)
        return -1;
    return finish(r, store_backup(r, attempt, b), FAIL_BACKUP_STORE, STAGE_BACKUP, "save the board's identity data", f);
}

static int recorder_close(void *ctx, int64_t attempt, const struct attempt_result *result, struct failure *f)
{
    struct db_recorder *r = ctx;

    if (result->result == RESULT_OPEN || result->result >= RESULT_COUNT)
        return failure_set(f, FAIL_RECORD, STAGE_RECORD, EINVAL, "an attempt cannot end as %s", result_name(result->result));
    if (begin(r, FAIL_RECORD, STAGE_RECORD, "save the result", f) != 0)
        return -1;
    return finish(r, recorder_close_attempt(r, attempt, result), FAIL_RECORD, STAGE_RECORD, "save the result", f);
}

/* One transaction: either every attempt found open is INTERRUPTED, or the station does not start. */
static int close_interrupted(struct db_recorder *r, struct failure *f)
{
    int64_t attempt = 0;
    int rc;

    if (begin(r, FAIL_DB_OPEN, STAGE_NONE, "close interrupted attempts", f) != 0)
        return -1;
    while ((rc = sql_int(r->db->h, &attempt, 0, "SELECT id FROM attempt WHERE result = 'OPEN' ORDER BY id LIMIT 1", "")) ==
           SQLITE_ROW) {
        rc = recorder_close_attempt(r, attempt, NULL);
        if (rc != SQLITE_OK)
            break;
        r->interrupted++;
    }
    return finish(r, rc == SQLITE_DONE ? SQLITE_OK : rc, FAIL_DB_OPEN, STAGE_NONE, "close interrupted attempts", f);
}

struct db_recorder *db_recorder_new(struct db *db, const struct db_policy *policy, struct failure *f)
{
    struct db_recorder *r = calloc(1, sizeof *r);

    if (r == NULL) {
        failure_set(f, FAIL_NO_MEMORY, STAGE_NONE, ENOMEM, "starting the recorder");
        return NULL;
    }
    r->db = db;
    r->policy = *policy;
    r->face = (struct recorder){r, recorder_open, recorder_identify, recorder_backup, recorder_close};
    if (db_mode_of(db) != DB_STATION) {
        failure_set(f, FAIL_DB_OPEN, STAGE_NONE, 0, "%s is open for review only", db_path(db));
        goto fail;
    }
    if (close_interrupted(r, f) != 0)
        goto fail;
    return r;
fail:
    free(r);
    return NULL;
}

void db_recorder_free(struct db_recorder *r)
{
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
