/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/engine.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "engine/event_queue.h"
#include "engine/slot.h"
#include "engine/worker.h"

#define WORKER_STACK (1024 * 1024) /* of address space, not memory: the recorder runs in it too */

struct engine {
    struct engine_config config;
    struct slot *slots;
    int slot_count;
    struct event_queue *events;
    atomic_bool draining, aborting;
    atomic_int working; /* workers that have not ended */

    pthread_mutex_t lock; /* what follows */
    pthread_cond_t settled;
    long passed, running;
};

static int init_slots(struct engine *e)
{
    for (int i = 0; i < e->slot_count; i++) {
        struct slot *s = &e->slots[i];
        pthread_mutex_init(&s->lock, NULL);
        s->engine = e;
        s->events = e->events;
        s->draining = &e->draining;
        s->aborting = &e->aborting;
    }
    for (int i = 0; i < e->slot_count; i++) {
        if (slot_init(&e->slots[i], &e->config, &e->config.slots[i]) < 0)
            return -ENOMEM;
    }
    return 0;
}

struct engine *engine_new(const struct engine_config *config, struct failure *f)
{
    struct engine *e = calloc(1, sizeof *e);

    if (e == NULL)
        goto no_memory;
    e->config = *config;
    pthread_mutex_init(&e->lock, NULL);
    pthread_cond_init(&e->settled, NULL);
    e->events = event_queue_new();
    e->slots = calloc((size_t)config->slot_count, sizeof *e->slots);
    if (e->events == NULL || e->slots == NULL)
        goto no_memory;
    e->slot_count = config->slot_count;
    if (init_slots(e) == 0)
        return e;
no_memory:
    engine_free(e);
    failure_set(f, FAIL_NO_MEMORY, STAGE_NONE, ENOMEM, "%d slots", config->slot_count);
    return NULL;
}

static int start_worker(struct engine *e, struct slot *s, const pthread_attr_t *attr)
{
    atomic_fetch_add(&e->working, 1);
    int rc = pthread_create(&s->thread, attr, worker_main, s);
    s->started = rc == 0;
    if (rc != 0)
        atomic_fetch_sub(&e->working, 1);
    return rc;
}

int engine_start(struct engine *e, struct failure *f)
{
    pthread_attr_t attr;
    int rc = pthread_attr_init(&attr);

    /* One more than there are workers: the first may have ended before the last is made, and "all have ended" is for good. */
    atomic_fetch_add(&e->working, 1);
    if (rc == 0)
        rc = pthread_attr_setstacksize(&attr, WORKER_STACK);
    for (int i = 0; i < e->slot_count && rc == 0; i++)
        rc = start_worker(e, &e->slots[i], &attr);
    pthread_attr_destroy(&attr);
    if (rc != 0)
        engine_abort(e);
    engine_worker_ended(e);
    if (rc == 0)
        return 0;
    engine_join(e); /* nobody waits for an engine that did not start */
    return failure_set(f, FAIL_NO_MEMORY, STAGE_NONE, rc, "a thread for each of %d slots", e->slot_count);
}

void engine_drain(struct engine *e)
{
    atomic_store(&e->draining, true);
    pthread_mutex_lock(&e->lock);
    pthread_cond_broadcast(&e->settled);
    pthread_mutex_unlock(&e->lock);
    for (int i = 0; i < e->slot_count; i++)
        slot_wake(&e->slots[i]);
}

void engine_abort(struct engine *e)
{
    atomic_store(&e->aborting, true);
    engine_drain(e);
    for (int i = 0; i < e->slot_count; i++)
        slot_cancel(&e->slots[i]);
}

void engine_join(struct engine *e)
{
    for (int i = 0; i < e->slot_count; i++) {
        if (e->slots[i].started)
            pthread_join(e->slots[i].thread, NULL);
        e->slots[i].started = false;
    }
}

void engine_free(struct engine *e)
{
    if (e == NULL)
        return;
    for (int i = 0; i < e->slot_count; i++) {
        slot_done(&e->slots[i]);
        pthread_mutex_destroy(&e->slots[i].lock);
    }
    free(e->slots);
    event_queue_free(e->events);
    pthread_cond_destroy(&e->settled);
    pthread_mutex_destroy(&e->lock);
    free(e);
}

bool engine_is_done(const struct engine *e)
{
    return atomic_load(&e->working) == 0;
}

bool engine_is_draining(const struct engine *e)
{
    return atomic_load(&e->draining);
}

int engine_slot_count(const struct engine *e)
{
    return e->slot_count;
}

void engine_snapshot(const struct engine *e, int i, struct slot_status *out)
{
    slot_copy(&e->slots[i], out);
}

void engine_acknowledge(struct engine *e, int slot_number)
{
    for (int i = 0; i < e->slot_count; i++) {
        if (e->slots[i].config.number == slot_number)
            slot_answer(&e->slots[i]);
    }
}

void engine_enable(struct engine *e, int slot_number, bool on)
{
    for (int i = 0; i < e->slot_count; i++) {
        if (e->slots[i].config.number == slot_number)
            slot_switch(&e->slots[i], on);
    }
    /* It may be waiting for its place. */
    pthread_mutex_lock(&e->lock);
    pthread_cond_broadcast(&e->settled);
    pthread_mutex_unlock(&e->lock);
}

int engine_event_fd(const struct engine *e)
{
    return event_queue_fd(e->events);
}

bool engine_next_event(struct engine *e, struct slot_event *out)
{
    return event_queue_take(e->events, out);
}

const struct engine_config *engine_settings(const struct engine *e)
{
    return &e->config;
}

/* A board may start only while those that passed and those under way together stay below the number wanted. */
enum place engine_reserve(struct engine *e, const struct slot *s)
{
    long limit = e->config.count;
    enum place place = PLACE_GIVEN;

    pthread_mutex_lock(&e->lock);
    while (limit > 0 && e->passed < limit && e->passed + e->running >= limit && !slot_must_stop(s))
        pthread_cond_wait(&e->settled, &e->lock);
    if (slot_is_ending(s) || (limit > 0 && e->passed >= limit))
        place = PLACE_NONE;
    else if (slot_is_off(s))
        place = PLACE_OFF;
    else
        e->running++;
    pthread_mutex_unlock(&e->lock);
    return place;
}

void engine_settle(struct engine *e, bool passed)
{
    pthread_mutex_lock(&e->lock);
    e->running--;
    e->passed += passed;
    bool full = e->config.count > 0 && e->passed >= e->config.count;
    pthread_cond_broadcast(&e->settled);
    pthread_mutex_unlock(&e->lock);
    /* Slots that wait for a board would wait for ever. */
    if (full)
        engine_drain(e);
}

void engine_worker_ended(struct engine *e)
{
    if (atomic_fetch_sub(&e->working, 1) == 1)
        event_queue_finish(e->events);
}
