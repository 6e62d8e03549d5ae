/* SPDX-License-Identifier: Apache-2.0 */
/* Whole attempts on virtual boards, in virtual time: what is done in which order, and what is left behind. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "engine/chip/esp_loader.h"
#include "tests/support/sim_bench.h"

#define BOARD(b) sim_tray_board((b)->tray, BENCH_BOARD)

static const uint8_t *flash_now(struct sim_bench *b)
{
    uint32_t size;

    return sim_board_flash(BOARD(b), &size);
}

static bool is_blank(const uint8_t *p, uint32_t len)
{
    for (uint32_t i = 0; i < len; i++) {
        if (p[i] != 0xFF)
            return false;
    }
    return true;
}

static void check_pass(struct sim_bench *b)
{
    if (b->result.result != RESULT_PASS)
        print_message("%s %s in %s: %s\n", result_name(b->result.result),
                      failure_name(b->result.failure.code), stage_name(b->result.failure.stage),
                      b->result.failure.detail);
    assert_int_equal(b->result.result, RESULT_PASS);
    assert_true(b->recorded);
    assert_int_equal(b->recorder.opened, 1);
    assert_int_equal(b->recorder.closed, 1);
    assert_true(tiny_job_is_in(&b->tiny, sim_bench_flash(b)));
    assert_true(sim_bench_config_kept(b));
}

static void a_good_board_passes_with_the_rom_loader(void **state)
{
    struct sim_bench b;

    (void)state;
    sim_bench_init(&b, "good");
    sim_bench_run(&b);
    check_pass(&b);
    assert_false(b.result.used_stub);
    assert_int_equal(b.result.baud, 921600);
    assert_int_equal(b.result.retries, 0);
    assert_int_equal(b.result.bytes_written, 0x2100 + 0xC00 + 0x20000 + 0x1000 + 0x1000);
    assert_true(b.result.stage_us[STAGE_WRITE] > 0 && b.result.stage_us[STAGE_VERIFY] > 0);
    sim_bench_done(&b);
}

static void pass_with(const char *stub)
{
    struct sim_bench b;

    sim_bench_init(&b, "good");
    if (!sim_bench_use_stub(&b, stub)) {
        sim_bench_done(&b);
        skip();
    }
    sim_bench_run(&b);
    check_pass(&b);
    if (!b.result.used_stub)
        print_message("%s\n", b.result.stub_note);
    assert_true(b.result.used_stub);
    assert_string_equal(b.result.stub_note, "");
    sim_bench_done(&b);
}

static void a_good_board_passes_with_the_stub(void **state)
{
    (void)state;
    pass_with("esp32.json");
}

static void a_good_board_passes_with_the_older_stub(void **state)
{
    (void)state;
    pass_with("esp32-v1.json");
}

static void a_board_that_cannot_run_the_stub_falls_back_to_the_rom(void **state)
{
    struct sim_bench b;

    (void)state;
    sim_bench_init(&b, "no-stub");
    if (!sim_bench_use_stub(&b, "esp32.json")) {
        sim_bench_done(&b);
        skip();
    }
    sim_bench_run(&b);
    check_pass(&b);
    assert_false(b.result.used_stub);
    assert_true(b.result.stub_note[0] != '\0');
    sim_bench_done(&b);
}

static void what_was_erased_is_blank_and_the_rest_untouched(void **state)
{
    struct sim_bench b;
    static uint8_t before[8 << 20];

    (void)state;
    sim_bench_init(&b, "good");
    memset(before, 0x5A, 64);
    sim_board_preload(BOARD(&b), 0x9000, before, 64);
    sim_board_preload(BOARD(&b), 0x3C0000, before, 64);
    memcpy(before, flash_now(&b), sizeof before);
    sim_bench_run(&b);
    check_pass(&b);
    const uint8_t *after = sim_bench_flash(&b);
    assert_true(is_blank(after + 0x9000, 0x7000));
    assert_true(is_blank(after + 0x3C0000, CONFIG_SECTOR - 0x3C0000));
    assert_memory_equal(after + 0x400000, before + 0x400000, 0x400000);
    assert_memory_equal(after + 0x200000, before + 0x200000, 0x1C0000);
    sim_bench_done(&b);
}

struct order {
    struct sim_bench *b;
    uint8_t before[8 << 20];
    bool untouched_at_backup;
    bool boot_blank_while_writing, aborted;
    enum stage abort_at;
    uint64_t abort_done;
    uint32_t forgets; /* an address that does not stay blank; 0: none */
};

