/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sim_tray - N virtual boards in process, opened by the transport driver "sim:1" .. "sim:N".
 *
 * Each board is stepped by the calls of the worker that opened it, in that worker's clock: no thread. A tray outlives
 * all ports. Boards keep their flash from one opening to the next.
 */
#ifndef SIM_BOARD_SIM_TRAY_H
#define SIM_BOARD_SIM_TRAY_H

#include "engine/port/transport_driver.h"
#include "sim/board/sim_board.h"

struct sim_tray;

#define SIM_TRAY_CHIPS 64  /* in one list */
#define SIM_TRAY_ERROR 256 /* what is refused, with the names of some twenty chips */

struct sim_tray_config {
    int count; /* 1.. */
    const char *
        chips; /* "esp32,esp32c3@0.4": chips of the boards, in turn; NULL: ESP32. The revision of one without @: */
    int revision;        /* an ESP32's: 0, 1 or 3. Other chips have one of their own in the table */
    uint32_t flash_size; /* 0: the chip's; an ESP32's what suits a Pycom board: rev 0 4 MiB, else 8 MiB */
    uint64_t seed;       /* MACs, identity data and faults all follow from it */
    double fault_rate;
    const char *personalities; /* "3=wrong-chip,5=bad-flash"; NULL: all good */
};

/* Caller owns: sim_tray_free(). NULL: *error (static or within the tray config's text) says why. */
struct sim_tray *sim_tray_new(const struct sim_tray_config *config, char error[static SIM_TRAY_ERROR]);
void sim_tray_free(struct sim_tray *t);
struct sim_board *sim_tray_board(struct sim_tray *t,
                                 int number); /* 1..; borrowed; not while a port is open */
/* Makes DIR if need be: 0, or a negative errno when a dump there would fail. To be asked before the boards are used. */
int sim_tray_dump_place(const char *dir);
/* Writes DIR/slot-K.bin for each board. Returns 0 or a negative errno. */
int sim_tray_dump(struct sim_tray *t, const char *dir);
/* The operator exchanges the board of a slot for a fresh one. */
int sim_tray_exchange(struct sim_tray *t, int number);

extern const struct transport_driver sim_driver; /* its ctx is the tray */

#endif /* SIM_BOARD_SIM_TRAY_H */
