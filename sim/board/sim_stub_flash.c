/* SPDX-License-Identifier: Apache-2.0 */
#include "sim/board/sim_stub_flash.h"

#include <string.h>

#include "sim/board/sim_physics.h"

#define PACKET_MAX 0x1000u

static void wait_ready(struct sim_board *b, const struct stub_flash *f)
{
    if (b->cpu_us < f->ready_us)
        b->cpu_us = f->ready_us;
}

static void erase_step_done(struct stub_flash *f, uint32_t step)
{
    f->erase_next += step;
    f->erase_left = f->erase_left > step ? f->erase_left - step : 0;
}

/* Starts the next erase if the chip is free; a sector found blank costs only its reading. */
static void erase_next(struct sim_board *b, struct stub_flash *f)
{
    if (f->erase_left == 0 || b->cpu_us < f->ready_us)
        return;
    if (!sim_flash_covers(&b->flash, f->erase_next, SIM_SECTOR)) {
        erase_step_done(f, SIM_SECTOR); /* past the end: nothing there to erase */
        return;
    }
    if (f->kind->skips_blank && !f->dirty) {
        b->cpu_us += (int64_t)SIM_SECTOR * SIM_READ_NS / 1000;
        if (sim_flash_blank(&b->flash, f->erase_next, SIM_SECTOR)) {
            erase_step_done(f, SIM_SECTOR);
            return;
        }
        f->dirty = true;
    }
    bool whole = f->erase_next % SIM_BLOCK == 0 && f->erase_left >= SIM_BLOCK;
    int64_t us = whole ? sim_flash_erase_block(&b->flash, f->erase_next)
                       : sim_flash_erase_sector(&b->flash, f->erase_next);
    f->ready_us = b->cpu_us + us;
    erase_step_done(f, whole ? SIM_BLOCK : SIM_SECTOR);
}

int stub_begin(struct sim_board *b, struct stub_flash *f, const struct stub_command *c, bool deflate)
{
    uint32_t total = sim_word(c->body), blocks = sim_word(c->body + 4), block = sim_word(c->body + 8);
    uint32_t at = sim_word(c->body + 12);

    if (c->size != 16 && c->size != 20)
        return STUB_BAD_LEN;
    if (f->kind->block_max != 0 && block > f->kind->block_max)
        return STUB_BAD_BLOCK;
    uint32_t from = at & ~(SIM_SECTOR - 1);
    uint64_t to = ((uint64_t)at + total + SIM_SECTOR - 1) & ~(uint64_t)(SIM_SECTOR - 1);
    *f = (struct stub_flash){.kind = f->kind,
                             .busy = true,
                             .deflate = deflate,
                             .total = total,
                             .left = total,
                             .packed = blocks * block,
                             .at = at,
                             .erase_next = from,
                             .erase_left = (uint32_t)(to - from),
                             .ready_us = f->ready_us};
    if (deflate)
        sim_inflate_restart(b->inflate, f->kind->version == 1);
    if (total > 0)
        sim_mishap_begins(&b->mishaps);
    erase_next(b, f);
    return STUB_OK;
}

static uint32_t checksum(const uint8_t *bytes, size_t len)
{
    uint32_t sum = 0xef;

    for (size_t i = 0; i < len; i++)
        sum ^= bytes[i];
    return sum;
}

/* What went wrong after an answer is told once, by the next one. */
static int untold_error(struct stub_flash *f)
{
    int error = f->error;

    f->error = STUB_OK;
    return error;
}

int stub_data(struct stub_flash *f, const struct stub_command *c, bool deflate)
{
    bool first = f->kind->version == 1;

    if (c->size < 16)
        return first || deflate ? STUB_BAD_LEN : STUB_TOO_LITTLE;
    if (!f->busy)
        return STUB_NOT_FLASHING;
    if (first && f->error != STUB_OK)
        return untold_error(f);
    if (sim_word(c->body) != c->size - 16u)
        return first ? STUB_BAD_LEN : STUB_TOO_MUCH;
    if (f->kind->guards_end && deflate && f->stream_over)
        return STUB_TOO_MUCH;
    uint32_t sum = checksum(c->body + 16, c->size - 16u);
    return sum == (first ? c->checksum & 0xff : c->checksum) ? STUB_OK : STUB_BAD_CHECKSUM;
}

/* Whose stream it is that comes out of the decompressor. */
struct writer {
    struct sim_board *board;
    struct stub_flash *flash;
};

static void write_out(void *ctx, const uint8_t *bytes, size_t len)
{
    const struct writer *w = ctx;
    struct sim_board *b = w->board;
    struct stub_flash *f = w->flash;

    if (f->deflate)
        b->cpu_us += (int64_t)len * SIM_STUB_INFLATE_NS / 1000;
    if (len >
        f->left) /* what is more than announced is not written, but in a stream the second version writes it */
        len = f->deflate && f->kind->version == 2 ? len : f->left;
    while (f->erase_left > 0 && f->erase_next < (uint64_t)f->at + len) {
        wait_ready(b, f);
        erase_next(b, f);
    }
    wait_ready(b, f);
    if (!sim_flash_covers(&b->flash, f->at, len) || b->flash.unpowered) {
        f->error = STUB_BAD_SPI;
        return;
    }
    b->cpu_us += sim_flash_program(&b->flash, f->at, bytes, len);
    f->at += (uint32_t)len;
    f->left -= len < f->left ? (uint32_t)len : f->left;
    if (f->deflate && sim_inflate_has_input(b->inflate))
        erase_next(b, f);
}

