/* SPDX-License-Identifier: Apache-2.0 */
/* If this failed, a board would be given other bytes than its job and the pools say, or a key would be told in a failure. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "profiles/unit/unit_encode.h"
#include "profiles/unit/unit_template.h"

static const struct mac mac = {{0x24, 0x0A, 0xC4, 0x00, 0x00, 0x03}};

static int value(void *ctx, enum unit_source source, const char *pool, char *out, size_t size,
                 struct failure *f)
{
    (void)ctx;
    if (source == UNIT_POOL && strcmp(pool, "empty") == 0)
        return failure_set(f, HOLD_LOT_FULL, STAGE_GATE, 0, "as the pool says");
    if (source == UNIT_POOL && strcmp(pool, "long") == 0) {
        memset(out, 'x', size - 1);
        out[size - 1] = '\0';
        return 0;
    }
    snprintf(out, size, "%s", source == UNIT_SERIAL ? "SN-7" : source == UNIT_LOT ? "L1" : pool);
    return 0;
}

static const struct unit_filler filler = {NULL, &mac, value};

static void words_are_filled(void **state)
{
    static const struct {
        const char *text, *want;
    } rows[] = {
        {"{mac}", "24:0a:c4:00:00:03"},
        {"{mac:hex}", "240ac4000003"},
        {"{serial}/{lot}", "SN-7/L1"},
        {"a {pool:eui} b {pool:key-2}", "a eui b key-2"},
        {"{{{serial}}}", "{SN-7}"},
        {"}}{{", "}{"},
        {"plain", "plain"},
    };
    char out[UNIT_VALUE_SIZE], why[UNIT_WHY_SIZE];

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct failure f = {0};

        assert_null(unit_template_trouble(rows[i].text, why, sizeof why));
        assert_int_equal(unit_template_fill(rows[i].text, &filler, out, &f), 0);
        assert_string_equal(out, rows[i].want);
        assert_int_equal(unit_template_has_words(rows[i].text), i < 5);
    }
}

static void pools_are_listed(void **state)
{
    char pool[UNIT_POOL_SIZE];

    (void)state;
    assert_true(unit_template_pool("{pool:a}{mac}{pool:b}", 1, pool));
    assert_string_equal(pool, "b");
    assert_false(unit_template_pool("{pool:a}{mac}{pool:b}", 2, pool));
    assert_false(unit_template_pool("{{pool:a}}", 0, pool));
}

/* 4,094 bytes of a value leave room for two more and no third. */
static void what_does_not_fit_is_refused_and_not_told(void **state)
{
    char out[UNIT_VALUE_SIZE];
    struct failure f = {0};

    (void)state;
    assert_int_equal(unit_template_fill("{pool:empty}", &filler, out, &f), -1);
    assert_int_equal(f.code, HOLD_LOT_FULL);
    assert_int_equal(unit_template_fill("{pool:long}", &filler, out, &f), 0);
    assert_int_equal(strlen(out), UNIT_VALUE_SIZE - 1);
    assert_int_equal(unit_template_fill("{pool:long}x", &filler, out, &f), -1);
    assert_int_equal(f.code, FAIL_JOB);
    assert_null(strstr(f.detail, "xx"));
    assert_int_equal(unit_template_fill("{serial}", NULL, out, &f), -1);
}

static void fields_are_encoded(void **state)
{
    static const struct {
        enum unit_form form;
        bool big;
        size_t size;
        const char *text;
        uint8_t want[8];
    } rows[] = {
        {UNIT_FORM_TEXT, false, 6, "SN-7", "SN-7\0\0"},
        {UNIT_FORM_TEXT, false, 4, "SN-7", "SN-7"},
        {UNIT_FORM_HEX, false, 8, "70B3D5499a0b0C0d", "\x70\xB3\xD5\x49\x9A\x0B\x0C\x0D"},
        {UNIT_FORM_HEX, false, 8, "70-B3-D5-49-9a-0b-0c-0d", "\x70\xB3\xD5\x49\x9A\x0B\x0C\x0D"},
        {UNIT_FORM_HEX, false, 6, "24:0a:c4:00:00:03", "\x24\x0A\xC4\x00\x00\x03"},
        {UNIT_FORM_INTEGER, false, 2, "513", "\x01\x02"},
        {UNIT_FORM_INTEGER, true, 2, "513", "\x02\x01"},
        {UNIT_FORM_INTEGER, true, 4, "0xDEADBEEF", "\xDE\xAD\xBE\xEF"},
        {UNIT_FORM_INTEGER, false, 1, "255", "\xFF"},
        {UNIT_FORM_INTEGER, false, 1, "-128", "\x80"},
        {UNIT_FORM_INTEGER, true, 4, "-2", "\xFF\xFF\xFF\xFE"},
        {UNIT_FORM_INTEGER, false, 8, "18446744073709551615", "\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF"},
        {UNIT_FORM_INTEGER, true, 8, "-9223372036854775808", "\x80\0\0\0\0\0\0\0"},
        {UNIT_FORM_INTEGER, false, 4, "007", "\x07\0\0\0"},
    };
    static const struct {
        enum unit_form form;
        size_t size;
        const char *text;
    } bad[] = {
        {UNIT_FORM_TEXT, 3, "SN-7"},    {UNIT_FORM_TEXT, 3, ""},
        {UNIT_FORM_HEX, 2, "001"},      {UNIT_FORM_HEX, 2, "00::11"},
        {UNIT_FORM_HEX, 2, "0011:"},    {UNIT_FORM_HEX, 2, "001122"},
        {UNIT_FORM_HEX, 2, "00"},       {UNIT_FORM_INTEGER, 1, "256"},
        {UNIT_FORM_INTEGER, 1, "-129"}, {UNIT_FORM_INTEGER, 4, "1e3"},
        {UNIT_FORM_INTEGER, 4, "-"},    {UNIT_FORM_INTEGER, 4, "0x"},
        {UNIT_FORM_INTEGER, 4, " 1"},   {UNIT_FORM_INTEGER, 8, "18446744073709551616"},
    };
    char why[UNIT_WHY_SIZE];
    uint8_t out[16];

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const struct unit_item item = {.form = rows[i].form, .big_endian = rows[i].big};

        memset(out, 0xEE, sizeof out);
        assert_null(unit_encode_field(&item, rows[i].text, out, rows[i].size, why));
        assert_memory_equal(out, rows[i].want, rows[i].size);
        assert_int_equal(out[rows[i].size], 0xEE);
    }
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        const struct unit_item item = {.form = bad[i].form};

        assert_non_null(unit_encode_field(&item, bad[i].text, out, bad[i].size, why));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(words_are_filled),
        cmocka_unit_test(pools_are_listed),
        cmocka_unit_test(what_does_not_fit_is_refused_and_not_told),
        cmocka_unit_test(fields_are_encoded),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
