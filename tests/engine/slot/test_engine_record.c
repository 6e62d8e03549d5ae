/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Slots and a recorder that answers late, refuses late, or dies: a PASS is seen by nobody before its row is durable, and a
 * board whose facts could not be kept is none.
 */
#include <poll.h>
#include <semaphore.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "tests/support/hall.h"
#include "tests/support/or_fail.h"

#define SLOTS 4

enum call { CALL_OPEN, CALL_IDENTIFY, CALL_BACKUP, CALL_CLOSE, CALLS };

/* In front of the recorder in memory: holds its answers back, refuses from the nth call on, and knows what it has said. */
struct slow {
    struct recorder face;
    const struct recorder *inner;
    atomic_int slot_of[64];         /* by attempt */
    atomic_bool durable[SLOTS + 1]; /* close() is about to answer 0 */
    bool holds_close;               /* until `go` is posted */
    sem_t go;
    enum call refused;
    int from; /* the first call of that kind that is refused; 0: none */
    atomic_int calls[CALLS];
};

static struct slow s;
static struct hall h;

static bool refuses(enum call call, struct failure *f)
{
    int n = atomic_fetch_add(&s.calls[call], 1) + 1;

    if (s.from == 0 || s.refused != call || n < s.from)
        return false;
    failure_set(f, FAIL_RECORD, STAGE_NONE, 0, "refused by the test");
    return true;
}

static int slow_open(void *ctx, const struct attempt_start *start, int64_t *attempt, struct failure *f)
{
    (void)ctx;
    if (refuses(CALL_OPEN, f))
        return -1;
    int rc = s.inner->open(s.inner->ctx, start, attempt, f);
    if (rc == 0)
        s.slot_of[*attempt] = start->slot;
    return rc;
}

static int slow_identify(void *ctx, int64_t attempt, const struct unit_identity *unit,
                         struct recorder_verdict *verdict, struct failure *f)
{
    (void)ctx;
    return refuses(CALL_IDENTIFY, f) ? -1 : s.inner->identify(s.inner->ctx, attempt, unit, verdict, f);
}

static int slow_backup(void *ctx, int64_t attempt, const struct backup *backup, struct failure *f)
{
    (void)ctx;
    return refuses(CALL_BACKUP, f) ? -1 : s.inner->backup(s.inner->ctx, attempt, backup, f);
}

static int slow_close(void *ctx, int64_t attempt, const struct attempt_result *result, struct failure *f)
{
    (void)ctx;
    if (s.holds_close)
        sem_wait(&s.go);
    if (refuses(CALL_CLOSE, f))
        return -1;
    int rc = s.inner->close(s.inner->ctx, attempt, result, f);
    s.durable[s.slot_of[attempt]] = rc == 0;
    return rc;
}

static int slow_saved(void *ctx, int64_t attempt, uint32_t offset, struct saved_sector *out,
                      struct failure *f)
{
    (void)ctx;
    return s.inner->saved(s.inner->ctx, attempt, offset, out, f);
}

static void start(int slots)
{

    memset(&s, 0, sizeof s);
    hall_init(&h, slots, NULL);
    s.face = (struct recorder){.open = slow_open,
                               .identify = slow_identify,
                               .backup = slow_backup,
                               .close = slow_close,
                               .saved = slow_saved};
    s.inner = h.config.recorder;
    sem_init(&s.go, 0, 0);
    h.config.recorder = &s.face;
    h.engine = engine_new_or_fail(&h.config);
}

static void done(void)
{
    hall_done(&h);
    sem_destroy(&s.go);
}

static void expect_no_early_pass(const struct slot_status *st)
{
    if (st->result == RESULT_PASS)
        assert_true(s.durable[st->slot]);
}

static void look_at_all(void)
{
    struct slot_status st;

    for (int i = 0; i < engine_slot_count(h.engine); i++) {
        engine_snapshot(h.engine, i, &st);
        expect_no_early_pass(&st);
    }
}

