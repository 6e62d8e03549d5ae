/* SPDX-License-Identifier: Apache-2.0 */
/* label: scenario */
/*
 * A board asked what is burnt into it: each chip's fuses as the virtual boards have them, whose table is apart from the engine's.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "engine/board/board_ask.h"
#include "sim/board/sim_chip.h"
#include "tests/support/sim_bench.h"

/* A virtual board of that chip and personality, asked as `efuse show` asks. */
static void ask(const char *chip, const char *personality, struct esp_chip *out)
{
    char words[64];
    struct sim_tray_config c = {
        .count = 1, .chips = chip, .revision = 1, .flash_size = 1 << 20, .seed = 4, .personalities = words};
    struct sim_bench b;
    struct failure f = {0};

    snprintf(words, sizeof words, "1=%s", personality);
    sim_bench_init_tray(&b, &c);
    if (board_ask(&b.session, out, &f) < 0)
        fail_msg("%s, %s: %s", chip, personality, f.detail);
    sim_bench_done(&b);
}

static const char *value_of(const struct efuse_line *lines, size_t count, const char *name)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(lines[i].name, name) == 0)
            return lines[i].value;
    return NULL;
}

/* Of the names that a chip may have for it the one that it has. */
static void check_value(const struct esp_chip *c, const char *const names[4], const char *value)
{
    const struct efuse_reading r = esp_chip_fuses(c);
    struct efuse_line lines[EFUSE_LINES_MAX];
    size_t count = esp_efuse_list(&r, lines);

    for (size_t i = 0; i < 4 && names[i] != NULL; i++) {
        const char *found = value_of(lines, count, names[i]);

        if (found == NULL)
            continue;
        if (strcmp(found, value) != 0)
            fail_msg("%s: %s is %s, not %s", c->id, names[i], found, value);
        return;
    }
    fail_msg("%s: no %s", c->id, names[0]);
}

static const struct {
    const char *personality;
    const char *names[4];
    const char *burnt, *blank;
    uint32_t security;
} burnt[] = {
    {"encrypted", {"FLASH_CRYPT_CNT", "SPI_BOOT_CRYPT_CNT"}, "1", "0", SECURITY_FLASH_ENCRYPTED},
    {"jtag-off", {"JTAG_DISABLE", "HARD_DIS_JTAG", "DIS_PAD_JTAG"}, "1", "0", SECURITY_JTAG_DISABLED},
    {"key-burnt", {"BLOCK1", "BLOCK_KEY0"}, "-/-", "R/W", 0},
};

static void what_each_chip_has_burnt_is_told(void **state)
{
    static const char *const purpose[4] = {"KEY_PURPOSE_0"};
    const struct sim_chip *chip;

    (void)state;
    for (size_t i = 0; (chip = sim_chip_at(i)) != NULL; i++) {
        struct esp_chip good, c;

        ask(chip->name, "good", &good);
        assert_int_equal(good.unit.security, 0);
        for (size_t k = 0; k < sizeof burnt / sizeof burnt[0]; k++) {
            ask(chip->name, burnt[k].personality, &c);
            check_value(&c, burnt[k].names, burnt[k].burnt);
            check_value(&good, burnt[k].names, burnt[k].blank);
            assert_string_not_equal(c.unit.efuse, good.unit.efuse);
            assert_int_equal(c.unit.security, burnt[k].security);
        }
        /* Of the last one. The first chip's keys and the C2's one have no purposes. */
        if (strstr(c.unit.efuse, "KEY_PURPOSE_5=") != NULL)
            check_value(&c, purpose, "4");
        else
            assert_true(strcmp(c.id, "esp32") == 0 || strcmp(c.id, "esp32c2") == 0);
    }
}

static void the_supply_of_the_flash_is_told_where_it_can_be_burnt(void **state)
{
    static const char *const chips[] = {"esp32", "esp32s2", "esp32s3", "esp32c3"},
                             *const personalities[] = {"good", "vdd-1v8", "vdd-3v3"},
                             *const words[] = {"pin", "1.8V", "3.3V"};

    (void)state;
    for (size_t i = 0; i < 4; i++) {
        for (size_t k = 0; k < 3; k++) {
            struct esp_chip c;

            ask(chips[i], personalities[k], &c);
            const struct efuse_reading r = esp_chip_fuses(&c);
            if (i < 3)
                assert_string_equal(esp_efuse_supply(&r), words[k]);
            else
                assert_null(esp_efuse_supply(&r));
        }
    }
}

/* What powers the flash may be just what is looked for. */
static void a_flash_that_does_not_answer_hides_nothing(void **state)
{
    struct esp_chip c;

    (void)state;
    ask("esp32", "flash-id-bad", &c);
    assert_string_equal(c.id, "esp32");
    assert_int_equal(c.unit.flash_size, 0);
    assert_non_null(strstr(c.unit.efuse, "PKG_VERSION="));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_each_chip_has_burnt_is_told),
        cmocka_unit_test(the_supply_of_the_flash_is_told_where_it_can_be_burnt),
        cmocka_unit_test(a_flash_that_does_not_answer_hides_nothing),
    };

    return cmocka_run_group_tests_name("board ask", tests, NULL, NULL);
}
