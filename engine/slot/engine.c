/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/slot/engine.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "engine/slot/shift.h"
#include "engine/slot/slot.h"
#include "engine/slot/worker.h"

#define WORKER_STACK (1024 * 1024) /* of address space, not memory: the recorder runs in it too */

struct engine {
    struct shift shift;
};

static int init_slots(struct engine *e)
{
    for (int i = 0; i < e->shift.slot_count; i++) {
        struct slot *s = &e->shift.slots[i];
        pthread_mutex_init(&s->lock, NULL);
        s->shift = &e->shift;
        s->events = e->shift.events;
        s->draining = &e->shift.draining;
        s->aborting = &e->shift.aborting;
    }
    for (int i = 0; i < e->shift.slot_count; i++) {
        if (slot_init(&e->shift.slots[i], &e->shift.settings, &e->shift.settings.slots[i]) < 0)
            return -ENOMEM;
    }
    return 0;
}

struct engine *engine_new(const struct engine_config *config, struct failure *f)
{
    struct engine *e = calloc(1, sizeof *e);

    if (e == NULL)
        goto no_memory;
    e->shift.settings = *config;
    pthread_mutex_init(&e->shift.lock, NULL);
    pthread_cond_init(&e->shift.settled, NULL);
    e->shift.events = event_queue_new();
    e->shift.slots = calloc((size_t)config->slot_count, sizeof *e->shift.slots);
    if (e->shift.events == NULL || e->shift.slots == NULL)
        goto no_memory;
    e->shift.slot_count = config->slot_count;
    if (init_slots(e) == 0)
        return e;
no_memory:
    engine_free(e);
    failure_set(f, FAIL_NO_MEMORY, STAGE_NONE, ENOMEM, "%d slots", config->slot_count);
    return NULL;
}

static int start_worker(struct engine *e, struct slot *s, const pthread_attr_t *attr)
{
    atomic_fetch_add(&e->shift.working, 1);
    int rc = pthread_create(&s->thread, attr, worker_main, s);
    s->started = rc == 0;
    if (rc != 0)
        atomic_fetch_sub(&e->shift.working, 1);
    return rc;
}

int engine_start(struct engine *e, struct failure *f)
{
    pthread_attr_t attr;
    int rc = pthread_attr_init(&attr);

    /* One more than there are workers: the first may have ended before the last is made, and "all have ended" is for good. */
    atomic_fetch_add(&e->shift.working, 1);
    if (rc == 0)
        rc = pthread_attr_setstacksize(&attr, WORKER_STACK);
    for (int i = 0; i < e->shift.slot_count && rc == 0; i++)
        rc = start_worker(e, &e->shift.slots[i], &attr);
    pthread_attr_destroy(&attr);
    if (rc != 0)
        engine_abort(e);
    shift_worker_ended(&e->shift);
    if (rc == 0)
        return 0;
    engine_join(e); /* nobody waits for an engine that did not start */
    return failure_set(f, FAIL_NO_MEMORY, STAGE_NONE, rc, "a thread for each of %d slots",
                       e->shift.slot_count);
}

void engine_drain(struct engine *e)
{
    shift_drain(&e->shift);
}

void engine_abort(struct engine *e)
{
    shift_abort(&e->shift);
}

void engine_join(struct engine *e)
{
    for (int i = 0; i < e->shift.slot_count; i++) {
        if (e->shift.slots[i].started)
            pthread_join(e->shift.slots[i].thread, NULL);
        e->shift.slots[i].started = false;
    }
}

void engine_free(struct engine *e)
{
    if (e == NULL)
        return;
    for (int i = 0; i < e->shift.slot_count; i++) {
        slot_done(&e->shift.slots[i]);
        /* NOLINTNEXTLINE(clang-analyzer-core.NonNullParamChecker): without slots their number is 0 */
        pthread_mutex_destroy(&e->shift.slots[i].lock);
    }
    free(e->shift.slots);
    event_queue_free(e->shift.events);
    pthread_cond_destroy(&e->shift.settled);
    pthread_mutex_destroy(&e->shift.lock);
    free(e);
}

bool engine_is_done(const struct engine *e)
{
    return atomic_load(&e->shift.working) == 0;
}

bool engine_is_draining(const struct engine *e)
{
    return atomic_load(&e->shift.draining);
}

int engine_slot_count(const struct engine *e)
{
    return e->shift.slot_count;
}

void engine_snapshot(const struct engine *e, int i, struct slot_status *out)
{
    slot_copy(&e->shift.slots[i], out);
}

void engine_acknowledge(struct engine *e, int slot_number)
{
    for (int i = 0; i < e->shift.slot_count; i++) {
        if (e->shift.slots[i].config.number == slot_number)
            slot_answer(&e->shift.slots[i]);
    }
}

void engine_look_again(struct engine *e, int slot_number)
{
    for (int i = 0; i < e->shift.slot_count; i++) {
        if (e->shift.slots[i].config.number == slot_number)
            slot_look_again(&e->shift.slots[i]);
    }
}

void engine_enable(struct engine *e, int slot_number, bool on)
{
    for (int i = 0; i < e->shift.slot_count; i++) {
        if (e->shift.slots[i].config.number == slot_number)
            slot_switch(&e->shift.slots[i], on);
    }
    /* It may be waiting for its place. */
    shift_look_again(&e->shift);
}

int engine_event_fd(const struct engine *e)
{
    return event_queue_fd(e->shift.events);
}

bool engine_next_event(struct engine *e, struct slot_event *out)
{
    return event_queue_take(e->shift.events, out);
}
