/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sim_rom - the mask ROM's serial loader, faults included, as measured on the ROM's own machine code. It neither checks
 * a frame's length nor clears its buffers: a short frame executes what an earlier one left behind, and a reply carries
 * leftovers of earlier replies. It starts nothing itself: what a command wants run next stands in the board's `next`.
 */
#ifndef SIM_BOARD_SIM_ROM_H
#define SIM_BOARD_SIM_ROM_H

#include "sim/board/sim_state.h"

void sim_rom_reset(struct sim_board *b);
/* One received byte; `at_us` is when it was there. */
void sim_rom_byte(struct sim_board *b, uint8_t byte, int64_t at_us);

#endif /* SIM_BOARD_SIM_ROM_H */
