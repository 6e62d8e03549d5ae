/* SPDX-License-Identifier: Apache-2.0 */
#include "sim/serve/rfc2217/sim_telnet.h"

#include <string.h>

/* RFC 854 */
enum { SE = 240, SB = 250, WILL = 251, WONT = 252, DO = 253, DONT = 254, IAC = 255 };

/* Options that both sides may use: RFC 856, RFC 858, RFC 2217. */
enum { OPT_BINARY = 0, OPT_SUPPRESS_GO_AHEAD = 3, OPT_COM_PORT = 44 };

/* RFC 2217: a server answers with the command plus 100. */
enum {
    COM_SIGNATURE = 0,
    COM_BAUD = 1,
    COM_DATA_SIZE = 2,
    COM_PARITY = 3,
    COM_STOP_SIZE = 4,
    COM_CONTROL = 5,
    COM_MODEM_STATE = 7,
    COM_LINE_MASK = 10,
    COM_MODEM_MASK = 11,
    COM_PURGE = 12,
    COM_SERVER = 100
};

enum {
    CONTROL_ASK_DTR = 7,
    CONTROL_DTR_ON,
    CONTROL_DTR_OFF,
    CONTROL_ASK_RTS,
    CONTROL_RTS_ON,
    CONTROL_RTS_OFF
};

#define MODEM_STATE_READY 0x30 /* CTS and DSR */
#define BAUD_MAX          5000000u

void sim_telnet_init(struct sim_telnet *t)
{
    memset(t, 0, sizeof *t);
    t->baud = 115200;
}

size_t sim_telnet_escape(const uint8_t *bytes, size_t len, uint8_t *out)
{
    size_t n = 0;

    for (size_t i = 0; i < len; i++) {
        if (bytes[i] == IAC)
            out[n++] = IAC;
        out[n++] = bytes[i];
    }
    return n;
}

static uint8_t option_bit(uint8_t option)
{
    return option == OPT_BINARY ? 1 : option == OPT_SUPPRESS_GO_AHEAD ? 2 : option == OPT_COM_PORT ? 4 : 0;
}

static void say(const struct sim_telnet_calls *c, uint8_t verb, uint8_t option)
{
    const uint8_t out[3] = {IAC, verb, option};

    c->answer(c->ctx, out, sizeof out);
}

/* Answers only what changes something, so that two sides never answer each other for ever. */
static void negotiate(struct sim_telnet *t, uint8_t option, const struct sim_telnet_calls *c)
{
    uint8_t bit = option_bit(option);
    bool is_theirs = t->verb == WILL || t->verb == WONT;
    bool wanted = t->verb == WILL || t->verb == DO;
    uint8_t *agreed = is_theirs ? &t->theirs : &t->ours;

    if (bit == 0) {
        if (wanted)
            say(c, is_theirs ? DONT : WONT, option);
        return;
    }
    if (((*agreed & bit) != 0) == wanted)
        return;
    *agreed = wanted ? *agreed | bit : *agreed & (uint8_t)~bit;
    say(c, is_theirs ? (wanted ? DO : DONT) : (wanted ? WILL : WONT), option);
}

static void report(const struct sim_telnet_calls *c, uint8_t command, const uint8_t *value, size_t len)
{
    uint8_t out[6 + 2 * 16] = {IAC, SB, OPT_COM_PORT, (uint8_t)(command + COM_SERVER)};
    size_t n = 4;

    n += sim_telnet_escape(value, len < 16 ? len : 16, out + n);
    out[n++] = IAC;
    out[n++] = SE;
    c->answer(c->ctx, out, n);
}

static void report_byte(const struct sim_telnet_calls *c, uint8_t command, uint8_t value)
{
    report(c, command, &value, 1);
}

static void set_baud(struct sim_telnet *t, const uint8_t *v, const struct sim_telnet_calls *c)
{
    uint32_t baud = (uint32_t)v[0] << 24 | (uint32_t)v[1] << 16 | (uint32_t)v[2] << 8 | v[3];

    if (baud != 0 && baud <= BAUD_MAX) { /* 0 only asks */
        t->baud = baud;
        c->baud(c->ctx, baud);
    }
    const uint8_t now[4] = {(uint8_t)(t->baud >> 24), (uint8_t)(t->baud >> 16), (uint8_t)(t->baud >> 8),
                            (uint8_t)t->baud};
    report(c, COM_BAUD, now, sizeof now);
}

