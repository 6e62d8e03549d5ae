/* SPDX-License-Identifier: Apache-2.0 */
/* A raise that meets a clear: afterwards the flag and the descriptor say the same, or somebody sleeps for ever. */
#include <poll.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/waker.h"

static struct waker *raised_in_read, *cleared_in_write, *raised_after_read;

/* In the place of the library's, for this programme: the other side comes in between. */
ssize_t read(int fd, void *bytes, size_t size)
{
    struct waker *before = raised_in_read, *after = raised_after_read;

    raised_in_read = raised_after_read = NULL;
    if (before != NULL)
        waker_raise(before);
    ssize_t n = syscall(SYS_read, fd, bytes, size);
    if (after != NULL)
        waker_raise(after);
    return n;
}

ssize_t write(int fd, const void *bytes, size_t size)
{
    struct waker *w = cleared_in_write;

    cleared_in_write = NULL;
    if (w != NULL)
        waker_clear(w);
    return syscall(SYS_write, fd, bytes, size);
}

static bool is_readable(const struct waker *w)
{
    struct pollfd p = {.fd = waker_fd(w), .events = POLLIN};

    return poll(&p, 1, 0) == 1;
}

static void a_raise_within_a_clear_is_whole_or_gone(void **state)
{
    struct waker *w = waker_new();

    (void)state;
    waker_raise(w);
    raised_in_read = w;
    waker_clear(w);
    assert_int_equal(waker_raised(w), is_readable(w));
    waker_clear(w);
    waker_raise(w);
    raised_after_read = w;
    waker_clear(w);
    assert_true(waker_raised(w) && is_readable(w));
    waker_free(w);
}

static void a_clear_within_a_raise_leaves_no_half(void **state)
{
    struct waker *w = waker_new();

    (void)state;
    cleared_in_write = w;
    waker_raise(w);
    assert_int_equal(waker_raised(w), is_readable(w));
    waker_clear(w);
    assert_false(waker_raised(w) || is_readable(w));
    waker_free(w);
}

#define ROUNDS 20000

struct pair {
    struct waker *w;
    atomic_int raised; /* rounds */
};

static void *raise_each_round(void *arg)
{
    struct pair *p = arg;

    for (int i = 0; i < ROUNDS; i++) {
        waker_raise(p->w);
        atomic_fetch_add(&p->raised, 1);
    }
    return NULL;
}

/* Each raise is seen by a wait that comes after it, however many clears it meets. */
static void no_raise_is_lost_among_clears(void **state)
{
    struct pair p = {.w = waker_new()};
    pthread_t thread;

    (void)state;
    assert_int_equal(pthread_create(&thread, NULL, raise_each_round, &p), 0);
    while (atomic_load(&p.raised) < ROUNDS) {
        struct pollfd f = {.fd = waker_fd(p.w), .events = POLLIN};
        bool was = waker_raised(p.w);
        /* What is raised is, or is about to be, readable: this wait ends, or the programme hangs here. */
        if (was)
            assert_int_equal(poll(&f, 1, 60000), 1);
        waker_clear(p.w);
    }
    pthread_join(thread, NULL);
    assert_int_equal(waker_raised(p.w), is_readable(p.w));
    waker_free(p.w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_raise_within_a_clear_is_whole_or_gone),
        cmocka_unit_test(a_clear_within_a_raise_leaves_no_half),
        cmocka_unit_test(no_raise_is_lost_among_clears),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
