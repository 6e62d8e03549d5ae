/* SPDX-License-Identifier: Apache-2.0 */
#include "sim/serve/ftdi/sim_ftdi_chip.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "sim/serve/ftdi/sim_ftdi_urbs.h"

#define RX_FIFO_SIZE      4096u /* the largest model's */
#define MODEM_TRACE       256
#define SERIAL_TEXT_SIZE  17
#define LINE_STATUS_IDLE  0x60 /* transmitter holding register and shift register empty */
#define MODEM_STATUS_IDLE 0x01 /* what every packet's first byte has set besides the four inputs */
#define URB_LIMIT         256  /* waiting URBs an endpoint; more is a host gone wild */
#define URB_MAX           (256u * 1024u)
#define BITS_PER_BYTE     10
#define STATUS_BYTES      2

struct chip_interface {
    struct sim_ftdi_line line;
    struct urb_queue in, out;
    uint8_t rx[RX_FIFO_SIZE]; /* ring */
    uint32_t head, count;
    uint32_t flush; /* of `count`, how many bytes must go even in a short packet */
    bool tick;      /* the latency timer ran out: a packet is due, empty or not */
    int64_t tick_at, pumped_at;
    uint8_t latency_ms, event_char, error_char, bitmode;
    bool event_char_on, stalled;
    uint8_t modem, line_errors;
    bool dtr, rts;
    uint32_t baud;
    struct sim_ftdi_stats stats;
};

struct sim_ftdi_chip {
    const struct sim_ftdi_born *model;
    char serial[SERIAL_TEXT_SIZE];
    bool ignores_event_char, silent;
    struct chip_interface interfaces[SIM_FTDI_INTERFACES];
    struct urb_queue done, parked; /* parked: submitted while silent */
    struct chip_urb *taken;        /* what the last take handed out */
    uint8_t configuration;
    uint8_t eeprom[SIM_FTDI_EEPROM_SIZE];
    struct sim_ftdi_modem_event trace[MODEM_TRACE];
    int trace_head, trace_count;
};

/* Endpoint 0: the standard requests and FTDI's own. */

enum { TYPE_OUT_STANDARD_MASK = 0x60, VENDOR_OUT = 0x40, VENDOR_IN = 0xc0 };

enum vendor_request {
    REQ_RESET = 0x00,
    REQ_MODEM_CTRL = 0x01,
    REQ_FLOW = 0x02,
    REQ_BAUD = 0x03,
    REQ_DATA = 0x04,
    REQ_MODEM_STATUS = 0x05,
    REQ_EVENT_CHAR = 0x06,
    REQ_ERROR_CHAR = 0x07,
    REQ_SET_LATENCY = 0x09,
    REQ_GET_LATENCY = 0x0a,
    REQ_BITMODE = 0x0b,
    REQ_PINS = 0x0c,
    REQ_EEPROM_READ = 0x90,
    REQ_EEPROM_WRITE = 0x91,
    REQ_EEPROM_ERASE = 0x92,
};

struct request {
    uint8_t type, request;
    uint16_t value, index, length;
};

/* Divisor in eighths: 14 bits whole, three bits of a code for the fraction, spread over value and index. */
static uint32_t decode_baud(const struct sim_ftdi_born *m, uint16_t value, uint16_t index)
{
    static const uint8_t eighths[8] = {0, 4, 2, 1, 3, 5, 6, 7};
    uint16_t high = m->index_has_interface ? index >> 8 : index;
    uint32_t whole = value & 0x3fff, part = eighths[(value >> 14 & 3) | (high & 1) << 2];
    uint32_t clock = m->fast_clock && (high & 2) ? 12000000 : 3000000;
    uint32_t eighth_count = whole * 8 + part;

    if (eighth_count == 0)
        return clock;
    if (eighth_count == 8)
        return clock / 3 * 2;
    if (eighth_count < 16) /* between 1 and 2 the divider does not work */
        return 0;
    return (uint32_t)(((uint64_t)clock * 8 + eighth_count / 2) / eighth_count);
}

static void forget_input(struct chip_interface *f)
{
    f->head = f->count = f->flush = 0;
}

