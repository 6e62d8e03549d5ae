/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/chip/esp_chip.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "engine/chip/esp_loader.h"
#include "engine/port/transport.h"
#include "profiles/firmware/esp_image.h"

#define ESP32_MAGIC 0x00F01D83u

#define REG_MAGIC       0x40001000u
#define REG_EFUSE       0x3FF5A000u
#define REG_DATE        0x3FF6607Cu
#define REG_UART_CLKDIV 0x3FF40014u
#define REG_RTC_CALI    0x3FF5F06Cu

#define CRYSTAL_LIMIT_HZ 33000000u /* between the two crystals there are, 26 and 40 MHz */

/* SPI1 of the ESP32 (technical reference manual, SPI registers). */
#define SPI1          0x3FF42000u
#define SPI_CMD       (SPI1 + 0x00)
#define SPI_USR       (SPI1 + 0x1C)
#define SPI_USR2      (SPI1 + 0x24)
#define SPI_MISO_DLEN (SPI1 + 0x2C)
#define SPI_W0        (SPI1 + 0x80)

#define USR_COMMAND  (1u << 31)
#define USR_MISO     (1u << 28)
#define CMD_USR      (1u << 18)
#define COMMAND_BITS 8u
#define RDID         0x9Fu
#define RDID_BITS    24u
#define POLLS        10

static uint32_t bits(uint32_t word, int high, int low)
{
    return word >> low & (uint32_t)((1ull << (high - low + 1)) - 1);
}

/* "" when unknown; static storage. */
static const char *esp_chip_by_magic(uint32_t magic)
{
    static const struct {
        uint32_t magic;
        const char *id;
    } table[] = {{ESP32_MAGIC, "esp32"}, {0xFFF0C101u, "esp8266"}, {0x000007C6u, "esp32s2"}};

    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        if (table[i].magic == magic)
            return table[i].id;
    }
    return "";
}

static void decode_mac(const uint32_t w1, const uint32_t w2, struct mac *out)
{
    const uint8_t bytes[6] = {(uint8_t)(w2 >> 8),  (uint8_t)w2,        (uint8_t)(w1 >> 24),
                              (uint8_t)(w1 >> 16), (uint8_t)(w1 >> 8), (uint8_t)w1};

    memcpy(out->bytes, bytes, sizeof bytes);
}

static int decode_revision(const struct esp32_words *w)
{
    uint32_t code = bits(w->efuse[3], 15, 15) | bits(w->efuse[5], 20, 20) << 1 | bits(w->date, 31, 31) << 2;
    static const int major[8] = {0, 1, 0, 2, 0, 0, 0, 3};

    return major[code] * 100 + (int)bits(w->efuse[5], 25, 24);
}

static void decode_name(const struct esp32_words *w, int revision, char *out, size_t size)
{
    uint32_t package = bits(w->efuse[3], 11, 9) | bits(w->efuse[3], 2, 2) << 3;
    bool single = bits(w->efuse[3], 0, 0), v3 = revision >= 300;

    switch (package) {
    case 0:
        snprintf(out, size, "ESP32-%s%s", single ? "S0WDQ6" : "D0WDQ6", v3 ? "-V3" : "");
        break;
    case 1:
        snprintf(out, size, "ESP32-%s%s", single ? "S0WD" : "D0WD", v3 ? "-V3" : "");
        break;
    case 2:
        snprintf(out, size, "ESP32-D2WD");
        break;
    case 4:
        snprintf(out, size, "ESP32-U4WDH");
        break;
    case 5:
        snprintf(out, size, v3 ? "ESP32-PICO-V3" : "ESP32-PICO-D4");
        break;
    case 6:
        snprintf(out, size, "ESP32-PICO-V3-02");
        break;
    case 7:
        snprintf(out, size, "ESP32-D0WDR2-V3");
        break;
    default:
        snprintf(out, size, "ESP32 (package %u)", package);
    }
}

static uint32_t decode_security(const struct esp32_words *w, int revision)
{
    uint32_t s = 0;

    /* Each write of this counter flips encryption: an odd number of bits means on. */
    if (__builtin_parity(bits(w->efuse[0], 26, 20)))
        s |= SECURITY_FLASH_ENCRYPTED;
    if (revision >= 300 && bits(w->efuse[0], 27, 27))
        s |= SECURITY_DOWNLOAD_DISABLED;
    if (bits(w->efuse[6], 4, 4))
        s |= SECURITY_SECURE_BOOT_V1;
    if (revision >= 300 && bits(w->efuse[6], 5, 5))
        s |= SECURITY_SECURE_BOOT_V2;
    if (bits(w->efuse[6], 6, 6))
        s |= SECURITY_JTAG_DISABLED;
    return s;
}

