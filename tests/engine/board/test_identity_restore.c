/* SPDX-License-Identifier: Apache-2.0 */
/* By hand: a saved identity sector goes onto its own board and no other, and what stood there is kept first. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "engine/board/identity_restore.h"
#include "tests/support/sim_bench.h"

#define BOARD(b) sim_tray_board((b)->tray, BENCH_BOARD)
#define FLASH    (8u << 20)

struct keeper {
    struct sim_bench *b;
    int kept;
    bool refuse;
    struct backup before;
    bool untouched; /* nothing in the flash had changed by then */
};

static uint8_t at_start[FLASH];

static const uint8_t *flash_now(struct sim_bench *b)
{
    return sim_board_flash(BOARD(b), NULL);
}

static int keep(void *ctx, const struct backup *before, struct failure *f)
{
    struct keeper *k = ctx;

    k->kept++;
    k->before = *before;
    k->untouched = memcmp(flash_now(k->b), at_start, FLASH) == 0;
    return k->refuse ? failure_set(f, FAIL_BACKUP_STORE, STAGE_BACKUP, 0, "refused by the test") : 0;
}

struct room {
    struct sim_bench b;
    struct keeper k;
    uint8_t sector[BACKUP_SIZE];
    struct identity_restore restore;
    bool changed;
    struct failure f;
};

static struct room room;

static struct mac mac_of_board(struct sim_bench *b)
{
    sim_bench_run(b); /* an attempt tells it */
    assert_true(b->recorder.identified > 0);
    return b->recorder.unit.mac;
}

static void init(struct room *r, struct mac *mac)
{
    memset(r, 0, sizeof *r);
    sim_bench_init(&r->b, "good");
    *mac = mac_of_board(&r->b);
    sim_bench_flash(&r->b);
    memset(r->sector, 0x3C, sizeof r->sector);
    memcpy(r->sector, "identity", 8);
    memcpy(at_start, flash_now(&r->b), FLASH);
    r->k.b = &r->b;
    r->restore = (struct identity_restore){
        .session = &r->b.session,
        .mac = mac,
        .chip = r->b.recorder.unit.chip,
        .sector = r->sector,
        .offset = CONFIG_SECTOR,
        .baud = 921600,
        .keep = keep,
        .ctx = &r->k,
    };
}

static int run(struct room *r)
{
    return identity_restore(&r->restore, &r->changed, &r->f);
}

static void the_saved_sector_goes_back_and_nothing_else_changes(void **state)
{
    struct mac mac;

    (void)state;
    init(&room, &mac);
    assert_int_equal(run(&room), 0);
    assert_true(room.changed);
    assert_int_equal(room.k.kept, 1);
    assert_true(room.k.untouched);
    assert_memory_equal(room.k.before.data, at_start + CONFIG_SECTOR, BACKUP_SIZE);
    assert_int_equal(room.k.before.offset, CONFIG_SECTOR);
    const uint8_t *now = sim_bench_flash(&room.b);
    assert_memory_equal(now + CONFIG_SECTOR, room.sector, BACKUP_SIZE);
    assert_memory_equal(now, at_start, CONFIG_SECTOR);
    assert_memory_equal(now + CONFIG_SECTOR + SECTOR_SIZE, at_start + CONFIG_SECTOR + SECTOR_SIZE,
                        FLASH - CONFIG_SECTOR - SECTOR_SIZE);
    sim_bench_done(&room.b);
}

static void a_board_that_holds_it_already_is_not_written(void **state)
{
    struct mac mac;

    (void)state;
    init(&room, &mac);
    memcpy(room.sector, at_start + CONFIG_SECTOR, BACKUP_SIZE);
    assert_int_equal(run(&room), 0);
    assert_false(room.changed);
    assert_int_equal(room.k.kept, 0);
    sim_bench_done(&room.b);
}

static void another_board_in_the_slot_is_refused_untouched(void **state)
{
    struct mac mac;

    (void)state;
    init(&room, &mac);
    mac.bytes[5] ^= 1;
    assert_int_equal(run(&room), -1);
    assert_int_equal(room.f.code, HOLD_MAC_REFUSED);
    assert_int_equal(room.k.kept, 0);
    assert_memory_equal(sim_bench_flash(&room.b), at_start, FLASH);
    sim_bench_done(&room.b);
}

/* The same address out of another chip is no unit of the records. */
static void another_chip_in_the_slot_is_refused_untouched(void **state)
{
    struct mac mac;

    (void)state;
    init(&room, &mac);
    room.restore.chip = "ESP32-C3 (QFN32)";
    assert_int_equal(run(&room), -1);
    assert_int_equal(room.f.code, FAIL_WRONG_CHIP);
    assert_int_equal(room.k.kept, 0);
    assert_memory_equal(sim_bench_flash(&room.b), at_start, FLASH);
    sim_bench_done(&room.b);
}

static void what_stood_there_must_be_durable_before_it_goes(void **state)
{
    struct mac mac;

    (void)state;
    init(&room, &mac);
    room.k.refuse = true;
    assert_int_equal(run(&room), -1);
    assert_int_equal(room.f.code, FAIL_BACKUP_STORE);
    assert_memory_equal(sim_bench_flash(&room.b), at_start, FLASH);
    sim_bench_done(&room.b);
}

static void a_board_that_does_not_answer_is_named(void **state)
{
    struct mac mac = {{2, 0, 0, 0, 0, 1}};

    (void)state;
    memset(&room, 0, sizeof room);
    sim_bench_init(&room.b, "silent");
    room.k.b = &room.b;
    room.restore = (struct identity_restore){
        .session = &room.b.session, .mac = &mac, .sector = room.sector, .keep = keep, .ctx = &room.k};
    assert_int_equal(run(&room), -1);
    assert_int_equal(room.f.code, FAIL_NO_SYNC);
    sim_bench_done(&room.b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_saved_sector_goes_back_and_nothing_else_changes),
        cmocka_unit_test(a_board_that_holds_it_already_is_not_written),
        cmocka_unit_test(another_board_in_the_slot_is_refused_untouched),
        cmocka_unit_test(another_chip_in_the_slot_is_refused_untouched),
        cmocka_unit_test(what_stood_there_must_be_durable_before_it_goes),
        cmocka_unit_test(a_board_that_does_not_answer_is_named),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
