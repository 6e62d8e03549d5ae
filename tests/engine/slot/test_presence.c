/* SPDX-License-Identifier: Apache-2.0 */
/* Boards that come and go on one slot: auto-start, removal before the next start, never the same good board twice. */
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "engine/slot/engine.h"
#include "tests/support/fixture_port.h"
#include "tests/support/memory_recorder.h"
#include "tests/support/or_fail.h"
#include "tests/support/tiny_job.h"

#define SECOND  1000000
#define BOARDS  4
#define ENDLESS (600ll * SECOND) /* virtual: a script that never ends is a test that hangs */

struct room {
    struct fixture fixture;
    struct tiny_job tiny;
    struct memory_recorder recorder;
    struct transport_binding bindings[2];
    struct engine_slot slot;
    struct engine_config config;
    struct engine *engine;
    struct slot_event events[512];
    int event_count;
    /* the script's own */
    int64_t since, closed, step;
};

static void room_init_with(struct room *r, int revision, const char *personalities,
                           void (*script)(struct fixture *, int64_t))
{
    struct sim_tray_config c = {
        .count = BOARDS, .revision = revision, .seed = 9, .personalities = personalities};

    memset(r, 0, sizeof *r);
    r->fixture.tray = sim_tray_new_or_fail(&c);
    r->fixture.script = script;
    r->fixture.script_ctx = r;
    tiny_job_make(&r->tiny, 0x4000, 3);
    r->tiny.job.retries = 0;
    memory_recorder_init(&r->recorder);
    r->bindings[0] = (struct transport_binding){&fixture_driver, &r->fixture};
    r->slot = (struct engine_slot){.number = 1, .uri = "fix:1", .virtual_time = true};
    r->config = (struct engine_config){
        .job = &r->tiny.job,
        .stub_note = "",
        .recorder = &r->recorder.recorder,
        .bindings = r->bindings,
        .slots = &r->slot,
        .slot_count = 1,
        .kind = ATTEMPT_TRAINING,
    };
}

static void room_init(struct room *r, const char *personalities, void (*script)(struct fixture *, int64_t))
{
    room_init_with(r, 1, personalities, script);
}

/* Runs until the script drains the engine or the count is reached. */
static void room_run(struct room *r)
{
    struct failure f = {0};

    r->engine = engine_new_or_fail(&r->config);
    assert_int_equal(engine_start(r->engine, &f), 0);
    engine_join(r->engine);
    while (r->event_count < 512 && engine_next_event(r->engine, &r->events[r->event_count]))
        r->event_count++;
}

static void room_done(struct room *r)
{
    engine_free(r->engine);
    tiny_job_done(&r->tiny);
    memory_recorder_done(&r->recorder);
    sim_tray_free(r->fixture.tray);
}

static bool was_seen(const struct room *r, enum slot_state state, enum slot_act act)
{
    for (int i = 0; i < r->event_count; i++) {
        if (r->events[i].status.state == state && r->events[i].status.act == act)
            return true;
    }
    return false;
}

/* Of a board that is gone nothing is shown. */
static bool is_empty_when_empty(const struct room *r)
{
    for (int i = 0; i < r->event_count; i++) {
        const struct slot_status *s = &r->events[i].status;
        if ((s->state == SLOT_IDLE || s->state == SLOT_WAITING) && (s->result != RESULT_OPEN || s->has_unit))
            return false;
    }
    return true;
}

static int results(const struct room *r, enum result result)
{
    int count = 0;

    for (int i = 0; i < r->event_count; i++)
        count += r->events[i].kind == EVENT_RESULT && r->events[i].status.result == result;
    return count;
}

/* Something has changed since the script looked last: remembers when. */
static bool newly_closed(struct room *r, int64_t now)
{
    if (r->closed == r->recorder.closed)
        return false;
    r->closed = r->recorder.closed;
    r->since = now;
    return true;
}

static void end_if_endless(struct room *r, int64_t now)
{
    if (now > ENDLESS)
        engine_drain(r->engine);
}

