/* SPDX-License-Identifier: Apache-2.0 */
#include "sim/board/sim_board.h"

#include <stdlib.h>
#include <string.h>

#include "sim/board/sim_boot.h"
#include "sim/board/sim_factory.h"
#include "sim/board/sim_fate.h"
#include "sim/board/sim_physics.h"
#include "sim/board/sim_rom.h"
#include "sim/board/sim_stub.h"

#define USB_PACKET \
    62 /* what one full-speed packet of an FTDI adapter carries: a reader wakes for that many at once */
#define RX_MAX 65536 /* what an adapter and its driver hold for a host that does not read; more is overrun */
#define DRIFT_MAX \
    40 /* per mille; the ROM's own oscillator is that far off on real chips (esptool corrects for it) */

static uint32_t real_size(const struct sim_board_config *c, const struct sim_personality *p)
{
    if (!p->wrong_size)
        return c->flash_size;
    return c->flash_size == 4u << 20 ? 8u << 20 : 4u << 20;
}

/* Which chip lies there, of which revision. */
static void choose_chip(struct sim_board *b, const struct sim_personality *p)
{
    b->chip = b->config.chip != NULL ? b->config.chip : sim_chip_at(0);
    if (p->other_chip) {
        b->chip = sim_chip_find(b->chip->rom == SIM_ROM_FIRST ? "esp32s2" : "esp32");
        b->config.revision = b->chip->revision;
    }
    if (p->unpowered && b->chip->power != NULL)
        b->config.revision = b->chip->power->revisions[0];
    b->xtal_hz = b->chip->xtal_hz;
    b->rom_xtal_hz = b->chip->rom_xtal_hz;
    b->spi.map = &b->chip->spi;
}

struct sim_board *sim_board_new(const struct sim_board_config *config, int64_t now_us)
{
    const struct sim_personality *p = sim_personality_find(config->personality);
    struct sim_board *b = p != NULL ? calloc(1, sizeof *b) : NULL;
    struct sim_random r = {sim_random_mix(config->seed, 0x6472696674u)};

    if (b == NULL)
        return NULL;
    b->config = *config;
    b->config.personality = p->name;
    choose_chip(b, p);
    b->random.state = sim_random_mix(config->seed, 0x6e6f697365u);
    b->trouble = sim_trouble_new(p, config->seed, config->fault_rate);
    b->inflate = sim_inflate_new();
    if (b->trouble == NULL || b->inflate == NULL ||
        sim_flash_init(&b->flash, real_size(config, p), config->flash_id) < 0) {
        sim_board_free(b);
        return NULL;
    }
    int drift = config->seed == 0 ? 0 : (int)sim_random_below(&r, 2 * DRIFT_MAX + 1) - DRIFT_MAX;
    sim_efuse_init(&b->efuse, b->chip, &config->mac, b->config.revision, drift);
    sim_fate_birth(b);
    b->in.free_us = b->out.free_us = INT64_MIN;
    b->host_baud = SIM_BANNER_BAUD;
    b->now_us = now_us;
    b->cold = true;
    sim_set_rate(b, SIM_BANNER_BAUD, b->xtal_hz, b->rom_xtal_hz);
    sim_reset(b, now_us);
    sim_release(b, now_us);
    return b;
}

void sim_board_free(struct sim_board *b)
{
    if (b == NULL)
        return;
    sim_trouble_free(b->trouble);
    sim_inflate_free(b->inflate);
    sim_flash_free(&b->flash);
    sim_line_free(&b->in);
    sim_line_free(&b->out);
    sim_mem_clear(&b->mem);
    sim_stub_free(b->stub);
    free(b->exchanged_flash);
    free(b->rx);
    free(b);
}

/* The ROM counts crystal ticks in the first bits it sees, a little short, and keeps no fraction. */
static void measure_rate(struct sim_board *b, uint32_t host_baud)
{
    uint64_t divisor = (uint64_t)b->xtal_hz * 998 / 1000 / host_baud;

    b->clkdiv = divisor > 0 ? (uint32_t)divisor : 1;
    b->baud = b->xtal_hz / b->clkdiv;
    b->rom.has_rate = true;
}

static bool line_bears(const struct sim_board *b, uint32_t baud)
{
    uint32_t limit = sim_trouble_personality(b->trouble)->baud_limit;

    return limit == 0 || baud <= limit;
}

