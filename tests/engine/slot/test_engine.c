/* SPDX-License-Identifier: Apache-2.0 */
/* Slots at work together: results, counts, drain, abort, and what a PASS needs before anyone sees it. */
#include <setjmp.h>
#include <stdatomic.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "tests/support/hall.h"
#include "tests/support/or_fail.h"

#define SLOTS HALL_SLOTS

static void hall_start(struct hall *h)
{
    struct failure f = {0};

    h->engine = engine_new_or_fail(&h->config);
    assert_int_equal(engine_start(h->engine, &f), 0);
}

static void each_slot_does_one_board(void **state)
{
    struct hall h;
    struct slot_status st;

    (void)state;
    hall_init(&h, SLOTS, "3=wrong-chip,5=blank-mac");
    hall_start(&h);
    hall_watch(&h);
    assert_int_equal(h.results[RESULT_PASS], SLOTS - 2);
    assert_int_equal(h.results[RESULT_FAIL], 1);
    assert_int_equal(h.results[RESULT_HOLD], 1);
    assert_int_equal(h.recorder.opened, SLOTS);
    assert_int_equal(h.recorder.closed, SLOTS);
    for (int i = 0; i < SLOTS; i++) {
        engine_snapshot(h.engine, i, &st);
        assert_int_equal(st.state, SLOT_DONE);
        assert_int_equal(st.slot, i + 1);
    }
    hall_done(&h);
}

static void no_more_boards_pass_than_were_asked_for(void **state)
{
    struct hall h;

    (void)state;
    hall_init(&h, SLOTS, "1=silent,2=wrong-chip");
    h.config.count = 3;
    hall_start(&h);
    hall_watch(&h);
    assert_int_equal(h.results[RESULT_PASS], 3);
    assert_true(engine_is_draining(h.engine));
    hall_done(&h);
}

static void a_result_that_cannot_be_saved_is_no_pass_and_stops_the_station(void **state)
{
    struct hall h;
    struct slot_status st;

    (void)state;
    hall_init(&h, SLOTS, NULL);
    h.recorder.refuse_close = FAIL_RECORD;
    hall_start(&h);
    hall_watch(&h);
    assert_int_equal(h.results[RESULT_PASS], 0);
    assert_true(h.results[RESULT_ERROR] > 0);
    assert_true(engine_is_draining(h.engine));
    engine_snapshot(h.engine, 0, &st);
    assert_true(st.failure.code == FAIL_RECORD || st.state == SLOT_STOPPED);
    hall_done(&h);
}

/* As when its file was taken away: not one more board. */
static void records_that_take_no_board_stop_the_station(void **state)
{
    struct hall h;

    (void)state;
    hall_init(&h, SLOTS, NULL);
    h.recorder.refuse_open = FAIL_RECORD;
    hall_start(&h);
    hall_watch(&h);
    assert_int_equal(h.results[RESULT_PASS], 0);
    assert_true(engine_is_draining(h.engine));
    hall_done(&h);
}

static void a_recorder_that_refuses_leaves_the_board_alone(void **state)
{
    struct hall h;
    struct slot_status st;
    uint32_t size;

    (void)state;
    hall_init(&h, SLOTS, NULL);
    h.recorder.refuse_open = FAIL_DISK_FLOOR;
    hall_start(&h);
    hall_watch(&h);
    assert_int_equal(h.results[RESULT_ERROR], SLOTS);
    assert_int_equal(h.recorder.closed, 0);
    engine_snapshot(h.engine, 2, &st);
    assert_int_equal(st.failure.code, FAIL_DISK_FLOOR);
    assert_false(tiny_job_is_in(&h.tiny, sim_board_flash(sim_tray_board(h.tray, 3), &size)));
    hall_done(&h);
}

struct watch {
    struct hall *h;
    atomic_bool wrong;
};

/* While the recorder has not answered yet, no snapshot may show a PASS. */
static void look_at_all(void *ctx, int64_t attempt, const struct attempt_result *r)
{
    struct watch *w = ctx;
    struct slot_status st;

    (void)r;
    for (int i = 0; i < SLOTS; i++) {
        engine_snapshot(w->h->engine, i, &st);
        if (st.state == SLOT_SAVING && st.result != RESULT_OPEN)
            w->wrong = true;
    }
    (void)attempt;
}

static void a_pass_is_not_seen_before_it_is_recorded(void **state)
{
    struct hall h;
    struct watch w = {&h, false};

    (void)state;
    hall_init(&h, SLOTS, NULL);
    h.recorder.on_close = look_at_all;
    h.recorder.hook_ctx = &w;
    hall_start(&h);
    hall_watch(&h);
    assert_int_equal(h.results[RESULT_PASS], SLOTS);
    assert_false(w.wrong);
    hall_done(&h);
}

static void abort_on_backup(void *ctx, const struct backup *b)
{
    struct hall *h = ctx;

    (void)b;
    engine_abort(h->engine);
}

static void an_abort_ends_all_and_says_so(void **state)
{
    struct hall h;

    (void)state;
    hall_init(&h, SLOTS, NULL);
    h.recorder.on_backup = abort_on_backup;
    h.recorder.hook_ctx = &h;
    hall_start(&h);
    hall_watch(&h);
    assert_true(h.results[RESULT_ABORTED] > 0);
    assert_int_equal(h.recorder.opened, h.recorder.closed);
    hall_done(&h);
}

static void drain_on_backup(void *ctx, const struct backup *b)
{
    struct hall *h = ctx;

    (void)b;
    engine_drain(h->engine);
}

static void a_drain_lets_running_boards_finish(void **state)
{
    struct hall h;

    (void)state;
    hall_init(&h, SLOTS, NULL);
    h.recorder.on_backup = drain_on_backup;
    h.recorder.hook_ctx = &h;
    hall_start(&h);
    hall_watch(&h);
    assert_true(h.results[RESULT_PASS] > 0);
    assert_int_equal(h.results[RESULT_PASS], h.recorder.closed);
    hall_done(&h);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_slot_does_one_board),
        cmocka_unit_test(no_more_boards_pass_than_were_asked_for),
        cmocka_unit_test(a_result_that_cannot_be_saved_is_no_pass_and_stops_the_station),
        cmocka_unit_test(records_that_take_no_board_stop_the_station),
        cmocka_unit_test(a_recorder_that_refuses_leaves_the_board_alone),
        cmocka_unit_test(a_pass_is_not_seen_before_it_is_recorded),
        cmocka_unit_test(an_abort_ends_all_and_says_so),
        cmocka_unit_test(a_drain_lets_running_boards_finish),
    };
    return cmocka_run_group_tests_name("engine", tests, NULL, NULL);
}
