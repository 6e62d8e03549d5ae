/* SPDX-License-Identifier: Apache-2.0 */
/*
 * engine - all slots of a station at work: one worker thread a slot, each on its own board.
 *
 * Threads: engine_new/start/join/free from one thread; the other calls from any. A slot turns RESULT_PASS in a snapshot
 * only after the chip's digests matched and recorder.close() returned 0.
 */
#ifndef ENGINE_SLOT_ENGINE_H
#define ENGINE_SLOT_ENGINE_H

#include "base/recorder.h"
#include "engine/port/presence_line.h"
#include "engine/port/transport.h"
#include "engine/slot/slot_status.h"
#include "profiles/job/job.h"

struct engine;
struct stub; /* engine/chip/esp_stub.h */

struct engine_slot {
    int number;        /* 1.. */
    const char *uri;   /* "sim:3" */
    const char *label; /* "" or NULL: none */
    bool virtual_time;
    enum reset_method reset; /* used when has_reset; else the job's */
    bool has_reset;
    struct presence_line presence; /* the fixture's switch on this port, if it has one */
    bool off;                      /* switched off from the start: see engine_enable() */
};

struct engine_config {
    const struct job *job;   /* borrowed, outlives the engine, like everything here */
    const struct stub *stub; /* NULL: ROM loader only */
    const char *stub_note;   /* why there is none; "" */
    const struct recorder *recorder;
    const struct transport_binding *bindings; /* ends with a NULL driver */
    const struct engine_slot *slots;
    int slot_count;
    bool once;  /* one board a slot, then the slot stops */
    long count; /* stop starting boards after this many PASS; 0: no limit */
    const char *lot, *operator_id;
    enum attempt_kind kind;
};

/* Something a log would show. `status` is the slot as it was just then. */
enum slot_event_kind { EVENT_STATE, EVENT_STAGE, EVENT_PROGRESS, EVENT_RESULT, EVENT_NOTE };

struct slot_event {
    enum slot_event_kind kind;
    int64_t wall_ms; /* UTC */
    int64_t t_ms;    /* since the attempt began, by the slot's clock */
    struct slot_status status;
};

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
/* Off: a board under way finishes, then the slot gives its port back and is SLOT_STOPPED until it is on again. */
void engine_enable(struct engine *e, int slot_number, bool on);

/* Readable while an event waits or all workers have ended. */
int engine_event_fd(const struct engine *e);
/* Takes the oldest event: true, or false when none waits. */
bool engine_next_event(struct engine *e, struct slot_event *out);

#endif /* ENGINE_SLOT_ENGINE_H */
