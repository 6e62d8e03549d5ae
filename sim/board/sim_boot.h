/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sim_boot - what a virtual board does without a loader: reset, straps, what it prints before anybody asks (texts as
 * the ROMs print them), and the prompt. Above the loaders: a reset ends them.
 */
#ifndef SIM_BOARD_SIM_BOOT_H
#define SIM_BOARD_SIM_BOOT_H

#include "sim/board/sim_state.h"

void sim_reset(struct sim_board *b, int64_t now_us);   /* EN went low */
void sim_release(struct sim_board *b, int64_t now_us); /* EN rises */
void sim_boot_event(struct sim_board *b);              /* SIM_EVENT_BOOT or _BANNER is due */

/* Later ROMs: what was started has come back. They say so and do nothing more. */
void sim_boot_done(struct sim_board *b, int64_t at_us);
/* A loader restarts the chip; the straps are sampled again. */
void sim_boot_again(struct sim_board *b, int64_t at_us);

/*
 * What is left of a chip whose loader was told to leave, with no program to start: the ROM's BASIC interpreter, which
 * echoes what it is sent. It knows how to take back a character and that a line means nothing to it; a NUL is no
 * character.
 */
void sim_prompt_start(struct sim_board *b, int64_t at_us);
void sim_prompt_byte(struct sim_board *b, uint8_t byte, int64_t at_us);

#endif /* SIM_BOARD_SIM_BOOT_H */
