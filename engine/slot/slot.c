/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/slot/slot.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PROGRESS_GAP_MS 200 /* a person sees no more than five a second */

int slot_init(struct slot *s, const struct engine_config *config, const struct engine_slot *slot)
{
    const struct job *job = config->job;

    s->config = *slot;
    snprintf(s->uri, sizeof s->uri, "%s", slot->uri);
    snprintf(s->label, sizeof s->label, "%s", slot->label != NULL ? slot->label : "");
    s->config.uri = s->uri;
    s->config.label = s->label;
    s->clock = slot->virtual_time ? clock_new_virtual() : clock_new_real();
    s->waker = waker_new();
    if (s->clock == NULL || s->waker == NULL)
        return -ENOMEM;
    s->session = (struct session){
        .bindings = config->bindings,
        .uri = s->uri,
        .env = {s->clock, s->waker},
        .connect = {.reset = slot->has_reset ? slot->reset : job->reset,
                    .reset_custom = job->reset_custom,
                    .boot_pin = job_boot_pin(job),
                    .cancel = s->waker,
                    .other_baud = job->baud},
        .presence = slot->presence,
    };
    atomic_store(&s->off, slot->off);
    s->status.slot = slot->number;
    s->status.left_us = -1;
    slot_baud_init(&s->baud, job->baud, slot->baud);
    s->status.baud = s->baud.rate;
    s->status.baud_max = job->baud;
    snprintf(s->status.port, sizeof s->status.port, "%s", s->uri);
    snprintf(s->status.label, sizeof s->status.label, "%s", s->label);
    snprintf(s->status.boot_pin, sizeof s->status.boot_pin, "%s", job_boot_pin(job));
    return 0;
}

void slot_done(struct slot *s)
{
    session_close(&s->session);
    free(s->passed);
    waker_free(s->waker);
    clock_free(s->clock);
}

/* Called with the lock held; the event leaves after it is given back. */
static void make_event(struct slot *s, enum slot_event_kind kind, struct slot_event *out)
{
    s->status.now_us = clock_now_us(s->clock);
    out->kind = kind;
    out->wall_ms = clock_wall_ms();
    out->t_ms = slot_status_runs(&s->status) || s->status.state == SLOT_DONE
                    ? (s->status.now_us - s->status.started_us) / 1000
                    : 0;
    out->status = s->status;
}

static void send(struct slot *s, const struct slot_event *e)
{
    if (s->events != NULL)
        event_queue_put(s->events, e);
}

void slot_set_state(struct slot *s, enum slot_state state, enum slot_act act)
{
    struct slot_event e;

    pthread_mutex_lock(&s->lock);
    bool changed = s->status.state != state || s->status.act != act;
    s->status.state = state;
    s->status.act = act;
    if (changed)
        make_event(s, EVENT_STATE, &e);
    pthread_mutex_unlock(&s->lock);
    if (changed)
        send(s, &e);
}

void slot_set_problem(struct slot *s, const struct failure *f)
{
    struct slot_event e;

    pthread_mutex_lock(&s->lock);
    bool changed = s->status.failure.code != (f != NULL ? f->code : FAILURE_NONE);
    if (f != NULL)
        s->status.failure = *f;
    else
        failure_clear(&s->status.failure);
    if (changed)
        make_event(s, EVENT_STATE, &e);
    pthread_mutex_unlock(&s->lock);
    if (changed)
        send(s, &e);
}

void slot_note(struct slot *s, const char *note)
{
    struct slot_event e;

    pthread_mutex_lock(&s->lock);
    bool changed = strcmp(s->status.note, note) != 0;
    snprintf(s->status.note, sizeof s->status.note, "%s", note);
    if (changed)
        make_event(s, EVENT_NOTE, &e);
    pthread_mutex_unlock(&s->lock);
    if (changed && *note != '\0')
        send(s, &e);
}

/* With the lock held: what stood there is nobody's business any more. */
static void forget(struct slot_status *st)
{
    st->stage = STAGE_NONE;
    st->stages_reached = 0;
    st->done = st->total = 0;
    st->result = RESULT_OPEN;
    st->retries = 0;
    st->bytes_written = st->bytes_unchanged = 0;
    st->attempt = 0;
    st->has_unit = false;
    st->note[0] = '\0';
    failure_clear(&st->failure);
}

/* `unit`: who stands there now; NULL: nobody. */
static void show(struct slot *s, enum slot_state state, enum slot_act act, const struct unit_identity *unit)
{
    struct slot_status *st = &s->status;
    struct slot_event e;

    pthread_mutex_lock(&s->lock);
    st->state = state;
    st->act = act;
    forget(st);
    st->has_unit = unit != NULL;
    if (unit != NULL)
        st->unit = *unit;
    make_event(s, EVENT_STATE, &e);
    pthread_mutex_unlock(&s->lock);
    send(s, &e);
}

