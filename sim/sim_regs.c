/* SPDX-License-Identifier: Apache-2.0 */
#include "sim/sim_core.h"

#define UART0_CLKDIV 0x3ff40014u
#define RTCCALICFG1  0x3ff5f06cu
#define APB_DATE     0x3ff6607cu
#define CHIP_MAGIC   0x40001000u
#define ROM_VECTOR \
    0x40000100u /* first word of the window-overflow vector: what a garbled address has been seen to read */
#define GPIO_STRAP 0x3ff44038u

static uint32_t fallback(const struct sim_board *b, uint32_t address)
{
    for (unsigned i = 0; i < b->mem.words && i < sizeof b->mem.word / sizeof b->mem.word[0]; i++)
        if (b->mem.word[i].address == address)
            return b->mem.word[i].value;
    return 0;
}

uint32_t sim_reg_read(struct sim_board *b, uint32_t address)
{
    address &= ~3u;
    if (address >= SIM_SPI1_BASE && address < SIM_SPI1_BASE + SIM_SPI1_WORDS * 4)
        return sim_spi_read(&b->spi, address);
    if (address >= SIM_EFUSE_BASE && address < SIM_EFUSE_BASE + SIM_EFUSE_WORDS * 4)
        return b->efuse.word[(address - SIM_EFUSE_BASE) / 4];
    switch (address) {
    case CHIP_MAGIC:
        return b->efuse.chip_magic;
    case ROM_VECTOR:
        return 0x0049cd00;
    case UART0_CLKDIV:
        return b->clkdiv;
    case RTCCALICFG1:
        return b->efuse.rtc_cal;
    case APB_DATE:
        return b->efuse.apb_date;
    case GPIO_STRAP:
        return b->boot_low ? 0x03 : 0x13;
    default:
        return fallback(b, address);
    }
}

void sim_reg_write(struct sim_board *b, uint32_t address, uint32_t value, uint32_t mask)
{
    struct sim_mem *m = &b->mem;
    const unsigned room = sizeof m->word / sizeof m->word[0];

    address &= ~3u;
    value = (sim_reg_read(b, address) & ~mask) | (value & mask);
    if (address >= SIM_SPI1_BASE && address < SIM_SPI1_BASE + SIM_SPI1_WORDS * 4) {
        b->cpu_us += sim_spi_write(&b->spi, &b->flash, address, value);
        return;
    }
    for (unsigned i = 0; i < m->words && i < room; i++) {
        if (m->word[i].address == address) {
            m->word[i].value = value;
            return;
        }
    }
    m->word[m->words % room].address = address;
    m->word[m->words % room].value = value;
    if (++m->words >= 2 * room) /* keep counting in the second lap so that all entries stay in use */
        m->words = room;
}
