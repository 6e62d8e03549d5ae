/* SPDX-License-Identifier: Apache-2.0 */
/* What the screen's desk does by itself: the badge that is forgotten when nobody works, by the machine's own time. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "db/desk/work.h"
#include "profiles/text/complaint.h"
#include "station/run/run_private.h"
#include "station/run/run_work.h"
#include "tests/support/db_fixture.h"

#define MINUTE 60000000 /* us */

struct bench {
    struct db_fixture x;
    struct run run;
    struct run_work *work;
};

static void bench_open(struct bench *d)
{
    struct complaint c = {0};
    char path[160];

    memset(d, 0, sizeof *d);
    fixture_new(&d->x);
    d->x.has_clock = true;
    d->x.wall_ms = 1795341600000;
    d->x.mono_us = 600 * (int64_t)MINUTE;
    fixture_start(&d->x);
    const struct work_call enrol = {.action = WORK_OPERATOR_ADD, .object = "op-8", .badge = "B-2"};
    assert_int_equal(work_do(d->x.db, &enrol, NULL, NULL), 0);
    snprintf(path, sizeof path, "%s/station.yaml", d->x.dir);
    scratch_save_text(path, "policy:\n  idle_logout_minutes: 15\n");
    d->run = (struct run){.db = d->x.db, .recorder = d->x.rec, .config = config_load(path, &c)};
    assert_non_null(d->run.config);
    d->work = run_work_new(&d->run);
    assert_non_null(d->work);
}

static void bench_close(struct bench *d)
{
    run_work_free(d->work);
    config_free(d->run.config);
    fixture_free(&d->x);
}

static enum desk_outcome act(struct bench *d, enum desk_act_kind kind, const char *text)
{
    const struct desk_act act = {.kind = kind, .slot = 1, .text = text, .pin = "", .reason = ""};
    char why[DESK_WHY_SIZE];

    return run_work_act(d->work, &act, why);
}

static void log_in(struct bench *d)
{
    assert_int_equal(act(d, DESK_LOG_IN, "B-2"), DESK_DONE);
}

static bool is_logged_in(struct bench *d)
{
    struct desk_station io = {0};

    run_work_refresh(d->work);
    run_work_update(d->work, &io);
    return strcmp(io.operator_id, "op-8") == 0;
}

static void an_idle_badge_is_forgotten_by_the_machines_time(void **state)
{
    (void)state;
    struct bench d;

    bench_open(&d);
    log_in(&d);
    /* Whatever the wall's clock is set to, nobody is thrown out, and nobody stays. */
    d.x.wall_ms += 3600000;
    assert_true(is_logged_in(&d));
    d.x.wall_ms = 0;
    assert_true(is_logged_in(&d));
    d.x.mono_us += 15 * (int64_t)MINUTE;
    assert_true(is_logged_in(&d));
    d.x.mono_us += 1000;
    assert_false(is_logged_in(&d));
    assert_int_equal(fixture_int(&d.x, "SELECT count(*) FROM audit WHERE action = 'logout' AND new = 'idle'"),
                     1);
    /* A board that ended, a key: the time begins anew. */
    d.x.wall_ms = 1795341600000;
    log_in(&d);
    d.x.mono_us += 14 * (int64_t)MINUTE;
    run_work_active(d.work);
    d.x.mono_us += 14 * (int64_t)MINUTE;
    assert_true(is_logged_in(&d));
    bench_close(&d);
}

static void a_serial_that_cannot_be_shown_is_refused(void **state)
{
    (void)state;
    struct bench d;

    bench_open(&d);
    assert_int_equal(act(&d, DESK_SERIAL, "SN\xe2\x80\xae-7"), DESK_REFUSED);
    assert_int_equal(act(&d, DESK_SERIAL, "SN-7"), DESK_DONE);
    bench_close(&d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_idle_badge_is_forgotten_by_the_machines_time),
        cmocka_unit_test(a_serial_that_cannot_be_shown_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