static int standard_request(struct sim_ftdi_chip *c, const struct request *r, uint8_t *answer)
{
    int n;

    switch (r->request) {
    case 0: /* GET_STATUS */
        memset(answer, 0, 2);
        return r->type & 0x80 ? 2 : SIM_URB_STALL;
    case 6: /* GET_DESCRIPTOR */
        n = sim_ftdi_model_descriptor(c->model, c->serial, (uint8_t)(r->value >> 8), (uint8_t)r->value,
                                      answer);
        return n < 0 ? SIM_URB_STALL : n;
    case 8: /* GET_CONFIGURATION */
        answer[0] = c->configuration;
        return 1;
    case 9: /* SET_CONFIGURATION */
        if (r->value > 1)
            return SIM_URB_STALL;
        c->configuration = (uint8_t)r->value;
        return 0;
    case 10: /* GET_INTERFACE */
        answer[0] = 0;
        return r->index < c->model->identity.interfaces ? 1 : SIM_URB_STALL;
    case 1: /* CLEAR_FEATURE */
    case 3: /* SET_FEATURE */
        return 0;
    case 11: /* SET_INTERFACE */
        return r->value == 0 && r->index < c->model->identity.interfaces ? 0 : SIM_URB_STALL;
    default:
        return SIM_URB_STALL;
    }
}

static void modem_control(struct sim_ftdi_chip *c, int n, uint16_t value, int64_t now_us)
{
    struct chip_interface *f = &c->interfaces[n];
    int at = (c->trace_head + c->trace_count) % MODEM_TRACE;

    if (value & 0x0100)
        f->dtr = value & 1;
    if (value & 0x0200)
        f->rts = value >> 1 & 1;
    c->trace[at] = (struct sim_ftdi_modem_event){now_us, n, value, f->dtr, f->rts};
    if (c->trace_count < MODEM_TRACE)
        c->trace_count++;
    else
        c->trace_head = (c->trace_head + 1) % MODEM_TRACE;
    f->line.set_lines(f->line.ctx, f->dtr, f->rts, now_us);
}

static int set_baud(struct sim_ftdi_chip *c, struct chip_interface *f, const struct request *r,
                    int64_t now_us)
{
    uint32_t baud = decode_baud(c->model, r->value, r->index);

    if (baud == 0)
        return SIM_URB_STALL;
    f->baud = baud;
    f->line.set_baud(f->line.ctx, baud, now_us);
    return 0;
}

static int vendor_out(struct sim_ftdi_chip *c, int n, const struct request *r, int64_t now_us)
{
    struct chip_interface *f = &c->interfaces[n];

    switch (r->request) {
    case REQ_RESET: /* 0: all; 1 and 2: one buffer. 2 is the one towards the host, whatever headers have called it. */
        if (r->value == 0 || r->value == 2)
            forget_input(f);
        return r->value <= 2 ? 0 : SIM_URB_STALL;
    case REQ_MODEM_CTRL:
        modem_control(c, n, r->value, now_us);
        return 0;
    case REQ_BAUD:
        return set_baud(c, f, r, now_us);
    case REQ_EVENT_CHAR:
        f->event_char = (uint8_t)r->value;
        f->event_char_on = r->value >> 8 & 1;
        return 0;
    case REQ_ERROR_CHAR:
        f->error_char = (uint8_t)r->value;
        return 0;
    case REQ_SET_LATENCY:
        f->latency_ms = (uint8_t)r->value != 0 ? (uint8_t)r->value : 1;
        f->tick_at = now_us + f->latency_ms * INT64_C(1000);
        return 0;
    case REQ_BITMODE:
        f->bitmode = (uint8_t)(r->value >> 8);
        return 0;
    case REQ_EEPROM_WRITE:
        if (r->index >= SIM_FTDI_EEPROM_SIZE / 2)
            return SIM_URB_STALL;
        c->eeprom[r->index * 2] = (uint8_t)r->value;
        c->eeprom[r->index * 2 + 1] = (uint8_t)(r->value >> 8);
        return 0;
    case REQ_EEPROM_ERASE:
        memset(c->eeprom, 0xff, SIM_FTDI_EEPROM_SIZE);
        return 0;
    case REQ_FLOW:
    case REQ_DATA:
        return 0;
    default:
        return SIM_URB_STALL;
    }
}

