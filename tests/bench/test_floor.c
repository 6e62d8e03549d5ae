/* SPDX-License-Identifier: Apache-2.0 */
/* The floor's model: cases worked out by hand from sim_physics.h, and what must hold of any two cases. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "bench/model/floor.h"

/* A line of 1 Mbaud: a byte takes 10 us. Flash, us: 45000 a sector, 150000 a block, 122.5 for 32 bytes, 901.12 to look. */
#define MBAUD          1000000
#define BYTE_US        10.0
#define SECTOR_US      45000.0
#define BLOCK_US       150000.0
#define PROGRAM(bytes) ((bytes) / 32.0 * (30.0 + 31 * 2.5 + 15.0))
#define LOOK_US        (4096 * 0.22)

static struct floor_case sectors(const char *loader, enum floor_state state, const uint8_t *bytes,
                                 uint32_t size)
{
    return (struct floor_case){
        .loader = loader, .state = state, .baud = MBAUD, .offset = 0x10000, .bytes = bytes, .size = size};
}

static struct floor_result find(const struct floor_case *c)
{
    struct floor_result r;

    assert_int_equal(floor_find(c, &r), 0);
    return r;
}

static void near(double got, double wanted)
{
    if (got < wanted - 0.5 || got > wanted + 0.5)
        print_message("%.2f us, by hand %.2f\n", got, wanted);
    assert_true(got > wanted - 0.5 && got < wanted + 0.5);
}

/* Bytes without escapes, which hardly need any room compressed. */
static uint8_t *even(uint32_t size)
{
    uint8_t *bytes = malloc(size);

    assert_non_null(bytes);
    memset(bytes, 0x55, size);
    return bytes;
}

/* Bytes that do not compress and have their share of escapes. */
static uint8_t *noise(uint32_t size, uint32_t x)
{
    uint8_t *bytes = malloc(size);

    assert_non_null(bytes);
    for (uint32_t i = 0; i < size; i++) {
        x = x * 1664525u + 1013904223u;
        bytes[i] = (uint8_t)(x >> 24);
    }
    return bytes;
}

static void a_sector_through_the_rom(void **state)
{
    uint8_t *bytes = even(4096);
    struct floor_case c = sectors("rom", FLOOR_DIRTY, bytes, 4096);
    struct floor_result r = find(&c);
    /* BEGIN: 26 bytes, 150 us, 14 bytes back, and the sector; one frame: 26 bytes and its data, the same answer. */
    double begin = 26 * BYTE_US + 150 + 14 * BYTE_US + SECTOR_US;
    double data = (26 + 4096) * BYTE_US + 150 + 14 * BYTE_US + PROGRAM(4096);

    (void)state;
    near(floor_sum(&r.write), begin + data);
    near(floor_sum(&r.digest), 26 * BYTE_US + 150 + 4096 * 0.9 + 46 * BYTE_US);
    c.turn_us = 1000; /* before the frame, and before the digest is asked for */
    r = find(&c);
    near(floor_sum(&r.write), begin + data + 1000);
    near(r.digest.us[FLOOR_TURN], 1000);
    free(bytes);
}

static void a_rom_that_inflates_gets_a_stream(void **state)
{
    uint8_t *bytes = even(4096);
    struct floor_case c = sectors("rom", FLOOR_DIRTY, bytes, 4096);

    (void)state;
    c.rom_inflates = true;
    struct floor_result r = find(&c);
    double line = (26 + 26 + r.stream_bytes * 0.998) * BYTE_US;
    near(floor_sum(&r.write), line + 2 * (150 + 14 * BYTE_US) + SECTOR_US + 4096 * 0.4 + PROGRAM(4096));
    free(bytes);
}

