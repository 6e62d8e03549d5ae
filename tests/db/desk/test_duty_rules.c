/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who may stand on a board's record, on which lot, with which job: without these rules a run starts under a name nobody has, on a
 * lot that is closed, or with the wrong firmware for the right lot.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "db/care/verify.h"
#include "db/desk/duty_rules.h"
#include "db/desk/lot.h"
#include "db/desk/work.h"
#include "tests/support/db_fixture.h"

#define PIN  "246810"
#define HASH "1111111111111111111111111111111111111111111111111111111111111111"

static const uint8_t pinned[SHA256_SIZE] = {0x11, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11,
                                            0x11, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11,
                                            0x11, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11};
static const uint8_t other[SHA256_SIZE] = {0x22};

static void must(struct db_fixture *x, struct work_call call)
{
    struct failure f = {0};

    if (work_do(x->db, &call, NULL, &f) != 0)
        fail_msg("%s", f.detail);
}

static void begin(struct db_fixture *x, bool enrolled)
{
    fixture_new(x);
    fixture_start(x);
    must(x, (struct work_call){.action = WORK_OPERATOR_ADD, .object = "plain"});
    must(x, (struct work_call){.action = WORK_OPERATOR_ADD, .object = "badged", .badge = "B-1"});
    must(x, (struct work_call){.action = WORK_OPERATOR_ADD, .object = "gone", .badge = "B-2"});
    must(x, (struct work_call){.action = WORK_OPERATOR_DISABLE, .object = "gone"});
    must(x, (struct work_call){.action = WORK_LOT_OPEN, .object = "A-17"});
    must(x, (struct work_call){.action = WORK_LOT_OPEN, .object = "SHUT"});
    must(x, (struct work_call){.action = WORK_LOT_CLOSE, .object = "SHUT"});
    must(x,
         (struct work_call){.action = WORK_LOT_OPEN, .object = "BOUND", .job = "wipy", .job_sha256 = HASH});
    if (enrolled)
        must(x, (struct work_call){
                    .action = WORK_OPERATOR_ADD, .object = "en1", .text = "engineer", .new_pin = PIN});
}

static void an_operator_is_somebody_who_may_work_here(void **state)
{
    (void)state;
    char long300[301];
    memset(long300, 'x', 300);
    long300[300] = '\0';
    /* What is answered: with nobody enrolled, with an engineer, where one with a badge is required. */
    const struct {
        const char *name;
        int nobody, engineer, required;
    } rows[] = {{"", 0, 0, -1},         {"plain", 0, 0, -1},  {"badged", 0, 0, 0},   {"gone", -1, -1, -1},
                {"unknown", 0, -1, -1}, {" ", -1, -1, -1},    {long300, -1, -1, -1}, {"a\x1b[2J", -1, -1, -1},
                {"=cmd", 0, -1, -1},    {"Badged", 0, -1, -1}};

    for (int enrolled = 0; enrolled < 2; enrolled++) {
        struct db_fixture x;
        begin(&x, enrolled != 0);
        for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
            const struct duty_rules free = {0}, required = {.operator_required = true};
            struct failure f = {0};
            int got = duty_rules_operator(x.db, &free, rows[i].name, &f);
            if (got != (enrolled ? rows[i].engineer : rows[i].nobody) || (got != 0 && f.detail[0] == '\0'))
                fail_msg("'%s', enrolled %d: %d %s", rows[i].name, enrolled, got, f.detail);
            failure_clear(&f);
            got = duty_rules_operator(x.db, &required, rows[i].name, &f);
            if (got != rows[i].required)
                fail_msg("'%s', required, enrolled %d: %d %s", rows[i].name, enrolled, got, f.detail);
        }
        fixture_free(&x);
    }
}

