/* SPDX-License-Identifier: Apache-2.0 */
/* What the stubs answer, command by command. Where the versions differ, the measured difference is written here. */
#include <string.h>

#include "sim/sim_op.h"
#include "sim/sim_physics.h"
#include "sim/sim_stub_core.h"

#define SYNC_REPLIES 8

static int version(const struct sim_board *b)
{
    return b->stub->kind->version;
}

void stub_reply(struct sim_board *b, uint8_t op, uint32_t val, const uint8_t *data, size_t len, int error)
{
    uint8_t out[8 + 16 + 2] = {1, op, (uint8_t)(len + 2), 0};
    size_t n = 8;

    for (int i = 0; i < 4; i++)
        out[4 + i] = (uint8_t)(val >> 8 * i);
    if (len > 0 && data != NULL) {
        memcpy(out + n, data, len);
        n += len;
    }
    out[n++] = (uint8_t)error;
    out[n++] = 0;
    sim_say_frame(b, out, n, b->cpu_us);
}

static void plain(struct sim_board *b, const struct stub_command *c, int error)
{
    stub_reply(b, c->op, 0, NULL, 0, error);
}

static void sync(struct sim_board *b, const struct stub_command *c)
{
    for (int i = 0; i < SYNC_REPLIES; i++)
        plain(b, c, STUB_OK);
}

static void read_reg(struct sim_board *b, const struct stub_command *c)
{
    if (c->size != 4)
        plain(b, c, STUB_BAD_LEN);
    else
        stub_reply(b, c->op, sim_reg_read(b, sim_word(c->body)), NULL, 0, STUB_OK);
}

static void write_reg(struct sim_board *b, const struct stub_command *c)
{
    if (c->size == 0 || c->size % 16 != 0 || c->size > STUB_BUFFER - 8) {
        plain(b, c, version(b) == 1 ? STUB_BAD_LEN : STUB_TOO_LITTLE);
        return;
    }
    for (unsigned i = 0; i < c->size; i += 16)
        sim_reg_write(b, sim_word(c->body + i), sim_word(c->body + i + 4), sim_word(c->body + i + 8));
    plain(b, c, STUB_OK);
}

static void md5(struct sim_board *b, const struct stub_command *c)
{
    uint32_t address = sim_word(c->body), len = sim_word(c->body + 4);
    uint8_t digest[MD5_SIZE];

    if (c->size != 16) {
        plain(b, c, STUB_BAD_LEN);
        return;
    }
    if (!sim_flash_covers(&b->flash, address, len)) {
        /* The first version has already announced a digest when it finds out. */
        stub_reply(b, c->op, 0, NULL, version(b) == 1 ? MD5_SIZE : 0,
                   version(b) == 1 ? STUB_FAILED : STUB_BAD_SPI);
        return;
    }
    if (b->cpu_us < b->stub->flash.ready_us)
        b->cpu_us = b->stub->flash.ready_us;
    digest_md5(b->flash.bytes + sim_mishap_digest(b, address, len), len, digest);
    b->cpu_us += (int64_t)len * (b->stub->kind->fast ? SIM_STUB_FAST_MD5_NS : SIM_STUB_MD5_NS) / 1000;
    stub_reply(b, c->op, 0, digest, sizeof digest, STUB_OK);
}

/* The first version scales the divisor it finds by old/new, the second computes it afresh. */
static void change_baud(struct sim_board *b, const struct stub_command *c)
{
    uint32_t new = sim_word(c->body), old = sim_word(c->body + 4);

    if (c->size != 8 || new == 0 || (version(b) == 1 && old == 0)) {
        plain(b, c, STUB_BAD_LEN);
        return;
    }
    plain(b, c, STUB_OK);
    b->cpu_us = b->out.free_us > b->cpu_us ? b->out.free_us : b->cpu_us;
    if (version(b) == 1)
        sim_set_rate(b, (uint32_t)((uint64_t)b->baud * new / old), b->uart_hz, b->uart_hz);
    else
        sim_set_rate(b, new, b->uart_hz, b->uart_hz);
}

static void mem(struct sim_board *b, const struct stub_command *c)
{
    if (c->op == OP_MEM_BEGIN) {
        bool good = c->size == 16 && sim_mem_begin(&b->mem, sim_word(c->body), sim_word(c->body + 12)) == 0;
        plain(b, c, good ? STUB_OK : STUB_BAD_LEN);
    } else if (c->op == OP_MEM_DATA) {
        bool good = c->size >= 16 && sim_word(c->body) == c->size - 16u && c->size <= STUB_BUFFER - 8 &&
                    sim_mem_data(&b->mem, c->body + 16, c->size - 16u) == 0;
        plain(b, c, good ? STUB_OK : STUB_TOO_MUCH);
    } else {
        plain(b, c, c->size == 8 ? STUB_OK : STUB_BAD_LEN);
        if (c->size == 8 && sim_word(c->body) == 0)
            sim_stub_jump(b, sim_word(c->body + 4));
    }
}

