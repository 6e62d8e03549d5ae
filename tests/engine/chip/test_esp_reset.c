/* SPDX-License-Identifier: Apache-2.0 */
/* The reset sequences as they leave the port: which line when, against Espressif's documented steps. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "engine/chip/esp_reset.h"
#include "profiles/job/job.h"
#include "profiles/text/complaint.h"
#include "tests/support/scratch.h"

#define STEPS_MAX 16

struct step {
    int64_t at_us;
    bool dtr, rts;
};

struct lines {
    struct clock *clock;
    struct step steps[STEPS_MAX];
    int count;
};

static int lines_open(void **port, void *ctx, const char *name, const struct transport_env *env, char *detail)
{
    (void)name, (void)env, (void)detail;
    *port = ctx;
    return 0;
}

static void lines_close(void *port)
{
    (void)port;
}

static int lines_set(void *port, bool dtr, bool rts)
{
    struct lines *l = port;

    assert_true(l->count < STEPS_MAX);
    l->steps[l->count++] = (struct step){clock_now_us(l->clock), dtr, rts};
    return 0;
}

static const struct transport_driver lines_driver = {
    .scheme = "lines", .open = lines_open, .close = lines_close, .set_lines = lines_set};

static void check_steps(const char *text, const struct step *want, int count)
{
    struct lines l = {.clock = clock_new_virtual()};
    const struct transport_binding bindings[] = {{&lines_driver, &l}, {NULL, NULL}};
    const struct transport_env env = {l.clock, NULL};
    struct transport *t = NULL;
    struct failure f = {0};
    struct reset_sequence s;

    assert_int_equal(transport_open(&t, bindings, "lines:", &env, &f), 0);
    assert_int_equal(reset_parse(text, &s, NULL), 0);
    assert_int_equal(reset_run(t, l.clock, NULL, &s), 0);
    assert_int_equal(l.count, count);
    for (int i = 0; i < count; i++) {
        assert_int_equal(l.steps[i].at_us, want[i].at_us);
        assert_int_equal(l.steps[i].dtr, want[i].dtr);
        assert_int_equal(l.steps[i].rts, want[i].rts);
    }
    transport_close(t);
    clock_free(l.clock);
}

/* (DTR, RTS): idle, both, reset for 100 ms, boot pin while reset is let go for `hold`, idle, DTR off again. */
static void the_tight_sequence_sets_both_lines_at_once(void **state)
{
    const struct step quick[] = {{0, 0, 0},      {0, 1, 1},      {0, 0, 1},
                                 {100000, 1, 0}, {150000, 0, 0}, {150000, 0, 0}};
    const struct step patient[] = {{0, 0, 0},      {0, 1, 1},      {0, 0, 1},
                                   {100000, 1, 0}, {650000, 0, 0}, {650000, 0, 0}};

    (void)state;
    check_steps(reset_text(RESET_TIGHT, NULL, 0), quick, 6);
    check_steps(reset_text(RESET_TIGHT, NULL, 1), patient, 6);
}

static void the_classic_sequence_sets_one_line_after_the_other(void **state)
{
    const struct step quick[] = {{0, 0, 0}, {0, 0, 1}, {100000, 1, 1}, {100000, 1, 0}, {150000, 0, 0}};
    const struct step patient[] = {{0, 0, 0}, {0, 0, 1}, {100000, 1, 1}, {100000, 1, 0}, {650000, 0, 0}};

    (void)state;
    check_steps(reset_text(RESET_CLASSIC, NULL, 0), quick, 5);
    check_steps(reset_text(RESET_CLASSIC, NULL, 1), patient, 5);
}

static void all_variants_come_in_turn(void **state)
{
    (void)state;
    assert_string_equal(reset_text(RESET_TIGHT, NULL, 2), reset_text(RESET_CLASSIC, NULL, 0));
    assert_string_equal(reset_text(RESET_TIGHT, NULL, 4), reset_text(RESET_TIGHT, NULL, 0));
    assert_string_equal(reset_text(RESET_CUSTOM, "D0|R1", 3), "D0|R1");
}

static void a_custom_sequence_runs_as_written(void **state)
{
    const struct step want[] = {{0, 1, 0}, {250000, 1, 1}, {250000, 0, 0}};

    (void)state;
    check_steps("D1|W0.25|R1|U0,0", want, 3);
}

