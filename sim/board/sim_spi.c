/* SPDX-License-Identifier: Apache-2.0 */
#include "sim/board/sim_spi.h"

#include <string.h>

/* Word numbers of the two registers that all chips have there; the others are in the chip's map. */
enum { R_CMD = 0, R_ADDR = 1 };

#define CMD_USR   (1u << 18)
#define USER_ADDR (1u << 30)
#define USER_MISO (1u << 28)
#define USER_MOSI (1u << 27)

#define MAKER_WINBOND 0xef

void sim_spi_reset(struct sim_spi *s)
{
    const struct sim_spi_map *map = s->map;

    memset(s, 0, sizeof *s);
    s->map = map;
}

static uint32_t *reg(struct sim_spi *s, unsigned offset)
{
    return &s->reg[offset / 4];
}

void sim_spi_attach(struct sim_spi *s)
{
    s->attached = true;
    *reg(s, s->map->user) = s->map->user_idle;
    *reg(s, s->map->user2) = s->map->user2_idle;
}

bool sim_spi_holds(const struct sim_spi *s, uint32_t address)
{
    return address >= s->map->base && address < s->map->base + SIM_SPI_WORDS * 4;
}

uint32_t sim_spi_read(const struct sim_spi *s, uint32_t address)
{
    return s->reg[(address - s->map->base) / 4 % SIM_SPI_WORDS];
}

/* First 16 bytes of a W25Q's SFDP; parts of other makers here have none. */
static uint32_t sfdp_word(const struct sim_flash *f, uint32_t at)
{
    static const uint32_t table[] = {0x50444653, 0xff000105, 0x10090100, 0xff000080};

    return (f->id & 0xff) != MAKER_WINBOND ? 0 : at / 4 < 4 ? table[at / 4] : 0xffffffff;
}

static void data_in(struct sim_spi *s, const struct sim_flash *f, uint8_t op, uint32_t at)
{
    uint32_t bits = (*reg(s, s->map->miso_length) & 0x1ff) + 1;
    uint32_t word = 0xffffffff;

    if (!s->attached || f->unpowered || (f->asleep && op != 0xab))
        word = 0xffffffff;
    else if (op == 0x9f)
        word = f->id & 0xffffff;
    else if (op == 0x5a)
        word = sfdp_word(f, at);
    else if (op == 0x05)
        word = f->status[0] | (f->write_enabled ? 2u : 0);
    else if (op == 0x35)
        word = f->status[1];
    else if (op == 0x15)
        word = f->status[2];
    else if (op == 0xab)
        word = f->id >> 16 & 0xff;
    uint32_t mask = bits >= 32 ? 0xffffffff : (1u << bits) - 1;
    *reg(s, s->map->data) = (*reg(s, s->map->data) & ~mask) | (word & mask);
}

static int64_t erase(struct sim_flash *f, uint8_t op, uint32_t at)
{
    if (!f->write_enabled)
        return 0;
    f->write_enabled = false;
    if (op == 0x20)
        return sim_flash_erase_sector(f, at);
    if (op == 0xd8)
        return sim_flash_erase_block(f, at);
    return sim_flash_erase_chip(f);
}

static int64_t execute(struct sim_spi *s, struct sim_flash *f)
{
    uint32_t user = *reg(s, s->map->user), address = s->reg[R_ADDR];
    uint8_t op = *reg(s, s->map->user2) & 0xff;
    uint32_t at = !(user & USER_ADDR) ? 0 : s->map->address_high ? address >> 8 : address & 0xffffff;

    if (user & USER_MISO)
        data_in(s, f, op, at);
    if (!s->attached || f->unpowered)
        return 0;
    switch (op) {
    case 0x06:
        f->write_enabled = true;
        break;
    case 0x04:
    case 0x99:
        f->write_enabled = false;
        break;
    case 0x01:
        if (f->write_enabled && user & USER_MOSI)
            f->status[0] = *reg(s, s->map->data) & 0xfc;
        f->write_enabled = false;
        break;
    case 0x20:
    case 0xd8:
    case 0xc7:
    case 0x60:
        return erase(f, op, at);
    case 0xb9:
        f->asleep = true;
        break;
    case 0xab:
        f->asleep = false;
        break;
    default:
        break;
    }
    return 0;
}

int64_t sim_spi_write(struct sim_spi *s, struct sim_flash *f, uint32_t address, uint32_t value)
{
    uint32_t n = (address - s->map->base) / 4 % SIM_SPI_WORDS;

    if (n != R_CMD) {
        s->reg[n] = value;
        return 0;
    }
    return value & CMD_USR ? execute(s, f) : 0; /* the bit clears itself: done before anyone can look */
}
