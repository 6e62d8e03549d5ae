/* SPDX-License-Identifier: Apache-2.0 */
/* The record of the wire: what goes in comes out, it stays within its bound, and what was cut is counted. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "engine/port/wire_log.h"
#include "sim/board/sim_replay.h"

static void fill(struct wire_log *l, struct clock *clock, int exchanges)
{
    uint8_t request[1100], reply[14];

    memset(reply, 0x5A, sizeof reply);
    for (int i = 0; i < exchanges; i++) {
        memset(request, i & 0xFF, sizeof request);
        memcpy(request, &i, sizeof i);
        int64_t at = clock_now_us(clock);
        clock_wait_until(clock, clock_after(clock, 10000), NULL);
        wire_log_tx(l, request, sizeof request, at);
        clock_wait_until(clock, clock_after(clock, 5000), NULL);
        wire_log_rx(l, reply, sizeof reply);
    }
}

/* Events of the block, and the first bytes of the last that was sent. */
static int count(const uint8_t *block, size_t len, struct wire_record *r, int *last)
{
    int events = 0;

    assert_true(wire_record_decode(block, len, r));
    for (size_t at = 0; at < r->events_len; events++) {
        struct wire_event e;
        size_t n = wire_event_decode(r->events + at, r->events_len - at, &e);
        assert_true(n > 0);
        if (e.kind == WIRE_TX) {
            assert_int_equal(e.len, 1100);
            assert_int_equal(e.kept, WIRE_TX_HEAD);
            memcpy(last, e.bytes, sizeof *last);
        }
        at += n;
    }
    return events;
}

static void bounded(int exchanges, bool whole)
{
    char error[160] = "";
    struct clock *clock = clock_new_virtual();
    struct wire_record r = {.head = {.code = 601}};
    struct wire_log l;
    size_t len;
    int last = -1;

    wire_log_init(&l, clock);
    fill(&l, clock, exchanges);
    uint8_t *block = wire_log_encode(&l, &r, &len);
    assert_non_null(block);
    assert_true(len <= WIRE_RECORD_MAX);
    int events = count(block, len, &r, &last);
    assert_int_equal(events + (int)r.head.cut_events, 2 * exchanges);
    assert_int_equal(last, exchanges - 1);
    struct sim_replay *replay = sim_replay_new(block, len, error);
    if (whole) {
        assert_int_equal(r.head.cut_events, 0);
        assert_non_null(replay);
    } else {
        assert_true(r.head.cut_events > 0);
        assert_true(len > 2 * WIRE_PART_SIZE - 2 * WIRE_EVENT_MAX); /* it is not cut short of its bound */
        assert_null(replay);
        assert_non_null(strstr(error, "was cut"));
    }
    sim_replay_free(replay);
    free(block);
    wire_log_done(&l);
    clock_free(clock);
}

static void it_stays_within_its_bound_and_says_what_was_cut(void **state)
{
    (void)state;
    bounded(0, true);
    bounded(1500, true);
    bounded(2600, true);
    bounded(4000, false);
    bounded(60000, false);
}

static void what_goes_in_comes_out(void **state)
{
    static const uint8_t sent[] = {0xC0, 1, 2}, got[] = {3, 4, 5, 6};
    struct clock *clock = clock_new_virtual();
    struct wire_record r = {.head = {.code = 104, .stage = 9, .duration_us = 1234567}};
    struct wire_event e[5];
    struct wire_log l;
    size_t len, at = 0;

    (void)state;
    clock_wait_until(clock, 1000000, NULL);
    wire_log_init(&l, clock);
    clock_wait_until(clock, 1000300, NULL);
    wire_log_lines(&l, true, false);
    wire_log_tx(&l, sent, sizeof sent, 1000200);
    wire_log_rx(&l, got, 2);
    clock_wait_until(clock, 1001300, NULL);
    wire_log_rx(&l, got + 2, 2);
    wire_log_baud(&l, 921600, 923077);
    wire_log_error(&l, WIRE_CALL_READ, 0);
    wire_log_error(&l, WIRE_CALL_READ, -ENODEV);
    uint8_t *block = wire_log_encode(&l, &r, &len);
    assert_true(wire_record_is(block, len));
    assert_true(wire_record_decode(block, len, &r));
    assert_int_equal(r.head.code, 104);
    assert_int_equal(r.head.duration_us, 1234567);
    for (int i = 0; i < 5; i++) {
        size_t n = wire_event_decode(r.events + at, r.events_len - at, &e[i]);
        assert_true(n > 0);
        at += n;
    }
    assert_int_equal(at, r.events_len);
    assert_int_equal(e[0].kind, WIRE_LINES);
    assert_true(e[0].dtr && !e[0].rts);
    assert_int_equal(e[1].at_us, 200);
    assert_int_equal(e[1].took_us, 100);
    assert_memory_equal(e[1].bytes, sent, sizeof sent);
    assert_int_equal(e[2].at_us, 300);
    assert_int_equal(e[2].took_us, 1000);
    assert_int_equal(e[2].len, 4);
    assert_memory_equal(e[2].bytes, got, sizeof got);
    assert_int_equal(e[3].made, 923077);
    assert_int_equal(e[4].error, ENODEV);
    free(block);
    wire_log_done(&l);
    clock_free(clock);
}

/* Whatever stands there: no event or a sound one, never a byte beyond the end. */
static void any_bytes_are_an_event_or_none(void **state)
{
    uint32_t x = 1;

    (void)state;
    for (int i = 0; i < 200000; i++) {
        uint8_t bytes[40];
        struct wire_event e;
        for (size_t k = 0; k < sizeof bytes; k++)
            bytes[k] = (uint8_t)((x = x * 1664525 + 1013904223) >> 24);
        bytes[0] %= 7;
        size_t len = x % (sizeof bytes + 1);
        uint8_t *exact = malloc(len + 1);
        memcpy(exact, bytes, len);
        assert_true(wire_event_decode(exact, len, &e) <= len);
        free(exact);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_stays_within_its_bound_and_says_what_was_cut),
        cmocka_unit_test(what_goes_in_comes_out),
        cmocka_unit_test(any_bytes_are_an_event_or_none),
    };
    return cmocka_run_group_tests_name("wire_log", tests, NULL, NULL);
}
