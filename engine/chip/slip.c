/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/chip/slip.h"

#define ESCAPE         0xDB
#define ESCAPED_END    0xDC
#define ESCAPED_ESCAPE 0xDD

static void put_raw(struct slip_writer *w, uint8_t byte)
{
    if (w->len == w->size) {
        w->full = true;
        return;
    }
    w->out[w->len++] = byte;
}

void slip_begin(struct slip_writer *w, uint8_t *out, size_t size)
{
    *w = (struct slip_writer){.out = out, .size = size};
    put_raw(w, SLIP_END);
}

void slip_put(struct slip_writer *w, const void *bytes, size_t len)
{
    const uint8_t *p = bytes;

    for (size_t i = 0; i < len; i++) {
        if (p[i] == SLIP_END || p[i] == ESCAPE) {
            put_raw(w, ESCAPE);
            put_raw(w, p[i] == SLIP_END ? ESCAPED_END : ESCAPED_ESCAPE);
        } else {
            put_raw(w, p[i]);
        }
    }
}

size_t slip_finish(struct slip_writer *w)
{
    put_raw(w, SLIP_END);
    return w->full ? 0 : w->len;
}

void slip_decoder_init(struct slip_decoder *d, uint8_t *buf, size_t size)
{
    *d = (struct slip_decoder){.buf = buf, .size = size};
}

void slip_decoder_reset(struct slip_decoder *d)
{
    d->len = 0;
    d->escape = d->bad = d->ended = false;
}

static enum slip_event end_frame(struct slip_decoder *d)
{
    bool bad = d->bad || d->escape;

    if (bad) {
        slip_decoder_reset(d);
        return SLIP_BAD;
    }
    if (d->len == 0)
        return SLIP_MORE;
    d->ended = true;
    return SLIP_FRAME;
}

static void take(struct slip_decoder *d, uint8_t byte)
{
    if (d->bad)
        return;
    if (d->len == d->size)
        d->bad = true;
    else
        d->buf[d->len++] = byte;
}

enum slip_event slip_feed(struct slip_decoder *d, uint8_t byte)
{
    if (d->ended)
        slip_decoder_reset(d);
    if (byte == SLIP_END)
        return end_frame(d);
    if (d->escape) {
        d->escape = false;
        if (byte == ESCAPED_END)
            take(d, SLIP_END);
        else if (byte == ESCAPED_ESCAPE)
            take(d, ESCAPE);
        else
            d->bad = true;
    } else if (byte == ESCAPE) {
        d->escape = true;
    } else {
        take(d, byte);
    }
    return SLIP_MORE;
}
