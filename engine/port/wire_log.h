/* SPDX-License-Identifier: Apache-2.0 */
/*
 * wire_log - what goes over one port during an attempt, noted as it goes; base/wire_record.h tells the form and the bound.
 *
 * Three parts of WIRE_PART_SIZE: the first fills once, the other two take turns, the older one making room for the newest.
 * Memory is taken as it is needed. Want of memory loses events, which are counted, never the attempt. One thread.
 */
#ifndef ENGINE_PORT_WIRE_LOG_H
#define ENGINE_PORT_WIRE_LOG_H

#include "base/clock.h"
#include "base/wire_record.h"

struct wire_log {
    const struct clock *clock; /* borrowed */
    int64_t began_us;
    struct log_part {
        uint8_t *bytes; /* owned */
        size_t len, size;
        uint64_t events;
    } parts[3];
    int newest;      /* the part being filled */
    uint64_t cut;    /* events lost */
    uint32_t rx_len; /* received and not yet an event: bytes that came close together are one */
    int64_t rx_at_us, rx_last_us;
    uint8_t rx[WIRE_RX_MAX];
};

void wire_log_init(struct wire_log *l, const struct clock *clock); /* begins now */
void wire_log_done(struct wire_log *l);
void wire_log_begin(struct wire_log *l); /* forgets all, begins now */

void wire_log_tx(struct wire_log *l, const void *bytes, size_t len, int64_t at_us);
void wire_log_rx(struct wire_log *l, const uint8_t *bytes, size_t len);
void wire_log_baud(struct wire_log *l, uint32_t asked, uint32_t made);
void wire_log_lines(struct wire_log *l, bool dtr, bool rts);
void wire_log_error(struct wire_log *l, enum wire_call call,
                    int error); /* a driver's negative errno; 0 and more: nothing */
/* The block; r's head and tails are the caller's word, but for cut_events. Caller owns it: free(). NULL: no memory. */
uint8_t *wire_log_encode(struct wire_log *l, struct wire_record *r, size_t *len);

#endif /* ENGINE_PORT_WIRE_LOG_H */
