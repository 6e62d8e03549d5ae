/* SPDX-License-Identifier: Apache-2.0 */
/*
 * slot_baud - the highest rate that a slot's line has been seen to bear: a small state machine, told of each attempt that
 * ended. Pure; its owner is one thread.
 *
 * It goes down on what only the line explains: a board that passed at a lower rate than it was tried at first, or two boards
 * whose line failed with no clean one between (one, where the rate is on trial). One board that dies is a board. It goes up by one step after
 * SLOT_BAUD_CLEAN boards in a row without a fault, and after twice as many each time that the higher rate failed again before
 * it had been clean for as long, up to SLOT_BAUD_CLEAN_MOST. A chip that restarted by itself says nothing about its line.
 */
#ifndef ENGINE_SLOT_SLOT_BAUD_H
#define ENGINE_SLOT_SLOT_BAUD_H

#include <stdbool.h>
#include <stdint.h>

struct attempt_result;
struct session_line;

#define SLOT_BAUD_CLEAN      20u
#define SLOT_BAUD_CLEAN_MOST 320u

struct slot_baud {
    uint32_t max;     /* the job's, or what the adapter makes of it */
    uint32_t rate;    /* of the next attempt */
    unsigned clean;   /* boards in a row */
    unsigned wanted;  /* of them before the next rate is tried */
    unsigned suspect; /* boards in a row whose line failed at this rate */
    bool on_trial;    /* gone up to, and not clean for SLOT_BAUD_CLEAN boards yet */
};

enum slot_baud_step { SLOT_BAUD_STAYS, SLOT_BAUD_DOWN, SLOT_BAUD_UP };

/* `remembered`: of earlier runs, 0 for none; never above `max`. */
void slot_baud_init(struct slot_baud *b, uint32_t max, uint32_t remembered);
/* An attempt has ended, its record or not. */
enum slot_baud_step slot_baud_note(struct slot_baud *b, const struct session_line *line,
                                   const struct attempt_result *r);

#endif /* ENGINE_SLOT_SLOT_BAUD_H */
