/* SPDX-License-Identifier: Apache-2.0 */
#include "profiles/firmware/chip_kind.h"

#include <string.h>

#define PAGE_64K 0x10000u
#define PAGE_16K 0x4000u
#define PAGE_8K  0x2000u

/* Major revisions 0 to 3 and minor ones 0 to 15 is what the later chips' eFuses have bits for. */
#define LATER_LAST 315

#define FREQ_80                              \
    {                                        \
        {15, "80m"}, {0, "40m"}, {1, "26m"}, \
        {                                    \
            2, "20m"                         \
        }                                    \
    }

static const struct chip_kind kinds[] = {
    {.name = "esp32",
     .title = "ESP32",
     .image_id = 0,
     .boot_sector = 0x1000,
     .last_revision = 303, /* three bits of four values, two bits behind */
     .has_supply_fuses = true,
     .boot_pin = "GPIO0",
     .page = PAGE_64K,
     .frequencies = FREQ_80,
     .mapped = {{0x3F400000, 0x3F800000}, {0x400D0000, 0x40400000}}, /* data, code */
     /* Data RAM, the second core's cache and code RAM, fast RTC memory from either bus, slow RTC memory. */
     .memory = {{0x3FFAE000, 0x40000000},
                {0x40078000, 0x400AA000},
                {0x3FF80000, 0x3FF82000},
                {0x400C0000, 0x400C2000},
                {0x50000000, 0x50002000}},
     /* The rest of the bootloader's own code may be written over. */
     .loader = {{0x3FFAE000, 0x40000000}, {0x40078000, 0x40080000}},
     /* And the 32 KiB below its top that loading leaves to it. */
     .stack = {0x3FFDBF20, 0x3FFE3F20}},
    {.name = "esp32s2",
     .title = "ESP32-S2",
     .image_id = 2,
     .boot_sector = 0x1000,
     .last_revision = LATER_LAST,
     .has_supply_fuses = true,
     .boot_pin = "GPIO0",
     .page = PAGE_64K,
     .frequencies = FREQ_80,
     .mapped = {{0x3F000000, 0x3FF80000}, {0x40080000, 0x40C00000}},
     .memory = {{0x3FF9E000, 0x40000000}, {0x40020000, 0x40072000}, {0x50000000, 0x50002000}}},
    {.name = "esp32s3",
     .title = "ESP32-S3",
     .image_id = 9,
     .boot_sector = 0x0,
     .last_revision = LATER_LAST,
     .has_supply_fuses = true,
     .boot_pin = "GPIO0",
     .page = PAGE_64K,
     .frequencies = FREQ_80,
     .mapped = {{0x3C000000, 0x3E000000}, {0x42000000, 0x44000000}},
     .memory = {{0x3FC88000, 0x3FD00000},
                {0x40370000, 0x403E0000},
                {0x600FE000, 0x60100000},
                {0x50000000, 0x50002000}}},
    {.name = "esp32c2",
     .title = "ESP32-C2",
     .image_id = 12,
     .boot_sector = 0x0,
     .last_revision = LATER_LAST,
     .boot_pin = "GPIO9",
     .page = PAGE_16K,
     .frequencies = {{15, "60m"}, {0, "30m"}, {1, "20m"}, {2, "15m"}},
     .mapped = {{0x3C000000, 0x3C400000}, {0x42000000, 0x42400000}},
     .memory = {{0x3FCA0000, 0x3FCE0000}, {0x4037C000, 0x403C0000}}},
    {.name = "esp32c3",
     .title = "ESP32-C3",
     .image_id = 5,
     .boot_sector = 0x0,
     .last_revision = LATER_LAST,
     .old_minimum_is_minor = true,
     .boot_pin = "GPIO9",
     .page = PAGE_64K,
     .frequencies = FREQ_80,
     .mapped = {{0x3C000000, 0x3C800000}, {0x42000000, 0x42800000}},
     .memory = {{0x3FC80000, 0x3FCE0000}, {0x4037C000, 0x403E0000}, {0x50000000, 0x50002000}}},
    {.name = "esp32c5",
     .title = "ESP32-C5",
     .image_id = 23,
     .boot_sector = 0x2000,
     .last_revision = LATER_LAST,
     .boot_pin = "GPIO28",
     .page = PAGE_16K,
     .frequencies = {{15, "80m"}, {0, "40m"}, {2, "20m"}},
     .mapped = {{0x42000000, 0x44000000}},
     .memory = {{0x40800000, 0x40860000}, {0x50000000, 0x50004000}}},
    {.name = "esp32c6",
     .title = "ESP32-C6",
     .image_id = 13,
     .boot_sector = 0x0,
     .last_revision = LATER_LAST,
     .boot_pin = "GPIO9",
     .page = PAGE_8K,
     .frequencies = {{0, "40m"},
                     {0, "80m"},
                     {2, "20m"}}, /* 80 MHz has no code of its own: the ROM's divider is wrong */
     .mapped = {{0x42000000, 0x43000000}},
     .memory = {{0x40800000, 0x40880000}, {0x50000000, 0x50004000}}},
    {.name = "esp32c61",
     .title = "ESP32-C61",
     .image_id = 20,
     .boot_sector = 0x0,
     .last_revision = LATER_LAST,
     .boot_pin = "GPIO9",
     .page = PAGE_16K,
     .frequencies = {{15, "80m"}, {0, "40m"}, {2, "20m"}},
     .mapped = {{0x42000000, 0x44000000}},
     .memory = {{0x40800000, 0x40860000}, {0x50000000, 0x50004000}}},
    {.name = "esp32h2",
     .title = "ESP32-H2",
     .image_id = 16,
     .boot_sector = 0x0,
     .last_revision = LATER_LAST,
     .boot_pin = "GPIO9",
     .page = PAGE_8K,
     .frequencies = {{15, "48m"}, {0, "24m"}, {1, "16m"}, {2, "12m"}},
     .mapped = {{0x42000000, 0x43000000}},
     .memory = {{0x40800000, 0x40850000}, {0x50000000, 0x50004000}}},
    {.name = "esp32h21",
     .title = "ESP32-H21",
     .image_id = 25,
     .boot_sector = 0x0,
     .last_revision = LATER_LAST,
     .boot_pin = "GPIO14",
     .page = PAGE_8K,
     .frequencies = {{15, "48m"}, {0, "24m"}, {1, "16m"}, {2, "12m"}},
     .mapped = {{0x42000000, 0x43000000}},
     .memory = {{0x40800000, 0x40850000}, {0x50000000, 0x50001000}}},
    {.name = "esp32p4",
     .title = "ESP32-P4",
     .image_id = 18,
     .boot_sector = 0x2000,
     .last_revision = 715, /* a third bit of its major revision stands apart */
     .boot_pin = "GPIO35",
     .page = PAGE_64K,
     .frequencies = FREQ_80,
     .mapped = {{0x40000000, 0x4C000000}},
     .memory = {{0x4FF00000, 0x4FFC0000}, {0x30100000, 0x30102000}, {0x50108000, 0x50110000}}},
};