static void at_backup(void *ctx, const struct backup *backup)
{
    struct order *o = ctx;

    assert_memory_equal(backup->data, o->before + backup->offset, BACKUP_SIZE);
    o->untouched_at_backup = memcmp(flash_now(o->b), o->before, sizeof o->before) == 0;
}

static void at_view(void *ctx, const struct attempt_view *v)
{
    struct order *o = ctx;

    if (v->stage == STAGE_WRITE && v->done > 0 && v->done < v->total)
        o->boot_blank_while_writing = is_blank(flash_now(o->b) + BOOT_SECTOR, SECTOR_SIZE);
    if (o->forgets != 0 && v->stage == STAGE_WRITE)
        sim_board_preload(BOARD(o->b), o->forgets, (const uint8_t *)"old", 3);
    if (o->abort_at != STAGE_NONE && v->stage == o->abort_at && v->done >= o->abort_done && !o->aborted) {
        o->aborted = true;
        waker_raise(o->b->cancel);
    }
}

static struct order order; /* 8 MiB: too large for a stack */

static void order_init(struct sim_bench *b)
{
    memset(&order, 0, sizeof order);
    order.b = b;
    sim_bench_init(b, "good");
    sim_board_preload(BOARD(b), BOOT_SECTOR, (const uint8_t *)"\xE9old bootloader", 15);
    memcpy(order.before, flash_now(b), sizeof order.before);
    b->recorder.on_backup = at_backup;
    b->recorder.hook_ctx = &order;
    b->config.publish = at_view;
    b->config.ctx = &order;
}

static void backup_is_durable_before_the_first_erase_and_the_boot_sector_is_last(void **state)
{
    struct sim_bench b;

    (void)state;
    order_init(&b);
    sim_bench_run(&b);
    check_pass(&b);
    assert_int_equal(b.recorder.backups, 1);
    assert_int_equal(b.recorder.backup[0].offset, CONFIG_SECTOR);
    assert_true(order.untouched_at_backup);
    assert_true(order.boot_blank_while_writing);
    sim_bench_done(&b);
}

static void an_aborted_board_boots_nothing_and_the_record_says_so(void **state)
{
    struct sim_bench b;

    (void)state;
    order_init(&b);
    order.abort_at = STAGE_WRITE;
    order.abort_done = 0x8000;
    sim_bench_run(&b);
    assert_int_equal(b.result.result, RESULT_ABORTED);
    assert_int_equal(b.result.failure.code, FAIL_ABORTED);
    assert_int_equal(b.result.failure.stage, STAGE_WRITE);
    assert_int_equal(b.recorder.closed, 1);
    assert_true(is_blank(sim_bench_flash(&b) + BOOT_SECTOR, SECTOR_SIZE));
    assert_true(sim_bench_config_kept(&b));
    sim_bench_done(&b);
}

static void an_abort_before_the_erase_changes_nothing(void **state)
{
    struct sim_bench b;

    (void)state;
    order_init(&b);
    order.abort_at = STAGE_BACKUP;
    sim_bench_run(&b);
    assert_int_equal(b.result.result, RESULT_ABORTED);
    assert_memory_equal(sim_bench_flash(&b), order.before, sizeof order.before);
    sim_bench_done(&b);
}

/* Erased is what the chip's digest says is blank, not what a command was said to have done. */
static void flash_that_does_not_stay_erased_is_no_pass(void **state)
{
    static const struct {
        bool erase_all;
        uint32_t at;
    } rows[] = {{false, 0x9123}, {false, 0x3C0000}, {true, 0x9123}, {true, 0x7ffffd}, {true, 0x3FEFFD}};
    struct sim_bench b;

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        order_init(&b);
        b.tiny.plan.erase_all = rows[i].erase_all;
        order.forgets = rows[i].at;
        sim_bench_run(&b);
        assert_int_equal(b.result.result, RESULT_FAIL);
        assert_int_equal(b.result.failure.code, FAIL_MD5_MISMATCH);
        assert_int_equal(b.result.failure.stage, STAGE_VERIFY);
        assert_memory_equal(b.result.failure.detail, "erased flash at 0x", 18);
        sim_bench_done(&b);
    }
}

