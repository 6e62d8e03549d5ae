/* SPDX-License-Identifier: Apache-2.0 */
#include "sim/board/sim_mishap.h"

#include "sim/board/sim_flash.h"

bool sim_mishap_plan(struct sim_mishaps *s, const struct sim_mishap *m)
{
    if (s->count == SIM_MISHAPS_MAX)
        return false;
    s->planned[s->count++] = *m;
    return true;
}

void sim_mishap_begins(struct sim_mishaps *s)
{
    if (s->writing_since == 0)
        s->writing_since = s->received;
}

void sim_mishap_byte(struct sim_mishaps *s)
{
    s->received++;
}

static bool is_due(const struct sim_mishaps *s, const struct sim_mishap *m)
{
    uint64_t since = m->early ? s->received : s->received - s->writing_since;

    return m->kind != SIM_MISHAP_NONE && (m->early || s->writing_since != 0) && since >= m->after;
}

bool sim_mishap_take(struct sim_mishaps *s, struct sim_mishap *due)
{
    for (unsigned i = 0; i < s->count; i++) {
        if (!is_due(s, &s->planned[i]))
            continue;
        *due = s->planned[i];
        s->planned[i].kind = SIM_MISHAP_NONE;
        s->happened++;
        return true;
    }
    return false;
}

void sim_mishap_read(struct sim_mishaps *s, uint8_t *bytes, uint32_t len)
{
    if (len == 0 || !s->read_lies)
        return;
    s->read_lies = false;
    bytes[len / 2] ^= 0x10;
}

uint32_t sim_mishap_digest(struct sim_mishaps *s, const struct sim_flash *f, uint32_t address, uint32_t len)
{
    if (!s->digest_elsewhere || len == 0)
        return address;
    s->digest_elsewhere = false;
    return sim_flash_covers(f, address + SIM_SECTOR, len) ? address + SIM_SECTOR : 0;
}
