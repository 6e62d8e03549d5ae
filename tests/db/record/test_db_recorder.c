/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>
#include <sqlite3.h>

#include "tests/support/db_fixture.h"

static int64_t open_one(struct db_fixture *x, const struct attempt_start *s)
{
    struct failure f = {0};
    int64_t attempt = 0;

    assert_int_equal(x->face->open(x->face->ctx, s, &attempt, &f), 0);
    return attempt;
}

static struct recorder_verdict identify(struct db_fixture *x, int64_t attempt, struct unit_identity u)
{
    struct recorder_verdict v;
    struct failure f = {0};

    assert_int_equal(x->face->identify(x->face->ctx, attempt, &u, &v, &f), 0);
    return v;
}

static int close_one(struct db_fixture *x, int64_t attempt, enum result result, enum failure_code code)
{
    const struct attempt_result e = board_end(result, code);
    struct failure f = {0};

    return x->face->close(x->face->ctx, attempt, &e, &f);
}

static void an_attempt_closes_exactly_once(void **state)
{
    (void)state;
    struct db_fixture x;
    fixture_new(&x);
    fixture_start(&x);
    int64_t a = fixture_flash(&x, 1, "L1", 1, RESULT_PASS, FAILURE_NONE);

    assert_int_equal(close_one(&x, a, RESULT_FAIL, FAIL_WRITE), -1);
    assert_int_equal(close_one(&x, a + 1, RESULT_FAIL, FAIL_WRITE), -1);
    assert_int_equal(fixture_int(&x, "SELECT count(*) FROM attempt WHERE result = 'PASS' AND try_no = 1"), 1);
    assert_int_equal(fixture_int(&x, "SELECT count(*) FROM chain"), 1);
    fixture_free(&x);
}

static void nothing_else_is_ever_changed_or_deleted(void **state)
{
    (void)state;
    static const char *const tries[] = {
        "UPDATE attempt SET result = 'PASS'",
        "UPDATE attempt SET detail = 'x'",
        "UPDATE attempt SET stub_sha256 = zeroblob(32)",
        "UPDATE attempt SET chip_resets = 0",
        "UPDATE attempt SET identity_left_md5 = NULL",
        "UPDATE attempt SET unit_data_sha256 = zeroblob(32)",
        "UPDATE attempt SET efuse = 'A=1'",
        "DELETE FROM attempt",
        "DELETE FROM chain",
        "UPDATE identification SET revision = 0",
        "DELETE FROM identification",
        "UPDATE backup SET offset = 1",
        "DELETE FROM backup",
        "DELETE FROM sector",
        "UPDATE unit SET mac = zeroblob(6)",
        "DELETE FROM unit",
        "UPDATE chain SET hash = zeroblob(32)",
        "DELETE FROM evidence",
        "UPDATE run SET version = 'x'",
    };
    struct db_fixture x;
    fixture_new(&x);
    fixture_start(&x);
    const struct attempt_start s = board_start(1);
    int64_t a = open_one(&x, &s);
    identify(&x, a, board_identity(1));
    struct backup b = {.kind = BACKUP_IDENTITY, .offset = 0x3ff000};
    digest_sha256(b.data, sizeof b.data, b.sha256);
    struct failure f;
    assert_int_equal(x.face->backup(x.face->ctx, a, &b, &f), 0);
    /* Even while open, what was known at the start stays. */
    assert_int_not_equal(fixture_exec(&x, "UPDATE attempt SET lot_id = NULL, result = 'PASS', closed_ms = 1"),
                         SQLITE_OK);
    struct attempt_result e = board_end(RESULT_FAIL, FAIL_WRITE);
    e.rx_evidence_len = 2;
    assert_int_equal(x.face->close(x.face->ctx, a, &e, &f), 0);
    for (size_t i = 0; i < sizeof tries / sizeof tries[0]; i++) {
        if (fixture_exec(&x, tries[i]) == SQLITE_OK)
            fail_msg("allowed: %s", tries[i]);
    }
    fixture_free(&x);
}

