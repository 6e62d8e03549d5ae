/* SPDX-License-Identifier: Apache-2.0 */
/* label: diagnosis */
/* Every way in which a virtual board can be special ends with its own result and code, and never with a false PASS. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "engine/chip/esp_wire.h"
#include "engine/chip/slip.h"
#include "sim/board/sim_mishap.h"
#include "sim/board/sim_personality.h"
#include "tests/support/sim_bench.h"

struct expectation {
    const char *personality;
    enum result result;
    enum failure_code code;
    bool erased;  /* it came to erasing */
    bool by_hand; /* only the operator resets it, and the job says so */
};

static const struct expectation expectations[] = {
    {"good", RESULT_PASS, FAILURE_NONE, true, false},
    {"silent", RESULT_ERROR, FAIL_NO_SYNC, false, false},
    {"deaf", RESULT_ERROR, FAIL_TX_PATH, false, false},
    {"wrong-chip", RESULT_FAIL, FAIL_WRONG_CHIP, false, false},
    {"garbage-banner", RESULT_ERROR, FAIL_NOISE, false, false},
    {"dies-at-47", RESULT_ERROR, FAIL_WRITE_LOST, true, false},
    {"unplugs", RESULT_ERROR, FAIL_PORT_LOST, true, false},
    {"bad-flash", RESULT_FAIL, FAIL_MD5_MISMATCH, true, false},
    {"slow", RESULT_PASS, FAILURE_NONE, true, false},
    {"secure-boot", RESULT_FAIL, FAIL_SECURE_BOOT, false, false},
    {"secure-boot-2", RESULT_PASS, FAILURE_NONE, true, false}, /* revision 1 does not know it */
    {"encrypted", RESULT_FAIL, FAIL_FLASH_ENCRYPTED, false, false},
    {"blank-mac", RESULT_HOLD, HOLD_MAC_BLANK, false, false},
    {"bad-mac-crc", RESULT_FAIL, FAIL_MAC_CRC, false, false},
    {"runs-app", RESULT_ERROR, FAIL_WRONG_BOOT_MODE, false, false},
    {"no-stub", RESULT_PASS, FAILURE_NONE, true, false},
    {"baud-limit", RESULT_PASS, FAILURE_NONE, true, false},
    {"brownout", RESULT_ERROR, FAIL_BROWNOUT, false, false},
    {"flips-bits", RESULT_PASS, FAILURE_NONE, true, false},
    {"long-cable", RESULT_PASS, FAILURE_NONE, true, false},
    {"loses-reply", RESULT_PASS, FAILURE_NONE, true, false},
    {"wrong-size", RESULT_FAIL, FAIL_REVISION_SIZE, false, false},
    {"flash-id-bad", RESULT_FAIL, FAIL_FLASH_ID, false, false},
    {"no-reset-wire", RESULT_PASS, FAILURE_NONE, true, false},
    {"jumper", RESULT_PASS, FAILURE_NONE, true, true},
    {"resets-at-start", RESULT_PASS, FAILURE_NONE, true, true},
    {"resets-at-30", RESULT_PASS, FAILURE_NONE, true, true},
    {"identity-damaged", RESULT_FAIL, FAIL_IDENTITY_DAMAGED, true, false},
    {"reads-wrong-once", RESULT_PASS, FAILURE_NONE, true, false},
    {"digest-elsewhere", RESULT_PASS, FAILURE_NONE, true, false},
    {"exchanged", RESULT_ERROR, FAIL_IDENTITY_CHANGED, false, false}, /* nothing of the second board */
    {"secure-download", RESULT_PASS, FAILURE_NONE, true, false},      /* an ESP32 has no such thing */
    {"flash-unpowered", RESULT_FAIL, FAIL_FLASH_ID, false, false},
    {"other-crystal", RESULT_PASS, FAILURE_NONE, true, false},
    {"custom-mac", RESULT_PASS, FAILURE_NONE, true, false},
    {"vdd-1v8", RESULT_PASS, FAILURE_NONE, true, false},
    {"vdd-3v3", RESULT_PASS, FAILURE_NONE, true, false},
    {"jtag-off", RESULT_PASS, FAILURE_NONE, true, false},
    {"key-burnt", RESULT_PASS, FAILURE_NONE, true, false},
    {"download-disabled", RESULT_PASS, FAILURE_NONE, true, false} /* revision 1 does not obey it */,
};

