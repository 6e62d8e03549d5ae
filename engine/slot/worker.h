/* SPDX-License-Identifier: Apache-2.0 */
/* worker - a slot's thread: waits for a board, runs its attempt, waits for its removal, again. */
#ifndef ENGINE_SLOT_WORKER_H
#define ENGINE_SLOT_WORKER_H

void *worker_main(void *slot); /* a struct slot; for pthread_create */

#endif /* ENGINE_SLOT_WORKER_H */
