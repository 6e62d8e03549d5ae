/* SPDX-License-Identifier: Apache-2.0 */
/* board_layout - what a plan leaves to the board, read from its flash and handed to the plan's own rules (plan_board.h). */
#ifndef ENGINE_BOARD_BOARD_LAYOUT_H
#define ENGINE_BOARD_BOARD_LAYOUT_H

#include "engine/board/board.h"
#include "profiles/plan/plan_board.h"

/*
 * 0: the board suits *plan, which from here on is `look`'s where that has the board's places for the job's names. -1 with
 * b->failure. Nothing is asked of a board that the plan leaves nothing to.
 */
int board_layout(struct board *b, const struct plan **plan, struct plan_board *look);

#endif /* ENGINE_BOARD_BOARD_LAYOUT_H */