/* Order of the pads in SPI_ATTACH's word, 6 bits each: CLK, Q, D, CS, HD. */
static uint32_t decode_pads(const struct esp32_words *w)
{
    return bits(w->efuse[3], 8, 4) << 24 | bits(w->efuse[5], 19, 15) << 18 | bits(w->efuse[5], 14, 10) << 12 |
           bits(w->efuse[5], 9, 5) << 6 | bits(w->efuse[5], 4, 0);
}

const char *esp_security_text(uint32_t bit)
{
    switch (bit) {
    case SECURITY_DOWNLOAD_DISABLED:
        return "eFuse UART_DOWNLOAD_DIS is burnt";
    case SECURITY_FLASH_ENCRYPTED:
        return "eFuse FLASH_CRYPT_CNT has an odd number of bits";
    case SECURITY_SECURE_BOOT_V1:
        return "eFuse ABS_DONE_0 is burnt (secure boot v1)";
    case SECURITY_SECURE_BOOT_V2:
        return "eFuse ABS_DONE_1 is burnt (secure boot v2)";
    default:
        return "an eFuse is burnt";
    }
}

bool esp_chip_boots_from(const uint8_t *first)
{
    return first[0] == ESP_IMAGE_MAGIC;
}

static int decode_crystal(uint32_t uart_div, uint32_t baud)
{
    uint64_t hz = (uint64_t)baud * (uart_div & 0xFFFFF);

    return hz > CRYSTAL_LIMIT_HZ ? 40 : 26;
}

void esp32_decode(const struct esp32_words *w, uint32_t baud, struct esp_chip *out)
{
    struct unit_identity *u = &out->unit;

    decode_mac(w->efuse[1], w->efuse[2], &u->mac);
    out->mac_crc_ok = mac_crc8(&u->mac) == bits(w->efuse[2], 23, 16);
    u->revision = decode_revision(w);
    decode_name(w, u->revision, u->chip, sizeof u->chip);
    u->security = decode_security(w, u->revision);
    u->crystal_mhz = decode_crystal(w->uart_div, baud);
    out->spi_pads = decode_pads(w);
    out->ck8m_freq = (uint8_t)bits(w->efuse[4], 7, 0);
}

static int read_words(struct esp_loader *l, struct esp32_words *w)
{
    int rc = 0;

    for (uint32_t i = 0; i < 7 && rc == 0; i++)
        rc = esp_loader_read_reg(l, REG_EFUSE + 4 * i, &w->efuse[i]);
    if (rc == 0)
        rc = esp_loader_read_reg(l, REG_DATE, &w->date);
    if (rc == 0)
        rc = esp_loader_read_reg(l, REG_UART_CLKDIV, &w->uart_div);
    return rc;
}

static int read_magic(struct esp_loader *l, uint32_t *magic)
{
    uint32_t again = 0;
    int rc = esp_loader_read_reg(l, REG_MAGIC, magic);

    if (rc == 0)
        rc = esp_loader_read_reg(l, REG_MAGIC, &again);
    return rc == 0 && again != *magic ? -EBADMSG : rc;
}

bool esp_chip_is_known(const struct esp_chip *c)
{
    return c->magic == ESP32_MAGIC;
}

/* Replies carry no checksum, and a turned bit here would be blamed on the board: all is read twice. */
int esp_chip_identify(struct esp_loader *l, struct esp_chip *out)
{
    struct esp32_words w = {0}, again = {0};

    memset(out, 0, sizeof *out);
    int rc = read_magic(l, &out->magic);
    if (rc < 0)
        return rc;
    snprintf(out->id, sizeof out->id, "%s", esp_chip_by_magic(out->magic));
    if (!esp_chip_is_known(out))
        return 0; /* its eFuses stand elsewhere: not read by guess */
    rc = read_words(l, &w);
    if (rc == 0)
        rc = read_words(l, &again);
    if (rc == 0 && memcmp(&w, &again, sizeof w) != 0)
        rc = -EBADMSG;
    if (rc == 0)
        esp32_decode(&w, transport_baud(esp_loader_transport(l)), out);
    return rc;
}

