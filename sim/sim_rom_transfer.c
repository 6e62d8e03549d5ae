/* SPDX-License-Identifier: Apache-2.0 */
/*
 * MEM_*, FLASH_* and DEFL_* of the mask ROM: one set of variables for all three, a block with a wrong checksum uses up
 * its sequence number, and what a stream makes goes to flash in windows of 32 KiB, the last one whole as well.
 */
#include "sim/sim_core.h"
#include "sim/sim_physics.h"
#include "sim/sim_trouble.h"

#define BEGIN_BODY 16      /* bytes; 12 and 20 are refused */
#define BLOCK_MAX  0x1800u /* 0x1801 is refused */

#define INVALID      0x0105
#define FAILED       0x0106
#define BAD_CHECKSUM 0x0107
#define BAD_STREAM   0x010b
#define BAD_ADLER    0x010c

/* The ROM divides by what SPI_SET_PARAMS told; by zero that is an exception. */
static unsigned erase(struct sim_board *b, uint32_t offset, uint32_t size)
{
    const struct sim_rom *r = &b->rom;

    if (r->erase_sector == 0 || r->erase_block == 0) {
        sim_rom_crash(b);
        return 0;
    }
    if (offset % r->erase_sector != 0 || (uint64_t)offset + size > r->flash_size ||
        !sim_flash_covers(&b->flash, offset, size) || !b->spi.attached)
        return FAILED;
    b->cpu_us += sim_flash_erase_area(&b->flash, offset, size);
    return 0;
}

unsigned sim_rom_begin(struct sim_board *b, const uint8_t *body, size_t size, enum sim_transfer kind)
{
    uint32_t total = sim_word(body), block_size = sim_word(body + 8), offset = sim_word(body + 12);

    if (size != BEGIN_BODY)
        return INVALID;
    b->write.seq = 0;
    if (block_size > BLOCK_MAX) /* all else is still that of the transfer before */
        return INVALID;
    b->write = (struct sim_write){0};
    if (kind == SIM_TRANSFER_MEMORY) {
        sim_mem_begin(&b->mem, total, offset); /* wherever that is: the ROM says yes */
    } else {
        unsigned status = erase(b, offset, total);
        if (status != 0)
            return status;
        if (total > 0)
            sim_mishap_begins(b);
    }
    b->write = (struct sim_write){
        .begun = kind, .block_size = block_size, .blocks = sim_word(body + 4), .at = offset, .total = total};
    if (kind == SIM_TRANSFER_DEFLATE)
        sim_inflate_restart(b->inflate, false);
    return 0;
}

/* The ROM's write routine refuses as a whole what does not fit; nobody looks at what it returns. */
static void program(struct sim_board *b, const uint8_t *bytes, size_t len)
{
    struct sim_write *w = &b->write;

    if ((uint64_t)w->at + len <= b->rom.flash_size)
        b->cpu_us += sim_flash_program(&b->flash, w->at, bytes, len);
    w->at += (uint32_t)len;
    w->done += (uint32_t)len;
    sim_trouble_progress(b, w->done, w->total);
}

/* Whatever the window holds behind the new bytes goes to flash as well: zeros, or what an earlier one left there. */
static void window_out(void *ctx, const uint8_t *bytes, size_t len)
{
    struct sim_board *b = ctx;

    b->cpu_us += (int64_t)len * SIM_ROM_INFLATE_NS / 1000;
    program(b, bytes, SIM_INFLATE_CHUNK);
}

/*
 * The decompressor is called while bytes of the block are left, and each time it says that the stream is complete a whole
 * window is written, full or not: exactly 32 KiB take two. Called again behind the end it says so for ever.
 */
static unsigned inflate_block(struct sim_board *b, const uint8_t *data, uint32_t len)
{
    bool last = b->write.seq >= b->write.blocks;

    if (len == 0)
        return 0;
    if (sim_inflate_state(b->inflate) == SIM_INFLATE_DONE) {
        sim_rom_crash(b);
        return 0;
    }
    enum sim_inflate_state s = sim_inflate_feed(b->inflate, data, len, SIM_INFLATE_KEEP_LAST, window_out, b);
    if (s == SIM_INFLATE_MORE && last)
        s = sim_inflate_starve(b->inflate, window_out, b);
    if (s == SIM_INFLATE_DONE)
        window_out(b, sim_inflate_window(b->inflate), sim_inflate_pending(b->inflate));
    if (s == SIM_INFLATE_DONE && sim_inflate_unused(b->inflate) > 0)
        sim_rom_crash(b);
    return s == SIM_INFLATE_BAD ? BAD_STREAM : s == SIM_INFLATE_ADLER ? BAD_ADLER : 0;
}

/* Length, number and checksum; the number is used up by then. */
static unsigned check(struct sim_write *w, const uint8_t *body, enum sim_transfer kind, uint32_t checksum)
{
    uint32_t len = sim_word(body);
    uint8_t sum = 0xef;

    if (len > w->block_size || sim_word(body + 4) != w->seq || (kind == SIM_TRANSFER_PLAIN && len % 4 != 0))
        return INVALID;
    w->seq++;
    for (uint32_t i = 0; i < len; i++)
        sum ^= body[16 + i];
    return sum == (checksum & 0xff) ? 0 : BAD_CHECKSUM;
}

unsigned sim_rom_data(struct sim_board *b, const uint8_t *body, enum sim_transfer kind, uint32_t checksum)
{
    struct sim_write *w = &b->write;
    uint32_t len = sim_word(body);
    unsigned status = check(w, body, kind, checksum);

    if (status == 0 && kind == SIM_TRANSFER_DEFLATE)
        status = inflate_block(b, body + 16, len);
    else if (status == 0 && kind == SIM_TRANSFER_PLAIN)
        program(b, body + 16, len);
    else if (status == 0)
        sim_mem_data(&b->mem, body + 16, len);
    if (status != 0) {
        w->error = (uint8_t)status;
        return status;
    }
    return w->seq <= w->blocks ? w->error
                               : 0; /* the first byte says ok; the second is that of the last refusal */
}

unsigned sim_rom_flash_end(struct sim_board *b)
{
    struct sim_write *w = &b->write;

    return w->begun == SIM_TRANSFER_PLAIN && w->seq >= w->blocks ? 0 : FAILED;
}

/* With nothing begun there is nothing that could be missing. */
unsigned sim_rom_deflate_end(struct sim_board *b)
{
    return b->write.seq >= b->write.blocks ? 0 : FAILED;
}
