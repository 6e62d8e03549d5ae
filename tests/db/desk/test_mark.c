/* SPDX-License-Identifier: Apache-2.0 */
/* A board that was scrapped or put into quarantine would be flashed and shipped as if nobody had said a word. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>
#include <sqlite3.h>

#include "db/care/retention.h"
#include "db/care/verify.h"
#include "db/desk/work.h"
#include "tests/support/db_fixture.h"
#include "tests/support/forger.h"

#define YEAR_MS (365LL * 86400000)

static const struct {
    char letter;
    enum work_action action;
} words[] = {
    {'L', WORK_RELEASE}, {'R', WORK_REWORK}, {'S', WORK_SCRAP}, {'Q', WORK_QUARANTINE}, {'N', WORK_NOTE}};

static void say(struct db_fixture *x, char letter, const char *mac, int64_t attempt)
{
    struct work_call call = {
        .object = mac, .number = attempt, .reason = "cracked corner", .actor = "en1", .action = WORK_NOTE};
    struct failure f = {0};

    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        call.action = words[i].letter == letter ? words[i].action : call.action;
    if (work_do(x->db, &call, NULL, &f) != 0)
        fail_msg("%c: %s", letter, f.detail);
}

/* A slot sees the board again: what the gate says, before anything is erased. The attempt is stopped there. */
static struct recorder_verdict comes_again(struct db_fixture *x, uint32_t tail, bool training)
{
    struct attempt_start s = board_start(2);
    const struct unit_identity u = board_identity(tail);
    const struct attempt_result e = board_end(RESULT_ABORTED, FAIL_ABORTED);
    struct recorder_verdict v;
    struct failure f = {0};
    int64_t a;

    s.kind = training ? ATTEMPT_TRAINING : ATTEMPT_PRODUCTION;
    assert_int_equal(x->face->open(x->face->ctx, &s, &a, &f), 0);
    assert_int_equal(x->face->identify(x->face->ctx, a, &u, &v, &f), 0);
    assert_int_equal(x->face->close(x->face->ctx, a, &e, &f), 0);
    return v;
}

static void assert_good(struct db_fixture *x)
{
    struct verify_report r;
    struct failure f = {0};

    assert_int_equal(verify_all(x->db, &r, &f), 0);
    assert_string_equal(r.text, "");
}

static void the_last_mark_counts(void **state)
{
    (void)state;
    static const struct {
        const char *words; /* in this order */
        bool held;
    } cases[] = {{"", false},    {"N", false},  {"S", true},    {"Q", true},   {"SN", true},
                 {"QL", false},  {"QR", false}, {"SL", false},  {"QLS", true}, {"SQ", true},
                 {"SQL", false}, {"LQ", true},  {"QLN", false}, {"RQN", true}, {"LSR", false}};
    struct db_fixture x;

    fixture_new(&x);
    fixture_start(&x);
    for (uint32_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        int64_t a = fixture_flash(&x, 1, "L1", i + 1, RESULT_FAIL, FAIL_WRITE);
        for (const char *w = cases[i].words; *w != '\0'; w++)
            say(&x, *w, NULL, a);
        struct recorder_verdict v = comes_again(&x, i + 1, false);
        if (v.allowed == cases[i].held)
            fail_msg("after '%s' the board was %s", cases[i].words, v.allowed ? "let in" : v.hold.detail);
        assert_int_equal(comes_again(&x, i + 1, true).allowed, !cases[i].held);
        if (cases[i].held)
            assert_int_equal(v.hold.code, HOLD_MAC_REFUSED);
    }
    assert_good(&x);
    fixture_free(&x);
}

