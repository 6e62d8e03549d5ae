/* SPDX-License-Identifier: Apache-2.0 */
/* If it failed: a row could bear another board's serial, lose its own, or a label could pass on two boards. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include <sqlite3.h>

#include "db/care/verify.h"
#include "tests/support/db_fixture.h"
#include "tests/support/faultvfs.h"

static void begin(struct db_fixture *x, bool required)
{
    fixture_new(x);
    x->policy.serial_required = required;
    fixture_start(x);
}

/* A board in a slot, as far as it is known. */
static int64_t arrive(struct db_fixture *x, int slot, uint32_t tail)
{
    const struct attempt_start start = board_start(slot);
    const struct unit_identity unit = board_identity(tail);
    struct recorder_verdict verdict;
    struct failure f = {0};
    int64_t attempt = 0;

    assert_int_equal(x->face->open(x->face->ctx, &start, &attempt, &f), 0);
    assert_int_equal(x->face->identify(x->face->ctx, attempt, &unit, &verdict, &f), 0);
    assert_true(verdict.allowed);
    return attempt;
}

static int leave(struct db_fixture *x, int64_t attempt, enum failure_code code)
{
    struct failure f = {0};
    int rc = x->face->leave(x->face->ctx, attempt, &f);

    assert_int_equal(f.code, code);
    return rc;
}

static int start_changing(struct db_fixture *x, int64_t attempt)
{
    struct failure f = {0};
    int rc = x->face->begin(x->face->ctx, attempt, &f);

    assert_int_equal(f.code, rc == 0 ? FAILURE_NONE : FAIL_ABORTED);
    return rc;
}

static void end(struct db_fixture *x, int64_t attempt, enum result result, enum failure_code code)
{
    const struct attempt_result e = board_end(result, code);

    assert_int_equal(x->face->close(x->face->ctx, attempt, &e, NULL), 0);
}

static enum serial_answer scan(struct db_fixture *x, int slot, const char *code)
{
    return db_recorder_scan(x->rec, &slot, code);
}

static void serial_is(struct db_fixture *x, int64_t attempt, const char *expected)
{
    char serial[SERIAL_SIZE];

    db_recorder_serial_of(x->rec, attempt, serial);
    assert_string_equal(serial, expected);
}

/* One board from arrival to its end, with a scan in time. */
static int64_t flash(struct db_fixture *x, int slot, uint32_t tail, const char *code, enum result result,
                     enum failure_code failed)
{
    int64_t a = arrive(x, slot, tail);

    assert_int_equal(leave(x, a, FAILURE_NONE), 1);
    assert_int_equal(scan(x, slot, code), SERIAL_ACCEPTED);
    assert_int_equal(leave(x, a, FAILURE_NONE), 0);
    assert_int_equal(start_changing(x, a), 0);
    end(x, a, result, failed);
    return a;
}

static void a_scan_is_for_the_board_that_waits(void **state)
{
    (void)state;
    struct db_fixture x;
    struct verify_report report;
    struct failure f = {0};

    begin(&x, true);
    assert_int_equal(scan(&x, 0, "SN-EARLY"), SERIAL_NOBODY);
    assert_int_equal(scan(&x, 1, "SN-EARLY"), SERIAL_NOT_HERE);
    int64_t a = arrive(&x, 1, 1);
    assert_int_equal(scan(&x, 0, "SN-EARLY"),
                     SERIAL_NOBODY); /* its MAC is not what leave was asked for yet */
    assert_int_equal(leave(&x, a, FAILURE_NONE), 1);
    assert_int_equal(leave(&x, a, FAILURE_NONE), 1);
    serial_is(&x, a, "");
    int slot = 0;
    assert_int_equal(db_recorder_scan(x.rec, &slot, "SN-1"), SERIAL_ACCEPTED);
    assert_int_equal(slot, 1);
    assert_int_equal(leave(&x, a, FAILURE_NONE), 0);
    serial_is(&x, a, ""); /* it may still be taken back */
    assert_int_equal(start_changing(&x, a), 0);
    serial_is(&x, a, "SN-1"); /* durable before anything is erased */
    assert_int_equal(scan(&x, 1, "SN-LATE"), SERIAL_TOO_LATE);
    end(&x, a, RESULT_PASS, FAILURE_NONE);
    serial_is(&x, a, "SN-1");
    /* The next board has none of it, whatever became of the one before. */
    int64_t b = flash(&x, 1, 2, "SN-2", RESULT_FAIL, FAIL_WRITE), c = arrive(&x, 1, 3);
    assert_int_equal(leave(&x, c, FAILURE_NONE), 1);
    serial_is(&x, b, "SN-2");
    assert_int_equal(verify_all(x.db, &report, &f), 0);
    assert_string_equal(report.text, "");
    fixture_free(&x);
}

