/* SPDX-License-Identifier: Apache-2.0 */
/* label: scenario */
/*
 * What a job requires of a board's eFuses, on virtual boards that have it or not: refused before anything is erased, by the one
 * rule that knows the fuse, and in the records all the same.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "tests/support/sim_bench.h"

static uint8_t before[8 << 20]; /* the flash as the board came; too large for a stack */

static const struct want {
    const char *personality;
    int revision;
    enum require which;
    const char *word;
    enum failure_code code; /* FAILURE_NONE: PASS */
    const char *detail;     /* NULL: another rule's */
} wants[] = {
    {"good", 1, REQUIRE_VDD_SDIO, "1.8V", FAIL_REQUIRED_EFUSE,
     "the job requires vdd_sdio: 1.8V, the board has pin"},
    {"vdd-3v3", 1, REQUIRE_VDD_SDIO, "1.8V", FAIL_REQUIRED_EFUSE,
     "the job requires vdd_sdio: 1.8V, the board has 3.3V"},
    {"vdd-1v8", 1, REQUIRE_VDD_SDIO, "1.8V", FAILURE_NONE, NULL},
    {"good", 1, REQUIRE_VDD_SDIO, "pin", FAILURE_NONE, NULL},
    {"good", 1, REQUIRE_FLASH_ENCRYPTION, "off", FAILURE_NONE, NULL},
    {"encrypted", 1, REQUIRE_FLASH_ENCRYPTION, "off", FAIL_FLASH_ENCRYPTED, NULL},
    {"secure-boot", 1, REQUIRE_SECURE_BOOT, "off", FAIL_SECURE_BOOT, NULL},
    /* Burnt, and not obeyed before v3.0; a board that obeys it answers nobody. */
    {"secure-boot-2", 1, REQUIRE_SECURE_BOOT, "off", FAIL_REQUIRED_EFUSE,
     "the job requires secure_boot: off, the board has on"},
    {"download-disabled", 1, REQUIRE_DOWNLOAD, "enabled", FAIL_REQUIRED_EFUSE,
     "the job requires download: enabled, the board has disabled"},
    {"good", 1, REQUIRE_DOWNLOAD, "enabled", FAILURE_NONE, NULL},
    {"custom-mac", 1, REQUIRE_CUSTOM_MAC, "absent", FAIL_REQUIRED_EFUSE,
     "the job requires custom_mac: absent, the board has present"},
    {"custom-mac", 1, REQUIRE_CUSTOM_MAC, "present", FAILURE_NONE, NULL},
    {"good", 1, REQUIRE_CUSTOM_MAC, "present", FAIL_REQUIRED_EFUSE,
     "the job requires custom_mac: present, the board has absent"},
    {"jtag-off", 1, REQUIRE_JTAG, "enabled", FAIL_REQUIRED_EFUSE,
     "the job requires jtag: enabled, the board has disabled"},
    {"jtag-off", 1, REQUIRE_JTAG, "disabled", FAILURE_NONE, NULL},
};

static void check_want(const struct want *w)
{
    char words[64];
    struct sim_tray_config c = {
        .count = 1, .revision = w->revision, .flash_size = sizeof before, .seed = 4, .personalities = words};
    struct sim_bench b;

    snprintf(words, sizeof words, "1=%s", w->personality);
    sim_bench_init_tray(&b, &c);
    memcpy(before, sim_board_flash(sim_tray_board(b.tray, BENCH_BOARD), NULL), sizeof before);
    b.tiny.job.require.is[w->which] = w->word;
    sim_bench_run(&b);
    if (b.result.failure.code != w->code)
        fail_msg("%s, %s: %d, %s", w->personality, w->word, b.result.failure.code, b.result.failure.detail);
    if (w->detail != NULL)
        assert_non_null(strstr(b.result.failure.detail, w->detail));
    assert_int_equal(b.result.result, w->code == FAILURE_NONE ? RESULT_PASS : RESULT_FAIL);
    /* Whoever is refused stands in the records all the same, with all that was read. */
    assert_int_equal(b.recorder.identified, 1);
    assert_non_null(strstr(b.recorder.unit.efuse, " XPD_SDIO_FORCE="));
    if (w->code != FAILURE_NONE) {
        assert_int_equal(b.result.failure.stage, STAGE_GATE);
        assert_memory_equal(sim_bench_flash(&b), before, sizeof before);
    }
    sim_bench_done(&b);
}

static void a_board_that_lacks_what_is_required_is_refused_untouched(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof wants / sizeof wants[0]; i++)
        check_want(&wants[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_board_that_lacks_what_is_required_is_refused_untouched),
    };

    return cmocka_run_group_tests_name("attempt fuses", tests, NULL, NULL);
}
