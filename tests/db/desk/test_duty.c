/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "db/desk/duty.h"

static void is(struct duty *d, const char *expected)
{
    const struct duty_names n = duty_now(d);
    char got[3 * DUTY_NAME_SIZE];

    snprintf(got, sizeof got, "%s|%s", n.operator_id, n.lot);
    assert_string_equal(got, expected);
}

static void the_last_word_counts(void **state)
{
    (void)state;
    struct duty *d = duty_new();

    assert_non_null(d);
    is(d, "|");
    duty_set_operator(d, "op-7");
    duty_set_lot(d, "A-17");
    is(d, "op-7|A-17");
    duty_set_operator(d, "op-8");
    duty_set_lot(d, "");
    is(d, "op-8|");
    duty_set_operator(d, NULL);
    is(d, "|");
    duty_free(d);
    duty_free(NULL);
}

/* A name that was cut is somebody else's, or another lot's: what stood there stays. */
static void no_name_is_ever_cut(void **state)
{
    (void)state;
    struct duty *d = duty_new();
    char longest[65], long300[301];

    assert_non_null(d);
    memset(longest, 'x', sizeof longest);
    longest[63] = '\0';
    memset(long300, 'x', sizeof long300);
    long300[300] = '\0';
    static const char *const bad[] = {" ",        "\t",    "\xc2\xa0\xe2\x80\x8b", "A\n7",
                                      "A\x1b[2J", "A\xff", "A\xe2\x80\xae"};
    assert_int_equal(duty_set_operator(d, longest), 0);
    assert_int_equal(duty_set_lot(d, longest), 0);
    assert_string_equal(duty_now(d).operator_id, longest);
    assert_string_equal(duty_now(d).lot, longest);
    assert_int_equal(duty_set_operator(d, "op-7"), 0);
    assert_int_equal(duty_set_lot(d, "A-17"), 0);
    longest[63] = 'x';
    longest[64] = '\0';
    for (size_t i = 0; i < sizeof bad / sizeof bad[0] + 2; i++) {
        const char *name = i < sizeof bad / sizeof bad[0]    ? bad[i]
                           : i == sizeof bad / sizeof bad[0] ? longest
                                                             : long300;
        assert_int_equal(duty_set_operator(d, name), -EINVAL);
        assert_int_equal(duty_set_lot(d, name), -EINVAL);
        is(d, "op-7|A-17");
    }
    duty_free(d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_last_word_counts),
        cmocka_unit_test(no_name_is_ever_cut),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