/* 64 KiB in blocks of 0x1800: eleven frames, and one erase. */
static void a_block_through_the_rom(void **state)
{
    uint8_t *bytes = even(0x10000);
    struct floor_case c = sectors("rom", FLOOR_BLANK, bytes, 0x10000);
    struct floor_result r = find(&c);

    (void)state;
    near(floor_sum(&r.write),
         (26 + 11 * 26 + 0x10000) * BYTE_US + 12 * (150 + 14 * BYTE_US) + BLOCK_US + PROGRAM(0x10000));
    c.offset = 0x11000; /* neither block is all ours: sixteen sectors */
    struct floor_result across = find(&c);
    near(floor_sum(&across.write) - floor_sum(&r.write), 16 * SECTOR_US - BLOCK_US);
    free(bytes);
}

/* SLIP doubles a C0. And what lies between two regions of a used flash is erased, though nothing is sent for it. */
static void escapes_and_gaps_cost_what_they_cost(void **state)
{
    uint8_t *bytes = even(3 * 4096);
    struct floor_case c = sectors("rom", FLOOR_DIRTY, bytes, 4096);
    struct floor_result plain = find(&c), r;

    (void)state;
    memset(bytes, 0xc0, 4096);
    r = find(&c);
    near(floor_sum(&r.write) - floor_sum(&plain.write), 4096 * BYTE_US);
    memset(bytes + 4096, 0xff, 4096);
    c.size = 3 * 4096;
    r = find(&c);
    assert_int_equal(r.regions, 2);
    near(r.write.us[FLOOR_ERASE], 3 * SECTOR_US);
    free(bytes);
}

/* The stub erases while the frame comes, and what it waits for then is the erase. */
static void a_sector_through_a_stub(void **state)
{
    uint8_t *bytes = even(4096);
    struct floor_case c = sectors("v2-1.0", FLOOR_DIRTY, bytes, 4096);
    struct floor_result r = find(&c);

    (void)state;
    near(floor_sum(&r.write), 26 * BYTE_US + 40 + SECTOR_US + PROGRAM(4096));
    near(floor_sum(&r.digest), 40 + 4096 * 0.35 + 28 * BYTE_US);
    free(bytes);
}

/* Looked at inside BEGIN, found blank; then a frame's 26 bytes, 40 us and its share of the stream, inflated and programmed. */
static void a_blank_sector_is_looked_at(void **state)
{
    uint8_t *bytes = even(4096);
    struct floor_case c = sectors("v2", FLOOR_BLANK, bytes, 4096);
    struct floor_result r = find(&c);
    double begin = 26 * BYTE_US + 40 + LOOK_US + 12 * BYTE_US;
    double frame = 0.998 * ((26 + r.stream_bytes + 12) * BYTE_US + 40) - 12 * BYTE_US;

    (void)state;
    near(floor_sum(&r.write), begin + frame + 4096 * 0.12 + PROGRAM(4096));
    near(r.write.us[FLOOR_ERASE], 0);
    free(bytes);
}

static void an_unchanged_board_is_only_asked(void **state)
{
    uint8_t *bytes = even(0x100000);
    struct floor_case c = sectors("v2", FLOOR_UNCHANGED, bytes, 0x100000);
    struct floor_result r = find(&c);

    (void)state;
    near(floor_sum(&r.write), 0);
    near(floor_sum(&r.digest), 26 * BYTE_US + 40 + 0x100000 * 0.15 + 28 * BYTE_US);
    free(bytes);
}

/* A sector of FF between two: not sent and, in blank flash, neither erased nor looked at. */
static void blank_sectors_are_left_out(void **state)
{
    uint8_t *bytes = even(3 * 4096);
    struct floor_case one = sectors("v2", FLOOR_BLANK, bytes, 4096);
    struct floor_case c = sectors("v2", FLOOR_BLANK, bytes, 3 * 4096);
    struct floor_result single = find(&one), r;

    (void)state;
    memset(bytes + 4096, 0xff, 4096);
    r = find(&c);
    assert_int_equal(r.regions, 2);
    assert_int_equal(r.skipped_bytes, 4096);
    near(r.write.us[FLOOR_PROGRAM], 2 * PROGRAM(4096));
    near(r.write.us[FLOOR_LOOK], 2 * LOOK_US);
    assert_true(floor_sum(&r.write) < 2 * floor_sum(&single.write));
    memset(bytes, 0xff, 3 * 4096);
    r = find(&c);
    near(floor_sum(&r.write), 0);
    assert_int_equal(r.skipped_bytes, 3 * 4096);
    c.state = FLOOR_DIRTY; /* then they must be blank, by whomever */
    r = find(&c);
    near(floor_sum(&r.write), 3 * SECTOR_US);
    c.loader = "rom";
    r = find(&c);
    near(floor_sum(&r.write), 3 * SECTOR_US);
    free(bytes);
}

