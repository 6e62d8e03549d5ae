/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <time.h>
#include <cmocka.h>

#include "station/cli/time_range.h"

#define HOUR 3600000LL
#define NOON 1772366400000LL /* 2026-03-01T12:00:00Z */

static void zone(const char *tz)
{
    setenv("TZ", tz, 1);
    tzset();
}

static void assert_range(const char *text, int64_t from, int64_t to)
{
    int64_t f, t;

    assert_int_equal(time_range_parse(text, NOON, &f, &t), 0);
    assert_int_equal(f, from);
    assert_int_equal(t, to);
}

static void people_s_words_become_spans(void **state)
{
    (void)state;
    zone("UTC0");
    assert_range("today", NOON - 12 * HOUR, NOON + 12 * HOUR);
    assert_range("yesterday", NOON - 36 * HOUR, NOON - 12 * HOUR);
    assert_range("last 8h", NOON - 8 * HOUR, 0);
    assert_range("2026-03-01", NOON - 12 * HOUR, NOON + 12 * HOUR);
    assert_range("2026-03-01..", NOON - 12 * HOUR, 0);
    assert_range("..2026-03-01", 0, NOON + 12 * HOUR);
    assert_range("2026-03-01T12:00..2026-03-01T13:00", NOON, NOON + HOUR + 60000);
}

/* Berlin, POSIX rule: on 2026-03-29 the day has 23 hours, on 2026-10-25 it has 25. */
static void a_day_is_as_long_as_it_is(void **state)
{
    (void)state;
    int64_t from, to;

    zone("CET-1CEST,M3.5.0,M10.5.0/3");
    assert_int_equal(time_range_parse("2026-03-29", NOON, &from, &to), 0);
    assert_int_equal(to - from, 23 * HOUR);
    assert_int_equal(time_range_parse("2026-10-25", NOON, &from, &to), 0);
    assert_int_equal(to - from, 25 * HOUR);
}

static void nonsense_is_refused(void **state)
{
    (void)state;
    static const char *const texts[] = {"",
                                        "..",
                                        "tomorrow",
                                        "2026-02-31",
                                        "2026-3-1",
                                        "last",
                                        "last 8",
                                        "last -1h",
                                        "last 8y",
                                        "2026-03-02..2026-03-01",
                                        "2026-03-01T25:00",
                                        "2026-03-01x",
                                        "last 99999999999999h"};
    int64_t from, to;

    zone("UTC0");
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        if (time_range_parse(texts[i], NOON, &from, &to) == 0)
            fail_msg("understood '%s'", texts[i]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(people_s_words_become_spans),
        cmocka_unit_test(a_day_is_as_long_as_it_is),
        cmocka_unit_test(nonsense_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
