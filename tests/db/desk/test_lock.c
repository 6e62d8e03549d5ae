/* SPDX-License-Identifier: Apache-2.0 */
/* The rules of the role lock: who is an engineer, which PIN opens, which clock counts, what the station's job is. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "base/plain.h"
#include "db/care/retention.h"
#include "db/care/verify.h"
#include "db/desk/current_job.h"
#include "db/desk/operator.h"
#include "db/desk/work.h"
#include "tests/support/db_fixture.h"

#define PIN    "471108"
#define PIN_2  "correct horse"
#define MINUTE 60000

static void must(struct db_fixture *x, struct work_call call)
{
    struct failure f = {0};

    if (work_do(x->db, &call, NULL, &f) != 0)
        fail_msg("%s: %s", work_action_name(call.action), f.detail);
}

static struct failure must_not(struct db_fixture *x, struct work_call call)
{
    struct failure f = {0};
    int64_t audits = fixture_int(x, "SELECT count(*) FROM audit");

    if (work_do(x->db, &call, NULL, &f) == 0)
        fail_msg("%s was allowed", work_action_name(call.action));
    assert_int_equal(fixture_int(x, "SELECT count(*) FROM audit"), audits);
    return f;
}

static void enrol(struct db_fixture *x, const char *name, const char *role, const char *badge,
                  const char *fresh, const char *pin)
{
    must(x, (struct work_call){.action = WORK_OPERATOR_ADD,
                               .object = name,
                               .text = role,
                               .badge = badge,
                               .new_pin = fresh,
                               .pin = pin});
}

static struct operator_info look(struct db_fixture *x, const char *name)
{
    struct operator_info o = {0};
    struct failure f = {0};

    assert_int_equal(operator_by_name(x->db, name, &o, &f), 0);
    return o;
}

static bool is_closed(struct db_fixture *x)
{
    struct failure f = {0};

    return operator_lock_closed(x->db, &f) == 1;
}

static void begin(struct db_fixture *x)
{
    fixture_new(x);
    x->has_clock = true;
    x->wall_ms = 1795341600000;
    x->mono_us = 900000000;
    x->clock.boot = "boot-1";
    fixture_start(x);
}

static void a_new_badge_leaves_role_and_pin(void **state)
{
    (void)state;
    struct db_fixture x;

    begin(&x);
    enrol(&x, "en1", "engineer", NULL, PIN, NULL);
    enrol(&x, "op-8", NULL, "B-2", NULL, PIN); /* new: an operator */
    assert_false(look(&x, "op-8").is_engineer);
    enrol(&x, "en1", NULL, "B-1", NULL, PIN);
    assert_true(look(&x, "en1").is_engineer);
    assert_true(look(&x, "en1").has_pin && look(&x, "en1").has_badge);
    assert_true(is_closed(&x));
    assert_int_equal(
        fixture_int(&x, "SELECT old = 'engineer, active, PIN' AND new = 'engineer, active, new badge, PIN'"
                        " FROM audit ORDER BY id DESC LIMIT 1"),
        1);
    must_not(&x, (struct work_call){.action = WORK_OPERATOR_ADD, .object = "op-8", .badge = "", .pin = PIN});
    fixture_free(&x);
}

static void the_last_engineer_stays(void **state)
{
    (void)state;
    struct db_fixture x;
    const struct work_call demote = {
        .action = WORK_OPERATOR_ADD, .object = "en1", .text = "operator", .pin = PIN};
    const struct work_call disable = {.action = WORK_OPERATOR_DISABLE, .object = "en1", .pin = PIN};

    begin(&x);
    enrol(&x, "en1", "engineer", NULL, PIN, NULL);
    assert_non_null(strstr(must_not(&x, demote).detail, "last engineer"));
    assert_non_null(strstr(must_not(&x, disable).detail, "last engineer"));
    must_not(&x, (struct work_call){.action = WORK_OPERATOR_DISABLE, .object = "nobody", .pin = PIN});
    assert_true(is_closed(&x));
    /* An engineer who may no longer work is none. */
    enrol(&x, "en2", "engineer", NULL, PIN_2, PIN);
    must(&x, (struct work_call){.action = WORK_OPERATOR_DISABLE, .object = "en2", .pin = PIN});
    must_not(&x, demote);
    must_not(&x, disable);
    /* With another one at work either may go, and his PIN with him. */
    enrol(&x, "en2", NULL, NULL, NULL, PIN);
    assert_true(look(&x, "en2").active && look(&x, "en2").is_engineer);
    must(&x, demote);
    assert_true(is_closed(&x));
    assert_int_equal(must_not(&x, disable).sys, EACCES);
    must_not(&x, (struct work_call){
                     .action = WORK_OPERATOR_ADD, .object = "en1", .text = "engineer", .pin = PIN_2});
    fixture_free(&x);
}

