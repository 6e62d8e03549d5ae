/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sim_stub_kind - the table of Espressif's helper programs: which uploaded text is which release, for which chip and
 * revision, and where the releases differ. For sim_stub.c and sim_stub_flash.c alone.
 */
#ifndef SIM_BOARD_SIM_STUB_KIND_H
#define SIM_BOARD_SIM_STUB_KIND_H

#include <stdbool.h>
#include <stdint.h>

struct sim_board;

struct stub_kind {
    const char *name;
    int version;        /* 1: Espressif's first stub, 2: the rewritten one */
    uint32_t block_max; /* a BEGIN with larger blocks is refused; 0: any size is taken */
    bool skips_blank;   /* reads a sector before erasing it, until the first that is not blank */
    bool fast;          /* raises the clock */
    bool resyncs; /* a frame's C0 that finds nothing opens the next one: a dropped frame costs no parity */
    bool
        guards_end; /* refuses a block after the end of the stream, as measured; 1.2.2's source no longer does */
};

/* What lies uploaded in the board's memory and is started at `entry`; NULL: not one that runs on this chip. */
const struct stub_kind *sim_stub_recognise(const struct sim_board *b, uint32_t entry);
const struct stub_kind *sim_stub_named(const char *name); /* NULL: no such release */

#endif /* SIM_BOARD_SIM_STUB_KIND_H */