static int vendor_in(struct sim_ftdi_chip *c, int n, const struct request *r, uint8_t *answer)
{
    struct chip_interface *f = &c->interfaces[n];

    switch (r->request) {
    case REQ_MODEM_STATUS:
        answer[0] = f->modem | MODEM_STATUS_IDLE;
        answer[1] = LINE_STATUS_IDLE;
        return 2;
    case REQ_GET_LATENCY:
        answer[0] = f->latency_ms;
        return 1;
    case REQ_PINS:
        answer[0] = 0xff;
        return 1;
    case REQ_EEPROM_READ:
        if (r->index >= SIM_FTDI_EEPROM_SIZE / 2)
            return SIM_URB_STALL;
        memcpy(answer, c->eeprom + r->index * 2, 2);
        return 2;
    default:
        return SIM_URB_STALL;
    }
}

/* Serves one request: bytes of answer put into `answer` (0 for OUT), or SIM_URB_STALL. */
static int control(struct sim_ftdi_chip *c, const uint8_t setup[static 8],
                   uint8_t answer[static SIM_FTDI_DESCRIPTOR_SIZE], int64_t now_us)
{
    const struct request r = {
        .type = setup[0],
        .request = setup[1],
        .value = (uint16_t)(setup[2] | setup[3] << 8),
        .index = (uint16_t)(setup[4] | setup[5] << 8),
        .length = (uint16_t)(setup[6] | setup[7] << 8),
    };
    int n = 0, interfaces = c->model->identity.interfaces;

    if ((r.type & TYPE_OUT_STANDARD_MASK) == 0) {
        n = standard_request(c, &r, answer);
    } else {
        /* Interfaces count from 1 in the low byte; 0 means the first. One-interface chips put other bits there. */
        int named = interfaces > 1 && r.request != REQ_EEPROM_READ && r.request != REQ_EEPROM_WRITE
                        ? r.index & 0xff
                        : 0;
        if (named > interfaces)
            return SIM_URB_STALL;
        int interface = named > 0 ? named - 1 : 0;
        if (r.type == VENDOR_OUT)
            n = vendor_out(c, interface, &r, now_us);
        else if (r.type == VENDOR_IN)
            n = vendor_in(c, interface, &r, answer);
        else
            n = SIM_URB_STALL;
    }
    return n > r.length && (r.type & 0x80) ? r.length : n;
}

/* The other endpoints. */

static void finish(struct sim_ftdi_chip *c, struct chip_urb *u, int status)
{
    u->status = status;
    urb_queue_push(&c->done, u);
}

static void interface_power_on(struct chip_interface *f, int64_t now_us)
{
    forget_input(f);
    f->tick = false;
    f->latency_ms = 16; /* what the chip wakes up with */
    f->event_char = f->error_char = f->bitmode = 0;
    f->event_char_on = f->stalled = false;
    f->modem = f->line_errors = 0;
    f->baud = 0;
    f->tick_at = now_us + f->latency_ms * INT64_C(1000);
    f->pumped_at = now_us;
    f->dtr = f->rts = false;
    f->line.set_lines(f->line.ctx, false, false, now_us);
}

struct sim_ftdi_chip *sim_ftdi_chip_new(const struct sim_ftdi_config *config, int64_t now_us)
{
    struct sim_ftdi_chip *c = calloc(1, sizeof *c);

    if (c == NULL)
        return NULL;
    c->model = sim_ftdi_model_born(config->model);
    strncpy(c->serial, config->serial, sizeof c->serial - 1);
    c->ignores_event_char = config->ignores_event_char;
    urb_queue_init(&c->done);
    urb_queue_init(&c->parked);
    for (int i = 0; i < c->model->identity.interfaces; i++) {
        urb_queue_init(&c->interfaces[i].in);
        urb_queue_init(&c->interfaces[i].out);
        c->interfaces[i].line = config->lines[i];
        interface_power_on(&c->interfaces[i], now_us);
    }
    sim_ftdi_model_eeprom(c->model, c->serial, c->eeprom);
    return c;
}

static void forget_urbs(struct sim_ftdi_chip *c)
{
    for (int i = 0; i < c->model->identity.interfaces; i++) {
        urb_queue_clear(&c->interfaces[i].in);
        urb_queue_clear(&c->interfaces[i].out);
    }
    urb_queue_clear(&c->parked);
    urb_queue_clear(&c->done);
    free(c->taken);
    c->taken = NULL;
}

