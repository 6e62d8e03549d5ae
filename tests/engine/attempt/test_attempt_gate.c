/* SPDX-License-Identifier: Apache-2.0 */
/* What an attempt is refused for, by the gate and by the recorder: all of it before anything is erased. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "profiles/text/complaint.h"
#include "tests/support/made_plan.h"
#include "tests/support/scratch.h"
#include "tests/support/sim_bench.h"

static uint8_t before[8 << 20]; /* the flash as the board came; too large for a stack */

static void gate_init(struct sim_bench *b)
{
    struct sim_board *board;
    uint32_t size;

    sim_bench_init(b, "good");
    board = sim_tray_board(b->tray, BENCH_BOARD);
    sim_board_preload(board, BOOT_SECTOR, (const uint8_t *)"\xE9old bootloader", 15);
    memcpy(before, sim_board_flash(board, &size), sizeof before);
    assert_int_equal(size, sizeof before);
}

/* Refusals before any erase: the board must be as it came. */
static void check_refused(struct sim_bench *b, enum failure_code code)
{
    sim_bench_run(b);
    print_message("%s: %s\n", failure_name(b->result.failure.code), b->result.failure.detail);
    assert_int_equal(b->result.failure.code, code);
    assert_int_not_equal(b->result.result, RESULT_PASS);
    assert_memory_equal(sim_bench_flash(b), before, sizeof before);
    sim_bench_done(b);
}

static void the_gate_refuses_before_any_erase(void **state)
{
    struct sim_bench b;

    (void)state;
    gate_init(&b);
    b.tiny.job.revision_min = 300;
    check_refused(&b, FAIL_WRONG_REVISION);
    gate_init(&b);
    b.tiny.job.flash_sizes[0] = 4 << 20;
    check_refused(&b, FAIL_WRONG_FLASH_SIZE);
    gate_init(&b);
    b.tiny.plan.needs_size = 16 << 20;
    check_refused(&b, FAIL_NO_PLAN);
    gate_init(&b);
    b.tiny.plan.flash_size = 4 << 20;
    check_refused(&b, FAIL_NO_PLAN);
    gate_init(&b);
    snprintf(b.tiny.job.chip, sizeof b.tiny.job.chip, "esp32s3");
    check_refused(&b, FAIL_WRONG_CHIP);
    gate_init(&b);
    b.tiny.finals[0].offset = CONFIG_SECTOR;
    check_refused(&b, FAIL_JOB);
    gate_init(&b);
    b.session.connect.reset = RESET_CUSTOM;
    b.session.connect.reset_custom = "D0|nonsense";
    check_refused(&b, FAIL_JOB);
    gate_init(&b);
    b.config.start.kind = ATTEMPT_PRODUCTION;
    check_refused(&b, FAIL_TRAINING_MAC);
}

static void the_recorder_refuses_before_any_erase(void **state)
{
    struct sim_bench b;

    (void)state;
    gate_init(&b);
    b.recorder.verdict.allowed = false;
    failure_set(&b.recorder.verdict.hold, HOLD_MAC_DUPLICATE, STAGE_GATE, 0, "seen before");
    check_refused(&b, HOLD_MAC_DUPLICATE);
    gate_init(&b);
    b.recorder.refuse_backup = FAIL_DISK_FLOOR;
    check_refused(&b, FAIL_BACKUP_STORE);
    gate_init(&b);
    b.recorder.refuse_open = FAIL_DISK_FLOOR;
    check_refused(&b, FAIL_DISK_FLOOR);
}

