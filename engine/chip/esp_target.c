/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The rows. ESP32: measured on its v3 mask ROM and on boards. ESP32-C3: measured on its v0.3 mask ROM (detection, eFuses, words of
 * BEGIN, its inflate). All others are from sources, not measured: esptool 5.3.1 (esptool/targets/), Espressif's technical
 * reference manuals. Addresses of eFuses are those they are read at.
 */
#include "engine/chip/esp_target.h"

#include <string.h>

#include "profiles/firmware/chip_kind.h"

/* The SPI controllers of the first chip, and of all later ones. */
static const struct spi_registers first_spi = {.usr = 0x1C, .usr2 = 0x24, .miso_length = 0x2C, .w0 = 0x80};
static const struct spi_registers later_spi = {.usr = 0x18, .usr2 = 0x20, .miso_length = 0x28, .w0 = 0x58};

/* ESP32: three single bits in unlike places. */
static const uint8_t esp32_majors[8] = {0, 1, 0, 2, 0, 0, 0, 3};

/* A field in one place; of two, the low bits first; of three. */
#define AT(at_, shift_, width_)                 \
    {                                           \
        .part = { {(at_), (shift_), (width_)} } \
    }
#define AT2(a, s, w, a2, s2, w2)                        \
    {                                                   \
        .part = { {(a), (s), (w)}, {(a2), (s2), (w2)} } \
    }

/* Bits 200 to 247 of BLOCK_USR_DATA, in the order of printing; its owner may have put something else there. */
#define CUSTOM_MAC_LATER [FUSE_CUSTOM_FIRST] = AT(0x94, 8, 24), [FUSE_CUSTOM_LAST] = AT(0x98, 0, 24)

/* Protections are the first two words of block 0. */
#define PROTECTION_LATER [FUSE_WRITE_OFF] = AT(0x2C, 0, 32), [FUSE_READ_OFF] = AT(0x30, 0, 7)

/* The purposes of most later chips' six keys. */
#define PURPOSES_LATER                                                                \
    [FUSE_KEY_PURPOSE] = AT(0x34, 24, 4), [FUSE_KEY_PURPOSE + 1] = AT(0x34, 28, 4),   \
    [FUSE_KEY_PURPOSE + 2] = AT(0x38, 0, 4), [FUSE_KEY_PURPOSE + 3] = AT(0x38, 4, 4), \
    [FUSE_KEY_PURPOSE + 4] = AT(0x38, 8, 4), [FUSE_KEY_PURPOSE + 5] = AT(0x38, 12, 4)

/* Secure boot and what the ROM's loader is allowed, where most later chips have them. */
#define BOOT_LATER                                                                 \
    [FUSE_SECURE_BOOT] = AT(0x38, 20, 1), [FUSE_REVOKE_AT_ONCE] = AT(0x38, 21, 1), \
    [FUSE_DOWNLOAD_OFF] = AT(0x3C, 0, 1), [FUSE_SECURE_DOWNLOAD] = AT(0x3C, 5, 1), \
    [FUSE_PRINT] = AT(0x3C, 6, 2)

/* The USB-Serial-JTAG unit. */
#define USB_BRIDGE_LATER \
    [FUSE_USB_PRINT_OFF] = AT(0x3C, 2, 1), [FUSE_USB_BRIDGE_DOWNLOAD_OFF] = AT(0x3C, 4, 1)

/* JTAG and the loader's encryption, where most later chips have them. */
#define JTAG_LATER                                                                       \
    [FUSE_FORCE_DOWNLOAD_OFF] = AT(0x30, 12, 1), [FUSE_JTAG_SOFT_OFF] = AT(0x30, 16, 3), \
    [FUSE_JTAG_OFF] = AT(0x30, 19, 1), [FUSE_DOWNLOAD_CRYPT_OFF] = AT(0x30, 20, 1)

/* The flash's supply of the two chips that have it since the first. */
#define SUPPLY_LATER                                                        \
    [FUSE_SUPPLY_ON] = AT(0x34, 4, 1), [FUSE_SUPPLY_HIGH] = AT(0x34, 5, 1), \
    [FUSE_SUPPLY_FORCE] = AT(0x34, 6, 1)

#define SIX_KEYS                                                                           \
    {                                                                                      \
        "BLOCK_KEY0", "BLOCK_KEY1", "BLOCK_KEY2", "BLOCK_KEY3", "BLOCK_KEY4", "BLOCK_KEY5" \
    }