void slot_show_empty(struct slot *s)
{
    show(s, SLOT_IDLE, ACT_NONE, NULL);
}

void slot_show_known(struct slot *s, const struct unit_identity *unit)
{
    show(s, SLOT_ACT, ACT_REMOVE_BOARD, unit);
}

void slot_begin_attempt(struct slot *s)
{
    struct slot_status *st = &s->status;
    struct slot_event e;

    pthread_mutex_lock(&s->lock);
    st->state = SLOT_BUSY;
    st->act = ACT_NONE;
    forget(st);
    st->left_us = -1;
    st->baud = s->baud.rate;
    st->started_us = clock_now_us(s->clock);
    s->look_again = false; /* meant for the board before */
    make_event(s, EVENT_STATE, &e);
    pthread_mutex_unlock(&s->lock);
    send(s, &e);
}

/* Which event a view is worth; false: none. */
static bool worth_telling(struct slot *s, const struct attempt_view *v, bool new_stage, bool new_state,
                          enum slot_event_kind *kind)
{
    int64_t now = clock_wall_ms();

    if (*v->note != '\0')
        *kind = EVENT_NOTE;
    else if (new_state)
        *kind = EVENT_STATE;
    else if (new_stage)
        *kind = EVENT_STAGE;
    else
        *kind = EVENT_PROGRESS;
    if (*kind != EVENT_PROGRESS)
        return true;
    /* A wall clock that was set back must not silence it. */
    if (now - s->told_us < PROGRESS_GAP_MS && now >= s->told_us)
        return false;
    s->told_us = now;
    return true;
}

/* A retry begins again at an earlier stage: what comes after it has not happened yet. */
static void reach(struct slot_status *st, enum stage stage)
{
    st->stages_reached &= (1u << stage) - 1;
    st->stages_reached |= 1u << stage;
    st->stage_at_ms[stage] = (st->now_us - st->started_us) / 1000;
}

void slot_view(struct slot *s, const struct attempt_view *v)
{
    struct slot_status *st = &s->status;
    enum slot_state state = v->saving ? SLOT_SAVING : v->waiting ? SLOT_ACT : SLOT_BUSY;
    enum slot_event_kind kind;
    struct slot_event e;

    pthread_mutex_lock(&s->lock);
    bool new_stage = st->stage != v->stage, new_state = st->state != state;
    st->state = state;
    st->act = v->waiting ? ACT_LEAVE : ACT_NONE;
    st->stage = v->stage;
    st->done = v->done;
    st->total = v->total;
    st->left_us = v->left_us;
    st->retries = v->retries;
    st->baud = v->baud;
    st->has_unit = v->has_unit;
    if (v->has_unit)
        st->unit = *v->unit;
    if (*v->note != '\0')
        snprintf(st->note, sizeof st->note, "%s", v->note);
    st->now_us = clock_now_us(s->clock);
    if (new_stage)
        reach(st, v->stage);
    bool tell = worth_telling(s, v, new_stage, new_state, &kind);
    if (tell)
        make_event(s, kind, &e);
    pthread_mutex_unlock(&s->lock);
    if (tell)
        send(s, &e);
}

void slot_end_attempt(struct slot *s, const struct attempt_result *r, int64_t attempt, enum slot_state state,
                      enum slot_act act)
{
    struct slot_status *st = &s->status;
    struct slot_event e;

    pthread_mutex_lock(&s->lock);
    st->state = state;
    st->act = act;
    st->result = r->result;
    st->failure = r->failure;
    st->retries = r->retries;
    st->bytes_written = r->bytes_written;
    st->bytes_unchanged = r->bytes_unchanged;
    st->attempt = attempt;
    st->left_us = -1;
    /* Kept from starting (a stop, no badge, a full lot) is no board: no attempt was made. */
    st->boards += attempt != 0;
    st->passed += attempt != 0 && r->result == RESULT_PASS;
    st->failed += attempt != 0 && r->result != RESULT_PASS;
    make_event(s, EVENT_RESULT, &e);
    e.t_ms = (st->now_us - st->started_us) / 1000;
    pthread_mutex_unlock(&s->lock);
    send(s, &e);
}

bool slot_is_ending(const struct slot *s)
{
    return atomic_load(s->draining) || atomic_load(s->aborting);
}

