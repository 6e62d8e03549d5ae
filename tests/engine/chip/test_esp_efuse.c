/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a chip's eFuses say, field by field where Espressif's tables have them: a wrong place here would record, and hold boards
 * against, what was never burnt. And no word of a block of keys is ever asked for.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "engine/chip/esp_efuse.h"
#include "profiles/firmware/chip_kind.h"
#include "tests/engine/chip/efuse_fields.h"

#define COUNT(a)     (sizeof(a) / sizeof(a)[0])
#define FIELDS(chip) chip##_fields, COUNT(chip##_fields)

static const struct {
    const char *chip;
    const struct field *fields;
    size_t count, blocks;
    int revision;
} chips[] = {
    {"esp32", FIELDS(esp32), 3, 100},     {"esp32s2", FIELDS(esp32s2), 6, 100},
    {"esp32s3", FIELDS(esp32s3), 6, 2},   {"esp32c2", FIELDS(esp32c2), 1, 101},
    {"esp32c3", FIELDS(esp32c3), 6, 3},   {"esp32c5", FIELDS(esp32c5), 6, 100},
    {"esp32c6", FIELDS(esp32c6), 6, 2},   {"esp32c61", FIELDS(esp32c61), 6, 100},
    {"esp32h2", FIELDS(esp32h2), 6, 2},   {"esp32h21", FIELDS(esp32h21), 6, 2},
    {"esp32p4", FIELDS(esp32p4), 6, 103},
};

struct read_out {
    uint32_t words[FUSE_WORDS_MAX];
    struct efuse_reading reading;
    struct efuse_line lines[EFUSE_LINES_MAX];
    size_t count;
};

static void begin(struct read_out *r, const char *chip, int revision)
{
    memset(r, 0, sizeof *r);
    r->reading = (struct efuse_reading){esp_target_by_name(chip), r->words, revision};
    assert_non_null(r->reading.target);
}

static void burn(struct read_out *r, uint16_t at, unsigned shift, uint64_t value)
{
    uint16_t places[FUSE_WORDS_MAX];
    size_t count = esp_target_words(r->reading.target, places);

    for (size_t i = 0; i < count; i++) {
        if (places[i] != at)
            continue;
        r->words[i] |= (uint32_t)(value << shift);
        return;
    }
    fail_msg("the word at 0x%x is not read", at);
}

static void list(struct read_out *r)
{
    r->count = esp_efuse_list(&r->reading, r->lines);
}

static const struct efuse_line *line_of(const struct read_out *r, const char *name)
{
    for (size_t i = 0; i < r->count; i++)
        if (strcmp(r->lines[i].name, name) == 0)
            return &r->lines[i];
    fail_msg("no line %s", name);
    return NULL;
}

static void is(const struct read_out *r, const char *name, const char *value, const char *meaning)
{
    const struct efuse_line *l = line_of(r, name);

    assert_string_equal(l->value, value);
    assert_string_equal(l->meaning, meaning);
}

/* One field burnt whole: it alone is not 0. Protections have the blocks of keys as lines of their own. */
static void check_field(size_t chip, const struct field *f)
{
    uint64_t ones = ((uint64_t)1 << f->width) - 1;
    struct read_out r;

    begin(&r, chips[chip].chip, chips[chip].revision);
    burn(&r, f->at, f->shift, ones);
    list(&r);
    for (size_t i = 0; i < chips[chip].count; i++) {
        uint64_t value = strtoull(r.lines[i].value, NULL, 0);
        bool here = strcmp(r.lines[i].name, f->name) == 0;

        if (value != (here ? ones : 0))
            fail_msg("%s: %s burnt, %s reads %s", chips[chip].chip, f->name, r.lines[i].name,
                     r.lines[i].value);
    }
    line_of(&r, f->name);
}

static void each_field_is_where_the_tables_have_it(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(chips); i++) {
        struct read_out r;

        begin(&r, chips[i].chip, chips[i].revision);
        list(&r);
        assert_int_equal(r.count, chips[i].count + chips[i].blocks);
        for (size_t k = 0; k < chips[i].count; k++)
            check_field(i, &chips[i].fields[k]);
    }
}