static const struct key_blocks first_keys = {{"BLOCK1", "BLOCK2", "BLOCK3"}, .write_bit = 7, .read_bits = 1};
static const struct key_blocks one_key = {{"BLOCK_KEY0"}, .write_bit = 7, .read_bits = 2};
static const struct key_blocks later_keys = {SIX_KEYS, .write_bit = 23, .read_bits = 1};
static const struct key_blocks ecdsa_keys = {SIX_KEYS, .write_bit = 23, .read_bits = 1, .takes_ecdsa = true};

static const struct esp_target
    targets[] =
        {
            {.image_id = 0, /* ESP32: measured */
             .magic = {0x00F01D83},
             .magic_alone = true,
             .fuses = 0x3FF5A000,
             .fuse =
                 {
                     [FUSE_MAC_LOW] = AT(0x04, 0, 32),
                     [FUSE_MAC_HIGH] = AT(0x08, 0, 16),
                     [FUSE_CUSTOM_CRC] = AT(0x78, 0, 8),
                     [FUSE_CUSTOM_FIRST] = AT(0x78, 8, 24),
                     [FUSE_CUSTOM_LAST] = AT(0x7C, 0, 24),
                     [FUSE_CUSTOM_VERSION] = AT(0x8C, 24, 8),
                     [FUSE_MAC_CRC] = AT(0x08, 16, 8),
                     [FUSE_MAJOR] = {.part = {{0x0C, 15, 1}, {0x14, 20, 1}, {0xC07C, 31, 1}}},
                     [FUSE_MINOR] = AT(0x14, 24, 2),
                     [FUSE_PACKAGE] = AT2(0x0C, 9, 3, 0x0C, 2, 1),
                     [FUSE_SINGLE_CORE] = AT(0x0C, 0, 1),
                     [FUSE_CRYPT_COUNT] = AT(0x00, 20, 7),
                     [FUSE_SECURE_BOOT_V1] = AT(0x18, 4, 1),
                     [FUSE_SECURE_BOOT] = AT(0x18, 5, 1),
                     [FUSE_JTAG_OFF] = AT(0x18, 6, 1),
                     [FUSE_DOWNLOAD_OFF] = AT(0x00, 27, 1),
                     [FUSE_PAD_CLK] = AT(0x14, 0, 5),
                     [FUSE_PAD_Q] = AT(0x14, 5, 5),
                     [FUSE_PAD_D] = AT(0x14, 10, 5),
                     [FUSE_PAD_CS] = AT(0x14, 15, 5),
                     [FUSE_PAD_HD] = AT(0x0C, 4, 5),
                     [FUSE_OSCILLATOR] = AT(0x10, 0, 8),
                     [FUSE_WRITE_OFF] = AT(0x00, 0, 16),
                     [FUSE_READ_OFF] = AT(0x00, 16, 4),
                     [FUSE_SUPPLY_ON] = AT(0x10, 14, 1),
                     [FUSE_SUPPLY_HIGH] = AT(0x10, 15, 1),
                     [FUSE_SUPPLY_FORCE] = AT(0x10, 16, 1),
                     [FUSE_CRYPT_CONFIG] = AT(0x14, 28, 4),
                     [FUSE_CODING] = AT(0x18, 0, 2),
                     [FUSE_CONSOLE_OFF] = AT(0x18, 2, 1),
                     [FUSE_DOWNLOAD_CRYPT_OFF] = AT(0x18, 7, 1),
                     [FUSE_DOWNLOAD_DECRYPT_OFF] = AT(0x18, 8, 1),
                     [FUSE_DOWNLOAD_CACHE_OFF] = AT(0x18, 9, 1),
                 },
             .major_of_code = esp32_majors,
             .revised_security = true,
             .packages = {{0, 0, -1, 0, "ESP32-D0WDQ6"},
                          {0, 0, -1, 300, "ESP32-D0WDQ6-V3"},
                          {0, 1, -1, 0, "ESP32-S0WDQ6"},
                          {0, 1, -1, 300, "ESP32-S0WDQ6-V3"},
                          {1, 0, -1, 0, "ESP32-D0WD"},
                          {1, 0, -1, 300, "ESP32-D0WD-V3"},
                          {1, 1, -1, 0, "ESP32-S0WD"},
                          {1, 1, -1, 300, "ESP32-S0WD-V3"},
                          {2, -1, -1, 0, "ESP32-D2WD"},
                          {4, -1, -1, 0, "ESP32-U4WDH"},
                          {5, -1, -1, 0, "ESP32-PICO-D4"},
                          {5, -1, -1, 300, "ESP32-PICO-V3"},
                          {6, -1, -1, 0, "ESP32-PICO-V3-02"},
                          {7, -1, -1, 0, "ESP32-D0WDR2-V3"}},
             .keys = &first_keys,
             .spi = 0x3FF42000,
             .spi_at = &first_spi,
             .begin_words = 4,
             .rom_inflates =
                 false, /* it programs whole windows of 32 KiB and so destroys what follows the data */
             .crystals = {26, 40},
             .uart_divider = 0x3FF40014,
             .rate = RATE_MEASURED,
             .rate_register = 0x3FF5F06C,
             .stubs = {{"esp32", 0}}},
            {.image_id = 2, /* ESP32-S2: sources */
             .short_info = true,
             .magic = {0x000007C6},
             .fuses = 0x3F41A000,
             .fuse =
                 {
                     [FUSE_MAC_LOW] = AT(0x44, 0, 32),
                     [FUSE_MAC_HIGH] = AT(0x48, 0, 16),
                     CUSTOM_MAC_LATER,
                     [FUSE_MAJOR] = AT(0x50, 18, 2),
                     [FUSE_MINOR] = AT2(0x54, 4, 3, 0x50, 20, 1),
                     [FUSE_PACKAGE] = AT(0x54, 0, 4),
                     [FUSE_CRYPT_COUNT] = AT(0x34, 18, 3),
                     PROTECTION_LATER,
                     PURPOSES_LATER,
                     BOOT_LATER,
                     SUPPLY_LATER,
                     [FUSE_FORCE_DOWNLOAD_OFF] = AT(0x30, 12, 1),
                     [FUSE_USB_OTG_OFF] = AT(0x30, 13, 1),
                     [FUSE_JTAG_SOFT_OFF] = AT(0x30, 17, 1),
                     [FUSE_JTAG_OFF] = AT(0x30, 18, 1),
                     [FUSE_DOWNLOAD_CRYPT_OFF] = AT(0x30, 19, 1),
                     [FUSE_USB_OTG_DOWNLOAD_OFF] = AT(0x3C, 4, 1),
                     [FUSE_SECURE_VERSION] = AT(0x3C, 11, 16),
                     [FUSE_FLASH] = AT(0x50, 21, 4),
                     [FUSE_PSRAM] = AT(0x50, 28, 4),
                 },
             .flash_mb = {0, 2, 4},
             .psram_mb = {0, 2, 4},
             .named_by_psram = true,
             .packages = {{0, -1, 0, 0, "ESP32-S2"},
                          {0, -1, 1, 0, "ESP32-S2FH2"},
                          {0, -1, 2, 0, "ESP32-S2FH4"},
                          {1, -1, 0, 0, "ESP32-S2R2"},
                          {1, -1, 2, 0, "ESP32-S2FNR2"}},
             .keys = &later_keys,
             .spi = 0x3F402000,
             .spi_at = &later_spi,
             .begin_words = 5,
             .crystals = {40},
             .stubs = {{"esp32s2", 0}}},
            {.image_id = 9, /* ESP32-S3: sources */
             .magic = {0x00000009},
             .fuses = 0x60007000,
             .fuse =
                 {
                     [FUSE_MAC_LOW] = AT(0x44, 0, 32),
                     [FUSE_MAC_HIGH] = AT(0x48, 0, 16),
                     CUSTOM_MAC_LATER,
                     [FUSE_MAJOR] = AT(0x58, 24, 2),
                     [FUSE_MINOR] = AT2(0x50, 18, 3, 0x58, 23, 1),
                     [FUSE_PACKAGE] = AT(0x50, 21, 3),
                     [FUSE_CRYPT_COUNT] = AT(0x34, 18, 3),
                     PROTECTION_LATER,
                     PURPOSES_LATER,
                     BOOT_LATER,
                     SUPPLY_LATER,
                     JTAG_LATER,
                     USB_BRIDGE_LATER,
                     [FUSE_USB_OTG_OFF] = AT(0x30, 13, 1),
                     [FUSE_USB_JTAG_OFF] = AT(0x38, 22, 1),
                     [FUSE_USB_BRIDGE_OFF] = AT(0x38, 23, 1),
                     [FUSE_SECURE_VERSION] = AT(0x3C, 14, 16),
                     [FUSE_USB_OTG_DOWNLOAD_OFF] = AT(0x3C, 31, 1),
                     [FUSE_FLASH] = AT(0x50, 27, 3),
                     [FUSE_PSRAM] = AT2(0x54, 3, 2, 0x58, 19, 1),
                     [FUSE_BLOCK_MAJOR] = AT(0x6C, 0, 2),
                     [FUSE_BLOCK_MINOR] = AT(0x50, 24, 3),
                 },
             .early_layout_is_first = true,
             .flash_mb = {0, 8, 4},
             .psram_mb = {0, 8, 2, 16, 4},
             .packages = {{0, -1, -1, 0, "ESP32-S3 (QFN56)"}, {1, -1, -1, 0, "ESP32-S3-PICO-1 (LGA56)"}},
             .keys = &later_keys,
             .spi = 0x60002000,
             .spi_at = &later_spi,
             .begin_words = 5,
             .crystals = {40},
             .stubs = {{"esp32s3", 0}}},
            {.image_id = 12, /* ESP32-C2: sources */
             .magic = {0x6F51306F, 0x7C41A06F, 0x0C21E06F},
             .fuses = 0x60008800,
             .fuse =
                 {
                     [FUSE_MAC_LOW] = AT(0x40, 0, 32),
                     [FUSE_MAC_HIGH] = AT(0x44, 0, 16),
                     [FUSE_CUSTOM_FIRST] = AT(0x34, 0, 24),
                     [FUSE_CUSTOM_LAST] = AT2(0x34, 24, 8, 0x38, 0, 16),
                     [FUSE_MAJOR] = AT(0x44, 20, 2),
                     [FUSE_MINOR] = AT(0x44, 16, 4),
                     [FUSE_PACKAGE] = AT(0x44, 22, 3),
                     [FUSE_CRYPT_COUNT] = AT(0x30, 7, 3),
                     [FUSE_WRITE_OFF] = AT(0x2C, 0, 8),
                     [FUSE_READ_OFF] = AT(0x30, 0, 2),
                     [FUSE_JTAG_OFF] = AT(0x30, 4, 1),
                     [FUSE_DOWNLOAD_CRYPT_OFF] = AT(0x30, 6, 1),
                     [FUSE_PRINT] = AT(0x30, 11, 2),
                     [FUSE_DOWNLOAD_OFF] = AT(0x30, 14, 1),
                     [FUSE_SECURE_DOWNLOAD] = AT(0x30, 16, 1),
                     [FUSE_SECURE_BOOT] = AT(0x30, 21, 1),
                     [FUSE_SECURE_VERSION] = AT(0x30, 22, 4),
                     [FUSE_FLASH] = AT(0x5C, 29, 3),
                 },
             .flash_mb = {0, 4, 2, 1},
             .packages = {{0, -1, -1, 0, "ESP32-C2"}, {1, -1, -1, 0, "ESP8684H"}},
             .keys = &one_key,
             .spi = 0x60002000,
             .spi_at = &later_spi,
             .begin_words = 5,
             .crystals = {26, 40},
             .uart_divider = 0x60000014,
             .rate = RATE_EXPECTED,
             .expected_mhz = 40,
             .stubs = {{"esp32c2", 1}}}, /* v0.0: none runs */
            {.image_id = 5,              /* ESP32-C3: measured on v0.3 */
             .magic = {0x1B31506F, 0x6921506F, 0x4881606F, 0x4361606F},
             .magic_alone = true, /* v0.3 knows the command; of earlier ones nobody has said so */
             .fuses = 0x60008800,
             .fuse =
                 {
                     [FUSE_MAC_LOW] = AT(0x44, 0, 32),
                     [FUSE_MAC_HIGH] = AT(0x48, 0, 16),
                     CUSTOM_MAC_LATER,
                     [FUSE_MAJOR] = AT(0x58, 24, 2),
                     [FUSE_MINOR] = AT2(0x50, 18, 3, 0x58, 23, 1),
                     [FUSE_PACKAGE] = AT(0x50, 21, 3),
                     [FUSE_CRYPT_COUNT] = AT(0x34, 18, 3),
                     PROTECTION_LATER,
                     PURPOSES_LATER,
                     BOOT_LATER,
                     JTAG_LATER,
                     USB_BRIDGE_LATER,
                     [FUSE_USB_JTAG_OFF] = AT(0x30, 9, 1),
                     [FUSE_USB_BRIDGE_OFF] = AT(0x30, 11, 1),
                     [FUSE_SUPPLY_IS_PIN] = AT(0x30, 26, 1),
                     [FUSE_SECURE_VERSION] = AT(0x3C, 14, 16),
                     [FUSE_FLASH] = AT(0x50, 27, 3),
                 },
             .flash_mb = {0, 4, 2, 1, 8},
             .packages = {{0, -1, -1, 0, "ESP32-C3 (QFN32)"},
                          {1, -1, -1, 0, "ESP8685 (QFN28)"},
                          {2, -1, -1, 0, "ESP32-C3 AZ (QFN32)"},
                          {3, -1, -1, 0, "ESP8686 (QFN24)"}},
             .keys = &later_keys,
             .spi = 0x60002000,
             .spi_at = &later_spi,
             .begin_words = 5,
             .rom_inflates = true, /* pieces of 3,072 and of 32,768 bytes left every other sector as it was */
             .crystals = {40},
             .stubs = {{"esp32c3", 0}}},
            {.image_id = 23, /* ESP32-C5: sources */
             .magic = {0x1101406F, 0x5FD1406F},
             .fuses = 0x600B4800,
             .fuse =
                 {
                     [FUSE_MAC_LOW] = AT(0x44, 0, 32),
                     [FUSE_MAC_HIGH] = AT(0x48, 0, 16),
                     CUSTOM_MAC_LATER,
                     [FUSE_MAC_EXT] = AT(0x48, 16, 16),
                     [FUSE_MAJOR] = AT(0x4C, 4, 2),
                     [FUSE_MINOR] = AT(0x4C, 0, 4),
                     [FUSE_PACKAGE] = AT(0x4C, 26, 3),
                     [FUSE_CRYPT_COUNT] = AT(0x34, 16, 3),
                     PROTECTION_LATER,
                     JTAG_LATER,
                     USB_BRIDGE_LATER,
                     [FUSE_USB_JTAG_OFF] = AT(0x30, 9, 1),
                     [FUSE_SUPPLY_IS_PIN] = AT(0x30, 26, 1),
                     [FUSE_KEY_PURPOSE] = AT(0x34, 22, 5),
                     [FUSE_KEY_PURPOSE + 1] = AT(0x34, 27, 5),
                     [FUSE_KEY_PURPOSE + 2] = AT(0x38, 0, 5),
                     [FUSE_KEY_PURPOSE + 3] = AT(0x38, 5, 5),
                     [FUSE_KEY_PURPOSE + 4] = AT(0x38, 10, 5),
                     [FUSE_KEY_PURPOSE + 5] = AT(0x38, 15, 5),
                     [FUSE_SECURE_BOOT] = AT(0x38, 25, 1),
                     [FUSE_REVOKE_AT_ONCE] = AT(0x38, 26, 1),
                     [FUSE_DOWNLOAD_OFF] = AT(0x3C, 0, 1),
                     [FUSE_SECURE_DOWNLOAD] = AT(0x3C, 5, 1),
                     [FUSE_PRINT] = AT(0x3C, 6, 2),
                     [FUSE_SECURE_VERSION] = AT(0x3C, 9, 9),
                 },
             .packages = {{0, -1, -1, 0, "ESP32-C5"}},
             .keys = &ecdsa_keys,
             .spi = 0x60003000,
             .spi_at = &later_spi,
             .begin_words = 5,
             .crystals = {40, 48},
             .uart_divider = 0x60000014,
             .rate = RATE_EXPECTED,
             .rate_register = 0x60096110,
             .stubs = {{"esp32c5", 0}}},
            {.image_id = 13, /* ESP32-C6: sources */
             .magic = {0x2CE0806F},
             .fuses = 0x600B0800,
             .fuse =
                 {
                     [FUSE_MAC_LOW] = AT(0x44, 0, 32),
                     [FUSE_MAC_HIGH] = AT(0x48, 0, 16),
                     CUSTOM_MAC_LATER,
                     [FUSE_MAC_EXT] = AT(0x48, 16, 16),
                     [FUSE_MAJOR] = AT(0x50, 22, 2),
                     [FUSE_MINOR] = AT(0x50, 18, 4),
                     [FUSE_PACKAGE] = AT(0x50, 24, 3),
                     [FUSE_CRYPT_COUNT] = AT(0x34, 18, 3),
                     PROTECTION_LATER,
                     PURPOSES_LATER,
                     BOOT_LATER,
                     JTAG_LATER,
                     USB_BRIDGE_LATER,
                     [FUSE_USB_JTAG_OFF] = AT(0x30, 9, 1),
                     [FUSE_USB_BRIDGE_OFF] = AT(0x30, 11, 1),
                     [FUSE_SUPPLY_IS_PIN] = AT(0x30, 26, 1),
                     [FUSE_SECURE_VERSION] = AT(0x3C, 14, 16),
                     [FUSE_FLASH] = AT(0x54, 0, 3),
                 },
             .flash_mb = {0, 4, 8},
             .packages = {{0, -1, -1, 0, "ESP32-C6 (QFN40)"},
                          {1, -1, -1, 0, "ESP32-C6 (QFN32)"},
                          {1, -1, 1, 0, "ESP32-C6FH4 (QFN32)"},
                          {1, -1, 2, 0, "ESP32-C6FH8 (QFN32)"}},
             .keys = &later_keys,
             .spi = 0x60003000,
             .spi_at = &later_spi,
             .begin_words = 5,
             .crystals = {40},
             .stubs = {{"esp32c6", 0}}},
            {.image_id = 20, /* ESP32-C61: sources */
             .magic = {0x7211606F},
             .fuses = 0x600B4800,
             .fuse =
                 {
                     [FUSE_MAC_LOW] = AT(0x44, 0, 32),
                     [FUSE_MAC_HIGH] = AT(0x48, 0, 16),
                     CUSTOM_MAC_LATER,
                     [FUSE_MAJOR] = AT(0x4C, 4, 2),
                     [FUSE_MINOR] = AT(0x4C, 0, 4),
                     [FUSE_PACKAGE] = AT(0x4C, 26, 3),
                     [FUSE_CRYPT_COUNT] = AT(0x30, 23, 3),
                     PROTECTION_LATER,
                     [FUSE_USB_JTAG_OFF] = AT(0x30, 8, 1),
                     [FUSE_FORCE_DOWNLOAD_OFF] = AT(0x30, 10, 1),
                     [FUSE_JTAG_OFF] = AT(0x30, 13, 1),
                     [FUSE_DOWNLOAD_CRYPT_OFF] = AT(0x30, 14, 1),
                     [FUSE_SUPPLY_IS_PIN] = AT(0x30, 20, 1),
                     [FUSE_KEY_PURPOSE] = AT(0x34, 0, 4),
                     [FUSE_KEY_PURPOSE + 1] = AT(0x34, 4, 4),
                     [FUSE_KEY_PURPOSE + 2] = AT(0x34, 8, 4),
                     [FUSE_KEY_PURPOSE + 3] = AT(0x34, 12, 4),
                     [FUSE_KEY_PURPOSE + 4] = AT(0x34, 16, 4),
                     [FUSE_KEY_PURPOSE + 5] = AT(0x34, 20, 4),
                     [FUSE_SECURE_BOOT] = AT(0x34, 26, 1),
                     [FUSE_REVOKE_AT_ONCE] = AT(0x34, 27, 1),
                     [FUSE_DOWNLOAD_OFF] = AT(0x38, 0, 1),
                     [FUSE_USB_PRINT_OFF] = AT(0x38, 2, 1),
                     [FUSE_USB_BRIDGE_DOWNLOAD_OFF] = AT(0x38, 3, 1),
                     [FUSE_SECURE_DOWNLOAD] = AT(0x38, 4, 1),
                     [FUSE_PRINT] = AT(0x38, 5, 2),
                     [FUSE_SECURE_VERSION] = AT(0x38, 8, 16),
                 },
             .packages = {{0, -1, -1, 0, "ESP32-C61"}},
             .keys = &ecdsa_keys,
             .spi = 0x60003000,
             .spi_at = &later_spi,
             .begin_words = 5,
             .crystals = {40},
             .stubs = {{"esp32c61", 0}}},
            {.image_id = 16, /* ESP32-H2: sources */
             .magic = {0xD7B73E80},
             .fuses = 0x600B0800,
             .fuse =
                 {
                     [FUSE_MAC_LOW] = AT(0x44, 0, 32),
                     [FUSE_MAC_HIGH] = AT(0x48, 0, 16),
                     CUSTOM_MAC_LATER,
                     [FUSE_MAC_EXT] = AT(0x48, 16, 16),
                     [FUSE_MAJOR] = AT(0x50, 21, 2),
                     [FUSE_MINOR] = AT(0x50, 18, 3),
                     [FUSE_PACKAGE] = AT(0x54, 0, 3),
                     [FUSE_CRYPT_COUNT] = AT(0x34, 18, 3),
                     PROTECTION_LATER,
                     PURPOSES_LATER,
                     BOOT_LATER,
                     JTAG_LATER,
                     USB_BRIDGE_LATER,
                     [FUSE_USB_JTAG_OFF] = AT(0x30, 9, 1),
                     [FUSE_SUPPLY_IS_PIN] = AT(0x30, 26, 1),
                     [FUSE_SECURE_VERSION] = AT(0x3C, 9, 16),
                 },
             .packages = {{0, -1, -1, 0, "ESP32-H2"}},
             .keys = &ecdsa_keys,
             .spi = 0x60003000,
             .spi_at = &later_spi,
             .begin_words = 5,
             .crystals = {32},
             .stubs = {{"esp32h2", 0}}},
            {.image_id =
                 25, /* ESP32-H21: sources. Its magic word and the codes of the flash in its package are in none */
             .fuses = 0x600B4000,
             .fuse =
                 {
                     [FUSE_MAC_LOW] = AT(0x44, 0, 32),
                     [FUSE_MAC_HIGH] = AT(0x48, 0, 16),
                     CUSTOM_MAC_LATER,
                     [FUSE_MAC_EXT] = AT(0x48, 16, 16),
                     [FUSE_MAJOR] = AT(0x58, 8, 2),
                     [FUSE_MINOR] = AT(0x58, 4, 4),
                     [FUSE_PACKAGE] = AT(0x58, 11, 3),
                     [FUSE_CRYPT_COUNT] = AT(0x34, 18, 3),
                     PROTECTION_LATER,
                     PURPOSES_LATER,
                     BOOT_LATER,
                     JTAG_LATER,
                     USB_BRIDGE_LATER,
                     [FUSE_USB_JTAG_OFF] = AT(0x30, 9, 1),
                     [FUSE_SUPPLY_IS_PIN] = AT(0x30, 26, 1),
                     [FUSE_SECURE_VERSION] = AT(0x3C, 9, 16),
                 },
             .packages = {{0, -1, -1, 0, "ESP32-H21"}},
             .keys = &ecdsa_keys,
             .spi = 0x60003000,
             .spi_at = &later_spi,
             .begin_words = 5,
             .crystals = {32}},
            {.image_id =
                 18, /* ESP32-P4: sources. What stands at ESP_MAGIC_ADDRESS is flash there: it has no such word */
             .fuses = 0x5012D000,
             .fuse =
                 {
                     [FUSE_MAC_LOW] = AT(0x44, 0, 32),
                     [FUSE_MAC_HIGH] = AT(0x48, 0, 16),
                     CUSTOM_MAC_LATER,
                     [FUSE_MAJOR] = AT2(0x4C, 4, 2, 0x4C, 23, 1),
                     [FUSE_MINOR] = AT(0x4C, 0, 4),
                     [FUSE_PACKAGE] = AT(0x4C, 20, 3),
                     [FUSE_CRYPT_COUNT] = AT(0x34, 18, 3),
                     PROTECTION_LATER,
                     BOOT_LATER,
                     JTAG_LATER,
                     USB_BRIDGE_LATER,
                     [FUSE_USB_JTAG_OFF] = AT(0x30, 9, 1),
                     [FUSE_KEY_PURPOSE] = AT2(0x34, 24, 4, 0x3C, 27, 1),
                     [FUSE_KEY_PURPOSE + 1] = AT2(0x34, 28, 4, 0x3C, 28, 1),
                     [FUSE_KEY_PURPOSE + 2] = AT2(0x38, 0, 4, 0x3C, 29, 1),
                     [FUSE_KEY_PURPOSE + 3] = AT2(0x38, 4, 4, 0x3C, 30, 1),
                     [FUSE_KEY_PURPOSE + 4] = AT2(0x38, 8, 4, 0x3C, 31, 1),
                     [FUSE_KEY_PURPOSE + 5] = AT2(0x38, 12, 4, 0x40, 4, 1),
                     [FUSE_USB_OTG_DOWNLOAD_OFF] = AT(0x38, 27, 1),
                     [FUSE_SECURE_VERSION] = AT(0x3C, 9, 16),
                     [FUSE_FLASH_POWERED] = AT(0x34, 16, 1),
                 },
             .packages = {{0, -1, -1, 0, "ESP32-P4"}},
             .keys = &ecdsa_keys,
             .wide_purposes_from = 300,
             .spi = 0x5008D000,
             .spi_at = &later_spi,
             .begin_words = 5,
             .crystals = {40},
             .stubs = {{"esp32p4-rev1", 0}, {"esp32p4", 300}},
             /* The pads' supply, then the flash's own regulator: raised, forced on, and let down to what the eFuses say. */
             .power = {.from = 301,
                       .to = 302,
                       .steps = {{0x5011010C, 0xFFFFFFFF, 1, 10000},
                                 {0x501151BC, 0, 1u << 27, 0},
                                 {0x501151B8, 0, 1u << 7, 0},
                                 {0x501153FC, 0, 3, 50},
                                 {0x501151BC, 1u << 27, 0, 0},
                                 {0x501151B8, 0xFFu << 23, 0, 0},
                                 {0x501151B8, 0, 1u << 7, 0},
                                 {0x501151B8, 1u << 7, 0, 1800}},
                       /* Its ROM has powered it, and must not find it forced on when it does so once more. */
                       .ready_from = 302,
                       .ready = {0x501153FC, 3, 0, 0}}},
};

