/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/port/wire_log.h"

#include <stdlib.h>
#include <string.h>

#define RX_GAP_US 2000 /* bytes further apart are told apart */
#define PART_STEP 4096

void wire_log_init(struct wire_log *l, const struct clock *clock)
{
    memset(l, 0, sizeof *l);
    l->clock = clock;
    l->began_us = clock_now_us(clock);
}

void wire_log_done(struct wire_log *l)
{
    for (int i = 0; i < 3; i++)
        free(l->parts[i].bytes);
    memset(l->parts, 0, sizeof l->parts);
}

void wire_log_begin(struct wire_log *l)
{
    wire_log_done(l);
    wire_log_init(l, l->clock);
}

static bool make_room(struct log_part *p, size_t len)
{
    size_t size = p->size > 0 ? p->size : PART_STEP;

    while (size < p->len + len)
        size *= 2;
    if (size == p->size)
        return true;
    uint8_t *more = realloc(p->bytes, size);
    if (more == NULL)
        return false;
    p->bytes = more;
    p->size = size;
    return true;
}

/* The part that this event goes to: the next one, emptied, once the one being filled is full. */
static struct log_part *part_for(struct wire_log *l, size_t len)
{
    struct log_part *p = &l->parts[l->newest];

    if (p->len + len <= WIRE_PART_SIZE)
        return p;
    l->newest = l->newest == 1 ? 2 : 1;
    p = &l->parts[l->newest];
    l->cut += p->events;
    p->len = 0;
    p->events = 0;
    return p;
}

static void append(struct wire_log *l, const struct wire_event *e)
{
    uint8_t form[WIRE_EVENT_MAX];
    size_t len = wire_event_encode(form, e);
    struct log_part *p = part_for(l, len);

    if (!make_room(p, len)) {
        l->cut++;
        return;
    }
    memcpy(p->bytes + p->len, form, len);
    p->len += len;
    p->events++;
}

static void end_rx(struct wire_log *l)
{
    struct wire_event e = {.kind = WIRE_RX,
                           .at_us = l->rx_at_us,
                           .took_us = l->rx_last_us - l->rx_at_us,
                           .len = l->rx_len,
                           .kept = l->rx_len,
                           .bytes = l->rx};

    if (l->rx_len == 0)
        return;
    e.crc = wire_crc(l->rx, l->rx_len);
    l->rx_len = 0;
    append(l, &e);
}

static int64_t now(const struct wire_log *l)
{
    return clock_now_us(l->clock) - l->began_us;
}

void wire_log_tx(struct wire_log *l, const void *bytes, size_t len, int64_t at_us)
{
    struct wire_event e = {.kind = WIRE_TX,
                           .at_us = at_us - l->began_us,
                           .took_us = now(l) - (at_us - l->began_us),
                           .len = (uint32_t)len,
                           .crc = wire_crc(bytes, len),
                           .kept = len > WIRE_TX_WHOLE ? WIRE_TX_HEAD : (uint32_t)len,
                           .bytes = bytes};

    end_rx(l);
    append(l, &e);
}

void wire_log_rx(struct wire_log *l, const uint8_t *bytes, size_t len)
{
    int64_t at = now(l);

    if (l->rx_len > 0 && at - l->rx_last_us > RX_GAP_US)
        end_rx(l);
    while (len > 0) {
        size_t take = WIRE_RX_MAX - l->rx_len < len ? WIRE_RX_MAX - l->rx_len : len;
        if (l->rx_len == 0)
            l->rx_at_us = at;
        memcpy(l->rx + l->rx_len, bytes, take);
        l->rx_len += (uint32_t)take;
        l->rx_last_us = at;
        bytes += take;
        len -= take;
        if (l->rx_len == WIRE_RX_MAX)
            end_rx(l);
    }
}

void wire_log_baud(struct wire_log *l, uint32_t asked, uint32_t made)
{
    end_rx(l);
    append(l, &(struct wire_event){.kind = WIRE_BAUD, .at_us = now(l), .asked = asked, .made = made});
}

void wire_log_lines(struct wire_log *l, bool dtr, bool rts)
{
    end_rx(l);
    append(l, &(struct wire_event){.kind = WIRE_LINES, .at_us = now(l), .dtr = dtr, .rts = rts});
}

void wire_log_error(struct wire_log *l, enum wire_call call, int error)
{
    if (error >= 0)
        return;
    end_rx(l);
    append(l, &(struct wire_event){.kind = WIRE_ERROR, .at_us = now(l), .call = call, .error = -error});
}

uint8_t *wire_log_encode(struct wire_log *l, struct wire_record *r, size_t *len)
{
    end_rx(l);
    /* While the first is being filled, both others are empty. */
    int older = l->newest == 1 ? 2 : 1, newer = 3 - older;
    const struct wire_part parts[3] = {{l->parts[0].bytes, l->parts[0].len},
                                       {l->parts[older].bytes, l->parts[older].len},
                                       {l->parts[newer].bytes, l->parts[newer].len}};
    r->head.cut_events = l->cut;
    return wire_record_encode(r, parts, len);
}