static void what_was_not_begun_has_no_serial(void **state)
{
    (void)state;
    struct db_fixture x;

    begin(&x, true);
    for (int swapped = 0; swapped < 2; swapped++) {
        int64_t a = arrive(&x, 1, 1);
        assert_int_equal(leave(&x, a, FAILURE_NONE), 1);
        assert_int_equal(scan(&x, 1, "SN-1"), SERIAL_ACCEPTED);
        end(&x, a, swapped ? RESULT_ERROR : RESULT_ABORTED, swapped ? FAIL_IDENTITY_CHANGED : FAIL_ABORTED);
        serial_is(&x, a, "");
    }
    int64_t b = flash(&x, 1, 2, "SN-1", RESULT_PASS, FAILURE_NONE); /* free again */
    serial_is(&x, b, "SN-1");
    /* One that had its serial and failed before it was begun is what was scanned. */
    int64_t c = arrive(&x, 1, 3);
    leave(&x, c, FAILURE_NONE);
    scan(&x, 1, "SN-3");
    leave(&x, c, FAILURE_NONE);
    end(&x, c, RESULT_ERROR, FAIL_BACKUP_READ);
    serial_is(&x, c, "SN-3");
    /* But where nobody has looked at it since the scan, another board may have lain there. */
    int64_t e = arrive(&x, 1, 5);
    leave(&x, e, FAILURE_NONE);
    scan(&x, 1, "SN-5");
    end(&x, e, RESULT_ERROR, FAIL_IDENTIFY);
    serial_is(&x, e, "");
    /* And one stopped after that too. */
    int64_t d = flash(&x, 1, 4, "SN-4", RESULT_ABORTED, FAIL_ABORTED);
    serial_is(&x, d, "SN-4");
    fixture_free(&x);
}

static void taken_back_it_ends_untouched(void **state)
{
    (void)state;
    struct db_fixture x;

    begin(&x, true);
    int64_t a = arrive(&x, 1, 1), b = arrive(&x, 2, 2);
    leave(&x, a, FAILURE_NONE);
    leave(&x, b, FAILURE_NONE);
    scan(&x, 1, "SN-1");
    scan(&x, 2, "SN-2");
    assert_int_equal(leave(&x, a, FAILURE_NONE), 0);
    assert_int_equal(serial_desk_take_back(db_recorder_serials(x.rec), 1), SERIAL_RETURNED);
    assert_int_equal(serial_desk_take_back(db_recorder_serials(x.rec), 2), SERIAL_RETURNED);
    assert_int_equal(start_changing(&x, a), -1); /* after leave was given */
    assert_int_equal(leave(&x, b, FAIL_ABORTED), -1);
    end(&x, a, RESULT_ABORTED, FAIL_ABORTED);
    end(&x, b, RESULT_ABORTED, FAIL_ABORTED);
    serial_is(&x, a, "");
    flash(&x, 1, 3, "SN-1", RESULT_PASS, FAILURE_NONE);
    fixture_free(&x);
}

