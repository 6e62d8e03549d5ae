/* SPDX-License-Identifier: Apache-2.0 */
#include "sim/serve/ftdi/sim_ftdi_chip.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "sim/serve/ftdi/sim_ftdi_chip_private.h"

#define URB_LIMIT     256 /* waiting URBs an endpoint; more is a host gone wild */
#define URB_MAX       (256u * 1024u)
#define BITS_PER_BYTE 10
#define STATUS_BYTES  2

static void queue_init(struct urb_queue *q)
{
    q->head = NULL;
    q->tail = &q->head;
    q->count = 0;
}

static void queue_push(struct urb_queue *q, struct chip_urb *u)
{
    u->next = NULL;
    *q->tail = u;
    q->tail = &u->next;
    q->count++;
}

static struct chip_urb *queue_pop(struct urb_queue *q)
{
    struct chip_urb *u = q->head;

    if (u == NULL)
        return NULL;
    q->head = u->next;
    if (q->head == NULL)
        q->tail = &q->head;
    q->count--;
    return u;
}

static struct chip_urb *queue_remove(struct urb_queue *q, uint64_t tag)
{
    for (struct chip_urb **at = &q->head; *at != NULL; at = &(*at)->next) {
        struct chip_urb *u = *at;
        if (u->tag != tag)
            continue;
        *at = u->next;
        if (u->next == NULL)
            q->tail = at;
        q->count--;
        return u;
    }
    return NULL;
}

static void queue_clear(struct urb_queue *q)
{
    struct chip_urb *u;

    while ((u = queue_pop(q)) != NULL)
        free(u);
}

static void finish(struct sim_ftdi_chip *c, struct chip_urb *u, int status)
{
    u->status = status;
    queue_push(&c->done, u);
}

static void interface_power_on(struct chip_interface *f, int64_t now_us)
{
    chip_forget_input(f);
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
    c->model = chip_model(config->model);
    strncpy(c->serial, config->serial, sizeof c->serial - 1);
    c->ignores_event_char = config->ignores_event_char;
    queue_init(&c->done);
    queue_init(&c->parked);
    for (int i = 0; i < c->model->identity.interfaces; i++) {
        queue_init(&c->interfaces[i].in);
        queue_init(&c->interfaces[i].out);
        c->interfaces[i].line = config->lines[i];
        interface_power_on(&c->interfaces[i], now_us);
    }
    chip_build_eeprom(c);
    return c;
}

static void forget_urbs(struct sim_ftdi_chip *c)
{
    for (int i = 0; i < c->model->identity.interfaces; i++) {
        queue_clear(&c->interfaces[i].in);
        queue_clear(&c->interfaces[i].out);
    }
    queue_clear(&c->parked);
    queue_clear(&c->done);
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
            finish(c, queue_pop(&f->in), SIM_URB_STALL);
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
            finish(c, queue_pop(&f->in), SIM_URB_OK);
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
        struct chip_urb *u = queue_pop(&f->out);
        f->stats.out_transfers++;
        finish(c, u, f->stalled ? SIM_URB_STALL : SIM_URB_OK);
    }
}

static void submit_control(struct sim_ftdi_chip *c, struct chip_urb *u, const uint8_t *setup, int64_t now_us)
{
    uint8_t answer[DESCRIPTOR_SIZE];
    int n = chip_control(c, setup, answer, now_us);

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
    queue_push(&f->out, u);
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
        queue_push(&c->parked, u);
    } else if (number == 0) {
        submit_control(c, u, urb->setup, now_us);
    } else if (in) {
        queue_push(&f->in, u);
        pump(c, f, now_us);
    } else {
        submit_out(c, f, u, urb->data, now_us);
    }
    return 0;
}

bool sim_ftdi_chip_cancel(struct sim_ftdi_chip *c, uint64_t tag)
{
    struct chip_urb *u = queue_remove(&c->parked, tag);

    for (int i = 0; u == NULL && i < c->model->identity.interfaces; i++) {
        u = queue_remove(&c->interfaces[i].in, tag);
        if (u == NULL)
            u = queue_remove(&c->interfaces[i].out, tag);
    }
    if (u == NULL)
        u = queue_remove(&c->done, tag);
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
    c->taken = queue_pop(&c->done);
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
