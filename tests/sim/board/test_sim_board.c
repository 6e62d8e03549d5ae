/* SPDX-License-Identifier: Apache-2.0 */
/* Reset, rates, time and repeatability of a virtual board, all in virtual time. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "sim/board/sim_factory.h"
#include "sim/board/sim_random.h"
#include "tests/support/board_host.h"

static void straps_decide_at_the_end_of_reset(void **state)
{
    (void)state;
    struct board_host h;
    char text[4096];
    const struct sim_board_config c = host_board(NULL);
    host_start(&h, &c);
    host_boot_text(&h, true, text, sizeof text);
    assert_non_null(strstr(text, "boot:0x3 (DOWNLOAD_BOOT"));
    assert_non_null(strstr(text, "waiting for download"));
    host_boot_text(&h, false, text, sizeof text);
    assert_non_null(strstr(text, "boot:0x13 (SPI_FAST_FLASH_BOOT)"));
    assert_non_null(strstr(text, "flash read err, 1000")); /* nothing was ever written */
    const uint8_t magic = 0xe9;
    sim_board_preload(h.board, 0x1000, &magic, 1);
    host_boot_text(&h, false, text, sizeof text);
    assert_null(strstr(text, "flash read err"));
    assert_non_null(strstr(text, ">>> "));
    host_end(&h);
}

static void both_lines_asserted_pull_neither_pin(void **state)
{
    (void)state;
    struct board_host h;
    const struct sim_board_config c = host_board(NULL);
    host_start(&h, &c);
    host_sync(&h);
    sim_board_set_lines(h.board, true, true, h.now);
    host_pass(&h, 200000);
    uint32_t v;
    assert_true(host_reads(&h, 0x40001000, &v)); /* still the same loader: it was not reset */
    host_end(&h);
}

static void a_classic_reset_needs_the_capacitor(void **state)
{
    (void)state;
    struct board_host h;
    const struct sim_board_config c = host_board(NULL);
    host_start(&h, &c);
    /* DTR on, then RTS off a moment later: EN has not risen yet. */
    sim_board_set_lines(h.board, false, true, h.now);
    host_pass(&h, 100000);
    host_drop(&h);
    sim_board_set_lines(h.board, true, true, h.now);
    host_pass(&h, 500);
    sim_board_set_lines(h.board, true, false, h.now);
    host_pass(&h, 100000);
    assert_non_null(memmem(h.raw, h.raw_len, "waiting for download", 20));
    /* The same with 50 ms between the two: too late. */
    sim_board_set_lines(h.board, false, true, h.now);
    host_pass(&h, 100000);
    host_drop(&h);
    sim_board_set_lines(h.board, true, true, h.now);
    host_pass(&h, 50000);
    sim_board_set_lines(h.board, true, false, h.now);
    host_pass(&h, 100000);
    assert_non_null(memmem(h.raw, h.raw_len, "boot:0x13", 9));
    host_end(&h);
}

static void a_board_without_reset_wire_wants_the_button(void **state)
{
    (void)state;
    struct board_host h;
    struct sim_board_config c = host_board("no-reset-wire");
    c.starts_in_bootloader = false; /* the personality straps it once */
    host_start(&h, &c);
    host_sync(&h);
    uint32_t v;
    assert_true(host_reads(&h, 0x40001000, &v));
    sim_board_set_lines(h.board, false, true, h.now);
    host_pass(&h, 100000);
    sim_board_set_lines(h.board, true, false, h.now);
    host_pass(&h, 100000);
    assert_true(host_reads(&h, 0x40001000, &v)); /* nothing happened */
    sim_board_button(h.board, false, h.now);
    host_pass(&h, 200000);
    host_drop(&h);
    assert_false(host_reads(&h, 0x40001000, &v));
    sim_board_button(h.board, true, h.now);
    host_pass(&h, 200000);
    host_sync(&h);
    assert_true(host_reads(&h, 0x40001000, &v));
    host_end(&h);
}