int esp_chip_read_mac(struct esp_loader *l, struct mac *out)
{
    uint32_t w[4] = {0};
    int rc = 0;

    for (uint32_t i = 0; i < 4 && rc == 0; i++)
        rc = esp_loader_read_reg(l, REG_EFUSE + 4 + 4 * (i % 2), &w[i]);
    if (rc == 0 && (w[0] != w[2] || w[1] != w[3]))
        rc = -EBADMSG;
    if (rc == 0)
        decode_mac(w[0], w[1], out);
    return rc;
}

int esp_chip_ask_mac(struct esp_loader *l, struct mac *out)
{
    struct esp_chip chip = {0};
    int rc = esp_loader_read_reg(l, REG_MAGIC, &chip.magic);

    if (rc == 0 && !esp_chip_is_known(&chip))
        return -ENOTSUP;
    return rc == 0 ? esp_chip_read_mac(l, out) : rc;
}

int esp_chip_rom_baud(struct esp_loader *l, const struct esp_chip *chip, uint32_t baud, uint32_t *told)
{
    uint32_t reg = 0;
    int rc = esp_loader_read_reg(l, REG_RTC_CALI, &reg);

    if (rc < 0)
        return rc;
    /* The ROM measures its crystal with the 8 MHz oscillator: cycles * 15625 * calibration / 40. */
    uint64_t hz = (uint64_t)bits(reg, 31, 7) * 15625 * chip->ck8m_freq / 40;
    uint32_t real = hz > CRYSTAL_LIMIT_HZ ? 40000000 : 26000000;
    /* A chip whose calibration was never burnt says nothing usable. */
    bool plausible = hz > real / 2 && hz < (uint64_t)real * 2;
    *told = plausible ? (uint32_t)(baud * hz / real) : baud;
    return 0;
}

uint32_t esp_flash_size(uint32_t jedec_id)
{
    uint8_t maker = (uint8_t)jedec_id, type = (uint8_t)(jedec_id >> 8), code = (uint8_t)(jedec_id >> 16);

    if (jedec_id == 0 || jedec_id == 0xFFFFFF || jedec_id == 0xFFFF3F)
        return 0;
    if (maker == 0x1F) /* Adesto codes the size in the type byte: 4 is 512 KiB */
        return (type & 0x1F) >= 4 && (type & 0x1F) <= 9 ? 0x80000u << ((type & 0x1F) - 4) : 0;
    if (code >= 0x12 && code <= 0x1C)
        return 1u << code;
    if (code >= 0x20 && code <= 0x22)
        return 1u << (code - 0x20 + 26);
    if (code >= 0x32 && code <= 0x3A)
        return 1u << (code - 0x32 + 18);
    return 0;
}

static int start_rdid(struct esp_loader *l)
{
    const uint32_t writes[][2] = {
        {SPI_MISO_DLEN, RDID_BITS - 1},
        {SPI_USR, USR_COMMAND | USR_MISO},
        {SPI_USR2, (COMMAND_BITS - 1) << 28 | RDID},
        {SPI_W0, 0},
        {SPI_CMD, CMD_USR},
    };
    int rc = 0;

    for (size_t i = 0; i < sizeof writes / sizeof writes[0] && rc == 0; i++)
        rc = esp_loader_write_reg(l, writes[i][0], writes[i][1]);
    return rc;
}

static int wait_done(struct esp_loader *l)
{
    uint32_t cmd = CMD_USR;
    int rc = 0;

    for (int i = 0; i < POLLS && rc == 0 && (cmd & CMD_USR); i++)
        rc = esp_loader_read_reg(l, SPI_CMD, &cmd);
    if (rc == 0 && (cmd & CMD_USR))
        rc = -EBADMSG;
    return rc;
}

int esp_flash_read_id(struct esp_loader *l, uint32_t *jedec_id)
{
    uint32_t usr = 0, usr2 = 0, w0 = 0;
    int rc = esp_loader_read_reg(l, SPI_USR, &usr);

    if (rc == 0)
        rc = esp_loader_read_reg(l, SPI_USR2, &usr2);
    if (rc == 0)
        rc = start_rdid(l);
    if (rc == 0)
        rc = wait_done(l);
    if (rc == 0)
        rc = esp_loader_read_reg(l, SPI_W0, &w0);
    if (rc == 0)
        rc = esp_loader_write_reg(l, SPI_USR, usr);
    if (rc == 0)
        rc = esp_loader_write_reg(l, SPI_USR2, usr2);
    if (rc == 0)
        *jedec_id = w0 & 0xFFFFFF;
    return rc;
}
