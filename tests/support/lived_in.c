/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/support/lived_in.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "db/care/maintain.h"
#include "db/care/retention.h"
#include "db/desk/rules.h"
#include "db/desk/work.h"

#define T0     1795341600000LL
#define DAY_MS 86400000LL

static void later(struct db_fixture *x, int64_t ms)
{
    x->wall_ms += ms;
    x->mono_us += ms * 1000;
}

static void act(struct db_fixture *x, const struct work_call *call)
{
    struct work_call c = *call;
    struct failure f = {0};

    c.pin = c.pin == NULL ? LIVED_IN_PIN : c.pin;
    later(x, 1000);
    if (work_do(x->db, &c, NULL, &f) != 0)
        fail_msg("%s %s: %s", work_action_name(c.action), c.object, f.detail);
}

#define ACT(x, ...) act(x, &(struct work_call){__VA_ARGS__})

static void board(struct db_fixture *x, int slot, const char *lot, uint32_t tail, enum result result,
                  bool training)
{
    struct attempt_start s = board_start(slot);
    const struct unit_identity u = board_identity(tail);
    struct attempt_result e = board_end(result, result == RESULT_PASS ? FAILURE_NONE : FAIL_WRITE);
    struct backup b = {.kind = BACKUP_IDENTITY, .offset = 0x3ff000, .data = {(uint8_t)tail, 7}};
    struct recorder_verdict v;
    struct failure f = {0};
    int64_t a;

    later(x, 60000);
    s.kind = training ? ATTEMPT_TRAINING : ATTEMPT_PRODUCTION;
    memcpy(e.rx_evidence, "\xc0\x01", 2);
    e.rx_evidence_len = 2;
    digest_sha256(b.data, BACKUP_SIZE, b.sha256);
    duty_set_lot(db_recorder_duty(x->rec), lot);
    if (x->face->open(x->face->ctx, &s, &a, &f) != 0)
        fail_msg("%s", f.detail);
    assert_int_equal(x->face->identify(x->face->ctx, a, &u, &v, &f), 0);
    assert_int_equal(x->face->backup(x->face->ctx, a, &b, &f), 0);
    if (!v.allowed) {
        e.result = RESULT_HOLD;
        e.failure = v.hold;
    }
    later(x, 30000);
    assert_int_equal(x->face->close(x->face->ctx, a, &e, &f), 0);
}

static void restart(struct db_fixture *x)
{
    if (x->db != NULL)
        fixture_stop(x);
    later(x, DAY_MS);
    x->policy.stop_slot_failures = 2;
    fixture_start(x);
}

static void people(struct db_fixture *x)
{
    ACT(x, .action = WORK_OPERATOR_ADD, .object = "anna", .text = "engineer", .new_pin = LIVED_IN_PIN,
        .badge = "B-anna");
    ACT(x, .action = WORK_OPERATOR_ADD, .object = "op-7", .badge = "B-7");
    ACT(x, .action = WORK_OPERATOR_ADD, .object = "bert", .text = "engineer", .new_pin = "975311");
    ACT(x, .action = WORK_OPERATOR_ADD, .object = "carl", .badge = "B-carl", .text = "operator");
    ACT(x, .action = WORK_OPERATOR_DISABLE, .object = "carl");
}

static void lots(struct db_fixture *x)
{
    ACT(x, .action = WORK_LOT_OPEN, .object = "L1", .number = 40, .text = "WO-1");
    ACT(x, .action = WORK_LOT_OPEN, .object = "L2", .number = 10);
    ACT(x, .action = WORK_LOT_EXTEND, .object = "L2", .number = 5, .reason = "ordered more");
    ACT(x, .action = WORK_LOT_OPEN, .object = "L3", .number = 3);
    ACT(x, .action = WORK_LOT_CLOSE, .object = "L3");
    ACT(x, .action = WORK_LOT_OPEN, .object = "L4", .number = 8);
    ACT(x, .action = WORK_LOT_CLOSE, .object = "L4");
    ACT(x, .action = WORK_LOT_REOPEN, .object = "L4", .reason = "two came back");
}

static void old_days(struct db_fixture *x)
{
    for (uint32_t tail = 1; tail <= LIVED_IN_ARCHIVED; tail++)
        board(x, 1, tail <= 4 ? "L1" : "L2", tail, tail == 3 ? RESULT_FAIL : RESULT_PASS, false);
}

static void newer_days(struct db_fixture *x)
{
    for (uint32_t tail = 11; tail <= 16; tail++)
        board(x, 1 + (int)tail % 2, tail < 15 ? "L1" : "L2", tail, RESULT_PASS, false);
    board(x, 2, "L1", 11, RESULT_PASS, false); /* held: it passed before */
    board(x, 3, "L1", 17, RESULT_FAIL, false);
    board(x, 3, "L1", 18, RESULT_FAIL, false); /* the slot stops */
    ACT(x, .action = WORK_UNLOCK, .number = 3, .reason = "cable changed");
    board(x, 3, "L1", 17, RESULT_PASS, false);
    board(x, 4, "L1", 19, RESULT_FAIL, false);
    board(x, 4, "L1", 19, RESULT_FAIL, false); /* stands still */
    board(x, 5, "L5", 20, RESULT_FAIL, true);
    board(x, 5, "L5", 20, RESULT_FAIL, true);  /* a stop of practice: the next run releases it */
    board(x, 1, "L9", 21, RESULT_PASS, false); /* a lot that nobody announced */
    ACT(x, .action = WORK_RELEASE, .number = 13, .reason = "label was wrong");
    ACT(x, .action = WORK_SCRAP, .number = 15, .reason = "burnt");
    ACT(x, .action = WORK_NOTE, .number = 15, .reason = "smelt of it");
    ACT(x, .action = WORK_IDENTITY_ACCEPT, .object = "24:0a:c4:00:00:12", .reason = "written by hand");
}

void lived_in_make(struct db_fixture *x)
{
    const int64_t new_years_day = T0 + 3 * DAY_MS;
    struct retention_report r;
    struct failure f = {0};

    x->has_clock = true;
    x->wall_ms = T0;
    restart(x);
    assert_int_equal(rules_record(x->db, "station.yaml", "stop 2", "stop 3", &f), 0);
    people(x);
    lots(x);
    old_days(x);
    x->wall_ms = new_years_day;
    restart(x);
    ACT(x, .action = WORK_ARCHIVE, .object = "before", .text = "2026-11-25");
    if (retention_archive(x->db, new_years_day, NULL, &r, &f) != 0)
        fail_msg("%s", f.detail);
    assert_int_equal(r.rows, LIVED_IN_ARCHIVED);
    newer_days(x);
    assert_int_equal(maintain_note_backup(x->db, false, "no room in /backup", &f), 0);
    const struct work_call wrong = {
        .action = WORK_LOT_CLOSE, .object = "L1", .actor = "op-7", .pin = "000000"};
    assert_int_equal(work_do(x->db, &wrong, NULL, &f), -1);
    restart(x);
    board(x, 1, "L1", 22, RESULT_PASS, false);
    const struct attempt_start s = board_start(2);
    int64_t open;
    assert_int_equal(x->face->open(x->face->ctx, &s, &open, &f), 0);
    fixture_stop(x);
}

void lived_in_go_on(struct db_fixture *x)
{
    restart(x);
    for (uint32_t tail = 31; tail <= 33; tail++)
        board(x, 1, "L1", tail, RESULT_PASS, false);
    ACT(x, .action = WORK_NOTE, .number = 15, .reason = "looked at again");
    fixture_stop(x);
}
