/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "engine/chip/slip.h"

/* Feeds bytes; the frames that came out, joined by a 0xFE marker, so one assert tells count and content. */
static size_t frames_of(struct slip_decoder *d, const uint8_t *in, size_t len, uint8_t *out, int *bad)
{
    size_t n = 0;

    for (size_t i = 0; i < len; i++) {
        enum slip_event e = slip_feed(d, in[i]);
        if (e == SLIP_BAD)
            (*bad)++;
        if (e == SLIP_FRAME) {
            memcpy(out + n, d->buf, d->len);
            n += d->len;
            out[n++] = 0xFE;
        }
    }
    return n;
}

static void check(const uint8_t *in, size_t len, const uint8_t *want, size_t want_len, int want_bad)
{
    uint8_t buf[8], out[64];
    struct slip_decoder d;
    int bad = 0;

    slip_decoder_init(&d, buf, sizeof buf);
    size_t n = frames_of(&d, in, len, out, &bad);
    assert_int_equal(n, want_len);
    assert_memory_equal(out, want, want_len);
    assert_int_equal(bad, want_bad);
}

#define BYTES(...) ((const uint8_t[]){__VA_ARGS__}), sizeof((const uint8_t[]){__VA_ARGS__})

static void a_frame_comes_out_unescaped(void **state)
{
    (void)state;
    check(BYTES(0xC0, 1, 0xDB, 0xDC, 0xDB, 0xDD, 2, 0xC0), BYTES(1, 0xC0, 0xDB, 2, 0xFE), 0);
}

static void a_stray_delimiter_does_not_flip_frames_and_gaps(void **state)
{
    (void)state;
    check(BYTES(0xC0, 1, 0xC0, 0xC0, 0xC0, 2, 0xC0), BYTES(1, 0xFE, 2, 0xFE), 0);
}

static void empty_frames_are_nothing(void **state)
{
    uint8_t buf[8], out[8];
    struct slip_decoder d;
    int bad = 0;
    static const uint8_t in[] = {0xC0, 0xC0, 0xC0};

    (void)state;
    slip_decoder_init(&d, buf, sizeof buf);
    assert_int_equal(frames_of(&d, in, sizeof in, out, &bad), 0);
    assert_int_equal(bad, 0);
}

static void boot_text_before_a_frame_does_not_swallow_it(void **state)
{
    (void)state;
    check(BYTES('b', 'o', 0xC0, 7, 0xC0), BYTES('b', 'o', 0xFE, 7, 0xFE), 0);
}

static void a_wrong_escape_drops_only_its_own_frame(void **state)
{
    (void)state;
    check(BYTES(0xC0, 1, 0xDB, 0x01, 2, 0xC0, 0xC0, 3, 0xC0), BYTES(3, 0xFE), 1);
    check(BYTES(0xC0, 1, 0xDB, 0xC0, 0xC0, 3, 0xC0), BYTES(3, 0xFE), 1);
}

static void a_frame_too_long_is_dropped_and_the_next_is_taken(void **state)
{
    (void)state;
    check(BYTES(0xC0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 0xC0, 3, 0xC0), BYTES(3, 0xFE), 1);
}

static void a_frame_of_exactly_the_buffer_fits(void **state)
{
    (void)state;
    check(BYTES(0xC0, 1, 2, 3, 4, 5, 6, 7, 8, 0xC0), BYTES(1, 2, 3, 4, 5, 6, 7, 8, 0xFE), 0);
}

static void every_byte_survives_a_round_trip(void **state)
{
    uint8_t in[256], wire[SLIP_ENCODED_MAX(256)], buf[256];
    struct slip_writer w;
    struct slip_decoder d;
    enum slip_event last = SLIP_MORE;

    (void)state;
    for (int i = 0; i < 256; i++)
        in[i] = (uint8_t)i;
    slip_begin(&w, wire, sizeof wire);
    slip_put(&w, in, sizeof in);
    size_t n = slip_finish(&w);
    assert_int_equal(n, 256 + 2 + 2);
    slip_decoder_init(&d, buf, sizeof buf);
    for (size_t i = 0; i < n; i++)
        last = slip_feed(&d, wire[i]);
    assert_int_equal(last, SLIP_FRAME);
    assert_int_equal(d.len, 256);
    assert_memory_equal(d.buf, in, 256);
}

static void what_does_not_fit_is_not_sent_at_all(void **state)
{
    uint8_t wire[4];
    struct slip_writer w;

    (void)state;
    slip_begin(&w, wire, sizeof wire);
    slip_put(&w, "\xC0\xC0", 2);
    assert_int_equal(slip_finish(&w), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_frame_comes_out_unescaped),
        cmocka_unit_test(a_stray_delimiter_does_not_flip_frames_and_gaps),
        cmocka_unit_test(empty_frames_are_nothing),
        cmocka_unit_test(boot_text_before_a_frame_does_not_swallow_it),
        cmocka_unit_test(a_wrong_escape_drops_only_its_own_frame),
        cmocka_unit_test(a_frame_too_long_is_dropped_and_the_next_is_taken),
        cmocka_unit_test(a_frame_of_exactly_the_buffer_fits),
        cmocka_unit_test(every_byte_survives_a_round_trip),
        cmocka_unit_test(what_does_not_fit_is_not_sent_at_all),
    };
    return cmocka_run_group_tests_name("slip", tests, NULL, NULL);
}