static void check_one(const struct expectation *x, const char *stub)
{
    struct sim_bench b;
    static uint8_t before[8 << 20];

    sim_bench_init(&b, x->personality);
    b.tiny.job.revision_decides_size = true;
    b.tiny.job.retries = 3;
    b.session.connect.reset = x->by_hand ? RESET_NONE : RESET_TIGHT;
    if (stub != NULL && !sim_bench_use_stub(&b, stub)) {
        sim_bench_done(&b);
        return;
    }
    uint32_t size;
    const uint8_t *flash = sim_board_flash(sim_tray_board(b.tray, BENCH_BOARD), &size);
    memcpy(before, flash, size);
    sim_bench_run(&b);
    print_message("%-18s %-5s %s %s: %s (%d retries, %lld ms)\n", x->personality,
                  stub != NULL ? b.stub.version : "ROM", result_name(b.result.result),
                  failure_name(b.result.failure.code), b.result.failure.detail, b.result.retries,
                  (long long)b.result.duration_us / 1000);
    assert_int_equal(b.result.failure.code, x->code);
    assert_int_equal(b.result.result, x->result);
    flash = sim_bench_flash(&b);
    const uint8_t *second = sim_board_exchanged_flash(sim_tray_board(b.tray, BENCH_BOARD));
    if (second != NULL) {
        memcpy(before, second, size);
        memcpy(b.config_before, second + CONFIG_SECTOR, SECTOR_SIZE);
    }
    if (!x->erased)
        assert_memory_equal(flash, before, size);
    if (x->result == RESULT_PASS)
        assert_true(tiny_job_is_in(&b.tiny, flash));
    if (size > CONFIG_SECTOR)
        assert_true(sim_bench_config_kept(&b));
    assert_int_equal(b.recorder.closed, 1);
    sim_bench_done(&b);
}

static void each_personality_ends_as_it_should_with_the_rom(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof expectations / sizeof expectations[0]; i++)
        check_one(&expectations[i], NULL);
}

static void each_personality_ends_as_it_should_with_the_stub(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof expectations / sizeof expectations[0]; i++)
        check_one(&expectations[i], "esp32.json");
}

/* Whether a board without an address may pass is for the recorder to say, not for the engine. */
static void a_blank_address_passes_where_policy_says_so(void **state)
{
    struct sim_bench b;

    (void)state;
    sim_bench_init(&b, "blank-mac");
    b.recorder.takes_any_mac = true;
    sim_bench_run(&b);
    assert_int_equal(b.result.result, RESULT_PASS);
    assert_int_equal(b.recorder.identified, 1);
    assert_true(mac_is_blank(&b.recorder.unit.mac));
    assert_true(tiny_job_is_in(&b.tiny, sim_bench_flash(&b)));
    sim_bench_done(&b);
}

/* Revision 3 obeys the fuse: it can only start from flash. */
static void download_disabled_on_revision_3_is_not_flashed(void **state)
{
    struct sim_bench b;
    struct sim_tray_config c = {.count = 1, .revision = 3, .seed = 4, .personalities = "1=download-disabled"};

    (void)state;
    sim_bench_init_tray(&b, &c);
    sim_bench_run(&b);
    print_message("%s %s\n", failure_name(b.result.failure.code), b.result.failure.detail);
    assert_int_equal(b.result.failure.code, FAIL_WRONG_BOOT_MODE);
    assert_false(tiny_job_is_in(&b.tiny, sim_bench_flash(&b)));
    sim_bench_done(&b);
}

