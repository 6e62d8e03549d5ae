/* SPDX-License-Identifier: Apache-2.0 */
/* Endpoint 0: the standard requests and FTDI's own. */
#include <string.h>

#include "sim/serve/ftdi/sim_ftdi_chip_private.h"

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
static uint32_t chip_decode_baud(const struct chip_model *m, uint16_t value, uint16_t index)
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

void chip_forget_input(struct chip_interface *f)
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
        n = chip_descriptor(c, (uint8_t)(r->value >> 8), (uint8_t)r->value, answer);
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
    uint32_t baud = chip_decode_baud(c->model, r->value, r->index);

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
            chip_forget_input(f);
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
        if (r->index >= EEPROM_SIZE / 2)
            return SIM_URB_STALL;
        c->eeprom[r->index * 2] = (uint8_t)r->value;
        c->eeprom[r->index * 2 + 1] = (uint8_t)(r->value >> 8);
        return 0;
    case REQ_EEPROM_ERASE:
        memset(c->eeprom, 0xff, EEPROM_SIZE);
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
        if (r->index >= EEPROM_SIZE / 2)
            return SIM_URB_STALL;
        memcpy(answer, c->eeprom + r->index * 2, 2);
        return 2;
    default:
        return SIM_URB_STALL;
    }
}

int chip_control(struct sim_ftdi_chip *c, const uint8_t setup[static 8],
                 uint8_t answer[static DESCRIPTOR_SIZE], int64_t now_us)
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