static void a_code_of_another_unit_asks_again_and_then_holds(void **state)
{
    (void)state;
    struct db_fixture x;

    begin(&x, true);
    flash(&x, 1, 1, "SN-1", RESULT_PASS, FAILURE_NONE);
    flash(&x, 1, 2, "SN-2", RESULT_FAIL, FAIL_WRITE);
    int64_t a = arrive(&x, 1, 3), b = arrive(&x, 2, 4), c = arrive(&x, 3, 5);
    leave(&x, a, FAILURE_NONE);
    leave(&x, b, FAILURE_NONE);
    leave(&x, c, FAILURE_NONE);
    assert_int_equal(scan(&x, 1, "SN-1"), SERIAL_USED);
    assert_int_equal(leave(&x, a, FAILURE_NONE), 1);
    assert_int_equal(scan(&x, 1, "SN-2"), SERIAL_ACCEPTED); /* of a board that did not pass */
    assert_int_equal(leave(&x, a, FAILURE_NONE), 0);
    assert_int_equal(scan(&x, 2, "SN-2"), SERIAL_USED); /* at work in slot 1 at this moment */
    assert_int_equal(scan(&x, 2, "SN-1"), SERIAL_USED_HOLD);
    assert_int_equal(leave(&x, b, HOLD_MAC_REFUSED), -1);
    end(&x, b, RESULT_HOLD, HOLD_MAC_REFUSED);
    serial_is(&x, b, "");
    /* The unit itself may come again with its own. */
    end(&x, c, RESULT_ABORTED, FAIL_ABORTED);
    x.policy.on_duplicate = DUPLICATE_REWORK;
    db_recorder_set_policy(x.rec, &x.policy);
    flash(&x, 3, 1, "SN-1", RESULT_PASS, FAILURE_NONE);
    fixture_free(&x);
}

/* A scanner that fires twice: the second time is not for the board that asks next, whatever the code was the first time. */
static void a_scanner_that_fires_twice_holds_no_board(void **state)
{
    (void)state;
    struct db_fixture x;
    struct serial_view v;

    fixture_new(&x);
    x.policy.serial_required = x.has_clock = true;
    fixture_start(&x);
    int64_t a = arrive(&x, 1, 1), b = arrive(&x, 2, 2);
    leave(&x, a, FAILURE_NONE);
    leave(&x, b, FAILURE_NONE);
    assert_int_equal(scan(&x, 0, "SN-1"), SERIAL_ACCEPTED);
    for (int i = 0; i < 3; i++)
        assert_int_equal(scan(&x, 0, "SN-1"), SERIAL_TWICE);
    serial_desk_look(db_recorder_serials(x.rec), 2, &v);
    assert_int_equal(v.state, SERIAL_WAITS);
    assert_true(v.asks);
    /* Line software that names a slot means that slot. */
    assert_int_equal(scan(&x, 2, "SN-1"), SERIAL_USED);
    assert_int_equal(scan(&x, 0, "SN-1"), SERIAL_TWICE);
    serial_desk_look(db_recorder_serials(x.rec), 2, &v);
    assert_int_equal(v.state, SERIAL_AGAIN);
    /* The operator repeats it. */
    x.mono_us += SERIAL_TWICE_US;
    assert_int_equal(scan(&x, 0, "SN-1"), SERIAL_USED_HOLD);
    assert_int_equal(leave(&x, b, HOLD_MAC_REFUSED), -1);
    end(&x, b, RESULT_HOLD, HOLD_MAC_REFUSED);
    assert_int_equal(start_changing(&x, a), 0);
    end(&x, a, RESULT_PASS, FAILURE_NONE);
    serial_is(&x, a, "SN-1");
    fixture_free(&x);
}

static void where_none_is_asked_for_a_known_board_may_have_one(void **state)
{
    (void)state;
    struct db_fixture x;

    begin(&x, false);
    int64_t a = arrive(&x, 1, 1);
    assert_int_equal(scan(&x, 1, "SN-1"), SERIAL_NOT_HERE);
    assert_int_equal(leave(&x, a, FAILURE_NONE), 0);
    assert_int_equal(scan(&x, 0, "SN-1"), SERIAL_NOBODY); /* nobody asks, and nobody chose */
    assert_int_equal(scan(&x, 1, "SN-1"), SERIAL_ACCEPTED);
    assert_int_equal(start_changing(&x, a), 0);
    end(&x, a, RESULT_PASS, FAILURE_NONE);
    serial_is(&x, a, "SN-1");
    int64_t b = arrive(&x, 1, 2);
    assert_int_equal(leave(&x, b, FAILURE_NONE), 0);
    assert_int_equal(scan(&x, 1, "SN-1"), SERIAL_USED); /* refused, and the board goes on */
    assert_int_equal(start_changing(&x, b), 0);
    end(&x, b, RESULT_PASS, FAILURE_NONE);
    serial_is(&x, b, "");
    fixture_free(&x);
}

