/* SPDX-License-Identifier: Apache-2.0 */
#include "bench/model/floor_loader.h"

#include <stddef.h>
#include <string.h>

#include "sim/board/sim_physics.h"

#define HEADER 8  /* of each frame: direction, command, size, checksum or value */
#define WORDS  16 /* a BEGIN's four */
#define MD5    16 /* bytes; the ROM tells them as text */

/*
 * Blocks: the ROM refuses more than 0x1800; the first stub refuses a BEGIN with more than 0x4000; the second one's buffer
 * holds 0x4107 bytes, of which a DATA frame's headers take 24.
 */
static const struct floor_loader loaders[] = {
    {
        .name = "rom",
        .is_rom = true,
        .block = 0x1800,
        .begin = HEADER + WORDS,
        .answer = HEADER + 4,
        .digest = HEADER + 2 * MD5 + 4,
        .command_us = SIM_ROM_COMMAND_US,
        .inflate_us = SIM_ROM_INFLATE_NS / 1e3,
        .digest_us = SIM_ROM_MD5_NS / 1e3,
    },
    {
        .name = "v1",
        .block = 0x4000,
        .begin = HEADER + WORDS,
        .answer = HEADER + 2,
        .digest = HEADER + MD5 + 2,
        .command_us = SIM_STUB_COMMAND_US,
        .inflate_us = SIM_STUB_INFLATE_NS / 1e3,
        .digest_us = SIM_STUB_MD5_NS / 1e3,
        .idle_bytes = SIM_UART_IDLE_BYTES,
    },
    {
        .name = "v2-1.0",
        .block = 0x4107 - 24,
        .begin = HEADER + WORDS,
        .answer = HEADER + 2,
        .digest = HEADER + MD5 + 2,
        .command_us = SIM_STUB_COMMAND_US,
        .inflate_us = SIM_STUB_INFLATE_NS / 1e3,
        .digest_us = SIM_STUB_MD5_NS / 1e3,
    },
    {
        .name = "v2", /* 1.2.2 */
        .looks = true,
        .block = 0x4107 - 24,
        .begin = HEADER + WORDS,
        .answer = HEADER + 2,
        .digest = HEADER + MD5 + 2,
        .command_us = SIM_STUB_COMMAND_US,
        .inflate_us = SIM_STUB_INFLATE_NS / 1e3,
        .digest_us = SIM_STUB_FAST_MD5_NS / 1e3,
    },
};

#define LOADERS (sizeof loaders / sizeof loaders[0])

const struct floor_loader *floor_loader_find(const char *name)
{
    for (size_t i = 0; i < LOADERS; i++)
        if (strcmp(loaders[i].name, name) == 0)
            return &loaders[i];
    return NULL;
}

const char *floor_loader_name(unsigned index)
{
    return index < LOADERS ? loaders[index].name : NULL;
}