static void the_hold_says_who_why_and_the_way_out(void **state)
{
    (void)state;
    struct db_fixture x;

    fixture_new(&x);
    fixture_start(&x);
    say(&x, 'Q', NULL, fixture_flash(&x, 1, "L1", 3, RESULT_PASS, FAILURE_NONE));
    struct recorder_verdict v = comes_again(&x, 3, false);
    assert_string_equal(v.hold.detail, "MAC 24:0a:c4:00:00:03 was put into quarantine by en1: cracked corner;"
                                       " 'flashline unit 24:0a:c4:00:00:03 --mark release' lets it in again");
    assert_int_equal(failure_result(&v.hold), RESULT_HOLD);
    say(&x, 'S', NULL, 1);
    v = comes_again(&x, 3, false);
    assert_non_null(strstr(v.hold.detail, "was scrapped by en1: cracked corner"));
    assert_int_equal(comes_again(&x, 4, false).allowed, true);
    fixture_free(&x);
}

/* The word of attempt 2 as a format before 8 had it: it names its attempt alone. Journal and audit are made to fit. */
static void as_of_before(struct db_fixture *x)
{
    sqlite3 *h;

    fixture_stop(x);
    assert_int_equal(sqlite3_open(x->path, &h), SQLITE_OK);
    char *triggers = forge_triggers_off(h);
    assert_int_equal(
        sqlite3_exec(h, "UPDATE correction SET unit_id = NULL WHERE attempt_id = 2", NULL, NULL, NULL),
        SQLITE_OK);
    forge_journal(h, false, true);
    assert_int_equal(sqlite3_exec(h, triggers, NULL, NULL, NULL), SQLITE_OK);
    sqlite3_free(triggers);
    sqlite3_close(h);
    fixture_start(x);
}

static void archive(struct db_fixture *x)
{
    const struct work_call ask = {.action = WORK_ARCHIVE, .object = "before"};
    struct retention_report r;
    struct failure f = {0};

    x->wall_ms += YEAR_MS;
    assert_int_equal(work_do(x->db, &ask, NULL, &f), 0);
    if (retention_archive(x->db, x->wall_ms, NULL, &r, &f) != 0)
        fail_msg("%s", f.detail);
}

static void a_mark_outlives_the_archive(void **state)
{
    (void)state;
    struct db_fixture x;
    struct failure f = {0};

    fixture_new(&x);
    x.has_clock = true;
    fixture_start(&x);
    for (uint32_t tail = 1; tail <= 4; tail++)
        fixture_flash(&x, 1, "L1", tail, RESULT_PASS, FAILURE_NONE);
    say(&x, 'Q', NULL, 1);
    say(&x, 'S', NULL, 2);
    as_of_before(&x);
    assert_int_equal(comes_again(&x, 2, false).hold.code, HOLD_MAC_REFUSED);
    archive(&x);
    assert_int_equal(fixture_int(&x, "SELECT count(*) FROM attempt"), 0);
    assert_int_equal(comes_again(&x, 1, false).hold.code, HOLD_MAC_REFUSED);
    assert_int_equal(comes_again(&x, 2, false).hold.code, HOLD_MAC_REFUSED);
    assert_int_equal(comes_again(&x, 3, false).hold.code, HOLD_MAC_DUPLICATE);
    /* What is archived can still be marked, by its MAC; not by an attempt of another unit. */
    say(&x, 'Q', "24:0a:c4:00:00:04", 4);
    assert_int_equal(comes_again(&x, 4, false).hold.code, HOLD_MAC_REFUSED);
    const struct work_call other = {
        .action = WORK_SCRAP, .object = "24:0a:c4:00:00:04", .number = 3, .reason = "cracked"};
    assert_int_equal(work_do(x.db, &other, NULL, &f), -1);
    say(&x, 'L', "24:0a:c4:00:00:02", 5);
    assert_int_equal(comes_again(&x, 2, false).hold.code, HOLD_MAC_DUPLICATE);
    fixture_free(&x);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_last_mark_counts),
        cmocka_unit_test(the_hold_says_who_why_and_the_way_out),
        cmocka_unit_test(a_mark_outlives_the_archive),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
