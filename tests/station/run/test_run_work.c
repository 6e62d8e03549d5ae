/* SPDX-License-Identifier: Apache-2.0 */
/* What the screen's desk does by itself: the badge that is forgotten when nobody works, by the machine's own time. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "db/desk/duty.h"
#include "db/desk/work.h"
#include "profiles/text/complaint.h"
#include "station/run/run_private.h"
#include "station/run/run_serial.h"
#include "station/run/run_work.h"
#include "tests/support/db_fixture.h"

#define MINUTE 60000000 /* us */

struct bench {
    struct db_fixture x;
    struct run run;
    struct run_work *work;
    struct job job;
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
    snprintf(d->job.name, sizeof d->job.name, "wipy");
    d->run =
        (struct run){.db = d->x.db, .recorder = d->x.rec, .config = config_load(path, &c), .job = &d->job};
    assert_non_null(d->run.config);
    pthread_mutex_init(&d->run.engine_lock, NULL);
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
    const struct desk_act act = {.kind = kind, .slot = 1, .on = true, .text = text, .pin = "", .reason = ""};
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

/* Typed or chosen: a text that is no name changes nothing. */
static void a_text_that_is_no_name_is_refused(void **state)
{
    (void)state;
    static const enum desk_act_kind kinds[] = {DESK_LOT, DESK_SERIAL};
    char longer[65], longest[301];
    const char *const bad[] = {longer, longest, " ", "A\n7", "A\x1b", "A\xff", "SN\xe2\x80\xae-7"};
    struct bench d;

    memset(longer, 'x', sizeof longer);
    longer[64] = '\0';
    memset(longest, 'y', sizeof longest);
    longest[300] = '\0';
    bench_open(&d);
    struct duty *duty = db_recorder_duty(d.x.rec);
    assert_int_equal(act(&d, DESK_LOT, "A-17"), DESK_DONE);
    for (size_t k = 0; k < sizeof kinds / sizeof kinds[0]; k++) {
        for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
            assert_int_equal(act(&d, kinds[k], bad[i]), DESK_REFUSED);
    }
    assert_string_equal(duty_now(duty).lot, "A-17");
    assert_int_equal(fixture_int(&d.x, "SELECT count(*) FROM lot WHERE code <> 'A-17'"), 0);
    bench_close(&d);
}

/* A board at the gate of slot 1, as the engine puts it to the recorder. */
static int64_t board_waits(struct bench *d)
{
    const struct attempt_start start = board_start(1);
    const struct unit_identity unit = board_identity(7);
    struct recorder_verdict verdict;
    struct failure f = {0};
    int64_t attempt = 0;

    assert_int_equal(d->x.face->open(d->x.face->ctx, &start, &attempt, &f), 0);
    assert_int_equal(d->x.face->identify(d->x.face->ctx, attempt, &unit, &verdict, &f), 0);
    assert_int_equal(d->x.face->leave(d->x.face->ctx, attempt, &f), 1);
    return attempt;
}

static enum serial_answer last_word(struct bench *d)
{
    struct serial_word w = {.answer = SERIAL_ANSWERS};

