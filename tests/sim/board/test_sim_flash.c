/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "sim/board/sim_flash.h"
#include "sim/board/sim_physics.h"

static void programming_only_clears_bits(void **state)
{
    (void)state;
    struct sim_flash f;
    assert_int_equal(sim_flash_init(&f, 1u << 20, 0), 0);
    const uint8_t first = 0xf0, second = 0x3c;
    sim_flash_program(&f, 0x1234, &first, 1);
    assert_int_equal(f.bytes[0x1234], 0xf0);
    sim_flash_program(&f, 0x1234, &second, 1);
    assert_int_equal(f.bytes[0x1234], 0x30);
    assert_int_equal(f.bytes[0x1233], 0xff);
    assert_int_equal(f.bytes[0x1235], 0xff);
    sim_flash_free(&f);
}

static void erasing_sets_the_whole_sector_and_nothing_else(void **state)
{
    (void)state;
    struct sim_flash f;
    assert_int_equal(sim_flash_init(&f, 1u << 20, 0), 0);
    memset(f.bytes, 0, f.size);
    sim_flash_erase_sector(&f, 0x2abc);
    assert_true(sim_flash_blank(&f, 0x2000, 0x1000));
    assert_int_equal(f.bytes[0x1fff], 0);
    assert_int_equal(f.bytes[0x3000], 0);
    sim_flash_erase_area(&f, 0x1f000, 0x11001); /* a sector, a block, and what the last byte touches */
    assert_int_equal(f.bytes[0x1efff], 0);
    assert_true(sim_flash_blank(&f, 0x1f000, 0x12000));
    assert_int_equal(f.bytes[0x31000], 0);
    sim_flash_erase_chip(&f);
    assert_true(sim_flash_blank(&f, 0, f.size));
    sim_flash_free(&f);
}

static void times_are_the_data_sheets(void **state)
{
    (void)state;
    struct sim_flash f;
    static uint8_t page[256];
    assert_int_equal(sim_flash_init(&f, 4u << 20, 0), 0);
    assert_int_equal(sim_flash_erase_sector(&f, 0), 45000);
    assert_int_equal(sim_flash_erase_block(&f, 0), 150000);
    assert_int_equal(sim_flash_erase_chip(&f), 10000000);
    /* A block by one command is much quicker than by sixteen. */
    assert_true(sim_flash_erase_area(&f, 0x10000, 0x10000) * 4 < sim_flash_erase_area(&f, 0x11000, 0xf000));
    /* Eight commands of 32 bytes a page: near 1 ms, as boards in the field show. */
    int64_t us = sim_flash_program(&f, 0, page, sizeof page);
    assert_in_range(us, 850, 1150);
    f.slow_factor = SIM_SLOW_FACTOR;
    assert_int_equal(sim_flash_program(&f, 0x1000, page, sizeof page), us * SIM_SLOW_FACTOR);
    sim_flash_free(&f);
}

static void past_the_end_nothing_happens(void **state)
{
    (void)state;
    struct sim_flash f;
    const uint8_t zeros[32] = {0};
    assert_int_equal(sim_flash_init(&f, 1u << 20, 0), 0);
    assert_int_equal(sim_flash_program(&f, f.size - 16, zeros, sizeof zeros), 0);
    assert_int_equal(sim_flash_program(&f, UINT32_MAX - 8, zeros, sizeof zeros), 0);
    assert_int_equal(sim_flash_erase_sector(&f, f.size), 0);
    assert_true(sim_flash_blank(&f, 0, f.size));
    sim_flash_free(&f);
}

static void a_weak_place_keeps_its_bit_and_a_lie_is_told_once(void **state)
{
    (void)state;
    struct sim_flash f;
    static const uint8_t zeros[0x100];
    assert_int_equal(sim_flash_init(&f, 1u << 20, 0), 0);
    f.weak_at = 0x2040;
    sim_flash_program(&f, 0x2000, zeros, sizeof zeros);
    assert_int_equal(f.bytes[0x203f], 0);
    assert_int_equal(f.bytes[0x2040], 1);
    assert_int_equal(f.bytes[0x2080], 0);
    f.lie_at = 0x3010;
    sim_flash_program(&f, 0x3000, zeros, sizeof zeros);
    assert_int_equal(f.bytes[0x3010], 0xff);
    assert_int_equal(f.bytes[0x3020], 0);
    sim_flash_program(&f, 0x3000, zeros, sizeof zeros);
    assert_int_equal(f.bytes[0x3010], 0);
    sim_flash_free(&f);
}

static void ids_follow_the_size(void **state)
{
    (void)state;
    assert_int_equal(sim_flash_winbond(4u << 20), 0x1640ef);
    assert_int_equal(sim_flash_winbond(8u << 20), 0x1740ef);
    struct sim_flash f;
    assert_true(sim_flash_init(&f, 3u << 20, 0) < 0);
    assert_true(sim_flash_init(&f, 32u << 20, 0) < 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(programming_only_clears_bits),
        cmocka_unit_test(erasing_sets_the_whole_sector_and_nothing_else),
        cmocka_unit_test(times_are_the_data_sheets),
        cmocka_unit_test(past_the_end_nothing_happens),
        cmocka_unit_test(a_weak_place_keeps_its_bit_and_a_lie_is_told_once),
        cmocka_unit_test(ids_follow_the_size),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