void sim_ftdi_chip_free(struct sim_ftdi_chip *c)
{
    if (c == NULL)
        return;
    forget_urbs(c);
    free(c);
}

void sim_ftdi_chip_power_cycle(struct sim_ftdi_chip *c, int64_t now_us)
{
    forget_urbs(c);
    c->configuration = 0;
    c->silent = false;
    for (int i = 0; i < c->model->identity.interfaces; i++)
        interface_power_on(&c->interfaces[i], now_us);
}

void sim_ftdi_chip_set_line(struct sim_ftdi_chip *c, int interface, struct sim_ftdi_line line, int64_t now_us)
{
    struct chip_interface *f = &c->interfaces[interface];

    f->line = line;
    if (f->baud > 0)
        line.set_baud(line.ctx, f->baud, now_us);
    line.set_lines(line.ctx, f->dtr, f->rts, now_us);
}

const struct sim_ftdi_identity *sim_ftdi_chip_identity(const struct sim_ftdi_chip *c)
{
    return &c->model->identity;
}

const char *sim_ftdi_chip_serial(const struct sim_ftdi_chip *c)
{
    return c->serial;
}

static uint32_t payload_max(const struct sim_ftdi_chip *c)
{
    return (uint32_t)c->model->identity.max_packet - STATUS_BYTES;
}

/* One byte from the wire. AN232B-04: the event character sends the packet, unless it is the packet's first byte. */
static void receive_byte(const struct sim_ftdi_chip *c, struct chip_interface *f, uint8_t byte)
{
    bool first = (f->count - f->flush) % payload_max(c) == 0;

    f->rx[(f->head + f->count++) % RX_FIFO_SIZE] = byte;
    if (f->event_char_on && !c->ignores_event_char && byte == f->event_char && !first)
        f->flush = f->count;
}

/*
 * Takes what the buffer has room for; the rest stays on the wire. A real chip would lose it, but a guest that runs
 * twenty times slower than a PC would lose bytes that no real station loses: overruns are injected, never accidental.
 */
static size_t receive_bytes(const struct sim_ftdi_chip *c, struct chip_interface *f, int64_t now_us)
{
    uint8_t buf[512];
    size_t room = c->model->rx_fifo - f->count;
    size_t n = f->line.receive(f->line.ctx, buf, room < sizeof buf ? room : sizeof buf, now_us);

    for (size_t i = 0; i < n; i++)
        receive_byte(c, f, buf[i]);
    return n;
}

/* Appends one packet to a waiting URB; true when the URB is complete. */
static bool send_packet(const struct sim_ftdi_chip *c, struct chip_interface *f, struct chip_urb *u,
                        uint32_t data, int64_t now_us)
{
    uint8_t *p = u->data + u->actual;

    p[0] = f->modem | MODEM_STATUS_IDLE;
    p[1] = LINE_STATUS_IDLE | f->line_errors;
    f->line_errors = 0;
    for (uint32_t i = 0; i < data; i++)
        p[STATUS_BYTES + i] = f->rx[(f->head + i) % RX_FIFO_SIZE];
    f->head = (f->head + data) % RX_FIFO_SIZE;
    f->count -= data;
    f->flush = f->flush > data ? f->flush - data : 0;
    f->tick = false;
    f->tick_at = now_us + f->latency_ms * INT64_C(1000);
    f->stats.in_bytes += data;
    f->stats.in_empty += data == 0;
    u->actual += STATUS_BYTES + data;
    return data < payload_max(c) || u->len - u->actual < (size_t)c->model->identity.max_packet;
}

static void serve_in(struct sim_ftdi_chip *c, struct chip_interface *f, int64_t now_us)
{
    struct chip_urb *u;

    while ((u = f->in.head) != NULL) {
        size_t room = u->len - u->actual - STATUS_BYTES;
        uint32_t full = payload_max(c) < room ? payload_max(c) : (uint32_t)room;
        uint32_t data;

        if (f->stalled) {
            finish(c, urb_queue_pop(&f->in), SIM_URB_STALL);
            continue;
        }
        if (f->count >= full)
            data = full;
        else if (f->tick)
            data = f->count;
        else if (f->flush > 0)
            data = f->flush;
        else
            return;
        if (send_packet(c, f, u, data, now_us)) {
            f->stats.in_transfers++;
            finish(c, urb_queue_pop(&f->in), SIM_URB_OK);
        }
    }
}