    while (serial_desk_next(db_recorder_serials(d->x.rec), &w))
        continue;
    return w.answer;
}

static void a_scan_without_a_field_is_for_the_board_that_asks(void **state)
{
    (void)state;
    struct bench d;

    bench_open(&d);
    d.run.slots.count = 3;
    for (int i = 0; i < 3; i++)
        d.run.slots.slots[i] = (struct engine_slot){.number = i + 1, .label = i == 0 ? "left" : "right"};
    d.x.policy.serial_required = true;
    db_recorder_set_policy(d.x.rec, &d.x.policy);
    assert_int_equal(act(&d, DESK_SCAN, "SN-7"),
                     DESK_DONE); /* told in the log, no dialog stands in the way */
    assert_int_equal(last_word(&d), SERIAL_NOBODY);
    assert_int_equal(act(&d, DESK_SERIAL, "SN-7"), DESK_REFUSED);
    assert_int_equal(last_word(&d), SERIAL_NOT_HERE);
    board_waits(&d);
    assert_int_equal(act(&d, DESK_SERIAL, "SN\xe2\x80\xae-7"), DESK_REFUSED);
    assert_int_equal(last_word(&d), SERIAL_NOT_PLAIN);
    assert_int_equal(act(&d, DESK_SERIAL, "right"),
                     DESK_REFUSED); /* a label is no serial, in its field neither */
    assert_int_equal(last_word(&d), SERIAL_NO_SERIAL);
    struct serial_word w;
    assert_int_equal(act(&d, DESK_SERIAL, "B-2"), DESK_REFUSED); /* what opens something stands in no log */
    assert_true(serial_desk_next(db_recorder_serials(d.x.rec), &w));
    assert_string_equal(w.code, "a badge");
    /* What the rules of codes refuse is told at the slot that asks, by every reader of words, and in their words. */
    assert_int_equal(act(&d, DESK_SCAN, "https://example.org/SN-7"), DESK_REFUSED);
    assert_true(serial_desk_next(db_recorder_serials(d.x.rec), &w));
    assert_int_equal(w.answer, SERIAL_NO_SERIAL);
    assert_int_equal(w.slot, 1);
    assert_string_equal(run_serial_words(&w),
                        "scan 'https://example.org/SN-7' is a web address, no code of this station");
    assert_int_equal(act(&d, DESK_SCAN, "left"), DESK_DONE); /* the slot's own label is no serial */
    assert_int_equal(last_word(&d), SERIAL_CHOSEN);
    act(&d, DESK_SCAN, "right");
    assert_int_equal(last_word(&d), SERIAL_TWO_SLOTS);
    act(&d, DESK_SCAN, "B-2"); /* nor is a badge */
    assert_int_equal(last_word(&d), SERIAL_ANSWERS);
    assert_true(is_logged_in(&d));
    act(&d, DESK_SCAN, "SN-7");
    assert_int_equal(last_word(&d), SERIAL_ACCEPTED);
    act(&d, DESK_SCAN, "SN-8");
    assert_int_equal(last_word(&d), SERIAL_NOBODY);
    assert_int_equal(act(&d, DESK_TAKE_BACK, ""), DESK_DONE);
    assert_int_equal(last_word(&d), SERIAL_RETURNED);
    bench_close(&d);
}

/* Labels beside the station instead of keys. */
static void a_command_is_scanned_too(void **state)
{
    (void)state;
    struct complaint c = {0};
    struct bench d;
    char path[160];

    bench_open(&d);
    config_free(d.run.config);
    snprintf(path, sizeof path, "%s/station.yaml", d.x.dir);
    scratch_save_text(path, "scan:\n  serial: {pattern: 'SN-[0-9]+'}\n  command: {prefix: 'CMD:'}\n");
    d.run.config = config_load(path, &c);
    assert_non_null(d.run.config);
    d.run.slots.count = 1;
    d.run.slots.slots[0] = (struct engine_slot){.number = 1};
    d.x.policy.serial_required = true;
    db_recorder_set_policy(d.x.rec, &d.x.policy);
    log_in(&d);
    int64_t attempt = board_waits(&d);
    assert_int_equal(act(&d, DESK_SCAN, "CMD:back"), DESK_DONE);
    assert_int_equal(last_word(&d), SERIAL_NOTHING);
    act(&d, DESK_SCAN, "SN-7");
    assert_int_equal(last_word(&d), SERIAL_ACCEPTED);
    assert_int_equal(act(&d, DESK_SCAN, "back"), DESK_REFUSED); /* without its prefix it is no command */
    assert_int_equal(act(&d, DESK_SCAN, "CMD:back"), DESK_DONE);
    assert_int_equal(last_word(&d), SERIAL_RETURNED);
    struct failure f = {0};
    assert_int_equal(d.x.face->leave(d.x.face->ctx, attempt, &f), -1); /* the attempt ends without */
    assert_int_equal(act(&d, DESK_SCAN, "CMD:fly"), DESK_REFUSED);
    assert_true(is_logged_in(&d));
    assert_int_equal(act(&d, DESK_SCAN, "CMD:logout"), DESK_DONE);
    assert_false(is_logged_in(&d));
    bench_close(&d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_idle_badge_is_forgotten_by_the_machines_time),
        cmocka_unit_test(a_text_that_is_no_name_is_refused),
        cmocka_unit_test(a_scan_without_a_field_is_for_the_board_that_asks),
        cmocka_unit_test(a_command_is_scanned_too),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
