/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/digest.h"
#include "profiles/firmware/esp_image.h"
#include "profiles/firmware/firmware_version.h"
#include "profiles/firmware/image_make.h"

static void test_sound_image(void **state)
{
    const struct image_wish wish = {.payload = 1000, .seed = 3, .version = "2.5.1", .project = "lamp"};
    struct firmware_version v;
    struct esp_image image;
    const char *why;
    size_t size;
    uint8_t *b = image_make(&wish, &size);

    (void)state;
    assert_int_equal(esp_image_parse(b, size, &image, &why), 0);
    assert_int_equal(image.size, size);
    assert_int_equal(image.chip_id, 0);
    assert_int_equal(image.segments, 1);
    assert_true(image.has_sha256);
    assert_true(image.has_descriptor);
    assert_string_equal(image.version, "2.5.1");
    assert_string_equal(image.project, "lamp");
    firmware_version_find(b, size, &v);
    assert_string_equal(v.version, "2.5.1");
    assert_string_equal(v.origin, "app descriptor");
    free(b);
}

/* By hand from the format's description: one segment of 4 bytes, no hash. Checksum EF ^ 01 ^ 02 ^ 04 ^ 08 = E0. */
static void test_image_by_hand(void **state)
{
    uint8_t b[48] = {0xE9, 1, 2, 0x20};
    struct esp_image image;
    const char *why;

    (void)state;
    b[0x1c] = 4;
    b[0x20] = 1;
    b[0x21] = 2;
    b[0x22] = 4;
    b[0x23] = 8;
    b[47] = 0xE0;
    assert_int_equal(esp_image_parse(b, sizeof b, &image, &why), 0);
    assert_int_equal(image.size, 48);
    assert_false(image.has_sha256);
    assert_false(image.has_descriptor);
    b[47] = 0xE1;
    assert_int_equal(esp_image_parse(b, sizeof b, &image, &why), -1);
    assert_non_null(strstr(why, "bad checksum"));
    b[0x1d] = 0xff;
    b[0x1e] = 0xff;
    b[0x1f] = 0xff;
    assert_int_equal(esp_image_parse(b, sizeof b, &image, &why), -1);
    assert_non_null(strstr(why, "cut short"));
}

static void test_damage(void **state)
{
    const struct image_wish wish = {.payload = 1000, .seed = 3};
    struct esp_image image;
    const char *why;
    size_t size;
    uint8_t *b = image_make(&wish, &size);

    (void)state;
    b[100] ^= 1;
    assert_int_equal(esp_image_parse(b, size, &image, &why), -1);
    assert_non_null(strstr(why, "bad checksum"));
    b[101] ^= 1; /* the checksum is blind to this pair, the hash is not */
    assert_int_equal(esp_image_parse(b, size, &image, &why), -1);
    assert_non_null(strstr(why, "bad SHA-256"));
    b[100] ^= 1;
    b[101] ^= 1;
    assert_int_equal(esp_image_parse(b, size, &image, &why), 0);
    for (size_t n = 0; n < size; n++) {
        uint8_t *cut = malloc(n > 0 ? n : 1);

        memcpy(cut, b, n);
        assert_int_equal(esp_image_parse(cut, n, &image, &why), -1);
        free(cut);
    }
    b[0] = 0xE8;
    assert_int_equal(esp_image_parse(b, size, &image, &why), -1);
    assert_non_null(strstr(why, "not an ESP32 image"));
    free(b);
}

static void check_banner(const char *banner, const char *version, const char *board, const char *origin)
{
    const struct image_wish wish = {.payload = 4000, .seed = 5, .banner = banner};
    struct firmware_version v;
    size_t size;
    uint8_t *b = image_make(&wish, &size);

    firmware_version_find(b, size, &v);
    assert_string_equal(v.version, version);
    assert_string_equal(v.board, board);
    assert_string_equal(v.origin, origin);
    free(b);
}

static void test_banners(void **state)
{
    (void)state;
    check_banner("Pycom MicroPython 1.20.2.r4 [v1.11-ffb0e1c] on 2021-01-12; LoPy4 with ESP32", "1.20.2.r4",
                 "LoPy4", "Pycom strings");
    check_banner("MicroPython v1.12 on 2020-03-15; TinyPICO with ESP32-PICO-D4", "v1.12", "TinyPICO",
                 "MicroPython strings");
    check_banner("Pycom MicroPython without a board", "", "", "none");
    check_banner("MicroPython ; x with ESP32", "", "", "none");
    check_banner("MicroPython 1.0 on 2020; with ESP32", "", "", "none");
    check_banner("MicroPython 1.0 on 2020;  with ESP32", "", "", "none");
    check_banner(NULL, "", "", "none");
}

static void test_names(void **state)
{
    char v[64];

    (void)state;
    firmware_version_of_name("WiPy-1.18.1.r1.tar.gz", v, sizeof v);
    assert_string_equal(v, "1.18.1.r1");
    firmware_version_of_name("micropython-tinypico-1.12.bin", v, sizeof v);
    assert_string_equal(v, "1.12");
    firmware_version_of_name("WiPy-1.20.1.r1-0.7.0.tar", v, sizeof v);
    assert_string_equal(v, "1.20.1.r1-0.7.0");
    firmware_version_of_name("firmware.bin", v, sizeof v);
    assert_string_equal(v, "");
    firmware_version_of_name("a-", v, sizeof v);
    assert_string_equal(v, "");
    firmware_version_of_name("a-1", v, 1);
    assert_string_equal(v, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_sound_image),
                                       cmocka_unit_test(test_image_by_hand), cmocka_unit_test(test_damage),
                                       cmocka_unit_test(test_banners), cmocka_unit_test(test_names)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