/* Offsets of the blocks of keys: ESP32 BLK1 and BLK2, C2 BLK3, others BLK4 to BLK9. */
static void no_word_of_a_key_is_read(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(chips); i++) {
        const struct esp_target *t = esp_target_by_name(chips[i].chip);
        bool first = strcmp(chips[i].chip, "esp32") == 0, c2 = strcmp(chips[i].chip, "esp32c2") == 0;
        uint16_t from = first ? 0x38 : c2 ? 0x60 : 0x9C, to = first ? 0x78 : c2 ? 0x80 : 0x15C;
        uint16_t at[FUSE_WORDS_MAX];
        size_t count = esp_target_words(t, at);

        assert_true(count < FUSE_WORDS_MAX); /* else some may have been left out */
        for (size_t k = 0; k < count; k++)
            assert_false(at[k] >= from && at[k] < to);
    }
}

/* Lower bits of read protection: the blocks in their order; the C2 has a bit for each half of its one. */
static void blocks_of_keys_tell_their_protection(void **state)
{
    struct read_out r;

    (void)state;
    begin(&r, "esp32", 100);
    burn(&r, 0x00, 0, 1u << 7 | 1u << 9 | 1u << 16 | 1u << 17);
    list(&r);
    is(&r, "BLOCK1", "-/-", "read- and write-protected");
    is(&r, "BLOCK2", "-/W", "read-protected");
    is(&r, "BLOCK3", "R/-", "write-protected");
    begin(&r, "esp32s3", 2);
    burn(&r, 0x2C, 0, 1u << 28);
    burn(&r, 0x30, 0, 1u << 1);
    list(&r);
    is(&r, "BLOCK_KEY0", "R/W", "not protected");
    is(&r, "BLOCK_KEY1", "-/W", "read-protected");
    is(&r, "BLOCK_KEY5", "R/-", "write-protected");
    begin(&r, "esp32c2", 101);
    burn(&r, 0x2C, 0, 1u << 7);
    burn(&r, 0x30, 0, 1);
    list(&r);
    is(&r, "BLOCK_KEY0", "-/-", "half of it read-protected");
}

static void a_value_has_its_meaning(void **state)
{
    struct read_out r;

    (void)state;
    begin(&r, "esp32c3", 3);
    burn(&r, 0x34, 18, 3); /* two bits: off again */
    burn(&r, 0x30, 16, 7);
    burn(&r, 0x3C, 6, 3);
    burn(&r, 0x34, 24, 4);
    burn(&r, 0x34, 28, 9);
    burn(&r, 0x38, 0, 1);
    list(&r);
    is(&r, "SPI_BOOT_CRYPT_CNT", "3", "");
    is(&r, "SOFT_DIS_JTAG", "7", "JTAG is off until a key opens it");
    is(&r, "DIS_PAD_JTAG", "0", "");
    is(&r, "UART_PRINT_CONTROL", "3", "the ROM never prints");
    is(&r, "KEY_PURPOSE_0", "4", "XTS_AES_128_KEY");
    is(&r, "KEY_PURPOSE_1", "9", "SECURE_BOOT_DIGEST0");
    is(&r, "KEY_PURPOSE_2", "1", "reserved");
    is(&r, "KEY_PURPOSE_3", "0", "no purpose");
    begin(&r, "esp32", 100);
    burn(&r, 0x00, 20, 7);
    burn(&r, 0x18, 0, 1);
    list(&r);
    is(&r, "FLASH_CRYPT_CNT", "7", "flash encryption is on");
    is(&r, "CODING_SCHEME", "1", "3/4");
    is(&r, "UART_DOWNLOAD_DIS", "0", "");
}

