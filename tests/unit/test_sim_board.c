/* SPDX-License-Identifier: Apache-2.0 */
/* Reset, rates, time, personalities, stubs and repeatability of a virtual board, all in virtual time. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "sim/sim_factory.h"
#include "sim/sim_personality.h"
#include "sim/sim_random.h"
#include "sim/sim_stub.h"
#include "sim_bench.h"

#define SECOND 1000000

static struct sim_board_config board_of(const char *personality)
{
    return (struct sim_board_config){.mac = sim_factory_mac(5, 1), .revision = 1, .flash_size = 4u << 20,
                                     .reset_wired = true, .starts_in_bootloader = true,
                                     .personality = personality, .seed = 9};
}

static ssize_t ask(struct sim_bench *h, uint8_t op, const uint32_t *words, size_t count, uint8_t got[64])
{
    bench_command(h, op, words, count);
    return bench_reply(h, got, 64, 60 * SECOND);
}

static uint32_t word_at(const uint8_t *p)
{
    return p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

static bool reads(struct sim_bench *h, uint32_t address, uint32_t *value)
{
    uint8_t got[64];

    if (ask(h, 0x0a, &address, 1, got) < 10 || got[1] != 0x0a)
        return false;
    *value = word_at(got + 4);
    return true;
}

static size_t text_of_boot(struct sim_bench *h, bool download, char *text, size_t room)
{
    bench_drop(h);
    sim_board_set_lines(h->board, false, true, h->now);
    bench_pass(h, 100000);
    bench_drop(h);
    sim_board_set_lines(h->board, download, false, h->now);
    bench_pass(h, 200000);
    size_t n = h->raw_len < room - 1 ? h->raw_len : room - 1;
    memcpy(text, h->raw, n);
    text[n] = '\0';
    h->raw_len = 0;
    return n;
}

static void straps_decide_at_the_end_of_reset(void **state)
{
    (void)state;
    struct sim_bench h;
    char text[4096];
    const struct sim_board_config c = board_of(NULL);
    bench_start(&h, &c);
    text_of_boot(&h, true, text, sizeof text);
    assert_non_null(strstr(text, "boot:0x3 (DOWNLOAD_BOOT"));
    assert_non_null(strstr(text, "waiting for download"));
    text_of_boot(&h, false, text, sizeof text);
    assert_non_null(strstr(text, "boot:0x13 (SPI_FAST_FLASH_BOOT)"));
    assert_non_null(strstr(text, "flash read err, 1000")); /* nothing was ever written */
    const uint8_t magic = 0xe9;
    sim_board_preload(h.board, 0x1000, &magic, 1);
    text_of_boot(&h, false, text, sizeof text);
    assert_null(strstr(text, "flash read err"));
    assert_non_null(strstr(text, ">>> "));
    bench_end(&h);
}

static void both_lines_asserted_pull_neither_pin(void **state)
{
    (void)state;
    struct sim_bench h;
    const struct sim_board_config c = board_of(NULL);
    bench_start(&h, &c);
    bench_sync(&h);
    sim_board_set_lines(h.board, true, true, h.now);
    bench_pass(&h, 200000);
    uint32_t v;
    assert_true(reads(&h, 0x40001000, &v)); /* still the same loader: it was not reset */
    bench_end(&h);
}

static void a_classic_reset_needs_the_capacitor(void **state)
{
    (void)state;
    struct sim_bench h;
    const struct sim_board_config c = board_of(NULL);
    bench_start(&h, &c);
    /* DTR on, then RTS off a moment later: EN has not risen yet. */
    sim_board_set_lines(h.board, false, true, h.now);
    bench_pass(&h, 100000);
    bench_drop(&h);
    sim_board_set_lines(h.board, true, true, h.now);
    bench_pass(&h, 500);
    sim_board_set_lines(h.board, true, false, h.now);
    bench_pass(&h, 100000);
    assert_non_null(memmem(h.raw, h.raw_len, "waiting for download", 20));
    /* The same with 50 ms between the two: too late. */
    sim_board_set_lines(h.board, false, true, h.now);
    bench_pass(&h, 100000);
    bench_drop(&h);
    sim_board_set_lines(h.board, true, true, h.now);
    bench_pass(&h, 50000);
    sim_board_set_lines(h.board, true, false, h.now);
    bench_pass(&h, 100000);
    assert_non_null(memmem(h.raw, h.raw_len, "boot:0x13", 9));
    bench_end(&h);
}

