/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "db/care/verify.h"
#include "db/desk/lot.h"
#include "db/desk/operator.h"
#include "db/desk/stop_rule.h"
#include "db/desk/work.h"
#include "tests/support/db_fixture.h"

static struct failure open_refusal(struct db_fixture *x, int slot, const char *lot)
{
    const struct attempt_start s = board_start(slot);
    struct failure f = {0};
    int64_t attempt;

    if (lot != NULL)
        duty_set_lot(db_recorder_duty(x->rec), lot);
    assert_int_equal(x->face->open(x->face->ctx, &s, &attempt, &f), -1);
    assert_int_equal(attempt, 0);
    return f;
}

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

static void enrol_engineer(struct db_fixture *x)
{
    must(x, (struct work_call){.action = WORK_OPERATOR_ADD,
                               .object = "en1",
                               .text = "engineer",
                               .badge = "B-1",
                               .new_pin = "471108"});
}

static void a_lot_never_passes_its_plan(void **state)
{
    (void)state;
    struct db_fixture x;
    struct lot_status l;
    struct failure f = {0};
    const struct attempt_start s = board_start(1);
    int64_t a, b;

    fixture_new(&x);
    fixture_start(&x);
    must_not(&x, (struct work_call){.action = WORK_LOT_OPEN, .object = "", .number = 2});
    must(&x, (struct work_call){.action = WORK_LOT_OPEN, .object = "A", .number = 2, .text = "WO-7"});
    duty_set_lot(db_recorder_duty(x.rec), "A");
    assert_int_equal(x.face->open(x.face->ctx, &s, &a, &f), 0);
    assert_int_equal(x.face->open(x.face->ctx, &s, &b, &f), 0);
    f = open_refusal(&x, 3, "A"); /* both places are taken by running boards */
    assert_int_equal(f.code, HOLD_LOT_FULL);
    assert_int_equal(f.sys, EAGAIN);
    const struct attempt_result bad = board_end(RESULT_FAIL, FAIL_WRITE);
    assert_int_equal(x.face->close(x.face->ctx, a, &bad, &f), 0);
    assert_int_equal(x.face->close(x.face->ctx, b, &bad, &f), 0);
    fixture_flash(&x, 1, "A", 1, RESULT_PASS, FAILURE_NONE);
    fixture_flash(&x, 1, "A", 2, RESULT_PASS, FAILURE_NONE);
    f = open_refusal(&x, 3, "A");
    assert_int_equal(f.code, HOLD_LOT_FULL);
    assert_int_equal(f.sys, 0);
    assert_int_equal(lot_status(x.db, "A", false, &l, &f), 0);
    assert_int_equal(l.good, 2);
    assert_int_equal(l.attempts, 4);
    assert_string_equal(l.work_order, "WO-7");
    must_not(&x,
             (struct work_call){.action = WORK_LOT_EXTEND, .object = "A", .number = -1, .reason = "less"});
    must_not(&x, (struct work_call){.action = WORK_LOT_EXTEND, .object = "A", .number = 1});
    must(&x, (struct work_call){
                 .action = WORK_LOT_EXTEND, .object = "A", .number = 1, .reason = "customer wants one more"});
    fixture_flash(&x, 1, "A", 3, RESULT_PASS, FAILURE_NONE);
    assert_int_equal(open_refusal(&x, 3, "A").code, HOLD_LOT_FULL);
    must(&x, (struct work_call){.action = WORK_LOT_CLOSE, .object = "A"});
    assert_non_null(strstr(open_refusal(&x, 3, "A").detail, "closed"));
    assert_int_equal(fixture_int(&x, "SELECT count(*) FROM audit"), 3);
    fixture_free(&x);
}

