/* SPDX-License-Identifier: Apache-2.0 */
/*
 * slot - one place of the fixture: its worker's belongings, and what others may see of it.
 *
 * The worker owns everything that stands before `lock`, but for `off`. The lock is never held across I/O nor together with
 * another one.
 */
#ifndef ENGINE_SLOT_SLOT_H
#define ENGINE_SLOT_SLOT_H

#include <pthread.h>
#include <stdatomic.h>

#include "engine/board/attempt_view.h"
#include "engine/board/session.h"
#include "engine/slot/engine_config.h"
#include "engine/slot/event_queue.h"
#include "engine/slot/slot_baud.h"

struct shift;

struct slot {
    struct shift *shift;       /* the run it is part of; borrowed */
    struct engine_slot config; /* its strings are copies, below */
    char uri[96], label[32];
    pthread_t thread;
    bool started;

    struct clock *clock;
    struct waker
        *waker; /* raised for good by an abort; by a drain, a switch or an answer while the worker waits */
    struct session session;
    struct slot_baud baud;
    struct event_queue *events;
    const atomic_bool *draining, *aborting; /* the shift's */
    atomic_bool off;

    struct unit_identity *passed; /* who passed here in this run */
    size_t passed_count, passed_size;

    pthread_mutex_t lock; /* what follows; the worker, which alone writes the status, reads it without */
    struct slot_status status;
    bool waiting, acknowledged;
    bool look_again; /* the recorder may be asked for leave again */
    int64_t told_us; /* when progress was last queued; wall clock */
};

int slot_init(struct slot *s, const struct engine_config *config,
              const struct engine_slot *slot); /* 0 or -ENOMEM */
void slot_done(struct slot *s);

/* What the worker tells. Each also queues an event. */
void slot_set_state(struct slot *s, enum slot_state state, enum slot_act act);
void slot_set_problem(struct slot *s,
                      const struct failure *f); /* while no attempt runs; NULL: none any more */
void slot_note(struct slot *s, const char *note);
/* No board is there any more: of the last one nothing is shown. */
void slot_show_empty(struct slot *s);
/* A board came back that passed before: it is named itself, and nothing of the last one's stands beside its name. */
void slot_show_known(struct slot *s, const struct unit_identity *unit);
void slot_begin_attempt(struct slot *s);
void slot_view(struct slot *s, const struct attempt_view *v);
void slot_end_attempt(struct slot *s, const struct attempt_result *r, int64_t attempt, enum slot_state state,
                      enum slot_act act);

/*
 * A worker about to wait says so, so that a drain or an answer may wake it. False: it must stop instead. After the wait
 * slot_end_wait(): true while it may go on.
 */
bool slot_begin_wait(struct slot *s);
bool slot_end_wait(struct slot *s);
bool slot_must_stop(const struct slot *s); /* the station ends, or the slot is switched off */
bool slot_is_ending(const struct slot *s); /* the station ends */
bool slot_is_off(const struct slot *s);
/* Shows an empty slot that is switched off until it is on again. False: the station ends. */
bool slot_rest_off(struct slot *s);
bool slot_take_answer(struct slot *s); /* the operator said "done": once */
bool slot_take_look(struct slot *s);   /* the recorder may be asked for leave again: once */

/* From any thread. */
void slot_copy(struct slot *s, struct slot_status *out);
void slot_answer(struct slot *s);
void slot_look_again(struct slot *s);
void slot_switch(struct slot *s, bool on);
void slot_wake(struct slot *s);   /* a drain: ends a wait, not an attempt */
void slot_cancel(struct slot *s); /* an abort: ends everything */

void slot_remember_pass(struct slot *s, const struct unit_identity *unit);
/* NULL: no board of this MAC passed here. Valid until the next pass. */
const struct unit_identity *slot_passed(const struct slot *s, const struct mac *mac);

#endif /* ENGINE_SLOT_SLOT_H */
