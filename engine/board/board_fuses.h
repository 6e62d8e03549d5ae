/* SPDX-License-Identifier: Apache-2.0 */
/* board_fuses - what the job requires to be burnt into a board, or not, held against what was read of it: for every door. */
#ifndef ENGINE_BOARD_BOARD_FUSES_H
#define ENGINE_BOARD_BOARD_FUSES_H

#include "engine/board/board.h"

/* Of an identified board. 0, or -1 with board->failure, of stage GATE. */
int board_fuses_suit(struct board *b);

#endif /* ENGINE_BOARD_BOARD_FUSES_H */