/* Whether bytes sent at one rate are read as what they are at the other. */
static bool understood(const struct sim_board *b, uint32_t sent, uint32_t read)
{
    return b->config.rateless || (sim_baud_match(sent, read) && line_bears(b, sent));
}

/* When the board would take the next byte from the line; SIM_NEVER: none is under way. */
static int64_t input_due(const struct sim_board *b)
{
    const struct sim_run *r = sim_line_head(&b->in);

    if (r == NULL)
        return SIM_NEVER;
    int64_t at = sim_run_arrival(r, r->pos);
    if (b->mode == SIM_MODE_ROM && at < b->cpu_us)
        return b->cpu_us; /* waits in the FIFO until the loader looks */
    return at;
}

static void take_rom_byte(struct sim_board *b, uint8_t byte, bool waited, int64_t at_us)
{
    b->fifo = waited ? b->fifo + 1 : 0;
    if (b->fifo > SIM_UART_FIFO)
        return; /* overrun */
    sim_rom_byte(b, byte, at_us);
}

/* A loader has said what is to follow it. */
static void run_next(struct sim_board *b)
{
    enum sim_next next = b->next;

    b->next = SIM_NEXT_SAME;
    if (next == SIM_NEXT_UPLOAD)
        sim_stub_jump(b, b->next_entry);
    else if (next == SIM_NEXT_PROMPT)
        sim_prompt_start(b, b->next_us);
    else if (next == SIM_NEXT_DONE)
        sim_boot_done(b, b->next_us);
    else if (next == SIM_NEXT_RESET)
        sim_boot_again(b, b->next_us);
}

static void take_byte(struct sim_board *b, int64_t at_us)
{
    const struct sim_run *r = sim_line_head(&b->in);
    bool waited = b->mode == SIM_MODE_ROM && sim_run_arrival(r, r->pos) < b->cpu_us;
    uint32_t rate = r->baud;
    uint8_t byte = sim_line_take(&b->in);

    if (b->deaf_line || b->mode == SIM_MODE_GONE)
        return;
    if (b->mode == SIM_MODE_ROM && !b->rom.has_rate)
        measure_rate(b, rate);
    if (!understood(b, rate, b->baud))
        byte = (uint8_t)sim_random_next(&b->random);
    if (!sim_fate_byte(b, &byte, at_us))
        return;
    if (b->mode == SIM_MODE_ROM)
        take_rom_byte(b, byte, waited, at_us);
    else if (b->mode == SIM_MODE_STUB)
        sim_stub_byte(b, byte, at_us);
    else if (b->mode == SIM_MODE_APP && b->rom.at_prompt)
        sim_prompt_byte(b, byte, at_us);
    run_next(b);
}

static void run_event(struct sim_board *b)
{
    if (b->event == SIM_EVENT_STUB || b->event == SIM_EVENT_WORK)
        sim_stub_event(b);
    else
        sim_boot_event(b);
    run_next(b);
}

static void deliver(struct sim_board *b)
{
    for (struct sim_run *r;
         (r = sim_line_head(&b->out)) != NULL && sim_run_arrival(r, r->pos) <= b->now_us;) {
        if (b->rx_len == RX_MAX) {
            sim_line_take(&b->out);
            continue;
        }
        if (b->rx_len == b->rx_capacity) {
            size_t capacity = b->rx_capacity == 0 ? 1024 : b->rx_capacity * 2;
            uint8_t *more = realloc(b->rx, capacity);
            if (more == NULL)
                return;
            b->rx = more;
            b->rx_capacity = capacity;
        }
        bool whole = understood(b, r->baud, b->host_baud);
        uint8_t byte = sim_line_take(&b->out);
        b->rx[b->rx_len++] = whole ? byte : (uint8_t)sim_random_next(&b->random);
    }
}

static void advance(struct sim_board *b, int64_t now_us)
{
    for (;;) {
        int64_t in = input_due(b);
        int64_t at = in < b->event_us ? in : b->event_us;
        if (at > now_us || at == SIM_NEVER)
            break;
        if (at > b->now_us)
            b->now_us = at;
        if (b->event_us <= in)
            run_event(b);
        else
            take_byte(b, b->now_us);
    }
    if (now_us > b->now_us)
        b->now_us = now_us;
    deliver(b);
}

void sim_board_set_baud(struct sim_board *b, uint32_t baud, int64_t now_us)
{
    advance(b, now_us);
    b->host_baud = baud > 0 ? baud : SIM_BANNER_BAUD;
}