static void an_attempt_left_open_is_interrupted_at_the_next_start(void **state)
{
    (void)state;
    struct db_fixture x;
    fixture_new(&x);
    fixture_start(&x);
    const struct attempt_start s = board_start(3);
    identify(&x, open_one(&x, &s), board_identity(7));
    open_one(&x, &s);
    fixture_stop(&x);
    fixture_start(&x);
    assert_int_equal(db_recorder_interrupted(x.rec), 2);
    assert_int_equal(
        fixture_int(&x, "SELECT count(*) FROM attempt WHERE result = 'INTERRUPTED' AND code = 903"), 2);
    assert_int_equal(fixture_int(&x, "SELECT count(*) FROM chain"), 2);
    /* Nobody saw how often the chip restarted. */
    assert_int_equal(fixture_int(&x, "SELECT count(*) FROM attempt WHERE chip_resets IS NULL"), 2);
    /* The board then flashes to PASS: being interrupted is no earlier pass. */
    int64_t a = open_one(&x, &s);
    struct recorder_verdict v = identify(&x, a, board_identity(7));
    assert_true(v.allowed && v.is_rework);
    assert_int_equal(close_one(&x, a, RESULT_PASS, FAILURE_NONE), 0);
    fixture_free(&x);
}

static enum failure_code verdict_on(struct db_fixture *x, enum attempt_kind kind, struct unit_identity u)
{
    struct attempt_start s = board_start(1);
    s.kind = kind;
    int64_t a = open_one(x, &s);
    struct recorder_verdict v = identify(x, a, u);
    close_one(x, a, RESULT_ABORTED, FAIL_ABORTED);
    assert_int_equal(v.allowed, v.hold.code == FAILURE_NONE);
    return v.hold.code;
}

static void addresses_no_board_may_have_are_held(void **state)
{
    (void)state;
    struct unit_identity blank = {.chip = "ESP32"}, ones = blank, group = blank, training = blank;
    struct db_fixture x;

    memset(ones.mac.bytes, 0xff, 6);
    group.mac = (struct mac){{0x25, 1, 2, 3, 4, 5}};
    training.mac = (struct mac){{0x02, 0xf1, 0xa5, 3, 4, 5}};
    fixture_new(&x);
    fixture_start(&x);
    assert_int_equal(verdict_on(&x, ATTEMPT_PRODUCTION, blank), HOLD_MAC_BLANK);
    assert_int_equal(verdict_on(&x, ATTEMPT_PRODUCTION, ones), HOLD_MAC_BLANK);
    assert_int_equal(verdict_on(&x, ATTEMPT_PRODUCTION, group), HOLD_MAC_BLANK);
    assert_int_equal(verdict_on(&x, ATTEMPT_PRODUCTION, training), FAIL_TRAINING_MAC);
    assert_int_equal(verdict_on(&x, ATTEMPT_REWORK, training), FAIL_TRAINING_MAC);
    assert_int_equal(verdict_on(&x, ATTEMPT_TRAINING, training), FAILURE_NONE);
    assert_int_equal(verdict_on(&x, ATTEMPT_TRAINING, blank), HOLD_MAC_BLANK);
    /* They are nobody's: of all these only the training board became a unit. */
    assert_int_equal(fixture_int(&x, "SELECT count(*) FROM unit"), 1);
    fixture_free(&x);
}

