/* SPDX-License-Identifier: Apache-2.0 */
#include "sim/board/sim_state.h"

#include <stdlib.h>
#include <string.h>

#include "sim/board/sim_physics.h"

/* What follows it on a chip, registers and stack, is not modelled. */
#define PANIC "Guru Meditation Error: Core 0 panic'ed (Load access fault)\r\n"

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

/*
 * The divisor counts in sixteenths. `believed_hz` is the clock the loader thinks it has, `clock_hz` the true one. The
 * register holds so many whole bits and four behind the point; a divisor of 0 is taken for 1 here.
 */
void sim_set_rate(struct sim_board *b, uint32_t wanted, uint32_t clock_hz, uint32_t believed_hz)
{
    uint64_t sixteenths = wanted > 0 ? (uint64_t)believed_hz * 16 / wanted : UINT32_MAX;
    uint32_t whole = (uint32_t)(sixteenths / 16) & b->chip->clkdiv_mask, part = (uint32_t)(sixteenths % 16);
    uint32_t made = whole == 0 ? 16 : whole * 16 + part;

    b->clkdiv = whole == 0 && b->chip->rom == SIM_ROM_FIRST ? 1 : whole | part << 20;
    b->uart_hz = clock_hz;
    b->baud = (uint32_t)((uint64_t)clock_hz * 16 / made);
}

void sim_set_rom_rate(struct sim_board *b, uint32_t wanted)
{
    uint32_t believed = b->chip->rom == SIM_ROM_FIRST ? sim_efuse_believed_xtal(&b->efuse) : b->rom_xtal_hz;

    sim_set_rate(b, wanted, b->xtal_hz, believed);
}

uint16_t sim_straps(const struct sim_board *b)
{
    if (b->config.strap > 0)
        return (uint16_t)(b->config.strap - 1);
    return b->boot_low ? b->chip->banner.download : b->chip->banner.run;
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

void sim_panic(struct sim_board *b)
{
    if (b->chip->rom == SIM_ROM_LATER)
        sim_say_text(b, PANIC, b->cpu_us);
    b->mode = SIM_MODE_HUNG;
}

bool sim_reg_mapped(const struct sim_board *b, uint32_t address)
{
    for (size_t i = 0; i < b->chip->spans; i++)
        if (address >= b->chip->map[i].from && address <= b->chip->map[i].to - 3)
            return true;
    return false;
}

static uint32_t memory(const struct sim_board *b, uint32_t address)
{
    for (size_t i = 0; i < b->chip->word_count; i++)
        if (b->chip->words[i].address == address)
            return b->chip->words[i].value;
    return sim_mem_read(&b->mem, address);
}

static uint32_t read_word(const struct sim_board *b, uint32_t address)
{
    uint32_t value;

    if (sim_spi_holds(&b->spi, address))
        return sim_spi_read(&b->spi, address);
    if (sim_efuse_read(&b->efuse, address, &value))
        return value;
    if (address == b->chip->clkdiv)
        return b->clkdiv;
    if (address == b->chip->strap)
        return sim_straps(b);
    if (b->chip->xtal_word != 0 && address == b->chip->xtal_word)
        return b->rom_xtal_hz / 1000000 << 24;
    return memory(b, address);
}

/* An address between two words takes bytes of both. */
uint32_t sim_reg_read(struct sim_board *b, uint32_t address)
{
    unsigned shift = address % 4 * 8;
    uint32_t low = read_word(b, address & ~3u);

    return shift == 0 ? low : low >> shift | read_word(b, (address & ~3u) + 4) << (32 - shift);
}

/* The flash's supply follows its two registers. */
static void look_at_power(struct sim_board *b)
{
    const struct sim_power *p = b->chip->power;

    if (p != NULL && b->needs_power)
        b->flash.unpowered =
            (sim_mem_read(&b->mem, p->pads) & 1) == 0 || (sim_mem_read(&b->mem, p->force) & 3) != 3;
}

void sim_reg_write(struct sim_board *b, uint32_t address, uint32_t value, uint32_t mask)
{
    address &= ~3u;
    value = (sim_reg_read(b, address) & ~mask) | (value & mask);
    if (sim_spi_holds(&b->spi, address)) {
        b->cpu_us += sim_spi_write(&b->spi, &b->flash, address, value);
    } else {
        sim_mem_write(&b->mem, address, value);
        look_at_power(b);
    }
}