/* Each slot's answer is held back until all of them are being asked. */
static void nobody_sees_a_pass_while_its_recorder_is_still_asked(void **state)
{
    struct pollfd p;
    struct slot_event e;
    struct slot_status st;
    int saving = 0, passed = 0;

    (void)state;
    start(SLOTS);
    s.holds_close = true;
    struct failure f = {0};
    assert_int_equal(engine_start(h.engine, &f), 0);
    p = (struct pollfd){.fd = engine_event_fd(h.engine), .events = POLLIN};
    for (bool end = false; !end;) {
        assert_true(poll(&p, 1, 60000) > 0);
        end = engine_is_done(h.engine);
        while (engine_next_event(h.engine, &e)) {
            expect_no_early_pass(&e.status);
            passed += e.kind == EVENT_RESULT && e.status.result == RESULT_PASS;
            if (e.kind != EVENT_STATE || e.status.state != SLOT_SAVING || ++saving < SLOTS)
                continue;
            for (int i = 0; i < SLOTS; i++) {
                engine_snapshot(h.engine, i, &st);
                assert_int_equal(st.state, SLOT_SAVING);
                assert_int_equal(st.result, RESULT_OPEN);
                assert_int_equal(st.passed, 0);
            }
            for (int i = 0; i < SLOTS; i++)
                sem_post(&s.go);
        }
        look_at_all();
    }
    assert_int_equal(saving, SLOTS);
    assert_int_equal(passed, SLOTS);
    engine_join(h.engine);
    done();
}

/* From the nth call of each kind on the recorder refuses: what it refused is no PASS, what it took before stays one. */
static void a_recorder_that_refuses_late_makes_no_pass(void **state)
{
    struct failure f = {0};

    (void)state;
    for (int call = 0; call < CALLS; call++) {
        for (int from = 1; from <= SLOTS; from++) {
            start(SLOTS);
            s.refused = (enum call)call;
            s.from = from;
            assert_int_equal(engine_start(h.engine, &f), 0);
            hall_watch(&h);
            look_at_all();
            int passes = 0;
            for (int i = 1; i <= SLOTS; i++)
                passes += s.durable[i];
            assert_int_equal(h.results[RESULT_PASS], call == CALL_CLOSE ? passes : from - 1);
            assert_true(h.results[RESULT_PASS] < from);
            assert_true(h.results[RESULT_ERROR] > 0);
            if (call == CALL_OPEN || call == CALL_CLOSE)
                assert_true(engine_is_draining(h.engine));
            done();
        }
    }
}

/* It may never come back: what was not kept before anything was erased leaves the board as it came. */
static void a_recorder_that_dies_before_the_erase_leaves_every_board_as_it_came(void **state)
{
    static uint8_t before[SLOTS][8 << 20];
    struct failure f = {0};
    uint32_t size;

    (void)state;
    for (int call = 0; call < CALL_CLOSE; call++) {
        start(SLOTS);
        for (int i = 0; i < SLOTS; i++)
            memcpy(before[i], sim_board_flash(sim_tray_board(h.tray, i + 1), &size), sizeof before[i]);
        s.refused = (enum call)call;
        s.from = 1;
        assert_int_equal(engine_start(h.engine, &f), 0);
        hall_watch(&h);
        /* Where not even a new attempt can be kept, the station drains and the other slots need not try. */
        assert_true(h.results[RESULT_ERROR] == SLOTS || (call == CALL_OPEN && engine_is_draining(h.engine)));
        assert_true(h.results[RESULT_ERROR] > 0);
        assert_int_equal(h.results[RESULT_PASS], 0);
        for (int i = 0; i < SLOTS; i++)
            assert_memory_equal(sim_board_flash(sim_tray_board(h.tray, i + 1), &size), before[i],
                                sizeof before[i]);
        done();
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nobody_sees_a_pass_while_its_recorder_is_still_asked),
        cmocka_unit_test(a_recorder_that_refuses_late_makes_no_pass),
        cmocka_unit_test(a_recorder_that_dies_before_the_erase_leaves_every_board_as_it_came),
    };

    return cmocka_run_group_tests_name("engine record", tests, NULL, NULL);
}
