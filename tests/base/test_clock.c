/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/waker.h"

static void virtual_time_moves_only_by_waiting(void **state)
{
    (void)state;
    struct clock *c = clock_new_virtual();
    assert_int_equal(clock_now_us(c), 0);
    assert_int_equal(clock_wait_until(c, 5000000, NULL), 0);
    assert_int_equal(clock_now_us(c), 5000000);
    assert_int_equal(clock_wait_until(c, 1000, NULL), 0); /* the past: time never goes back */
    assert_int_equal(clock_now_us(c), 5000000);
    assert_int_equal(clock_wait_until(c, CLOCK_NEVER, NULL), 0);
    assert_int_equal(clock_now_us(c), 5000000);
    clock_free(c);
}

static void a_raised_waker_stops_virtual_time(void **state)
{
    (void)state;
    struct clock *c = clock_new_virtual();
    struct waker *w = waker_new();
    waker_raise(w);
    assert_int_equal(clock_wait_until(c, 1000, w), -ECANCELED);
    assert_int_equal(clock_now_us(c), 0);
    waker_clear(w);
    assert_int_equal(clock_wait_until(c, 1000, w), 0);
    waker_free(w);
    clock_free(c);
}

static void *raise_it(void *w)
{
    waker_raise(w);
    return NULL;
}

/* Would hang for ever if the wait did not end by the event. */
static void a_real_wait_without_end_is_woken_by_another_thread(void **state)
{
    (void)state;
    struct clock *c = clock_new_real();
    struct waker *w = waker_new();
    pthread_t thread;
    assert_int_equal(pthread_create(&thread, NULL, raise_it, w), 0);
    assert_int_equal(clock_wait_until(c, CLOCK_NEVER, w), -ECANCELED);
    pthread_join(thread, NULL);
    waker_free(w);
    clock_free(c);
}

/* Raises once the thread `tid` sleeps, so that the raise must end its wait and cannot come before it. */
static void *raise_when_it_sleeps(void *w)
{
    char path[64], text[256], state = 'R';

    snprintf(path, sizeof path, "/proc/self/task/%d/stat",
             (int)getpid()); /* the first thread has the process's number */
    while (state != 'S') {
        FILE *in = fopen(path, "re");
        size_t n = in != NULL ? fread(text, 1, sizeof text - 1, in) : 0;
        if (in != NULL)
            fclose(in);
        text[n] = '\0';
        const char *end = strrchr(text, ')');
        state = end != NULL && end[1] == ' ' ? end[2] : 'R';
        sched_yield();
    }
    waker_raise(w);
    return NULL;
}

static void a_wait_that_has_begun_is_ended_by_the_event(void **state)
{
    (void)state;
    struct clock *c = clock_new_real();
    struct waker *w = waker_new();
    pthread_t thread;
    assert_int_equal(pthread_create(&thread, NULL, raise_when_it_sleeps, w), 0);
    assert_int_equal(clock_wait_until(c, clock_after(c, 20000000), w), -ECANCELED);
    pthread_join(thread, NULL);
    waker_free(w);
    clock_free(c);
}

static void raising_is_sticky_and_clearing_drains_the_descriptor(void **state)
{
    (void)state;
    struct waker *w = waker_new();
    struct pollfd p = {.fd = waker_fd(w), .events = POLLIN};
    assert_int_equal(poll(&p, 1, 0), 0);
    waker_raise(w);
    waker_raise(w);
    assert_true(waker_raised(w));
    assert_int_equal(poll(&p, 1, 0), 1);
    assert_int_equal(poll(&p, 1, 0), 1);
    waker_clear(w);
    assert_false(waker_raised(w));
    assert_int_equal(poll(&p, 1, 0), 0);
    waker_free(w);
}

static void deadlines_do_not_overflow(void **state)
{
    (void)state;
    struct clock *c = clock_new_virtual();
    clock_wait_until(c, 10, NULL);
    assert_true(clock_after(c, CLOCK_NEVER) == CLOCK_NEVER);
    assert_true(clock_after(c, CLOCK_NEVER - 10) == CLOCK_NEVER);
    assert_int_equal(clock_after(c, 7), 17);
    clock_free(c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(virtual_time_moves_only_by_waiting),
        cmocka_unit_test(a_raised_waker_stops_virtual_time),
        cmocka_unit_test(a_real_wait_without_end_is_woken_by_another_thread),
        cmocka_unit_test(a_wait_that_has_begun_is_ended_by_the_event),
        cmocka_unit_test(raising_is_sticky_and_clearing_drains_the_descriptor),
        cmocka_unit_test(deadlines_do_not_overflow),
    };
    alarm(30); /* a wait that nothing ends is a test that failed */
    return cmocka_run_group_tests(tests, NULL, NULL);
}