/* No reset wired: after a lost answer one lone C0 and SYNC must do, in the one session there is. */
static int pass_after_retry_without_reset(const char *stub)
{
    int count = 0;

    for (uint64_t seed = 1; seed <= 40; seed++) {
        struct sim_tray_config c = {
            .count = 1, .revision = 1, .seed = seed, .fault_rate = 1, .personalities = "1=no-reset-wire"};
        struct sim_bench b;
        sim_bench_init_tray(&b, &c);
        b.session.connect.reset = RESET_NONE;
        if (stub == NULL || sim_bench_use_stub(&b, stub)) {
            sim_bench_run(&b);
            const uint8_t *flash = sim_bench_flash(&b);
            if (b.result.result == RESULT_PASS)
                assert_true(tiny_job_is_in(&b.tiny, flash));
            else
                assert_int_not_equal(b.result.failure.code, FAILURE_NONE);
            count += b.result.result == RESULT_PASS && b.result.retries > 0;
        }
        sim_bench_done(&b);
    }
    return count;
}

static void a_lost_answer_is_got_over_without_reset_wiring(void **state)
{
    (void)state;
    assert_true(pass_after_retry_without_reset(NULL) > 0);
    pass_after_retry_without_reset("esp32.json");
}

/* A cable that loses one byte of the first `lost_left` erase commands of a stub. */
static int lost_left;

static int lossy_write(void *port, const void *buf, size_t len, int64_t deadline_us)
{
    const uint8_t *from = buf;
    uint8_t out[64];

    if (lost_left == 0 || len > sizeof out || len < 12 || from[0] != SLIP_END || from[2] != ESP_ERASE_REGION)
        return sim_driver.write(port, buf, len, deadline_us);
    lost_left--;
    memcpy(out, from, len - 2);
    out[len - 2] = SLIP_END;
    return sim_driver.write(port, out, len - 1, deadline_us);
}

static void run_lossy(struct sim_bench *b, int lost)
{
    static struct transport_driver lossy;

    lossy = sim_driver;
    lossy.write = lossy_write;
    lost_left = lost;
    sim_bench_init(b, "good");
    b->bindings[0].driver = &lossy;
    b->tiny.job.retries = 0;
    if (!sim_bench_use_stub(b, "esp32.json")) {
        sim_bench_done(b);
        skip();
    }
    sim_bench_run(b);
    print_message("%s %s\n", failure_name(b->result.failure.code), b->result.failure.detail);
}

/* The stub refuses the command it got, not the erase: that is the line's fault, and never the red tray. */
static void a_damaged_erase_command_is_not_the_boards_fault(void **state)
{
    struct sim_bench b;

    (void)state;
    run_lossy(&b, 1);
    assert_int_equal(b.result.result, RESULT_PASS);
    assert_true(b.result.retries > 0);
    assert_true(tiny_job_is_in(&b.tiny, sim_bench_flash(&b)));
    sim_bench_done(&b);
    run_lossy(&b, 1000);
    assert_int_equal(b.result.result, RESULT_ERROR);
    assert_int_equal(b.result.failure.code, FAIL_NOISE);
    assert_int_equal(b.result.failure.stage, STAGE_ERASE);
    sim_bench_done(&b);
}

static void no_personality_is_without_an_expectation(void **state)
{
    const struct sim_personality *p;

    (void)state;
    for (size_t i = 0; (p = sim_personality_at(i)) != NULL; i++) {
        bool found = false;
        for (size_t k = 0; k < sizeof expectations / sizeof expectations[0]; k++)
            found |= strcmp(expectations[k].personality, p->name) == 0;
        if (!found)
            print_message("no expectation for %s\n", p->name);
        assert_true(found);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_personality_ends_as_it_should_with_the_rom),
        cmocka_unit_test(each_personality_ends_as_it_should_with_the_stub),
        cmocka_unit_test(a_blank_address_passes_where_policy_says_so),
        cmocka_unit_test(download_disabled_on_revision_3_is_not_flashed),
        cmocka_unit_test(a_lost_answer_is_got_over_without_reset_wiring),
        cmocka_unit_test(a_damaged_erase_command_is_not_the_boards_fault),
        cmocka_unit_test(no_personality_is_without_an_expectation),
    };
    return cmocka_run_group_tests_name("attempt_trouble", tests, NULL, NULL);
}
