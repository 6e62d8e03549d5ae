/* SPDX-License-Identifier: Apache-2.0 */
#include "sim/board/sim_flash.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "sim/board/sim_physics.h"

int sim_flash_init(struct sim_flash *f, uint32_t size, uint32_t id)
{
    if (size < SIM_BLOCK || size > 16u << 20 || (size & (size - 1)) != 0)
        return -EINVAL;
    *f = (struct sim_flash){.size = size,
                            .id = id != 0 ? id : sim_flash_winbond(size),
                            .slow_factor = 1,
                            .weak_at = UINT32_MAX,
                            .lie_at = UINT32_MAX};
    f->bytes = malloc(size);
    if (f->bytes == NULL)
        return -ENOMEM;
    memset(f->bytes, 0xff, size);
    return 0;
}

void sim_flash_free(struct sim_flash *f)
{
    free(f->bytes);
    f->bytes = NULL;
}

uint32_t sim_flash_winbond(uint32_t size)
{
    uint32_t code = 0;

    while (size >> code > 1)
        code++;
    return 0x40efu | code << 16;
}

bool sim_flash_covers(const struct sim_flash *f, uint32_t address, uint64_t len)
{
    return address <= f->size && len <= f->size - address;
}

static int64_t erase(struct sim_flash *f, uint32_t address, uint32_t len, int64_t us)
{
    if (!sim_flash_covers(f, address, len) || f->unpowered)
        return 0;
    memset(f->bytes + address, 0xff, len);
    return us * f->slow_factor;
}

int64_t sim_flash_erase_sector(struct sim_flash *f, uint32_t address)
{
    return erase(f, address & ~(SIM_SECTOR - 1), SIM_SECTOR, SIM_ERASE_SECTOR_US);
}

int64_t sim_flash_erase_block(struct sim_flash *f, uint32_t address)
{
    return erase(f, address & ~(SIM_BLOCK - 1), SIM_BLOCK, SIM_ERASE_BLOCK_US);
}

int64_t sim_flash_erase_chip(struct sim_flash *f)
{
    return erase(f, 0, f->size, (int64_t)SIM_ERASE_CHIP_US_PER_MIB * (f->size >> 20 ? f->size >> 20 : 1));
}

int64_t sim_flash_erase_area(struct sim_flash *f, uint32_t address, uint32_t len)
{
    uint64_t at = address & ~(SIM_SECTOR - 1);
    uint64_t end = ((uint64_t)address + len + SIM_SECTOR - 1) & ~(uint64_t)(SIM_SECTOR - 1);
    int64_t us = 0;

    if (len == 0)
        return 0;
    while (at < end && at < f->size) {
        bool whole = at % SIM_BLOCK == 0 && end - at >= SIM_BLOCK;
        us += whole ? sim_flash_erase_block(f, (uint32_t)at) : sim_flash_erase_sector(f, (uint32_t)at);
        at += whole ? SIM_BLOCK : SIM_SECTOR;
    }
    return us;
}

static bool lies(struct sim_flash *f, uint32_t address, size_t len)
{
    if (f->lie_at == UINT32_MAX || f->lie_at < address || f->lie_at - address >= len)
        return false;
    f->lie_at = UINT32_MAX;
    return true;
}

int64_t sim_flash_program(struct sim_flash *f, uint32_t address, const uint8_t *data, size_t len)
{
    if (!sim_flash_covers(f, address, len) || f->unpowered)
        return 0;
    int64_t ns = 0;
    for (size_t done = 0; done < len;) {
        size_t n = SIM_PROGRAM_CHUNK - (address + done) % SIM_PROGRAM_CHUNK;
        if (n > len - done)
            n = len - done;
        ns +=
            SIM_PAGE_PROGRAM_FIRST_NS + (int64_t)(n - 1) * SIM_PAGE_PROGRAM_NEXT_NS + SIM_PROGRAM_COMMAND_NS;
        if (!lies(f, address + (uint32_t)done, n)) {
            uint8_t *at = f->bytes + address + done;
            for (size_t i = 0; i < n; i++)
                at[i] &= data[done + i];
        }
        done += n;
    }
    /* A worn place: bit 0 reads back as 1 whatever was programmed there. */
    for (uint32_t i = 0; f->weak_at != UINT32_MAX && i < 64; i++)
        if (f->weak_at + i >= address && f->weak_at + i - address < len)
            f->bytes[f->weak_at + i] |= 1;
    return ns * f->slow_factor / 1000;
}

void sim_flash_preload(struct sim_flash *f, uint32_t address, const uint8_t *bytes, size_t len)
{
    if (sim_flash_covers(f, address, len))
        memcpy(f->bytes + address, bytes, len);
}

bool sim_flash_blank(const struct sim_flash *f, uint32_t address, uint32_t len)
{
    if (!sim_flash_covers(f, address, len) || len == 0)
        return false;
    return f->bytes[address] == 0xff && memcmp(f->bytes + address, f->bytes + address + 1, len - 1) == 0;
}
