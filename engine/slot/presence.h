/* SPDX-License-Identifier: Apache-2.0 */
/*
 * presence - is there a board on this slot: before an attempt (auto-start) and after it (removal).
 *
 * A board comes in one of two ways: the adapter is plugged in with it, or the adapter stays in the fixture and a board
 * appears behind it, answering SYNC or printing its boot text. It is gone when the port is, when nothing answers any
 * more, when another MAC answers, or when the operator says so. Called by the slot's worker.
 */
#ifndef ENGINE_SLOT_PRESENCE_H
#define ENGINE_SLOT_PRESENCE_H

#include <stdbool.h>
#include <stdint.h>

#include "engine/attempt/attempt.h"

struct mac;
struct slot;

/*
 * Waits for a board that may start. True: it is there (slot->session.answers when it has answered already). False: stop.
 * `give_up_us` bounds the wait (CLOCK_NEVER: none): true then too, so that an attempt says what is missing.
 */
bool presence_wait_board(struct slot *s, int64_t give_up_us);
/*
 * Waits until the board of the last attempt is gone (`mac` NULL: it was never identified). One that passed has ten
 * seconds to run its program before it is looked for. False: stop.
 */
bool presence_wait_removal(struct slot *s, const struct mac *mac, bool passed);
/* Waits for the operator's word only. False: stop. */
bool presence_wait_answer(struct slot *s);

/*
 * Waits, in an attempt, for the recorder's leave: until the engine is told to look again, or the board is taken off.
 * Touches nothing on the board; it is asked whether it is still there, and its MAC. What it says of the board is true when
 * it returns.
 */
enum attempt_await presence_wait_leave(struct slot *s, const struct mac *mac);

#endif /* ENGINE_SLOT_PRESENCE_H */
