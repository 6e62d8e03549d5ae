/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/support/mixed_records.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <cmocka.h>

#include "db/care/retention.h"
#include "db/desk/work.h"

#define FRIDAY_MS \
    1792735200000LL /* 2026-10-23T06:00+02:00; clocks go back on the 25th in Berlin, a week later in New York */
#define HOUR_MS   3600000LL
#define DAY_STEPS 30
#define UNITS     150

struct board {
    int64_t attempt;
    enum result result;
    int retries;
};

static uint32_t draw(uint32_t *seed, uint32_t count)
{
    *seed = *seed * 1664525u + 1013904223u;
    return (*seed >> 8) % count;
}

static void later(struct db_fixture *x, int64_t ms)
{
    x->wall_ms += ms;
    x->mono_us += ms * 1000;
}

static void in_zone(const char *zone)
{
    assert_int_equal(setenv("TZ", zone, 1), 0);
    tzset();
}

void mixed_records_begin(struct db_fixture *x)
{
    in_zone("Europe/Berlin");
    fixture_new(x);
    x->has_clock = true;
    x->wall_ms = FRIDAY_MS;
    x->policy.on_duplicate = DUPLICATE_REWORK;
    fixture_start(x);
}

static struct board begin(struct db_fixture *x, uint32_t *seed, int slot, bool training)
{
    static const enum result results[] = {RESULT_PASS, RESULT_PASS,    RESULT_PASS, RESULT_PASS,
                                          RESULT_FAIL, RESULT_ABORTED, RESULT_ERROR};
    static const char *const lots[] = {"L-1", "L-1", "L-2", ""}, *const people[] = {"anna", "bert", ""};
    struct attempt_start s = board_start(slot);
    struct unit_identity u = board_identity(1 + draw(seed, UNITS));
    struct recorder_verdict v = {.allowed = true};
    struct failure f = {0};
    struct board b = {.result = results[draw(seed, 7)], .retries = draw(seed, 4) == 0};
    bool silent = draw(seed, 9) == 0;

    if (u.mac.bytes[5] % 3 == 0)
        snprintf(u.chip, sizeof u.chip, "ESP32-C3");
    s.kind = training ? ATTEMPT_TRAINING : ATTEMPT_PRODUCTION;
    snprintf(s.firmware_version, sizeof s.firmware_version, "1.18.%d", 1 + (int)draw(seed, 2));
    snprintf(s.job_name, sizeof s.job_name, "%s", draw(seed, 3) == 0 ? "lopy4" : "wipy");
    duty_set_lot(db_recorder_duty(x->rec), lots[draw(seed, 4)]);
    duty_set_operator(db_recorder_duty(x->rec), people[draw(seed, 3)]);
    if (x->face->open(x->face->ctx, &s, &b.attempt, &f) != 0)
        fail_msg("%s", f.detail);
    if (!silent)
        assert_int_equal(x->face->identify(x->face->ctx, b.attempt, &u, &v, &f), 0);
    b.result = silent ? RESULT_ERROR : v.allowed ? b.result : RESULT_HOLD;
    return b;
}

static void end(struct db_fixture *x, const struct board *b)
{
    struct attempt_result e = board_end(b->result, b->result == RESULT_PASS      ? FAILURE_NONE
                                                   : b->result == RESULT_ABORTED ? FAIL_ABORTED
                                                   : b->result == RESULT_HOLD    ? HOLD_MAC_DUPLICATE
                                                                                 : FAIL_WRITE);
    struct failure f = {0};

    e.retries = b->retries;
    e.duration_us = 20000000 + b->attempt % 7 * 1300000;
    assert_int_equal(x->face->close(x->face->ctx, b->attempt, &e, &f), 0);
}

static void say(struct db_fixture *x, uint32_t *seed, int64_t attempt)
{
    static const enum work_action words[] = {WORK_SCRAP, WORK_QUARANTINE, WORK_RELEASE,
                                             WORK_NOTE,  WORK_REWORK,     WORK_RELEASE};
    const struct work_call call = {
        .action = words[draw(seed, 6)], .number = attempt, .reason = "looked at", .actor = "en1"};
    struct failure f = {0};

    if (work_do(x->db, &call, NULL, &f) != 0)
        fail_msg("%s", f.detail);
}

void mixed_records_step(struct db_fixture *x, uint32_t *seed, bool training)
{
    struct board first = begin(x, seed, 1, training), second;
    bool two = draw(seed, 4) == 0;

    if (two) {
        later(x, 3000);
        second = begin(x, seed, 2 + (int)draw(seed, 4), training);
        later(x, 20000);
        end(x, &second);
    }
    later(x, 31000 + draw(seed, 9000));
    end(x, &first);
    if (draw(seed, 9) == 0)
        say(x, seed, first.attempt);
    later(x, 60000);
}

void mixed_records_days(struct db_fixture *x, int days, bool training)
{
    uint32_t seed = (uint32_t)(x->wall_ms / 1000); /* other boards on other days */

    for (int day = 0; day < days; day++) {
        for (int i = 0; i < DAY_STEPS; i++) {
            mixed_records_step(x, &seed, training || i % 10 == 9);
            later(x, 24 * HOUR_MS / DAY_STEPS - 100000);
        }
    }
}

static void move_on(struct db_fixture *x, const char *zone)
{
    fixture_stop(x);
    in_zone(zone);
    fixture_start(x);
}

void mixed_records_make(struct db_fixture *x, bool training)
{
    struct retention_report r;
    struct failure f = {0};
    int64_t open;

    mixed_records_days(x, 3, training);
    move_on(x, "America/New_York");
    if (retention_archive(x->db, FRIDAY_MS + 36 * HOUR_MS, NULL, &r, &f) != 0)
        fail_msg("%s", f.detail);
    assert_true(r.rows > 20);
    later(x, 5 * 24 * HOUR_MS);
    mixed_records_days(x, 3, training);
    move_on(x, "Europe/Berlin");
    struct attempt_start s = board_start(3);
    s.kind = training ? ATTEMPT_TRAINING : ATTEMPT_PRODUCTION;
    duty_set_lot(db_recorder_duty(x->rec), "L-1");
    assert_int_equal(x->face->open(x->face->ctx, &s, &open, &f), 0);
    fixture_stop(x);
}
