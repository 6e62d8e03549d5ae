/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "db/desk/work.h"
#include "db/read/story.h"
#include "db/read/yield.h"
#include "tests/support/db_fixture.h"

static struct yield_report compute(struct db_fixture *x, const struct record_filter *filter)
{
    struct yield_report y;
    struct failure f = {0};

    assert_int_equal(yield_compute(x->db, filter, &y, &f), 0);
    return y;
}

static void flash_timed(struct db_fixture *x, uint32_t tail, enum result result, enum failure_code code,
                        int retries, int64_t us)
{
    const struct attempt_start s = board_start(1);
    const struct unit_identity u = board_identity(tail);
    struct attempt_result e = board_end(result, code);
    struct recorder_verdict v;
    struct failure f;
    int64_t a;

    e.retries = retries;
    e.duration_us = us;
    assert_int_equal(x->face->open(x->face->ctx, &s, &a, &f), 0);
    if (tail != 0)
        assert_int_equal(x->face->identify(x->face->ctx, a, &u, &v, &f), 0);
    assert_int_equal(x->face->close(x->face->ctx, a, &e, &f), 0);
}

/* Worked by hand: six units, ten tries. */
static void yields_are_what_the_document_says(void **state)
{
    (void)state;
    struct db_fixture x;
    const struct record_filter all = RECORD_FILTER_ALL;

    fixture_new(&x);
    fixture_start(&x);
    flash_timed(&x, 1, RESULT_PASS, FAILURE_NONE, 0, 30000000); /* first pass */
    flash_timed(&x, 2, RESULT_PASS, FAILURE_NONE, 0, 32000000); /* first pass */
    flash_timed(&x, 3, RESULT_PASS, FAILURE_NONE, 1, 60000000); /* pass after retry: not first pass */
    flash_timed(&x, 4, RESULT_FAIL, FAIL_WRITE, 0, 10000000);
    flash_timed(&x, 4, RESULT_PASS, FAILURE_NONE, 0, 31000000);   /* final, not first */
    flash_timed(&x, 5, RESULT_ABORTED, FAIL_ABORTED, 0, 5000000); /* no try */
    flash_timed(&x, 5, RESULT_PASS, FAILURE_NONE, 0, 33000000);   /* so this is its first */
    flash_timed(&x, 6, RESULT_FAIL, FAIL_WRITE, 0, 10000000);
    flash_timed(&x, 6, RESULT_FAIL, FAIL_MD5_MISMATCH, 0, 10000000);
    flash_timed(&x, 0, RESULT_ERROR, FAIL_NO_SYNC, 0, 2000000); /* never identified */
    struct yield_report y = compute(&x, &all);
    assert_int_equal(y.n.attempts, 10);
    assert_int_equal(y.n.tries, 9);
    assert_int_equal(y.n.by_result[RESULT_PASS], 5);
    assert_int_equal(y.n.by_result[RESULT_ABORTED], 1);
    assert_int_equal(y.n.first_tries, 6);
    assert_int_equal(y.n.first_passes, 3);
    assert_int_equal(y.n.units_tried, 6);
    assert_int_equal(y.n.good, 5);
    assert_int_equal(y.n.unidentified, 1);
    assert_int_equal(y.n.passes_after_retry, 1);
    assert_int_equal(y.median_us, 32000000);
    assert_int_equal(y.p95_us, 60000000);
    assert_int_equal(y.code_count, 4);
    assert_int_equal(y.codes[0].code, FAIL_WRITE);
    assert_int_equal(y.codes[0].count, 2);
    assert_int_equal(y.codes[1].code, FAIL_NO_SYNC); /* ties by number */
    assert_int_equal(y.slot_count, 1);
    fixture_free(&x);
}

static void the_newest_are_the_only_ones_counted(void **state)
{
    (void)state;
    struct db_fixture x;
    struct record_filter newest = RECORD_FILTER_ALL;

    fixture_new(&x);
    fixture_start(&x);
    flash_timed(&x, 1, RESULT_FAIL, FAIL_WRITE, 0, 30000000);
    flash_timed(&x, 2, RESULT_FAIL, FAIL_WRITE, 0, 30000000);
    flash_timed(&x, 2, RESULT_PASS, FAILURE_NONE, 0, 30000000);
    flash_timed(&x, 3, RESULT_PASS, FAILURE_NONE, 0, 30000000);
    newest.newest = 3;
    struct yield_report y = compute(&x, &newest);
    assert_int_equal(y.n.attempts, 3);
    assert_int_equal(y.n.units, 2);
    assert_int_equal(y.n.good, 2);
    assert_int_equal(y.code_count, 1);
    assert_int_equal(y.codes[0].count, 1);
    newest.slot = 2;
    assert_int_equal(compute(&x, &newest).n.attempts, 0);
    fixture_free(&x);
}

