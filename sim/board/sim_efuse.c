/* SPDX-License-Identifier: Apache-2.0 */
#include "sim/board/sim_efuse.h"

#include <string.h>

#define RTCCALICFG1 0x3ff5f06cu
#define APB_DATE    0x3ff6607cu
#define CK8M_FREQ \
    0x50u /* block 0 word 4, bits 7:0; with a calibration count of 1280 it means 40 MHz exactly */
#define MAC_EXTENSION  0xfffe0000u /* the two bytes in the middle of an EUI-64 */
#define CUSTOM_VERSION 0x8c        /* ESP32: word of block 3 whose top byte says that a burnt MAC counts */

static uint32_t *word_at(struct sim_efuse *e, unsigned offset)
{
    return &e->word[offset / 4 % SIM_EFUSE_WORDS];
}

static uint32_t mask_of(struct sim_fuse field)
{
    return field.width >= 32 ? 0xffffffffu : (1u << field.width) - 1;
}

void sim_efuse_burn(struct sim_efuse *e, struct sim_fuse field, uint32_t value)
{
    if (field.width > 0)
        *word_at(e, field.offset) |= (value & mask_of(field)) << field.shift;
}

uint32_t sim_efuse_field(const struct sim_efuse *e, struct sim_fuse field)
{
    return e->word[field.offset / 4 % SIM_EFUSE_WORDS] >> field.shift &
           (field.width > 0 ? mask_of(field) : 0);
}

static void burn_mac(struct sim_efuse *e, const struct mac *mac)
{
    const struct sim_fuse_map *map = &e->chip->fuses;
    const uint8_t *m = mac->bytes;

    *word_at(e, map->mac) = (uint32_t)m[2] << 24 | (uint32_t)m[3] << 16 | (uint32_t)m[4] << 8 | m[5];
    *word_at(e, map->mac + 4u) = (uint32_t)m[0] << 8 | m[1] | (map->has_mac_ext ? MAC_EXTENSION : 0) |
                                 (map->has_mac_crc ? (uint32_t)mac_crc8(mac) << 16 : 0);
}

/* Word 3: revision bit 0 is bit 15, the package is bits 11:9 (1: D0WD, as revision 3 comes; 0: D0WDQ6). */
static void burn_esp32(struct sim_efuse *e, int revision, int drift)
{
    e->word[3] = (revision >= 1 ? 1u << 15 : 0) | (revision >= 3 ? 1u << 9 : 0);
    e->word[4] = CK8M_FREQ;
    e->word[5] = revision >= 2 ? 1u << 20 : 0;
    e->apb_date = 0x16042000u | (revision >= 3 ? 1u << 31 : 0);
    e->rtc_cal = (uint32_t)(1280 + 1280 * drift / 1000) << 7;
}

static void burn_later(struct sim_efuse *e, int revision)
{
    const struct sim_fuse_map *map = &e->chip->fuses;
    uint32_t major = (uint32_t)revision / 100, minor = (uint32_t)revision % 100;

    sim_efuse_burn(e, map->minor, minor);
    sim_efuse_burn(e, map->minor_high, minor >> map->minor.width);
    sim_efuse_burn(e, map->major, major);
    sim_efuse_burn(e, map->major_high, major >> map->major.width);
    sim_efuse_burn(e, map->package, e->chip->package);
    sim_efuse_burn(e, map->flash, e->chip->flash_in_package);
    sim_efuse_burn(e, map->psram, e->chip->psram_in_package);
}

void sim_efuse_init(struct sim_efuse *e, const struct sim_chip *chip, const struct mac *mac, int revision,
                    int drift)
{
    memset(e, 0, sizeof *e);
    e->chip = chip;
    burn_mac(e, mac);
    if (chip->rom == SIM_ROM_FIRST)
        burn_esp32(e, revision, drift);
    else
        burn_later(e, revision);
}

void sim_efuse_burn_custom_mac(struct sim_efuse *e, const struct mac *mac)
{
    const struct sim_fuse_map *map = &e->chip->fuses;

    for (unsigned i = 0; i < sizeof mac->bytes; i++) {
        unsigned at = map->custom_mac + i;
        *word_at(e, at) |= (uint32_t)mac->bytes[i] << at % 4 * 8;
    }
    if (!map->has_mac_crc)
        return;
    *word_at(e, map->custom_mac - 1u) |= mac_crc8(mac);
    *word_at(e, CUSTOM_VERSION) |= 1u << 24;
}

void sim_efuse_blank_mac(struct sim_efuse *e)
{
    const struct sim_fuse_map *map = &e->chip->fuses;

    *word_at(e, map->mac) = 0;
    *word_at(e, map->mac + 4u) &= map->has_mac_crc || map->has_mac_ext ? 0 : ~0xffffu;
}

void sim_efuse_spoil_mac(struct sim_efuse *e)
{
    if (e->chip->fuses.has_mac_crc)
        *word_at(e, e->chip->fuses.mac + 4u) ^= 0x00410000; /* two bits of the checksum */
}

bool sim_efuse_read(const struct sim_efuse *e, uint32_t address, uint32_t *value)
{
    const struct sim_fuse_map *map = &e->chip->fuses;
    bool first = e->chip->rom == SIM_ROM_FIRST;

    if (address >= map->base && address < map->base + map->size)
        *value = e->word[(address - map->base) / 4];
    else if (address == SIM_CHIP_MAGIC)
        *value = e->chip->magic;
    else if (first && address == RTCCALICFG1)
        *value = e->rtc_cal;
    else if (first && address == APB_DATE)
        *value = e->apb_date;
    else
        return false;
    return true;
}

uint32_t sim_efuse_believed_xtal(const struct sim_efuse *e)
{
    uint64_t count = e->rtc_cal >> 7 & 0x1ffffff;

    return (uint32_t)(count * 15625 * (e->word[4] & 0xff) / 40);
}

/* Measured on the C3; the other chips' fuses of these names are not looked at here. */
static uint32_t c3_flags(const struct sim_efuse *e)
{
    static const struct {
        struct sim_fuse field;
        uint8_t flag;
    } table[] = {
        {{0x38, 21, 1}, 1},  /* SECURE_BOOT_AGGRESSIVE_REVOKE */
        {{0x34, 21, 3}, 3},  /* SECURE_BOOT_KEY_REVOKE0 to 2 */
        {{0x30, 13, 1}, 8},  /* called DIS_USB by tools */
        {{0x30, 10, 1}, 10}, /* DIS_DOWNLOAD_ICACHE */
    };
    uint32_t flags =
        sim_efuse_field(e, (struct sim_fuse){0x30, 16, 3}) == 7 ? 1u << 6 : 0; /* SOFT_DIS_JTAG */

    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++)
        flags |= sim_efuse_field(e, table[i].field) << table[i].flag;
    return flags;
}

uint32_t sim_efuse_flags(const struct sim_efuse *e)
{
    const struct sim_fuse_map *map = &e->chip->fuses;
    uint32_t flags = sim_efuse_field(e, map->secure_boot) | sim_efuse_field(e, map->secure_download) << 2 |
                     sim_efuse_field(e, map->pad_jtag) << 7;

    return flags | (map->secure_boot.offset == 0x38 && map->secure_boot.shift == 20 ? c3_flags(e) : 0);
}
