/* SPDX-License-Identifier: Apache-2.0 */
#include "sim/board/sim_stub.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "sim/board/sim_op.h"
#include "sim/board/sim_physics.h"
#include "sim/board/sim_rom_info.h"
#include "sim/board/sim_stub_flash.h"

#define SYNC_REPLIES 8
#define INFO_MAX     20 /* bytes that GET_SECURITY_INFO answers */
#define FRAME_MIN    8
#define STUB_BUFFER \
    (0x4000 + 0x107) /* header, largest block with its own header, slack: the second version's */

enum stub_slip { STUB_NO_FRAME, STUB_IN_FRAME, STUB_ESCAPED };

struct sim_stub {
    enum stub_slip slip;
    bool broken;                    /* first version: this frame had a bad escape */
    uint8_t buffer[2][STUB_BUFFER]; /* never cleared */
    int rx;                         /* buffer being received into */
    size_t len;
    bool pending; /* a frame waits for the main loop */
    int pending_buffer;
    size_t pending_len;
    bool pending_broken;
    int64_t pending_since_us;
    struct stub_flash flash;
    struct stub_read read;
};

static int start(struct sim_board *b, const struct stub_kind *kind)
{
    struct sim_stub *s = calloc(1, sizeof *s);

    if (s == NULL)
        return -ENOMEM;
    s->flash.kind = kind;
    sim_stub_free(b->stub);
    b->stub = s;
    b->mode = SIM_MODE_STUB;
    /* It attaches the flash itself. An ESP32's leaves the user-command registers cleared, a C3's as its ROM does. */
    sim_spi_reset(&b->spi);
    b->spi.attached = true;
    if (b->chip->rom == SIM_ROM_LATER)
        sim_spi_attach(&b->spi);
    /* Where its output goes on lies in the data that was uploaded with it: a broken stream before it is forgotten. */
    sim_inflate_restart(b->inflate, false);
    int64_t left = b->out.free_us > b->cpu_us ? b->out.free_us : b->cpu_us;
    sim_schedule(b, SIM_EVENT_STUB, left + SIM_STUB_START_US);
    return 0;
}

void sim_stub_jump(struct sim_board *b, uint32_t entry)
{
    const struct stub_kind *kind = sim_stub_recognise(b, entry);

    if (kind == NULL || sim_trouble_personality(b->trouble)->breaks_stub || start(b, kind) < 0)
        b->mode = SIM_MODE_HUNG;
}

int sim_stub_start(struct sim_board *b, const char *name)
{
    const struct stub_kind *kind = sim_stub_named(name);

    return kind != NULL ? start(b, kind) : -EINVAL;
}

void sim_stub_free(struct sim_stub *s)
{
    free(s);
}

/* The commands. Where the versions differ, the measured difference is written here. */

static int version(const struct sim_board *b)
{
    return b->stub->flash.kind->version;
}

static void reply(struct sim_board *b, uint8_t op, uint32_t val, const uint8_t *data, size_t len, int error)
{
    uint8_t out[8 + INFO_MAX + 2] = {1, op, (uint8_t)(len + 2), 0};
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
    reply(b, c->op, 0, NULL, 0, error);
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
        reply(b, c->op, sim_reg_read(b, sim_word(c->body)), NULL, 0, STUB_OK);
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
    if (!sim_flash_covers(&b->flash, address, len) || b->flash.unpowered) {
        /* The first version has already announced a digest when it finds out. */
        reply(b, c->op, 0, NULL, version(b) == 1 ? MD5_SIZE : 0,
              version(b) == 1 ? STUB_FAILED : STUB_BAD_SPI);
        return;
    }
    if (b->cpu_us < b->stub->flash.ready_us)
        b->cpu_us = b->stub->flash.ready_us;
    digest_md5(b->flash.bytes + sim_mishap_digest(&b->mishaps, &b->flash, address, len), len, digest);
    b->cpu_us += (int64_t)len * (b->stub->flash.kind->fast ? SIM_STUB_FAST_MD5_NS : SIM_STUB_MD5_NS) / 1000;
    reply(b, c->op, 0, digest, sizeof digest, STUB_OK);
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
        if (c->size != 8 || sim_word(c->body) != 0)
            return;
        b->next = SIM_NEXT_UPLOAD;
        b->next_entry = sim_word(c->body + 4);
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
    int error = stub_end(b, &b->stub->flash, c);
    bool reboot = error == STUB_OK && version(b) == 1 && sim_word(c->body) == 0;

    plain(b, c, error);
    if (!reboot)
        return;
    b->next = SIM_NEXT_RESET;
    b->next_us = b->out.free_us > b->cpu_us ? b->out.free_us : b->cpu_us;
}