static void a_job_without_bootloader_gives_the_board_its_own_back(void **state)
{
    struct sim_bench b;

    (void)state;
    order_init(&b);
    tiny_job_without_boot(&b.tiny);
    sim_bench_run(&b);
    check_pass(&b);
    assert_int_equal(b.recorder.backups, 2);
    assert_int_equal(b.recorder.backup[1].kind, BACKUP_BOOT_SECTOR);
    assert_true(order.boot_blank_while_writing);
    assert_memory_equal(sim_bench_flash(&b) + BOOT_SECTOR, order.before + BOOT_SECTOR, SECTOR_SIZE);
    sim_bench_done(&b);
}

static void a_board_without_any_bootloader_is_refused_or_helped_from_its_records(void **state)
{
    static const uint8_t blank[SECTOR_SIZE] = {0};
    struct sim_bench b;

    (void)state;
    order_init(&b);
    tiny_job_without_boot(&b.tiny);
    sim_board_preload(BOARD(&b), BOOT_SECTOR, blank, sizeof blank);
    memcpy(order.before, flash_now(&b), sizeof order.before);
    sim_bench_run(&b);
    assert_int_equal(b.result.failure.code, FAIL_NO_BOOT_SECTOR);
    assert_memory_equal(sim_bench_flash(&b), order.before, sizeof order.before);
    b.recorder.verdict.has_boot_sector = true;
    memset(b.recorder.verdict.boot_sector, 0x77, BACKUP_SIZE);
    b.recorder.verdict.boot_sector[0] = 0xE9;
    sim_bench_run(&b);
    assert_int_equal(b.result.result, RESULT_PASS);
    assert_memory_equal(sim_bench_flash(&b) + BOOT_SECTOR, b.recorder.verdict.boot_sector, BACKUP_SIZE);
    sim_bench_done(&b);
}

static void erasing_the_whole_chip_spares_the_identity_sector(void **state)
{
    struct sim_bench b;

    (void)state;
    order_init(&b);
    b.tiny.plan.erase_all = true;
    sim_bench_run(&b);
    check_pass(&b);
    const uint8_t *after = sim_bench_flash(&b);
    assert_true(is_blank(after + 0x400000, 0x400000));
    assert_true(is_blank(after + 0x40000, CONFIG_SECTOR - 0x40000 - (CONFIG_SECTOR - TINY_OTADATA)));
    sim_bench_done(&b);
}

/* Boards that keep their identity elsewhere: what is protected is the plan's word, not a place the engine knows. */
static void the_plan_says_where_the_identity_lies(void **state)
{
    const uint32_t at = 0x3D0000;
    uint8_t own[SECTOR_SIZE];
    struct sim_bench b;

    (void)state;
    sim_bench_init(&b, "good");
    memset(own, 0x5A, sizeof own);
    memcpy(own, "elsewhere", 9);
    sim_board_preload(BOARD(&b), at, own, sizeof own);
    b.tiny.plan.identity = (struct span){at, SECTOR_SIZE};
    sim_bench_run(&b);
    assert_int_equal(b.result.result, RESULT_PASS);
    const uint8_t *after = sim_bench_flash(&b);
    assert_memory_equal(after + at, own, sizeof own);
    assert_true(is_blank(after + at - SECTOR_SIZE, SECTOR_SIZE));
    assert_true(is_blank(after + at + SECTOR_SIZE, 0x400000 - at - SECTOR_SIZE));
    sim_bench_done(&b);
}

static void a_record_that_cannot_be_closed_is_no_pass(void **state)
{
    struct sim_bench b;

    (void)state;
    sim_bench_init(&b, "good");
    b.recorder.refuse_close = FAIL_RECORD;
    sim_bench_run(&b);
    assert_false(b.recorded);
    assert_int_equal(b.result.result, RESULT_ERROR);
    assert_int_equal(b.result.failure.code, FAIL_RECORD);
    sim_bench_done(&b);
}

static void an_interrupted_board_passes_at_the_next_try(void **state)
{
    struct sim_bench b;

    (void)state;
    order_init(&b);
    order.abort_at = STAGE_WRITE;
    order.abort_done = 0x4000;
    sim_bench_run(&b);
    assert_int_equal(b.result.result, RESULT_ABORTED);
    sim_bench_flash(&b);
    waker_clear(b.cancel);
    b.recorder.opened = b.recorder.closed = 0;
    sim_bench_run(&b);
    check_pass(&b);
    sim_bench_done(&b);
}

