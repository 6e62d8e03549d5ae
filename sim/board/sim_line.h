/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sim_line - one direction of a serial line: runs of bytes on their way, each byte with the moment it has arrived.
 *
 * Bytes never overtake: a run starts when it is handed over or when the line is free, whichever is later. Times in
 * microseconds. Plain memory, one owner, no I/O.
 */
#ifndef SIM_BOARD_SIM_LINE_H
#define SIM_BOARD_SIM_LINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct sim_run {
    uint8_t *bytes;
    size_t len, pos;  /* pos: next byte not taken yet */
    int64_t start_us; /* its first start bit */
    uint32_t baud;    /* rate of the sender */
};

struct sim_line {
    struct sim_run *runs; /* ring */
    size_t capacity, head, count;
    int64_t free_us; /* when the last byte handed over has wholly left */
};

void sim_line_free(struct sim_line *l);
/* Copies. 0 or -ENOMEM. */
int sim_line_push(struct sim_line *l, const uint8_t *bytes, size_t len, uint32_t baud, int64_t now_us);
struct sim_run *sim_line_head(const struct sim_line *l); /* NULL: nothing under way */
struct sim_run *sim_line_run(const struct sim_line *l,
                             size_t index); /* index 0 is the head; NULL past the last */
int64_t sim_run_arrival(const struct sim_run *r,
                        size_t index); /* when byte `index` of this run is wholly there */
/* Takes one byte of the head run; the run goes when it is empty. */
uint8_t sim_line_take(struct sim_line *l);
/* Forgets what has not arrived by `at_us`: the sender died. */
void sim_line_cut(struct sim_line *l, int64_t at_us);
/* True when two rates are near enough for bytes to arrive whole. */
bool sim_baud_match(uint32_t a, uint32_t b);

#endif /* SIM_BOARD_SIM_LINE_H */
