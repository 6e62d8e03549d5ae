/* SPDX-License-Identifier: Apache-2.0 */
/* What the stubs of a virtual board take time for and what they leave alone, in virtual time. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>
#include <zlib.h>

#include "sim/board/sim_random.h"
#include "sim/board/sim_stub.h"
#include "tests/support/board_host.h"

/* Writes 256 KiB of noise by that stub at that rate, over what `before` fills the flash with; the time it took. */
static int64_t stub_write(const char *stub, uint32_t rate, uint8_t before)
{
    static uint8_t bytes[0x40000];
    struct sim_random r = {1};
    struct board_host h;
    uint8_t got[64];
    const struct sim_board_config c = host_board(NULL);
    host_start(&h, &c);
    memset(bytes, before, sizeof bytes);
    sim_board_preload(h.board, 0x10000, bytes, sizeof bytes);
    sim_random_fill(&r, bytes, sizeof bytes);
    host_sync(&h);
    assert_int_equal(sim_stub_start(h.board, stub), 0);
    assert_int_equal(host_reply(&h, got, sizeof got, HOST_SECOND), 4);
    const uint32_t baud[2] = {rate, 115200};
    host_ask(&h, 0x0f, baud, 2, got);
    sim_board_set_baud(h.board, rate, h.now);
    host_pass(&h, 20000);
    host_drop(&h);
    const uint32_t begin[5] = {sizeof bytes, 16, 0x4000, 0x10000, 0};
    int64_t from = h.now;
    host_ask(&h, 0x02, begin, 5, got);
    for (uint32_t i = 0; i < 16; i++) {
        host_block(&h, 0x03, i, bytes + i * 0x4000, 0x4000);
        assert_int_equal(host_reply(&h, got, sizeof got, 5 * HOST_SECOND), 10);
        assert_int_equal(got[8], 0);
    }
    const uint32_t stay = 1;
    host_ask(&h, 0x04, &stay, 1, got);
    assert_int_equal(got[8], 0);
    int64_t us = h.now - from;
    assert_memory_equal(sim_board_flash(h.board, NULL) + 0x10000, bytes, sizeof bytes);
    host_end(&h);
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
    struct board_host h;
    uint8_t got[64], code[3540] = {0x36, 0x41};
    const struct sim_board_config c = host_board(NULL);
    host_start(&h, &c);
    host_sync(&h);
    /* The first stub's address and size, another content. */
    const uint32_t begin[4] = {sizeof code, 1, 0x1800, 0x400be000}, end[2] = {0, 0x400be658};
    host_ask(&h, 0x05, begin, 4, got);
    host_block(&h, 0x07, 0, code, sizeof code);
    host_reply(&h, got, sizeof got, HOST_SECOND);
    assert_int_equal(host_ask(&h, 0x06, end, 2, got), 12);
    assert_int_equal(host_reply(&h, got, sizeof got, 5 * HOST_SECOND), -1);
    uint32_t v;
    assert_false(host_reads(&h, 0x40001000, &v));
    host_end(&h);
}

static void begin_stream(struct board_host *h, uint32_t size)
{
    uint8_t got[64];
    const uint32_t begin[5] = {size, 2, 0x1000, 0x10000, 0};

    host_sync(h);
    assert_int_equal(sim_stub_start(h->board, "v1"), 0);
    assert_int_equal(host_reply(h, got, sizeof got, HOST_SECOND), 4);
    host_ask(h, 0x10, begin, 5, got);
    assert_int_equal(got[8], 0);
}

/* Its place in the output lies in the data that is uploaded with it. */
static void a_stub_loaded_again_knows_nothing_of_the_stream_before(void **state)
{
    (void)state;
    static uint8_t bytes[0x3000], z[0x2000];
    struct sim_random r = {3};
    uLongf zsize = sizeof z;
    char text[200];
    uint8_t got[64];
    struct board_host h;
    const struct sim_board_config c = host_board(NULL);
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (uint8_t)(sim_random_next(&r) & 0x0f);
    assert_int_equal(compress2(z, &zsize, bytes, sizeof bytes, 9), Z_OK);
    assert_in_range(zsize, 0x1001, 0x2000);
    host_start(&h, &c);
    begin_stream(&h, sizeof bytes);
    host_block(&h, 0x11, 0, z, 0x1000);
    assert_int_equal(host_reply(&h, got, sizeof got, HOST_SECOND), 10);
    host_boot_text(&h, true, text, sizeof text); /* the chip restarts in the middle of it */
    host_drop(&h);
    begin_stream(&h, sizeof bytes);
    host_block(&h, 0x11, 0, z, 0x1000);
    assert_int_equal(host_reply(&h, got, sizeof got, HOST_SECOND), 10);
    host_block(&h, 0x11, 1, z + 0x1000, zsize - 0x1000);
    assert_int_equal(host_reply(&h, got, sizeof got, HOST_SECOND), 10);
    const uint32_t stay = 1;
    host_ask(&h, 0x12, &stay, 1, got);
    assert_memory_equal(sim_board_flash(h.board, NULL) + 0x10000, bytes, sizeof bytes);
    host_end(&h);
}

/* By the stubs' sources each call of the decompressor begins with an erase, though no window is full for long. */
static void a_frame_of_a_stream_begins_an_erase(void **state)
{
    (void)state;
    static uint8_t used[0x3000], bytes[0x3000], z[0x100];
    uLongf zsize = sizeof z;
    uint8_t got[64];
    struct board_host h;
    const struct sim_board_config c = host_board(NULL);
    assert_int_equal(compress2(z, &zsize, bytes, sizeof bytes, 9), Z_OK);
    host_start(&h, &c);
    sim_board_preload(h.board, 0x10000, used, sizeof used);
    begin_stream(&h, sizeof bytes);
    for (uint32_t i = 0; i < 2; i++) {
        host_pass(&h, 100000); /* a sector takes 45 ms */
        const uint8_t *flash = sim_board_flash(h.board, NULL);
        assert_int_equal(flash[0x10000 + 0x1000 * i], 0xff);
        assert_int_equal(flash[0x11000 + 0x1000 * i], 0);
        host_block(&h, 0x11, i, z + i, 1);
        assert_int_equal(host_reply(&h, got, sizeof got, HOST_SECOND), 10);
    }
    host_pass(&h, 100000);
    assert_int_equal(sim_board_flash(h.board, NULL)[0x12000], 0xff);
    host_end(&h);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(stub_works_while_the_next_block_comes_in),
        cmocka_unit_test(newer_stub_leaves_blank_sectors_alone),
        cmocka_unit_test(unknown_code_does_not_answer),
        cmocka_unit_test(a_frame_of_a_stream_begins_an_erase),
        cmocka_unit_test(a_stub_loaded_again_knows_nothing_of_the_stream_before),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
