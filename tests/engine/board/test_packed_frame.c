/* SPDX-License-Identifier: Apache-2.0 */
/* label: unit */
/*
 * Frames of a stream that keep a stub's flash at work. The lengths are worked out by hand, in whole microseconds, at 921600 baud: 10.9375
 * a byte of line with its escapes, 472 a frame, 45 ms a sector, 150 a block, 125440 a window of 32 KiB.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "engine/board/packed_frame.h"
#include "profiles/plan/region_stream.h"

#define BAUD 921600u

/* A stream of which each window takes as many bytes as the table says. */
static struct region_stream stream(struct piece *p, const uint32_t *windows, uint32_t offset, uint32_t size)
{
    *p = (struct piece){.windows = windows, .size = size, .region_count = 1};
    return (struct region_stream){
        .piece = p, .count = 1, .offset = offset, .size = size, .zsize = windows[(size - 1) / STREAM_WINDOW]};
}

/*
 * A sector is erased since BEGIN: in 45000 us and 500 of slack come (45500 - 472) / 10.9375 = 4116 bytes. They have the next sector begun,
 * and so on; 4116 * 4 = 16464 are too near at the window's end for another: 3600 bytes, and 64 that have the ninth sector begun.
 */
static void sectors_follow_each_other(void **state)
{
    static const uint32_t windows[] = {20000, 40000};
    struct piece p;
    struct region_stream s = stream(&p, windows, 0x1000, 0x10000);
    struct packed_frame f = packed_frame_begin(BAUD, &s);

    (void)state;
    for (int i = 0; i < 4; i++) {
        assert_int_equal(packed_frame_next(&f), 4116);
        assert_int_equal(f.erased_to, 0x3000 + 0x1000 * i);
    }
    assert_int_equal(packed_frame_next(&f), 20064 - 4 * 4116);
    assert_int_equal(f.window, 1);
    assert_int_equal(f.erased_to, 0xa000);
    assert_int_equal(f.flash_us - f.busy_us, 45000);
}

/*
 * In a block's 150000 us and the slack come 13716 bytes, which have the second one begun; then what the window lacks, and the 64. When all
 * is erased, longest ones alone.
 */
static void a_window_ends_a_frame(void **state)
{
    static const uint32_t windows[] = {20000, 40000, 60000, 80000, 100000, 120000};
    static const uint32_t want[] = {13716, 6348};
    struct piece p;
    struct region_stream s = stream(&p, windows, 0x10000, 0x30000);
    struct packed_frame f = packed_frame_begin(BAUD, &s);

    (void)state;
    for (size_t i = 0; i < 2; i++)
        assert_int_equal(packed_frame_next(&f), want[i]);
    assert_int_equal(f.erased_to, 0x40000);
    for (uint32_t n; (n = packed_frame_next(&f)) > 0;)
        assert_true(n == 0x4000 || 120000 - f.at <= 2048);
}

/* Whatever rate, place and stream: all of it is sent, none too long or too short; erased is what the region has and no more. */
static void all_is_sent(void **state)
{
    static const uint32_t rates[] = {921600, 1500000, 2000000, 3000000};
    uint32_t windows[12];

    (void)state;
    for (uint32_t i = 0; i < 400; i++) {
        uint32_t size = 1 + i * 7919 % 0x58000, sum = 0, count = (size - 1) / STREAM_WINDOW + 1;
        for (uint32_t w = 0, at = 10; w < count; w++)
            windows[w] = at += (i * 31 + w * 977) % 9 == 0 ? 40 : 500 + (i * 7001 + w * 13007) % 32000;
        struct piece p;
        struct region_stream s = stream(&p, windows, 0x1000 * (i % 40), size);
        struct packed_frame f = packed_frame_begin(rates[i % 4], &s);
        for (uint32_t n; (n = packed_frame_next(&f)) > 0; sum += n) {
            assert_true(n <= 0x4000 && sum + n <= s.zsize);
            assert_true(s.zsize - sum - n == 0 || s.zsize - sum - n >= 2048);
            assert_true(f.erased_to <= ((s.offset + size + 0xfff) & ~0xfffu));
        }
        assert_int_equal(sum, s.zsize);
        assert_int_equal(f.window, count);
    }
}

static void a_slow_line_needs_none(void **state)
{
    (void)state;
    assert_false(packed_frame_pays(460800));
    assert_true(packed_frame_pays(921600));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sectors_follow_each_other),
        cmocka_unit_test(a_window_ends_a_frame),
        cmocka_unit_test(all_is_sent),
        cmocka_unit_test(a_slow_line_needs_none),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