/* Good is who is good now (docs/terminology.md): who fails when flashed again, or is scrapped, gives the place free. */
static void a_board_that_is_good_no_more_gives_its_place_free(void **state)
{
    (void)state;
    struct db_fixture x;
    struct lot_status l;
    struct failure f = {0};

    fixture_new(&x);
    x.policy.on_duplicate = DUPLICATE_REWORK;
    fixture_start(&x);
    must(&x, (struct work_call){.action = WORK_LOT_OPEN, .object = "A", .number = 3});
    for (uint32_t i = 1; i <= 2; i++)
        fixture_flash(&x, 1, "A", i, RESULT_PASS, FAILURE_NONE);
    fixture_flash(&x, 1, "A", 1, RESULT_FAIL, FAIL_WRITE);
    int64_t last = fixture_flash(&x, 1, "A", 3, RESULT_PASS, FAILURE_NONE);
    fixture_flash(&x, 1, "A", 4, RESULT_FAIL, FAIL_WRITE);
    assert_int_equal(lot_status(x.db, "A", false, &l, &f), 0);
    assert_int_equal(l.good, 2);
    assert_int_equal(l.units, 4);
    assert_int_equal(l.attempts, 5);
    must(&x, (struct work_call){.action = WORK_SCRAP, .number = last, .reason = "burnt"});
    assert_int_equal(lot_status(x.db, "A", false, &l, &f), 0);
    assert_int_equal(l.good, 1);
    must(&x, (struct work_call){.action = WORK_NOTE, .number = last, .reason = "smelt of it"}); /* no mark */
    must(&x, (struct work_call){.action = WORK_LOT_EXTEND, .object = "A", .number = -1, .reason = "fewer"});
    fixture_flash(&x, 1, "A", 5, RESULT_PASS, FAILURE_NONE);
    assert_int_equal(open_refusal(&x, 1, "A").code, HOLD_LOT_FULL);
    must_not(&x,
             (struct work_call){.action = WORK_LOT_EXTEND, .object = "A", .number = -1, .reason = "fewer"});
    must(&x,
         (struct work_call){.action = WORK_RELEASE, .number = last, .reason = "it works"}); /* three of two */
    assert_int_equal(lot_status(x.db, "A", false, &l, &f), 0);
    assert_int_equal(l.good, 3);
    assert_int_equal(open_refusal(&x, 1, "A").code, HOLD_LOT_FULL);
    fixture_free(&x);
}

static void ten_left_is_told_once(void **state)
{
    (void)state;
    struct db_fixture x;

    fixture_new(&x);
    fixture_start(&x);
    must(&x, (struct work_call){.action = WORK_LOT_OPEN, .object = "A", .number = 12});
    for (uint32_t i = 1; i <= 12; i++)
        fixture_flash(&x, 1, "A", i, RESULT_PASS, FAILURE_NONE);
    assert_int_equal(fixture_int(&x, "SELECT count(*) FROM event WHERE kind = 'LOT' AND amount = 10"), 1);
    assert_int_equal(fixture_int(&x, "SELECT count(*) FROM event WHERE kind = 'LOT'"), 2);
    char note[256];
    assert_true(db_recorder_next_note(x.rec, note, sizeof note));
    assert_string_equal(note, "lot A: 10 of 12 boards left");
    assert_true(db_recorder_next_note(x.rec, note, sizeof note));
    assert_string_equal(note, "lot A: 0 of 12 boards left");
    assert_false(db_recorder_next_note(x.rec, note, sizeof note));
    fixture_free(&x);
}

/* Every engineer's action, without a PIN, with a wrong one, and with the operator's own badge as PIN. */
static void without_the_pin_nothing_of_the_engineer_s_is_done(void **state)
{
    (void)state;
    static const char *const pins[] = {NULL, "", "1234", "B-2", "471108 "};
    struct db_fixture x;
    struct failure f;

    fixture_new(&x);
    x.has_clock = true;
    x.wall_ms = 1795341600000;
    fixture_start(&x);
    enrol_engineer(&x);
    must(&x,
         (struct work_call){
             .action = WORK_OPERATOR_ADD, .object = "op-8", .badge = "B-2", .actor = "en1", .pin = "471108"});
    must(&x, (struct work_call){.action = WORK_LOT_OPEN, .object = "A", .number = 5, .actor = "op-8"});
    duty_set_operator(db_recorder_duty(x.rec), "op-8");
    fixture_flash(&x, 1, "A", 1, RESULT_FAIL, FAIL_WRITE);
    for (int a = 0; a < WORK_ACTION_COUNT; a++) {
        for (size_t p = 0; p < sizeof pins / sizeof pins[0] && work_needs_engineer((enum work_action)a);
             p++) {
            x.mono_us += 61000000; /* wrong PINs slow down within a minute */
            f = must_not(&x, (struct work_call){.action = (enum work_action)a,
                                                .object = "A",
                                                .number = 1,
                                                .reason = "why not",
                                                .actor = "en1",
                                                .pin = pins[p],
                                                .new_pin = "9999",
                                                .text = "engineer"});
            assert_int_equal(f.code, FAIL_ROLE);
            assert_int_equal(f.sys, EACCES);
        }
    }
    assert_int_equal(fixture_int(&x, "SELECT planned FROM lot"), 5);
    assert_int_equal(fixture_int(&x, "SELECT count(*) FROM operator"), 2); /* en1 and op-8 */
    x.mono_us += 61000000;
    must(&x, (struct work_call){.action = WORK_LOT_EXTEND,
                                .object = "A",
                                .number = 1,
                                .reason = "ok",
                                .actor = "op-8",
                                .pin = "471108"});
    assert_int_equal(
        fixture_int(&x, "SELECT actor = 'en1' AND role = 'engineer' FROM audit ORDER BY id DESC LIMIT 1"), 1);
    fixture_free(&x);
}

