/* SPDX-License-Identifier: Apache-2.0 */
#include "sim/board/sim_rom_write.h"

#include "sim/board/sim_physics.h"

#define BLOCK_MAX   0x1800u /* 0x1801 is refused */
#define BEGIN_BODY  16      /* bytes; the first ROM refuses 12 and 20 */
#define LATER_BODY  20      /* a fifth word says "encrypted"; 16 are refused, more are not looked at */
#define ENCRYPT_XOR 0x5a    /* no cryptography here: only other bytes than those that were sent */

void sim_rom_write_reset(struct sim_board *b)
{
    const struct sim_write before = b->write;

    b->write = (struct sim_write){0};
    if (b->chip->rom == SIM_ROM_FIRST)
        return;
    b->write.block_size = before.block_size;
    b->write.blocks = before.blocks;
}

/* The first ROM divides by what SPI_SET_PARAMS told; by zero that is an exception. */
static unsigned first_erase(struct sim_board *b, uint32_t offset, uint32_t size)
{
    const struct sim_rom *r = &b->rom;

    if (r->erase_sector == 0 || r->erase_block == 0) {
        sim_panic(b);
        return 0;
    }
    if (offset % r->erase_sector != 0 || (uint64_t)offset + size > r->flash_size ||
        !sim_flash_covers(&b->flash, offset, size) || !b->spi.attached)
        return SIM_ROM_FAILED;
    b->cpu_us += sim_flash_erase_area(&b->flash, offset, size);
    return 0;
}

/* The end is a sum of 32 bits: one that runs over is erased up to the end of the flash, and then refused. */
static unsigned later_erase(struct sim_board *b, uint32_t offset, uint32_t size)
{
    const struct sim_rom *r = &b->rom;
    uint32_t limit = r->flash_size < b->flash.size ? r->flash_size : b->flash.size;

    if (r->erase_sector == 0 || offset % r->erase_sector != 0 || offset + size > r->flash_size ||
        !b->spi.attached || b->flash.unpowered)
        return SIM_ROM_FAILED;
    bool whole = (uint64_t)offset + size <= limit;
    if (offset < limit)
        b->cpu_us += sim_flash_erase_area(&b->flash, offset, whole ? size : limit - offset);
    return whole ? 0 : SIM_ROM_FAILED;
}

static unsigned first_begin(struct sim_board *b, const uint8_t *body, size_t size, enum sim_transfer kind)
{
    uint32_t total = sim_word(body), block_size = sim_word(body + 8), offset = sim_word(body + 12);

    if (size != BEGIN_BODY)
        return SIM_ROM_INVALID;
    b->write.seq = 0;
    if (block_size > BLOCK_MAX) /* all else is still that of the transfer before */
        return SIM_ROM_INVALID;
    b->write = (struct sim_write){0};
    return kind == SIM_TRANSFER_MEMORY ? 0 : first_erase(b, offset, total);
}

/* A refused DEFL_BEGIN leaves no block size behind, a refused FLASH_BEGIN the one from before (measured). */
static unsigned later_begin(struct sim_board *b, const uint8_t *body, size_t size, enum sim_transfer kind)
{
    uint32_t total = sim_word(body), block_size = sim_word(body + 8), offset = sim_word(body + 12);
    struct sim_write *w = &b->write;

    w->seq = 0;
    w->begun = SIM_TRANSFER_NONE;
    if (kind == SIM_TRANSFER_DEFLATE)
        w->block_size = 0;
    if (size < (kind == SIM_TRANSFER_MEMORY ? BEGIN_BODY : LATER_BODY) || block_size > BLOCK_MAX)
        return SIM_ROM_INVALID;
    if (kind == SIM_TRANSFER_MEMORY)
        return 0;
    if (kind == SIM_TRANSFER_DEFLATE && sim_word(body + 16) != 0)
        return SIM_ROM_BAD_PARAM;
    w->block_size = block_size;
    w->blocks = sim_word(body + 4);
    return later_erase(b, offset, total);
}

unsigned sim_rom_begin(struct sim_board *b, const uint8_t *body, size_t size, enum sim_transfer kind)
{
    bool first = b->chip->rom == SIM_ROM_FIRST;
    uint32_t total = sim_word(body), offset = sim_word(body + 12);
    unsigned status = first ? first_begin(b, body, size, kind) : later_begin(b, body, size, kind);

    if (status != 0)
        return status;
    if (kind == SIM_TRANSFER_MEMORY)
        sim_mem_begin(&b->mem, total, offset); /* wherever that is: the ROM says yes */
    else if (total > 0)
        sim_mishap_begins(&b->mishaps);
    b->write =
        (struct sim_write){.begun = kind,
                           .block_size = sim_word(body + 8),
                           .blocks = sim_word(body + 4),
                           .at = offset,
                           .total = total,
                           .encrypted = !first && kind == SIM_TRANSFER_PLAIN && sim_word(body + 16) != 0};
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
    sim_progress(b, w->done, w->total);
}

