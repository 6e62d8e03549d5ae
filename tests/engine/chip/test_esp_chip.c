/* SPDX-License-Identifier: Apache-2.0 */
/* Pure decoding: eFuse words as a real chip gave them, flash ids, reset sequences, boot text. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "engine/chip/boot_log.h"
#include "engine/chip/esp_chip.h"
#include "engine/chip/esp_reset.h"

/* Words of a recorded session; the client that asked printed "ESP32-D0WD-V3 (revision v3.0)", 40 MHz, 24:0a:c4:00:00:03. */
static const struct esp32_words {
    uint32_t efuse[7]; /* block 0, words 0..6 */
    uint32_t date;     /* 0x3FF6607C: bit 31 is the third revision bit */
    uint32_t uart_div; /* 0x3FF40014: the divider the ROM found for SYNC's rate */
} recorded = {
    .efuse = {0, 0xc4000003, 0x0002240a, 0x00008200, 0x00000050, 0x00100000, 0},
    .date = 0x96042000,
    .uart_div = 0x15a,
};

static void esp32_decode(const struct esp32_words *w, uint32_t baud, struct esp_chip *out)
{
    const struct esp_target *t = esp_target_by_name("esp32");
    struct esp_words words = {.uart_divider = w->uart_div};
    uint16_t at[FUSE_WORDS_MAX];
    size_t count = esp_target_words(t, at);

    for (size_t i = 0; i < count; i++)
        words.fuse[i] = at[i] < sizeof w->efuse ? w->efuse[at[i] / 4] : at[i] == 0xC07C ? w->date : 0;
    esp_chip_decode(t, &words, baud, out);
}

static void a_real_chips_words_are_decoded(void **state)
{
    struct esp_chip c = {0};
    char mac[MAC_TEXT_SIZE];

    (void)state;
    esp32_decode(&recorded, 115200, &c);
    mac_text(&c.unit.mac, mac);
    assert_string_equal(mac, "24:0a:c4:00:00:03");
    assert_true(c.mac_crc_ok);
    assert_string_equal(c.unit.chip, "ESP32-D0WD-V3");
    assert_int_equal(c.unit.revision, 300);
    assert_int_equal(c.unit.crystal_mhz, 40);
    assert_int_equal(c.unit.security, 0);
    assert_int_equal(c.spi_pads, 0);
    assert_int_equal(c.oscillator, 0x50);
}

