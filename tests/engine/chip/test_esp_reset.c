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

#include "engine/chip/esp_loader.h"
#include "engine/chip/esp_reset.h"
#include "engine/port/transport.h"
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
    const char *held;    /* what the adapter has of before the reset, until it is flushed */
    const char *says;    /* what the chip prints, `after_us` after EN was let go; NULL: nothing */
    int64_t after_us;    /* of the line's last step at that time */
    int64_t released_us; /* EN went up; 0: not yet */
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
    if (l->count > 0 && l->steps[l->count - 1].rts && !l->steps[l->count - 1].dtr && !(rts && !dtr))
        l->released_us = clock_now_us(l->clock);
    l->steps[l->count++] = (struct step){clock_now_us(l->clock), dtr, rts};
    return 0;
}

static int lines_flush(void *port)
{
    ((struct lines *)port)->held = NULL;
    return 0;
}

static ssize_t give(const char **text, void *buf, size_t len)
{
    size_t n = strlen(*text) < len ? strlen(*text) : len;

    memcpy(buf, *text, n);
    *text += n;
    return (ssize_t)n;
}

static ssize_t lines_read(void *port, void *buf, size_t len, int64_t deadline_us)
{
    struct lines *l = port;
    int64_t at = l->released_us + l->after_us;

    if (l->held != NULL && *l->held != '\0')
        return give(&l->held, buf, len);
    if (l->released_us != 0 && l->says != NULL && *l->says != '\0' && at <= deadline_us) {
        clock_wait_until(l->clock, at, NULL);
        return give(&l->says, buf, len);
    }
    clock_wait_until(l->clock, deadline_us, NULL);
    return 0;
}

static const struct transport_driver lines_driver = {.scheme = "lines",
                                                     .open = lines_open,
                                                     .close = lines_close,
                                                     .read = lines_read,
                                                     .set_lines = lines_set,
                                                     .flush_input = lines_flush};

static void run_on(struct lines *l, const char *text)
{
    l->clock = clock_new_virtual();
    const struct transport_binding bindings[] = {{&lines_driver, l}, {NULL, NULL}};
    const struct transport_env env = {l->clock, NULL};
    struct transport *t = NULL;
    struct failure f = {0};
    struct reset_sequence s;

    assert_int_equal(transport_open(&t, bindings, "lines:", &env, &f), 0);
    struct esp_loader *loader = esp_loader_new(t, l->clock);
    assert_non_null(loader);
    assert_int_equal(reset_parse(text, &s, NULL), 0);
    assert_int_equal(reset_run(loader, NULL, &s), 0);
    esp_loader_free(loader);
    transport_close(t);
    clock_free(l->clock);
}

static void check_lines(const struct lines *l, const struct step *want, int count)
{
    assert_int_equal(l->count, count);
    for (int i = 0; i < count; i++) {
        assert_int_equal(l->steps[i].at_us, want[i].at_us);
        assert_int_equal(l->steps[i].dtr, want[i].dtr);
        assert_int_equal(l->steps[i].rts, want[i].rts);
    }
}

/* On a board that says nothing. */
static void check_steps(const char *text, const struct step *want, int count)
{
    struct lines l = {0};

    run_on(&l, text);
    check_lines(&l, want, count);
}

/*
 * (DTR, RTS): idle, both, reset, boot pin while reset is let go for `hold`, idle, DTR off again. The patient times are those
 * of Espressif's client.
 */
static void the_tight_sequence_sets_both_lines_at_once(void **state)
{
    const struct step quick[] = {{0, 0, 0},     {0, 1, 1},     {0, 0, 1},
                                 {20000, 1, 0}, {70000, 0, 0}, {70000, 0, 0}};
    const struct step patient[] = {{0, 0, 0},      {0, 1, 1},      {0, 0, 1},
                                   {100000, 1, 0}, {650000, 0, 0}, {650000, 0, 0}};

    (void)state;
    check_steps(reset_text(RESET_TIGHT, NULL, 0), quick, 6);
    check_steps(reset_text(RESET_TIGHT, NULL, 1), patient, 6);
}

static void the_classic_sequence_sets_one_line_after_the_other(void **state)
{
    const struct step quick[] = {{0, 0, 0}, {0, 0, 1}, {20000, 1, 1}, {20000, 1, 0}, {70000, 0, 0}};
    const struct step patient[] = {{0, 0, 0}, {0, 0, 1}, {100000, 1, 1}, {100000, 1, 0}, {650000, 0, 0}};

    (void)state;
    check_steps(reset_text(RESET_CLASSIC, NULL, 0), quick, 5);
    check_steps(reset_text(RESET_CLASSIC, NULL, 1), patient, 5);
}

/* Boot text is proof that the pins were read; that of a program before, or of the boot before, is not. */
static void the_boot_pin_is_let_go_when_the_boot_text_begins(void **state)
{
    static const struct {
        const char *held, *says;
        int64_t after_us, hold_us;
    } rows[] = {
        {"", "ets Jun  8 2016 00:22:57\r\n\r\nrst:0x1 (POWERON", 8500, 8500},
        {"", "ESP-ROM:esp32c3-api1-20210207\r\n", 20000, 20000},
        {"", "ets Jun  8 2016 00:22:57\r\n\r\nrst:0x1 (POWERON", 60000, 50000},
        {"", "\x01\x02 hello, here is a program\r\n", 3000, 50000},
        {"rst:0x10 (RTCWDT_RTC_RESET),boot:0x13", NULL, 0, 50000},
        {"ESP-ROM:esp32c3", "ESP-ROM:esp32c3-api1-20210207\r\n", 9000, 9000},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct lines l = {.held = rows[i].held, .says = rows[i].says, .after_us = rows[i].after_us};
        int64_t off = 20000 + rows[i].hold_us;
        const struct step want[] = {{0, 0, 0}, {0, 1, 1}, {0, 0, 1}, {20000, 1, 0}, {off, 0, 0}, {off, 0, 0}};
        run_on(&l, reset_text(RESET_TIGHT, NULL, 0));
        check_lines(&l, want, 6);
    }
}

static void a_program_is_started_by_the_reset_that_reached_the_bootloader(void **state)
{
    (void)state;
    assert_int_equal(reset_en_low_us(RESET_TIGHT, 0), 20000);
    assert_int_equal(reset_en_low_us(RESET_TIGHT, 1), 100000);
    assert_int_equal(reset_en_low_us(RESET_CLASSIC, 2), 20000);
    assert_int_equal(reset_en_low_us(RESET_CLASSIC, 3), 100000);
    assert_int_equal(reset_en_low_us(RESET_CUSTOM, 0), 100000);
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
    assert_int_equal(reset_to_program(t, l.clock, cancel, 20000), -ECANCELED);
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
        "H0.05",
        "H",
        "H10.1",
        "H2|H",
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
        cmocka_unit_test(the_boot_pin_is_let_go_when_the_boot_text_begins),
        cmocka_unit_test(a_program_is_started_by_the_reset_that_reached_the_bootloader),
        cmocka_unit_test(all_variants_come_in_turn),
        cmocka_unit_test(a_custom_sequence_runs_as_written),
        cmocka_unit_test(a_cancel_ends_the_wait_in_it),
        cmocka_unit_test(a_job_takes_what_the_engine_can_run),
    };
    return cmocka_run_group_tests_name("esp_reset", tests, NULL, NULL);
}
