/* SPDX-License-Identifier: Apache-2.0 */
/* If this failed, the hash in a record would not say which bytes a unit was given, or keys would stay behind in memory. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <string.h>

#include "base/unit_data.h"

static struct unit_data d;

static void expect_hash(const char *want)
{
    char got[SHA256_TEXT_SIZE];

    unit_data_seal(&d);
    digest_hex(d.sha256, SHA256_SIZE, got);
    assert_string_equal(got, want);
}

/* By Python's hashlib and struct.pack("<IIB") over the same two writes. */
static void its_hash_is_of_places_kinds_and_bytes(void **state)
{
    static const uint8_t a5[5] = {0xA5, 0xA5, 0xA5, 0xA5, 0xA5};

    (void)state;
    expect_hash("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    assert_int_equal(unit_data_add(&d, "serial", UNIT_PATCH, 0x3F0000, (const uint8_t *)"SN-1\0\0\0\0", 8),
                     0);
    assert_int_equal(unit_data_add(&d, "nvs", UNIT_IMAGE, 0x9000, a5, 5), 0);
    expect_hash("88cd2238ee5d54ef0c23664c4de9c1931c34bb2bd46eaf4f57046025fbd27d9e");
    d.writes[1].kind = UNIT_PATCH;
    unit_data_seal(&d);
    assert_int_not_equal(d.sha256[0], 0x88);
    unit_data_wipe(&d);
    assert_int_equal(d.count, 0);
    assert_int_equal(d.bytes, 0);
}

static void it_is_bounded(void **state)
{
    static uint8_t large[UNIT_BYTES_MAX];

    (void)state;
    assert_int_equal(unit_data_add(&d, "x", UNIT_PATCH, 0, large, 0), -EINVAL);
    assert_int_equal(unit_data_add(&d, "x", UNIT_PATCH, 0xFFFFFFF0, large, 0x20), -EINVAL);
    assert_int_equal(unit_data_add(&d, "a name of thirty-two bytes, one t", UNIT_PATCH, 0, large, 1),
                     -EINVAL);
    assert_int_equal(unit_data_add(&d, "x", UNIT_IMAGE, 0, large, sizeof large), 0);
    assert_int_equal(unit_data_add(&d, "y", UNIT_PATCH, 0, large, 1), -ENOSPC);
    unit_data_wipe(&d);
    for (int i = 0; i < UNIT_WRITES_MAX; i++)
        assert_int_equal(unit_data_add(&d, "x", UNIT_PATCH, (uint32_t)i, large, 1), 0);
    assert_int_equal(unit_data_add(&d, "x", UNIT_PATCH, 99, large, 1), -ENOSPC);
    assert_int_equal(d.count, UNIT_WRITES_MAX);
    unit_data_wipe(&d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(its_hash_is_of_places_kinds_and_bytes),
        cmocka_unit_test(it_is_bounded),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
