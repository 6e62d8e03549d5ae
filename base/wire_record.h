/* SPDX-License-Identifier: Apache-2.0 */
/*
 * wire_record - what went over a board's wire during one attempt, both ways, with times: as one block of bytes.
 *
 * The engine writes it (engine/port/wire_log.h), the database keeps it with a failure, sim/board/sim_replay.h behaves by it. Pure
 * but for malloc. Times in microseconds since the attempt began (since the port was opened, where that was later).
 *
 * Bound: a block is at most WIRE_RECORD_MAX bytes. Of what was sent in one call more than WIRE_TX_WHOLE bytes, only the
 * first WIRE_TX_HEAD are kept, with length and CRC-32 of all. What came in is kept whole. What does not fit even so is
 * cut from the middle, and the block says how many events that were.
 *
 * Form 1: "FLWIRE1\n", the numbers of struct wire_head in its order, the last bytes sent (length, bytes), the events, and the
 * SHA-256 of all that. A number is little endian in groups of seven bits, the top bit set on all but the last.
 */
#ifndef BASE_WIRE_RECORD_H
#define BASE_WIRE_RECORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define WIRE_PART_SIZE  65536u /* the log's three parts: first, newest, before the newest */
#define WIRE_RECORD_MAX (3 * WIRE_PART_SIZE + 1024u) /* a whole block, in bytes */
#define WIRE_TX_WHOLE   64u
#define WIRE_TX_HEAD    32u
#define WIRE_RX_MAX     1024u               /* bytes received in one event */
#define WIRE_EVENT_MAX  (WIRE_RX_MAX + 64u) /* one event, encoded */
#define WIRE_TAIL       256u                /* last bytes sent, never shortened */

enum wire_kind { WIRE_TX = 1, WIRE_RX, WIRE_BAUD, WIRE_LINES, WIRE_ERROR, WIRE_KIND_COUNT };
/* Which call on the port an error came from. */
enum wire_call {
    WIRE_CALL_READ,
    WIRE_CALL_WRITE,
    WIRE_CALL_BAUD,
    WIRE_CALL_CHECK,
    WIRE_CALL_LINES,
    WIRE_CALL_FLUSH
};

struct wire_event {
    enum wire_kind kind;
    int64_t at_us;        /* when it began; RX: when its first byte was there */
    int64_t took_us;      /* TX: until it was sent; RX: until its last byte was there */
    uint32_t len, crc;    /* TX, RX: bytes that went; CRC-32 of all of them */
    uint32_t kept;        /* of those, in `bytes` */
    const uint8_t *bytes; /* borrowed */
    uint32_t asked, made; /* BAUD */
    bool dtr, rts;        /* LINES */
    enum wire_call call;  /* ERROR */
    int error;            /* ERROR: positive errno */
};

/* How things stood when the attempt began, and how it ended. */
struct wire_head {
    uint32_t code, stage;        /* of its failure: enum failure_code, enum stage */
    uint32_t was_open, answers;  /* the port was open; the loader had answered before */
    uint32_t is_stub, used;      /* as struct session has them */
    uint32_t baud, asked_baud;   /* of an open port */
    uint32_t reset, first_round; /* how it is reset (enum reset_method); which sequence comes first */
    uint32_t kind, held;         /* enum attempt_kind; the records, not the board, ended it */
    uint64_t duration_us;        /* of the attempt */
    uint64_t cut_events;         /* > 0: so many are missing in the middle */
};

struct wire_tail {
    uint8_t bytes[WIRE_TAIL];
    uint32_t len; /* oldest byte first */
};

struct wire_record {
    struct wire_head head;
    struct wire_tail tx;
    const uint8_t *events; /* borrowed from the block */
    size_t events_len;
};

uint32_t wire_crc(const void *bytes, size_t len);
/* Length of the event in `out`, at most WIRE_EVENT_MAX. */
size_t wire_event_encode(uint8_t out[static WIRE_EVENT_MAX], const struct wire_event *e);
/* Bytes that *out took from the front of `in`; 0: that is no event. */
size_t wire_event_decode(const uint8_t *in, size_t len, struct wire_event *out);

struct wire_part {
    const uint8_t *bytes;
    size_t len;
};
/* The block of head, tails and the three parts in their order. Caller owns it: free(). NULL: no memory. */
uint8_t *wire_record_encode(const struct wire_record *r, const struct wire_part parts[static 3], size_t *len);
/* True when these bytes claim to be such a block (of any form). */
bool wire_record_is(const uint8_t *bytes, size_t len);
/* Reads all but the events, after checking the block's hash. `bytes` stays the caller's and must outlive *out. False: damaged. */
bool wire_record_decode(const uint8_t *bytes, size_t len, struct wire_record *out);

#endif /* BASE_WIRE_RECORD_H */