/* Before v3.0 a P4 has the setting of a regulator where purposes have their fifth bit since. */
static void purposes_are_wider_from_a_revision_on(void **state)
{
    struct read_out r;

    (void)state;
    for (int revision = 103; revision <= 300; revision += 197) {
        begin(&r, "esp32p4", revision);
        burn(&r, 0x3C, 27, 1);
        burn(&r, 0x40, 4, 1);
        burn(&r, 0x38, 12, 1);
        list(&r);
        is(&r, "KEY_PURPOSE_0", revision < 300 ? "0" : "16",
           revision < 300 ? "no purpose" : "ECDSA_KEY_P192");
        is(&r, "KEY_PURPOSE_5", revision < 300 ? "1" : "17",
           revision < 300 ? "ECDSA_KEY" : "ECDSA_KEY_P384_L");
    }
}

/* By what espefuse's set-flash-voltage burns. */
static void the_flashs_supply_is_told_in_a_word(void **state)
{
    static const struct {
        const char *chip;
        uint16_t at;
        unsigned force, on, high;
    } rows[] = {{"esp32", 0x10, 16, 14, 15}, {"esp32s2", 0x34, 6, 4, 5}, {"esp32s3", 0x34, 6, 4, 5}};
    static const char *const words[8] = {"pin", "pin", "pin", "pin", "off", "1.8V", "off", "3.3V"};

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        for (unsigned k = 0; k < 8; k++) {
            struct read_out r;

            begin(&r, rows[i].chip, 100);
            burn(&r, rows[i].at, rows[i].force, k >> 2 & 1);
            burn(&r, rows[i].at, rows[i].high, k >> 1 & 1);
            burn(&r, rows[i].at, rows[i].on, k & 1);
            assert_string_equal(esp_efuse_supply(&r.reading), words[k]);
        }
    }
    for (size_t i = 3; i < COUNT(chips); i++) {
        struct read_out r;

        begin(&r, chips[i].chip, 100);
        assert_null(esp_efuse_supply(&r.reading));
    }
    for (size_t i = 0; i < COUNT(chips); i++) /* what a job may require of it */
        assert_int_equal(chip_kind_by_name(chips[i].chip)->has_supply_fuses, i < 3);
}

/* With all that can be burnt, so at its longest. */
static void the_text_for_the_records_is_whole(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(chips); i++) {
        char text[EFUSE_TEXT_SIZE], *rest = text;
        struct read_out r;
        size_t words = 0;

        begin(&r, chips[i].chip, 315);
        memset(r.words, 0xFF, sizeof r.words);
        list(&r);
        esp_efuse_text(&r.reading, text);
        print_message("%s: %zu\n", chips[i].chip, strlen(text));
        assert_true(strlen(text) < sizeof text - 1);
        for (char *word = strtok_r(text, " ", &rest); word != NULL; word = strtok_r(NULL, " ", &rest)) {
            char want[64];

            snprintf(want, sizeof want, "%s=%s", r.lines[words].name, r.lines[words].value);
            assert_string_equal(word, want);
            words++;
        }
        assert_int_equal(words, chips[i].count);
    }
}

static void a_name_is_the_chips_own(void **state)
{
    (void)state;
    assert_string_equal(esp_efuse_name(esp_target_by_name("esp32"), FUSE_JTAG_OFF), "JTAG_DISABLE");
    assert_string_equal(esp_efuse_name(esp_target_by_name("esp32s2"), FUSE_JTAG_OFF), "HARD_DIS_JTAG");
    assert_string_equal(esp_efuse_name(esp_target_by_name("esp32c2"), FUSE_JTAG_OFF), "DIS_PAD_JTAG");
    assert_string_equal(esp_efuse_name(esp_target_by_name("esp32"), FUSE_DOWNLOAD_OFF), "UART_DOWNLOAD_DIS");
    assert_null(esp_efuse_name(esp_target_by_name("esp32c2"), FUSE_SUPPLY_FORCE));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_field_is_where_the_tables_have_it),
        cmocka_unit_test(no_word_of_a_key_is_read),
        cmocka_unit_test(blocks_of_keys_tell_their_protection),
        cmocka_unit_test(a_value_has_its_meaning),
        cmocka_unit_test(purposes_are_wider_from_a_revision_on),
        cmocka_unit_test(the_flashs_supply_is_told_in_a_word),
        cmocka_unit_test(the_text_for_the_records_is_whole),
        cmocka_unit_test(a_name_is_the_chips_own),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
