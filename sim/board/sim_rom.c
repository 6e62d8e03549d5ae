/* SPDX-License-Identifier: Apache-2.0 */
#include "sim/board/sim_rom.h"

#include <stdlib.h>
#include <string.h>

#include "base/digest.h"
#include "sim/board/sim_op.h"
#include "sim/board/sim_physics.h"
#include "sim/board/sim_rom_info.h"
#include "sim/board/sim_rom_write.h"

#define SYNC_REPLIES  8
#define DEFAULT_FLASH (2u << 20) /* until SPI_SET_PARAMS says otherwise */
#define PARAMS_BODY   24
#define WRITE_BODY    16 /* of one WRITE_REG operation; several may follow each other */
#define SLOW_MAX      64
#define MD5_CHUNK     0x1000u
#define EMPTY_FRAME   "\xc0\xc0"
#define FRAME_LIMIT   0x4800 /* later ROMs: a longer frame is the end (0x4018 bytes are not, 0x5008 are) */

void sim_rom_reset(struct sim_board *b)
{
    memset(&b->rom, 0, sizeof b->rom);
    b->rom.flash_size = DEFAULT_FLASH;
    b->rom.erase_block = SIM_BLOCK;
    b->rom.erase_sector = SIM_SECTOR;
    sim_rom_write_reset(b);
}

static bool is_later(const struct sim_board *b)
{
    return b->chip->rom == SIM_ROM_LATER;
}

/* BEGIN, DATA and END say 0 and leave the code of an earlier refusal behind it; all else clears that. */
static bool keeps_code(uint8_t op)
{
    return (op >= OP_FLASH_BEGIN && op <= OP_MEM_DATA) || (op >= OP_DEFL_BEGIN && op <= OP_DEFL_END);
}

static void later_status(struct sim_rom *r, unsigned status, uint8_t at[static 4])
{
    if (status != 0)
        r->code = (uint8_t)status;
    else if (!keeps_code(r->op))
        r->code = 0;
    at[0] = (uint8_t)(status >> 8);
    at[1] = r->code;
    at[2] = at[3] = 0;
}