/* No reset wired, and the loader was left behind at the rate of the session before. */
static void second_session(const char *stub, uint32_t other_baud, enum failure_code code)
{
    struct sim_bench b;

    sim_bench_init(&b, "no-reset-wire");
    b.session.connect.reset = RESET_NONE;
    b.session.connect.other_baud = other_baud;
    if (stub == NULL || sim_bench_use_stub(&b, stub)) {
        sim_bench_run(&b);
        assert_int_equal(b.result.result, RESULT_PASS);
        sim_bench_run(&b);
        assert_int_equal(b.result.failure.code, code);
    }
    sim_bench_done(&b);
}

static void a_session_left_behind_is_used_again_or_named(void **state)
{
    (void)state;
    second_session(NULL, 0, FAIL_SESSION_USED);
    second_session("esp32.json", 0, FAIL_SESSION_USED);
    second_session(NULL, 921600, FAILURE_NONE);
    second_session("esp32.json", 921600, FAILURE_NONE);
}

/* Another programme used the session up: all that is left to hear is a loader at a rate nobody asked for. */
static void a_session_used_up_by_another_is_named(void **state)
{
    struct sim_bench b;

    (void)state;
    sim_bench_init(&b, "no-reset-wire");
    b.session.connect.reset = RESET_NONE;
    sim_bench_run(&b);
    assert_int_equal(b.result.result, RESULT_PASS);
    session_close(&b.session);
    b.session.connect.other_baud = 460800;
    sim_bench_run(&b);
    assert_int_equal(b.result.failure.code, FAIL_SESSION_USED);
    assert_int_equal(b.result.result, RESULT_ERROR);
    sim_bench_done(&b);
}

static void no_command_begins_after_the_stages_limit(void **state)
{
    struct sim_bench b;
    struct failure f = {0};
    uint32_t value;

    (void)state;
    sim_bench_init(&b, "good");
    assert_int_equal(session_open(&b.session, &f), 0);
    assert_int_equal(session_connect(&b.session, CONNECT_ROUNDS, &f), 0);
    assert_int_equal(esp_loader_read_reg(b.session.loader, 0x40001000, &value), 0);
    esp_loader_set_limit(b.session.loader, clock_now_us(b.clock) - 1);
    int rc = esp_loader_read_reg(b.session.loader, 0x40001000, &value);
    assert_int_equal(rc, -ETIME);
    esp_loader_failure(b.session.loader, &f, STAGE_WRITE, rc, FAIL_WRITE_LOST, FAIL_WRITE);
    assert_int_equal(f.code, FAIL_DEADLINE);
    assert_int_equal(session_connect(&b.session, 1, &f), -1);
    assert_int_equal(f.code, FAIL_DEADLINE);
    sim_bench_done(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_good_board_passes_with_the_rom_loader),
        cmocka_unit_test(a_good_board_passes_with_the_stub),
        cmocka_unit_test(a_good_board_passes_with_the_older_stub),
        cmocka_unit_test(a_board_that_cannot_run_the_stub_falls_back_to_the_rom),
        cmocka_unit_test(what_was_erased_is_blank_and_the_rest_untouched),
        cmocka_unit_test(backup_is_durable_before_the_first_erase_and_the_boot_sector_is_last),
        cmocka_unit_test(an_aborted_board_boots_nothing_and_the_record_says_so),
        cmocka_unit_test(an_abort_before_the_erase_changes_nothing),
        cmocka_unit_test(flash_that_does_not_stay_erased_is_no_pass),
        cmocka_unit_test(a_job_without_bootloader_gives_the_board_its_own_back),
        cmocka_unit_test(a_board_without_any_bootloader_is_refused_or_helped_from_its_records),
        cmocka_unit_test(erasing_the_whole_chip_spares_the_identity_sector),
        cmocka_unit_test(the_plan_says_where_the_identity_lies),
        cmocka_unit_test(a_record_that_cannot_be_closed_is_no_pass),
        cmocka_unit_test(an_interrupted_board_passes_at_the_next_try),
        cmocka_unit_test(a_session_left_behind_is_used_again_or_named),
        cmocka_unit_test(a_session_used_up_by_another_is_named),
        cmocka_unit_test(no_command_begins_after_the_stages_limit),
    };
    return cmocka_run_group_tests_name("attempt", tests, NULL, NULL);
}