#define TARGETS (sizeof targets / sizeof targets[0])

const struct esp_target *esp_target_by_image(uint32_t image_id)
{
    for (size_t i = 0; i < TARGETS; i++)
        if (targets[i].image_id == image_id)
            return &targets[i];
    return NULL;
}

const struct esp_target *esp_target_by_magic(uint32_t magic)
{
    for (size_t i = 0; i < TARGETS; i++)
        for (size_t k = 0; k < TARGET_MAGICS && targets[i].magic[k] != 0; k++)
            if (targets[i].magic[k] == magic)
                return &targets[i];
    return NULL;
}

const struct esp_target *esp_target_by_name(const char *chip)
{
    const struct chip_kind *kind = chip_kind_by_name(chip);

    return kind != NULL ? esp_target_by_image(kind->image_id) : NULL;
}

const struct esp_target *esp_target_of_short_info(void)
{
    for (size_t i = 0; i < TARGETS; i++)
        if (targets[i].short_info)
            return &targets[i];
    return NULL;
}

const char *esp_target_refused_name(uint32_t magic)
{
    /* Its ROM has no digest of the flash: nothing could vouch for such a board. */
    return magic == 0xFFF0C101u ? "esp8266" : NULL;
}

const struct chip_kind *esp_target_kind(const struct esp_target *t)
{
    return chip_kind_by_image(t->image_id);
}