static void policy_lets_blank_and_group_addresses_through_and_notes_it(void **state)
{
    (void)state;
    struct unit_identity blank = {.chip = "ESP32"}, group = blank;
    struct db_fixture x;
    struct backup b = {.kind = BACKUP_BOOT_SECTOR, .offset = 0x1000, .data = {0xe9}};
    const struct attempt_start s = board_start(1);
    struct failure f = {0};

    group.mac = (struct mac){{0x25, 1, 2, 3, 4, 5}};
    digest_sha256(b.data, sizeof b.data, b.sha256);
    fixture_new(&x);
    x.policy.on_blank = ADDRESS_WARN;
    fixture_start(&x);
    assert_int_equal(verdict_on(&x, ATTEMPT_PRODUCTION, group), HOLD_MAC_BLANK);
    /* Two at once, and one after another has passed: boards without an address are no duplicates of each other. */
    int64_t one = open_one(&x, &s), two = open_one(&x, &s);
    assert_true(identify(&x, one, blank).allowed);
    assert_int_equal(x.face->backup(x.face->ctx, one, &b, &f), 0);
    assert_true(identify(&x, two, blank).allowed);
    close_one(&x, one, RESULT_PASS, FAILURE_NONE);
    close_one(&x, two, RESULT_PASS, FAILURE_NONE);
    struct recorder_verdict v = identify(&x, open_one(&x, &s), blank);
    assert_true(v.allowed);
    assert_false(v.is_rework);
    assert_false(v.has_boot_sector); /* it would be another board's */
    assert_int_equal(fixture_int(&x, "SELECT count(*) FROM event WHERE kind = 'ADDRESS'"), 3);
    fixture_stop(&x);
    x.policy.on_multicast = ADDRESS_WARN;
    fixture_start(&x);
    /* A group address is still an address: the rest of the rules hold. */
    assert_int_equal(verdict_on(&x, ATTEMPT_PRODUCTION, group), FAILURE_NONE);
    int64_t a = open_one(&x, &s);
    assert_true(identify(&x, a, group).allowed);
    close_one(&x, a, RESULT_PASS, FAILURE_NONE);
    assert_int_equal(verdict_on(&x, ATTEMPT_PRODUCTION, group), HOLD_MAC_DUPLICATE);
    fixture_free(&x);
}

static void a_lot_with_a_plan_takes_no_board_it_could_not_count(void **state)
{
    (void)state;
    struct unit_identity blank = {.chip = "ESP32"};
    const struct attempt_start s = board_start(1);
    struct db_fixture x;

    fixture_new(&x);
    x.policy.on_blank = ADDRESS_WARN;
    fixture_start(&x);
    fixture_exec(&x, "INSERT INTO lot(code, planned, opened_ms) VALUES ('A-17', 2, 0)");
    duty_set_lot(db_recorder_duty(x.rec), "A-17");
    struct recorder_verdict v = identify(&x, open_one(&x, &s), blank);
    assert_int_equal(v.hold.code, HOLD_MAC_BLANK);
    assert_non_null(strstr(v.hold.detail, "cannot be counted"));
    duty_set_lot(db_recorder_duty(x.rec), "B-1");
    assert_true(identify(&x, open_one(&x, &s), blank).allowed);
    fixture_free(&x);
}

static void a_unit_that_passed_is_held_unless_policy_or_rework_says_otherwise(void **state)
{
    (void)state;
    struct db_fixture x;
    fixture_new(&x);
    fixture_start(&x);
    fixture_flash(&x, 1, "L1", 9, RESULT_FAIL, FAIL_WRITE);
    assert_int_equal(verdict_on(&x, ATTEMPT_PRODUCTION, board_identity(9)), FAILURE_NONE);
    fixture_flash(&x, 2, "L1", 9, RESULT_PASS, FAILURE_NONE);
    assert_int_equal(verdict_on(&x, ATTEMPT_PRODUCTION, board_identity(9)), HOLD_MAC_DUPLICATE);
    assert_int_equal(verdict_on(&x, ATTEMPT_REWORK, board_identity(9)), FAILURE_NONE);
    fixture_stop(&x);
    x.policy.on_duplicate = DUPLICATE_WARN;
    fixture_start(&x);
    assert_int_equal(verdict_on(&x, ATTEMPT_PRODUCTION, board_identity(9)), FAILURE_NONE);
    assert_int_equal(fixture_int(&x, "SELECT count(*) FROM event WHERE kind = 'DUPLICATE'"), 1);
    /* Other rules in mid-run, as when another job is chosen: allowed without a word, and linked to what was before. */
    x.policy.on_duplicate = DUPLICATE_REWORK;
    db_recorder_set_policy(x.rec, &x.policy);
    const struct attempt_start s = board_start(1);
    assert_true(identify(&x, open_one(&x, &s), board_identity(9)).is_rework);
    assert_int_equal(fixture_int(&x, "SELECT count(*) FROM event WHERE kind = 'DUPLICATE'"), 1);
    x.policy.on_duplicate = DUPLICATE_REFUSE;
    db_recorder_set_policy(x.rec, &x.policy);
    assert_int_equal(verdict_on(&x, ATTEMPT_PRODUCTION, board_identity(9)), HOLD_MAC_DUPLICATE);
    fixture_free(&x);
}