static void wrong(struct db_fixture *x, int count)
{
    struct operator_info who;
    struct failure f;

    for (int i = 0; i < count; i++)
        assert_int_equal(operator_by_pin(x->db, NULL, "000000", &who, &f), -EACCES);
}

static int right(struct db_fixture *x)
{
    struct operator_info who;
    struct failure f;

    return operator_by_pin(x->db, NULL, PIN, &who, &f);
}

/* A start of the machine: its own time begins anew, the records stay. */
static void reboot(struct db_fixture *x, const char *boot, int64_t mono_ms, int64_t wall_ms)
{
    fixture_stop(x);
    x->clock.boot = boot;
    x->mono_us = mono_ms * 1000;
    x->wall_ms = wall_ms;
    fixture_start(x);
}

/* What an operator can do to the clock of the wall between two wrong PINs: none of it lets one more be tried. */
static void no_wall_clock_counts_wrong_pins(void **state)
{
    (void)state;
    static const int64_t walls[] = {
        1795341600000,           1795341600000 + 7200000,  1795341600000 - 7200000,
        0 /* a bad RTC: 1970 */, 1893456000000 /* 2030 */, 4102444800000};
    struct db_fixture x;

    for (size_t i = 0; i < sizeof walls / sizeof walls[0]; i++) {
        begin(&x);
        enrol(&x, "en1", "engineer", NULL, PIN, NULL);
        x.wall_ms = walls[i];
        wrong(&x, 4);
        assert_int_equal(right(&x), 0); /* it ends the series */
        wrong(&x, 3);
        for (size_t j = 0; j < sizeof walls / sizeof walls[0]; j++) {
            x.wall_ms = walls[j];
            if (j < 2)
                wrong(&x, 1);
            else
                assert_int_equal(right(&x), -EAGAIN);
        }
        x.mono_us += (MINUTE - 1) * 1000;
        assert_int_equal(right(&x), -EAGAIN);
        x.mono_us += 1000;
        x.wall_ms = walls[i];
        assert_int_equal(right(&x), 0);
        fixture_free(&x);
    }
}

static void a_restart_of_the_machine_forgets_no_wrong_pin(void **state)
{
    (void)state;
    struct db_fixture x;

    begin(&x);
    enrol(&x, "en1", "engineer", NULL, PIN, NULL);
    wrong(&x, 5);
    reboot(&x, "boot-2", 8000, 0);
    assert_int_equal(right(&x), -EAGAIN);
    x.mono_us = (MINUTE - 1) * 1000;
    assert_int_equal(right(&x), -EAGAIN);
    x.mono_us = MINUTE * 1000;
    assert_int_equal(right(&x), 0);
    /* Three, then power off and on, then two: five. */
    wrong(&x, 3);
    reboot(&x, "boot-3", 5000, 1893456000000);
    wrong(&x, 2);
    assert_int_equal(right(&x), -EAGAIN);
    x.mono_us += (MINUTE + 5000) * 1000;
    assert_int_equal(right(&x), 0);
    /* Wrong ones of an earlier boot that were minutes apart are no series. */
    for (int i = 0; i < 5; i++) {
        x.mono_us += 2 * MINUTE * 1000;
        wrong(&x, 1);
    }
    reboot(&x, "boot-4", 5000, 1795341600000);
    assert_int_equal(right(&x), 0);
    /* The programme's own restart in the same boot changes nothing at all. */
    wrong(&x, 5);
    reboot(&x, "boot-4", 5001, 1795341600000);
    assert_int_equal(right(&x), -EAGAIN);
    fixture_free(&x);
}

