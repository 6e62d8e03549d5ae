/* SPDX-License-Identifier: Apache-2.0 */
#include "station/run/far_desk.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>

#include "base/waker.h"
#include "station/run/run_private.h"
#include "station/run/run_work.h"

struct call {
    const struct desk_act *act; /* NULL: a question */
    const struct desk_query *query;
    struct desk_choice *choices;
    enum desk_outcome outcome;
    int count;
    char *why;
};

struct far_desk {
    struct waker *asked;
    pthread_cond_t done; /* with the lock */

    pthread_mutex_t lock; /* what follows */
    struct call *call;    /* that waits, or is being done; the caller's */
    bool is_done, is_closed;
};

struct far_desk *far_desk_new(void)
{
    struct far_desk *d = calloc(1, sizeof *d);

    if (d == NULL)
        return NULL;
    pthread_mutex_init(&d->lock, NULL);
    pthread_cond_init(&d->done, NULL);
    d->asked = waker_new();
    if (d->asked != NULL)
        return d;
    far_desk_free(d);
    return NULL;
}

void far_desk_free(struct far_desk *d)
{
    if (d == NULL)
        return;
    waker_free(d->asked);
    pthread_cond_destroy(&d->done);
    pthread_mutex_destroy(&d->lock);
    free(d);
}

static bool put(struct far_desk *d, struct call *call)
{
    pthread_mutex_lock(&d->lock);
    if (!d->is_closed) {
        d->call = call;
        d->is_done = false;
        waker_raise(d->asked);
    }
    while (!d->is_closed && !d->is_done)
        pthread_cond_wait(&d->done, &d->lock);
    bool done = d->call == call && d->is_done;
    d->call = NULL;
    pthread_mutex_unlock(&d->lock);
    return done;
}

bool far_desk_act(struct far_desk *d, const struct desk_act *act, enum desk_outcome *outcome,
                  char why[static DESK_WHY_SIZE])
{
    struct call call = {.act = act, .why = why, .outcome = DESK_REFUSED};

    why[0] = '\0';
    bool done = put(d, &call);
    *outcome = call.outcome;
    return done;
}

bool far_desk_ask(struct far_desk *d, const struct desk_query *query, struct desk_choice *out, int *count)
{
    struct call call = {.query = query, .choices = out, .count = -EIO};
    bool done = put(d, &call);

    *count = call.count;
    return done;
}

int far_desk_fd(const struct far_desk *d)
{
    return waker_fd(d->asked);
}

static bool is_trays_own(enum desk_act_kind kind)
{
    return kind == DESK_GO_ON || kind == DESK_DRAIN || kind == DESK_ABORT;
}

static void carry_out(struct run *run, struct call *call, void (*act)(void *ctx, const struct desk_act *act),
                      void *ctx)
{
    if (call->act != NULL && is_trays_own(call->act->kind)) {
        act(ctx, call->act);
        call->outcome = DESK_DONE;
        return;
    }
    if (run->work == NULL)
        run->work = run_work_new(run);
    if (run->work == NULL)
        return;
    if (call->act != NULL)
        call->outcome = run_work_act(run->work, call->act, call->why);
    else
        call->count = run_work_ask(run->work, call->query, (union desk_answer){.choices = call->choices});
}

void far_desk_turn(struct far_desk *d, struct run *run, void (*act)(void *ctx, const struct desk_act *act),
                   void *ctx)
{
    if (d == NULL || !waker_raised(d->asked))
        return;
    waker_clear(d->asked);
    pthread_mutex_lock(&d->lock);
    struct call *call = d->is_done ? NULL : d->call;
    pthread_mutex_unlock(&d->lock);
    if (call == NULL)
        return;
    carry_out(run, call, act, ctx);
    pthread_mutex_lock(&d->lock);
    d->is_done = true;
    pthread_cond_signal(&d->done);
    pthread_mutex_unlock(&d->lock);
}

void far_desk_close(struct far_desk *d)
{
    if (d == NULL)
        return;
    pthread_mutex_lock(&d->lock);
    d->is_closed = true;
    pthread_cond_signal(&d->done);
    pthread_mutex_unlock(&d->lock);
}