static void reply_once(struct sim_board *b, size_t data_len, unsigned status)
{
    struct sim_rom *r = &b->rom;
    uint8_t out[8 + SIM_ROM_BODY] = {1, r->op, (uint8_t)(data_len + 4), 0};

    for (int i = 0; i < 4; i++)
        out[4 + i] = (uint8_t)(r->val >> 8 * i);
    if (is_later(b)) {
        memcpy(out + 8, r->body, data_len);
        later_status(r, status, out + 8 + data_len);
    } else {
        r->body[data_len] = (uint8_t)(status >> 8);
        r->body[data_len + 1] = (uint8_t)status; /* the two bytes after these keep whatever was there */
        memcpy(out + 8, r->body, data_len + 4);
    }
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
static void first_digest(struct sim_board *b, const uint8_t *body)
{
    struct sim_rom *r = &b->rom;
    uint32_t from = sim_word(body), end = from + sim_word(body + 4);
    uint8_t md5[MD5_SIZE];
    char text[2 * MD5_SIZE + 1];

    for (uint32_t at = from; at < end;) {
        uint32_t n = end - at < MD5_CHUNK ? end - at : MD5_CHUNK;
        if (n > r->flash_size || at > r->flash_size - n || !sim_flash_covers(&b->flash, at, n)) {
            reply(b, 2 * MD5_SIZE, SIM_ROM_BAD_READ);
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

/* As far as the sum of the two, of 32 bits, lies in the flash; behind the end of the real one everything is FF. */
static void later_digest(struct sim_board *b, const uint8_t *body)
{
    uint32_t from = sim_word(body), len = sim_word(body + 4);
    uint8_t md5[MD5_SIZE], *bytes;
    char text[2 * MD5_SIZE + 1];

    if (from + len > b->rom.flash_size || len > b->rom.flash_size || b->flash.unpowered) {
        reply(b, 2 * MD5_SIZE, SIM_ROM_BAD_READ);
        return;
    }
    bytes = malloc(len > 0 ? len : 1);
    if (bytes == NULL)
        return; /* as if the ROM hung */
    memset(bytes, 0xff, len);
    uint32_t at = len > 0 && sim_flash_covers(&b->flash, from, len)
                      ? sim_mishap_digest(&b->mishaps, &b->flash, from, len)
                      : from;
    if (at < b->flash.size)
        memcpy(bytes, b->flash.bytes + at, len < b->flash.size - at ? len : b->flash.size - at);
    digest_md5(bytes, len, md5);
    free(bytes);
    b->cpu_us += (int64_t)len * SIM_ROM_MD5_NS / 1000;
    digest_hex(md5, sizeof md5, text);
    memcpy(b->rom.body, text, 2 * MD5_SIZE);
    reply(b, 2 * MD5_SIZE, 0);
}

static void digest(struct sim_board *b, const uint8_t *body)
{
    if (is_later(b))
        later_digest(b, body);
    else
        first_digest(b, body);
}

/* The first ROM clears its buffer before it reads, the later ones leave in it what an earlier answer put there. */
static void read_slow(struct sim_board *b, const uint8_t *body)
{
    uint32_t address = sim_word(body), len = sim_word(body + 4), whole = (len + 3) & ~3u; /* it reads words */

    if (!is_later(b))
        memset(b->rom.body, 0, SLOW_MAX);
    if (len > SLOW_MAX) {
        reply(b, SLOW_MAX, SIM_ROM_BAD_LENGTH);
        return;
    }
    if ((uint64_t)address + len > b->rom.flash_size || !sim_flash_covers(&b->flash, address, whole) ||
        b->flash.unpowered) {
        reply(b, SLOW_MAX, SIM_ROM_BAD_READ);
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
    if (sim_word(body) == 0 && b->chip->divides_by_zero) { /* the divisor is computed first */
        sim_panic(b);
        return;
    }
    reply(b, 0, 0);
    if (is_later(b))
        empty_frame(b);
    b->cpu_us = b->out.free_us; /* the ROM waits until what it said has left at the old rate */
    sim_set_rom_rate(b, sim_word(body));
    if (!is_later(b))
        empty_frame(b);
}

static void security_info(struct sim_board *b)
{
    uint8_t info[SIM_ROM_INFO];

    sim_rom_security(b, info);
    memcpy(b->rom.body, info, b->chip->info_size);
    reply(b, b->chip->info_size, 0);
}

/* Nothing to start, or code that does nothing but return (c.ret). */
static bool comes_back(struct sim_board *b, uint32_t entry)
{
    return entry == 0 || (sim_mem_read(&b->mem, entry & ~3u) >> entry % 4 * 8 & 0xffff) == 0x8082;
}

static void leave(struct sim_board *b, const uint8_t *body)
{
    reply(b, 0, 0);
    if (sim_word(body) != 0) /* no entry: stay */
        return;
    if (is_later(b) && comes_back(b, sim_word(body + 4))) {
        b->next = SIM_NEXT_DONE;
        b->next_us = b->out.free_us;
        return;
    }
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

    if (is_later(b) ? size < PARAMS_BODY : size != PARAMS_BODY) {
        reply(b, 0, SIM_ROM_INVALID);
        return;
    }
    r->flash_size = sim_word(body + 4);
    r->erase_block = sim_word(body + 8);
    r->erase_sector = sim_word(body + 12);
    reply(b, 0, 0);
}

static void read_reg(struct sim_board *b, const uint8_t *body)
{
    if (!sim_reg_mapped(b, sim_word(body))) {
        sim_panic(b);
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
        if (!sim_reg_mapped(b, sim_word(body))) {
            sim_panic(b);
            return;
        }
        sim_reg_write(b, sim_word(body), sim_word(body + 4), sim_word(body + 8));
    }
    reply(b, 0, 0);
}

/* Asked for with what still is to leave on the line. */
static void next(struct sim_board *b, enum sim_next what)
{
    b->next = what;
    b->next_us = b->out.free_us;
}

static bool is_secured(const struct sim_board *b)
{
    return sim_efuse_field(&b->efuse, b->chip->fuses.secure_download) != 0;
}

/* The first ROM leaves even when asked to stay. The later ones restart when asked to leave and all is there. */
static void end_plain(struct sim_board *b, const uint8_t *body)
{
    unsigned status = sim_rom_flash_end(b);
    bool restarts = is_later(b) && (is_secured(b) || (status == 0 && sim_word(body) == 0));

    reply(b, 0, status);
    if (restarts && !is_secured(b))
        empty_frame(b);
    sim_rom_write_reset(b);
    next(b, restarts ? SIM_NEXT_RESET : is_later(b) ? SIM_NEXT_DONE : SIM_NEXT_PROMPT);
}

static void end_deflate(struct sim_board *b, const uint8_t *body)
{
    unsigned status = sim_rom_deflate_end(b);

    reply(b, 0, status);
    sim_rom_write_reset(b);
    if (sim_word(body) != 0 || (is_later(b) && status != 0))
        return;
    empty_frame(b);
    if (is_later(b)) /* asked to leave, the first one only says the empty frame */
        next(b, SIM_NEXT_RESET);
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
        end_plain(b, body);
        break;
    case OP_DEFL_END:
        end_deflate(b, body);
        break;
    default:
        break;
    }
}

/* What is left of the commands in Secure Download Mode (measured on the C3). */
static bool allowed_secured(uint8_t op)
{
    return (op >= OP_FLASH_BEGIN && op <= OP_FLASH_END) || op == OP_SYNC || op == OP_SPI_SET_PARAMS ||
           op == OP_SPI_ATTACH || op == OP_CHANGE_BAUD || op == OP_SECURITY_INFO;
}

static bool known(const struct sim_board *b, uint8_t op)
{
    if (op == OP_SECURITY_INFO)
        return b->chip->info_size > 0;
    if (is_secured(b) && !allowed_secured(op))
        return false;
    return op >= OP_FLASH_BEGIN && op <= OP_MD5 && op != 0x0c;
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
    if (r->frame[0] != 0 || !known(b, op)) {
        reply(b, 0, SIM_ROM_INVALID); /* under the previous reply's op */
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
    case OP_SECURITY_INFO:
        security_info(b);
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
            if (is_later(b) && r->len > FRAME_LIMIT)
                b->mode = SIM_MODE_HUNG;
            else
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