/* The operator takes each finished board off after three seconds and puts the next one on five seconds later. */
static void change_boards(struct fixture *f, int64_t now)
{
    struct room *r = f->script_ctx;

    if (r->since == 0) {
        r->since = now + 1;
        fixture_put(f, 1);
    }
    newly_closed(r, now);
    if (r->closed > 0 && now > r->since + 8 * SECOND && r->closed < BOARDS)
        fixture_put(f, (int)r->closed + 1);
    else if (r->closed > 0 && now > r->since + 3 * SECOND)
        fixture_put(f, 0);
    end_if_endless(r, now);
}

static void boards_one_after_the_other_start_by_themselves(void **state)
{
    static struct room r;

    (void)state;
    room_init(&r, "2=wrong-chip", change_boards);
    r.config.count = 3;
    room_run(&r);
    assert_int_equal(results(&r, RESULT_PASS), 3);
    assert_int_equal(results(&r, RESULT_FAIL), 1);
    assert_int_equal(r.recorder.opened, 4);
    assert_int_equal(r.fixture.opened, 1);
    assert_true(was_seen(&r, SLOT_DONE, ACT_REMOVE_BOARD));
    room_done(&r);
}

/* The board is never touched after it was put in. */
static void leave_it(struct fixture *f, int64_t now)
{
    struct room *r = f->script_ctx;

    fixture_put(f, 1);
    newly_closed(r, now);
    if (r->closed > 0 && now > r->since + 120 * SECOND)
        engine_drain(r->engine);
    end_if_endless(r, now);
}

static void a_board_that_stays_is_done_once(void **state)
{
    static struct room r;

    (void)state;
    room_init(&r, NULL, leave_it);
    room_run(&r);
    assert_int_equal(r.recorder.opened, 1);
    assert_int_equal(results(&r, RESULT_PASS), 1);
    room_done(&r);
}

static void a_failed_board_that_stays_is_done_once(void **state)
{
    static struct room r;

    (void)state;
    room_init(&r, "1=bad-mac-crc", leave_it);
    room_run(&r);
    assert_int_equal(r.recorder.opened, 1);
    assert_int_equal(results(&r, RESULT_FAIL), 1);
    room_done(&r);
}

/* Off and on again, the same one. */
static void reseat(struct fixture *f, int64_t now)
{
    struct room *r = f->script_ctx;

    newly_closed(r, now);
    bool away = r->closed > 0 && now > r->since + 3 * SECOND && now < r->since + 40 * SECOND;
    fixture_put(f, away ? 0 : 1);
    if (r->closed > 1 || (r->closed == 1 && now > r->since + 120 * SECOND))
        engine_drain(r->engine);
    end_if_endless(r, now);
}

static void a_good_board_put_back_does_not_start_again(void **state)
{
    static struct room r;

    (void)state;
    room_init(&r, NULL, reseat);
    room_run(&r);
    assert_true(was_seen(&r, SLOT_WAITING, ACT_NONE));
    assert_true(is_empty_when_empty(&r));
    assert_int_equal(r.recorder.opened, 1);
    assert_true(was_seen(&r, SLOT_ACT, ACT_REMOVE_BOARD));
    room_done(&r);
}

/* The second board takes the place of the first while its tile is green, then the first comes back in the second's. */
static void swap_and_come_back(struct fixture *f, int64_t now)
{
    struct room *r = f->script_ctx;

    if (r->step == 0) {
        fixture_put(f, 1);
        r->step = 1;
    }
    newly_closed(r, now);
    if (r->closed > 0 && now > r->since + 3 * SECOND)
        fixture_put(f, r->closed == 1 ? 2 : 1);
    if (r->closed > 1 && now > r->since + 120 * SECOND)
        engine_drain(r->engine);
    end_if_endless(r, now);
}

/* The MAC that the result of attempt `n` (from 0) was said of. */
static const struct mac *mac_of_result(const struct room *r, int n)
{
    for (int i = 0; i < r->event_count; i++) {
        if (r->events[i].kind == EVENT_RESULT && n-- == 0)
            return &r->events[i].status.unit.mac;
    }
    fail();
    return NULL;
}

