/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sim_ftdi_line - what hangs on one serial interface of a virtual FTDI chip: a board, an echo, nothing.
 *
 * A table of calls in the manner of sim_board: time is told with each call (microseconds, never going back), nothing
 * waits. All members are set. Not thread safe: the chip's owner calls them.
 */
#ifndef SIM_SERVE_FTDI_SIM_FTDI_LINE_H
#define SIM_SERVE_FTDI_SIM_FTDI_LINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct sim_board;

struct sim_ftdi_line {
    void *ctx;
    void (*set_baud)(void *ctx, uint32_t baud, int64_t now_us);
    void (*set_lines)(void *ctx, bool dtr, bool rts, int64_t now_us);
    /* Bytes the chip puts on its TXD from now on; takes all. */
    void (*send)(void *ctx, const uint8_t *bytes, size_t len, int64_t now_us);
    int64_t (*sent_at)(void *ctx); /* when the last of them has left */
    /* Bytes that have wholly arrived at RXD by now_us. */
    size_t (*receive)(void *ctx, uint8_t *buf, size_t len, int64_t now_us);
    int64_t (*next)(void *ctx); /* when it next wants to be asked; INT64_MAX: never by itself */
};

/* A line with `board` on it; borrowed, outlives the chip. Lines are ignored by a board without reset wiring. */
struct sim_ftdi_line sim_ftdi_line_board(struct sim_board *board);

/* TXD wired to RXD, at line speed. */
struct sim_ftdi_echo;
struct sim_ftdi_echo *sim_ftdi_echo_new(void); /* caller owns: sim_ftdi_echo_free(). NULL: no memory */
void sim_ftdi_echo_free(struct sim_ftdi_echo *e);
struct sim_ftdi_line sim_ftdi_line_echo(struct sim_ftdi_echo *e); /* borrows e */

/* Nothing is connected: what is sent is lost at line speed. */
struct sim_ftdi_line sim_ftdi_line_open(struct sim_ftdi_echo *e); /* borrows e */

#endif /* SIM_SERVE_FTDI_SIM_FTDI_LINE_H */
