/* SPDX-License-Identifier: Apache-2.0 */
/* A board that waits because enough others are under way: its slot may be switched off meanwhile. */
#include <dlfcn.h>
#include <poll.h>
#include <pthread.h>
#include <semaphore.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "tests/support/hall.h"
#include "tests/support/or_fail.h"

static sem_t waiting; /* posted by each slot that begins to wait for its place */
static sem_t resting; /* posted when the slot that was switched off shows that it rests */
static bool rested;

/* In the place of the library's, for this programme. The caller holds the lock until the real one lets it go. */
int pthread_cond_wait(pthread_cond_t *restrict cond, pthread_mutex_t *restrict mutex)
{
    int (*real)(pthread_cond_t *restrict, pthread_mutex_t *restrict);

    *(void **)&real = dlsym(RTLD_NEXT, "pthread_cond_wait");
    sem_post(&waiting);
    return real(cond, mutex);
}

/* In the thread of the first board: the second waits by now, for the run wants one. */
static void switch_the_other_off(void *ctx, int64_t attempt, const struct attempt_result *r)
{
    struct hall *h = ctx;
    struct slot_status st;

    (void)attempt;
    (void)r;
    sem_wait(&waiting);
    for (int i = 0; i < 2; i++) {
        engine_snapshot(h->engine, i, &st);
        if (st.state != SLOT_SAVING)
            engine_enable(h->engine, i + 1, false);
    }
    h->recorder.on_close = NULL;
}

/* Until a slot rests, or another attempt has ended. */
static enum slot_state next_rest(struct hall *h)
{
    struct pollfd p = {.fd = engine_event_fd(h->engine), .events = POLLIN};
    struct slot_event e;
    int results = 0;

    for (;;) {
        assert_true(poll(&p, 1, 60000) > 0);
        while (engine_next_event(h->engine, &e)) {
            results += e.kind == EVENT_RESULT;
            if (e.kind == EVENT_STATE && e.status.state == SLOT_STOPPED)
                return SLOT_STOPPED;
            if (results == 2)
                return SLOT_DONE;
        }
        if (engine_is_done(h->engine))
            return SLOT_IDLE;
    }
}

/* The first fails, so its place is free: for a slot that is off by then. On again, it takes it. */
static void a_slot_switched_off_while_it_waits_for_its_place_does_not_start(void **state)
{
    struct hall h;
    struct failure f = {0};

    (void)state;
    sem_init(&waiting, 0, 0);
    hall_init(&h, 2, "1=wrong-chip,2=wrong-chip");
    h.config.count = 1;
    h.recorder.on_close = switch_the_other_off;
    h.recorder.hook_ctx = &h;
    h.engine = engine_new_or_fail(&h.config);
    assert_int_equal(engine_start(h.engine, &f), 0);
    assert_int_equal(next_rest(&h), SLOT_STOPPED);
    assert_int_equal(h.recorder.opened, 1);
    engine_enable(h.engine, 1, true);
    engine_enable(h.engine, 2, true);
    hall_watch(&h);
    assert_int_equal(h.recorder.opened, 2);
    hall_done(&h);
    sem_destroy(&waiting);
}

/* As above, and the board is not done before the other slot rests. */
static void wait_for_its_rest(void *ctx, int64_t attempt, const struct attempt_result *r)
{
    struct timespec patience;

    switch_the_other_off(ctx, attempt, r);
    clock_gettime(CLOCK_REALTIME, &patience);
    patience.tv_sec += 30;
    rested = sem_timedwait(&resting, &patience) == 0;
}

static void a_slot_that_waits_rests_as_soon_as_it_is_switched_off(void **state)
{
    struct hall h;
    struct failure f = {0};

    (void)state;
    sem_init(&waiting, 0, 0);
    sem_init(&resting, 0, 0);
    hall_init(&h, 2, NULL);
    h.config.count = 1;
    h.recorder.on_close = wait_for_its_rest;
    h.recorder.hook_ctx = &h;
    h.engine = engine_new_or_fail(&h.config);
    assert_int_equal(engine_start(h.engine, &f), 0);
    assert_int_equal(next_rest(&h), SLOT_STOPPED);
    sem_post(&resting);
    hall_watch(&h);
    assert_true(rested);
    assert_int_equal(h.recorder.opened, 1);
    hall_done(&h);
    sem_destroy(&waiting);
    sem_destroy(&resting);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_slot_switched_off_while_it_waits_for_its_place_does_not_start),
        cmocka_unit_test(a_slot_that_waits_rests_as_soon_as_it_is_switched_off),
    };

    return cmocka_run_group_tests_name("engine_place", tests, NULL, NULL);
}