static void data(struct sim_board *b, const struct stub_command *c, bool deflate)
{
    int error = stub_data(&b->stub->flash, c, deflate);

    plain(b, c, error);
    /* The first version's decompressor also eats a block that its checksum has just condemned. */
    if (error == STUB_OK || (error == STUB_BAD_CHECKSUM && deflate && version(b) == 1))
        stub_work(b, &b->stub->flash, c, deflate);
}

/* As the ROM's. The first version's length tells of the data alone. */
static void security_info(struct sim_board *b, const struct stub_command *c)
{
    uint8_t info[INFO_MAX] = {0}, out[8 + INFO_MAX + 2] = {1, c->op};
    size_t len = b->chip->info_size;

    if (len == 0) {
        plain(b, c, STUB_UNKNOWN);
        return;
    }
    sim_rom_security(b, info);
    out[2] = (uint8_t)(version(b) == 1 ? len : len + 2);
    memcpy(out + 8, info, len);
    sim_say_frame(b, out, 8 + len + 2, b->cpu_us);
}

static void read_flash(struct sim_board *b, const struct stub_command *c)
{
    plain(b, c, c->size == 16 ? STUB_OK : STUB_BAD_LEN);
    if (c->size == 16)
        stub_read_start(b, &b->stub->read, &b->stub->flash, c);
}

/* Back to the ROM: to the first one's interpreter. On a later chip the answer is cut off by what the ROM says. */
static void run_user_code(struct sim_board *b, const struct stub_command *c)
{
    const uint8_t answer[] = {0xc0, 1, c->op, 2, 0, 0, 0, 0, 0};

    b->next_us = b->cpu_us;
    b->next = SIM_NEXT_PROMPT;
    if (b->chip->rom == SIM_ROM_FIRST)
        return;
    sim_say(b, answer, sizeof answer, b->cpu_us);
    b->next = SIM_NEXT_DONE;
    b->next_us = b->out.free_us;
}