static void guessing_pins_is_slowed_down(void **state)
{
    (void)state;
    struct db_fixture x;
    struct operator_info who;
    struct failure f;

    fixture_new(&x);
    x.has_clock = true;
    x.wall_ms = 1795341600000;
    fixture_start(&x);
    enrol_engineer(&x);
    for (int i = 0; i < 5; i++)
        assert_int_equal(operator_by_pin(x.db, NULL, "0000", &who, &f), -EACCES);
    assert_int_equal(operator_by_pin(x.db, NULL, "471108", &who, &f), -EAGAIN);
    x.mono_us += 61000000;
    assert_int_equal(operator_by_pin(x.db, NULL, "471108", &who, &f), 0);
    assert_string_equal(who.name, "en1");
    fixture_free(&x);
}

static void badges_say_who_and_secrets_are_not_kept(void **state)
{
    (void)state;
    struct db_fixture x;
    struct operator_info who;
    struct failure f;

    fixture_new(&x);
    fixture_start(&x);
    enrol_engineer(&x);
    must(&x,
         (struct work_call){.action = WORK_OPERATOR_ADD, .object = "op-8", .badge = "B-2", .pin = "471108"});
    assert_int_equal(operator_by_badge(x.db, "B-2", &who, &f), 0);
    assert_string_equal(who.name, "op-8");
    assert_false(who.is_engineer);
    assert_int_equal(operator_by_badge(x.db, "B-3", &who, &f), -ENOENT);
    must_not(&x, (struct work_call){
                     .action = WORK_OPERATOR_ADD, .object = "olga", .badge = "B-2", .pin = "471108"});
    must(&x, (struct work_call){.action = WORK_OPERATOR_DISABLE, .object = "op-8", .pin = "471108"});
    assert_int_equal(operator_by_badge(x.db, "B-2", &who, &f), -ENOENT);
    duty_set_operator(db_recorder_duty(x.rec), "op-8");
    assert_int_equal(open_refusal(&x, 1, "").code, FAIL_LOGIN);
    must_not(&x, (struct work_call){.action = WORK_OPERATOR_DISABLE, .object = "en1", .pin = "471108"});
    assert_int_equal(
        fixture_int(
            &x,
            "SELECT count(*) FROM audit WHERE instr(coalesce(new,'')||coalesce(old,'')||object, '471108') > 0"
            " OR instr(coalesce(new,''), 'B-') > 0"),
        0);
    fixture_free(&x);
}

static void a_slot_that_keeps_failing_stops_until_it_is_unlocked(void **state)
{
    (void)state;
    struct db_fixture x;
    struct failure f;
    struct stop_info stops[4];

    fixture_new(&x);
    x.policy.stop_slot_failures = 3;
    fixture_start(&x);
    fixture_flash(&x, 1, "", 1, RESULT_FAIL, FAIL_WRITE);
    enrol_engineer(&x);
    fixture_flash(&x, 2, "", 2, RESULT_FAIL, FAIL_WRITE);
    fixture_flash(&x, 1, "", 3, RESULT_PASS, FAILURE_NONE);
    fixture_flash(&x, 1, "", 4, RESULT_FAIL, FAIL_WRITE);
    fixture_flash(&x, 1, "", 5, RESULT_ERROR, FAIL_NO_SYNC);
    fixture_flash(&x, 1, "", 3, RESULT_HOLD, HOLD_MAC_DUPLICATE); /* says nothing about the slot */
    fixture_flash(&x, 1, "", 6, RESULT_ABORTED, FAIL_ABORTED);
    fixture_flash(&x, 1, "", 7, RESULT_FAIL, FAIL_WRITE);
    f = open_refusal(&x, 1, "");
    assert_int_equal(f.code, FAIL_STOP_RULE);
    assert_non_null(strstr(f.detail, "slot 1"));
    fixture_flash(&x, 2, "", 8, RESULT_PASS, FAILURE_NONE); /* the neighbour works on */
    fixture_stop(&x);
    fixture_start(&x); /* a restart unlocks nothing */
    assert_int_equal(open_refusal(&x, 1, "").code, FAIL_STOP_RULE);
    assert_int_equal(stop_list(x.db, false, stops, 4, &f), 1);
    assert_int_equal(stops[0].slot, 1);
    assert_int_equal(
        must_not(&x, (struct work_call){.action = WORK_UNLOCK, .number = 1, .pin = "471108"}).sys, EINVAL);
    must_not(&x, (struct work_call){
                     .action = WORK_UNLOCK, .number = 2, .pin = "471108", .reason = "cable changed"});
    must(&x,
         (struct work_call){.action = WORK_UNLOCK, .number = 1, .pin = "471108", .reason = "cable changed"});
    fixture_flash(&x, 1, "", 9, RESULT_FAIL, FAIL_WRITE); /* counting starts anew */
    fixture_flash(&x, 1, "", 10, RESULT_FAIL, FAIL_WRITE);
    fixture_flash(&x, 1, "", 11, RESULT_PASS, FAILURE_NONE);
    fixture_free(&x);
}