bool slot_is_off(const struct slot *s)
{
    return atomic_load(&s->off);
}

bool slot_must_stop(const struct slot *s)
{
    return slot_is_ending(s) || slot_is_off(s);
}

bool slot_rest_off(struct slot *s)
{
    struct pollfd woken = {.fd = waker_fd(s->waker), .events = POLLIN};

    if (slot_is_ending(s))
        return false;
    show(s, SLOT_STOPPED, ACT_NONE, NULL);
    for (;;) {
        pthread_mutex_lock(&s->lock);
        s->waiting = slot_is_off(s) && !slot_is_ending(s);
        bool wait = s->waiting;
        pthread_mutex_unlock(&s->lock);
        if (!wait)
            break;
        /* Not by the slot's clock: a virtual one would not stand still for a person. */
        poll(&woken, 1, -1);
        pthread_mutex_lock(&s->lock);
        s->waiting = s->acknowledged = false;
        if (!atomic_load(s->aborting))
            waker_clear(s->waker);
        pthread_mutex_unlock(&s->lock);
    }
    if (slot_is_ending(s))
        return false;
    slot_show_empty(s);
    return true;
}

bool slot_begin_wait(struct slot *s)
{
    pthread_mutex_lock(&s->lock);
    s->waiting = !slot_must_stop(s);
    bool go = s->waiting;
    /* Said between the recorder's "not yet" and this wait. */
    if (go && s->look_again && s->status.act == ACT_LEAVE)
        waker_raise(s->waker);
    pthread_mutex_unlock(&s->lock);
    return go;
}

bool slot_end_wait(struct slot *s)
{
    pthread_mutex_lock(&s->lock);
    s->waiting = false;
    if (!atomic_load(s->aborting))
        waker_clear(s->waker);
    pthread_mutex_unlock(&s->lock);
    return !slot_must_stop(s);
}

bool slot_take_answer(struct slot *s)
{
    pthread_mutex_lock(&s->lock);
    bool was = s->acknowledged;
    s->acknowledged = false;
    pthread_mutex_unlock(&s->lock);
    return was;
}

bool slot_take_look(struct slot *s)
{
    pthread_mutex_lock(&s->lock);
    bool was = s->look_again;
    s->look_again = false;
    pthread_mutex_unlock(&s->lock);
    return was;
}

void slot_copy(struct slot *s, struct slot_status *out)
{
    pthread_mutex_lock(&s->lock);
    *out = s->status;
    pthread_mutex_unlock(&s->lock);
    /* A real clock may be read from any thread; a virtual one stands where its worker left it. */
    if (clock_is_virtual(s->clock))
        return;
    int64_t now = clock_now_us(s->clock);
    if (out->left_us >= 0)
        out->left_us = out->left_us > now - out->now_us ? out->left_us - (now - out->now_us) : 0;
    if (out->state != SLOT_DONE)
        out->now_us = now;
}

void slot_answer(struct slot *s)
{
    pthread_mutex_lock(&s->lock);
    /* An answer nobody asked for is not kept for the next question. */
    if (s->waiting) {
        s->acknowledged = true;
        waker_raise(s->waker);
    }
    pthread_mutex_unlock(&s->lock);
}

void slot_look_again(struct slot *s)
{
    pthread_mutex_lock(&s->lock);
    s->look_again = true;
    if (s->waiting)
        waker_raise(s->waker);
    pthread_mutex_unlock(&s->lock);
}

void slot_switch(struct slot *s, bool on)
{
    atomic_store(&s->off, !on);
    slot_wake(s);
}

void slot_wake(struct slot *s)
{
    pthread_mutex_lock(&s->lock);
    if (s->waiting)
        waker_raise(s->waker);
    pthread_mutex_unlock(&s->lock);
}

void slot_cancel(struct slot *s)
{
    pthread_mutex_lock(&s->lock);
    waker_raise(s->waker);
    pthread_mutex_unlock(&s->lock);
}

void slot_remember_pass(struct slot *s, const struct unit_identity *unit)
{
    if (s->passed_count == s->passed_size) {
        size_t size = s->passed_size > 0 ? 2 * s->passed_size : 64;
        struct unit_identity *more = realloc(s->passed, size * sizeof *more);
        if (more == NULL)
            return;
        s->passed = more;
        s->passed_size = size;
    }
    s->passed[s->passed_count++] = *unit;
}

const struct unit_identity *slot_passed(const struct slot *s, const struct mac *mac)
{
    for (size_t i = 0; i < s->passed_count; i++) {
        if (mac_equal(&s->passed[i].mac, mac))
            return &s->passed[i];
    }
    return NULL;
}