static void a_board_without_reset_wire_wants_the_button(void **state)
{
    (void)state;
    struct sim_bench h;
    struct sim_board_config c = board_of("no-reset-wire");
    c.starts_in_bootloader = false; /* the personality straps it once */
    bench_start(&h, &c);
    bench_sync(&h);
    uint32_t v;
    assert_true(reads(&h, 0x40001000, &v));
    sim_board_set_lines(h.board, false, true, h.now);
    bench_pass(&h, 100000);
    sim_board_set_lines(h.board, true, false, h.now);
    bench_pass(&h, 100000);
    assert_true(reads(&h, 0x40001000, &v)); /* nothing happened */
    sim_board_button(h.board, false, h.now);
    bench_pass(&h, 200000);
    bench_drop(&h);
    assert_false(reads(&h, 0x40001000, &v));
    sim_board_button(h.board, true, h.now);
    bench_pass(&h, 200000);
    bench_sync(&h);
    assert_true(reads(&h, 0x40001000, &v));
    bench_end(&h);
}

static void wrong_rate_is_garbage_both_ways(void **state)
{
    (void)state;
    struct sim_bench h;
    uint32_t v;
    const struct sim_board_config c = board_of(NULL);
    bench_start(&h, &c);
    bench_sync(&h); /* the ROM has measured 115200 */
    sim_board_set_baud(h.board, 230400, h.now);
    assert_false(reads(&h, 0x40001000, &v));
    sim_board_set_baud(h.board, 117000, h.now); /* 1.6 % off is borne */
    bench_pass(&h, SECOND);
    bench_drop(&h);
    bench_sync(&h);
    bench_drop(&h);
    assert_true(reads(&h, 0x40001000, &v));
    assert_int_equal(v, 0x00f01d83);
    bench_end(&h);
}

static void the_rom_misjudges_its_crystal_and_the_host_can_correct(void **state)
{
    (void)state;
    int off = 0;
    for (uint64_t seed = 1; seed <= 20; seed++) {
        struct sim_bench h;
        uint8_t got[64];
        uint32_t cal, fuse, v;
        struct sim_board_config c = board_of(NULL);
        c.seed = seed;
        bench_start(&h, &c);
        bench_sync(&h);
        assert_true(reads(&h, 0x3ff5f06c, &cal) && reads(&h, 0x3ff5a010, &fuse));
        uint64_t believed = (uint64_t)(cal >> 7 & 0x1ffffff) * 15625 * (fuse & 0xff) / 40;
        off += believed != 40000000;
        const uint32_t words[2] = {(uint32_t)(921600 * believed / 40000000), 0};
        assert_int_equal(ask(&h, 0x0f, words, 2, got), 12);
        sim_board_set_baud(h.board, 921600, h.now);
        bench_pass(&h, 50000);
        bench_drop(&h);
        assert_true(reads(&h, 0x40001000, &v));
        bench_end(&h);
    }
    assert_true(off > 15);
}

/* Writes `len` bytes by the ROM, 1 KiB a block; returns the time it took. */
static int64_t rom_write(struct sim_bench *h, uint32_t at, const uint8_t *bytes, uint32_t len)
{
    const uint32_t attach[2] = {0, 0}, params[6] = {0, 4u << 20, 0x10000, 0x1000, 0x100, 0xffff};
    const uint32_t begin[4] = {len, len / 0x400, 0x400, at};
    uint8_t got[64];
    ask(h, 0x0d, attach, 2, got);
    ask(h, 0x0b, params, 6, got);
    int64_t from = h->now;
    assert_int_equal(ask(h, 0x02, begin, 4, got), 12);
    assert_int_equal(got[8], 0);
    for (uint32_t i = 0; i < len / 0x400; i++) {
        bench_block(h, 0x03, i, bytes + i * 0x400, 0x400);
        assert_int_equal(bench_reply(h, got, sizeof got, 5 * SECOND), 12);
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
        struct sim_bench h;
        uint8_t got[64];
        struct sim_board_config c = board_of(NULL);
        c.seed = 0; /* a crystal judged right */
        bench_start(&h, &c);
        bench_sync(&h);
        if (fast) {
            const uint32_t words[2] = {921600, 0};
            ask(&h, 0x0f, words, 2, got);
            sim_board_set_baud(h.board, 921600, h.now);
            bench_pass(&h, 50000);
            bench_drop(&h);
        }
        us[fast] = rom_write(&h, 0x10000, bytes, sizeof bytes);
        assert_memory_equal(sim_board_flash(h.board, NULL) + 0x10000, bytes, sizeof bytes);
        bench_end(&h);
    }
    /* 64 KiB: 5.7 s of line, 0.15 s of erase, 0.25 s of programming at 115200; an eighth of the line at 921600. */
    assert_in_range(us[0], 6000000, 6600000);
    assert_in_range(us[1], 1050000, 1500000);
}