/*
 * Two blocks of almost no stream. What the frame holds behind the first window has the second block's erase begun, and the
 * second window waits for it. So: BEGIN's 40 us, two erases, in which the first two windows are inflated, and four windows
 * programmed, of which two are inflated before.
 */
static void erases_are_hidden_as_well_as_can_be(void **state)
{
    uint8_t *bytes = even(0x20000);
    struct floor_case c = sectors("v2-1.0", FLOOR_DIRTY, bytes, 0x20000);
    struct floor_result r = find(&c);

    (void)state;
    near(floor_sum(&r.write), 26 * BYTE_US + 40 + 2 * (BLOCK_US + 2 * PROGRAM(0x8000)) + 2 * 0x8000 * 0.12);
    assert_int_equal(r.regions, 1);
    free(bytes);
}

/*
 * A window of eight sectors that does not compress, 32768 bytes and their escapes: about 332 ms of line, in which seven
 * sectors are erased one after the other and the eighth is begun; what is left of it is waited for.
 */
static void sectors_are_erased_while_the_line_is_waited_for(void **state)
{
    uint8_t *bytes = noise(0x8000, 3);
    struct floor_case c = sectors("v2-1.0", FLOOR_DIRTY, bytes, 0x8000);
    struct floor_result r = find(&c);

    (void)state;
    near(floor_sum(&r.write), 26 * BYTE_US + 40 + 8 * SECTOR_US + PROGRAM(0x8000));
    free(bytes);
}

/*
 * Two windows with 20000 bytes of stream each, on a line of 230400 baud and a slow flash: a block's erase hides the first one's
 * line time. While the stub programs, one frame of 16623 bytes comes, and not a byte more; what is left of the erase when the first window is
 * there hides its own. For what is left of the second window the stub has to wait.
 */
static void work_hides_one_frame_and_no_more(void **state)
{
    uint8_t *bytes = even(0x10000), *hard = noise(40000, 9);
    struct floor_case c = sectors("v2-1.0", FLOOR_DIRTY, bytes, 0x10000);
    double byte_us = 10e6 / 230400, late = 6 * BLOCK_US - 20000 * 1.008 * byte_us,
           line = (20000 - 16623) * 1.008 * byte_us - late;

    (void)state;
    memcpy(bytes, hard, 20000);
    memcpy(bytes + 0x8000, hard + 20000, 20000);
    c.baud = 230400;
    c.slow_part = true;
    struct floor_result r = find(&c);
    double wanted = 26 * byte_us + 40 + 6 * BLOCK_US + 2 * 6 * PROGRAM(0x8000) + line + 0x8000 * 0.12;
    if (floor_sum(&r.write) < wanted - 8000 || floor_sum(&r.write) > wanted + 8000)
        print_message("%.0f us, by hand %.0f\n", floor_sum(&r.write), wanted);
    assert_true(floor_sum(&r.write) > wanted - 8000 && floor_sum(&r.write) < wanted + 8000);
    free(bytes);
    free(hard);
}

/*
 * 30 sectors, every third of them FF, on a line that outruns the flash: each erase of a gap may be hidden under a frame, but not
 * under another erase. One block, ten gaps: sectors are erased one by one but for the whole block in front.
 */
