/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The fields of the config block stand where the firmware looks for them: a structure written from Pycom's published header
 * is the witness, laid out by the compiler and not by our table. And a change touches its own bytes alone.
 */
#include <errno.h>
#include <fnmatch.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "profiles/pycom/config_block.h"

/* Names as short as the witness needs them; members and their lengths in the order of the firmware's structure. */
struct witness {
    uint8_t eui[8], sigfox_id[4], sigfox_pac[8], sigfox_private_key[16], sigfox_public_key[16], region;
    uint8_t wifi_bits;
    uint8_t wifi_ssid[33], wifi_password[65];
    uint8_t heartbeat_bits, error_colour[3], safe_boot_colour[3], heartbeat_colour[3];
    uint8_t pybytes_token[40], pybytes_server[40], pybytes_user[100], pybytes_networks[55],
        pybytes_extra[100];
    uint8_t pybytes_force_update, pybytes_auto_start, pybytes_reserved[11];
    uint8_t unused[2];
    uint8_t watchdog_on_boot;
    uint32_t watchdog_ms; /* aligned by the compiler */
    uint8_t lte_on_boot;
    uint8_t software_version[12], file_system, boot_partition, hardware_type;
    uint8_t ap_ssid[33], ap_password[65];
    uint8_t lte_carrier[129], lte_apn[129], lte_type[17], lte_cid, lte_band, lte_reset;
    uint8_t reserved[112];
};
_Static_assert(sizeof(struct witness) == CONFIG_BLOCK_SIZE, "as the firmware's");

#define WHERE(field)                                                                \
    {                                                                               \
#field, offsetof(struct witness, field), sizeof((struct witness *)0)->field \
    }
#define BITS(name, byte)                        \
    {                                           \
        name, offsetof(struct witness, byte), 1 \
    }

static const struct {
    const char *name;
    size_t offset, size;
} places[] = {WHERE(eui),
              WHERE(sigfox_id),
              WHERE(sigfox_pac),
              WHERE(sigfox_private_key),
              WHERE(sigfox_public_key),
              WHERE(region),
              BITS("wifi_on_boot", wifi_bits),
              BITS("wifi_mode", wifi_bits),
              BITS("wifi_smart_config", wifi_bits),
              BITS("wifi_auth", wifi_bits),
              BITS("wifi_antenna", wifi_bits),
              WHERE(wifi_ssid),
              WHERE(wifi_password),
              BITS("heartbeat_on_boot", heartbeat_bits),
              WHERE(error_colour),
              WHERE(safe_boot_colour),
              WHERE(heartbeat_colour),
              WHERE(pybytes_token),
              WHERE(pybytes_server),
              WHERE(pybytes_user),
              WHERE(pybytes_networks),
              WHERE(pybytes_extra),
              WHERE(pybytes_force_update),
              WHERE(pybytes_auto_start),
              WHERE(watchdog_on_boot),
              WHERE(watchdog_ms),
              WHERE(lte_on_boot),
              WHERE(software_version),
              WHERE(file_system),
              WHERE(boot_partition),
              WHERE(hardware_type),
              WHERE(ap_ssid),
              WHERE(ap_password),
              WHERE(lte_carrier),
              WHERE(lte_apn),
              WHERE(lte_type),
              WHERE(lte_cid),
              WHERE(lte_band),
              WHERE(lte_reset)};

static void fields_stand_where_the_firmware_has_them(void **state)
{
    size_t count = sizeof places / sizeof places[0];

    (void)state;
    for (size_t i = 0; i < count; i++) {
        const struct config_field *f = config_field_at(i);
        assert_non_null(f);
        assert_string_equal(f->name, places[i].name);
        assert_int_equal(f->offset, places[i].offset);
        assert_int_equal(f->size, places[i].size);
        assert_ptr_equal(config_field_find(f->name), f);
    }
    assert_null(config_field_at(count));
    assert_null(config_field_find("lte_imei"));
    /* As published, beside what the compiler makes of the structure. */
    assert_int_equal(config_field_find("region")->offset, 52);
    assert_int_equal(config_field_find("file_system")->offset, 533);
    assert_int_equal(config_field_find("lte_reset")->offset, 911);
}

static void keys_passwords_and_tokens_are_secret(void **state)
{
    const struct config_field *f;

    (void)state;
    for (size_t i = 0; (f = config_field_at(i)) != NULL; i++) {
        bool must = strstr(f->name, "private") != NULL || strstr(f->name, "password") != NULL ||
                    strstr(f->name, "token") != NULL;
        assert_int_equal(f->secret, must);
    }
}

static uint8_t sector[CONFIG_BLOCK_SECTOR], before[CONFIG_BLOCK_SECTOR];