/* Writes 256 KiB of noise by that stub at that rate, over what `before` fills the flash with; the time it took. */
static int64_t stub_write(const char *stub, uint32_t rate, uint8_t before)
{
    static uint8_t bytes[0x40000];
    struct sim_random r = {1};
    struct sim_bench h;
    uint8_t got[64];
    const struct sim_board_config c = board_of(NULL);
    bench_start(&h, &c);
    memset(bytes, before, sizeof bytes);
    sim_board_preload(h.board, 0x10000, bytes, sizeof bytes);
    sim_random_fill(&r, bytes, sizeof bytes);
    bench_sync(&h);
    assert_int_equal(sim_stub_start(h.board, stub), 0);
    assert_int_equal(bench_reply(&h, got, sizeof got, SECOND), 4);
    const uint32_t baud[2] = {rate, 115200};
    ask(&h, 0x0f, baud, 2, got);
    sim_board_set_baud(h.board, rate, h.now);
    bench_pass(&h, 20000);
    bench_drop(&h);
    const uint32_t begin[5] = {sizeof bytes, 16, 0x4000, 0x10000, 0};
    int64_t from = h.now;
    ask(&h, 0x02, begin, 5, got);
    for (uint32_t i = 0; i < 16; i++) {
        bench_block(&h, 0x03, i, bytes + i * 0x4000, 0x4000);
        assert_int_equal(bench_reply(&h, got, sizeof got, 5 * SECOND), 10);
        assert_int_equal(got[8], 0);
    }
    const uint32_t stay = 1;
    ask(&h, 0x04, &stay, 1, got);
    assert_int_equal(got[8], 0);
    int64_t us = h.now - from;
    assert_memory_equal(sim_board_flash(h.board, NULL) + 0x10000, bytes, sizeof bytes);
    bench_end(&h);
    return us;
}

static void stub_works_while_the_next_block_comes_in(void **state)
{
    (void)state;
    /* 2.87 s of line, 0.6 s of erase, 1.0 s of programming: in turn 4.5 s, overlapped little more than the line. */
    assert_in_range(stub_write("v1", 921600, 0), 2850000, 3600000);
    assert_in_range(stub_write("v2 1.0.0", 921600, 0), 2850000, 3600000);
    /* At 3 Mbaud the flash is what takes the time. */
    assert_in_range(stub_write("v2 1.0.0", 3000000, 0), 1600000, 2200000);
}

static void newer_stub_leaves_blank_sectors_alone(void **state)
{
    (void)state;
    int64_t older = stub_write("v2 1.0.0", 3000000, 0xff), newer = stub_write("v2 1.2.2", 3000000, 0xff);
    assert_true(newer < older - 400000); /* four erases of 64 KiB */
    int64_t dirty = stub_write("v2 1.2.2", 3000000, 0);
    assert_true(dirty > older - 50000);
}

static void unknown_code_does_not_answer(void **state)
{
    (void)state;
    struct sim_bench h;
    uint8_t got[64], code[3540] = {0x36, 0x41};
    const struct sim_board_config c = board_of(NULL);
    bench_start(&h, &c);
    bench_sync(&h);
    /* The first stub's address and size, another content. */
    const uint32_t begin[4] = {sizeof code, 1, 0x1800, 0x400be000}, end[2] = {0, 0x400be658};
    ask(&h, 0x05, begin, 4, got);
    bench_block(&h, 0x07, 0, code, sizeof code);
    bench_reply(&h, got, sizeof got, SECOND);
    assert_int_equal(ask(&h, 0x06, end, 2, got), 12);
    assert_int_equal(bench_reply(&h, got, sizeof got, 5 * SECOND), -1);
    uint32_t v;
    assert_false(reads(&h, 0x40001000, &v));
    bench_end(&h);
}

