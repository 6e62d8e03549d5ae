/* SPDX-License-Identifier: Apache-2.0 */
#include "sim/board/sim_rom.h"

#include <string.h>

#include "base/digest.h"
#include "sim/board/sim_op.h"
#include "sim/board/sim_physics.h"

#define SYNC_REPLIES  8
#define DEFAULT_FLASH (2u << 20) /* until SPI_SET_PARAMS says otherwise */
#define PARAMS_BODY   24
#define WRITE_BODY    16 /* of one WRITE_REG operation; several may follow each other */
#define SLOW_MAX      64
#define MD5_CHUNK     0x1000u
#define EMPTY_FRAME   "\xc0\xc0"
#define BEGIN_BODY    16      /* bytes; 12 and 20 are refused */
#define BLOCK_MAX     0x1800u /* 0x1801 is refused */

#define INVALID      0x0105
#define FAILED       0x0106
#define BAD_CHECKSUM 0x0107
#define BAD_STREAM   0x010b
#define BAD_ADLER    0x010c

void sim_rom_reset(struct sim_board *b)
{
    memset(&b->rom, 0, sizeof b->rom);
    b->rom.flash_size = DEFAULT_FLASH;
    b->rom.erase_block = SIM_BLOCK;
    b->rom.erase_sector = SIM_SECTOR;
    b->write = (struct sim_write){0};
}

/* An exception: the chip says nothing more and hears nothing more until it is reset. */
static void crash(struct sim_board *b)
{
    b->mode = SIM_MODE_HUNG;
}

static void reply_once(struct sim_board *b, size_t data_len, unsigned status)
{
    struct sim_rom *r = &b->rom;
    uint8_t out[8 + SIM_ROM_BODY] = {1, r->op, (uint8_t)(data_len + 4), 0};

    for (int i = 0; i < 4; i++)
        out[4 + i] = (uint8_t)(r->val >> 8 * i);
    r->body[data_len] = (uint8_t)(status >> 8);
    r->body[data_len + 1] = (uint8_t)status; /* the two bytes after these keep whatever was there */
    memcpy(out + 8, r->body, data_len + 4);
    sim_say_frame(b, out, 8 + data_len + 4, b->cpu_us);
}

/* Whatever goes out under SYNC's name goes out eight times: also the refusal of an unknown command after a SYNC. */
static void reply(struct sim_board *b, size_t data_len, unsigned status)
{
    int times = b->rom.op == OP_SYNC ? SYNC_REPLIES : 1;

    if (b->mode != SIM_MODE_ROM) /* it crashed at work, or was reset or unplugged */
        return;
    while (times-- > 0)
        reply_once(b, data_len, status);
}

/*
 * Data goes into the reply's buffer, over the status of a plain reply. The end is a sum of 32 bits: one that runs over
 * lies in front of the beginning, and nothing is read. Each piece that could be read leaves its two zero bytes of status
 * there, and the digits of an earlier digest stay behind them when a later piece cannot.
 */
static void digest(struct sim_board *b, const uint8_t *body)
{
    struct sim_rom *r = &b->rom;
    uint32_t from = sim_word(body), end = from + sim_word(body + 4);
    uint8_t md5[MD5_SIZE];
    char text[2 * MD5_SIZE + 1];

    for (uint32_t at = from; at < end;) {
        uint32_t n = end - at < MD5_CHUNK ? end - at : MD5_CHUNK;
        if (n > r->flash_size || at > r->flash_size - n || !sim_flash_covers(&b->flash, at, n)) {
            reply(b, 2 * MD5_SIZE, 0x0109);
            return;
        }
        r->body[0] = r->body[1] = 0;
        b->cpu_us += (int64_t)n * SIM_ROM_MD5_NS / 1000;
        at += n;
    }
    uint32_t len = from < end ? end - from : 0;
    digest_md5(b->flash.bytes + (len > 0 ? sim_mishap_digest(&b->mishaps, &b->flash, from, len) : 0), len,
               md5);
    digest_hex(md5, sizeof md5, text);
    memcpy(r->body, text, 2 * MD5_SIZE);
    reply(b, 2 * MD5_SIZE, 0);
}

static void read_slow(struct sim_board *b, const uint8_t *body)
{
    uint32_t address = sim_word(body), len = sim_word(body + 4), whole = (len + 3) & ~3u; /* it reads words */

    memset(b->rom.body, 0, SLOW_MAX);
    if (len > SLOW_MAX) {
        reply(b, SLOW_MAX, 0x010a);
        return;
    }
    if ((uint64_t)address + len > b->rom.flash_size || !sim_flash_covers(&b->flash, address, whole)) {
        reply(b, SLOW_MAX, 0x0109);
        return;
    }
    memcpy(b->rom.body, b->flash.bytes + address, whole);
    sim_mishap_read(&b->mishaps, b->rom.body, whole);
    b->cpu_us += (int64_t)whole * SIM_READ_NS / 1000;
    reply(b, SLOW_MAX, 0);
}

