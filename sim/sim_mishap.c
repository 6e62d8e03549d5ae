/* SPDX-License-Identifier: Apache-2.0 */
#include "sim/sim_mishap.h"

#include <stdlib.h>
#include <string.h>

#include "sim/sim_core.h"
#include "sim/sim_factory.h"

#define OTHER_BOARD 0x80 /* in the MAC's last byte, and in the seed */

bool sim_board_plan_mishap(struct sim_board *b, const struct sim_mishap *m)
{
    struct sim_mishaps *s = &b->mishaps;

    if (s->count == SIM_MISHAPS_MAX)
        return false;
    s->planned[s->count++] = *m;
    return true;
}

unsigned sim_board_mishaps(const struct sim_board *b)
{
    return b->mishaps.happened;
}

uint64_t sim_board_received(const struct sim_board *b)
{
    return b->mishaps.writing_since != 0 ? b->mishaps.received - b->mishaps.writing_since : 0;
}

const uint8_t *sim_board_exchanged_flash(const struct sim_board *b)
{
    return b->mishaps.exchanged_flash;
}

void sim_mishap_free(struct sim_mishaps *s)
{
    free(s->exchanged_flash);
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
    sim_efuse_init(&b->efuse, &mac, b->config.revision, 0);
    memset(b->flash.bytes, 0xff, b->flash.size);
    sim_factory_fill(b, &mac, b->config.seed ^ OTHER_BOARD);
    free(b->mishaps.exchanged_flash);
    b->mishaps.exchanged_flash = malloc(b->flash.size);
    if (b->mishaps.exchanged_flash != NULL)
        memcpy(b->mishaps.exchanged_flash, b->flash.bytes, b->flash.size);
    b->cold = true;
    sim_reset(b, at_us);
    sim_release(b, at_us);
}

/* False: the byte that came is lost over it. */
static bool happen(struct sim_board *b, const struct sim_mishap *m, int64_t at_us)
{
    switch (m->kind) {
    case SIM_MISHAP_RESET:
        sim_reset(b, at_us);
        sim_release(b, at_us);
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

static bool is_due(const struct sim_mishaps *s, const struct sim_mishap *m)
{
    uint64_t since = m->early ? s->received : s->received - s->writing_since;

    return m->kind != SIM_MISHAP_NONE && (m->early || s->writing_since != 0) && since >= m->after;
}

bool sim_mishap_byte(struct sim_board *b, int64_t at_us)
{
    struct sim_mishaps *s = &b->mishaps;
    bool kept = true;

    s->received++;
    for (unsigned i = 0; i < s->count; i++) {
        if (!is_due(s, &s->planned[i]))
            continue;
        struct sim_mishap m = s->planned[i];
        s->planned[i].kind = SIM_MISHAP_NONE;
        s->happened++;
        kept = happen(b, &m, at_us) && kept;
    }
    return kept;
}

void sim_mishap_begins(struct sim_board *b)
{
    if (b->mishaps.writing_since == 0)
        b->mishaps.writing_since = b->mishaps.received;
}

void sim_mishap_read(struct sim_board *b, uint8_t *bytes, uint32_t len)
{
    if (len == 0 || !b->mishaps.read_lies)
        return;
    b->mishaps.read_lies = false;
    bytes[len / 2] ^= 0x10;
}

uint32_t sim_mishap_digest(struct sim_board *b, uint32_t address, uint32_t len)
{
    if (!b->mishaps.digest_elsewhere || len == 0)
        return address;
    b->mishaps.digest_elsewhere = false;
    return sim_flash_covers(&b->flash, address + SIM_SECTOR, len) ? address + SIM_SECTOR : 0;
}