static void program_encrypted(struct sim_board *b, const uint8_t *bytes, size_t len)
{
    uint8_t other[BLOCK_MAX];

    for (size_t i = 0; i < len; i++)
        other[i] = bytes[i] ^ ENCRYPT_XOR;
    program(b, other, len);
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
static unsigned first_inflate(struct sim_board *b, const uint8_t *data, uint32_t len)
{
    bool last = b->write.seq >= b->write.blocks;

    if (len == 0)
        return 0;
    if (sim_inflate_state(b->inflate) == SIM_INFLATE_DONE) {
        b->mode = SIM_MODE_HUNG;
        return 0;
    }
    enum sim_inflate_state s = sim_inflate_feed(b->inflate, data, len, SIM_INFLATE_KEEP_LAST, window_out, b);
    if (s == SIM_INFLATE_MORE && last)
        s = sim_inflate_starve(b->inflate, window_out, b);
    if (s == SIM_INFLATE_DONE)
        window_out(b, sim_inflate_window(b->inflate), sim_inflate_pending(b->inflate));
    if (s == SIM_INFLATE_DONE && sim_inflate_unused(b->inflate) > 0)
        b->mode = SIM_MODE_HUNG;
    return s == SIM_INFLATE_BAD ? SIM_ROM_BAD_STREAM : s == SIM_INFLATE_ADLER ? SIM_ROM_BAD_ADLER : 0;
}

static void bytes_out(void *ctx, const uint8_t *bytes, size_t len)
{
    struct sim_board *b = ctx;

    b->cpu_us += (int64_t)len * SIM_ROM_INFLATE_NS / 1000;
    if (b->write.begun == SIM_TRANSFER_DEFLATE) /* with nothing begun it decodes all the same */
        program(b, bytes, len);
}

/*
 * What is in the window goes out when that is full, or with the last of the announced blocks: a stream that ends in an
 * earlier one is answered as good and its last window not written. Bytes behind the end of the stream: it loops for ever,
 * before it writes.
 */
static unsigned later_inflate(struct sim_board *b, const uint8_t *data, uint32_t len)
{
    bool last = b->write.seq >= b->write.blocks;

    if (len == 0)
        return 0;
    if (sim_inflate_state(b->inflate) == SIM_INFLATE_DONE) {
        b->mode = SIM_MODE_HUNG;
        return 0;
    }
    enum sim_inflate_state s = sim_inflate_feed(b->inflate, data, len, SIM_INFLATE_KEEP_LAST, bytes_out, b);
    if (s == SIM_INFLATE_DONE && sim_inflate_unused(b->inflate) > 0) {
        b->mode = SIM_MODE_HUNG;
        return 0;
    }
    if (s == SIM_INFLATE_MORE && last)
        s = sim_inflate_starve(b->inflate, bytes_out, b);
    if (last && s == SIM_INFLATE_DONE && sim_inflate_pending(b->inflate) > 0)
        bytes_out(b, sim_inflate_window(b->inflate), sim_inflate_pending(b->inflate));
    return s == SIM_INFLATE_BAD ? SIM_ROM_BAD_STREAM : s == SIM_INFLATE_ADLER ? SIM_ROM_BAD_ADLER : 0;
}

/* Length, number and checksum; the number is used up by then. */
static unsigned check(struct sim_write *w, const uint8_t *body, enum sim_transfer kind, uint32_t checksum)
{
    uint32_t len = sim_word(body);
    uint8_t sum = 0xef;

    if (len > w->block_size || sim_word(body + 4) != w->seq || (kind == SIM_TRANSFER_PLAIN && len % 4 != 0))
        return SIM_ROM_INVALID;
    w->seq++;
    for (uint32_t i = 0; i < len; i++)
        sum ^= body[16 + i];
    return sum == (checksum & 0xff) ? 0 : SIM_ROM_BAD_CHECKSUM;
}

static unsigned take(struct sim_board *b, const uint8_t *data, uint32_t len, enum sim_transfer kind)
{
    bool first = b->chip->rom == SIM_ROM_FIRST;

    if (kind == SIM_TRANSFER_DEFLATE)
        return first ? first_inflate(b, data, len) : later_inflate(b, data, len);
    if (kind == SIM_TRANSFER_MEMORY) {
        sim_mem_data(&b->mem, data, len);
        return 0;
    }
    if (!first && b->write.begun != SIM_TRANSFER_PLAIN)
        return SIM_ROM_BAD_PARAM;
    if (b->write.encrypted)
        program_encrypted(b, data, len);
    else
        program(b, data, len);
    return 0;
}

unsigned sim_rom_data(struct sim_board *b, const uint8_t *body, enum sim_transfer kind, uint32_t checksum)
{
    struct sim_write *w = &b->write;
    uint32_t len = sim_word(body);
    unsigned status = check(w, body, kind, checksum);

    if (status == 0)
        status = take(b, body + 16, len, kind);
    if (status != 0) {
        w->error = (uint8_t)status;
        return status;
    }
    /* The first byte says ok; the second is that of the last refusal. */
    return b->chip->rom == SIM_ROM_FIRST && w->seq <= w->blocks ? w->error : 0;
}

unsigned sim_rom_flash_end(const struct sim_board *b)
{
    const struct sim_write *w = &b->write;
    bool begun = w->begun == SIM_TRANSFER_PLAIN || b->chip->rom == SIM_ROM_LATER;

    return begun && w->seq >= w->blocks ? 0 : SIM_ROM_FAILED;
}

/* With nothing begun there is nothing that could be missing. */
unsigned sim_rom_deflate_end(const struct sim_board *b)
{
    return b->write.seq >= b->write.blocks ? 0 : SIM_ROM_FAILED;
}