/* One board after another by hand, each on a port of its own: all of them have slot 1, and no place failed twice. */
static void a_slot_is_its_port_and_not_its_number(void **state)
{
    (void)state;
    struct db_fixture x;
    struct attempt_start s = board_start(1);
    struct attempt_result e = board_end(RESULT_FAIL, FAIL_WRITE);
    struct failure f;
    int64_t attempt;

    fixture_new(&x);
    x.policy.stop_slot_failures = 3;
    fixture_start(&x);
    for (int i = 0; i < 8; i++) {
        snprintf(s.port, sizeof s.port, "ftdi:1-%d:A", i < 5 ? i + 2 : 2);
        int rc = x.face->open(x.face->ctx, &s, &attempt, &f);
        if (i == 7) { /* the fourth on 1-2 */
            assert_int_equal(rc, -1);
            assert_int_equal(f.code, FAIL_STOP_RULE);
            break;
        }
        assert_int_equal(rc, 0);
        assert_int_equal(x.face->close(x.face->ctx, attempt, &e, &f), 0);
    }
    snprintf(s.port, sizeof s.port, "ftdi:1-3:A"); /* what stands there is no business of the other's */
    assert_int_equal(x.face->open(x.face->ctx, &s, &attempt, &f), 0);
    assert_int_equal(x.face->close(x.face->ctx, attempt, &e, &f), 0);
    fixture_free(&x);
}

static void the_station_stops_on_a_row_of_failures_and_on_low_yield(void **state)
{
    (void)state;
    struct db_fixture x;

    fixture_new(&x);
    x.policy.stop_station_failures = 4;
    fixture_start(&x);
    for (uint32_t i = 1; i <= 4; i++)
        fixture_flash(&x, (int)i, "", i, RESULT_FAIL, FAIL_WRITE);
    assert_int_equal(open_refusal(&x, 9, "").code, FAIL_STOP_RULE);
    must(&x, (struct work_call){.action = WORK_UNLOCK, .number = 0, .reason = "bad reel of boards"});
    fixture_flash(&x, 9, "", 10, RESULT_PASS, FAILURE_NONE);
    fixture_stop(&x);
    x.policy.stop_station_failures = 0;
    x.policy.stop_yield_percent = 50;
    x.policy.stop_yield_window = 10;
    fixture_start(&x);
    for (uint32_t i = 20; i < 29; i++)
        fixture_flash(&x, (int)i, "", i, i % 3 == 0 ? RESULT_PASS : RESULT_FAIL,
                      i % 3 == 0 ? FAILURE_NONE : FAIL_WRITE);
    struct failure f = open_refusal(&x, 9, "");
    assert_int_equal(f.code, FAIL_STOP_RULE);
    assert_non_null(strstr(f.detail, "40 %"));
    fixture_free(&x);
}