static void an_interrupted_attempt_keeps_its_serial(void **state)
{
    (void)state;
    struct db_fixture x;

    begin(&x, true);
    int64_t a = arrive(&x, 1, 1);
    leave(&x, a, FAILURE_NONE);
    scan(&x, 1, "SN-1");
    start_changing(&x, a);
    fixture_stop(&x);
    fixture_start(&x);
    assert_int_equal(db_recorder_interrupted(x.rec), 1);
    serial_is(&x, a, "SN-1");
    fixture_free(&x);
}

/* The trigger: a row gets its serial once, while it is open, and nothing else beside it. */
/* A full disk: the reserve is given up and the result saved at the second try. With its serial, or that would be gone unsaid. */
static void a_full_disk_loses_no_serial(void **state)
{
    (void)state;
    struct db_fixture x;

    faultvfs_install();
    fixture_new(&x);
    x.policy.serial_required = true;
    x.policy.disk_floor = 1 << 20;
    fixture_start(&x);
    int64_t a = arrive(&x, 1, 1);
    assert_int_equal(leave(&x, a, FAILURE_NONE), 1);
    assert_int_equal(scan(&x, 1, "SN-1"), SERIAL_ACCEPTED);
    assert_int_equal(leave(&x, a, FAILURE_NONE), 0);
    faultvfs_fail(1, SQLITE_FULL, false);
    end(&x, a, RESULT_ERROR, FAIL_BACKUP_STORE);
    assert_true(faultvfs_failed());
    serial_is(&x, a, "SN-1");
    fixture_free(&x);
    faultvfs_remove();
}

static void a_row_gets_its_serial_once(void **state)
{
    (void)state;
    struct db_fixture x;
    static const char *const never[] = {
        "UPDATE attempt SET serial = 'SN-9' WHERE id = 1",               /* it has one */
        "UPDATE attempt SET serial = NULL WHERE id = 1",                 /* and keeps it */
        "UPDATE attempt SET serial = 'SN-9' WHERE id = 2",               /* closed without */
        "UPDATE attempt SET serial = 'SN-9', detail = 'x' WHERE id = 3", /* something beside it */
        "UPDATE attempt SET serial = 'SN-9', closed_mono_us = 1 WHERE id = 3",
        "UPDATE attempt SET serial = 'SN-9', slot = 1 WHERE id = 3",
        "UPDATE attempt SET serial = 'SN-9', result = 'PASS', closed_ms = 1 WHERE id = 3",
        "UPDATE attempt SET detail = 'x' WHERE id = 3",
        "UPDATE attempt SET id = 7 WHERE id = 3",
    };

    begin(&x, true);
    int64_t a = arrive(&x, 1, 1);
    leave(&x, a, FAILURE_NONE);
    scan(&x, 1, "SN-1");
    start_changing(&x, a);
    int64_t b = arrive(&x, 2, 2);
    end(&x, b, RESULT_ABORTED, FAIL_ABORTED);
    int64_t c = arrive(&x, 2, 3);
    assert_int_equal(a * 100 + b * 10 + c, 123);
    for (size_t i = 0; i < sizeof never / sizeof never[0]; i++)
        if (fixture_write(&x, never[i]) == 0)
            fail_msg("done: %s", never[i]);
    assert_int_equal(fixture_write(&x, "UPDATE attempt SET serial = 'SN-3' WHERE id = 3"), 0);
    fixture_free(&x);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_scan_is_for_the_board_that_waits),
        cmocka_unit_test(what_was_not_begun_has_no_serial),
        cmocka_unit_test(taken_back_it_ends_untouched),
        cmocka_unit_test(a_code_of_another_unit_asks_again_and_then_holds),
        cmocka_unit_test(a_scanner_that_fires_twice_holds_no_board),
        cmocka_unit_test(where_none_is_asked_for_a_known_board_may_have_one),
        cmocka_unit_test(an_interrupted_attempt_keeps_its_serial),
        cmocka_unit_test(a_full_disk_loses_no_serial),
        cmocka_unit_test(a_row_gets_its_serial_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