/* Rows that say they are of 2030, as a clock that was wrong once made them: they hold nobody up. */
static void events_to_come_do_not_lock_the_right_pin_out(void **state)
{
    (void)state;
    struct db_fixture x;

    begin(&x);
    enrol(&x, "en1", "engineer", NULL, PIN, NULL);
    x.wall_ms = 1893456000000;
    wrong(&x, 5);
    x.wall_ms = 1795341600000;
    x.mono_us += MINUTE * 1000;
    assert_int_equal(right(&x), 0);
    assert_int_equal(fixture_exec(&x,
                                  "INSERT INTO event(at_ms, run_id, kind, amount, text)"
                                  " SELECT 1893456000000, (SELECT max(id) FROM run), 'PIN', 99999999999, 'x'"
                                  " FROM (VALUES (1), (2), (3), (4), (5), (6))"),
                     0);
    assert_int_equal(right(&x), 0);
    /* Those of before this rule were counted by the wall's clock alone. */
    assert_int_equal(fixture_exec(&x, "INSERT INTO event(at_ms, run_id, kind, amount, text)"
                                      " SELECT 1893456000000, (SELECT max(id) FROM run), 'PIN', 0, 'x'"
                                      " FROM (VALUES (1), (2), (3), (4), (5), (6))"),
                     0);
    assert_int_equal(right(&x), 0);
    fixture_free(&x);
}

static void a_pin_is_six_digits_or_a_passphrase(void **state)
{
    (void)state;
    static const char *const bad[] = {"",
                                      "1",
                                      "12345",
                                      "abcdef",
                                      "12 456",
                                      "passwor",
                                      "12345\t",
                                      "secret\x7f"
                                      "8",
                                      "1234567890123456789012345678901234567890"
                                      "1234567890123456789012345"};
    static const char *const good[] = {"123450", "0000001", "pass phrase",
                                       "Stra\xc3\x9f"
                                       "e 7"};
    struct db_fixture x;
    const char *pin = NULL;

    begin(&x);
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        must_not(&x,
                 (struct work_call){
                     .action = WORK_OPERATOR_ADD, .object = "en1", .text = "engineer", .new_pin = bad[i]});
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        enrol(&x, "en1", "engineer", NULL, good[i], pin);
        pin = good[i];
    }
    assert_int_equal(right(&x), -EACCES);
    fixture_free(&x);
}

/* 4711 with the salt 00 01 .. 0f: scrypt(N 16384, r 8, p 1), by Python's hashlib. */
#define SHORT_PIN  "4711"
#define SHORT_HASH "2bfd0be668642719e04b42e62825a6702d474aa4d39c766c6ed34c0d8d68838c"

static void enrol_from_before(struct db_fixture *x)
{
    enrol(x, "en1", "engineer", NULL, PIN, NULL);
    assert_int_equal(fixture_exec(x, "UPDATE operator SET pin_salt = x'000102030405060708090a0b0c0d0e0f',"
                                     " pin_hash = x'" SHORT_HASH "' WHERE name = 'en1'"),
                     0);
}

static void a_short_pin_opens_once_more_and_must_then_change(void **state)
{
    (void)state;
    struct db_fixture x;
    struct work_receipt r = {0};
    struct failure f = {0};
    struct work_call reopen = {
        .action = WORK_LOT_EXTEND, .object = "A", .number = 1, .pin = SHORT_PIN, .reason = "more of them"};
    struct work_call change = {.action = WORK_PIN, .object = "en1", .pin = SHORT_PIN, .new_pin = "471109"};

    begin(&x);
    enrol_from_before(&x);
    must(&x, (struct work_call){.action = WORK_LOT_OPEN, .object = "A", .number = 5});
    /* What is refused for another cause uses nothing up. */
    reopen.reason = NULL;
    assert_int_equal(must_not(&x, reopen).sys, EINVAL);
    reopen.reason = "more of them";
    reopen.object = "B";
    must_not(&x, reopen);
    reopen.object = "A";
    assert_int_equal(work_do(x.db, &reopen, &r, &f), 0);
    assert_true(r.pin_short);
    assert_string_equal(r.who, "en1");
    f = must_not(&x, reopen);
    assert_int_equal(f.code, FAIL_ROLE);
    assert_int_equal(f.sys, EKEYEXPIRED);
    assert_non_null(strstr(f.detail, "flashline operator pin en1"));
    change.new_pin = "4712";
    must_not(&x, change);
    change.new_pin = SHORT_PIN;
    must_not(&x, change);
    change.new_pin = "471109";
    change.pin = "4712";
    assert_int_equal(must_not(&x, change).sys, EACCES);
    change.pin = SHORT_PIN;
    must(&x, change);
    assert_int_equal(must_not(&x, reopen).sys, EACCES);
    reopen.pin = "471109";
    r.pin_short = true;
    assert_int_equal(work_do(x.db, &reopen, &r, &f), 0);
    assert_false(r.pin_short);
    assert_int_equal(fixture_int(&x, "SELECT count(*) FROM audit WHERE action = 'operator.pin_short'"), 1);
    fixture_free(&x);
}

