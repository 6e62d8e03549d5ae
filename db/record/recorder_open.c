/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdio.h>

#include "base/plain.h"
#include "db/desk/duty_rules.h"
#include "db/desk/lot_inside.h"
#include "db/desk/stop_inside.h"
#include "db/open/disk_guard.h"
#include "db/open/sql.h"
#include "db/record/recorder_private.h"

/* The row's id, after making it if it is new. */
static int intern_job(sqlite3 *h, const struct attempt_start *s, int64_t now, int64_t *id)
{
    int rc = sql_run(h, "INSERT OR IGNORE INTO job(name, sha256, first_used_ms) VALUES (?, ?, ?)", "tbl",
                     s->job_name, s->job_sha256, SHA256_SIZE, now);

    if (rc != SQLITE_OK)
        return rc;
    return sql_int(h, id, 0, "SELECT id FROM job WHERE name = ? AND sha256 = ?", "tb", s->job_name,
                   s->job_sha256, SHA256_SIZE);
}

static int intern_firmware(sqlite3 *h, const struct attempt_start *s, int64_t now, int64_t *id)
{
    int rc = sql_run(
        h, "INSERT OR IGNORE INTO firmware(source, version, sha256, first_used_ms) VALUES (?, ?, ?, ?)",
        "ttbl", s->firmware_source, s->firmware_version, s->firmware_sha256, SHA256_SIZE, now);

    if (rc != SQLITE_OK)
        return rc;
    return sql_int(h, id, 0, "SELECT id FROM firmware WHERE source = ? AND version = ? AND sha256 = ?", "ttb",
                   s->firmware_source, s->firmware_version, s->firmware_sha256, SHA256_SIZE);
}

static int intern_slot(sqlite3 *h, const struct attempt_start *s, int64_t now)
{
    return sql_run(
        h,
        "INSERT INTO slot(number, port, adapter_serial, first_used_ms) VALUES (?, ?, ?, ?)"
        " ON CONFLICT (number) DO UPDATE SET port = excluded.port, adapter_serial = excluded.adapter_serial"
        " WHERE port <> excluded.port OR adapter_serial IS NOT excluded.adapter_serial",
        "itTl", s->slot, s->port, s->adapter_serial, now);
}

/* A lot or operator nobody announced is still a fact: an open-ended lot, an operator without badge or PIN. */
static int intern_lot(sqlite3 *h, const char *code, int64_t now)
{
    return sql_run(h, "INSERT OR IGNORE INTO lot(code, opened_ms) SELECT ?1, ?2 WHERE ?1 IS NOT NULL", "Tl",
                   code, now);
}

static int intern_operator(sqlite3 *h, const char *name, int64_t now)
{
    return sql_run(
        h,
        "INSERT OR IGNORE INTO operator(name, role, created_ms) SELECT ?1, 'operator', ?2 WHERE ?1 IS NOT NULL",
        "Tl", name, now);
}

static int insert_attempt(struct db_recorder *r, const struct attempt_start *s, const struct duty_names *who,
                          int64_t *attempt)
{
    sqlite3 *h = r->db->h;
    int64_t now = db_wall_ms(r->db), job = 0, firmware = 0;
    char uuid[UUID_TEXT_SIZE];
    int rc;

    if ((rc = intern_job(h, s, now, &job)) != SQLITE_ROW ||
        (rc = intern_firmware(h, s, now, &firmware)) != SQLITE_ROW)
        return rc;
    if ((rc = intern_slot(h, s, now)) != SQLITE_OK || (rc = intern_lot(h, who->lot, now)) != SQLITE_OK ||
        (rc = intern_operator(h, who->operator_id, now)) != SQLITE_OK)
        return rc;
    uuid_new(now, uuid);
    rc = sql_run(
        h,
        "INSERT INTO attempt(uuid, kind, run_id, slot, port, adapter_serial, job_id, firmware_id, lot_id,"
        " operator_id, opened_ms, opened_mono_us, serial_asked) VALUES (?, ?, ?, ?, ?, ?, ?, ?,"
        " (SELECT id FROM lot WHERE code = ?), (SELECT id FROM operator WHERE name = ?), ?, ?, nullif(?, 0))",
        "ttlitTllTTlli", uuid, attempt_kind_name(s->kind), r->db->run_id, s->slot, s->port, s->adapter_serial,
        job, firmware, who->lot, who->operator_id, now, db_mono_us(r->db), (int)r->policy.serial_required);
    *attempt = sqlite3_last_insert_rowid(h);
    return rc;
}