static void wrong_rate_is_garbage_both_ways(void **state)
{
    (void)state;
    struct board_host h;
    uint32_t v;
    const struct sim_board_config c = host_board(NULL);
    host_start(&h, &c);
    host_sync(&h); /* the ROM has measured 115200 */
    sim_board_set_baud(h.board, 230400, h.now);
    assert_false(host_reads(&h, 0x40001000, &v));
    sim_board_set_baud(h.board, 117000, h.now); /* 1.6 % off is borne */
    host_pass(&h, HOST_SECOND);
    host_drop(&h);
    host_sync(&h);
    host_drop(&h);
    assert_true(host_reads(&h, 0x40001000, &v));
    assert_int_equal(v, 0x00f01d83);
    host_end(&h);
}

static void the_rom_misjudges_its_crystal_and_the_host_can_correct(void **state)
{
    (void)state;
    int off = 0;
    for (uint64_t seed = 1; seed <= 20; seed++) {
        struct board_host h;
        uint8_t got[64];
        uint32_t cal, fuse, v;
        struct sim_board_config c = host_board(NULL);
        c.seed = seed;
        host_start(&h, &c);
        host_sync(&h);
        assert_true(host_reads(&h, 0x3ff5f06c, &cal) && host_reads(&h, 0x3ff5a010, &fuse));
        uint64_t believed = (uint64_t)(cal >> 7 & 0x1ffffff) * 15625 * (fuse & 0xff) / 40;
        off += believed != 40000000;
        const uint32_t words[2] = {(uint32_t)(921600 * believed / 40000000), 0};
        assert_int_equal(host_ask(&h, 0x0f, words, 2, got), 12);
        sim_board_set_baud(h.board, 921600, h.now);
        host_pass(&h, 50000);
        host_drop(&h);
        assert_true(host_reads(&h, 0x40001000, &v));
        host_end(&h);
    }
    assert_true(off > 15);
}

/* Writes `len` bytes by the ROM, 1 KiB a block; returns the time it took. */
static int64_t rom_write(struct board_host *h, uint32_t at, const uint8_t *bytes, uint32_t len)
{
    const uint32_t attach[2] = {0, 0}, params[6] = {0, 4u << 20, 0x10000, 0x1000, 0x100, 0xffff};
    const uint32_t begin[4] = {len, len / 0x400, 0x400, at};
    uint8_t got[64];
    host_ask(h, 0x0d, attach, 2, got);
    host_ask(h, 0x0b, params, 6, got);
    int64_t from = h->now;
    assert_int_equal(host_ask(h, 0x02, begin, 4, got), 12);
    assert_int_equal(got[8], 0);
    for (uint32_t i = 0; i < len / 0x400; i++) {
        host_block(h, 0x03, i, bytes + i * 0x400, 0x400);
        assert_int_equal(host_reply(h, got, sizeof got, 5 * HOST_SECOND), 12);
        assert_int_equal(got[8], 0);
    }
    return h->now - from;
}

static void the_line_is_what_takes_the_time_at_115200(void **state)
{
    (void)state;
    static uint8_t bytes[0x10000];
    struct sim_random r = {1};
    int64_t us[2];
    sim_random_fill(&r, bytes, sizeof bytes);
    for (int fast = 0; fast < 2; fast++) {
        struct board_host h;
        uint8_t got[64];
        struct sim_board_config c = host_board(NULL);
        c.seed = 0; /* a crystal judged right */
        host_start(&h, &c);
        host_sync(&h);
        if (fast) {
            const uint32_t words[2] = {921600, 0};
            host_ask(&h, 0x0f, words, 2, got);
            sim_board_set_baud(h.board, 921600, h.now);
            host_pass(&h, 50000);
            host_drop(&h);
        }
        us[fast] = rom_write(&h, 0x10000, bytes, sizeof bytes);
        assert_memory_equal(sim_board_flash(h.board, NULL) + 0x10000, bytes, sizeof bytes);
        host_end(&h);
    }
    /* 64 KiB: 5.7 s of line, 0.15 s of erase, 0.25 s of programming at 115200; an eighth of the line at 921600. */
    assert_in_range(us[0], 6000000, 6600000);
    assert_in_range(us[1], 1050000, 1500000);
}

