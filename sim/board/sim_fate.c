/* SPDX-License-Identifier: Apache-2.0 */
#include "sim/board/sim_fate.h"

#include <stdlib.h>
#include <string.h>

#include "sim/board/sim_boot.h"
#include "sim/board/sim_factory.h"

#define WEAK_PLACE  0x18040u /* inside every firmware that is worth the name */
#define OTHER_BOARD 0x80     /* in the MAC's last byte, and in the seed */
#define OWN_MAC     0x40     /* as well, of the MAC that the board's owner burnt */

#define XTS_AES_128 4 /* the purpose of such a key */

static void burn(struct sim_board *b, const struct sim_personality *p)
{
    const struct sim_fuse_map *map = &b->chip->fuses;
    struct mac own = b->config.mac;

    if (p->secure_boot)
        sim_efuse_burn(&b->efuse, map->secure_boot, 1);
    if (p->secure_boot_2)
        sim_efuse_burn(&b->efuse, map->secure_boot_2, 1);
    if (p->encrypted) {
        sim_efuse_burn(&b->efuse, map->crypt_count, 1);
        sim_efuse_burn(&b->efuse, map->crypt_config, 0xf);
    }
    if (p->no_download)
        sim_efuse_burn(&b->efuse, map->no_download, 1);
    if (p->secure_download)
        sim_efuse_burn(&b->efuse, map->secure_download, 1);
    if (p->blank_mac)
        sim_efuse_blank_mac(&b->efuse);
    if (p->bad_mac_crc)
        sim_efuse_spoil_mac(&b->efuse);
    if (p->vdd_1v8 || p->vdd_3v3) {
        sim_efuse_burn(&b->efuse, map->vdd_force, 1);
        sim_efuse_burn(&b->efuse, map->vdd_on, 1);
        sim_efuse_burn(&b->efuse, map->vdd_3v3, p->vdd_3v3);
    }
    if (p->no_jtag)
        sim_efuse_burn(&b->efuse, map->pad_jtag, 1);
    if (p->has_key) {
        sim_efuse_burn(&b->efuse, map->write_key, 1);
        sim_efuse_burn(&b->efuse, map->read_key, 3);
        sim_efuse_burn(&b->efuse, map->key_purpose, XTS_AES_128);
    }
    own.bytes[5] ^= OWN_MAC;
    if (p->custom_mac)
        sim_efuse_burn_custom_mac(&b->efuse, &own);
}

/* Supply and crystal. */
static void solder(struct sim_board *b, const struct sim_personality *p)
{
    const struct sim_power *power = b->chip->power;
    int revision = b->config.revision;

    b->needs_power = power != NULL && (revision == power->revisions[0] || revision == power->revisions[1]);
    b->flash.unpowered = b->needs_power || p->unpowered;
    if (p->other_crystal && b->chip->other_xtal_hz != 0)
        b->xtal_hz = b->chip->other_xtal_hz;
}

void sim_fate_birth(struct sim_board *b)
{
    const struct sim_personality *p = sim_trouble_personality(b->trouble);

    burn(b, p);
    solder(b, p);
    if (p->flash_id != 0)
        b->flash.id = p->flash_id;
    if (p->slow_factor != 0)
        b->flash.slow_factor = p->slow_factor;
    if (p->weak_flash)
        b->flash.weak_at = WEAK_PLACE;
    if (p->no_reset_wire) {
        b->config.reset_wired = false;
        b->config.starts_in_bootloader = true;
    }
    if (p->mishap.kind != SIM_MISHAP_NONE)
        sim_mishap_plan(&b->mishaps, &p->mishap);
    if (p->jumper) {
        b->config.reset_wired = false;
        b->wire = true;
    }
    b->deaf_line = p->deaf || p->silent || p->noise;
}

static void restart(struct sim_board *b, int64_t at_us)
{
    sim_reset(b, at_us);
    sim_release(b, at_us);
}

static void damage(struct sim_board *b, uint32_t where)
{
    uint8_t half[SIM_SECTOR];

    memset(half, 0x55, sizeof half);
    sim_flash_program(&b->flash, where & ~(SIM_SECTOR - 1), half, sizeof half);
}

static void exchange(struct sim_board *b, int64_t at_us)
{
    struct mac mac = b->config.mac;

    mac.bytes[5] ^= OTHER_BOARD;
    b->config.mac = mac;
    sim_efuse_init(&b->efuse, b->chip, &mac, b->config.revision, 0);
    memset(b->flash.bytes, 0xff, b->flash.size);
    sim_factory_fill(&b->flash, b->chip, &mac, b->config.seed ^ OTHER_BOARD);
    free(b->exchanged_flash);
    b->exchanged_flash = malloc(b->flash.size);
    if (b->exchanged_flash != NULL)
        memcpy(b->exchanged_flash, b->flash.bytes, b->flash.size);
    b->cold = true;
    restart(b, at_us);
}

/* False: the byte that came is lost over it. */
static bool suffer(struct sim_board *b, const struct sim_mishap *m, int64_t at_us)
{
    switch (m->kind) {
    case SIM_MISHAP_RESET:
        restart(b, at_us);
        return false;
    case SIM_MISHAP_EXCHANGE:
        exchange(b, at_us);
        return false;
    case SIM_MISHAP_DAMAGE:
        damage(b, m->where);
        break;
    case SIM_MISHAP_LYING_READ:
        b->mishaps.read_lies = true;
        break;
    case SIM_MISHAP_DIGEST_ELSEWHERE:
        b->mishaps.digest_elsewhere = true;
        break;
    case SIM_MISHAP_NONE:
        break;
    }
    return true;
}

/* As suffer(), for one of the seed's faults. */
static bool take_blow(struct sim_board *b, enum sim_blow blow, uint32_t amount, uint8_t *byte, int64_t at_us)
{
    switch (blow) {
    case SIM_BLOW_DROP:
        return false;
    case SIM_BLOW_FLIP:
        *byte ^= (uint8_t)(1u << amount % 8);
        break;
    case SIM_BLOW_STALL:
        b->cpu_us = (b->cpu_us > at_us ? b->cpu_us : at_us) + amount;
        break;
    case SIM_BLOW_RESET:
        restart(b, at_us);
        return false;
    case SIM_BLOW_LIE:
        b->flash.lie_at = 0x10000 + amount % (b->flash.size / 4);
        break;
    case SIM_BLOW_NONE:
        break;
    }
    return true;
}

bool sim_fate_byte(struct sim_board *b, uint8_t *byte, int64_t at_us)
{
    struct sim_mishap mishap;
    enum sim_blow blow;
    uint32_t amount;
    bool kept = true;

    sim_mishap_byte(&b->mishaps);
    while (sim_mishap_take(&b->mishaps, &mishap))
        kept = suffer(b, &mishap, at_us) && kept;
    if (!sim_trouble_byte(b->trouble)) {
        restart(b, at_us);
        return false;
    }
    while ((blow = sim_trouble_take(b->trouble, &amount)) != SIM_BLOW_NONE)
        kept = take_blow(b, blow, amount, byte, at_us) && kept;
    sim_trouble_noise(b->trouble, &b->random, b->host_baud, byte);
    return kept;
}
