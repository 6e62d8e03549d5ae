/* SPDX-License-Identifier: Apache-2.0 */
/* worker - a slot's thread: waits for a board, runs its attempt, waits for its removal, again. */
#ifndef ENGINE_SLOT_WORKER_H
#define ENGINE_SLOT_WORKER_H

#include "engine/slot/slot.h"

void *worker_main(void *slot); /* for pthread_create */

#endif /* ENGINE_SLOT_WORKER_H */