static void one_mac_in_two_slots_at_once_is_held(void **state)
{
    (void)state;
    struct db_fixture x;
    fixture_new(&x);
    fixture_start(&x);
    const struct attempt_start s1 = board_start(1), s2 = board_start(2);
    int64_t a = open_one(&x, &s1), b = open_one(&x, &s2);
    assert_true(identify(&x, a, board_identity(5)).allowed);
    struct recorder_verdict v = identify(&x, b, board_identity(5));
    assert_int_equal(v.hold.code, HOLD_MAC_DUPLICATE);
    assert_non_null(strstr(v.hold.detail, "slot 1"));
    /* A whole-board retry identifies the same board again; another board in its place is noticed. */
    assert_true(identify(&x, a, board_identity(5)).allowed);
    assert_int_equal(identify(&x, a, board_identity(6)).hold.code, FAIL_IDENTITY_CHANGED);
    fixture_free(&x);
}

static void the_last_boot_sector_comes_back(void **state)
{
    (void)state;
    struct db_fixture x;
    struct backup b = {.kind = BACKUP_BOOT_SECTOR, .offset = 0x1000};
    const struct attempt_start s = board_start(1);
    struct failure f = {0};

    fixture_new(&x);
    fixture_start(&x);
    int64_t a = open_one(&x, &s);
    assert_false(identify(&x, a, board_identity(5)).has_boot_sector);
    b.data[0] = 0xe9;
    assert_int_equal(x.face->backup(x.face->ctx, a, &b, &f), -1);
    assert_int_equal(f.code, FAIL_BACKUP_STORE);
    digest_sha256(b.data, sizeof b.data, b.sha256);
    assert_int_equal(x.face->backup(x.face->ctx, a, &b, &f), 0);
    assert_int_equal(x.face->backup(x.face->ctx, a, &b, &f), 0);
    close_one(&x, a, RESULT_ABORTED, FAIL_ABORTED);
    struct recorder_verdict v = identify(&x, open_one(&x, &s), board_identity(5));
    assert_true(v.has_boot_sector);
    assert_memory_equal(v.boot_sector, b.data, BACKUP_SIZE);
    assert_int_equal(fixture_int(&x, "SELECT count(*) FROM sector"), 1);
    fixture_free(&x);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_attempt_closes_exactly_once),
        cmocka_unit_test(nothing_else_is_ever_changed_or_deleted),
        cmocka_unit_test(an_attempt_left_open_is_interrupted_at_the_next_start),
        cmocka_unit_test(addresses_no_board_may_have_are_held),
        cmocka_unit_test(policy_lets_blank_and_group_addresses_through_and_notes_it),
        cmocka_unit_test(a_lot_with_a_plan_takes_no_board_it_could_not_count),
        cmocka_unit_test(a_unit_that_passed_is_held_unless_policy_or_rework_says_otherwise),
        cmocka_unit_test(one_mac_in_two_slots_at_once_is_held),
        cmocka_unit_test(the_last_boot_sector_comes_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
