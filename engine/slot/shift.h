/* SPDX-License-Identifier: Apache-2.0 */
/*
 * shift - what the slots of a run share: its settings, whether it ends, and how many boards may still start.
 *
 * The engine makes it and its workers ask it; it knows slots, but neither who runs them nor what they do with a board.
 * All calls from any thread; `settings` is not written after the start.
 */
#ifndef ENGINE_SLOT_SHIFT_H
#define ENGINE_SLOT_SHIFT_H

#include <pthread.h>
#include <stdatomic.h>

#include "engine/slot/engine_config.h"
#include "engine/slot/event_queue.h"

struct slot;

struct shift {
    /* Not written after the start. */
    struct engine_config settings;
    struct slot *slots;
    int slot_count;
    struct event_queue *events;

    atomic_bool draining, aborting;
    atomic_int working; /* workers that have not ended */

    pthread_mutex_t lock; /* what follows */
    pthread_cond_t settled;
    long passed, running;
};

enum place {
    PLACE_GIVEN,
    PLACE_OFF, /* the slot was switched off meanwhile */
    PLACE_NONE /* no board may start any more */
};
enum place shift_reserve(struct shift *shift,
                         const struct slot *s);      /* blocks until there is a place or none */
void shift_settle(struct shift *shift, bool passed); /* exactly once after a place was given */

void shift_drain(struct shift *shift); /* no new boards; running ones finish */
void shift_abort(struct shift *shift); /* running ones end too */
/* Those that wait for a place look again whether they still want one. */
void shift_look_again(struct shift *shift);
void shift_worker_ended(struct shift *shift);

#endif /* ENGINE_SLOT_SHIFT_H */
