/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/chip/esp_efuse.h"

#include <stdio.h>

/* Whose name a field has. */
enum family { FIRST, S2, LATER, FAMILIES };

enum kind {
    NUMBER,   /* says it all */
    MASK,     /* the same, in hex */
    BURNT,    /* one bit: what it does once burnt */
    COUNTER,  /* on while its bits are odd in number */
    SOFT_OFF, /* the same, and what it does is only put off */
    PRINTING, /* of UART_PRINT_CONTROL */
    CODING,   /* of CODING_SCHEME */
    PURPOSE   /* of a key */
};

struct row {
    enum fuse fuse;
    enum kind kind;
    const char *name[FAMILIES]; /* NULL: as of the one after it */
    const char *does;
};

static const struct row rows[] = {
    {FUSE_PACKAGE, NUMBER, {[LATER] = "PKG_VERSION"}, ""},
    {FUSE_CODING, CODING, {[LATER] = "CODING_SCHEME"}, ""},
    {FUSE_SUPPLY_FORCE,
     BURNT,
     {"XPD_SDIO_FORCE", NULL, "VDD_SPI_FORCE"},
     "no pin decides the flash's supply"},
    {FUSE_SUPPLY_ON, BURNT, {"XPD_SDIO_REG", NULL, "VDD_SPI_XPD"}, "the chip supplies the flash"},
    {FUSE_SUPPLY_HIGH, BURNT, {"XPD_SDIO_TIEH", NULL, "VDD_SPI_TIEH"}, "with 3.3 V, else 1.8 V"},
    {FUSE_SUPPLY_IS_PIN, BURNT, {[LATER] = "VDD_SPI_AS_GPIO"}, "the supply's pin is a GPIO"},
    {FUSE_CRYPT_COUNT, COUNTER, {"FLASH_CRYPT_CNT", NULL, "SPI_BOOT_CRYPT_CNT"}, "flash encryption is on"},
    {FUSE_CRYPT_CONFIG, MASK, {[LATER] = "FLASH_CRYPT_CONFIG"}, ""},
    {FUSE_SECURE_BOOT_V1, BURNT, {[LATER] = "ABS_DONE_0"}, "secure boot v1 is on"},
    {FUSE_SECURE_BOOT, BURNT, {"ABS_DONE_1", NULL, "SECURE_BOOT_EN"}, "secure boot v2 is on"},
    {FUSE_REVOKE_AT_ONCE, BURNT, {[LATER] = "SECURE_BOOT_AGGRESSIVE_REVOKE"}, "a key that fails is revoked"},
    {FUSE_SECURE_VERSION, NUMBER, {[LATER] = "SECURE_VERSION"}, ""},
    {FUSE_DOWNLOAD_OFF, BURNT, {"UART_DOWNLOAD_DIS", NULL, "DIS_DOWNLOAD_MODE"}, "serial download is off"},
    {FUSE_SECURE_DOWNLOAD, BURNT, {[LATER] = "ENABLE_SECURITY_DOWNLOAD"}, "the loader reads nothing"},
    {FUSE_FORCE_DOWNLOAD_OFF, BURNT, {[LATER] = "DIS_FORCE_DOWNLOAD"}, "a program cannot start the loader"},
    {FUSE_DOWNLOAD_CRYPT_OFF,
     BURNT,
     {"DISABLE_DL_ENCRYPT", NULL, "DIS_DOWNLOAD_MANUAL_ENCRYPT"},
     "the loader encrypts nothing"},
    {FUSE_DOWNLOAD_DECRYPT_OFF, BURNT, {[LATER] = "DISABLE_DL_DECRYPT"}, "the loader decrypts nothing"},
    {FUSE_DOWNLOAD_CACHE_OFF, BURNT, {[LATER] = "DISABLE_DL_CACHE"}, "the loader has no cache"},
    {FUSE_JTAG_OFF, BURNT, {"JTAG_DISABLE", "HARD_DIS_JTAG", "DIS_PAD_JTAG"}, "JTAG is off for good"},
    {FUSE_JTAG_SOFT_OFF, SOFT_OFF, {[LATER] = "SOFT_DIS_JTAG"}, "JTAG is off until a key opens it"},
    {FUSE_USB_JTAG_OFF, BURNT, {[LATER] = "DIS_USB_JTAG"}, "no JTAG over USB"},
    {FUSE_USB_BRIDGE_OFF, BURNT, {[LATER] = "DIS_USB_SERIAL_JTAG"}, "no USB-Serial-JTAG"},
    {FUSE_USB_BRIDGE_DOWNLOAD_OFF,
     BURNT,
     {[LATER] = "DIS_USB_SERIAL_JTAG_DOWNLOAD_MODE"},
     "no download over USB-Serial-JTAG"},
    {FUSE_USB_OTG_OFF, BURNT, {[S2] = "DIS_USB", [LATER] = "DIS_USB_OTG"}, "no USB-OTG"},
    {FUSE_USB_OTG_DOWNLOAD_OFF,
     BURNT,
     {[S2] = "DIS_USB_DOWNLOAD_MODE", [LATER] = "DIS_USB_OTG_DOWNLOAD_MODE"},
     "no download over USB-OTG"},
    {FUSE_USB_PRINT_OFF,
     BURNT,
     {[LATER] = "DIS_USB_SERIAL_JTAG_ROM_PRINT"},
     "the ROM prints nothing over USB"},
    {FUSE_PRINT, PRINTING, {[LATER] = "UART_PRINT_CONTROL"}, ""},
    {FUSE_CONSOLE_OFF, BURNT, {[LATER] = "CONSOLE_DEBUG_DISABLE"}, "the ROM's BASIC is off"},
    {FUSE_KEY_PURPOSE, PURPOSE, {[LATER] = "KEY_PURPOSE_0"}, ""},
    {FUSE_KEY_PURPOSE + 1, PURPOSE, {[LATER] = "KEY_PURPOSE_1"}, ""},
    {FUSE_KEY_PURPOSE + 2, PURPOSE, {[LATER] = "KEY_PURPOSE_2"}, ""},
    {FUSE_KEY_PURPOSE + 3, PURPOSE, {[LATER] = "KEY_PURPOSE_3"}, ""},
    {FUSE_KEY_PURPOSE + 4, PURPOSE, {[LATER] = "KEY_PURPOSE_4"}, ""},
    {FUSE_KEY_PURPOSE + 5, PURPOSE, {[LATER] = "KEY_PURPOSE_5"}, ""},
    {FUSE_WRITE_OFF, MASK, {[LATER] = "WR_DIS"}, ""},
    {FUSE_READ_OFF, MASK, {[LATER] = "RD_DIS"}, ""},
};