static void set_control(struct sim_telnet *t, uint8_t value, const struct sim_telnet_calls *c)
{
    bool dtr = t->dtr, rts = t->rts;

    if (value == CONTROL_DTR_ON || value == CONTROL_DTR_OFF)
        dtr = value == CONTROL_DTR_ON;
    else if (value == CONTROL_RTS_ON || value == CONTROL_RTS_OFF)
        rts = value == CONTROL_RTS_ON;
    if (dtr != t->dtr || rts != t->rts) {
        t->dtr = dtr;
        t->rts = rts;
        c->lines(c->ctx, dtr, rts);
    }
    if (value == CONTROL_ASK_DTR)
        value = t->dtr ? CONTROL_DTR_ON : CONTROL_DTR_OFF;
    else if (value == CONTROL_ASK_RTS)
        value = t->rts ? CONTROL_RTS_ON : CONTROL_RTS_OFF;
    report_byte(c, COM_CONTROL, value); /* flow control and break: agreed to, and without effect on a board */
}

static void purge(uint8_t what, const struct sim_telnet_calls *c)
{
    c->purge(c->ctx, what == 1 || what == 3, what == 2 || what == 3);
    report_byte(c, COM_PURGE, what);
}

static void subnegotiation(struct sim_telnet *t, const struct sim_telnet_calls *c)
{
    const uint8_t *v = t->sub + 2;
    size_t len = t->sub_len > 2 ? t->sub_len - 2 : 0;

    if (t->sub_len < 2 || t->sub[0] != OPT_COM_PORT)
        return;
    switch (t->sub[1]) {
    case COM_SIGNATURE:
        if (len == 0)
            report(c, COM_SIGNATURE, (const uint8_t *)"virtual board", 13);
        break;
    case COM_BAUD:
        if (len == 4)
            set_baud(t, v, c);
        break;
    case COM_DATA_SIZE:
        report_byte(c, COM_DATA_SIZE, 8); /* a board speaks 8N1 and nothing else */
        break;
    case COM_PARITY:
    case COM_STOP_SIZE:
        report_byte(c, t->sub[1], 1);
        break;
    case COM_CONTROL:
        if (len == 1)
            set_control(t, v[0], c);
        break;
    case COM_LINE_MASK:
    case COM_MODEM_MASK:
        if (len == 1)
            report_byte(c, t->sub[1], v[0]);
        if (len == 1 && t->sub[1] == COM_MODEM_MASK)
            report_byte(c, COM_MODEM_STATE, MODEM_STATE_READY);
        break;
    case COM_PURGE:
        if (len == 1)
            purge(v[0], c);
        break;
    default:
        break;
    }
}

static void sub_byte(struct sim_telnet *t, uint8_t byte)
{
    if (t->sub_len < sizeof t->sub)
        t->sub[t->sub_len++] = byte;
}

static void control_byte(struct sim_telnet *t, uint8_t byte, const struct sim_telnet_calls *c)
{
    switch (t->state) {
    case TELNET_IAC:
        t->state = TELNET_DATA;
        if (byte == IAC) {
            c->data(c->ctx, &byte, 1);
        } else if (byte >= WILL && byte <= DONT) {
            t->verb = byte;
            t->state = TELNET_OPTION;
        } else if (byte == SB) {
            t->sub_len = 0;
            t->state = TELNET_SUB;
        }
        break;
    case TELNET_OPTION:
        negotiate(t, byte, c);
        t->state = TELNET_DATA;
        break;
    case TELNET_SUB:
        if (byte == IAC)
            t->state = TELNET_SUB_IAC;
        else
            sub_byte(t, byte);
        break;
    case TELNET_SUB_IAC:
        t->state = TELNET_SUB;
        if (byte == IAC) {
            sub_byte(t, byte);
        } else {
            t->state = TELNET_DATA;
            if (byte == SE)
                subnegotiation(t, c);
        }
        break;
    case TELNET_DATA:
        break;
    }
}

void sim_telnet_feed(struct sim_telnet *t, const uint8_t *bytes, size_t len,
                     const struct sim_telnet_calls *calls)
{
    size_t i = 0;

    while (i < len) {
        if (t->state != TELNET_DATA) {
            control_byte(t, bytes[i++], calls);
            continue;
        }
        const uint8_t *iac = memchr(bytes + i, IAC, len - i);
        size_t n = iac != NULL ? (size_t)(iac - bytes) - i : len - i;
        if (n > 0)
            calls->data(calls->ctx, bytes + i, n);
        i += n;
        if (iac != NULL) {
            t->state = TELNET_IAC;
            i++;
        }
    }
}
