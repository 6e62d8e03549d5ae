/* SPDX-License-Identifier: Apache-2.0 */
/* A number that a person wrote reaches a board as that number, or is refused. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "profiles/unit/nvs_value.h"

static enum nvs_type type_of(const char *name)
{
    enum nvs_type type;

    if (!nvs_type_named(name, &type))
        fail_msg("%s is no type", name);
    return type;
}

static void test_types(void **state)
{
    enum nvs_type type = NVS_BLOB;

    (void)state;
    /* Codes of "Structure of Entry" and the enumeration it refers to. */
    assert_int_equal(type_of("u8"), 0x01);
    assert_int_equal(type_of("i64"), 0x18);
    assert_int_equal(type_of("string"), 0x21);
    assert_string_equal(nvs_type_name(type_of("i16")), "i16");
    assert_string_equal(nvs_type_name((enum nvs_type)0x42), "?");
    assert_false(nvs_type_named("U8", &type));
    assert_false(nvs_type_named("", &type));
    assert_int_equal(type, NVS_BLOB);
}

static void test_numbers(void **state)
{
    static const struct {
        const char *type, *text;
        int width; /* or the error */
        uint8_t bytes[8];
    } rows[] = {
        {"u8", "0", 1, {0}},
        {"u8", "255", 1, {0xff}},
        {"u8", "0xfF", 1, {0xff}},
        {"u8", "256", -ERANGE, {0}},
        {"u8", "-1", -ERANGE, {0}},
        {"u8", "-0", 1, {0}},
        {"i8", "127", 1, {0x7f}},
        {"i8", "128", -ERANGE, {0}},
        {"i8", "0xff", -ERANGE, {0}},
        {"i8", "-128", 1, {0x80}},
        {"i8", "-0x80", 1, {0x80}},
        {"i8", "-129", -ERANGE, {0}},
        {"u16", "0X1234", 2, {0x34, 0x12}},
        {"u16", "65536", -ERANGE, {0}},
        {"i16", "-2", 2, {0xfe, 0xff}},
        {"i16", "-32769", -ERANGE, {0}},
        {"u32", "4294967295", 4, {0xff, 0xff, 0xff, 0xff}},
        {"u32", "4294967296", -ERANGE, {0}},
        {"i32", "-2147483648", 4, {0, 0, 0, 0x80}},
        {"i32", "2147483648", -ERANGE, {0}},
        {"u64", "18446744073709551615", 8, {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff}},
        {"u64", "18446744073709551616", -ERANGE, {0}},
        {"u64", "0x10000000000000000", -ERANGE, {0}},
        {"u64", "99999999999999999999999", -ERANGE, {0}},
        {"i64", "9223372036854775807", 8, {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f}},
        {"i64", "9223372036854775808", -ERANGE, {0}},
        {"i64", "-9223372036854775808", 8, {0, 0, 0, 0, 0, 0, 0, 0x80}},
        {"i64", "-9223372036854775809", -ERANGE, {0}},
        {"u32", "007", 4, {7, 0, 0, 0}},
        {"u32", "", -EINVAL, {0}},
        {"u32", "-", -EINVAL, {0}},
        {"u32", "0x", -EINVAL, {0}},
        {"u32", "--1", -EINVAL, {0}},
        {"u32", "+1", -EINVAL, {0}},
        {"u32", " 1", -EINVAL, {0}},
        {"u32", "1 ", -EINVAL, {0}},
        {"u32", "1a", -EINVAL, {0}},
        {"u32", "0xg", -EINVAL, {0}},
        {"u64", "99999999999999999999999x", -EINVAL, {0}},
        {"string", "1", -EINVAL, {0}},
        {"blob", "1", -EINVAL, {0}},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        uint8_t out[NVS_NUMBER_MAX] = {0};
        int width = nvs_number(type_of(rows[i].type), rows[i].text, out);

        if (width != rows[i].width || (width > 0 && memcmp(out, rows[i].bytes, (size_t)width) != 0))
            fail_msg("%s '%s': %d, first byte %02x", rows[i].type, rows[i].text, width, out[0]);
    }
}

static void test_ranges(void **state)
{
    static const char *const rows[][2] = {{"u8", "0 to 255"},
                                          {"i16", "-32768 to 32767"},
                                          {"u64", "0 to 18446744073709551615"},
                                          {"i64", "-9223372036854775808 to 9223372036854775807"},
                                          {"blob", ""}};
    char text[NVS_RANGE_SIZE];

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        nvs_number_range(type_of(rows[i][0]), text);
        assert_string_equal(text, rows[i][1]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_types),
        cmocka_unit_test(test_numbers),
        cmocka_unit_test(test_ranges),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