#define ROWS (sizeof rows / sizeof rows[0])

static enum family family_of(const struct esp_target *t)
{
    return t->image_id == 0 ? FIRST : t->short_info ? S2 : LATER;
}

static bool has(const struct esp_target *t, enum fuse f)
{
    return t->fuse[f].part[0].width > 0;
}

static const char *name_of(const struct esp_target *t, const struct row *row)
{
    enum family f = family_of(t);

    while (f < LATER && row->name[f] == NULL)
        f++;
    return row->name[f];
}

const char *esp_efuse_name(const struct esp_target *t, enum fuse f)
{
    for (size_t i = 0; i < ROWS; i++)
        if (rows[i].fuse == f && has(t, f))
            return name_of(t, &rows[i]);
    return NULL;
}

/* What stands where purposes have their fifth bit was something else once. */
static uint32_t value_of(const struct efuse_reading *r, enum fuse f)
{
    const struct esp_target *t = r->target;
    uint32_t value = esp_target_fuse(t, f, r->words);

    if (f < FUSE_KEY_PURPOSE || f > FUSE_KEY_PURPOSE_LAST || r->revision >= t->wide_purposes_from)
        return value;
    return value & ((1u << t->fuse[f].part[0].width) - 1);
}

/* Not every chip has all of them; none has another by one of these numbers, but for the second. */
static const char *purpose_name(const struct esp_target *t, uint32_t purpose)
{
    static const char *const names[] = {"no purpose",
                                        "ECDSA_KEY",
                                        "XTS_AES_256_KEY_1",
                                        "XTS_AES_256_KEY_2",
                                        "XTS_AES_128_KEY",
                                        "HMAC_DOWN_ALL",
                                        "HMAC_DOWN_JTAG",
                                        "HMAC_DOWN_DIGITAL_SIGNATURE",
                                        "HMAC_UP",
                                        "SECURE_BOOT_DIGEST0",
                                        "SECURE_BOOT_DIGEST1",
                                        "SECURE_BOOT_DIGEST2",
                                        "KM_INIT_KEY",
                                        [15] = "XTS_AES_128_PSRAM_KEY",
                                        "ECDSA_KEY_P192",
                                        "ECDSA_KEY_P384_L",
                                        "ECDSA_KEY_P384_H"};

    if (purpose == 1 && !t->keys->takes_ecdsa)
        return "reserved";
    return purpose < sizeof names / sizeof names[0] && names[purpose] != NULL ? names[purpose] : "unknown";
}