static void a_flash_does_one_thing_at_a_time(void **state)
{
    uint8_t *bytes = even(30 * 4096);
    struct floor_case c = sectors("v2", FLOOR_DIRTY, bytes, 30 * 4096);

    (void)state;
    for (size_t i = 2; i < 30; i += 3)
        memset(bytes + i * 4096, 0xff, 4096);
    c.baud = 100000000;
    struct floor_result r = find(&c);
    double flash = BLOCK_US + 14 * SECTOR_US + PROGRAM(20 * 4096);
    if (floor_sum(&r.write) < flash)
        print_message("%.0f us, the flash alone %.0f\n", floor_sum(&r.write), flash);
    assert_true(floor_sum(&r.write) >= flash);
    free(bytes);
}

/* Nothing that makes life harder makes the floor lower. */
static void harder_is_never_faster(void **state)
{
    static const char *const loaders[] = {"rom", "v1", "v2-1.0", "v2"};
    static const uint32_t bauds[] = {3000000, 2000000, 921600, 460800, 115200};
    uint8_t *bytes = noise(0x40000, 5);

    (void)state;
    memset(bytes + 0x9100, 0xff, 0x6f00);
    memset(bytes + 0x20000, 0x20, 0x14000);
    for (size_t l = 0; l < sizeof loaders / sizeof loaders[0]; l++) {
        double faster = 0;
        for (size_t i = 0; i < sizeof bauds / sizeof bauds[0]; i++) {
            struct floor_case c = sectors(loaders[l], FLOOR_DIRTY, bytes, 0x40000);
            c.baud = bauds[i];
            struct floor_result r = find(&c);
            double dirty = floor_sum(&r.write);
            assert_true(dirty >= faster);
            faster = dirty;
            c.state = FLOOR_BLANK;
            r = find(&c);
            /* A dirty board's last windows are not looked at: but for that a blank one is never slower. */
            assert_true(floor_sum(&r.write) - r.write.us[FLOOR_LOOK] <= dirty);
            c.state = FLOOR_DIRTY;
            c.slow_part = true;
            r = find(&c);
            assert_true(floor_sum(&r.write) > dirty);
            c.slow_part = false;
            c.turn_us = 1000;
            r = find(&c);
            assert_true(floor_sum(&r.write) >= dirty); /* a turn may be hidden by the work */
            c.turn_us = 0;
            c.size = 0x30000;
            r = find(&c);
            assert_true(floor_sum(&r.write) < dirty);
        }
    }
    free(bytes);
}

static void what_cannot_be_is_refused(void **state)
{
    uint8_t bytes[4] = {0};
    struct floor_result r;
    struct floor_case c = sectors("v3", FLOOR_DIRTY, bytes, 4);

    (void)state;
    assert_true(floor_find(&c, &r) < 0);
    c.loader = "v2";
    assert_int_equal(floor_find(&c, &r), 0);
    c.offset = 0x10004;
    assert_true(floor_find(&c, &r) < 0);
    c.offset = 16u << 20;
    assert_true(floor_find(&c, &r) < 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_sector_through_the_rom),
        cmocka_unit_test(a_rom_that_inflates_gets_a_stream),
        cmocka_unit_test(a_block_through_the_rom),
        cmocka_unit_test(a_sector_through_a_stub),
        cmocka_unit_test(a_blank_sector_is_looked_at),
        cmocka_unit_test(an_unchanged_board_is_only_asked),
        cmocka_unit_test(blank_sectors_are_left_out),
        cmocka_unit_test(erases_are_hidden_as_well_as_can_be),
        cmocka_unit_test(sectors_are_erased_while_the_line_is_waited_for),
        cmocka_unit_test(work_hides_one_frame_and_no_more),
        cmocka_unit_test(escapes_and_gaps_cost_what_they_cost),
        cmocka_unit_test(a_flash_does_one_thing_at_a_time),
        cmocka_unit_test(harder_is_never_faster),
        cmocka_unit_test(what_cannot_be_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
