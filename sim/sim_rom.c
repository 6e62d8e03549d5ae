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

#define SYNC_REPLIES      8
#define ROM_DEFAULT_FLASH (2u << 20) /* until SPI_SET_PARAMS says otherwise */
#define EMPTY_FRAME       "\xc0\xc0"

uint32_t sim_word(const uint8_t *p)
{
    return p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

void sim_rom_reset(struct sim_board *b)
{
    memset(&b->rom, 0, sizeof b->rom);
    b->rom.flash_size = ROM_DEFAULT_FLASH;
    b->write = (struct sim_write){0};
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

    while (times-- > 0)
        reply_once(b, data_len, status);
}

/* Data goes into the reply's buffer, over the status of a plain reply. */
static void digest(struct sim_board *b, const uint8_t *body)
{
    struct sim_rom *r = &b->rom;
    uint32_t address = sim_word(body), len = sim_word(body + 4);
    uint8_t md5[MD5_SIZE];
    char text[2 * MD5_SIZE + 1];

    if ((uint64_t)address + len > r->flash_size || !sim_flash_covers(&b->flash, address, len)) {
        reply(b, 2 * MD5_SIZE, 0x0109);
        return;
    }
    digest_md5(b->flash.bytes + address, len, md5);
    digest_hex(md5, sizeof md5, text);
    memcpy(r->body, text, 2 * MD5_SIZE);
    b->cpu_us += (int64_t)len * SIM_ROM_MD5_NS / 1000;
    reply(b, 2 * MD5_SIZE, 0);
}

static void read_slow(struct sim_board *b, const uint8_t *body)
{
    uint32_t address = sim_word(body), len = sim_word(body + 4);

    if (len > 64 || !sim_flash_covers(&b->flash, address, len)) {
        reply(b, 64, 0x010a);
        return;
    }
    memset(b->rom.body, 0xff, 64);
    memcpy(b->rom.body, b->flash.bytes + address, len);
    b->cpu_us += (int64_t)len * SIM_READ_NS / 1000;
    reply(b, 64, 0);
}

static void change_baud(struct sim_board *b, const uint8_t *body)
{
    reply(b, 0, 0);
    b->cpu_us = b->out.free_us; /* the ROM waits until the reply has left at the old rate */
    sim_set_rate(b, sim_word(body), SIM_XTAL_HZ, sim_efuse_believed_xtal(&b->efuse));
    sim_say(b, (const uint8_t *)EMPTY_FRAME, 2, b->cpu_us);
}

static unsigned mem_data(struct sim_board *b, const uint8_t *body, uint32_t checksum)
{
    uint32_t len = sim_word(body), seq = sim_word(body + 4);
    uint8_t sum = 0xef;

    if (len > SIM_ROM_BUFFER - 24)
        return 0x0105;
    for (uint32_t i = 0; i < len; i++)
        sum ^= body[16 + i];
    if (sum != (checksum & 0xff))
        return 0x0107;
    sim_mem_data(&b->mem, seq, body + 16, len); /* without a begin it lands somewhere; the ROM says ok */
    return 0;
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

static void set_params(struct sim_board *b, const uint8_t *body)
{
    b->rom.flash_size = sim_word(body + 4);
    reply(b, 0, 0);
}

static void transfer(struct sim_board *b, uint8_t op, const uint8_t *body, uint32_t checksum)
{
    switch (op) {
    case OP_FLASH_BEGIN:
        reply(b, 0, sim_rom_flash_begin(b, body, SIM_TRANSFER_PLAIN));
        break;
    case OP_DEFL_BEGIN:
        reply(b, 0, sim_rom_flash_begin(b, body, SIM_TRANSFER_DEFLATE));
        break;
    case OP_FLASH_END:
        reply(b, 0, sim_rom_flash_end(b, SIM_TRANSFER_PLAIN));
        sim_give_up(b, b->out.free_us); /* even when asked to stay */
        break;
    case OP_DEFL_END:
        reply(b, 0, sim_rom_flash_end(b, SIM_TRANSFER_DEFLATE));
        break;
    case OP_FLASH_DATA:
    case OP_DEFL_DATA: {
        unsigned status = sim_rom_flash_data(
            b, body, op == OP_FLASH_DATA ? SIM_TRANSFER_PLAIN : SIM_TRANSFER_DEFLATE, checksum);
        if (b->mode == SIM_MODE_ROM) /* it may have hung */
            reply(b, 0, status);
        break;
    }
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
    const uint8_t *body = r->frame + 8;
    uint32_t checksum = sim_word(r->frame + 4);

    b->cpu_us += SIM_ROM_COMMAND_US;
    r->body[0] = r->body[1] = 0;
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
        r->val = sim_reg_read(b, sim_word(body));
        reply(b, 0, 0);
        break;
    case OP_WRITE_REG:
        sim_reg_write(b, sim_word(body), sim_word(body + 4), sim_word(body + 8));
        reply(b, 0, 0);
        break;
    case OP_SPI_ATTACH:
        sim_spi_attach(&b->spi);
        reply(b, 0, 0);
        break;
    case OP_SPI_SET_PARAMS:
        set_params(b, body);
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
    case OP_MEM_BEGIN:
        reply(b, 0,
              sim_mem_begin(&b->mem, sim_word(body), sim_word(body + 8), sim_word(body + 12)) < 0 ? 0x010e
                                                                                                  : 0);
        break;
    case OP_MEM_DATA:
        reply(b, 0, mem_data(b, body, checksum));
        break;
    case OP_MEM_END:
        leave(b, body);
        break;
    default:
        transfer(b, op, body, checksum);
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

    if (byte == 0xc0) {
        r->escaped = false;
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
        put(r, byte == 0xdc ? 0xc0 : byte == 0xdd ? 0xdb : byte); /* an unknown escape passes as it is */
    } else if (byte == 0xdb) {
        r->escaped = true;
    } else {
        put(r, byte);
    }
}