static const char *printing(uint32_t value)
{
    static const char *const when[] = {"the ROM always prints", "the ROM prints while a pin is low",
                                       "the ROM prints while a pin is high", "the ROM never prints"};

    return when[value & 3];
}

static const char *coding(uint32_t value)
{
    static const char *const words[] = {"none", "3/4", "repeat", "none"};

    return words[value & 3];
}

static const char *meaning_of(const struct efuse_reading *r, const struct row *row, uint32_t value)
{
    switch (row->kind) {
    case BURNT:
        return value != 0 ? row->does : "";
    case COUNTER:
    case SOFT_OFF:
        return __builtin_parity(value) ? row->does : "";
    case PRINTING:
        return printing(value);
    case CODING:
        return coding(value);
    case PURPOSE:
        return purpose_name(r->target, value);
    default:
        return "";
    }
}

const char *esp_efuse_supply(const struct efuse_reading *r)
{
    if (!has(r->target, FUSE_SUPPLY_FORCE))
        return NULL;
    if (value_of(r, FUSE_SUPPLY_FORCE) == 0)
        return "pin";
    if (value_of(r, FUSE_SUPPLY_ON) == 0)
        return "off";
    return value_of(r, FUSE_SUPPLY_HIGH) != 0 ? "3.3V" : "1.8V";
}

static void print_value(const struct row *row, uint32_t value, char *out, size_t size)
{
    snprintf(out, size, row->kind == MASK ? "0x%x" : "%u", value);
}

static void put_line(const struct efuse_reading *r, const struct row *row, struct efuse_line *out)
{
    uint32_t value = value_of(r, row->fuse);

    out->name = name_of(r->target, row);
    print_value(row, value, out->value, sizeof out->value);
    out->meaning = meaning_of(r, row, value);
}

/* A block's protection, as R and W or a dash. */
static void put_block(const struct efuse_reading *r, unsigned number, struct efuse_line *out)
{
    const struct key_blocks *keys = r->target->keys;
    static const char *const words[2][2] = {{"not protected", "write-protected"},
                                            {"read-protected", "read- and write-protected"}};
    uint32_t bits = (1u << keys->read_bits) - 1,
             unread = value_of(r, FUSE_READ_OFF) >> number * keys->read_bits & bits;
    bool unwritten = value_of(r, FUSE_WRITE_OFF) >> (keys->write_bit + number) & 1;

    out->name = keys->name[number];
    snprintf(out->value, sizeof out->value, "%s/%s", unread != 0 ? "-" : "R", unwritten ? "-" : "W");
    out->meaning =
        unread != 0 && unread != bits ? "half of it read-protected" : words[unread != 0][unwritten];
}

size_t esp_efuse_list(const struct efuse_reading *r, struct efuse_line out[static EFUSE_LINES_MAX])
{
    size_t count = 0;

    for (size_t i = 0; i < ROWS; i++)
        if (has(r->target, rows[i].fuse))
            put_line(r, &rows[i], &out[count++]);
    for (unsigned i = 0; i < TARGET_KEYS && r->target->keys->name[i] != NULL; i++)
        put_block(r, i, &out[count++]);
    return count;
}

void esp_efuse_text(const struct efuse_reading *r, char out[static EFUSE_TEXT_SIZE])
{
    struct efuse_line line;
    size_t used = 0;

    out[0] = '\0';
    for (size_t i = 0; i < ROWS && used < EFUSE_TEXT_SIZE; i++) {
        if (!has(r->target, rows[i].fuse))
            continue;
        put_line(r, &rows[i], &line);
        used += (size_t)snprintf(out + used, EFUSE_TEXT_SIZE - used, "%s%s=%s", used > 0 ? " " : "",
                                 line.name, line.value);
    }
}
