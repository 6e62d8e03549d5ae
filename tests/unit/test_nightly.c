/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <time.h>
#include <cmocka.h>

#include "station/nightly.h"

#define HOUR     3600000LL
#define MIDNIGHT 1772323200000LL /* 2026-03-01T00:00:00Z */

static void a_backup_is_due_after_three_and_once_a_day(void **state)
{
    (void)state;
    setenv("TZ", "UTC0", 1);
    tzset();
    assert_int_equal(nightly_due_ms(MIDNIGHT + HOUR, false), MIDNIGHT + 3 * HOUR);
    assert_int_equal(nightly_due_ms(MIDNIGHT + 9 * HOUR, false), MIDNIGHT + 3 * HOUR); /* overdue: at once */
    assert_int_equal(nightly_due_ms(MIDNIGHT + 9 * HOUR, true), MIDNIGHT + 27 * HOUR);
}

/* Berlin skips 02:00 to 03:00 on 2026-03-29 and has it twice on 2026-10-25: three o'clock is there once either way. */
static void daylight_saving_moves_it_with_the_clock(void **state)
{
    (void)state;
    setenv("TZ", "CET-1CEST,M3.5.0,M10.5.0/3", 1);
    tzset();
    int64_t spring = 1774738800000LL; /* 2026-03-29T00:00 local */
    int64_t autumn = 1792879200000LL; /* 2026-10-25T00:00 local */
    assert_int_equal(nightly_due_ms(spring, false) - spring, 2 * HOUR);
    assert_int_equal(nightly_due_ms(autumn, false) - autumn, 4 * HOUR);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_backup_is_due_after_three_and_once_a_day),
        cmocka_unit_test(daylight_saving_moves_it_with_the_clock),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
