/* SPDX-License-Identifier: Apache-2.0 */
/*
 * engine - all slots of a station at work: one worker thread a slot, each on its own board.
 *
 * Threads: engine_new/start/join/free from one thread; the other calls from any. A slot turns RESULT_PASS in a snapshot
 * only after the chip's digests matched and recorder.close() returned 0.
 */
#ifndef ENGINE_SLOT_ENGINE_H
#define ENGINE_SLOT_ENGINE_H

#include "engine/port/transport.h"
#include "engine/slot/engine_config.h"
#include "engine/slot/slot_event.h"

struct engine;

struct engine *engine_new(const struct engine_config *config, struct failure *f);
/* 0, or -1 and *f: not every slot got its thread; those that did have ended again. */
int engine_start(struct engine *e, struct failure *f);
void engine_drain(struct engine *e); /* no new boards; running ones finish */
void engine_abort(struct engine *e); /* running ones end as ABORTED, their chips left in reset */
void engine_join(struct engine *e);  /* returns when all workers have ended */
void engine_free(struct engine *e);  /* after join; NULL is fine */

bool engine_is_done(const struct engine *e); /* every worker has ended */
bool engine_is_draining(const struct engine *e);
int engine_slot_count(const struct engine *e);
/* Copies slot i's status (0..count-1); never blocks on I/O. */
void engine_snapshot(const struct engine *e, int i, struct slot_status *out);
/* The operator answers ACT_BOOT_JUMPER, ACT_REMOVE_BOARD..: "done, go on". */
void engine_acknowledge(struct engine *e, int slot_number);
/* The recorder that said "not yet" may be asked for leave again for this slot's board. */
void engine_look_again(struct engine *e, int slot_number);
/* Off: a board under way finishes, then the slot gives its port back and is SLOT_STOPPED until it is on again. */
void engine_enable(struct engine *e, int slot_number, bool on);

/* Readable while an event waits or all workers have ended. */
int engine_event_fd(const struct engine *e);
/* Takes the oldest event: true, or false when none waits. */
bool engine_next_event(struct engine *e, struct slot_event *out);

#endif /* ENGINE_SLOT_ENGINE_H */