/* Two transistors, cross-coupled: a line pulls only while the other is not asserted. */
void sim_board_set_lines(struct sim_board *b, bool dtr, bool rts, int64_t now_us)
{
    advance(b, now_us);
    bool was_low = b->rts && !b->dtr, is_low = rts && !dtr;
    b->dtr = dtr;
    b->rts = rts;
    if (!b->config.reset_wired || was_low == is_low)
        return;
    if (is_low)
        sim_reset(b, b->now_us);
    else
        sim_release(b, b->now_us);
}

void sim_board_button(struct sim_board *b, bool boot_wire_to_gnd, int64_t now_us)
{
    advance(b, now_us);
    b->wire = boot_wire_to_gnd;
    sim_reset(b, b->now_us);
    sim_release(b, b->now_us);
}

void sim_board_send(struct sim_board *b, const uint8_t *bytes, size_t len, int64_t now_us)
{
    advance(b, now_us);
    sim_line_push(&b->in, bytes, len, b->host_baud, b->now_us);
}

int64_t sim_board_sent_at(const struct sim_board *b)
{
    return b->in.free_us > b->now_us ? b->in.free_us : b->now_us;
}

size_t sim_board_receive(struct sim_board *b, uint8_t *buf, size_t len, int64_t now_us)
{
    advance(b, now_us);
    size_t n = b->rx_len < len ? b->rx_len : len;
    if (n > 0) {
        memcpy(buf, b->rx, n);
        memmove(b->rx, b->rx + n, b->rx_len - n);
        b->rx_len -= n;
    }
    return n;
}

/* The reader is woken as an adapter with an event character would: at a C0 that ends something, or a full packet. */
static int64_t output_due(const struct sim_board *b)
{
    size_t seen = 0;

    for (size_t i = 0;; i++) {
        const struct sim_run *r = sim_line_run(&b->out, i);
        const struct sim_run *last = i > 0 ? sim_line_run(&b->out, i - 1) : NULL;
        if (r == NULL)
            return last != NULL ? sim_run_arrival(last, last->len - 1) : SIM_NEVER;
        for (size_t j = r->pos; j < r->len; j++)
            if ((r->bytes[j] == 0xc0 && seen > 0) || ++seen == USB_PACKET)
                return sim_run_arrival(r, j);
    }
}

int64_t sim_board_next(const struct sim_board *b)
{
    if (b->rx_len > 0)
        return b->now_us;
    const struct sim_run *r = sim_line_head(&b->in);
    int64_t at = output_due(b);
    if (r != NULL) {
        const uint8_t *end = memchr(r->bytes + r->pos, 0xc0, r->len - r->pos);
        int64_t due = sim_run_arrival(r, end != NULL ? (size_t)(end - r->bytes) : r->len - 1);
        if (b->mode == SIM_MODE_ROM && due < b->cpu_us)
            due = b->cpu_us;
        at = due < at ? due : at;
    }
    return b->event_us < at ? b->event_us : at;
}

void sim_board_burn(struct sim_board *b, uint32_t offset, uint32_t bits)
{
    sim_efuse_burn(&b->efuse, (struct sim_fuse){(uint16_t)offset, 0, 32}, bits);
}

const struct sim_chip *sim_board_chip(const struct sim_board *b)
{
    return b->chip;
}

uint32_t sim_board_baud(const struct sim_board *b)
{
    return b->baud;
}

const struct sim_frames *sim_board_frames(const struct sim_board *b)
{
    return &b->frames;
}

bool sim_board_is_gone(const struct sim_board *b)
{
    return b->gone;
}

const uint8_t *sim_board_flash(const struct sim_board *b, uint32_t *size)
{
    if (size != NULL)
        *size = b->flash.size;
    return b->flash.bytes;
}

void sim_board_preload(struct sim_board *b, uint32_t offset, const uint8_t *bytes, size_t len)
{
    sim_flash_preload(&b->flash, offset, bytes, len);
}

void sim_board_fill(struct sim_board *b)
{
    sim_factory_fill(&b->flash, b->chip, &b->config.mac, b->config.seed);
}

bool sim_board_plan_mishap(struct sim_board *b, const struct sim_mishap *m)
{
    return sim_mishap_plan(&b->mishaps, m);
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
    return b->exchanged_flash;
}