static void pump(struct sim_ftdi_chip *c, struct chip_interface *f, int64_t now_us)
{
    bool more;

    f->pumped_at = now_us;
    do {
        more = receive_bytes(c, f, now_us) > 0;
        if (now_us >= f->tick_at)
            f->tick = true;
        serve_in(c, f, now_us);
    } while (more);
    while (f->out.head != NULL && (f->stalled || f->out.head->due_us <= now_us)) {
        struct chip_urb *u = urb_queue_pop(&f->out);
        f->stats.out_transfers++;
        finish(c, u, f->stalled ? SIM_URB_STALL : SIM_URB_OK);
    }
}

static void submit_control(struct sim_ftdi_chip *c, struct chip_urb *u, const uint8_t *setup, int64_t now_us)
{
    uint8_t answer[SIM_FTDI_DESCRIPTOR_SIZE];
    int n = control(c, setup, answer, now_us);

    if (n >= 0 && u->is_in) {
        u->actual = (size_t)n < u->len ? (size_t)n : u->len;
        memcpy(u->data, answer, u->actual);
    } else if (n >= 0) {
        u->actual = u->len;
    }
    finish(c, u, n < 0 ? n : SIM_URB_OK);
}

/* The chip takes bytes as long as its buffer has room, so a transfer ends when all but a bufferful is on the wire. */
static void submit_out(struct sim_ftdi_chip *c, struct chip_interface *f, struct chip_urb *u,
                       const uint8_t *data, int64_t now_us)
{
    uint32_t baud = f->baud > 0 ? f->baud : 9600;

    if (!f->stalled) {
        f->line.send(f->line.ctx, data, u->len, now_us);
        f->stats.out_bytes += u->len;
    }
    u->actual = u->len;
    u->due_us = f->line.sent_at(f->line.ctx) - (int64_t)c->model->tx_fifo * BITS_PER_BYTE * 1000000 / baud;
    urb_queue_push(&f->out, u);
}

static bool urb_is_valid(const struct sim_ftdi_chip *c, const struct sim_ftdi_urb *urb)
{
    int number = urb->endpoint & 0x0f;
    bool in = urb->endpoint & 0x80;

    if (urb->len > URB_MAX)
        return false;
    if (number == 0)
        return true;
    if ((number - 1) / 2 >= c->model->identity.interfaces || (urb->endpoint & 0x70) != 0)
        return false;
    return in == ((number & 1) == 1) && (!in || urb->len > STATUS_BYTES);
}

int sim_ftdi_chip_submit(struct sim_ftdi_chip *c, const struct sim_ftdi_urb *urb, int64_t now_us)
{
    int number = urb->endpoint & 0x0f;

    if (!urb_is_valid(c, urb))
        return -EINVAL;
    struct chip_interface *f = &c->interfaces[number > 0 ? (number - 1) / 2 : 0];
    bool in = number == 0 ? urb->setup[0] & 0x80 : urb->endpoint & 0x80;
    struct urb_queue *q = c->silent ? &c->parked : in ? &f->in : &f->out;
    if (q->count >= URB_LIMIT)
        return -ENOSPC;

    struct chip_urb *u = calloc(1, sizeof *u + (in ? urb->len : 0));
    if (u == NULL)
        return -ENOMEM;
    u->tag = urb->tag;
    u->is_in = in;
    u->len = urb->len;
    if (c->silent) {
        urb_queue_push(&c->parked, u);
    } else if (number == 0) {
        submit_control(c, u, urb->setup, now_us);
    } else if (in) {
        urb_queue_push(&f->in, u);
        pump(c, f, now_us);
    } else {
        submit_out(c, f, u, urb->data, now_us);
    }
    return 0;
}