static void assert_named(const struct slot_status *s, const struct mac *mac)
{
    assert_true(s->has_unit);
    assert_true(mac_equal(&s->unit.mac, mac));
}

/* What stands on the tile is of one board: the verdict, the name, and the board itself. */
static void a_board_is_never_named_under_the_verdict_of_another(void **state)
{
    static struct room r;
    bool came_back = false;

    (void)state;
    room_init(&r, NULL, swap_and_come_back);
    room_run(&r);
    assert_int_equal(results(&r, RESULT_PASS), 2);
    assert_int_equal(r.recorder.opened, 2);
    for (int i = 0; i < r.event_count; i++) {
        const struct slot_status *s = &r.events[i].status;
        if (s->state != SLOT_ACT)
            continue;
        came_back = true;
        assert_int_equal(s->act, ACT_REMOVE_BOARD);
        assert_int_equal(s->result, RESULT_OPEN);
        assert_named(s, mac_of_result(&r, 0));
    }
    assert_true(came_back);
    assert_true(is_empty_when_empty(&r));
    room_done(&r);
}

static void a_failed_board_put_back_starts_again(void **state)
{
    static struct room r;

    (void)state;
    room_init(&r, "1=bad-mac-crc", reseat);
    room_run(&r);
    assert_int_equal(r.recorder.opened, 2);
    room_done(&r);
}

/* Five seconds after the start the operator sets the jumper and presses reset: once. */
static void jumper(struct fixture *f, int64_t now)
{
    struct room *r = f->script_ctx;

    if (r->step == 0) {
        fixture_put(f, 1);
        fixture_press_reset(f, false); /* it runs its program */
        r->step = 1;
    }
    if (r->step == 1 && now > 5 * SECOND) {
        fixture_press_reset(f, true);
        r->step = 2;
    }
    newly_closed(r, now);
    if (r->closed > 0 && now > r->since + 60 * SECOND)
        engine_drain(r->engine);
    end_if_endless(r, now);
}

static void a_board_without_reset_wiring_is_done_in_its_one_session(void **state)
{
    static struct room r;

    (void)state;
    room_init(&r, "1=no-reset-wire", jumper);
    r.fixture.no_lines = true;
    r.slot.has_reset = true;
    r.slot.reset = RESET_NONE;
    room_run(&r);
    assert_true(was_seen(&r, SLOT_ACT, ACT_BOOT_JUMPER));
    assert_int_equal(r.recorder.opened, 1);
    assert_int_equal(results(&r, RESULT_PASS), 1);
    room_done(&r);
}

/* The jumper is in place each time the button is pressed. */
static void press_every_five_seconds(struct fixture *f, int64_t now)
{
    struct room *r = f->script_ctx;

    if (f->board == 0)
        fixture_put(f, 1);
    else if (now > (r->step + 1) * 5 * SECOND && r->recorder.opened == 0) {
        r->step++;
        fixture_press_reset(f, true);
    }
    newly_closed(r, now);
    if (r->closed > 0)
        engine_drain(r->engine);
    end_if_endless(r, now);
}

static void a_board_whose_download_mode_is_burned_off_is_told_what_it_may_be(void **state)
{
    static struct room r;

    (void)state;
    room_init_with(&r, 3, "1=download-disabled", press_every_five_seconds);
    r.fixture.no_lines = true;
    r.slot.has_reset = true;
    r.slot.reset = RESET_NONE;
    room_run(&r);
    assert_int_equal(r.recorder.opened, 1);
    assert_int_equal(r.step, 3);
    assert_int_equal(r.recorder.last.failure.code, FAIL_WRONG_BOOT_MODE);
    assert_non_null(strstr(r.recorder.last.failure.detail, "308"));
    room_done(&r);
}