static void a_cancel_ends_the_wait_in_it(void **state)
{
    struct lines l = {.clock = clock_new_virtual()};
    const struct transport_binding bindings[] = {{&lines_driver, &l}, {NULL, NULL}};
    const struct transport_env env = {l.clock, NULL};
    struct waker *cancel = waker_new();
    struct transport *t = NULL;
    struct failure f = {0};

    (void)state;
    assert_int_equal(transport_open(&t, bindings, "lines:", &env, &f), 0);
    waker_raise(cancel);
    assert_int_equal(reset_to_program(t, l.clock, cancel), -ECANCELED);
    assert_int_equal(reset_hold(t), 0); /* but the chip can still be held */
    assert_true(!l.steps[l.count - 1].dtr && l.steps[l.count - 1].rts);
    transport_close(t);
    waker_free(cancel);
    clock_free(l.clock);
}

static bool job_takes(const char *sequence)
{
    struct complaint c = {0};
    char dir[SCRATCH_SIZE], path[SCRATCH_SIZE + 16], text[300];

    scratch_make(dir, "reset");
    snprintf(path, sizeof path, "%s/j.yaml", dir);
    snprintf(text, sizeof text, "board: x\nchip: esp32\nreset: '%s'\n", sequence);
    scratch_save_text(path, text);
    struct job *job = job_load_settings(path, &c);
    bool taken = job != NULL;
    if (!taken)
        assert_non_null(strstr(c.text, ":3: reset: "));
    job_free(job);
    scratch_remove(dir);
    return taken;
}

/* What a job may say and what can be run are the same: a slip is told when the job is read, not on the first board. */
static void a_job_takes_what_the_engine_can_run(void **state)
{
    static const char *const texts[] = {
        "D0|R1|W0.1|D1|R0|W0.05|D0",
        "D0",
        "U1,0",
        "W10",
        "W10.0",
        "W0.123456",
        "W9.999999",
        "W0",
        "D2",
        "D9|W99",
        "D",
        "D01",
        "R0.",
        "U1",
        "U1,",
        "U1,0,1",
        "U10",
        "U1.0",
        "W",
        "W.",
        "W.5",
        "W1.",
        "W1.2.3",
        "W10.1",
        "W10.000001",
        "W11",
        "W100",
        "W0.1234567",
        "W1,5",
        "W1234567890",
        "D0|",
        "|D0",
        "D0||R1",
        "Q1",
        "d0",
        "D0|D0|D0|D0|D0|D0|D0|D0|D0|D0|D0|D0|D0|D0|D0|D0|D0|D0|D0|D0|D0|D0|D0|D0|D0|D0|D0|D0|D0|D0|D0|D0",
        "D0|D0|D0|D0|D0|D0|D0|D0|D0|D0|D0|D0|D0|D0|D0|D0|D0|D0|D0|D0|D0|D0|D0|D0|D0|D0|D0|D0|D0|D0|D0|D0|D0"};
    struct reset_sequence s;

    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        bool runs = reset_parse(texts[i], &s, NULL) == 0, taken = job_takes(texts[i]);
        if (runs != taken)
            fail_msg("%s: the engine %s it, a job %s it", texts[i], runs ? "runs" : "refuses",
                     taken ? "takes" : "refuses");
    }
}

static void reset_sequences_are_parsed(void **state)
{
    struct reset_sequence s;
    size_t at = 99;

    (void)state;
    assert_int_equal(reset_parse("D0|R1|W0.1|U1,0|W2", &s, NULL), 0);
    assert_int_equal(s.count, 5);
    assert_int_equal(s.steps[2].wait_us, 100000);
    assert_true(s.steps[3].dtr && !s.steps[3].rts);
    assert_int_equal(s.steps[4].wait_us, 2000000);
    static const char *const bad[] = {"",    "D2",  "D0|", "|D0", "D0R1", "W",
                                      "W1.", "W99", "U1",  "X1",  "U1,2", "D0 "};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_int_equal(reset_parse(bad[i], &s, &at), -EINVAL);
    assert_int_equal(reset_parse("D0|Rx", &s, &at), -EINVAL);
    assert_int_equal(at, 4);
    for (int round = 0; round < 8; round++) {
        assert_int_equal(reset_parse(reset_text(RESET_TIGHT, NULL, round), &s, NULL), 0);
        assert_int_equal(reset_parse(reset_text(RESET_CLASSIC, NULL, round), &s, NULL), 0);
    }
    assert_null(reset_text(RESET_NONE, NULL, 0));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reset_sequences_are_parsed),
        cmocka_unit_test(the_tight_sequence_sets_both_lines_at_once),
        cmocka_unit_test(the_classic_sequence_sets_one_line_after_the_other),
        cmocka_unit_test(all_variants_come_in_turn),
        cmocka_unit_test(a_custom_sequence_runs_as_written),
        cmocka_unit_test(a_cancel_ends_the_wait_in_it),
        cmocka_unit_test(a_job_takes_what_the_engine_can_run),
    };
    return cmocka_run_group_tests_name("esp_reset", tests, NULL, NULL);
}
