/* SPDX-License-Identifier: Apache-2.0 */
/* worker - a slot's thread: waits for a board, runs its attempt, waits for its removal, again. */
#ifndef ENGINE_WORKER_H
#define ENGINE_WORKER_H

#include "engine/slot.h"

void *worker_main(void *slot); /* for pthread_create */

/* engine.c: how many boards may pass in this run. */
enum place {
    PLACE_GIVEN,
    PLACE_OFF, /* the slot was switched off meanwhile */
    PLACE_NONE /* no board may start any more */
};
enum place engine_reserve(struct engine *e, const struct slot *s); /* blocks until there is a place or none */
void engine_settle(struct engine *e, bool passed);                 /* exactly once after a place was given */
void engine_worker_ended(struct engine *e);
const struct engine_config *engine_settings(const struct engine *e);

#endif /* ENGINE_WORKER_H */
