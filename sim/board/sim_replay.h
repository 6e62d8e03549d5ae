/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sim_replay - a board that does what a record of the wire (base/wire_record.h) says another one did: the driver "replay:".
 *
 * What the host does (bytes, rate, lines) must be what the record's host did, in its order; bytes of which the record has
 * only the first are compared by length and CRC-32. Each such act lets happen what followed it in the record, as long after it
 * as then: bytes from the board, errors of the port, or nothing.
 * Where the host does something else the two have parted: that is noted once, and the port answers -EIO from there on.
 * Steps in the clock of whoever opens it; one thread, one opening.
 */
#ifndef SIM_BOARD_SIM_REPLAY_H
#define SIM_BOARD_SIM_REPLAY_H

#include "base/wire_record.h"
#include "engine/port/transport_driver.h"

struct sim_replay;

/* Where host and record parted. */
struct sim_replay_parting {
    bool parted;
    unsigned act;  /* 1..: the how-manieth act of the host */
    int64_t at_us; /* in the record's time */
    bool ended;    /* the record has no more acts; else what it has: */
    struct wire_event recorded;
    struct wire_event
        done; /* what the host did instead; at most WIRE_TX_HEAD bytes of it are borrowed from the replay */
};

/*
 * `bytes` is a whole block, copied. Caller owns: sim_replay_free(). NULL: `error` says why: damaged, or cut in the middle,
 * so that nobody knows what the board did there.
 */
struct sim_replay *sim_replay_new(const uint8_t *bytes, size_t len, char error[static 160]);
void sim_replay_free(struct sim_replay *r); /* NULL is fine */
const struct wire_head *sim_replay_head(const struct sim_replay *r);
const struct sim_replay_parting *sim_replay_parting(const struct sim_replay *r);
/* The first rate that the loader was taken to; 0: it stayed where it was. */
uint32_t sim_replay_rate(const struct sim_replay *r);
/* Acts that matched, and those the record has in all. */
unsigned sim_replay_acts(const struct sim_replay *r, unsigned *in_all);
/* The host is about to do what the attempt did: until here rate and lines are taken without looking at the record. */
void sim_replay_start(struct sim_replay *r);

extern const struct transport_driver sim_replay_driver; /* its ctx is the replay */

#endif /* SIM_BOARD_SIM_REPLAY_H */
