/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/support/turns.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

#include "sim/board/sim_random.h"

#define NOBODY (-1)

enum seat_state { SEAT_EMPTY, SEAT_TAKEN, SEAT_RESTS };

struct seat {
    struct turns *turns;
    int who;
    enum seat_state state;
    pthread_cond_t called;
};

struct turns {
    int count;
    bool in_order;     /* else each as it comes */
    pthread_key_t key; /* the seat of a thread: given up when it ends */
    struct seat *seats;

    pthread_mutex_t lock; /* what follows, and the seats */
    struct sim_random luck;
    int come;   /* who has had a seat */
    int holder; /* who has the turn */
};

/* With the lock held, like all that are private here. Every second time the same goes on: a switch costs more than most turns. */
static void call_next(struct turns *t)
{
    int there = 0, nth;

    if (t->holder != NOBODY && t->seats[t->holder].state == SEAT_TAKEN && sim_random_below(&t->luck, 2) == 0)
        return;
    t->holder = NOBODY;
    for (int i = 0; i < t->count; i++)
        there += t->seats[i].state == SEAT_TAKEN;
    if (there == 0)
        return;
    nth = (int)(sim_random_next(&t->luck) % (uint64_t)there);
    for (int i = 0; i < t->count && t->holder == NOBODY; i++) {
        if (t->seats[i].state == SEAT_TAKEN && nth-- == 0)
            t->holder = i;
    }
    pthread_cond_signal(&t->seats[t->holder].called);
}

static void give_up(void *ctx)
{
    struct seat *seat = ctx;
    struct turns *t = seat->turns;

    pthread_mutex_lock(&t->lock);
    seat->state = SEAT_EMPTY;
    if (t->holder == seat->who)
        call_next(t);
    pthread_mutex_unlock(&t->lock);
}

struct turns *turns_new(int count, uint64_t seed)
{
    struct turns *t = calloc(1, sizeof *t);
    struct seat *seats = calloc((size_t)count, sizeof *seats);

    if (t == NULL || seats == NULL || pthread_key_create(&t->key, give_up) != 0) {
        fprintf(stderr, "turns: no memory\n");
        exit(1);
    }
    t->seats = seats;
    t->count = count;
    t->in_order = seed != TURNS_FREE;
    t->luck = (struct sim_random){seed};
    t->holder = NOBODY;
    pthread_mutex_init(&t->lock, NULL);
    for (int i = 0; i < count; i++) {
        t->seats[i] = (struct seat){.turns = t, .who = i};
        pthread_cond_init(&t->seats[i].called, NULL);
    }
    return t;
}

void turns_free(struct turns *t)
{
    if (t == NULL)
        return;
    for (int i = 0; i < t->count; i++)
        pthread_cond_destroy(&t->seats[i].called);
    pthread_mutex_destroy(&t->lock);
    pthread_key_delete(t->key);
    free(t->seats);
    free(t);
}

static void sit_down(struct turns *t, struct seat *seat)
{
    seat->state = SEAT_TAKEN;
    pthread_setspecific(t->key, seat);
    t->come++;
}

static void wait_as(struct turns *t, int who, enum seat_state state)
{
    struct seat *seat = &t->seats[who];

    pthread_mutex_lock(&t->lock);
    if (seat->state == SEAT_EMPTY)
        sit_down(t, seat);
    seat->state = state;
    if (t->in_order && t->come == t->count)
        call_next(t);
    while (seat->state == SEAT_RESTS || (t->in_order && t->holder != who))
        pthread_cond_wait(&seat->called, &t->lock);
    pthread_mutex_unlock(&t->lock);
}

void turns_wait(struct turns *t, int who)
{
    wait_as(t, who, SEAT_TAKEN);
}

void turns_rest(struct turns *t, int who)
{
    wait_as(t, who, SEAT_RESTS);
}

void turns_go_on(struct turns *t)
{
    pthread_mutex_lock(&t->lock);
    for (int i = 0; i < t->count; i++) {
        if (t->seats[i].state == SEAT_RESTS)
            t->seats[i].state = SEAT_TAKEN;
        pthread_cond_signal(&t->seats[i].called);
    }
    pthread_mutex_unlock(&t->lock);
}
