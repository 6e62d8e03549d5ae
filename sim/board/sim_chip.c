/* SPDX-License-Identifier: Apache-2.0 */
#include "sim/board/sim_chip.h"

#include <string.h>

#define SPANS(table) .map = (table), .spans = sizeof(table) / sizeof((table)[0])
#define WORDS(table) .words = (table), .word_count = sizeof(table) / sizeof((table)[0])

#define MHZ 1000000u
#define MIB (1u << 20)

/* The divisor of the first chip's UART has 20 whole bits, of the later ones' 12 (measured on the C3). */
#define CLKDIV_FIRST 0xfffffu
#define CLKDIV_LATER 0xfffu

/* Technical reference manuals, "System and Memory". */
static const struct sim_span esp32_map[] = {
    {0x3f400000, 0x3fbfffff}, /* flash and external RAM through the cache */
    {0x3ff00000, 0x3ff81fff}, /* peripherals, RTC fast memory */
    {0x3ff90000, 0x3ff9ffff}, /* ROM 1 */
    {0x3ffae000, 0x40bfffff}, /* SRAM, ROM 0, instruction memory, flash through the cache */
    {0x50000000, 0x50001fff}, /* RTC slow memory */
    {0x60000000, 0x6003ffff}, /* peripherals as the DMA sees them */
};
static const struct sim_span s2_map[] = {{0x3f000000, 0x3ff7ffff},
                                         {0x3ff9e000, 0x40071fff},
                                         {0x40080000, 0x40bfffff},
                                         {0x50000000, 0x50001fff},
                                         {0x60000000, 0x600fffff}};
/* S3 and H2: clients that get on with real ones look there for other chips' words, at 0x3ff5a00c and 0x3fcef14c. */
static const struct sim_span s3_map[] = {
    {0x3c000000, 0x3dffffff}, {0x3fc88000, 0x3fcfffff}, {0x3ff00000, 0x3fffffff}, {0x40000000, 0x4005ffff},
    {0x40370000, 0x403dffff}, {0x42000000, 0x43ffffff}, {0x50000000, 0x50001fff}, {0x60000000, 0x600fffff}};
static const struct sim_span c3_map[] = {
    {0x3c000000, 0x3c7fffff}, {0x3fc80000, 0x3fcdffff}, {0x3ff00000, 0x3ff1ffff}, {0x40000000, 0x4005ffff},
    {0x4037c000, 0x403dffff}, {0x42000000, 0x427fffff}, {0x50000000, 0x50001fff}, {0x60000000, 0x600fffff}};
static const struct sim_span c2_map[] = {
    {0x3c000000, 0x3c3fffff}, {0x3fca0000, 0x3fcdffff}, {0x3ff00000, 0x3ff4ffff}, {0x40000000, 0x4008ffff},
    {0x4037c000, 0x403bffff}, {0x42000000, 0x423fffff}, {0x60000000, 0x600fffff}};
static const struct sim_span c6_map[] = {{0x40000000, 0x4004ffff},
                                         {0x40800000, 0x4087ffff},
                                         {0x42000000, 0x43ffffff},
                                         {0x50000000, 0x50003fff},
                                         {0x60000000, 0x600fffff}};
static const struct sim_span h2_map[] = {{0x3fc00000, 0x3fcfffff}, {0x40000000, 0x4004ffff},
                                         {0x40800000, 0x4087ffff}, {0x42000000, 0x43ffffff},
                                         {0x50000000, 0x50003fff}, {0x60000000, 0x600fffff}};
static const struct sim_span p4_map[] = {
    {0x40000000, 0x4bffffff}, {0x4fc00000, 0x4fc1ffff}, {0x4ff00000, 0x4ff9ffff}, {0x50000000, 0x501fffff}};