/* The adapter comes with each board. */
static void plug_and_pull(struct fixture *f, int64_t now)
{
    struct room *r = f->script_ctx;

    newly_closed(r, now);
    if (r->closed == 0) {
        f->unplugged = now < 4 * SECOND;
        fixture_put(f, 1);
    } else {
        f->unplugged = now > r->since + 2 * SECOND && now < r->since + 9 * SECOND;
        if (now > r->since + 9 * SECOND)
            fixture_put(f, (int)r->closed + 1);
    }
    end_if_endless(r, now);
}

static void an_adapter_plugged_in_with_its_board_starts_it(void **state)
{
    static struct room r;

    (void)state;
    room_init(&r, NULL, plug_and_pull);
    r.config.count = 3;
    room_run(&r);
    assert_int_equal(results(&r, RESULT_PASS), 3);
    assert_int_equal(r.fixture.opened, 3);
    assert_true(was_seen(&r, SLOT_IDLE, ACT_NONE));
    room_done(&r);
}

static void empty(struct fixture *f, int64_t now)
{
    struct room *r = f->script_ctx;

    fixture_put(f, 0);
    if (now > 30 * SECOND)
        engine_drain(r->engine);
}

static void an_empty_fixture_waits_and_records_nothing(void **state)
{
    static struct room r;

    (void)state;
    room_init(&r, NULL, empty);
    room_run(&r);
    assert_int_equal(r.recorder.opened, 0);
    assert_true(was_seen(&r, SLOT_WAITING, ACT_NONE));
    assert_true(was_seen(&r, SLOT_STOPPED, ACT_NONE));
    room_done(&r);
}

/* A board that only ever starts its program must not stay unseen: an attempt says what is wrong with it. */
static void a_board_that_cannot_enter_its_bootloader_is_named(void **state)
{
    static struct room r;

    (void)state;
    room_init(&r, "1=runs-app", leave_it);
    room_run(&r);
    assert_int_equal(r.recorder.opened, 1);
    assert_int_equal(r.recorder.last.failure.code, FAIL_WRONG_BOOT_MODE);
    room_done(&r);
}

/* The switch is open for three seconds, bounces for half a second, and then tells whether a board is there. */
static void change_boards_with_switch(struct fixture *f, int64_t now)
{
    if (now < 3 * SECOND + SECOND / 2) {
        fixture_put(f, 1); /* whatever lies there, only the switch counts */
        f->closed = now >= 3 * SECOND && now / 50000 % 2 == 0;
        assert_int_equal(f->resets, 0);
        return;
    }
    change_boards(f, now);
    f->closed = f->board != 0;
}

static void a_switch_starts_each_board_and_ends_it(void **state)
{
    static struct room r;

    (void)state;
    room_init(&r, "2=wrong-chip", change_boards_with_switch);
    r.fixture.has_switch = true;
    r.slot.presence = (struct presence_line){MODEM_DSR, false};
    r.config.count = 3;
    room_run(&r);
    assert_int_equal(results(&r, RESULT_PASS), 3);
    assert_int_equal(results(&r, RESULT_FAIL), 1);
    assert_int_equal(r.recorder.opened, 4);
    assert_true(was_seen(&r, SLOT_IDLE, ACT_NONE));
    assert_true(was_seen(&r, SLOT_DONE, ACT_REMOVE_BOARD));
    room_done(&r);
}

/* The switch stays closed for two minutes after the record: the program that runs then is left in peace. */
static void leave_it_on_its_switch(struct fixture *f, int64_t now)
{
    struct room *r = f->script_ctx;

    f->closed = true;
    leave_it(f, now);
    if (r->closed > 0 && r->step == 0)
        r->step = f->resets;
}

static void a_board_on_its_switch_is_not_disturbed(void **state)
{
    static struct room r;

    (void)state;
    room_init(&r, NULL, leave_it_on_its_switch);
    r.fixture.has_switch = true;
    r.slot.presence = (struct presence_line){MODEM_DSR, false};
    room_run(&r);
    assert_int_equal(results(&r, RESULT_PASS), 1);
    assert_true(r.step > 0);
    assert_int_equal(r.fixture.resets, r.step);
    room_done(&r);
}

