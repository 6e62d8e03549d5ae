/* SPDX-License-Identifier: Apache-2.0 */
/* The threads of the slots as they are made: one that cannot be made, and ones that end before the next is made. */
#include <dlfcn.h>
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <semaphore.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "tests/support/hall.h"
#include "tests/support/or_fail.h"

#define SLOTS 4

struct start_call {
    void *(*main)(void *);
    void *arg;
    sem_t ended;
};

static int allowed = -1; /* threads that may still be made; -1: any number */
static bool one_by_one;  /* the next is made when the last has ended */
static struct engine *watched;
static int done_too_early;

static void *run_and_tell(void *arg)
{
    struct start_call *c = arg;
    void *out = c->main(c->arg);

    sem_post(&c->ended);
    return out;
}

/* In the place of the library's, for this programme. */
int pthread_create(pthread_t *thread, const pthread_attr_t *attr, void *(*start)(void *), void *arg)
{
    int (*real)(pthread_t *, const pthread_attr_t *, void *(*)(void *), void *);
    struct start_call c = {.main = start, .arg = arg};

    *(void **)&real = dlsym(RTLD_NEXT, "pthread_create");
    if (allowed == 0)
        return EAGAIN;
    allowed -= allowed > 0;
    if (!one_by_one)
        return real(thread, attr, start, arg);
    sem_init(&c.ended, 0, 0);
    int rc = real(thread, attr, run_and_tell, &c);
    if (rc == 0)
        sem_wait(&c.ended);
    sem_destroy(&c.ended);
    done_too_early += engine_is_done(watched);
    return rc;
}

static void start_init(struct hall *h)
{

    hall_init(h, SLOTS, NULL);
    h->engine = engine_new_or_fail(&h->config);
}

/* The caller may free it at once: the threads there were have ended, every attempt that was opened is closed. */
static void a_thread_that_cannot_be_made_leaves_none_running(void **state)
{
    struct hall h;
    struct failure f = {0};

    (void)state;
    start_init(&h);
    allowed = 2;
    int rc = engine_start(h.engine, &f);
    allowed = -1;
    assert_int_equal(rc, -1);
    assert_int_equal(f.code, FAIL_NO_MEMORY);
    assert_true(engine_is_done(h.engine));
    assert_int_equal(h.recorder.opened, h.recorder.closed);
    hall_done(&h);
}

static void slots_that_end_at_once_are_not_all_slots(void **state)
{
    struct hall h;
    struct failure f = {0};
    struct slot_event e;
    int results = 0;

    (void)state;
    start_init(&h);
    watched = h.engine;
    one_by_one = true;
    int rc = engine_start(h.engine, &f);
    one_by_one = false;
    assert_int_equal(rc, 0);
    assert_int_equal(done_too_early, 0);
    assert_true(engine_is_done(h.engine));
    while (engine_next_event(h.engine, &e))
        results += e.kind == EVENT_RESULT;
    assert_int_equal(results, SLOTS);
    engine_join(h.engine);
    hall_done(&h);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_thread_that_cannot_be_made_leaves_none_running),
        cmocka_unit_test(slots_that_end_at_once_are_not_all_slots),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