/* Each by its own fuse, on the revision that knows it; and never after an erase. */
static void a_burnt_fuse_refuses_before_any_erase(void **state)
{
    static const struct {
        const char *personalities;
        int revision;
        enum failure_code code;
    } rows[] = {
        {"1=encrypted", 1, FAIL_FLASH_ENCRYPTED},
        {"1=encrypted", 3, FAIL_FLASH_ENCRYPTED},
        {"1=secure-boot", 1, FAIL_SECURE_BOOT},
        {"1=secure-boot-2", 3, FAIL_SECURE_BOOT},
    };
    struct sim_bench b;

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct sim_tray_config c = {.count = 1,
                                    .revision = rows[i].revision,
                                    .flash_size = sizeof before,
                                    .seed = 4,
                                    .personalities = rows[i].personalities};
        sim_bench_init_tray(&b, &c);
        memcpy(before, sim_board_flash(sim_tray_board(b.tray, BENCH_BOARD), NULL), sizeof before);
        check_refused(&b, rows[i].code);
    }
}

/* An address whose checksum is wrong is no unit's: the records are not even asked about it. */
static void a_damaged_mac_is_not_put_to_the_recorder(void **state)
{
    struct sim_bench b;

    (void)state;
    sim_bench_init(&b, "bad-mac-crc");
    memcpy(before, sim_board_flash(sim_tray_board(b.tray, BENCH_BOARD), NULL), sizeof before);
    sim_bench_run(&b);
    assert_int_equal(b.recorder.identified, 0);
    assert_int_equal(b.result.failure.code, FAIL_MAC_CRC);
    assert_int_equal(b.result.result, RESULT_FAIL);
    assert_memory_equal(sim_bench_flash(&b), before, sizeof before);
    sim_bench_done(&b);
}

/* Two jobs that write a part of a flash, for a board as it comes: one suits what the board has, the other does not. */
static struct job *partial_job(const struct made_file *f)
{
    struct complaint c = {0};
    char folder[SCRATCH_SIZE], here[1024], text[200];
    struct job *job;

    assert_non_null(getcwd(here, sizeof here));
    scratch_make(folder, "gate");
    assert_int_equal(chdir(folder), 0);
    made_plan_save(NULL, f);
    snprintf(
        text, sizeof text,
        "board: esp32\nchip: esp32\npartial: yes\nfirmware:\n  images:\n    - {file: %s, offset: 0x%x}\n",
        f->name, (unsigned)f->offset);
    scratch_save_text("j.yaml", text);
    job = job_load("j.yaml", NULL, &c);
    assert_int_equal(chdir(here), 0);
    scratch_remove(folder);
    if (job == NULL)
        fail_msg("%s", c.text);
    return job;
}

static void a_part_is_held_against_the_boards_own_flash(void **state)
{
    static const struct made_file app = {"app.bin", MADE_APP, 60000, 0x10000},
                                  fs = {"fs.bin", MADE_DATA, 0x2000, 0x1a0000},
                                  wide = {"wide.bin", MADE_DATA, 0x8000, 0x37a000};
    const struct made_file *bad[] = {&fs, &wide};
    struct sim_bench b;
    struct job *job = partial_job(&app);

    (void)state;
    sim_bench_init(&b, "good");
    b.config.job = job;
    sim_bench_run(&b);
    if (b.result.result != RESULT_PASS)
        fail_msg("%s: %s", failure_name(b.result.failure.code), b.result.failure.detail);
    assert_memory_equal(sim_bench_flash(&b) + app.offset, job->plans[0].parts[0].data,
                        job->plans[0].parts[0].size);
    assert_true(sim_bench_config_kept(&b));
    sim_bench_done(&b);
    job_free(job);
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        job = partial_job(bad[i]);
        sim_bench_init(&b, "good");
        memcpy(before, sim_board_flash(sim_tray_board(b.tray, BENCH_BOARD), NULL), sizeof before);
        b.config.job = job;
        check_refused(&b, FAIL_BOARD_LAYOUT);
        job_free(job);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_gate_refuses_before_any_erase),
        cmocka_unit_test(the_recorder_refuses_before_any_erase),
        cmocka_unit_test(a_burnt_fuse_refuses_before_any_erase),
        cmocka_unit_test(a_part_is_held_against_the_boards_own_flash),
        cmocka_unit_test(a_damaged_mac_is_not_put_to_the_recorder),
    };
    return cmocka_run_group_tests_name("attempt gate", tests, NULL, NULL);
}