static bool has_place(const uint16_t *at, size_t count, uint16_t place)
{
    for (size_t i = 0; i < count; i++)
        if (at[i] == place)
            return true;
    return false;
}

static void put_in_order(uint16_t *at, size_t count, uint16_t place)
{
    size_t i = count;

    for (; i > 0 && at[i - 1] > place; i--)
        at[i] = at[i - 1];
    at[i] = place;
}

size_t esp_target_words(const struct esp_target *t, uint16_t at[static FUSE_WORDS_MAX])
{
    size_t count = 0;

    for (size_t f = 0; f < FUSE_COUNT; f++) {
        for (size_t i = 0; i < 3; i++) {
            const struct fuse_bits *b = &t->fuse[f].part[i];

            if (b->width == 0 || has_place(at, count, b->at) || count == FUSE_WORDS_MAX)
                continue;
            put_in_order(at, count, b->at);
            count++;
        }
    }
    return count;
}

uint32_t esp_target_fuse(const struct esp_target *t, enum fuse f, const uint32_t words[static FUSE_WORDS_MAX])
{
    uint16_t at[FUSE_WORDS_MAX];
    size_t count = esp_target_words(t, at);
    uint32_t value = 0;
    unsigned low = 0;

    for (size_t i = 0; i < 3; i++) {
        const struct fuse_bits *b = &t->fuse[f].part[i];

        for (size_t w = 0; w < count && b->width > 0; w++)
            if (at[w] == b->at)
                value |= (uint32_t)(words[w] >> b->shift & ((1ull << b->width) - 1)) << low;
        low += b->width;
    }
    return value;
}

const char *esp_target_stub(const struct esp_target *t, int revision)
{
    const char *name = NULL;

    for (size_t i = 0; i < TARGET_STUBS && t->stubs[i].name != NULL; i++)
        if (revision >= t->stubs[i].from)
            name = t->stubs[i].name;
    return name;
}

const char *esp_target_stub_name(size_t n)
{
    for (size_t i = 0; i < TARGETS; i++)
        for (size_t k = 0; k < TARGET_STUBS && targets[i].stubs[k].name != NULL; k++)
            if (n-- == 0)
                return targets[i].stubs[k].name;
    return NULL;
}
