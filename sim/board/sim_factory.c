/* SPDX-License-Identifier: Apache-2.0 */
#include "sim/board/sim_factory.h"

#include <stdlib.h>
#include <string.h>

#include "sim/board/sim_chip.h"
#include "sim/board/sim_flash.h"
#include "sim/board/sim_random.h"

#define CONFIG_USED 0x400 /* bytes of the sector that carry data */

struct mac sim_factory_mac(uint64_t seed, int number)
{
    const uint8_t prefix[3] = MAC_TRAINING_PREFIX;
    uint32_t tail = (uint32_t)sim_random_mix(seed, 0x6d6163u) + (uint32_t)number;
    struct mac m;

    memcpy(m.bytes, prefix, 3);
    m.bytes[3] = (uint8_t)(tail >> 16);
    m.bytes[4] = (uint8_t)(tail >> 8);
    m.bytes[5] = (uint8_t)tail;
    return m;
}

/* Field offsets as in the released Pycom firmware's config structure. */
static void fill_config(struct sim_flash *f, const struct mac *mac, struct sim_random *r)
{
    uint8_t c[CONFIG_USED];

    memset(c, 0xff, sizeof c);
    memcpy(c, mac->bytes, 3); /* EUI-64 from the MAC, as the factory's script makes it */
    c[3] = 0xff;
    c[4] = 0xfe;
    memcpy(c + 5, mac->bytes + 3, 3);
    sim_random_fill(r, c + 8, 44); /* Sigfox id, PAC, private and public key */
    c[52] = 5;                     /* LoRa region EU868 */
    c[53] = 0x03;
    memset(c + 54, 0, 98);
    static const char network[14] = "wipy-wlan-virt"; /* 32 bytes of room, the rest is 0 */
    memcpy(c + 54, network, sizeof network);
    sim_flash_preload(f, SIM_CONFIG_SECTOR, c, sizeof c);
}

static void fill_random(struct sim_flash *f, uint32_t offset, uint32_t len, int magic, struct sim_random *r)
{
    uint8_t *bytes = malloc(len);

    if (bytes == NULL)
        return; /* the place stays blank */
    sim_random_fill(r, bytes, len);
    if (magic >= 0)
        bytes[0] = (uint8_t)magic;
    sim_flash_preload(f, offset, bytes, len);
    free(bytes);
}

/* What follows the magic byte in an image's header: so many segments, for that chip. */
static void fill_image_head(struct sim_flash *f, const struct sim_chip *chip, uint32_t offset)
{
    const uint8_t head[14] = {0xe9, 4, 2, 0x20, 0x00, 0x04, 0x08, 0x40, 0xee, 0, 0, 0, (uint8_t)chip->id};

    sim_flash_preload(f, offset, head, sizeof head);
}

/* A table of 2017, without an MD5 row as they were then; a small flash has less of it. */
static void fill_table(struct sim_flash *f)
{
    static const struct {
        uint8_t type, subtype;
        uint32_t offset, size;
        char name[16];
    } rows[] = {{1, 2, 0x9000, 0x7000, "nvs"},
                {0, 0, 0x10000, 0x180000, "factory"},
                {1, 0, 0x190000, 0x1000, "otadata"},
                {0, 0x10, 0x1a0000, 0x180000, "ota_0"},
                {1, 0x82, 0x380000, 0x7f000, "fs"}};
    uint8_t table[0xc00];

    memset(table, 0xff, sizeof table);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0] && rows[i].offset + rows[i].size <= f->size; i++) {
        uint8_t *b = table + 32 * i;

        memset(b, 0, 32);
        b[0] = 0xaa;
        b[1] = 0x50;
        b[2] = rows[i].type;
        b[3] = rows[i].subtype;
        for (int k = 0; k < 4; k++) {
            b[4 + k] = (uint8_t)(rows[i].offset >> (8 * k));
            b[8 + k] = (uint8_t)(rows[i].size >> (8 * k));
        }
        memcpy(b + 12, rows[i].name, sizeof rows[i].name);
    }
    sim_flash_preload(f, 0x8000, table, sizeof table);
}

void sim_factory_fill(struct sim_flash *f, const struct sim_chip *chip, const struct mac *mac, uint64_t seed)
{
    struct sim_random r = {sim_random_mix(seed, 0x666163746f7279u)};

    fill_random(f, chip->boot_at, 0x5000, 0xe9, &r);
    fill_random(f, 0x8000, 0x0c00, 0xaa, &r);    /* partition table, below */
    fill_random(f, 0x9000, 0x3000, -1, &r);      /* settings; the rest of the partition was never used */
    fill_random(f, 0x10000, 0x158000, 0xe9, &r); /* older firmware */
    fill_random(f, 0x190000, 0x40, -1, &r);      /* boot selection of that time */
    fill_random(f, 0x1a0000, 0x20000, 0xe9, &r); /* the start of an update that was never finished */
    fill_random(f, 0x380000, 0x9000, -1, &r);    /* file system */
    fill_table(f);
    fill_image_head(f, chip, chip->boot_at);
    fill_image_head(f, chip, 0x10000);
    if (f->size > SIM_CONFIG_SECTOR && chip->rom == SIM_ROM_FIRST)
        fill_config(f, mac, &r);
    if (f->size > 0x400000)
        fill_random(f, 0x400000, 0x9000, -1, &r); /* file system of the larger generation */
}