/* Everything a board says to the same random traffic, as a digest. */
static uint64_t conversation(uint64_t seed, double fault_rate, const char *personality, int64_t step_us)
{
    struct board_host h;
    struct sim_random r = {seed};
    struct sim_board_config c = host_board(personality);
    uint64_t sum = 14695981039346656037u;
    uint8_t block[0x400], got[64];
    c.seed = seed;
    c.fault_rate = fault_rate;
    host_start(&h, &c);
    host_sync(&h);
    const uint32_t attach[2] = {0, 0}, begin[4] = {0x20000, 128, 0x400, 0x10000};
    host_ask(&h, 0x0d, attach, 2, got);
    host_ask(&h, 0x02, begin, 4, got);
    for (uint32_t i = 0; i < 128; i++) {
        sim_random_fill(&r, block, sizeof block);
        host_block(&h, 0x03, i, block, sizeof block);
        for (int64_t t = 0; t < 200000; t += step_us)
            host_pass(&h, step_us);
        for (size_t k = 0; k < h.raw_len; k++)
            sum = (sum ^ h.raw[k]) * 1099511628211u;
        host_drop(&h);
    }
    uint32_t size;
    const uint8_t *flash = sim_board_flash(h.board, &size);
    for (uint32_t k = 0; k < size; k += 61)
        sum = (sum ^ flash[k]) * 1099511628211u;
    host_end(&h);
    return sum;
}

/* 20 bits and four behind the point: a rate below what they can make is another one. */
static void a_divisor_has_no_more_bits_than_its_register(void **state)
{
    const uint32_t words[2] = {1, 0};
    struct sim_board_config c = host_board(NULL);
    struct board_host h;
    uint8_t got[64];

    (void)state;
    c.seed = 0; /* its crystal is what it believes */
    host_start(&h, &c);
    host_sync(&h);
    host_ask(&h, 0x0f, words, 2, got);
    host_pass(&h, HOST_SECOND);
    assert_in_range(sim_board_baud(h.board), 40000000 / (1 << 20), 40000000);
    host_end(&h);
}

static void same_seed_same_board_however_often_it_is_stepped(void **state)
{
    (void)state;
    int different = 0;
    const uint64_t quiet = conversation(1, 0, NULL, 200000);
    for (uint64_t seed = 1; seed <= 6; seed++) {
        uint64_t a = conversation(seed, 1.0, "flips-bits", 200000);
        assert_true(a == conversation(seed, 1.0, "flips-bits", 200000));
        assert_true(a == conversation(seed, 1.0, "flips-bits", 10000));
        different += a != quiet;
    }
    assert_true(different >= 5);
    assert_true(conversation(1, 0, NULL, 200000) == quiet);
}

static void factory_macs_are_of_the_training_prefix_and_distinct(void **state)
{
    (void)state;
    for (int i = 1; i < 200; i++) {
        struct mac a = sim_factory_mac(77, i), b = sim_factory_mac(77, i + 1);
        assert_true(mac_is_training(&a));
        assert_false(mac_equal(&a, &b));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(straps_decide_at_the_end_of_reset),
        cmocka_unit_test(both_lines_asserted_pull_neither_pin),
        cmocka_unit_test(a_classic_reset_needs_the_capacitor),
        cmocka_unit_test(a_board_without_reset_wire_wants_the_button),
        cmocka_unit_test(wrong_rate_is_garbage_both_ways),
        cmocka_unit_test(the_rom_misjudges_its_crystal_and_the_host_can_correct),
        cmocka_unit_test(the_line_is_what_takes_the_time_at_115200),
        cmocka_unit_test(a_divisor_has_no_more_bits_than_its_register),
        cmocka_unit_test(same_seed_same_board_however_often_it_is_stepped),
        cmocka_unit_test(factory_macs_are_of_the_training_prefix_and_distinct),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
