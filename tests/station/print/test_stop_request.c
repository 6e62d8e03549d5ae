/* SPDX-License-Identifier: Apache-2.0 */
/* If this fails, boards at work are aborted by a key that bounced, or by a session that ends; or never, by who means it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <signal.h>

#include "station/print/stop_request.h"

#define S 1000000LL

struct step {
    int number;
    int64_t at_us;
    enum stop_step expected;
};

static void play(const struct step *steps, int count)
{
    struct stop_request r = {0};

    for (int i = 0; i < count; i++)
        assert_int_equal(stop_request_take(&r, steps[i].number, steps[i].at_us), steps[i].expected);
}

#define PLAY(...)                                           \
    do {                                                    \
        const struct step steps[] = {__VA_ARGS__};          \
        play(steps, (int)(sizeof steps / sizeof steps[0])); \
    } while (0)

static void two_strokes_within_a_second_are_one(void **state)
{
    (void)state;
    PLAY({SIGINT, 5 * S, STOP_DRAIN}, {SIGINT, 5 * S + 1, STOP_WARN}, {SIGINT, 6 * S, STOP_WARN});
}

static void a_key_that_is_held_never_aborts(void **state)
{
    struct stop_request r = {0};

    (void)state;
    assert_int_equal(stop_request_take(&r, SIGINT, S), STOP_DRAIN);
    for (int i = 1; i < 300; i++)
        assert_int_equal(stop_request_take(&r, SIGINT, S + i * 33000), STOP_WARN);
}

static void the_second_that_is_meant_aborts(void **state)
{
    (void)state;
    PLAY({SIGINT, 5 * S, STOP_DRAIN}, {SIGINT, 6 * S, STOP_ABORT});
    PLAY({SIGTERM, 5 * S, STOP_DRAIN}, {SIGTERM, 5 * S + 1, STOP_ABORT});
    PLAY({SIGINT, 5 * S, STOP_DRAIN}, {SIGTERM, 5 * S + 1, STOP_ABORT});
    PLAY({SIGTERM, 5 * S, STOP_DRAIN}, {SIGINT, 5 * S + 1, STOP_ABORT});
}

static void a_lost_terminal_is_not_counted(void **state)
{
    (void)state;
    PLAY({SIGHUP, S, STOP_DRAIN}, {SIGHUP, S + 1, STOP_DRAIN}, {SIGTERM, S + 2, STOP_DRAIN},
         {SIGTERM, S + 3, STOP_ABORT});
    PLAY({SIGWINCH, S, STOP_NONE}, {SIGINT, S + 1, STOP_DRAIN}, {SIGHUP, 9 * S, STOP_DRAIN});
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(two_strokes_within_a_second_are_one),
        cmocka_unit_test(a_key_that_is_held_never_aborts),
        cmocka_unit_test(the_second_that_is_meant_aborts),
        cmocka_unit_test(a_lost_terminal_is_not_counted),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