static void each_personality_is_what_its_name_says(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        uint32_t address, mask, value; /* a register that tells */
    } fuses[] = {
        {"good", 0x3ff5a000, 0x0ff00000, 0},
        {"wrong-chip", 0x40001000, 0xffffffff, 0x000007c6},
        {"secure-boot", 0x3ff5a018, 0x10, 0x10},
        {"encrypted", 0x3ff5a000, 0x07f00000, 0x00100000},
        {"download-disabled", 0x3ff5a000, 0x08000000, 0x08000000},
        {"blank-mac", 0x3ff5a004, 0xffffffff, 0},
    };
    uint32_t v;
    for (size_t i = 0; i < sizeof fuses / sizeof fuses[0]; i++) {
        struct sim_bench h;
        const struct sim_board_config c = board_of(fuses[i].name);
        bench_start(&h, &c);
        bench_sync(&h);
        assert_true(reads(&h, fuses[i].address, &v));
        assert_int_equal(v & fuses[i].mask, fuses[i].value);
        bench_end(&h);
    }
}

static void mute_personalities_never_synchronise(void **state)
{
    (void)state;
    static const char *const names[] = {"silent", "deaf", "garbage-banner", "runs-app", "brownout"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        struct sim_bench h;
        char text[4096];
        const struct sim_board_config c = board_of(names[i]);
        bench_start(&h, &c);
        size_t n = text_of_boot(&h, true, text, sizeof text);
        assert_true((n == 0) == (strcmp(names[i], "silent") == 0));
        assert_true((strstr(text, "waiting for download") != NULL) == (i == 1 || i == 4));
        assert_true((strstr(text, "Brownout detector") != NULL) == (i == 4));
        uint32_t v;
        bench_sync(&h);
        assert_false(reads(&h, 0x40001000, &v));
        bench_end(&h);
    }
}

static void a_dying_board_stops_in_its_first_large_region(void **state)
{
    (void)state;
    static const char *const names[] = {"dies-at-47", "unplugs"};
    static const uint8_t zeros[0x400];
    for (size_t i = 0; i < 2; i++) {
        struct sim_bench h;
        uint8_t got[64];
        const struct sim_board_config c = board_of(names[i]);
        bench_start(&h, &c);
        bench_sync(&h);
        const uint32_t attach[2] = {0, 0}, begin[4] = {0x10000, 64, 0x400, 0x10000};
        ask(&h, 0x0d, attach, 2, got);
        ask(&h, 0x02, begin, 4, got);
        uint32_t n = 0;
        for (bench_block(&h, 0x03, 0, zeros, sizeof zeros); bench_reply(&h, got, sizeof got, SECOND) == 12;
             bench_block(&h, 0x03, n, zeros, sizeof zeros))
            n++;
        assert_int_equal(n, i == 0 ? 30 : 19); /* of 64 */
        assert_true(sim_board_is_gone(h.board) == (i == 1));
        bench_end(&h);
    }
}

/* Everything a board says to the same random traffic, as a digest. */
static uint64_t conversation(uint64_t seed, double fault_rate, const char *personality, int64_t step_us)
{
    struct sim_bench h;
    struct sim_random r = {seed};
    struct sim_board_config c = board_of(personality);
    uint64_t sum = 14695981039346656037u;
    uint8_t block[0x400], got[64];
    c.seed = seed;
    c.fault_rate = fault_rate;
    bench_start(&h, &c);
    bench_sync(&h);
    const uint32_t attach[2] = {0, 0}, begin[4] = {0x20000, 128, 0x400, 0x10000};
    ask(&h, 0x0d, attach, 2, got);
    ask(&h, 0x02, begin, 4, got);
    for (uint32_t i = 0; i < 128; i++) {
        sim_random_fill(&r, block, sizeof block);
        bench_block(&h, 0x03, i, block, sizeof block);
        for (int64_t t = 0; t < 200000; t += step_us)
            bench_pass(&h, step_us);
        for (size_t k = 0; k < h.raw_len; k++)
            sum = (sum ^ h.raw[k]) * 1099511628211u;
        bench_drop(&h);
    }
    uint32_t size;
    const uint8_t *flash = sim_board_flash(h.board, &size);
    for (uint32_t k = 0; k < size; k += 61)
        sum = (sum ^ flash[k]) * 1099511628211u;
    bench_end(&h);
    return sum;
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
        cmocka_unit_test(stub_works_while_the_next_block_comes_in),
        cmocka_unit_test(newer_stub_leaves_blank_sectors_alone),
        cmocka_unit_test(unknown_code_does_not_answer),
        cmocka_unit_test(each_personality_is_what_its_name_says),
        cmocka_unit_test(mute_personalities_never_synchronise),
        cmocka_unit_test(a_dying_board_stops_in_its_first_large_region),
        cmocka_unit_test(same_seed_same_board_however_often_it_is_stepped),
        cmocka_unit_test(factory_macs_are_of_the_training_prefix_and_distinct),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
