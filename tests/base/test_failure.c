/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "base/failure.h"

static void numbers_rise_so_none_is_used_twice(void **state)
{
    (void)state;
    int last = 0;
    for (int i = 0; failure_at(i) != FAILURE_NONE; i++) {
        assert_true((int)failure_at(i) > last);
        last = failure_at(i);
    }
    assert_true(last >= 909);
}

static void every_code_tells_the_operator_what_to_do(void **state)
{
    (void)state;
    for (int i = 0; failure_at(i) != FAILURE_NONE; i++) {
        enum failure_code code = failure_at(i);
        size_t remedy = strlen(failure_remedy(code));
        assert_true(strlen(failure_title(code)) > 5);
        assert_true(strlen(failure_title(code)) <= 60); /* fits a tile's panel */
        assert_true(remedy > 10);
        assert_int_equal(failure_remedy(code)[remedy - 1], '.');
        assert_int_not_equal(failure_blame(code), BLAME_NONE);
    }
}

static void the_outcome_follows_the_blame(void **state)
{
    (void)state;
    struct failure f;
    failure_clear(&f);
    assert_int_equal(failure_result(&f), RESULT_PASS);
    assert_int_equal(failure_set(&f, FAIL_MD5_MISMATCH, STAGE_VERIFY, 0, "piece %s", "wipy.bin"), -1);
    assert_string_equal(f.detail, "piece wipy.bin");
    assert_int_equal(failure_result(&f), RESULT_FAIL);
    failure_set(&f, FAIL_NO_SYNC, STAGE_CONNECT, 0, "silence");
    assert_int_equal(failure_result(&f), RESULT_ERROR);
    f.blame = BLAME_BOARD; /* evidence moved it */
    assert_int_equal(failure_result(&f), RESULT_FAIL);
    failure_set(&f, HOLD_MAC_DUPLICATE, STAGE_GATE, 0, "seen");
    assert_int_equal(failure_result(&f), RESULT_HOLD);
    failure_set(&f, FAIL_ABORTED, STAGE_WRITE, 0, "q");
    assert_int_equal(failure_result(&f), RESULT_ABORTED);
}

/* A code that is named HOLD is recorded as HOLD, and no other is: the table and failure_result() are kept apart. */
static void what_is_named_hold_is_held(void **state)
{
#define X(id, number, blame, title, remedy) {id, #id},
    static const struct {
        enum failure_code code;
        const char *name;
    } rows[] = {FAILURE_CODES(X)};
#undef X
    struct failure f;

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        failure_set(&f, rows[i].code, STAGE_GATE, 0, "%s", "");
        if ((failure_result(&f) == RESULT_HOLD) != (strncmp(rows[i].name, "HOLD_", 5) == 0))
            fail_msg("%s is recorded as %s", rows[i].name, result_name(failure_result(&f)));
    }
}

static void what_was_being_done_is_told_whole_or_not_at_all(void **state)
{
    struct failure f;
    char text[FAILURE_DETAIL_SIZE];

    (void)state;
    failure_set(&f, FAIL_BACKUP_READ, STAGE_BACKUP, 5, "no answer to %s", "FLASH_MD5");
    assert_int_equal(failure_while(&f, "reading sector 0x%x", 0x3ff000u), -1);
    assert_string_equal(f.detail, "no answer to FLASH_MD5, while reading sector 0x3ff000");
    assert_int_equal(f.code, FAIL_BACKUP_READ);
    assert_int_equal(f.sys, 5);
    failure_set(&f, FAIL_RECORD, STAGE_RECORD, 0, "%s", "");
    failure_while(&f, "closing the record");
    assert_string_equal(f.detail, "while closing the record");
    memset(text, 'x', sizeof text - 1);
    text[sizeof text - 1 - strlen(", while y")] = '\0';
    failure_set(&f, FAIL_RECORD, STAGE_RECORD, 0, "%s", text);
    failure_while(&f, "yy"); /* one too many */
    assert_string_equal(f.detail, text);
    failure_while(&f, "y");
    assert_int_equal(strlen(f.detail), FAILURE_DETAIL_SIZE - 1);
    assert_int_equal(failure_while(NULL, "nothing"), -1);
}

/* A refusal at the start names files, and a path has room: 400 bytes of it are told whole. */
static void a_detail_that_does_not_fit_says_so(void **state)
{
    struct failure f;
    char text[FAILURE_DETAIL_SIZE + 8];

    (void)state;
    memset(text, 'x', sizeof text);
    text[400] = '\0';
    failure_set(&f, FAIL_JOB, STAGE_NONE, 0, "%s", text);
    assert_string_equal(f.detail, text);
    text[400] = 'x';
    text[FAILURE_DETAIL_SIZE - 1] = '\0';
    failure_set(&f, FAIL_JOB, STAGE_NONE, 0, "%s", text);
    assert_string_equal(f.detail, text);
    failure_set(&f, FAIL_JOB, STAGE_NONE, 0, "%s.", text); /* one too many */
    assert_int_equal(strlen(f.detail), FAILURE_DETAIL_SIZE - 1);
    assert_string_equal(f.detail + FAILURE_DETAIL_SIZE - 5, "x...");
    memcpy(text + FAILURE_DETAIL_SIZE - 6, "\xe2\x82\xac", 3); /* the cut would go through it */
    failure_set(&f, FAIL_JOB, STAGE_NONE, 0, "%s.", text);
    assert_int_equal(strlen(f.detail), FAILURE_DETAIL_SIZE - 3);
    assert_string_equal(f.detail + FAILURE_DETAIL_SIZE - 7, "x...");
}

static void names_round_trip(void **state)
{
    (void)state;
    for (int r = 0; r < RESULT_COUNT; r++)
        assert_int_equal(result_parse(result_name((enum result)r)), r);
    assert_int_equal(result_parse("GOOD"), RESULT_COUNT);
    assert_string_equal(stage_name(STAGE_FINALISE), "finalise");
    assert_string_equal(failure_name(FAIL_NO_SYNC), "FAIL_NO_SYNC");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_rise_so_none_is_used_twice),
        cmocka_unit_test(every_code_tells_the_operator_what_to_do),
        cmocka_unit_test(the_outcome_follows_the_blame),
        cmocka_unit_test(what_is_named_hold_is_held),
        cmocka_unit_test(what_was_being_done_is_told_whole_or_not_at_all),
        cmocka_unit_test(a_detail_that_does_not_fit_says_so),
        cmocka_unit_test(names_round_trip),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