static void revisions_and_packages_are_told_apart(void **state)
{
    static const struct {
        uint32_t w3, w5, date;
        int revision;
        const char *name;
    } rows[] = {
        {0, 0, 0, 0, "ESP32-D0WDQ6"},
        {1u << 15, 0, 0, 100, "ESP32-D0WDQ6"},
        {1u << 15 | 1u << 9, 1u << 20, 0, 200, "ESP32-D0WD"},
        {1u << 15 | 1, 1u << 20 | 1u << 24, 1u << 31, 301, "ESP32-S0WDQ6-V3"},
        {1u << 15 | 5u << 9, 0, 0, 100, "ESP32-PICO-D4"},
        {1u << 15 | 5u << 9, 1u << 20, 1u << 31, 300, "ESP32-PICO-V3"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct esp32_words w = recorded;
        struct esp_chip c = {0};
        w.efuse[3] = rows[i].w3;
        w.efuse[5] = rows[i].w5;
        w.date = rows[i].date;
        esp32_decode(&w, 115200, &c);
        assert_int_equal(c.unit.revision, rows[i].revision);
        assert_string_equal(c.unit.chip, rows[i].name);
    }
}

static uint32_t security_of(uint32_t w0, uint32_t w6, bool v3)
{
    struct esp32_words w = recorded;
    struct esp_chip c = {0};

    w.efuse[0] = w0;
    w.efuse[6] = w6;
    w.date = v3 ? recorded.date : 0;
    esp32_decode(&w, 115200, &c);
    return c.unit.security;
}

static void security_fuses_are_seen(void **state)
{
    (void)state;
    assert_int_equal(security_of(1u << 20, 0, true), SECURITY_FLASH_ENCRYPTED);
    assert_int_equal(security_of(3u << 20, 0, true), 0); /* switched on and off again */
    assert_int_equal(security_of(0x7Fu << 20, 0, true), SECURITY_FLASH_ENCRYPTED);
    assert_int_equal(security_of(1u << 27, 0, true), SECURITY_DOWNLOAD_DISABLED);
    assert_int_equal(security_of(1u << 27, 0, false), 0); /* older revisions do not know it */
    assert_int_equal(security_of(0, 1u << 4, false), SECURITY_SECURE_BOOT_V1);
    assert_int_equal(security_of(0, 1u << 5, true), SECURITY_SECURE_BOOT_V2);
    assert_int_equal(security_of(0, 1u << 5, false), 0);
    assert_int_equal(security_of(0, 1u << 6, true), SECURITY_JTAG_DISABLED);
}

static void a_damaged_mac_is_noticed(void **state)
{
    struct esp32_words w = recorded;
    struct esp_chip c = {0};

    (void)state;
    w.efuse[1] ^= 1;
    esp32_decode(&w, 115200, &c);
    assert_false(c.mac_crc_ok);
}

static void flash_ids_have_sizes(void **state)
{
    (void)state;
    assert_int_equal(esp_flash_size(0x1640c8), 4 << 20); /* recorded: c8 40 16 */
    assert_int_equal(esp_flash_size(0x1740ef), 8 << 20);
    assert_int_equal(esp_flash_size(0x1940ef), 32 << 20);
    assert_int_equal(esp_flash_size(0x00861f), 2 << 20);
    assert_int_equal(esp_flash_size(0x3660c2), 4 << 20);
    assert_int_equal(esp_flash_size(0x000000), 0);
    assert_int_equal(esp_flash_size(0xffffff), 0);
    assert_int_equal(esp_flash_size(0xffff3f), 0);
    assert_int_equal(esp_flash_size(0x1140ef), 0);
}

static enum failure_code heard(const char *text, size_t len)
{
    struct boot_log b;
    struct failure f = {0};

    boot_log_clear(&b);
    boot_log_feed(&b, (const uint8_t *)text, len);
    boot_log_failure(&b, &f);
    return f.code;
}

#define HEARD(text) heard(text, sizeof text - 1)

static void boot_text_tells_what_is_wrong(void **state)
{
    (void)state;
    assert_int_equal(HEARD(""), FAIL_NO_SYNC);
    assert_int_equal(HEARD("\xff"), FAIL_NO_SYNC);
    assert_int_equal(HEARD("rst:0x1 (POWERON_RESET),boot:0x13 (SPI_FAST_FLASH_BOOT)\r\n"),
                     FAIL_WRONG_BOOT_MODE);
    assert_int_equal(
        HEARD("rst:0x1 (POWERON_RESET),boot:0x3 (DOWNLOAD_BOOT(UART0/UART1/SDIO_REI_REO_V2))\r\nwaiting for "
              "download\r\n"),
        FAIL_TX_PATH);
    assert_int_equal(HEARD("boot:0xf (UART_BOOT(UART0))\r\n"), FAIL_TX_PATH);
    assert_int_equal(
        HEARD("rst:0x10 (RTCWDT_RTC_RESET),boot:0x33 (SPI_FAST_FLASH_BOOT)\r\nflash read err, 1000\r\n"),
        FAIL_FLASH_READ_ERR);
    assert_int_equal(
        HEARD("rst:0x10 (RTCWDT_RTC_RESET),boot:0x13 (SPI_FAST_FLASH_BOOT)\r\nflash read err, 1000\r\n"),
        FAIL_WRONG_BOOT_MODE);
    assert_int_equal(HEARD("rst:0xf (RTCWDT_BROWN_OUT_RESET),boot:0x3 (DOWNLOAD_BOOT)\r\n"), FAIL_BROWNOUT);
    assert_int_equal(HEARD("\r\nBrownout detector was triggered\r\n"), FAIL_BROWNOUT);
    assert_int_equal(HEARD("\x80\x91\xfe\x00\x13\x99\xe3\xf1\x8c"), FAIL_NOISE);
    assert_int_equal(HEARD("MicroPython v1.8 on 2018\r\n>>> "), FAIL_WRONG_BOOT_MODE);
}

static void the_log_keeps_the_latest_of_much_text(void **state)
{
    struct boot_log b;
    uint8_t filler[300];

    (void)state;
    memset(filler, 'x', sizeof filler);
    boot_log_clear(&b);
    for (int i = 0; i < 20; i++)
        boot_log_feed(&b, filler, sizeof filler);
    boot_log_feed(&b, (const uint8_t *)"boot:0x13 (SPI_FAST_FLASH_BOOT)", 31);
    assert_int_equal(boot_log_sign(&b), BOOT_FLASH);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_real_chips_words_are_decoded),
        cmocka_unit_test(revisions_and_packages_are_told_apart),
        cmocka_unit_test(security_fuses_are_seen),
        cmocka_unit_test(a_damaged_mac_is_noticed),
        cmocka_unit_test(flash_ids_have_sizes),
        cmocka_unit_test(boot_text_tells_what_is_wrong),
        cmocka_unit_test(the_log_keeps_the_latest_of_much_text),
    };
    return cmocka_run_group_tests_name("esp_chip", tests, NULL, NULL);
}
