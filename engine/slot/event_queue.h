/* SPDX-License-Identifier: Apache-2.0 */
/*
 * event_queue - what the slots have to tell, in order, from many workers to one reader. Thread safe.
 * Progress is dropped when the reader falls behind; nothing else ever is, but for lack of memory.
 */
#ifndef ENGINE_SLOT_EVENT_QUEUE_H
#define ENGINE_SLOT_EVENT_QUEUE_H

#include <stdbool.h>

#include "engine/slot/slot_event.h"

struct event_queue;

struct event_queue *event_queue_new(void); /* NULL: no memory or descriptors */
void event_queue_free(struct event_queue *q);
void event_queue_put(struct event_queue *q, const struct slot_event *event);
bool event_queue_take(struct event_queue *q, struct slot_event *out);
/* Keeps the descriptor readable for good: nothing more will come. */
void event_queue_finish(struct event_queue *q);
int event_queue_fd(const struct event_queue *q);

#endif /* ENGINE_SLOT_EVENT_QUEUE_H */