bool sim_ftdi_chip_cancel(struct sim_ftdi_chip *c, uint64_t tag)
{
    struct chip_urb *u = urb_queue_remove(&c->parked, tag);

    for (int i = 0; u == NULL && i < c->model->identity.interfaces; i++) {
        u = urb_queue_remove(&c->interfaces[i].in, tag);
        if (u == NULL)
            u = urb_queue_remove(&c->interfaces[i].out, tag);
    }
    if (u == NULL)
        u = urb_queue_remove(&c->done, tag);
    if (u == NULL)
        return false;
    free(u);
    return true;
}

bool sim_ftdi_chip_is_ready(struct sim_ftdi_chip *c, int64_t now_us)
{
    for (int i = 0; !c->silent && i < c->model->identity.interfaces; i++)
        pump(c, &c->interfaces[i], now_us);
    return c->done.head != NULL;
}

bool sim_ftdi_chip_take(struct sim_ftdi_chip *c, struct sim_ftdi_done *out, int64_t now_us)
{
    free(c->taken);
    c->taken = NULL;
    sim_ftdi_chip_is_ready(c, now_us);
    c->taken = urb_queue_pop(&c->done);
    if (c->taken == NULL)
        return false;
    *out = (struct sim_ftdi_done){
        .tag = c->taken->tag,
        .status = c->taken->status,
        .actual = c->taken->status == SIM_URB_OK ? c->taken->actual : 0,
        .data = c->taken->is_in ? c->taken->data : NULL,
    };
    return true;
}

int64_t sim_ftdi_chip_next(const struct sim_ftdi_chip *c)
{
    /* The host asks once a microframe at most (a quarter frame where there are none): no use in waking more often. */
    const int64_t frame_us = c->model->identity.high_speed ? 125 : 250;
    int64_t next = INT64_MAX;

    if (c->done.head != NULL)
        return 0;
    if (c->silent)
        return INT64_MAX;
    for (int i = 0; i < c->model->identity.interfaces; i++) {
        const struct chip_interface *f = &c->interfaces[i];
        int64_t at = INT64_MAX;
        if (f->out.head != NULL)
            at = f->out.head->due_us;
        if (f->in.head != NULL) {
            int64_t wire = f->line.next(f->line.ctx);
            at = f->tick_at < at ? f->tick_at : at;
            at = wire < at ? wire : at;
        }
        if (at != INT64_MAX && at < f->pumped_at + frame_us)
            at = f->pumped_at + frame_us;
        next = at < next ? at : next;
    }
    return next;
}

/* The chip's faults at run time, and what it tells about itself. */

void sim_ftdi_chip_set_silent(struct sim_ftdi_chip *c, bool silent)
{
    c->silent = silent;
}

void sim_ftdi_chip_set_stalled(struct sim_ftdi_chip *c, int interface, bool stalled)
{
    for (int i = 0; i < c->model->identity.interfaces; i++)
        if (interface < 0 || interface == i)
            c->interfaces[i].stalled = stalled;
}

void sim_ftdi_chip_line_error(struct sim_ftdi_chip *c, int interface, uint8_t bits)
{
    c->interfaces[interface].line_errors |= bits & 0x1e;
    if (bits & 0x02)
        c->interfaces[interface].stats.overruns++;
}

void sim_ftdi_chip_set_modem(struct sim_ftdi_chip *c, int interface, uint8_t inputs, int64_t now_us)
{
    struct chip_interface *f = &c->interfaces[interface];

    if (f->modem == (inputs & 0xf0))
        return;
    f->modem = inputs & 0xf0;
    f->tick_at = now_us; /* a changed input sends the packet at once */
}

void sim_ftdi_chip_stats(const struct sim_ftdi_chip *c, int interface, struct sim_ftdi_stats *out)
{
    const struct chip_interface *f = &c->interfaces[interface];

    *out = f->stats;
    out->baud = f->baud;
    out->latency_ms = f->latency_ms;
    out->event_char = f->event_char;
    out->event_char_on = f->event_char_on;
    out->dtr = f->dtr;
    out->rts = f->rts;
}

bool sim_ftdi_chip_modem_event(const struct sim_ftdi_chip *c, int i, struct sim_ftdi_modem_event *out)
{
    if (i < 0 || i >= c->trace_count)
        return false;
    *out = c->trace[(c->trace_head + i) % MODEM_TRACE];
    return true;
}