static void flash_command(struct sim_board *b, const struct stub_command *c)
{
    switch (c->op) {
    case OP_FLASH_BEGIN:
    case OP_DEFL_BEGIN:
        plain(b, c, stub_begin(b, &b->stub->flash, c, c->op == OP_DEFL_BEGIN));
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
        plain(b, c, stub_erase_chip(b, &b->stub->flash));
        break;
    case OP_ERASE_REGION:
        plain(b, c, stub_erase_region(b, &b->stub->flash, c));
        break;
    case OP_READ_FLASH:
        read_flash(b, c);
        break;
    case OP_RUN_USER_CODE:
        if (version(b) == 1)
            run_user_code(b, c);
        break;
    case OP_SECURITY_INFO:
        security_info(b, c);
        break;
    default:
        plain(b, c, version(b) == 1 ? STUB_UNKNOWN : STUB_BAD_COMMAND);
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
        plain(b, c, c->size == 24 ? STUB_OK : version(b) == 1 ? STUB_FAILED : STUB_BAD_LEN);
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

static void execute(struct sim_board *b, const struct stub_command *c)
{
    struct stub_flash *f = &b->stub->flash;

    b->frames.stub[c->op]++;
    if (version(b) == 1 && c->len < FRAME_MIN && b->chip->rom == SIM_ROM_LATER) {
        sim_panic(b);
        return;
    }
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

static void say_ohai(struct sim_board *b)
{
    /* The ESP32's faster clock needs another divisor for the same rate; the C3's divides its crystal as before. */
    if (b->stub->flash.kind->fast && b->chip->rom == SIM_ROM_FIRST)
        sim_set_rate(b, b->baud, SIM_STUB_FAST_UART_HZ, SIM_STUB_FAST_UART_HZ);
    b->cpu_us = b->now_us;
    sim_say_frame(b, (const uint8_t *)"OHAI", 4, b->now_us);
}

static void hand_over(struct sim_board *b, int buffer, size_t len, bool broken, int64_t at_us)
{
    struct sim_stub *s = b->stub;
    const uint8_t *f = s->buffer[buffer];

    if (b->cpu_us < at_us)
        b->cpu_us = at_us;
    if (s->read.active) {
        stub_read_ack(b, &s->read, f, len);
        return;
    }
    const struct stub_command c = {
        .direction = f[0],
        .op = f[1],
        .size = (uint16_t)(f[2] | f[3] << 8),
        .checksum = sim_word(f + 4),
        .body = f + 8,
        .len = len,
        .broken = broken,
    };
    b->cpu_us += SIM_STUB_COMMAND_US;
    execute(b, &c);
}

static void pick_up(struct sim_board *b)
{
    struct sim_stub *s = b->stub;
    int buffer = s->pending_buffer;

    if (!s->pending)
        return;
    s->pending = false;
    hand_over(b, buffer, s->pending_len, s->pending_broken, b->now_us);
}

void sim_stub_event(struct sim_board *b)
{
    enum sim_event event = b->event;

    sim_schedule(b, SIM_EVENT_NONE, SIM_NEVER);
    if (b->stub == NULL)
        return;
    if (event == SIM_EVENT_STUB)
        say_ohai(b);
    else
        pick_up(b);
}

/* When the main loop can see a frame that the first version's interrupt finished: it empties the whole FIFO first. */
static int64_t batch_end(const struct sim_board *b, int64_t at_us)
{
    int64_t byte_us = (int64_t)SIM_BITS_PER_BYTE * 1000000 / b->baud + 1;
    int64_t idle = at_us + SIM_UART_IDLE_BYTES * byte_us;
    int64_t full = b->stub->pending_since_us + SIM_UART_ISR_BATCH * byte_us;

    return idle < full ? idle : full;
}

static void plan_pick_up(struct sim_board *b, int64_t at_us)
{
    int64_t seen = b->stub->flash.kind->version == 1 ? batch_end(b, at_us) : at_us;

    if (b->event != SIM_EVENT_STUB)
        sim_schedule(b, SIM_EVENT_WORK, seen > b->cpu_us ? seen : b->cpu_us);
}

/* A frame is complete; in the first version it replaces one that nobody has looked at yet. */
static void finish_frame(struct sim_board *b, int64_t at_us)
{
    struct sim_stub *s = b->stub;

    s->pending = true;
    s->pending_buffer = s->rx;
    s->pending_len = s->len;
    s->pending_broken = s->broken;
    s->pending_since_us = at_us;
    s->rx = 1 - s->rx;
    s->len = 0;
    s->broken = false;
    plan_pick_up(b, at_us);
}

static void put(struct sim_board *b, uint8_t byte, int64_t at_us)
{
    struct sim_stub *s = b->stub;
    size_t room = s->flash.kind->version == 1 ? 0x4000 + 64 : STUB_BUFFER;

    if (s->len < room)
        s->buffer[s->rx][s->len++] = byte;
    else if (s->flash.kind->version == 1)
        finish_frame(b, at_us);
    else
        s->slip = STUB_NO_FRAME; /* and the frame's own end opens another: parity is lost */
}

/* First version: every C0 toggles, and closing an empty frame executes what the buffer holds from before. */
static void byte_v1(struct sim_board *b, uint8_t byte, int64_t at_us)
{
    struct sim_stub *s = b->stub;

    if (byte == 0xc0) {
        if (s->slip != STUB_NO_FRAME)
            finish_frame(b, at_us);
        s->slip = s->slip == STUB_NO_FRAME ? STUB_IN_FRAME : STUB_NO_FRAME;
    } else if (s->slip == STUB_IN_FRAME && byte == 0xdb) {
        s->slip = STUB_ESCAPED;
    } else if (s->slip == STUB_ESCAPED) {
        s->slip = STUB_IN_FRAME;
        s->broken = s->broken || (byte != 0xdc && byte != 0xdd);
        put(b, byte == 0xdc ? 0xc0 : byte == 0xdd ? 0xdb : byte, at_us);
    } else if (s->slip == STUB_IN_FRAME) {
        put(b, byte, at_us);
    }
    if (s->pending)
        plan_pick_up(b, at_us); /* the line is not idle yet */
}

/* Second version: an empty frame is nothing, a bad escape drops the frame, and without a free buffer nothing is heard. */
static void byte_v2(struct sim_board *b, uint8_t byte, int64_t at_us)
{
    struct sim_stub *s = b->stub;

    switch (s->slip) {
    case STUB_NO_FRAME:
        if (byte == 0xc0 && !s->pending) {
            s->slip = STUB_IN_FRAME;
            s->len = 0;
        }
        break;
    case STUB_IN_FRAME:
        if (byte == 0xc0) {
            s->slip = s->len > 0 || !s->flash.kind->resyncs ? STUB_NO_FRAME : STUB_IN_FRAME;
            if (s->len > 0)
                finish_frame(b, at_us);
        } else if (byte == 0xdb) {
            s->slip = STUB_ESCAPED;
        } else {
            put(b, byte, at_us);
        }
        break;
    case STUB_ESCAPED:
        s->slip = STUB_IN_FRAME;
        if (byte == 0xdc || byte == 0xdd)
            put(b, byte == 0xdc ? 0xc0 : 0xdb, at_us);
        else
            s->slip = STUB_NO_FRAME;
        break;
    }
}

void sim_stub_byte(struct sim_board *b, uint8_t byte, int64_t at_us)
{
    if (b->stub == NULL || b->event == SIM_EVENT_STUB)
        return; /* still starting */
    if (b->stub->flash.kind->version == 1)
        byte_v1(b, byte, at_us);
    else
        byte_v2(b, byte, at_us);
}