/* Words of the mask ROMs and of peripherals that recordings show. */
static const struct sim_cell esp32_words[] = {{0x40000000, 0x1049c500},
                                              {0x40000100, 0x0049cd00},
                                              {SIM_CHIP_MAGIC + 4, 0x65004136},
                                              {0x3ff40078, 0x15122500}};
static const struct sim_cell c3_words[] = {{SIM_CHIP_MAGIC + 4, 0x6091706f},
                                           {0x3ff00000, 0x0027ca03},
                                           {0x60000078, 0x03700000},
                                           {0x600080bc, 0x4c4b4c4b}};
/* This chip has no magic word; tools look at the date of its flash controller. */
static const struct sim_cell p4_words[] = {{0x500d0000, 0x02207202}};

static const struct sim_power p4_power = {.revisions = {301, 302}, .pads = 0x5011010c, .force = 0x501153fc};

#define SPI_LATER(address)                                                                 \
    {                                                                                      \
        .base = (address), .user = 0x18, .user2 = 0x20, .miso_length = 0x28, .data = 0x58, \
        .user_idle = 0x800000c0, .user2_idle = 0x70000000                                  \
    }

/* Where most later chips have their security fuses, and all but the C2 a burnt MAC. */
#define SECURITY_LATER                                                                     \
    .custom_mac = 0x7c + 25, .secure_boot = {0x38, 20, 1}, .secure_boot_2 = {0x38, 20, 1}, \
    .crypt_count = {0x34, 18, 3}, .no_download = {0x3c, 0, 1}, .secure_download = {0x3c, 5, 1}