static int put(const char *name, const char *value, char why[static CONFIG_WHY])
{
    return config_field_put(config_field_find(name), value, NULL, sector, why);
}

/* From a sector of one byte all over to which bytes, and what is read back. */
static void values_are_written_and_read_at_their_bytes_alone(void **state)
{
    static const struct {
        const char *name, *value, *back; /* NULL: as it was given */
        size_t at, size;
        const char *bytes;
    } cases[] = {
        {"eui", "70B3D54912345678", NULL, 0, 8, "\x70\xB3\xD5\x49\x12\x34\x56\x78"},
        {"eui", "70-b3-d5-49-12-34-56-78", "70B3D54912345678", 0, 8, "\x70\xB3\xD5\x49\x12\x34\x56\x78"},
        {"eui", "70:B3:D5:49:12:34:56:78", "70B3D54912345678", 0, 8, "\x70\xB3\xD5\x49\x12\x34\x56\x78"},
        {"sigfox_id", "004D33DB", NULL, 8, 4, "\x00\x4D\x33\xDB"},
        {"region", "India", "IN865", 52, 1, "\x07"},
        {"region", "IN865", NULL, 52, 1, "\x07"},
        {"region", "7", "IN865", 52, 1, "\x07"},
        {"wifi_ssid", "shop", NULL, 54, 33, "shop\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"},
        {"pybytes_auto_start", "no", "0", 498, 1, "\x00"},
        {"watchdog_ms", "30000", NULL, 516, 4, "\x30\x75\x00\x00"},
        {"file_system", "littlefs", NULL, 533, 1, "\x01"},
        {"hardware_type", "254", NULL, 535, 1, "\xFE"},
        {"lte_band", "28", NULL, 910, 1, "\x1C"},
    };
    char why[CONFIG_WHY], back[CONFIG_VALUE_SIZE];

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        memset(sector, 0xA5, sizeof sector);
        memcpy(before, sector, sizeof sector);
        assert_int_equal(put(cases[i].name, cases[i].value, why), 0);
        memcpy(before + cases[i].at, cases[i].bytes, cases[i].size);
        assert_memory_equal(sector, before, sizeof sector);
        config_field_text(config_field_find(cases[i].name), sector, back);
        assert_string_equal(back, cases[i].back != NULL ? cases[i].back : cases[i].value);
    }
}

/* Byte 53 by hand: on_boot 1, mode ap (1 << 1), auth wpa2 (3 << 4), antenna external (1 << 7). */
static void bits_of_one_byte_are_apart(void **state)
{
    char why[CONFIG_WHY], back[CONFIG_VALUE_SIZE];

    (void)state;
    memset(sector, 0xFF, sizeof sector);
    assert_false(config_field_is_set(config_field_find("wifi_mode"), sector));
    assert_int_equal(put("wifi_on_boot", "yes", why), 0);
    assert_int_equal(sector[53], 0x01);
    assert_int_equal(put("wifi_mode", "ap", why), 0);
    assert_int_equal(put("wifi_auth", "wpa2", why), 0);
    assert_int_equal(put("wifi_antenna", "external", why), 0);
    assert_int_equal(sector[53], 0x01 | 1 << 1 | 3 << 4 | 1 << 7);
    config_field_text(config_field_find("wifi_auth"), sector, back);
    assert_string_equal(back, "wpa2");
    assert_int_equal(put("wifi_mode", "sta", why), 0);
    assert_int_equal(sector[53], 0x01 | 3 << 4 | 1 << 7);
    assert_int_equal(put("wifi_mode", "", why), -EINVAL);
    assert_int_equal(put("heartbeat_on_boot", "no", why), 0);
    assert_int_equal(sector[152], 0);
}