static void a_pin_is_changed_by_its_owner(void **state)
{
    (void)state;
    struct db_fixture x;
    struct work_call change = {.action = WORK_PIN, .object = "en2", .pin = PIN, .new_pin = "471109"};

    begin(&x);
    must_not(&x, change); /* nobody has one */
    enrol(&x, "en1", "engineer", NULL, PIN, NULL);
    enrol(&x, "en2", "engineer", NULL, PIN_2, PIN);
    assert_non_null(strstr(must_not(&x, change).detail, "another engineer"));
    change.object = NULL;
    must(&x, change);
    assert_int_equal(right(&x), -EACCES);
    enrol(&x, "op-8", NULL, NULL, NULL, "471109");
    enrol(&x, "op-9", NULL, NULL, NULL, PIN_2);
    fixture_free(&x);
}

static void a_reason_is_words(void **state)
{
    (void)state;
    static const char *const bad[] = {" ",           "\t",
                                      "...",         "-",
                                      "12-34",       "why\nnot",
                                      "\x1b[2J",     "ok \xe2\x80\xae",
                                      "\xff\xfe",    "\xe2\x80\xa6 \xc2\xa0",
                                      "\xe3\x80\x82"};
    static const char *const good[] = {"x",
                                       "cable changed",
                                       "NCR 4711",
                                       "\xc3\x9c"
                                       "berpr\xc3\xbc"
                                       "ft",
                                       "\xe8\xa3\x9c\xe4\xbf\xae",
                                       "\xd7\xa9\xd7\x9c"};
    struct db_fixture x;
    struct work_call reopen = {.action = WORK_LOT_REOPEN, .object = "A"};

    begin(&x);
    must(&x, (struct work_call){.action = WORK_LOT_OPEN, .object = "A"});
    must(&x, (struct work_call){.action = WORK_LOT_CLOSE, .object = "A"});
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        reopen.reason = bad[i];
        assert_int_equal(must_not(&x, reopen).sys, EINVAL);
    }
    /* Where none is needed, one that is given is words all the same. */
    must_not(&x, (struct work_call){.action = WORK_LOT_OPEN, .object = "B", .reason = "..."});
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        reopen.reason = good[i];
        must(&x, reopen);
        must(&x, (struct work_call){.action = WORK_LOT_CLOSE, .object = "A"});
    }
    fixture_free(&x);
}

/* Marks of direction, control characters, broken UTF-8: at no door into a name. */
static void names_are_plain(void **state)
{
    (void)state;
    static const char *const marks[] = {"\xe2\x80\x8e", "\xe2\x80\x8f", "\xe2\x80\xaa", "\xe2\x80\xae",
                                        "\xe2\x81\xa6", "\xe2\x81\xa9", "\xd8\x9c",     "\n",
                                        "\x1b",         "\xc2\x9b",     "\xff"};
    struct db_fixture x;
    char name[32];

    assert_null(plain_trouble("\xd7\xa9\xd7\x9c 7")); /* from right to left, but turning nothing */
    begin(&x);
    for (size_t i = 0; i < sizeof marks / sizeof marks[0]; i++) {
        struct duty *duty = db_recorder_duty(x.rec);

        snprintf(name, sizeof name, "L%s7", marks[i]);
        assert_non_null(plain_trouble(name));
        must_not(&x, (struct work_call){.action = WORK_LOT_OPEN, .object = name});
        must_not(&x, (struct work_call){.action = WORK_LOT_OPEN, .object = "L", .text = name});
        must_not(&x, (struct work_call){.action = WORK_LOT_OPEN, .object = "L", .actor = name});
        must_not(&x, (struct work_call){.action = WORK_OPERATOR_ADD, .object = name});
        must_not(&x, (struct work_call){.action = WORK_OPERATOR_ADD, .object = "op", .badge = name});
        assert_int_equal(duty_set_lot(duty, name), -EINVAL);
        assert_int_equal(duty_set_operator(duty, name), -EINVAL);
    }
    fixture_free(&x);
}