static void the_desk_sets_operator_and_lot(void **state)
{
    (void)state;
    struct db_fixture x;

    fixture_new(&x);
    x.policy.operator_required = true;
    fixture_start(&x);
    duty_set_operator(db_recorder_duty(x.rec), "");
    assert_int_equal(open_refusal(&x, 1, "").code, FAIL_LOGIN);
    must(&x, (struct work_call){.action = WORK_OPERATOR_ADD, .object = "op-8", .badge = "B-2"});
    duty_set_operator(db_recorder_duty(x.rec), "op-8");
    duty_set_lot(db_recorder_duty(x.rec), "B");
    fixture_flash(&x, 1, NULL, 1, RESULT_FAIL, FAIL_WRITE);
    fixture_flash(&x, 1, NULL, 1, RESULT_PASS, FAILURE_NONE);
    assert_int_equal(
        fixture_int(&x, "SELECT count(*) FROM attempt a JOIN lot l ON l.id = a.lot_id JOIN operator o"
                        " ON o.id = a.operator_id WHERE l.code = 'B' AND o.name = 'op-8'"),
        2);
    fixture_free(&x);
}

static void the_audit_is_a_chain(void **state)
{
    (void)state;
    struct db_fixture x;
    struct verify_report r;
    struct failure f;

    fixture_new(&x);
    fixture_start(&x);
    enrol_engineer(&x);
    for (int i = 0; i < 3; i++)
        must(&x, (struct work_call){.action = WORK_SLOT_CHANGE,
                                    .object = "3",
                                    .old = "1-4.2:A",
                                    .text = "1-4.3:A",
                                    .pin = "471108"});
    assert_int_equal(verify_chain(x.db, &r, &f), 0);
    assert_int_equal(r.first_bad, 0);
    assert_int_not_equal(fixture_exec(&x, "UPDATE audit SET reason = 'x'"), 0);
    assert_int_equal(
        fixture_exec(&x, "DROP TRIGGER audit_is_final; UPDATE audit SET new = '1-4.4:A' WHERE id = 3"), 0);
    assert_int_equal(verify_chain(x.db, &r, &f), 0);
    assert_non_null(strstr(r.text, "audit row 3"));
    fixture_free(&x);
}

static const char *pin_word(enum work_action action)
{
    static const char *const words[] = {
        [PIN_NONE] = "none", [PIN_ENGINEER] = "an engineer's", [PIN_CHANGED] = "the one that changes"};
    static const enum work_pin pins[] = {
#define X(id, name, who, pin, reason, doors, what) PIN_##pin,
        WORK_ACTIONS(X)
#undef X
    };

    return words[pins[action]];
}

/* The page's row of an act, up to its description: it says the same as the table. */
static void the_document_lists_every_action(void **state)
{
    (void)state;
    static char text[32768];
    char row[160], doors[64];
    FILE *in = fopen(SOURCE_DIR "/docs/audit.md", "rb");

    assert_non_null(in);
    size_t len = fread(text, 1, sizeof text - 1, in);
    fclose(in);
    text[len] = '\0';
    for (int a = 0; a < WORK_ACTION_COUNT; a++) {
        static const enum work_door order[] = {DOOR_COMMAND, DOOR_DUTY, DOOR_SCREEN, DOOR_SOCKET, DOOR_START};
        enum work_action action = (enum work_action)a;
        size_t used = 0;
        for (size_t d = 0; d < DOOR_COUNT; d++) {
            if (work_is_at(action, order[d]))
                used += (size_t)snprintf(doors + used, sizeof doors - used, "%s%s", used > 0 ? ", " : "",
                                         work_door_name(order[d]));
        }
        snprintf(row, sizeof row, "| `%s` | %s | %s | %s | %s | ", work_action_name(action),
                 work_needs_engineer(action) ? "engineer" : "operator", pin_word(action),
                 work_needs_reason(action) ? "needed" : "as given", doors);
        if (strstr(text, row) == NULL)
            fail_msg("docs/audit.md lacks: %s", row);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_lot_never_passes_its_plan),
        cmocka_unit_test(a_board_that_is_good_no_more_gives_its_place_free),
        cmocka_unit_test(ten_left_is_told_once),
        cmocka_unit_test(without_the_pin_nothing_of_the_engineer_s_is_done),
        cmocka_unit_test(guessing_pins_is_slowed_down),
        cmocka_unit_test(badges_say_who_and_secrets_are_not_kept),
        cmocka_unit_test(a_slot_that_keeps_failing_stops_until_it_is_unlocked),
        cmocka_unit_test(a_slot_is_its_port_and_not_its_number),
        cmocka_unit_test(the_station_stops_on_a_row_of_failures_and_on_low_yield),
        cmocka_unit_test(the_desk_sets_operator_and_lot),
        cmocka_unit_test(the_audit_is_a_chain),
        cmocka_unit_test(the_document_lists_every_action),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
