/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/support/db_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "db/open/db_inside.h"
#include "tests/support/or_fail.h"

static int64_t wall(void *ctx)
{
    return ((struct db_fixture *)ctx)->wall_ms;
}

static int64_t mono(void *ctx)
{
    return ((struct db_fixture *)ctx)->mono_us;
}

void fixture_new(struct db_fixture *x)
{
    memset(x, 0, sizeof *x);
    x->policy = (struct db_policy)DB_POLICY_DEFAULT;
    x->policy.disk_floor = 0;
    x->policy.open_lots = OPEN_LOTS_YES; /* lots are named without being opened, whoever is enrolled */
    x->policy.stop_slot_failures = x->policy.stop_station_failures = x->policy.stop_yield_percent = 0;
    scratch_make(x->dir, "db");
    snprintf(x->path, sizeof x->path, "%s/f.db", x->dir);
    x->clock = (struct db_clock){x, wall, mono, NULL};
}

void fixture_start(struct db_fixture *x)
{
    const struct db_options o = {
        .path = x->path, .mode = DB_STATION, .station = "bench 1", .clock = x->has_clock ? &x->clock : NULL};

    x->db = db_open_or_fail(&o);
    x->rec = db_recorder_new_or_fail(x->db, &x->policy);
    x->face = db_recorder_face(x->rec);
    duty_set_operator(db_recorder_duty(x->rec), "op-7");
    duty_set_lot(db_recorder_duty(x->rec), "L1");
}

void fixture_stop(struct db_fixture *x)
{
    db_recorder_free(x->rec);
    db_close(x->db);
    x->rec = NULL;
    x->db = NULL;
}

void fixture_free(struct db_fixture *x)
{
    fixture_stop(x);
    scratch_remove(x->dir);
}

struct attempt_start board_start(int slot)
{
    struct attempt_start s = {.kind = ATTEMPT_PRODUCTION, .slot = slot};

    snprintf(s.port, sizeof s.port, "tty:/dev/ttyUSB%d", slot);
    snprintf(s.job_name, sizeof s.job_name, "wipy");
    snprintf(s.firmware_version, sizeof s.firmware_version, "1.18.1");
    snprintf(s.firmware_source, sizeof s.firmware_source, "WiPy-1.18.1.tar.gz");
    return s;
}

struct unit_identity board_identity(uint32_t tail)
{
    struct unit_identity u = {
        .mac = {{0x24, 0x0a, 0xc4, (uint8_t)(tail >> 16), (uint8_t)(tail >> 8), (uint8_t)tail}},
        .chip = "ESP32-D0WDQ6",
        .revision = 100,
        .flash_id = 0x1640c8,
        .flash_size = 8u << 20,
        .crystal_mhz = 40};
    return u;
}

struct attempt_result board_end(enum result result, enum failure_code code)
{
    struct attempt_result e = {
        .result = result, .baud = 921600, .duration_us = 30500000, .bytes_written = 1300000};

    e.stage_us[STAGE_CONNECT] = 212000;
    e.stage_us[STAGE_WRITE] = 24000000;
    if (code != FAILURE_NONE)
        failure_set(&e.failure, code, STAGE_WRITE, 0, "made by the test");
    return e;
}

int64_t fixture_flash(struct db_fixture *x, int slot, const char *lot, uint32_t tail, enum result result,
                      enum failure_code code)
{
    const struct attempt_start s = board_start(slot);
    const struct unit_identity u = board_identity(tail);
    const struct attempt_result e = board_end(result, code);
    struct recorder_verdict v;
    struct failure f = {0};
    int64_t attempt = 0;

    if (lot != NULL)
        assert_int_equal(duty_set_lot(db_recorder_duty(x->rec), lot), 0);
    if (x->face->open(x->face->ctx, &s, &attempt, &f) != 0)
        print_error("%s\n", f.detail);
    assert_true(attempt > 0);
    assert_int_equal(x->face->identify(x->face->ctx, attempt, &u, &v, &f), 0);
    assert_int_equal(x->face->close(x->face->ctx, attempt, &e, &f), 0);
    return attempt;
}

static sqlite3 *handle(struct db_fixture *x, sqlite3 **own)
{
    *own = NULL;
    if (x->db != NULL)
        return x->db->h;
    assert_int_equal(sqlite3_open(x->path, own), SQLITE_OK);
    return *own;
}

int64_t fixture_int(struct db_fixture *x, const char *sql)
{
    sqlite3 *own, *h = handle(x, &own);
    sqlite3_stmt *s = NULL;

    assert_int_equal(sqlite3_prepare_v2(h, sql, -1, &s, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_step(s), SQLITE_ROW);
    int64_t value = sqlite3_column_int64(s, 0);
    sqlite3_finalize(s);
    sqlite3_close(own);
    return value;
}

int fixture_exec(struct db_fixture *x, const char *sql)
{
    sqlite3 *own, *h = handle(x, &own);
    int rc = sqlite3_exec(h, sql, NULL, NULL, NULL);

    sqlite3_close(own);
    if (x->db != NULL)
        still_there_note(x->db); /* written past the station, by its own hand */
    return rc;
}

int fixture_write(struct db_fixture *x, const char *sql)
{
    int rc = db_begin(x->db);

    if (rc != SQLITE_OK)
        return rc;
    rc = sqlite3_exec(x->db->h, sql, NULL, NULL, NULL);
    if (rc == SQLITE_OK)
        return db_commit(x->db);
    db_rollback(x->db);
    return rc;
}