static void what_is_no_value_changes_nothing(void **state)
{
    static const struct {
        const char *name, *value, *why;
    } cases[] = {
        {"eui", "70B3D549", "eui: wants 8 bytes in hex, 16 digits"},
        {"eui", "70B3D5491234567", "eui: wants 8 bytes*"},
        {"eui", "70B3D5491234567890", "eui: wants 8 bytes*"},
        {"eui", "70B3D5491234567g", "eui: wants 8 bytes*"},
        {"eui", "70B3D54912345678-", "eui: wants 8 bytes*"},
        {"eui", "FFFFFFFFFFFFFFFF", "eui: nothing but zeros or FF*"},
        {"eui", "0000000000000000", "eui: nothing but zeros or FF*"},
        {"sigfox_private_key", "12", "sigfox_private_key: wants 16 bytes in hex, 32 digits"},
        {"region", "KR920", "region: KR920 is refused by every firmware*"},
        {"region", "Atlantis", "region: no LoRa region*"},
        {"wifi_ssid", "123456789012345678901234567890123", "wifi_ssid: is 33 bytes long and at most 32 fit"},
        {"wifi_ssid", "a\nb", "wifi_ssid: has a byte*"},
        {"watchdog_ms", "-1", "watchdog_ms: wants a whole number, 0 to 4294967294"},
        {"watchdog_ms", "4294967295", "watchdog_ms: wants*"},
        {"hardware_type", "255", "hardware_type: wants a whole number, 0 to 254"},
        {"lte_cid", "1x", "lte_cid: wants*"},
        {"file_system", "ext4", "file_system: wants one of: fat littlefs"},
        {"pybytes_auto_start", "maybe", "pybytes_auto_start: wants 0 or 1, no or yes"},
    };
    char why[CONFIG_WHY];

    (void)state;
    memset(sector, 0x5A, sizeof sector);
    memcpy(before, sector, sizeof sector);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        assert_int_equal(put(cases[i].name, cases[i].value, why), -EINVAL);
        if (fnmatch(cases[i].why, why, 0) != 0)
            fail_msg("%s=%s: it says: %s", cases[i].name, cases[i].value, why);
        assert_memory_equal(sector, before, sizeof sector);
    }
    /* A LoPy4 takes more. */
    assert_int_equal(config_field_put(config_field_find("region"), "CN470", "LoPy4", sector, why), 0);
    assert_int_equal(sector[52], 2);
}

static void what_was_never_set_is_not_told_as_a_value(void **state)
{
    const struct config_field *f;
    char back[CONFIG_VALUE_SIZE], why[CONFIG_WHY];

    (void)state;
    memset(sector, 0xFF, sizeof sector);
    for (size_t i = 0; (f = config_field_at(i)) != NULL; i++) {
        assert_false(config_field_is_set(f, sector));
        config_field_text(f, sector, back);
        assert_string_equal(back, "");
    }
    assert_true(config_block_is_blank(sector, sizeof sector));
    assert_int_equal(put("eui", "70B3D54912345678", why), 0);
    assert_int_equal(put("eui", "", why), 0);
    assert_int_equal(put("region", "7", why), 0);
    assert_int_equal(put("region", "", why), 0);
    assert_true(config_block_is_blank(sector, sizeof sector));
    memset(sector, 'x', sizeof sector); /* a text without an end, and every byte of it one that needs four */
    memset(sector + 634, 1, 129);
    config_field_text(config_field_find("lte_carrier"), sector, back);
    assert_int_equal(strlen(back), 4 * 129);
    assert_non_null(config_block_trouble(sector));
    memset(sector, 0xFF, sizeof sector);
    assert_null(config_block_trouble(sector));
    sector[52] = 10;
    assert_non_null(config_block_trouble(sector));
    sector[52] = 9;
    assert_null(config_block_trouble(sector));
}

static void changes_are_told_by_field_and_byte(void **state)
{
    struct config_change c;
    uint32_t at = 0;
    char why[CONFIG_WHY];

    (void)state;
    memset(before, 0xFF, sizeof before);
    memcpy(sector, before, sizeof sector);
    assert_false(config_block_next_change(before, sector, &at, &c));
    assert_int_equal(put("eui", "70B3D549FF345678", why), 0); /* one byte of it is as it was */
    assert_int_equal(put("region", "IN865", why), 0);
    assert_int_equal(put("wifi_mode", "ap", why), 0); /* the neighbouring byte, and a field of its own */
    assert_int_equal(put("wifi_password", "", why), 0);
    sector[4095] = 0;
    static const struct config_change want[] = {{"eui", 0, 4, false},
                                                {"eui", 5, 3, false},
                                                {"region", 52, 1, false},
                                                {"wifi_on_boot", 53, 1, false},
                                                {"wifi_password", 87, 65, true},
                                                {"reserved", 4095, 1, false}};
    at = 0;
    for (size_t i = 0; i < sizeof want / sizeof want[0]; i++) {
        assert_true(config_block_next_change(before, sector, &at, &c));
        assert_string_equal(c.name, want[i].name);
        assert_int_equal(c.offset, want[i].offset);
        assert_int_equal(c.size, want[i].size);
        assert_int_equal(c.secret, want[i].secret);
    }
    assert_false(config_block_next_change(before, sector, &at, &c));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fields_stand_where_the_firmware_has_them),
        cmocka_unit_test(keys_passwords_and_tokens_are_secret),
        cmocka_unit_test(values_are_written_and_read_at_their_bytes_alone),
        cmocka_unit_test(bits_of_one_byte_are_apart),
        cmocka_unit_test(what_is_no_value_changes_nothing),
        cmocka_unit_test(what_was_never_set_is_not_told_as_a_value),
        cmocka_unit_test(changes_are_told_by_field_and_byte),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
