/* SPDX-License-Identifier: Apache-2.0 */
/* Each personality of a virtual board is what its name says. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "sim/board/sim_personality.h"
#include "tests/support/board_host.h"

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
        {"secure-boot-2", 0x3ff5a018, 0x30, 0x20},
        {"encrypted", 0x3ff5a000, 0x07f00000, 0x00100000},
        {"download-disabled", 0x3ff5a000, 0x08000000, 0x08000000},
        {"blank-mac", 0x3ff5a004, 0xffffffff, 0},
    };
    uint32_t v;
    for (size_t i = 0; i < sizeof fuses / sizeof fuses[0]; i++) {
        struct board_host h;
        const struct sim_board_config c = host_board(fuses[i].name);
        host_start(&h, &c);
        host_sync(&h);
        assert_true(host_reads(&h, fuses[i].address, &v));
        assert_int_equal(v & fuses[i].mask, fuses[i].value);
        host_end(&h);
    }
}

static void mute_personalities_never_synchronise(void **state)
{
    (void)state;
    static const char *const names[] = {"silent", "deaf", "garbage-banner", "runs-app", "brownout"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        struct board_host h;
        char text[4096];
        const struct sim_board_config c = host_board(names[i]);
        host_start(&h, &c);
        size_t n = host_boot_text(&h, true, text, sizeof text);
        assert_true((n == 0) == (strcmp(names[i], "silent") == 0));
        assert_true((strstr(text, "waiting for download") != NULL) == (i == 1 || i == 4));
        assert_true((strstr(text, "Brownout detector") != NULL) == (i == 4));
        uint32_t v;
        host_sync(&h);
        assert_false(host_reads(&h, 0x40001000, &v));
        host_end(&h);
    }
}

static void a_dying_board_stops_in_its_first_large_region(void **state)
{
    (void)state;
    static const char *const names[] = {"dies-at-47", "unplugs"};
    static const uint8_t zeros[0x400];
    for (size_t i = 0; i < 2; i++) {
        struct board_host h;
        uint8_t got[64];
        const struct sim_board_config c = host_board(names[i]);
        host_start(&h, &c);
        host_sync(&h);
        const uint32_t attach[2] = {0, 0}, begin[4] = {0x10000, 64, 0x400, 0x10000};
        host_ask(&h, 0x0d, attach, 2, got);
        host_ask(&h, 0x02, begin, 4, got);
        uint32_t n = 0;
        for (host_block(&h, 0x03, 0, zeros, sizeof zeros); host_reply(&h, got, sizeof got, HOST_SECOND) == 12;
             host_block(&h, 0x03, n, zeros, sizeof zeros))
            n++;
        assert_int_equal(n, i == 0 ? 30 : 19); /* of 64 */
        assert_true(sim_board_is_gone(h.board) == (i == 1));
        host_end(&h);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_personality_is_what_its_name_says),
        cmocka_unit_test(mute_personalities_never_synchronise),
        cmocka_unit_test(a_dying_board_stops_in_its_first_large_region),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
