/* SPDX-License-Identifier: Apache-2.0 */
/* label: scenario */
/*
 * A slot whose cable does not bear the job's rate: the first board finds that out and passes all the same, those after it
 * are begun slower, and from time to time the slot looks whether the cable is better now. No board is lost to it.
 */
#include <errno.h>
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

#define BOARDS 43
#define SECOND 1000000

struct line {
    struct fixture fixture;
    struct tiny_job tiny;
    struct memory_recorder recorder;
    struct transport_driver driver;
    struct transport_binding bindings[2];
    struct engine_slot slot;
    struct engine_config config;
    struct engine *engine;
    struct attempt_result ends[BOARDS];
    int count;      /* boards that ended */
    int64_t put_us; /* when the next one is laid in */
    int downs, ups; /* that the slot spoke of */
};

static void keep_end(void *ctx, int64_t attempt, const struct attempt_result *r)
{
    struct line *l = ctx;

    (void)attempt;
    assert_in_range(l->count, 0, BOARDS - 1);
    l->ends[l->count++] = *r;
}

/* Off as soon as it is done, the next one a second later. */
static void one_after_the_other(struct fixture *f, int64_t now)
{
    struct line *l = f->script_ctx;

    if (f->board != 0 && f->board == l->count) {
        fixture_put(f, 0);
        l->put_us = now + SECOND;
    }
    if (f->board == 0 && now >= l->put_us && l->count < BOARDS)
        fixture_put(f, l->count + 1);
}

static int a_million_at_most(void *port, uint32_t baud, char detail[TRANSPORT_DETAIL_SIZE])
{
    (void)port;
    snprintf(detail, TRANSPORT_DETAIL_SIZE, "1000000 baud at most");
    return baud > 1000000 ? -ERANGE : 0;
}

/* The first `cable` boards are of that personality, on an adapter of that check. */
static void line_run(struct line *l, const char *personality, int cable, long count,
                     int (*check)(void *, uint32_t, char *))
{
    static char words[BOARDS * 24];
    struct sim_tray_config c = {.count = BOARDS, .revision = 0, .seed = 21, .personalities = words};
    struct failure f = {0};
    struct slot_event e;
    size_t len = 0;

    for (int i = 1; i <= cable; i++)
        len += (size_t)snprintf(words + len, sizeof words - len, "%s%d=%s", i > 1 ? "," : "", i, personality);
    words[len] = '\0';
    memset(l, 0, sizeof *l);
    l->fixture.tray = sim_tray_new_or_fail(&c);
    l->fixture.script = one_after_the_other;
    l->fixture.script_ctx = l;
    tiny_job_make(&l->tiny, 0xC000, 3); /* reaches over the place that bad flash does not program */
    l->tiny.job.baud = 2000000;
    memory_recorder_init(&l->recorder);
    l->recorder.on_close = keep_end;
    l->recorder.hook_ctx = l;
    l->driver = fixture_driver;
    l->driver.check_baud = check;
    l->bindings[0] = (struct transport_binding){&l->driver, &l->fixture};
    l->slot = (struct engine_slot){.number = 1, .uri = "fix:1", .virtual_time = true};
    l->config = (struct engine_config){
        .job = &l->tiny.job,
        .stub_note = "",
        .recorder = &l->recorder.recorder,
        .bindings = l->bindings,
        .slots = &l->slot,
        .slot_count = 1,
        .kind = ATTEMPT_TRAINING,
        .count = count,
    };
    l->engine = engine_new_or_fail(&l->config);
    assert_int_equal(engine_start(l->engine, &f), 0);
    engine_join(l->engine);
    while (engine_next_event(l->engine, &e)) {
        if (e.kind != EVENT_NOTE)
            continue;
        l->downs += strstr(e.status.note, "does not bear") != NULL;
        l->ups += strstr(e.status.note, "without a fault of the line") != NULL;
    }
}

static void line_done(struct line *l)
{
    engine_free(l->engine);
    tiny_job_done(&l->tiny);
    memory_recorder_done(&l->recorder);
    sim_tray_free(l->fixture.tray);
}

static void assert_good(const struct line *l, int from, int to, uint32_t baud, bool retried)
{
    for (int i = from - 1; i < to; i++) {
        if (l->ends[i].result != RESULT_PASS || l->ends[i].baud != baud ||
            (l->ends[i].retries > 0) != retried)
            fail_msg("board %d: %s %d at %u baud, %d retries", i + 1, result_name(l->ends[i].result),
                     (int)l->ends[i].failure.code, l->ends[i].baud, l->ends[i].retries);
    }
}

/* The cable is exchanged just before the slot looks whether it may go up again. */
static void a_long_cable_costs_retries_and_no_boards(void **state)
{
    struct line l;

    (void)state;
    line_run(&l, "long-cable", 21, BOARDS, NULL);
    assert_int_equal(l.count, BOARDS);
    assert_good(&l, 1, 1, 921600, true);
    assert_good(&l, 2, 21, 921600, false);
    assert_good(&l, 22, 41, 1500000, false);
    assert_good(&l, 42, 43, 2000000, false);
    assert_int_equal(l.downs, 1);
    assert_int_equal(l.ups, 2);
    line_done(&l);
}

/* A cable that is garbage above 460800: no rate above it is even answered at, and none of them costs more than a moment. */
static void a_rate_that_is_not_answered_costs_no_board(void **state)
{
    struct line l;

    (void)state;
    line_run(&l, "baud-limit", 3, 3, NULL);
    assert_int_equal(l.count, 3);
    assert_good(&l, 1, 1, 460800, true);
    assert_good(&l, 2, 3, 460800, false);
    assert_true(l.ends[0].duration_us < l.ends[1].duration_us + 3 * SECOND);
    line_done(&l);
}

/* One board that dies slows nobody after it. */
static void a_dead_board_is_not_the_lines_fault(void **state)
{
    struct line l;

    (void)state;
    line_run(&l, "bad-flash", 1, 2, NULL);
    assert_int_equal(l.count, 3);
    assert_int_equal(l.ends[0].result, RESULT_FAIL);
    assert_good(&l, 2, 3, 2000000, false);
    assert_int_equal(l.downs, 0);
    line_done(&l);
}

/* What the adapter does not make is passed over: neither a retry nor a word of the line. */
static void an_adapter_that_makes_less_is_no_fault(void **state)
{
    struct line l;

    (void)state;
    line_run(&l, "good", 1, 2, a_million_at_most);
    assert_int_equal(l.count, 2);
    assert_good(&l, 1, 2, 921600, false);
    assert_int_equal(l.downs + l.ups, 0);
    line_done(&l);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_long_cable_costs_retries_and_no_boards),
        cmocka_unit_test(a_rate_that_is_not_answered_costs_no_board),
        cmocka_unit_test(a_dead_board_is_not_the_lines_fault),
        cmocka_unit_test(an_adapter_that_makes_less_is_no_fault),
    };
    return cmocka_run_group_tests_name("slot_line", tests, NULL, NULL);
}