static void attach(struct sim_board *b, const struct stub_command *c)
{
    if (c->size == 4)
        b->spi.attached = true;
    plain(b, c, c->size == 4 ? STUB_OK : version(b) == 1 ? STUB_FAILED : STUB_BAD_LEN);
}

static void end(struct sim_board *b, const struct stub_command *c)
{
    int error = stub_end(b, c);
    bool reboot = error == STUB_OK && version(b) == 1 && sim_word(c->body) == 0;

    plain(b, c, error);
    if (!reboot)
        return;
    int64_t left = b->out.free_us > b->cpu_us ? b->out.free_us : b->cpu_us;
    b->boot_low = false;
    b->mode = SIM_MODE_APP;
    sim_schedule(b, SIM_EVENT_BOOT, left);
}

static void data(struct sim_board *b, const struct stub_command *c, bool deflate)
{
    int error = stub_data(b, c, deflate);

    plain(b, c, error);
    /* The first version's decompressor also eats a block that its checksum has just condemned. */
    if (error == STUB_OK || (error == STUB_BAD_CHECKSUM && deflate && version(b) == 1))
        stub_work(b, c, deflate);
}

static void read_flash(struct sim_board *b, const struct stub_command *c)
{
    plain(b, c, c->size == 16 ? STUB_OK : STUB_BAD_LEN);
    if (c->size == 16)
        stub_read_start(b, c);
}

static void flash_command(struct sim_board *b, const struct stub_command *c)
{
    switch (c->op) {
    case OP_FLASH_BEGIN:
    case OP_DEFL_BEGIN:
        plain(b, c, stub_begin(b, c, c->op == OP_DEFL_BEGIN));
        break;
    case OP_FLASH_DATA:
    case OP_DEFL_DATA:
        data(b, c, c->op == OP_DEFL_DATA);
        break;
    case OP_FLASH_END:
    case OP_DEFL_END:
        end(b, c);
        break;
    case OP_ERASE_FLASH:
        plain(b, c, stub_erase_chip(b));
        break;
    case OP_ERASE_REGION:
        plain(b, c, stub_erase_region(b, c));
        break;
    case OP_READ_FLASH:
        read_flash(b, c);
        break;
    case OP_RUN_USER_CODE:
        if (version(b) == 1)
            sim_prompt_start(b, b->cpu_us);
        break;
    default:
        plain(b, c, version(b) == 1 || c->op == OP_SECURITY_INFO ? STUB_UNKNOWN : STUB_BAD_COMMAND);
        break;
    }
}

static void dispatch(struct sim_board *b, const struct stub_command *c)
{
    switch (c->op) {
    case OP_SYNC:
        sync(b, c);
        break;
    case OP_READ_REG:
        read_reg(b, c);
        break;
    case OP_WRITE_REG:
        write_reg(b, c);
        break;
    case OP_SPI_ATTACH:
        attach(b, c);
        break;
    case OP_SPI_SET_PARAMS:
        plain(b, c, c->size == 24 ? STUB_OK : STUB_BAD_LEN);
        break;
    case OP_CHANGE_BAUD:
        change_baud(b, c);
        break;
    case OP_MD5:
        md5(b, c);
        break;
    case OP_MEM_BEGIN:
    case OP_MEM_DATA:
    case OP_MEM_END:
        mem(b, c);
        break;
    default:
        flash_command(b, c);
        break;
    }
}

void stub_execute(struct sim_board *b, const struct stub_command *c)
{
    struct stub_flash *f = &b->stub->flash;

    b->frames.stub[c->op]++;
    if (version(b) == 1) {
        /* Neither direction nor length of a frame is checked; an over-long announcement is. */
        if (c->broken || c->size > 0x4000 + 16)
            plain(b, c, STUB_BAD_LEN);
        else
            dispatch(b, c);
        return;
    }
    if (c->direction != 0) {
        plain(b, c, STUB_BAD_COMMAND);
    } else if (c->len != (size_t)c->size + 8) {
        plain(b, c, STUB_BAD_LEN);
    } else if (f->error != STUB_OK) { /* told instead of what was asked */
        plain(b, c, f->error);
        f->error = STUB_OK;
    } else {
        dispatch(b, c);
    }
}
