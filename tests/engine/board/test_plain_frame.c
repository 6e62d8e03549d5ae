/* SPDX-License-Identifier: Apache-2.0 */
/* label: unit */
/*
 * Plain frames that keep a stub busy, and what of a piece is not sent in them. The lengths are worked out by hand, in whole
 * microseconds: 5.04 a byte of line at 2 Mbaud with its escapes, 250 a frame, 122.5 for each 32 bytes that are programmed, 45 ms a
 * sector, 150 a block.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "engine/board/plain_frame.h"
#include "engine/board/plain_part.h"

/* (45000 - 250) / 5.04 = 8878, in whole 32 bytes 8864; two more sectors are erased for it: 90000 + 33932, and all the rest fits. */
static void a_region_of_sectors(void **state)
{
    struct plain_frame f = plain_frame_begin(2000000, 0x2000, 0x4000);

    (void)state;
    assert_int_equal(plain_frame_next(&f), 8864);
    assert_int_equal(plain_frame_next(&f), 0x4000 - 8864);
    assert_int_equal(plain_frame_next(&f), 0);
}

/*
 * While the first block is erased the longest frame comes, and another while it is programmed: 62720 us of work and 67175 of the erase
 * left. Then 62720 us: 12394 bytes, 12384; 47407: 9356, 9344; 35770: 7047, 7040; 26950: 5297, 5280: they sum up to 0x10540, over the
 * block's end, so that the next one has 150 ms.
 */
static void a_region_of_blocks(void **state)
{
    static const uint32_t want[] = {0x4000, 0x4000, 12384, 9344, 7040, 5280, 0x4000};
    struct plain_frame f = plain_frame_begin(2000000, 0x10000, 0x40000);

    (void)state;
    for (size_t i = 0; i < sizeof want / sizeof want[0]; i++)
        assert_int_equal(plain_frame_next(&f), want[i]);
}

/* Whatever rate and place: all of it is sent, none too long or of nothing, and but for the last they end with a command. */
static void all_is_sent(void **state)
{
    static const uint32_t rates[] = {115200, 1500000, 2000000, 3000000, 4000000};

    (void)state;
    for (size_t i = 0; i < 5 * 40; i++) {
        uint32_t at = 0x1000 * (uint32_t)(i % 40), size = 1 + (uint32_t)(i * 7919 % 0x48000), sum = 0;
        struct plain_frame f = plain_frame_begin(rates[i % 5], at, size);
        for (uint32_t n; (n = plain_frame_next(&f)) > 0; sum += n) {
            assert_true(n <= 0x4000 && sum + n <= size);
            assert_true((at + sum + n) % 32 == 0 || sum + n == size);
        }
        assert_int_equal(sum, size);
    }
}

#define BYTES 0x40000u

struct part {
    uint32_t size;
    bool blank;
};

struct part_case {
    uint32_t offset, size;
    struct part want[8];
};

/* `f` at 0x11000 to 0x13000, 0x18000 to 0x19000, 0x24000 to 0x26000, 0x3d000 to 0x3f001 of flash. */
static void fill(uint8_t *flash)
{
    memset(flash, 0x5a, BYTES);
    memset(flash + 0x11000, 0xff, 0x2000);
    memset(flash + 0x18000, 0xff, 0x1000);
    memset(flash + 0x24000, 0xff, 0x2000);
    memset(flash + 0x3d000, 0xff, 0x2001);
}

static void blank_sectors_are_left_out_where_no_block_breaks(void **state)
{
    static const struct part_case cases[] = {
        /* Blocks 1 and 2 are filled, block 3 is not. */
        {0x10000, 0x2e001, {{0x2d000, false}, {0x1001, true}}},
        {0x11000, 0x7000, {{0x2000, true}, {0x5000, false}}},
        {0x12000, 0x10000, {{0x1000, true}, {0x5000, false}, {0x1000, true}, {0x9000, false}}},
        /* The first block is not filled, the second one is. */
        {0x17000, 0x19000, {{0x1000, false}, {0x1000, true}, {0x17000, false}}},
        {0x24000, 0x2000, {{0x2000, true}}},
    };
    uint8_t *flash = malloc(BYTES);

    (void)state;
    assert_non_null(flash);
    fill(flash);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const struct part_case *c = &cases[i];
        struct piece p = {.offset = c->offset, .size = c->size, .data = flash + c->offset};
        size_t n = 0;
        for (uint32_t at = 0; at < p.size; n++) {
            struct plain_part got = plain_part_next(&p, at, 0x80000000);
            if (got.size != c->want[n].size || got.blank != c->want[n].blank)
                fail_msg("case %zu, part %zu: 0x%x bytes, %d", i, n, (unsigned)got.size, got.blank);
            at += got.size;
        }
        assert_int_equal(c->want[n].size, 0);
    }
    free(flash);
}

static void parts_end_at_a_step(void **state)
{
    static const uint32_t want[] = {0x3000, 0x4000, 0x2000};
    static uint8_t bytes[0x9000];
    const struct piece p = {.offset = 0x11000, .size = sizeof bytes, .data = bytes};

    (void)state;
    for (size_t i = 0, at = 0; i < 3; at += want[i], i++) {
        struct plain_part got = plain_part_next(&p, (uint32_t)at, 0x4000);
        assert_int_equal(got.size, want[i]);
        assert_false(got.blank);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_region_of_sectors),
        cmocka_unit_test(a_region_of_blocks),
        cmocka_unit_test(all_is_sent),
        cmocka_unit_test(blank_sectors_are_left_out_where_no_block_breaks),
        cmocka_unit_test(parts_end_at_a_step),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