static void a_lot_is_open_or_may_be_opened(void **state)
{
    (void)state;
    char long300[301];
    memset(long300, 'x', 300);
    long300[300] = '\0';
    const struct {
        const char *lot;
        int unsaid, unsaid_enrolled, no, yes;
    } rows[] = {{"", 0, 0, 0, 0},        {"A-17", 0, 0, 0, 0},   {"SHUT", -1, -1, -1, -1},
                {"NEW", 1, -1, -1, 1},   {" ", -1, -1, -1, -1},  {long300, -1, -1, -1, -1},
                {"a\n", -1, -1, -1, -1}, {"=cmd", 1, -1, -1, 1}, {"BOUND", 0, 0, 0, 0}};
    const struct duty_job job = {.name = "wipy", .sha256 = pinned, .released = true};

    for (int enrolled = 0; enrolled < 2; enrolled++) {
        struct db_fixture x;
        begin(&x, enrolled != 0);
        for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
            const int want[] = {enrolled ? rows[i].unsaid_enrolled : rows[i].unsaid, rows[i].no, rows[i].yes};
            for (int open = OPEN_LOTS_UNSAID; open <= OPEN_LOTS_YES; open++) {
                const struct duty_rules r = {.open_lots = (enum open_lots)open};
                struct failure f = {0};
                int got = duty_rules_lot(x.db, &r, rows[i].lot, &job, &f);
                if (got != want[open] || (got < 0 && f.detail[0] == '\0'))
                    fail_msg("'%s', enrolled %d, open_lots %d: %d %s", rows[i].lot, enrolled, open, got,
                             f.detail);
            }
        }
        assert_int_equal(fixture_int(&x, "SELECT count(*) FROM lot"), 3); /* asking opens nothing */
        fixture_free(&x);
    }
}

/* Wrong firmware on the right lot: another job, another hash of it, one that is not released. By name. */
static void a_lot_that_names_its_job_takes_no_other(void **state)
{
    (void)state;
    static const struct {
        struct duty_job job;
        bool fits;
        const char *says;
    } rows[] = {{{"wipy", pinned, true}, true, ""},
                {{"lopy4", pinned, true}, false, "lot BOUND is for job wipy, this is lopy4"},
                {{"wipy", other, true},
                 false,
                 "lot BOUND is for job wipy with hash 11111111, this is one with 22000000"},
                {{"wipy", other, false}, false, "this is not released, 22000000"}};
    const struct duty_rules r = {0};
    struct db_fixture x;

    begin(&x, false);
    duty_set_lot(db_recorder_duty(x.rec), "BOUND");
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct attempt_start s = board_start(1);
        struct failure f = {0};
        int64_t attempt = 0;
        assert_int_equal(duty_rules_lot(x.db, &r, "BOUND", &rows[i].job, &f), rows[i].fits ? 0 : -1);
        if (strstr(f.detail, rows[i].says) == NULL)
            fail_msg("row %zu says '%s'", i, f.detail);
        /* The last door: a board that stands there already, a job that was changed. */
        snprintf(s.job_name, sizeof s.job_name, "%s", rows[i].job.name);
        memcpy(s.job_sha256, rows[i].job.sha256, SHA256_SIZE);
        failure_clear(&f);
        assert_int_equal(x.face->open(x.face->ctx, &s, &attempt, &f), rows[i].fits ? 0 : -1);
        if (!rows[i].fits)
            assert_int_equal(f.code, FAIL_WORK);
    }
    assert_int_equal(fixture_int(&x, "SELECT count(*) FROM attempt"), 1);
    /* Any other lot takes them all. */
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        assert_int_equal(duty_rules_lot(x.db, &r, "A-17", &rows[i].job, NULL), 0);
    fixture_free(&x);
}

