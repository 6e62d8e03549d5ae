/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/mac.h"

/* The MAC and its CRC as a real chip's eFuse words gave them: 3ff5a004 = c4000003, 3ff5a008 = 0002240a. */
static void crc_of_a_real_mac_is_02(void **state)
{
    (void)state;
    const struct mac m = {{0x24, 0x0a, 0xc4, 0x00, 0x00, 0x03}};
    assert_int_equal(mac_crc8(&m), 0x02);
}

static void every_usual_notation_is_the_same_mac(void **state)
{
    (void)state;
    static const char *const texts[] = {"24:0a:c4:00:00:03", "24-0A-C4-00-00-03", "240ac4000003",
                                        "240a.c400.0003"};
    const struct mac want = {{0x24, 0x0a, 0xc4, 0x00, 0x00, 0x03}};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        struct mac got;
        assert_int_equal(mac_parse(texts[i], &got), 0);
        assert_true(mac_equal(&got, &want));
    }
}

/* The form of an ESP32-C6: six bytes of its MAC, with the two of MAC_EXT in the middle. */
static void the_long_form_is_read_in_the_same_notations(void **state)
{
    (void)state;
    static const char *const texts[] = {"40:4c:ca:ff:fe:40:00:01", "40-4C-CA-FF-FE-40-00-01",
                                        "404ccafffe400001", "404c.caff.fe40.0001"};
    static const uint8_t want[EUI64_SIZE] = {0x40, 0x4c, 0xca, 0xff, 0xfe, 0x40, 0x00, 0x01};
    uint8_t got[EUI64_SIZE];
    char text[EUI64_TEXT_SIZE];
    struct mac mac;

    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        assert_int_equal(eui64_parse(texts[i], got), 0);
        assert_memory_equal(got, want, sizeof want);
        assert_int_not_equal(mac_parse(texts[i], &mac), 0);
    }
    assert_int_not_equal(eui64_parse("40:4c:ca:40:00:01", got), 0);
    assert_int_not_equal(eui64_parse("40:4c:ca:ff:fe:40:00:01:02", got), 0);
    eui64_text(want, text);
    assert_string_equal(text, texts[0]);
}

static void nonsense_is_refused(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "", "24", "24:0a:c4:00:00", "24:0a:c4:00:00:03:05", "2:40ac4000003", "zz0ac4000003"};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        struct mac got;
        assert_true(mac_parse(texts[i], &got) < 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(crc_of_a_real_mac_is_02),
        cmocka_unit_test(every_usual_notation_is_the_same_mac),
        cmocka_unit_test(the_long_form_is_read_in_the_same_notations),
        cmocka_unit_test(nonsense_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
