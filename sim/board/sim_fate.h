/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sim_fate - does to a virtual board what its personality, its faults (sim_trouble) and the test's plan (sim_mishap)
 * have decided. For sim_board.c alone.
 */
#ifndef SIM_BOARD_SIM_FATE_H
#define SIM_BOARD_SIM_FATE_H

#include "sim/board/sim_state.h"

/* Fuses, flash and wires as the personality has them. Once, after the board is built. */
void sim_fate_birth(struct sim_board *b);
/* A byte has reached the board. False: it is lost. May change it, stall, reset or exchange the board. */
bool sim_fate_byte(struct sim_board *b, uint8_t *byte, int64_t at_us);

#endif /* SIM_BOARD_SIM_FATE_H */
