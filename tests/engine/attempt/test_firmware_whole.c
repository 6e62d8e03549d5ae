/* SPDX-License-Identifier: Apache-2.0 */
/* label: scenario */
/*
 * Every real firmware, flashed on eight virtual boards, compared byte for byte with a flash image put together here from
 * the archive's members and the tables below, not by the programme's own parsers. What no member covers is as it was.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#include "sim/board/sim_tray.h"
#include "tests/support/firmware_model.h"
#include "tests/support/scratch.h"

#define BOARDS 8
#define SEED   41
#define SECTOR 0x1000u

static void run_tray(const struct firmware_sample *s, const char *dir)
{
    char path[1024], command[4096];

    firmware_path(SHARED_DIR, s, path);
    snprintf(
        command, sizeof command,
        "cd '%s' && env -u FLASHLINE_CONFIG XDG_CONFIG_HOME='%s' XDG_STATE_HOME='%s' %s run --job %s --firmware '%s' "
        "--sim %d --sim-time virtual --sim-seed %d --sim-revision %d --sim-flash-size %u --sim-dump '%s' --headless "
        ">'%s/out' 2>&1 || { tail -n 30 '%s/out'; exit 1; }",
        dir, dir, dir, FLASHLINE_BIN, s->job, path, BOARDS, SEED, s->revision,
        (unsigned)(s->flash_size >> 20), dir, dir, dir);
    int status = system(command);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
}

static void compare(const uint8_t *got, const uint8_t *want, uint32_t size, int slot)
{
    for (uint32_t i = 0; i < size; i++) {
        if (got[i] != want[i])
            fail_msg("slot %d: byte 0x%06x is %02x, not %02x", slot, (unsigned)i, got[i], want[i]);
    }
}

static void check_board(struct sim_tray *tray, const struct firmware_sample *s, const char *dir, int slot)
{
    char path[256];
    uint32_t size;
    size_t got_size;
    const uint8_t *before = sim_board_flash(sim_tray_board(tray, slot), &size);
    uint8_t *want = malloc(size);

    assert_non_null(want);
    assert_int_equal(size, s->flash_size);
    memcpy(want, before, size);
    firmware_expect(want, SHARED_DIR, s);
    assert_memory_equal(want + 0x3ff000, before + 0x3ff000,
                        SECTOR); /* the tables above never touch the identity */
    snprintf(path, sizeof path, "%s/slot-%d.bin", dir, slot);
    FILE *f = fopen(path, "rb");
    assert_non_null(f);
    uint8_t *got = firmware_read(f, &got_size);
    fclose(f);
    assert_int_equal(got_size, size);
    compare(got, want, size, slot);
    free(got);
    free(want);
}

static void check_sample(const struct firmware_sample *s)
{
    char dir[SCRATCH_SIZE], why[SIM_TRAY_ERROR];
    const struct sim_tray_config config = {
        .count = BOARDS, .flash_size = s->flash_size, .revision = s->revision, .seed = SEED};
    struct sim_tray *tray = sim_tray_new(&config, why);

    assert_non_null(tray);
    scratch_make(dir, "whole");
    run_tray(s, dir);
    for (int slot = 1; slot <= BOARDS; slot++)
        check_board(tray, s, dir, slot);
    sim_tray_free(tray);
    scratch_remove(dir);
}

#define SAMPLE_TEST(n, name)                \
    static void name(void **state)          \
    {                                       \
        (void)state;                        \
        check_sample(&firmware_samples[n]); \
    }

SAMPLE_TEST(0, wipy_1_18_on_8_mb_boards)
SAMPLE_TEST(1, wipy_1_18_on_4_mb_boards)
SAMPLE_TEST(2, wipy_1_20_on_8_mb_boards)
SAMPLE_TEST(3, wipy_1_20_on_4_mb_boards)
SAMPLE_TEST(4, one_merged_image)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(wipy_1_18_on_8_mb_boards), cmocka_unit_test(wipy_1_18_on_4_mb_boards),
        cmocka_unit_test(wipy_1_20_on_8_mb_boards), cmocka_unit_test(wipy_1_20_on_4_mb_boards),
        cmocka_unit_test(one_merged_image),
    };

    if (access(SHARED_DIR "/firmware/WiPy-1.18.1.r1.tar.gz", R_OK) != 0) {
        puts("skipped: no real firmware in " SHARED_DIR "/firmware");
        return 77;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