#define KINDS (sizeof kinds / sizeof kinds[0])

const char *chip_kind_name(size_t n)
{
    return n < KINDS ? kinds[n].name : NULL;
}

const struct chip_kind *chip_kind_by_name(const char *name)
{
    for (size_t i = 0; i < KINDS; i++)
        if (strcmp(kinds[i].name, name) == 0)
            return &kinds[i];
    return NULL;
}

const struct chip_kind *chip_kind_by_image(uint16_t image_id)
{
    for (size_t i = 0; i < KINDS; i++)
        if (kinds[i].image_id == image_id)
            return &kinds[i];
    return NULL;
}

const struct chip_kind *chip_kind_first(void)
{
    return &kinds[0];
}

bool chip_kind_has_frequency(const struct chip_kind *k, uint8_t code, const char *name)
{
    for (size_t i = 0; i < sizeof k->frequencies / sizeof k->frequencies[0]; i++)
        if (k->frequencies[i].name != NULL && k->frequencies[i].code == code &&
            strcmp(k->frequencies[i].name, name) == 0)
            return true;
    return false;
}

const char *chip_kind_frequency(const struct chip_kind *k, uint8_t code)
{
    for (size_t i = 0; i < sizeof k->frequencies / sizeof k->frequencies[0]; i++)
        if (k->frequencies[i].name != NULL && k->frequencies[i].code == code)
            return k->frequencies[i].name;
    return "?";
}

bool chip_kind_boots(size_t n, uint32_t *offset)
{
    uint32_t least = 0;

    for (size_t found = 0; found <= n; found++) {
        uint32_t next = UINT32_MAX;

        for (size_t i = 0; i < KINDS; i++)
            if (kinds[i].boot_sector >= least && kinds[i].boot_sector < next)
                next = kinds[i].boot_sector;
        if (next == UINT32_MAX)
            return false;
        *offset = next;
        least = next + 1;
    }
    return true;
}
