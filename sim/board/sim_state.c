/* SPDX-License-Identifier: Apache-2.0 */
#include "sim/board/sim_state.h"

#include <stdlib.h>
#include <string.h>

#include "sim/board/sim_physics.h"

#define UART0_CLKDIV 0x3ff40014u
#define RTCCALICFG1  0x3ff5f06cu
#define APB_DATE     0x3ff6607cu
#define CHIP_MAGIC   0x40001000u
#define GPIO_STRAP   0x3ff44038u
#define UART0_DATE   0x3ff40078u

void sim_schedule(struct sim_board *b, enum sim_event event, int64_t at_us)
{
    b->event = event;
    b->event_us = at_us;
}

static void unplug(struct sim_board *b)
{
    b->mode = SIM_MODE_GONE;
    b->gone = true;
    sim_schedule(b, SIM_EVENT_NONE, SIM_NEVER);
}

void sim_progress(struct sim_board *b, uint32_t done, uint32_t total)
{
    switch (sim_trouble_progress(b->trouble, done, total)) {
    case SIM_PROGRESS_GOES_ON:
        return;
    case SIM_PROGRESS_STOPS:
        b->mode = SIM_MODE_HUNG;
        break;
    case SIM_PROGRESS_UNPLUGS:
        unplug(b);
        break;
    }
    b->deaf_line = true; /* for good: reset does not bring it back */
}

/* The divisor counts in sixteenths. `believed_hz` is the clock the loader thinks it has, `clock_hz` the true one. */
void sim_set_rate(struct sim_board *b, uint32_t wanted, uint32_t clock_hz, uint32_t believed_hz)
{
    uint64_t sixteenths = wanted > 0 ? (uint64_t)believed_hz * 16 / wanted : 0;

    if ((sixteenths & 0xffffff) <
        16) /* the register holds 20 bits and four behind the point; 0 is taken for 1 here */
        sixteenths = 16;
    sixteenths &= 0xffffff;
    b->clkdiv = (uint32_t)(sixteenths / 16) | (uint32_t)(sixteenths % 16) << 20;
    b->uart_hz = clock_hz;
    b->baud = (uint32_t)((uint64_t)clock_hz * 16 / sixteenths);
}

void sim_say(struct sim_board *b, const uint8_t *bytes, size_t len, int64_t at_us)
{
    if (sim_trouble_personality(b->trouble)->silent || b->gone)
        return;
    sim_line_push(&b->out, bytes, len, b->baud, at_us); /* no memory: as if the line had lost it */
}

void sim_say_text(struct sim_board *b, const char *text, int64_t at_us)
{
    sim_say(b, (const uint8_t *)text, strlen(text), at_us);
}

void sim_say_frame(struct sim_board *b, const uint8_t *payload, size_t len, int64_t at_us)
{
    if (!sim_trouble_reply(b->trouble))
        return;
    uint8_t *out = malloc(2 * len + 2);
    size_t n = 0;
    if (out == NULL)
        return;
    out[n++] = 0xc0;
    for (size_t i = 0; i < len; i++) {
        if (payload[i] == 0xc0 || payload[i] == 0xdb) {
            out[n++] = 0xdb;
            out[n++] = payload[i] == 0xc0 ? 0xdc : 0xdd;
        } else {
            out[n++] = payload[i];
        }
    }
    out[n++] = 0xc0;
    if (sim_trouble_flips(b->trouble))
        out[n / 2] ^= 4;
    sim_say(b, out, n, at_us);
    free(out);
}

struct span {
    uint32_t from, to; /* the last address */
};

/* What the processors see (technical reference manual, "System and Memory"); the rest is an exception. */
static const struct span map[] = {
    {0x3f400000, 0x3fbfffff}, /* flash and external RAM through the cache */
    {0x3ff00000, 0x3ff81fff}, /* peripherals, RTC fast memory */
    {0x3ff90000, 0x3ff9ffff}, /* ROM 1 */
    {0x3ffae000, 0x40bfffff}, /* SRAM, ROM 0, instruction memory, flash through the cache */
    {0x50000000, 0x50001fff}, /* RTC slow memory */
    {0x60000000, 0x6003ffff}, /* peripherals as the DMA sees them */
};

/* Words of the mask ROM that recordings show. */
static const struct {
    uint32_t address, value;
} rom_words[] = {
    {0x40000000, 0x1049c500},
    {0x40000100, 0x0049cd00},
    {CHIP_MAGIC + 4, 0x65004136},
};

bool sim_reg_mapped(uint32_t address)
{
    for (size_t i = 0; i < sizeof map / sizeof map[0]; i++)
        if (address >= map[i].from && address <= map[i].to - 3)
            return true;
    return false;
}

static uint32_t memory(const struct sim_board *b, uint32_t address)
{
    for (size_t i = 0; i < sizeof rom_words / sizeof rom_words[0]; i++)
        if (rom_words[i].address == address)
            return rom_words[i].value;
    return sim_mem_read(&b->mem, address);
}

static uint32_t read_word(struct sim_board *b, uint32_t address)
{
    if (address >= SIM_SPI1_BASE && address < SIM_SPI1_BASE + SIM_SPI1_WORDS * 4)
        return sim_spi_read(&b->spi, address);
    if (address >= SIM_EFUSE_BASE && address < SIM_EFUSE_BASE + SIM_EFUSE_WORDS * 4)
        return b->efuse.word[(address - SIM_EFUSE_BASE) / 4];
    switch (address) {
    case CHIP_MAGIC:
        return b->efuse.chip_magic;
    case UART0_CLKDIV:
        return b->clkdiv;
    case RTCCALICFG1:
        return b->efuse.rtc_cal;
    case APB_DATE:
        return b->efuse.apb_date;
    case GPIO_STRAP:
        return b->boot_low ? 0x03 : 0x13;
    case UART0_DATE:
        return 0x15122500;
    default:
        return memory(b, address);
    }
}

/* An address between two words takes bytes of both. */
uint32_t sim_reg_read(struct sim_board *b, uint32_t address)
{
    unsigned shift = address % 4 * 8;
    uint32_t low = read_word(b, address & ~3u);

    return shift == 0 ? low : low >> shift | read_word(b, (address & ~3u) + 4) << (32 - shift);
}

void sim_reg_write(struct sim_board *b, uint32_t address, uint32_t value, uint32_t mask)
{
    address &= ~3u;
    value = (sim_reg_read(b, address) & ~mask) | (value & mask);
    if (address >= SIM_SPI1_BASE && address < SIM_SPI1_BASE + SIM_SPI1_WORDS * 4)
        b->cpu_us += sim_spi_write(&b->spi, &b->flash, address, value);
    else
        sim_mem_write(&b->mem, address, value);
}