/* What makes a name, and who asks for it: whole, or not at all. */
static void no_name_is_cut_or_blank(void **state)
{
    (void)state;
    struct db_fixture x;
    char name[65];
    const char *const bad[] = {name, " ", "\xc2\xa0"};

    memset(name, 'x', sizeof name - 1);
    name[64] = '\0';
    begin(&x);
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        assert_non_null(plain_name_trouble(bad[i]));
        must_not(&x, (struct work_call){.action = WORK_LOT_OPEN, .object = bad[i]});
        must_not(&x, (struct work_call){.action = WORK_LOT_OPEN, .object = "L", .text = bad[i]});
        must_not(&x, (struct work_call){.action = WORK_LOT_OPEN, .object = "L", .actor = bad[i]});
        must_not(&x, (struct work_call){.action = WORK_OPERATOR_ADD, .object = bad[i]});
    }
    name[63] = '\0';
    must(&x, (struct work_call){.action = WORK_LOT_OPEN, .object = name, .text = name, .actor = name});
    must(&x, (struct work_call){.action = WORK_OPERATOR_ADD, .object = name});
    assert_int_equal(
        fixture_int(&x, "SELECT length(code) + length(work_order) FROM lot ORDER BY id DESC LIMIT 1"), 126);
    fixture_free(&x);
}

static int start(struct db_fixture *x, const char *name, struct failure *f)
{
    const struct attempt_start s = board_start(1);
    int64_t attempt;

    memset(f, 0, sizeof *f);
    duty_set_operator(db_recorder_duty(x->rec), name);
    return x->face->open(x->face->ctx, &s, &attempt, f);
}

static void an_operator_who_is_required_is_enrolled_active_and_badged(void **state)
{
    (void)state;
    struct db_fixture x;
    struct failure f;

    fixture_new(&x);
    x.policy.operator_required = true;
    fixture_start(&x);
    enrol(&x, "en1", "engineer", NULL, PIN, NULL);
    enrol(&x, "plain", NULL, NULL, NULL, PIN);
    enrol(&x, "badged", NULL, "B-1", NULL, PIN);
    enrol(&x, "gone", NULL, "B-2", NULL, PIN);
    must(&x, (struct work_call){.action = WORK_OPERATOR_DISABLE, .object = "gone", .pin = PIN});
    static const char *const no[] = {"", "anybody", "plain", "en1", "gone", "Badged"};
    for (size_t i = 0; i < sizeof no / sizeof no[0]; i++) {
        assert_int_equal(start(&x, no[i], &f), -1);
        assert_int_equal(f.code, FAIL_LOGIN);
    }
    assert_int_equal(fixture_int(&x, "SELECT count(*) FROM operator"),
                     4); /* who was refused is not enrolled by it */
    assert_int_equal(start(&x, "badged", &f), 0);
    /* Sent away while at work: the next board does not start. */
    must(&x, (struct work_call){.action = WORK_OPERATOR_DISABLE, .object = "badged", .pin = PIN});
    assert_int_equal(start(&x, "badged", &f), -1);
    fixture_free(&x);
}

static void who_was_sent_away_does_nothing(void **state)
{
    (void)state;
    struct db_fixture x;

    begin(&x);
    enrol(&x, "en1", "engineer", NULL, PIN, NULL);
    enrol(&x, "op-8", NULL, "B-2", NULL, PIN);
    must(&x, (struct work_call){.action = WORK_LOT_OPEN, .object = "A", .actor = "op-8"});
    must(&x,
         (struct work_call){.action = WORK_LOGIN, .object = "op-8", .actor = "op-8", .door = DOOR_SCREEN});
    must(&x, (struct work_call){.action = WORK_OPERATOR_DISABLE, .object = "op-8", .pin = PIN});
    assert_int_equal(
        must_not(&x, (struct work_call){.action = WORK_LOT_OPEN, .object = "B", .actor = "op-8"}).sys, EPERM);
    must_not(&x, (struct work_call){.action = WORK_LOGIN, .object = "op-8", .door = DOOR_SCREEN});
    must_not(&x, (struct work_call){.action = WORK_LOGIN, .object = "stranger", .door = DOOR_SCREEN});
    fixture_free(&x);
}