static const struct sim_chip chips[] = {
    /* Measured: ROM of revision 3. Crystal, package and flash as Pycom builds them. */
    {.name = "esp32",
     .title = "ESP32",
     .id = 0,
     .rom = SIM_ROM_FIRST,
     .divides_by_zero = true,
     .magic = 0x00f01d83,
     .boot_at = 0x1000,
     .revision = 1,
     .flash_size = 8 * MIB,
     .xtal_hz = 40 * MHZ,
     .rom_xtal_hz = 40 * MHZ,
     .clkdiv = 0x3ff40014,
     .clkdiv_mask = CLKDIV_FIRST,
     .strap = 0x3ff44038,
     .fuses = {.base = 0x3ff5a000,
               .size = 0x98,
               .mac = 0x04,
               .custom_mac = 0x79,
               .has_mac_crc = true,
               .secure_boot = {0x18, 4, 1},
               .secure_boot_2 = {0x18, 5, 1},
               .crypt_count = {0x00, 20, 7},
               .crypt_config = {0x14, 28, 4},
               .no_download = {0x00, 27, 1}},
     .spi = {.base = 0x3ff42000,
             .user = 0x1c,
             .user2 = 0x24,
             .miso_length = 0x2c,
             .data = 0x80,
             .address_high = true,
             .user_idle = 0x50000000,   /* command and data-in phases */
             .user2_idle = 0x70000003}, /* eight bits of command, READ */
     .banner = {.run = 0x13, .download = 0x03, .download_name = "DOWNLOAD_BOOT(UART0/UART1/SDIO_REI_REO_V2)"},
     SPANS(esp32_map),
     WORDS(esp32_words)},
    /* Sources. Its strap value for download is our reading of which pin is which bit. */
    {.name = "esp32s2",
     .title = "ESP32-S2",
     .id = 2,
     .rom = SIM_ROM_LATER,
     .info_size = 12,
     .divides_by_zero = true,
     .magic = 0x000007c6,
     .boot_at = 0x1000,
     .revision = 100,
     .flash_in_package = 2,
     .psram_in_package = 1,
     .flash_size = 4 * MIB,
     .xtal_hz = 40 * MHZ,
     .rom_xtal_hz = 40 * MHZ,
     .clkdiv = 0x3f400014,
     .clkdiv_mask = CLKDIV_LATER,
     .strap = 0x3f404038,
     .fuses = {.base = 0x3f41a000,
               .size = 0x17c,
               .mac = 0x44,
               .minor = {0x54, 4, 3},
               .minor_high = {0x50, 20, 1},
               .major = {0x50, 18, 2},
               .package = {0x54, 0, 4},
               .flash = {0x50, 21, 4},
               .psram = {0x50, 28, 4},
               SECURITY_LATER},
     .spi = SPI_LATER(0x3f402000),
     .banner = {"esp32s2-rc4-20191025", "Oct 25 2019", 0x8, 0x0, "DOWNLOAD(USB/UART0/1/SPI)"},
     SPANS(s2_map)},
    /* Sources; banner as boards print it. */
    {.name = "esp32s3",
     .title = "ESP32-S3",
     .id = 9,
     .rom = SIM_ROM_LATER,
     .info_size = 20,
     .divides_by_zero = true,
     .magic = 0x00000009,
     .boot_at = 0x0,
     .revision = 2,
     .psram_in_package = 1,
     .flash_size = 8 * MIB,
     .xtal_hz = 40 * MHZ,
     .rom_xtal_hz = 40 * MHZ,
     .clkdiv = 0x60000014,
     .clkdiv_mask = CLKDIV_LATER,
     .strap = 0x60004038,
     .fuses = {.base = 0x60007000,
               .size = 0x17c,
               .mac = 0x44,
               .minor = {0x50, 18, 3},
               .minor_high = {0x58, 23, 1},
               .major = {0x58, 24, 2},
               .package = {0x50, 21, 3},
               .flash = {0x50, 27, 3},
               .psram = {0x54, 3, 2},
               SECURITY_LATER},
     .spi = SPI_LATER(0x60002000),
     .banner = {"esp32s3-20210327", "Mar 27 2021", 0x8, 0x0, "DOWNLOAD(USB/UART0)"},
     SPANS(s3_map)},
    /* Measured: ROM of v0.3 and both stubs. A board's strap value from boards' logs: the recording had another. */
    {.name = "esp32c3",
     .title = "ESP32-C3",
     .id = 5,
     .rom = SIM_ROM_LATER,
     .info_size = 20,
     .info_tail = 0x0c,
     .info_eco = 3,
     .magic = 0x1b31506f,
     .boot_at = 0x0,
     .revision = 3,
     .flash_in_package = 1,
     .flash_size = 4 * MIB,
     .xtal_hz = 40 * MHZ,
     .rom_xtal_hz = 40 * MHZ,
     .clkdiv = 0x60000014,
     .clkdiv_mask = CLKDIV_LATER,
     .strap = 0x60004038,
     .fuses = {.base = 0x60008800,
               .size = 0x17c,
               .mac = 0x44,
               .minor = {0x50, 18, 3},
               .minor_high = {0x58, 23, 1},
               .major = {0x58, 24, 2},
               .package = {0x50, 21, 3},
               .flash = {0x50, 27, 3},
               SECURITY_LATER},
     .spi = SPI_LATER(0x60002000),
     .banner = {"esp32c3-api1-20210207", "Feb  7 2021", 0xc, 0x4, "DOWNLOAD(USB/UART0/1)"},
     SPANS(c3_map),
     WORDS(c3_words)},
    /* Sources; banner as boards print it. Its ROM takes the crystal for one of 40 MHz whatever it is. */
    {.name = "esp32c2",
     .title = "ESP32-C2",
     .id = 12,
     .rom = SIM_ROM_LATER,
     .info_size = 20,
     .magic = 0x7c41a06f,
     .boot_at = 0x0,
     .revision = 101,
     .package = 1,
     .flash_in_package = 1,
     .flash_size = 4 * MIB,
     .xtal_hz = 26 * MHZ,
     .rom_xtal_hz = 40 * MHZ,
     .other_xtal_hz = 40 * MHZ,
     .clkdiv = 0x60000014,
     .clkdiv_mask = CLKDIV_LATER,
     .strap = 0x60004038,
     .fuses = {.base = 0x60008800,
               .size = 0x80,
               .mac = 0x40,
               .custom_mac = 0x34,
               .minor = {0x44, 16, 4},
               .major = {0x44, 20, 2},
               .package = {0x44, 22, 3},
               .flash = {0x5c, 29, 3},
               .secure_boot = {0x30, 21, 1},
               .secure_boot_2 = {0x30, 21, 1},
               .crypt_count = {0x30, 7, 3},
               .no_download = {0x30, 14, 1},
               .secure_download = {0x30, 16, 1}},
     .spi = SPI_LATER(0x60002000),
     .banner = {"esp8684-api2-20220127", "Jan 27 2022", 0xc, 0x4, "DOWNLOAD(UART0)"},
     SPANS(c2_map)},
    /* Sources; banner as boards print it, the name of its download mode guessed. */
    {.name = "esp32c5",
     .title = "ESP32-C5",
     .id = 23,
     .rom = SIM_ROM_LATER,
     .info_size = 20,
     .magic = 0x5fd1406f,
     .boot_at = 0x2000,
     .revision = 100,
     .flash_size = 8 * MIB,
     .xtal_hz = 48 * MHZ,
     .rom_xtal_hz = 48 * MHZ,
     .other_xtal_hz = 40 * MHZ,
     .xtal_word = 0x60096110,
     .clkdiv = 0x60000014,
     .clkdiv_mask = CLKDIV_LATER,
     .strap = 0x60091038,
     .fuses = {.base = 0x600b4800,
               .size = 0x17c,
               .mac = 0x44,
               .custom_mac = 0x7c + 25,
               .has_mac_ext = true,
               .minor = {0x4c, 0, 4},
               .major = {0x4c, 4, 2},
               .package = {0x4c, 26, 3},
               .flash = {0x4c, 13, 3},
               .psram = {0x4c, 19, 3},
               .secure_boot = {0x38, 25, 1},
               .secure_boot_2 = {0x38, 25, 1},
               .crypt_count = {0x34, 16, 3},
               .no_download = {0x3c, 0, 1},
               .secure_download = {0x3c, 5, 1}},
     .spi = SPI_LATER(0x60003000),
     .banner = {"esp32c5-eco2-20250121", "Jan 21 2025", 0x18, 0x10, "DOWNLOAD(USB/UART0/SDIO)"},
     SPANS(c6_map)},
    /* Sources; banner as boards print it. */
    {.name = "esp32c6",
     .title = "ESP32-C6",
     .id = 13,
     .rom = SIM_ROM_LATER,
     .info_size = 20,
     .magic = 0x2ce0806f,
     .boot_at = 0x0,
     .revision = 1,
     .flash_size = 8 * MIB,
     .xtal_hz = 40 * MHZ,
     .rom_xtal_hz = 40 * MHZ,
     .clkdiv = 0x60000014,
     .clkdiv_mask = CLKDIV_LATER,
     .strap = 0x60091038,
     .fuses = {.base = 0x600b0800,
               .size = 0x17c,
               .mac = 0x44,
               .has_mac_ext = true,
               .minor = {0x50, 18, 4},
               .major = {0x50, 22, 2},
               .package = {0x50, 24, 3},
               .flash = {0x54, 0, 3},
               SECURITY_LATER},
     .spi = SPI_LATER(0x60003000),
     .banner = {"esp32c6-20220919", "Sep 19 2022", 0xc, 0x4, "DOWNLOAD(USB/UART0/SDIO_FEI_FEO)"},
     SPANS(c6_map)},
    /* Sources; banner as boards print it, its download mode as the C6's. */
    {.name = "esp32c61",
     .title = "ESP32-C61",
     .id = 20,
     .rom = SIM_ROM_LATER,
     .info_size = 20,
     .magic = 0x7211606f,
     .boot_at = 0x0,
     .revision = 100,
     .flash_size = 8 * MIB,
     .xtal_hz = 40 * MHZ,
     .rom_xtal_hz = 40 * MHZ,
     .clkdiv = 0x60000014,
     .clkdiv_mask = CLKDIV_LATER,
     .strap = 0x60091038,
     .fuses = {.base = 0x600b4800,
               .size = 0x17c,
               .mac = 0x44,
               .custom_mac = 0x7c + 25,
               .minor = {0x4c, 0, 4},
               .major = {0x4c, 4, 2},
               .package = {0x4c, 26, 3},
               .flash = {0x4c, 13, 3},
               .psram = {0x4c, 19, 3},
               .secure_boot = {0x34, 26, 1},
               .secure_boot_2 = {0x34, 26, 1},
               .crypt_count = {0x30, 23, 3},
               .no_download = {0x38, 0, 1},
               .secure_download = {0x38, 4, 1}},
     .spi = SPI_LATER(0x60003000),
     .banner = {"esp32c61-eco3-20250228", "Feb 28 2025", 0xc, 0x4, "DOWNLOAD(USB/UART0/SDIO_FEI_FEO)"},
     SPANS(c6_map)},
    /* Sources; banner as boards print it. */
    {.name = "esp32h2",
     .title = "ESP32-H2",
     .id = 16,
     .rom = SIM_ROM_LATER,
     .info_size = 20,
     .magic = 0xd7b73e80,
     .boot_at = 0x0,
     .revision = 1,
     .flash_in_package = 2,
     .flash_size = 4 * MIB,
     .xtal_hz = 32 * MHZ,
     .rom_xtal_hz = 32 * MHZ,
     .clkdiv = 0x60000014,
     .clkdiv_mask = CLKDIV_LATER,
     .strap = 0x60091038,
     .fuses = {.base = 0x600b0800,
               .size = 0x17c,
               .mac = 0x44,
               .has_mac_ext = true,
               .minor = {0x50, 18, 3},
               .major = {0x50, 21, 2},
               .package = {0x54, 0, 3},
               .flash = {0x50, 24, 3},
               SECURITY_LATER},
     .spi = SPI_LATER(0x60003000),
     .banner = {"esp32h2-20221101", "Nov  1 2022", 0xc, 0x4, "DOWNLOAD(USB/UART0)"},
     SPANS(h2_map)},
    /* Sources; banner as boards print it. */
    {.name = "esp32p4",
     .title = "ESP32-P4",
     .id = 18,
     .rom = SIM_ROM_LATER,
     .info_size = 20,
     .boot_at = 0x2000,
     .revision = 103,
     .psram_in_package = 2,
     .flash_size = 16 * MIB,
     .xtal_hz = 40 * MHZ,
     .rom_xtal_hz = 40 * MHZ,
     .clkdiv = 0x500ca014,
     .clkdiv_mask = CLKDIV_LATER,
     .strap = 0x500e0038,
     .fuses = {.base = 0x5012d000,
               .size = 0x17c,
               .mac = 0x44,
               .minor = {0x4c, 0, 4},
               .major = {0x4c, 4, 2},
               .major_high = {0x4c, 23, 1},
               .package = {0x4c, 20, 3},
               .psram = {0x4c, 13, 3},
               SECURITY_LATER},
     .spi = SPI_LATER(0x5008d000),
     .banner = {"esp32p4-eco2-20240710", "Jul 10 2024", 0x30f, 0x307, "DOWNLOAD(USB/UART0/SPI)"},
     .power = &p4_power,
     SPANS(p4_map),
     WORDS(p4_words)},
};

const struct sim_chip *sim_chip_at(size_t index)
{
    return index < sizeof chips / sizeof chips[0] ? &chips[index] : NULL;
}

const struct sim_chip *sim_chip_find(const char *name)
{
    for (size_t i = 0; i < sizeof chips / sizeof chips[0]; i++)
        if (strcmp(chips[i].name, name) == 0)
            return &chips[i];
    return NULL;
}