/* Not a byte comes, but the switch says that a board is there: that is a failure and no empty slot. */
static void a_silent_board_on_its_switch_is_named(void **state)
{
    static struct room r;

    (void)state;
    room_init(&r, "1=silent", leave_it_on_its_switch);
    r.fixture.has_switch = true;
    r.slot.presence = (struct presence_line){MODEM_DSR, false};
    room_run(&r);
    assert_int_equal(r.recorder.opened, 1);
    assert_int_equal(r.recorder.last.failure.code, FAIL_NO_SYNC);
    room_done(&r);
}

static void a_port_without_that_input_is_named(void **state)
{
    static struct room r;

    (void)state;
    room_init(&r, NULL, empty);
    r.slot.presence = (struct presence_line){MODEM_DCD, true};
    room_run(&r);
    assert_int_equal(r.recorder.opened, 0);
    assert_int_equal(r.events[0].status.failure.code, FAIL_PORT_PRESENCE);
    room_done(&r);
    room_init(&r, NULL, empty);
    r.slot.presence = (struct presence_line){MODEM_DCD, true};
    r.config.once = true;
    room_run(&r);
    assert_int_equal(r.recorder.last.failure.code, FAIL_PORT_PRESENCE);
    room_done(&r);
}

/* "Done" is answered every five seconds; a board lies there, but its switch is open. */
static void say_done_to_an_open_switch(struct fixture *f, int64_t now)
{
    struct room *r = f->script_ctx;

    fixture_put(f, 1);
    if (r->engine != NULL && now > (r->step + 1) * 5 * SECOND && r->step < 4) {
        r->step++;
        engine_acknowledge(r->engine, 1);
    }
    if (now > 30 * SECOND)
        engine_drain(r->engine);
}

/* With or without reset wiring nothing is reset or asked while the switch says that the slot is empty. */
static void an_answer_puts_no_board_into_an_empty_slot(void **state)
{
    static const enum reset_method rows[] = {RESET_TIGHT, RESET_NONE};
    static struct room r;

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        room_init(&r, NULL, say_done_to_an_open_switch);
        r.fixture.has_switch = true;
        r.slot.presence = (struct presence_line){MODEM_DSR, false};
        r.slot.has_reset = true;
        r.slot.reset = rows[i];
        room_run(&r);
        assert_int_equal(r.step, 4);
        assert_int_equal(r.fixture.resets, 0);
        assert_int_equal(r.fixture.writes, 0);
        assert_int_equal(r.recorder.opened, 0);
        room_done(&r);
    }
}

/* One board a slot waits for nobody: the attempt says that none lies there, and moves no line, at its end neither. */
static void one_board_a_slot_does_not_touch_an_empty_one(void **state)
{
    static struct room r;

    (void)state;
    room_init(&r, NULL, empty);
    r.fixture.has_switch = true;
    r.slot.presence = (struct presence_line){MODEM_DSR, false};
    r.config.once = true;
    room_run(&r);
    assert_int_equal(r.recorder.opened, 1);
    assert_int_equal(r.recorder.last.failure.code, FAIL_NO_SYNC);
    assert_non_null(strstr(r.recorder.last.failure.detail, "dsr"));
    assert_int_equal(r.fixture.resets, 0);
    room_done(&r);
    room_init(&r, NULL, empty); /* without a switch it is: the count counts */
    r.config.once = true;
    room_run(&r);
    assert_int_equal(r.recorder.last.failure.code, FAIL_NO_SYNC);
    assert_true(r.fixture.resets > 0);
    room_done(&r);
}

/* The first board is taken off, and the slot switched off behind it; the second ends the run. */
static void switch_off_after_one(struct fixture *f, int64_t now)
{
    struct room *r = f->script_ctx;

    if (r->step == 0)
        fixture_put(f, 1);
    r->step = 1;
    if (newly_closed(r, now) && r->closed == 1) {
        fixture_put(f, 0);
        engine_enable(r->engine, 1, false);
    }
    if (r->closed == 2)
        engine_drain(r->engine);
    end_if_endless(r, now);
}

