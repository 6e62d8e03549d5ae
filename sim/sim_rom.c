/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The mask ROM's serial loader, faults included, as measured on the ROM's own machine code. It neither checks a
 * frame's length nor clears its buffers: a short frame executes what an earlier one left behind, and a reply carries
 * leftovers of earlier replies.
 */
#include <string.h>

#include "base/digest.h"
#include "sim/sim_core.h"
#include "sim/sim_op.h"
#include "sim/sim_physics.h"
#include "sim/sim_stub.h"

#define SYNC_REPLIES  8
#define DEFAULT_FLASH (2u << 20) /* until SPI_SET_PARAMS says otherwise */
#define PARAMS_BODY   24
#define WRITE_BODY    16 /* of one WRITE_REG operation; several may follow each other */
#define SLOW_MAX      64
#define MD5_CHUNK     0x1000u
#define EMPTY_FRAME   "\xc0\xc0"

uint32_t sim_word(const uint8_t *p)
{
    return p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

void sim_rom_reset(struct sim_board *b)
{
    memset(&b->rom, 0, sizeof b->rom);
    b->rom.flash_size = DEFAULT_FLASH;
    b->rom.erase_block = SIM_BLOCK;
    b->rom.erase_sector = SIM_SECTOR;
    b->write = (struct sim_write){0};
}

void sim_rom_crash(struct sim_board *b)
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
    digest_md5(b->flash.bytes + (len > 0 ? sim_mishap_digest(b, from, len) : 0), len, md5);
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
    sim_mishap_read(b, b->rom.body, whole);
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
        sim_rom_crash(b);
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
    sim_stub_jump(b, sim_word(body + 4));
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
        sim_rom_crash(b);
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
            sim_rom_crash(b);
            return;
        }
        sim_reg_write(b, sim_word(body), sim_word(body + 4), sim_word(body + 8));
    }
    reply(b, 0, 0);
}

static void end_plain(struct sim_board *b)
{
    reply(b, 0, sim_rom_flash_end(b));
    b->write = (struct sim_write){0};
    sim_prompt_start(b, b->out.free_us); /* even when asked to stay */
}

static void end_deflate(struct sim_board *b, const uint8_t *body)
{
    reply(b, 0, sim_rom_deflate_end(b));
    b->write = (struct sim_write){0};
    if (sim_word(body) == 0) /* asked to leave, it only says an empty frame */
        empty_frame(b);
}

static void transfer(struct sim_board *b, uint8_t op, const uint8_t *body, size_t size, uint32_t checksum)
{
    switch (op) {
    case OP_MEM_BEGIN:
        reply(b, 0, sim_rom_begin(b, body, size, SIM_TRANSFER_MEMORY));
        break;
    case OP_FLASH_BEGIN:
        reply(b, 0, sim_rom_begin(b, body, size, SIM_TRANSFER_PLAIN));
        break;
    case OP_DEFL_BEGIN:
        reply(b, 0, sim_rom_begin(b, body, size, SIM_TRANSFER_DEFLATE));
        break;
    case OP_MEM_DATA:
        reply(b, 0, sim_rom_data(b, body, SIM_TRANSFER_MEMORY, checksum));
        break;
    case OP_FLASH_DATA:
        reply(b, 0, sim_rom_data(b, body, SIM_TRANSFER_PLAIN, checksum));
        break;
    case OP_DEFL_DATA:
        reply(b, 0, sim_rom_data(b, body, SIM_TRANSFER_DEFLATE, checksum));
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