/* A binding without a hash would be one to a name, and one that was changed must show. */
static void a_binding_is_whole_audited_and_held_by_the_journal(void **state)
{
    (void)state;
    static const char *const bad[] = {NULL,
                                      "",
                                      "11",
                                      (HASH "1"),
                                      "Z111111111111111111111111111111111111111111111111111111111111111",
                                      "AA11111111111111111111111111111111111111111111111111111111111111"};
    struct db_fixture x;
    struct lot_status l;
    struct verify_report r;
    struct failure f = {0};

    begin(&x, false);
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        const struct work_call call = {
            .action = WORK_LOT_OPEN, .object = "B-2", .job = "wipy", .job_sha256 = bad[i]};
        assert_int_equal(work_do(x.db, &call, NULL, &f), -1);
    }
    const struct work_call acting = {
        .action = WORK_LOT_OPEN, .object = "B-2", .job = "wi\npy", .job_sha256 = HASH};
    assert_int_equal(work_do(x.db, &acting, NULL, &f), -1);
    assert_int_equal(lot_status(x.db, "BOUND", false, &l, &f), 0);
    assert_string_equal(l.job_name, "wipy");
    assert_string_equal(l.job_sha256, HASH);
    assert_int_equal(
        fixture_int(&x, "SELECT count(*) FROM audit WHERE object = 'BOUND' AND new = '0, job wipy " HASH "'"),
        1);
    assert_int_equal(verify_all(x.db, &r, &f), 0);
    assert_string_equal(r.text, "");
    fixture_stop(&x);
    assert_int_equal(fixture_exec(&x, "UPDATE lot SET job_name = 'lopy4' WHERE code = 'BOUND'"), 0);
    fixture_start(&x);
    assert_int_equal(verify_all(x.db, &r, &f), 0);
    assert_non_null(strstr(r.text, "BOUND was changed"));
    fixture_free(&x);
}

/* A name that was good when it was given: what became of it meanwhile is asked when a board begins, and said in the same words. */
static void a_name_is_asked_again_when_a_board_begins(void **state)
{
    (void)state;
    static const struct work_call away = {.action = WORK_OPERATOR_DISABLE, .object = "badged", .pin = PIN},
                                  shut = {.action = WORK_LOT_CLOSE, .object = "A-17", .pin = PIN},
                                  engineer = {.action = WORK_OPERATOR_ADD,
                                              .object = "en1",
                                              .text = "engineer",
                                              .new_pin = PIN};
    static const struct {
        const char *operator_id, *lot;
        const struct work_call *meanwhile; /* NULL: lots may no longer be opened by being named */
        enum failure_code code;
        const char *says;
    } rows[] = {
        {"badged", "A-17", &away, FAIL_LOGIN, "badged may no longer work here"},
        {"badged", "A-17", &shut, HOLD_LOT_FULL, "lot A-17 is closed"},
        {"stranger", "A-17", &engineer, FAIL_LOGIN, "nobody here is called stranger: flashline operator add"},
        {"badged", "STRANGE", &engineer, FAIL_WORK, "there is no lot STRANGE: flashline lots open"},
        {"badged", "STRANGE", NULL, FAIL_WORK, "there is no lot STRANGE: flashline lots open"},
    };

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const struct attempt_start s = board_start(1);
        const struct duty_rules before = {0};
        struct db_fixture x;
        struct failure f = {0};
        int64_t attempt = 0;
        begin(&x, false);
        assert_int_equal(duty_rules_operator(x.db, &before, rows[i].operator_id, &f), 0);
        assert_true(duty_rules_lot(x.db, &before, rows[i].lot, NULL, &f) >= 0);
        duty_set_operator(db_recorder_duty(x.rec), rows[i].operator_id);
        duty_set_lot(db_recorder_duty(x.rec), rows[i].lot);
        if (rows[i].meanwhile != NULL)
            must(&x, *rows[i].meanwhile);
        x.policy.open_lots = rows[i].meanwhile == NULL ? OPEN_LOTS_NO : OPEN_LOTS_UNSAID;
        db_recorder_set_policy(x.rec, &x.policy);
        assert_int_equal(x.face->open(x.face->ctx, &s, &attempt, &f), -1);
        if (f.code != rows[i].code || f.stage != STAGE_OPEN || strcmp(f.detail, rows[i].says) != 0)
            fail_msg("row %zu: %d %s", i, (int)f.code, f.detail);
        assert_int_equal(fixture_int(&x, "SELECT count(*) FROM attempt"), 0);
        fixture_free(&x);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_operator_is_somebody_who_may_work_here),
        cmocka_unit_test(a_lot_is_open_or_may_be_opened),
        cmocka_unit_test(a_lot_that_names_its_job_takes_no_other),
        cmocka_unit_test(a_name_is_asked_again_when_a_board_begins),
        cmocka_unit_test(a_binding_is_whole_audited_and_held_by_the_journal),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
