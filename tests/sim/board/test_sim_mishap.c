/* SPDX-License-Identifier: Apache-2.0 */
/* Each mishap does what it says, once, at its moment. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "base/digest.h"
#include "sim/board/sim_mishap.h"
#include "sim/board/sim_random.h"
#include "tests/support/board_host.h"

#define AT    0x20000u
#define BYTES 0x400u

static uint8_t data[0x2000];

/* A board with flash attached, `data` at AT, and `m` planned. */
static void start(struct board_host *h, const struct sim_mishap *m)
{
    const uint32_t attach[2] = {0, 0}, params[6] = {0, 4u << 20, 0x10000, 0x1000, 0x100, 0xffff};
    struct sim_board_config c = host_board("jumper");
    struct sim_random r = {3};
    uint8_t got[64];

    sim_random_fill(&r, data, sizeof data);
    host_start(h, &c);
    sim_board_preload(h->board, AT, data, sizeof data);
    host_sync(h);
    host_ask(h, 0x0d, attach, 2, got);
    host_ask(h, 0x0b, params, 6, got);
    assert_true(sim_board_plan_mishap(h->board, m));
    assert_int_equal(sim_board_mishaps(h->board), 0);
}

/* The first BEGIN of a write; what is behind it counts. */
static void begin(struct board_host *h)
{
    const uint32_t words[4] = {BYTES, 1, BYTES, 0x40000};
    uint8_t got[64];

    assert_int_equal(host_ask(h, 0x02, words, 4, got), 12);
}

static bool reads_right(struct board_host *h)
{
    const uint32_t words[2] = {AT, 32};
    uint8_t got[128];

    host_command(h, 0x0e, words, 2);
    assert_int_equal(host_reply(h, got, sizeof got, HOST_SECOND), 8 + 64 + 4);
    return memcmp(got + 8, data, 32) == 0;
}

static bool digest_is_of(struct board_host *h, const uint8_t *bytes)
{
    const uint32_t words[4] = {AT, 0x1000, 0, 0};
    uint8_t got[64], md5[MD5_SIZE];
    char text[2 * MD5_SIZE + 1];

    assert_int_equal(host_ask(h, 0x13, words, 4, got), 8 + 32 + 4);
    digest_md5(bytes, 0x1000, md5);
    digest_hex(md5, sizeof md5, text);
    return memcmp(got + 8, text, 32) == 0;
}

static void one_read_lies(void **state)
{
    const struct sim_mishap m = {.kind = SIM_MISHAP_LYING_READ, .after = 1};
    struct board_host h;

    (void)state;
    start(&h, &m);
    assert_true(reads_right(&h)); /* nothing has been written yet */
    begin(&h);
    assert_false(reads_right(&h));
    assert_true(reads_right(&h));
    assert_int_equal(sim_board_mishaps(h.board), 1);
    host_end(&h);
}

static void one_digest_is_of_the_next_sector(void **state)
{
    const struct sim_mishap m = {.kind = SIM_MISHAP_DIGEST_ELSEWHERE, .after = 1};
    struct board_host h;

    (void)state;
    start(&h, &m);
    begin(&h);
    assert_true(digest_is_of(&h, data + 0x1000));
    assert_true(digest_is_of(&h, data));
    host_end(&h);
}

static void a_sector_loses_bits_and_its_neighbours_do_not(void **state)
{
    const struct sim_mishap m = {.kind = SIM_MISHAP_DAMAGE, .early = true, .after = 1, .where = AT + 0x1234};
    struct board_host h;
    uint32_t size;

    (void)state;
    start(&h, &m);
    assert_true(reads_right(&h));
    const uint8_t *flash = sim_board_flash(h.board, &size);
    assert_memory_equal(flash + AT, data, 0x1000);
    for (uint32_t i = 0x1000; i < 0x2000; i++)
        assert_int_equal(flash[AT + i], data[i] & 0x55);
    host_end(&h);
}

static void the_chip_restarts_at_its_byte(void **state)
{
    const struct sim_mishap m = {.kind = SIM_MISHAP_RESET, .after = 100};
    struct board_host h;
    uint8_t got[64];

    (void)state;
    start(&h, &m);
    begin(&h);
    assert_int_equal(sim_board_mishaps(h.board), 0);
    host_block(&h, 0x03, 0, data, BYTES);
    assert_int_equal(sim_board_mishaps(h.board), 1);
    assert_int_equal(host_reply(&h, got, sizeof got, HOST_SECOND), -1);
    assert_non_null(memmem(h.raw, h.raw_len, "waiting for download", 20));
    host_sync(&h);
    assert_true(reads_right(&h));
    host_end(&h);
}

static void another_board_answers(void **state)
{
    const struct sim_mishap m = {.kind = SIM_MISHAP_EXCHANGE, .after = 100};
    struct board_host h;
    uint32_t before, after, size;

    (void)state;
    start(&h, &m);
    assert_null(sim_board_exchanged_flash(h.board));
    assert_true(host_reads(&h, 0x3ff5a004, &before));
    begin(&h);
    host_block(&h, 0x03, 0, data, BYTES);
    host_pass(&h, HOST_SECOND);
    host_sync(&h);
    assert_true(host_reads(&h, 0x3ff5a004, &after));
    assert_int_not_equal(before, after);
    const uint8_t *flash = sim_board_flash(h.board, &size);
    assert_memory_equal(flash, sim_board_exchanged_flash(h.board), size);
    assert_memory_not_equal(flash + AT, data, 0x1000);
    host_end(&h);
}

static void frames_are_counted_by_their_number(void **state)
{
    const struct sim_mishap never = {.kind = SIM_MISHAP_RESET, .after = 1u << 30};
    struct board_host h;

    (void)state;
    start(&h, &never);
    begin(&h);
    reads_right(&h);
    reads_right(&h);
    const struct sim_frames *f = sim_board_frames(h.board);
    assert_int_equal(f->rom[0x02], 1);
    assert_int_equal(f->rom[0x0e], 2);
    assert_int_equal(f->rom[0x03], 0);
    assert_int_equal(f->stub[0x0e], 0);
    host_end(&h);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_read_lies),
        cmocka_unit_test(one_digest_is_of_the_next_sector),
        cmocka_unit_test(a_sector_loses_bits_and_its_neighbours_do_not),
        cmocka_unit_test(the_chip_restarts_at_its_byte),
        cmocka_unit_test(another_board_answers),
        cmocka_unit_test(frames_are_counted_by_their_number),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