/* Good in the end: the last attempt passed, one that was stopped after it counts, and no mark keeps the unit back. */
static void what_came_after_the_pass_counts(void **state)
{
    (void)state;
    struct db_fixture x;
    struct failure f = {0};
    const struct record_filter all = RECORD_FILTER_ALL;

    fixture_new(&x);
    x.policy.on_duplicate = DUPLICATE_REWORK;
    fixture_start(&x);
    flash_timed(&x, 1, RESULT_PASS, FAILURE_NONE, 0, 30000000);
    flash_timed(&x, 2, RESULT_PASS, FAILURE_NONE, 0, 30000000);
    flash_timed(&x, 2, RESULT_ABORTED, FAIL_ABORTED, 0, 30000000);
    flash_timed(&x, 3, RESULT_ABORTED, FAIL_ABORTED, 0, 30000000);
    int64_t last = fixture_flash(&x, 1, "", 4, RESULT_PASS, FAILURE_NONE);
    struct yield_report y = compute(&x, &all);
    assert_int_equal(y.n.units, 4);
    assert_int_equal(y.n.units_tried, 3);
    assert_int_equal(y.n.good, 2);
    assert_int_equal(y.n.first_passes, 3);
    const struct work_call scrap = {.action = WORK_SCRAP, .number = last, .reason = "copy", .actor = "en1"};
    assert_int_equal(work_do(x.db, &scrap, NULL, &f), 0);
    y = compute(&x, &all);
    assert_int_equal(y.n.units_tried, 3);
    assert_int_equal(y.n.good, 1);
    assert_int_equal(y.n.kept_back, 1);
    assert_int_equal(y.n.first_passes, 3);
    fixture_free(&x);
}

static void boards_an_hour_need_a_clock_that_moves(void **state)
{
    (void)state;
    struct db_fixture x;
    const struct record_filter all = RECORD_FILTER_ALL;

    fixture_new(&x);
    x.has_clock = true;
    x.wall_ms = 1795341600000;
    fixture_start(&x);
    assert_true(compute(&x, &all).boards_per_hour < 0);
    for (uint32_t i = 1; i <= 11; i++) {
        fixture_flash(&x, 1, "L1", i, RESULT_PASS, FAILURE_NONE);
        x.wall_ms += 60000;
        x.mono_us += 60000000;
    }
    assert_true(compute(&x, &all).boards_per_hour == 66.0); /* eleven boards between minute 0 and 10 */
    fixture_free(&x);
}

static void a_slot_that_fails_more_than_its_neighbours_is_named(void **state)
{
    (void)state;
    struct db_fixture x;
    const struct record_filter all = RECORD_FILTER_ALL;
    uint32_t tail = 0;

    fixture_new(&x);
    fixture_start(&x);
    for (int slot = 1; slot <= 4; slot++) {
        for (int i = 0; i < 40; i++) {
            bool bad = slot == 3 ? i % 2 == 0 : i % 20 == 0;
            fixture_flash(&x, slot, "L1", ++tail, bad ? RESULT_FAIL : RESULT_PASS,
                          bad ? FAIL_WRITE : FAILURE_NONE);
        }
    }
    struct yield_report y = compute(&x, &all);
    assert_int_equal(y.slot_count, 4);
    for (int i = 0; i < 4; i++)
        assert_int_equal(y.slots[i].worse, y.slots[i].slot == 3);
    fixture_free(&x);
}

static void a_story_holds_later_words_and_saved_sectors(void **state)
{
    (void)state;
    struct db_fixture x;
    struct story_note notes[8];
    struct failure f = {0};
    const struct unit_identity u = board_identity(1);
    struct backup b = {.kind = BACKUP_IDENTITY, .offset = 0x3ff000};
    const struct attempt_start s = board_start(1);
    const struct attempt_result e = board_end(RESULT_HOLD, HOLD_MAC_DUPLICATE);
    struct recorder_verdict v;
    int64_t a;

    fixture_new(&x);
    fixture_start(&x);
    digest_sha256(b.data, BACKUP_SIZE, b.sha256);
    assert_int_equal(x.face->open(x.face->ctx, &s, &a, &f), 0);
    assert_int_equal(x.face->identify(x.face->ctx, a, &u, &v, &f), 0);
    assert_int_equal(x.face->backup(x.face->ctx, a, &b, &f), 0);
    assert_int_equal(x.face->close(x.face->ctx, a, &e, &f), 0);
    const struct work_call scrap = {.action = WORK_SCRAP, .number = a, .reason = "copy", .actor = "en1"};
    assert_int_equal(work_do(x.db, &scrap, NULL, &f), 0);
    assert_int_equal(story_notes(x.db, u.mac.bytes, notes, 8, &f), 2);
    assert_string_equal(notes[0].kind, "CONFIG");
    assert_string_equal(notes[1].kind, "SCRAP");
    assert_string_equal(notes[1].text, "en1: copy");
    assert_int_equal(story_newest_attempt(x.db, u.mac.bytes, &f), a);
    fixture_free(&x);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(yields_are_what_the_document_says),
        cmocka_unit_test(the_newest_are_the_only_ones_counted),
        cmocka_unit_test(what_came_after_the_pass_counts),
        cmocka_unit_test(boards_an_hour_need_a_clock_that_moves),
        cmocka_unit_test(a_slot_that_fails_more_than_its_neighbours_is_named),
        cmocka_unit_test(a_story_holds_later_words_and_saved_sectors),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
