/* SPDX-License-Identifier: Apache-2.0 */
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <unistd.h>
#include <cmocka.h>

#include "station/print/signals.h"
#include "station/run/until_signal.h"

static void a_signal_ends_what_may_still_be_ended(void **state)
{
    (void)state;
    struct until_signal *u = until_signal_new();

    assert_non_null(u);
    assert_false(waker_raised(until_signal_waker(u)));
    struct pollfd p = {.fd = waker_fd(until_signal_waker(u)), .events = POLLIN};
    assert_int_equal(kill(getpid(), SIGINT), 0);
    assert_int_equal(poll(&p, 1, 60000), 1);
    assert_true(waker_raised(until_signal_waker(u)));
    assert_false(until_signal_commit(u)); /* too late to begin */
    until_signal_free(u);
}

static void a_signal_that_comes_later_changes_nothing(void **state)
{
    (void)state;
    /* One that is left waiting by nobody is the test's own, not this one's. */
    int fd = signals_open(false);

    while (signals_next(fd) != 0)
        continue;
    close(fd);
    struct until_signal *u = until_signal_new();
    assert_non_null(u);
    assert_true(until_signal_commit(u));
    assert_int_equal(kill(getpid(), SIGTERM), 0);
    struct pollfd p = {.fd = waker_fd(until_signal_waker(u)), .events = POLLIN};
    assert_int_equal(poll(&p, 1, 50), 0);
    assert_false(waker_raised(until_signal_waker(u)));
    until_signal_free(u);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_signal_ends_what_may_still_be_ended),
        cmocka_unit_test(a_signal_that_comes_later_changes_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