static void inflate_block(struct writer *w, const uint8_t *data, uint32_t len, uint32_t seq)
{
    struct sim_board *b = w->board;
    struct stub_flash *f = w->flash;
    bool first = f->kind->version == 1;

    if (f->stream_over)
        return;
    if (!first && seq == 0)
        sim_inflate_restart(b->inflate, false);
    /* The second version looks at the Adler-32 only when one call of its decompressor sees the whole stream. */
    bool alone = seq == 0 && f->total < SIM_INFLATE_CHUNK;
    /*
     * By the sources of all releases each call of the decompressor begins with an erase, if the flash is free: with each frame,
     * whether it completes a window or not, and again after each window that leaves some of the frame over.
     */
    if (len > 0)
        erase_next(b, f);
    enum sim_inflate_state s =
        sim_inflate_feed(b->inflate, data, len,
                         !first && !alone ? SIM_INFLATE_GIVE_LAST : SIM_INFLATE_GIVE_RIGHT, write_out, w);
    f->packed -= len < f->packed ? len : f->packed;
    if (s == SIM_INFLATE_DONE || (s == SIM_INFLATE_ADLER && !first && !alone))
        f->stream_over = true;
    else if (s == SIM_INFLATE_BAD || (s == SIM_INFLATE_ADLER && !first))
        f->error = STUB_BAD_INFLATE;
    else if (s == SIM_INFLATE_MORE && f->packed == 0 && !first)
        f->error = STUB_BAD_SPI; /* all that was announced has come, and it was not all */
}

void stub_work(struct sim_board *b, struct stub_flash *f, const struct stub_command *c, bool deflate)
{
    struct writer w = {b, f};
    uint32_t len = c->size - 16u, before = f->left;

    if (deflate)
        inflate_block(&w, c->body + 16, len, sim_word(c->body + 4));
    else
        write_out(&w, c->body + 16, len);
    if (f->left != before)
        sim_progress(b, f->total - f->left, f->total);
}

int stub_end(struct sim_board *b, struct stub_flash *f, const struct stub_command *c)
{
    bool first = f->kind->version == 1;

    if (c->size != 4)
        return STUB_BAD_LEN;
    wait_ready(b, f);
    if (!f->busy)
        return STUB_NOT_FLASHING;
    if (first && f->error != STUB_OK)
        return untold_error(f);
    if (f->left != 0)
        return first ? STUB_TOO_LITTLE : STUB_BAD_LEN;
    f->busy = false;
    return STUB_OK;
}

int stub_erase_region(struct sim_board *b, const struct stub_flash *f, const struct stub_command *c)
{
    uint32_t at = sim_word(c->body), len = sim_word(c->body + 4);
    int refused = f->kind->version == 1 ? STUB_FAILED : STUB_BAD_LEN;

    if (c->size != 8 || at % SIM_SECTOR != 0 || len % SIM_SECTOR != 0)
        return refused;
    if (!sim_flash_covers(&b->flash, at, len))
        return f->kind->version == 1 ? STUB_FAILED : STUB_BAD_SPI;
    wait_ready(b, f);
    b->cpu_us += sim_flash_erase_area(&b->flash, at, len);
    return STUB_OK;
}

int stub_erase_chip(struct sim_board *b, const struct stub_flash *f)
{
    wait_ready(b, f);
    b->cpu_us += sim_flash_erase_chip(&b->flash);
    return STUB_OK;
}

/*
 * READ_FLASH: bare frames of data, each acknowledged by a bare frame that carries the sum of bytes received, then a
 * bare frame with the MD5. Both versions keep one packet under way, whatever was asked for.
 */
static void send_packets(struct sim_board *b, struct stub_read *r)
{
    if (r->sent < r->len && r->packets_sent == r->packets_acked) {
        uint32_t n = r->len - r->sent < r->packet ? r->len - r->sent : r->packet;
        b->cpu_us += (int64_t)n * SIM_READ_NS / 1000;
        uint8_t packet[PACKET_MAX];
        memcpy(packet, b->flash.bytes + r->from + r->sent, n);
        sim_mishap_read(&b->mishaps, packet, n);
        sim_say_frame(b, packet, n, b->cpu_us);
        b->cpu_us = b->out.free_us > b->cpu_us ? b->out.free_us : b->cpu_us; /* it sends by hand */
        r->sent += n;
        r->packets_sent++;
    }
    if (r->sent < r->len || r->acked < r->len)
        return;
    uint8_t md5[MD5_SIZE];
    digest_md5(b->flash.bytes + r->from, r->len, md5);
    sim_say_frame(b, md5, sizeof md5, b->cpu_us);
    r->active = false;
}

void stub_read_start(struct sim_board *b, struct stub_read *r, struct stub_flash *f,
                     const struct stub_command *c)
{
    *r = (struct stub_read){.active = true,
                            .from = sim_word(c->body),
                            .len = sim_word(c->body + 4),
                            .packet = sim_word(c->body + 8)};
    if (r->packet == 0 || r->packet > PACKET_MAX || !sim_flash_covers(&b->flash, r->from, r->len)) {
        r->active = false;
        f->error = r->packet == 0 || r->packet > PACKET_MAX ? STUB_BAD_LEN : STUB_BAD_SPI;
        return;
    }
    send_packets(b, r);
}

void stub_read_ack(struct sim_board *b, struct stub_read *r, const uint8_t *frame, size_t len)
{
    if (len != 4) { /* the host wants out: the digest of what was read, and back to commands */
        r->len = r->acked = r->sent;
    } else {
        r->acked = sim_word(frame);
        r->packets_acked++;
    }
    send_packets(b, r);
}
