/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "db/desk/duty.h"

static void is(struct duty *d, int slot, const char *expected)
{
    const struct duty_names n = duty_now(d, slot);
    char got[3 * DUTY_NAME_SIZE];

    snprintf(got, sizeof got, "%s|%s|%s", n.operator_id, n.lot, n.serial);
    assert_string_equal(got, expected);
}

static void the_last_word_counts(void **state)
{
    (void)state;
    struct duty *d = duty_new();

    assert_non_null(d);
    is(d, 1, "||");
    duty_set_operator(d, "op-7");
    duty_set_lot(d, "A-17");
    is(d, 1, "op-7|A-17|");
    duty_set_operator(d, "op-8");
    duty_set_lot(d, "");
    is(d, 1, "op-8||");
    duty_set_operator(d, NULL);
    is(d, 1, "||");
    duty_free(d);
    duty_free(NULL);
}

static void a_serial_is_one_slots(void **state)
{
    (void)state;
    struct duty *d = duty_new();

    assert_non_null(d);
    duty_set_serial(d, 2, "SN-2");
    duty_set_serial(d, DUTY_SLOTS_MAX, "SN-256");
    duty_set_serial(d, 0, "nowhere");
    duty_set_serial(d, DUTY_SLOTS_MAX + 1, "nowhere");
    is(d, 0, "||");
    is(d, 1, "||");
    is(d, 2, "||SN-2");
    is(d, DUTY_SLOTS_MAX, "||SN-256");
    is(d, DUTY_SLOTS_MAX + 1, "||");
    duty_set_serial(d, 2, NULL);
    is(d, 2, "||");
    duty_free(d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_last_word_counts),
        cmocka_unit_test(a_serial_is_one_slots),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
