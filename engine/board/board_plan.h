/* SPDX-License-Identifier: Apache-2.0 */
/*
 * board_plan - what a job would do to the board on a port, without doing it: the board is reached, identified, held against
 * the job, its flash asked for digests, and let go. Nothing of it is changed, and nothing is recorded.
 */
#ifndef ENGINE_BOARD_BOARD_PLAN_H
#define ENGINE_BOARD_BOARD_PLAN_H

#include "engine/board/board_survey.h"
#include "profiles/plan/plan_board.h"

struct board_plan_wish {
    struct session *session; /* as for an attempt; closed or open */
    const struct job *job;
    const struct stub *stub; /* NULL: through the ROM */
    const char *stub_note;
};

/* Plain data; plan may point into `layout`, so it stays where it was filled. */
struct board_plan {
    struct unit_identity unit;
    const struct plan *plan;
    bool by_stub;
    uint32_t baud;
    bool breaks; /* as in changed_part.h */
    struct survey survey;
    struct plan_board layout;
};

/* 0, or -1 and *f: as an attempt would fail before it changes anything, but for what the records say. */
int board_plan_look(const struct board_plan_wish *wish, struct board_plan *out, struct failure *f);

#endif /* ENGINE_BOARD_BOARD_PLAN_H */