static void empty_frame(struct sim_board *b)
{
    if (b->mode == SIM_MODE_ROM)
        sim_say(b, (const uint8_t *)EMPTY_FRAME, 2, b->cpu_us);
}

static void change_baud(struct sim_board *b, const uint8_t *body)
{
    if (sim_word(body) == 0) { /* the divisor is computed first: a division by zero */
        crash(b);
        return;
    }
    reply(b, 0, 0);
    b->cpu_us = b->out.free_us; /* the ROM waits until the reply has left at the old rate */
    sim_set_rate(b, sim_word(body), SIM_XTAL_HZ, sim_efuse_believed_xtal(&b->efuse));
    empty_frame(b);
}

static void leave(struct sim_board *b, const uint8_t *body)
{
    reply(b, 0, 0);
    if (sim_word(body) != 0) /* no entry: stay */
        return;
    b->next = SIM_NEXT_UPLOAD;
    b->next_entry = sim_word(body + 4);
}

static void sync(struct sim_board *b, const uint8_t *body)
{
    b->rom.val = sim_word(body);
    reply(b, 0, 0);
}

static void set_params(struct sim_board *b, const uint8_t *body, size_t size)
{
    struct sim_rom *r = &b->rom;

    if (size != PARAMS_BODY) {
        reply(b, 0, 0x0105);
        return;
    }
    r->flash_size = sim_word(body + 4);
    r->erase_block = sim_word(body + 8);
    r->erase_sector = sim_word(body + 12);
    reply(b, 0, 0);
}

static void read_reg(struct sim_board *b, const uint8_t *body)
{
    if (!sim_reg_mapped(sim_word(body))) {
        crash(b);
        return;
    }
    b->rom.val = sim_reg_read(b, sim_word(body));
    reply(b, 0, 0);
}

/* Whole operations only: what the body cuts short is not done, and not complained of. */
static void write_reg(struct sim_board *b, const uint8_t *body, size_t size)
{
    for (; size >= WRITE_BODY && body + WRITE_BODY <= b->rom.frame + sizeof b->rom.frame;
         size -= WRITE_BODY, body += WRITE_BODY) {
        if (!sim_reg_mapped(sim_word(body))) {
            crash(b);
            return;
        }
        sim_reg_write(b, sim_word(body), sim_word(body + 4), sim_word(body + 8));
    }
    reply(b, 0, 0);
}

/*
 * MEM_*, FLASH_* and DEFL_*, as status byte pairs 0xSSEE (0: ok; after a crash they mean nothing). One set of variables
 * for all three: a block with a wrong checksum uses up its sequence number, and what a stream makes goes to flash in
 * windows of 32 KiB, the last one whole as well.
 */

/* The ROM divides by what SPI_SET_PARAMS told; by zero that is an exception. */
static unsigned erase(struct sim_board *b, uint32_t offset, uint32_t size)
{
    const struct sim_rom *r = &b->rom;

    if (r->erase_sector == 0 || r->erase_block == 0) {
        crash(b);
        return 0;
    }
    if (offset % r->erase_sector != 0 || (uint64_t)offset + size > r->flash_size ||
        !sim_flash_covers(&b->flash, offset, size) || !b->spi.attached)
        return FAILED;
    b->cpu_us += sim_flash_erase_area(&b->flash, offset, size);
    return 0;
}

static unsigned transfer_begin(struct sim_board *b, const uint8_t *body, size_t size, enum sim_transfer kind)
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
            sim_mishap_begins(&b->mishaps);
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
    sim_progress(b, w->done, w->total);
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
        crash(b);
        return 0;
    }
    enum sim_inflate_state s = sim_inflate_feed(b->inflate, data, len, SIM_INFLATE_KEEP_LAST, window_out, b);
    if (s == SIM_INFLATE_MORE && last)
        s = sim_inflate_starve(b->inflate, window_out, b);
    if (s == SIM_INFLATE_DONE)
        window_out(b, sim_inflate_window(b->inflate), sim_inflate_pending(b->inflate));
    if (s == SIM_INFLATE_DONE && sim_inflate_unused(b->inflate) > 0)
        crash(b);
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

static unsigned transfer_data(struct sim_board *b, const uint8_t *body, enum sim_transfer kind,
                              uint32_t checksum)
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

static unsigned flash_end(struct sim_board *b)
{
    struct sim_write *w = &b->write;

    return w->begun == SIM_TRANSFER_PLAIN && w->seq >= w->blocks ? 0 : FAILED;
}

