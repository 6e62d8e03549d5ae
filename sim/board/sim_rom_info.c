/* SPDX-License-Identifier: Apache-2.0 */
#include "sim/board/sim_rom_info.h"

#include <string.h>

#include "sim/board/sim_state.h"

/* Raw, four bits each, where most of the later chips have them (as measured on the C3). */
static void purposes(const struct sim_efuse *e, uint8_t at[static 6])
{
    uint32_t low = sim_efuse_field(e, (struct sim_fuse){0x34, 24, 8});
    uint32_t high = sim_efuse_field(e, (struct sim_fuse){0x38, 0, 16});

    for (int i = 0; i < 6; i++)
        at[i] = (low | high << 8) >> 4 * i & 15;
}

void sim_rom_security(const struct sim_board *b, uint8_t info[static SIM_ROM_INFO])
{
    const struct sim_fuse_map *map = &b->chip->fuses;
    uint32_t flags = sim_efuse_flags(&b->efuse);

    memset(info, 0, SIM_ROM_INFO);
    for (int i = 0; i < 4; i++)
        info[i] = (uint8_t)(flags >> 8 * i);
    info[4] = (uint8_t)sim_efuse_field(&b->efuse, map->crypt_count);
    if (map->crypt_count.shift == 18)
        purposes(&b->efuse, info + 5);
    info[11] = b->chip->info_tail;
    info[12] = (uint8_t)b->chip->id;
    info[16] = b->chip->info_eco;
}