int recorder_check_disk(struct db_recorder *r, struct failure *f)
{
    db_lock(r->db);
    int64_t floor = r->policy.disk_floor;
    db_unlock(r->db);

    if (floor == 0 || !r->db->on_disk)
        return 0;
    int64_t left = disk_free(r->db->path);
    if (left < 0)
        return failure_set(f, FAIL_DISK_FLOOR, STAGE_OPEN, (int)-left, "free space beside %s cannot be read",
                           r->db->path);
    if (left < floor)
        return failure_set(f, FAIL_DISK_FLOOR, STAGE_OPEN, ENOSPC,
                           "%lld MiB free beside %s, %lld MiB are needed", (long long)(left >> 20),
                           r->db->path, (long long)(floor >> 20));
    if (disk_reserve_keep(r->db->path, floor) != 0)
        return failure_set(f, FAIL_DISK_FLOOR, STAGE_OPEN, ENOSPC, "no room for the reserve file of %s",
                           r->db->path);
    return 0;
}

/* Asked when a name was given, and once more: people are sent away, lots closed, engineers enrolled while a station runs. */
static int check_duty(struct db_recorder *r, const struct attempt_start *s, const struct duty_names *who,
                      struct failure *refusal)
{
    const struct duty_rules rules = {.operator_required = r->policy.operator_required,
                                     .open_lots = r->policy.open_lots};
    const struct duty_job job = {.name = s->job_name, .sha256 = s->job_sha256, .released = true};

    if (duty_rules_operator(r->db, &rules, who->operator_id, refusal) == 0 &&
        duty_rules_lot(r->db, &rules, who->lot, &job, refusal) >= 0)
        return SQLITE_OK;
    refusal->stage = STAGE_OPEN;
    return refusal->code == FAIL_DB_OPEN ? SQLITE_IOERR : SQLITE_ABORT;
}

/* Names come from command lines, scanners and keyboards: the last door before they are written down. */
static int check_names(const struct duty_names *who, struct failure *refusal)
{
    const struct {
        const char *what, *text;
    } names[] = {{"operator", who->operator_id}, {"lot", who->lot}};

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        const char *trouble = names[i].text[0] != '\0' ? plain_name_trouble(names[i].text) : NULL;
        if (trouble == NULL)
            continue;
        failure_set(refusal, FAIL_WORK, STAGE_OPEN, 0, "the %s %s", names[i].what, trouble);
        return SQLITE_ABORT;
    }
    return SQLITE_OK;
}

static int check_lot(const struct db_policy *p, const struct duty_names *who, struct failure *refusal)
{
    if (!p->lot_required || who->lot[0] != '\0')
        return SQLITE_OK;
    failure_set(refusal, FAIL_WORK, STAGE_OPEN, 0, "a lot is required: choose one");
    return SQLITE_ABORT;
}

int recorder_open_attempt(struct db_recorder *r, const struct attempt_start *start, int64_t *attempt,
                          struct failure *refusal)
{
    const struct duty_names who = duty_now(r->duty);
    struct attempt_start s = *start;
    bool training = s.kind == ATTEMPT_TRAINING;
    int rc;

    if (r->rework && s.kind == ATTEMPT_PRODUCTION)
        s.kind = ATTEMPT_REWORK;
    if ((rc = check_names(&who, refusal)) != SQLITE_OK ||
        (rc = check_duty(r, &s, &who, refusal)) != SQLITE_OK ||
        (rc = check_lot(&r->policy, &who, refusal)) != SQLITE_OK ||
        (rc = stop_check(r->db, s.slot, s.port, training, refusal)) != SQLITE_OK ||
        (rc = lot_reserve(r->db, who.lot, training, refusal)) != SQLITE_OK)
        return rc;
    return insert_attempt(r, &s, &who, attempt);
}