/* With nothing begun there is nothing that could be missing. */
static unsigned deflate_end(struct sim_board *b)
{
    return b->write.seq >= b->write.blocks ? 0 : FAILED;
}

static void end_plain(struct sim_board *b)
{
    reply(b, 0, flash_end(b));
    b->write = (struct sim_write){0};
    b->next = SIM_NEXT_PROMPT; /* even when asked to stay */
    b->next_us = b->out.free_us;
}

static void end_deflate(struct sim_board *b, const uint8_t *body)
{
    reply(b, 0, deflate_end(b));
    b->write = (struct sim_write){0};
    if (sim_word(body) == 0) /* asked to leave, it only says an empty frame */
        empty_frame(b);
}

static void transfer(struct sim_board *b, uint8_t op, const uint8_t *body, size_t size, uint32_t checksum)
{
    switch (op) {
    case OP_MEM_BEGIN:
        reply(b, 0, transfer_begin(b, body, size, SIM_TRANSFER_MEMORY));
        break;
    case OP_FLASH_BEGIN:
        reply(b, 0, transfer_begin(b, body, size, SIM_TRANSFER_PLAIN));
        break;
    case OP_DEFL_BEGIN:
        reply(b, 0, transfer_begin(b, body, size, SIM_TRANSFER_DEFLATE));
        break;
    case OP_MEM_DATA:
        reply(b, 0, transfer_data(b, body, SIM_TRANSFER_MEMORY, checksum));
        break;
    case OP_FLASH_DATA:
        reply(b, 0, transfer_data(b, body, SIM_TRANSFER_PLAIN, checksum));
        break;
    case OP_DEFL_DATA:
        reply(b, 0, transfer_data(b, body, SIM_TRANSFER_DEFLATE, checksum));
        break;
    case OP_FLASH_END:
        end_plain(b);
        break;
    case OP_DEFL_END:
        end_deflate(b, body);
        break;
    default:
        break;
    }
}

static bool known(uint8_t op)
{
    return (op >= OP_FLASH_BEGIN && op <= OP_MD5) && op != 0x0c;
}

static void execute(struct sim_board *b)
{
    struct sim_rom *r = &b->rom;
    uint8_t op = r->frame[1];
    size_t size = r->frame[2] | (size_t)r->frame[3] << 8; /* what the header says, whatever has come */
    const uint8_t *body = r->frame + 8;
    uint32_t checksum = sim_word(r->frame + 4);

    b->cpu_us += SIM_ROM_COMMAND_US;
    b->frames.rom[op]++;
    if (r->frame[0] != 0 || !known(op)) {
        reply(b, 0, 0x0105); /* under the previous reply's op */
        return;
    }
    r->op = op;
    switch (op) {
    case OP_SYNC:
        sync(b, body);
        break;
    case OP_READ_REG:
        read_reg(b, body);
        break;
    case OP_WRITE_REG:
        write_reg(b, body, size);
        break;
    case OP_SPI_ATTACH:
        sim_spi_attach(&b->spi);
        reply(b, 0, 0);
        break;
    case OP_SPI_SET_PARAMS:
        set_params(b, body, size);
        break;
    case OP_CHANGE_BAUD:
        change_baud(b, body);
        break;
    case OP_MD5:
        digest(b, body);
        break;
    case OP_READ_FLASH_SLOW:
        read_slow(b, body);
        break;
    case OP_MEM_END:
        leave(b, body);
        break;
    default:
        transfer(b, op, body, size, checksum);
        break;
    }
}

static void put(struct sim_rom *r, uint8_t byte)
{
    if (r->len < sizeof r->frame)
        r->frame[r->len] = byte;
    r->len++;
}

/* A C0 opens a frame, the next one that finds bytes closes it: what comes between two frames' C0 is not heard. */
void sim_rom_byte(struct sim_board *b, uint8_t byte, int64_t at_us)
{
    struct sim_rom *r = &b->rom;

    if (byte == 0xc0 && !r->escaped) {
        if (r->in_frame && r->len > 0) {
            r->in_frame = false;
            if (b->cpu_us < at_us)
                b->cpu_us = at_us;
            execute(b);
        } else {
            r->in_frame = true;
            r->len = 0;
        }
        return;
    }
    if (!r->in_frame)
        return;
    if (r->escaped) {
        r->escaped = false;
        put(r, byte == 0xdc ? 0xc0 : byte == 0xdd ? 0xdb : byte); /* any other passes as it is, also C0 */
    } else if (byte == 0xdb) {
        r->escaped = true;
    } else {
        put(r, byte);
    }
}
