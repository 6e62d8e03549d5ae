/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/slot/shift.h"

#include "engine/slot/slot.h"

/* A board may start only while those that passed and those under way together stay below the number wanted. */
enum place shift_reserve(struct shift *shift, const struct slot *s)
{
    long limit = shift->settings.count;
    enum place place = PLACE_GIVEN;

    pthread_mutex_lock(&shift->lock);
    while (limit > 0 && shift->passed < limit && shift->passed + shift->running >= limit &&
           !slot_must_stop(s))
        pthread_cond_wait(&shift->settled, &shift->lock);
    if (slot_is_ending(s) || (limit > 0 && shift->passed >= limit))
        place = PLACE_NONE;
    else if (slot_is_off(s))
        place = PLACE_OFF;
    else
        shift->running++;
    pthread_mutex_unlock(&shift->lock);
    return place;
}

void shift_settle(struct shift *shift, bool passed)
{
    pthread_mutex_lock(&shift->lock);
    shift->running--;
    shift->passed += passed;
    bool full = shift->settings.count > 0 && shift->passed >= shift->settings.count;
    pthread_cond_broadcast(&shift->settled);
    pthread_mutex_unlock(&shift->lock);
    /* Slots that wait for a board would wait for ever. */
    if (full)
        shift_drain(shift);
}

void shift_look_again(struct shift *shift)
{
    pthread_mutex_lock(&shift->lock);
    pthread_cond_broadcast(&shift->settled);
    pthread_mutex_unlock(&shift->lock);
}

void shift_drain(struct shift *shift)
{
    atomic_store(&shift->draining, true);
    shift_look_again(shift);
    for (int i = 0; i < shift->slot_count; i++)
        slot_wake(&shift->slots[i]);
}

void shift_abort(struct shift *shift)
{
    atomic_store(&shift->aborting, true);
    shift_drain(shift);
    for (int i = 0; i < shift->slot_count; i++)
        slot_cancel(&shift->slots[i]);
}

void shift_worker_ended(struct shift *shift)
{
    if (atomic_fetch_sub(&shift->working, 1) == 1)
        event_queue_finish(shift->events);
}