static void wait_for_state(struct room *r, enum slot_state state)
{
    struct pollfd waiting = {.fd = engine_event_fd(r->engine), .events = POLLIN};

    for (int64_t found = 0; found == 0;) {
        assert_int_equal(poll(&waiting, 1, 60000), 1);
        while (engine_next_event(r->engine, &r->events[0]))
            found += r->events[0].status.state == state;
    }
}

/* Nothing starts on a slot that is switched off, whatever is put there; switched on, it goes on. */
static void a_slot_that_is_off_starts_nothing(void **state)
{
    static struct room r;
    struct failure f = {0};
    struct slot_status s;

    (void)state;
    room_init(&r, NULL, switch_off_after_one);
    r.engine = engine_new_or_fail(&r.config);
    assert_int_equal(engine_start(r.engine, &f), 0);
    wait_for_state(&r, SLOT_STOPPED);
    assert_int_equal(r.recorder.opened, 1);
    engine_snapshot(r.engine, 0, &s);
    assert_int_equal(s.result, RESULT_OPEN);
    assert_false(s.has_unit);
    fixture_put(&r.fixture, 2);
    assert_false(engine_is_done(r.engine));
    assert_int_equal(r.recorder.opened, 1);
    engine_enable(r.engine, 1, true);
    engine_join(r.engine);
    assert_int_equal(r.recorder.opened, 2);
    engine_snapshot(r.engine, 0, &s);
    assert_int_equal(s.passed, 2);
    room_done(&r);
}

static void nothing_to_do(struct fixture *f, int64_t now)
{
    end_if_endless(f->script_ctx, now);
}

/* Off from the start, and the station ends: the slot never looks for a board. */
static void a_slot_off_from_the_start_ends_with_the_station(void **state)
{
    static struct room r;
    struct failure f = {0};

    (void)state;
    room_init(&r, NULL, nothing_to_do);
    r.slot.off = true;
    r.engine = engine_new_or_fail(&r.config);
    assert_int_equal(engine_start(r.engine, &f), 0);
    wait_for_state(&r, SLOT_STOPPED);
    engine_drain(r.engine);
    engine_join(r.engine);
    assert_int_equal(r.recorder.opened, 0);
    assert_int_equal(r.fixture.opened, 0);
    room_done(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(boards_one_after_the_other_start_by_themselves),
        cmocka_unit_test(a_board_that_stays_is_done_once),
        cmocka_unit_test(a_failed_board_that_stays_is_done_once),
        cmocka_unit_test(a_good_board_put_back_does_not_start_again),
        cmocka_unit_test(a_board_is_never_named_under_the_verdict_of_another),
        cmocka_unit_test(a_failed_board_put_back_starts_again),
        cmocka_unit_test(a_board_without_reset_wiring_is_done_in_its_one_session),
        cmocka_unit_test(a_board_whose_download_mode_is_burned_off_is_told_what_it_may_be),
        cmocka_unit_test(an_adapter_plugged_in_with_its_board_starts_it),
        cmocka_unit_test(an_empty_fixture_waits_and_records_nothing),
        cmocka_unit_test(a_board_that_cannot_enter_its_bootloader_is_named),
        cmocka_unit_test(a_switch_starts_each_board_and_ends_it),
        cmocka_unit_test(a_board_on_its_switch_is_not_disturbed),
        cmocka_unit_test(a_silent_board_on_its_switch_is_named),
        cmocka_unit_test(a_port_without_that_input_is_named),
        cmocka_unit_test(an_answer_puts_no_board_into_an_empty_slot),
        cmocka_unit_test(one_board_a_slot_does_not_touch_an_empty_one),
        cmocka_unit_test(a_slot_that_is_off_starts_nothing),
        cmocka_unit_test(a_slot_off_from_the_start_ends_with_the_station),
    };
    return cmocka_run_group_tests_name("presence", tests, NULL, NULL);
}