static void expect_job(struct db_fixture *x, const char *name, const char *sha256)
{
    struct current_job now;
    struct failure f = {0};

    assert_int_equal(current_job_read(x->db, &now, &f), 0);
    assert_string_equal(now.name, name);
    assert_string_equal(now.sha256, sha256);
}

#define HASH_0 "0000000000000000000000000000000000000000000000000000000000000000"
#define HASH_A "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define HASH_B "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"

/* All attempts in an archive, or none made yet: the station still knows what it works with. */
static void the_current_job_outlives_the_attempts(void **state)
{
    (void)state;
    struct db_fixture x;
    struct retention_report r;
    struct verify_report v;
    struct failure f = {0};
    char file[160];

    begin(&x);
    expect_job(&x, "", "");
    fixture_flash(&x, 1, "", 1, RESULT_PASS, FAILURE_NONE); /* recorded before the audit knew of jobs */
    expect_job(&x, "wipy", HASH_0);
    snprintf(file, sizeof file, "%s/old.db", x.dir);
    must(&x, (struct work_call){.action = WORK_ARCHIVE, .object = "before", .text = "tomorrow"});
    assert_int_equal(retention_archive(x.db, x.wall_ms + 1000, file, &r, &f), 0);
    assert_int_equal(r.rows, 1);
    assert_int_equal(fixture_int(&x, "SELECT count(*) FROM attempt"), 0);
    expect_job(&x, "wipy", HASH_0);
    assert_int_equal(current_job_note(x.db, "wipy", HASH_0, &f), 0);
    must(&x, (struct work_call){
                 .action = WORK_JOB_CHANGE, .object = "second", .text = HASH_A, .door = DOOR_SCREEN});
    expect_job(&x, "second", HASH_A); /* chosen, though no board was made with it */
    fixture_flash(&x, 1, "", 2, RESULT_PASS, FAILURE_NONE);
    expect_job(&x, "second", HASH_A);
    must(&x, (struct work_call){
                 .action = WORK_JOB_UNRELEASED, .object = "draft", .text = HASH_B, .door = DOOR_START});
    expect_job(&x, "draft", HASH_B);
    assert_int_equal(verify_chain(x.db, &v, &f), 0);
    assert_int_equal(v.first_bad, 0);
    fixture_free(&x);
}

/* What the table does not give to a door is refused there, PIN or no PIN. */
static void a_door_gives_what_the_table_gives_it(void **state)
{
    (void)state;
    struct db_fixture x;
    int refused = 0;

    begin(&x);
    enrol(&x, "en1", "engineer", NULL, PIN, NULL);
    for (int a = 0; a < WORK_ACTION_COUNT; a++) {
        int doors = 0;
        for (int d = 0; d < DOOR_COUNT; d++) {
            doors += work_is_at((enum work_action)a, (enum work_door)d);
            if (work_is_at((enum work_action)a, (enum work_door)d))
                continue;
            assert_int_equal(must_not(&x, (struct work_call){.action = (enum work_action)a,
                                                             .door = (enum work_door)d,
                                                             .object = "A",
                                                             .reason = "why not",
                                                             .pin = PIN})
                                 .sys,
                             ENOTSUP);
            refused++;
        }
        assert_true(doors > 0);
    }
    assert_true(refused > 20);
    fixture_free(&x);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_new_badge_leaves_role_and_pin),
        cmocka_unit_test(the_last_engineer_stays),
        cmocka_unit_test(no_wall_clock_counts_wrong_pins),
        cmocka_unit_test(a_restart_of_the_machine_forgets_no_wrong_pin),
        cmocka_unit_test(events_to_come_do_not_lock_the_right_pin_out),
        cmocka_unit_test(a_pin_is_six_digits_or_a_passphrase),
        cmocka_unit_test(a_short_pin_opens_once_more_and_must_then_change),
        cmocka_unit_test(a_pin_is_changed_by_its_owner),
        cmocka_unit_test(a_reason_is_words),
        cmocka_unit_test(names_are_plain),
        cmocka_unit_test(no_name_is_cut_or_blank),
        cmocka_unit_test(an_operator_who_is_required_is_enrolled_active_and_badged),
        cmocka_unit_test(who_was_sent_away_does_nothing),
        cmocka_unit_test(the_current_job_outlives_the_attempts),
        cmocka_unit_test(a_door_gives_what_the_table_gives_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
