/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One table, every door: what the start of a run, of a flash, a screen's lot and badge, and the attempt that opens at last say of each
 * name, with nobody enrolled and with an engineer. A door that says otherwise would put onto a record what the others refuse.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "db/desk/duty.h"
#include "db/desk/lot.h"
#include "db/desk/work.h"
#include "profiles/text/complaint.h"
#include "station/print/exit_code.h"
#include "station/run/run_private.h"
#include "station/run/run_work.h"
#include "tests/support/db_fixture.h"

#define PIN  "246810"
#define HASH "1111111111111111111111111111111111111111111111111111111111111111"

struct house {
    struct db_fixture x;
    struct run run;
    struct job job;
    struct run_work *work;
};

enum door { DOOR_RUN, DOOR_JSON, DOOR_FLASH, DOOR_THE_SCREEN, DOOR_SCAN, DOORS };

static const char *const doors[] = {"run", "run --json", "flash", "screen", "scan"};

static void must(struct house *h, struct work_call call)
{
    struct failure f = {0};

    if (work_do(h->x.db, &call, NULL, &f) != 0)
        fail_msg("%s", f.detail);
}

static void house_open(struct house *h, bool enrolled, const char *policy)
{
    struct complaint c = {0};
    char path[160];

    memset(h, 0, sizeof *h);
    fixture_new(&h->x);
    fixture_start(&h->x);
    must(h, (struct work_call){.action = WORK_OPERATOR_ADD, .object = "op-1", .badge = "B-1"});
    must(h, (struct work_call){.action = WORK_OPERATOR_ADD, .object = "gone", .badge = "B-2"});
    must(h, (struct work_call){.action = WORK_OPERATOR_DISABLE, .object = "gone"});
    must(h, (struct work_call){.action = WORK_LOT_OPEN, .object = "A-17"});
    must(h, (struct work_call){.action = WORK_LOT_OPEN, .object = "SHUT"});
    must(h, (struct work_call){.action = WORK_LOT_CLOSE, .object = "SHUT"});
    must(h,
         (struct work_call){.action = WORK_LOT_OPEN, .object = "BOUND", .job = "wipy", .job_sha256 = HASH});
    if (enrolled)
        must(h, (struct work_call){
                    .action = WORK_OPERATOR_ADD, .object = "en1", .text = "engineer", .new_pin = PIN});
    snprintf(path, sizeof path, "%s/station.yaml", h->x.dir);
    scratch_save_text(path, policy);
    snprintf(h->job.name, sizeof h->job.name, "wipy");
    memset(h->job.sha256, 0x11, SHA256_SIZE);
    h->job.released = true;
    h->run =
        (struct run){.db = h->x.db, .recorder = h->x.rec, .config = config_load(path, &c), .job = &h->job};
    assert_non_null(h->run.config);
    h->work = run_work_new(&h->run);
    assert_non_null(h->work);
    duty_set_operator(db_recorder_duty(h->x.rec), "");
    duty_set_lot(db_recorder_duty(h->x.rec), "");
}

static void house_close(struct house *h)
{
    run_work_free(h->work);
    config_free(h->run.config);
    fixture_free(&h->x);
}

/* As run_open() goes through them. */
static bool start(struct house *h, enum door door, const char *lot, const char *operator_id)
{
    h->run.options = (struct run_options){.verb = door == DOOR_FLASH ? "flash" : "run",
                                          .common.json = door == DOOR_JSON,
                                          .headless = true,
                                          .lot = lot,
                                          .operator_id = operator_id};
    int code = run_check_names(&h->run);

    code = code == 0 ? run_check_duty(&h->run) : code;
    code = code == 0 ? run_take_lot(&h->run) : code;
    assert_true(code == 0 || code == EXIT_USAGE);
    return code == 0;
}

static bool on_screen(struct house *h, enum desk_act_kind kind, const char *text)
{
    const struct desk_act act = {.kind = kind, .slot = 1, .on = true, .text = text, .pin = "", .reason = ""};
    char why[DESK_WHY_SIZE];
    enum desk_outcome outcome = run_work_act(h->work, &act, why);

    assert_true(outcome == DESK_DONE || (outcome == DESK_REFUSED && (why[0] != '\0' || kind == DESK_SCAN)));
    return outcome == DESK_DONE;
}

static bool take_lot(struct house *h, enum door door, const char *lot)
{
    if (door == DOOR_THE_SCREEN)
        return on_screen(h, DESK_LOT, lot);
    return start(h, door, lot, NULL);
}

static char long300[301];

/* nobody: with nobody enrolled; engineer: with one; yes, no: with an engineer, and `open_lots` said. */
static const struct {
    const char *lot;
    bool nobody, engineer, yes, no;
} lots[] = {
    {"A-17", true, true, true, true},      {"BOUND", true, true, true, true},
    {"NEW", true, false, true, false},     {"=cmd", true, false, true, false},
    {"SHUT", false, false, false, false},  {" ", false, false, false, false},
    {long300, false, false, false, false}, {"A\033[2J7", false, false, false, false},
    {"A\xff", false, false, false, false},
};

static void try_lots(bool enrolled, const char *policy, int column)
{
    for (enum door door = DOOR_RUN; door <= DOOR_THE_SCREEN; door++) {
        struct house h;
        house_open(&h, enrolled, policy);
        for (size_t i = 0; i < sizeof lots / sizeof lots[0]; i++) {
            const bool columns[] = {lots[i].nobody, lots[i].engineer, lots[i].yes, lots[i].no};
            struct duty *duty = db_recorder_duty(h.x.rec);
            duty_set_lot(duty, "");
            int64_t before = fixture_int(&h.x, "SELECT count(*) FROM lot");
            bool taken = take_lot(&h, door, lots[i].lot);
            if (taken != columns[column])
                fail_msg("%s, column %d, lot '%s': %s", doors[door], column, lots[i].lot,
                         taken ? "taken" : "refused");
            /* Taken, it is the lot from here on, whole; refused, nothing happened. */
            assert_string_equal(duty_now(duty).lot, taken ? lots[i].lot : "");
            struct lot_status there;
            struct failure f = {0};
            if (taken) /* opened where it was new, not only named */
                assert_int_equal(lot_brief(h.x.db, lots[i].lot, &there, &f), 0);
            else
                assert_int_equal(fixture_int(&h.x, "SELECT count(*) FROM lot"), before);
        }
        /* What was opened says so. */
        assert_int_equal(fixture_int(&h.x,
                                     "SELECT count(*) FROM lot WHERE code NOT IN"
                                     " (SELECT substr(object, 1, 63) FROM audit WHERE action = 'lot.open')"),
                         0);
        house_close(&h);
    }
}

static void every_door_takes_the_same_lots(void **state)
{
    (void)state;
    try_lots(false, "policy: {lot_required: no}\n", 0);
    try_lots(true, "policy: {lot_required: no}\n", 1);
    try_lots(true, "policy: {open_lots: yes}\n", 2);
    try_lots(true, "policy: {open_lots: no}\n", 3);
    try_lots(false, "policy: {open_lots: no}\n", 3);
}

/* The screen knows people by their badges alone: `badge` is who that is, none: no badge of anybody. */
static const struct {
    const char *name, *badge;
    bool nobody, engineer, required;
} people[] = {
    {"op-1", "B-1", true, true, true},
    {"unknown", NULL, true, false, false},
    {"=cmd", NULL, true, false, false},
    {"gone", "B-2", false, false, false},
    {" ", " ", false, false, false},
    {long300, long300, false, false, false},
    {"a\033[2J", "a\033[2J", false, false, false},
};

static void try_people(bool enrolled, const char *policy, int column)
{
    for (enum door door = DOOR_RUN; door < DOORS; door++) {
        struct house h;
        house_open(&h, enrolled, policy);
        for (size_t i = 0; i < sizeof people / sizeof people[0]; i++) {
            const bool columns[] = {people[i].nobody, people[i].engineer, people[i].required};
            struct duty *duty = db_recorder_duty(h.x.rec);
            bool by_badge = door == DOOR_THE_SCREEN || door == DOOR_SCAN;
            if (by_badge && people[i].badge == NULL)
                continue;
            duty_set_operator(duty, "");
            bool taken = by_badge
                             ? on_screen(&h, door == DOOR_SCAN ? DESK_SCAN : DESK_LOG_IN, people[i].badge)
                             : start(&h, door, NULL, people[i].name);
            if (taken != columns[column])
                fail_msg("%s, column %d, operator '%s': %s", doors[door], column, people[i].name,
                         taken ? "taken" : "refused");
            assert_string_equal(duty_now(duty).operator_id, columns[column] ? people[i].name : "");
        }
        house_close(&h);
    }
}

static void every_door_takes_the_same_people(void **state)
{
    (void)state;
    try_people(false, "policy: {operator_required: no}\n", 0);
    try_people(true, "policy: {operator_required: no}\n", 1);
    try_people(false, "policy: {operator_required: yes}\n", 2);
    try_people(true, "policy: {operator_required: yes}\n", 2);
}

/* Another job, another hash of it, one that is not released: the right lot, and the wrong firmware. */
static void no_door_takes_another_job_for_a_lot(void **state)
{
    (void)state;
    static const struct {
        const char *job;
        int hash;
        bool released;
    } wrong[] = {{"lopy4", 0x11, true}, {"wipy", 0x22, true}, {"wipy", 0x22, false}};

    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        struct house h;
        struct attempt_start s = board_start(1);
        struct failure f = {0};
        int64_t attempt = 0;
        house_open(&h, i % 2 != 0, "policy: {lot_required: no}\n");
        struct duty *duty = db_recorder_duty(h.x.rec);
        for (enum door door = DOOR_RUN; door <= DOOR_THE_SCREEN; door++) {
            snprintf(h.job.name, sizeof h.job.name, "wipy");
            memset(h.job.sha256, 0x11, SHA256_SIZE);
            assert_true(take_lot(&h, door, "BOUND"));
            duty_set_lot(duty, "");
            snprintf(h.job.name, sizeof h.job.name, "%s", wrong[i].job);
            memset(h.job.sha256, wrong[i].hash, SHA256_SIZE);
            h.job.released = wrong[i].released;
            if (take_lot(&h, door, "BOUND"))
                fail_msg("%s takes job %s for lot BOUND (row %zu)", doors[door], wrong[i].job, i);
            assert_true(take_lot(&h, door, "A-17"));
        }
        assert_false(on_screen(&h, DESK_SCAN, "BOUND"));
        /* And at last the attempt itself, whoever set the lot. */
        duty_set_lot(duty, "BOUND");
        snprintf(s.job_name, sizeof s.job_name, "%s", wrong[i].job);
        memset(s.job_sha256, wrong[i].hash, SHA256_SIZE);
        assert_int_equal(h.x.face->open(h.x.face->ctx, &s, &attempt, &f), -1);
        assert_non_null(strstr(f.detail, "lot BOUND is for job wipy"));
        house_close(&h);
    }
}

/* Where nobody can be asked, what is missing is told before anything is opened. */
static void what_is_required_is_asked_for_at_the_start(void **state)
{
    (void)state;
    struct house h;

    house_open(&h, false, "policy: {lot_required: yes, operator_required: yes}\n");
    h.run.training = true; /* all the same */
    for (enum door door = DOOR_RUN; door <= DOOR_FLASH; door++) {
        assert_false(start(&h, door, NULL, "op-1"));
        assert_false(start(&h, door, "A-17", NULL));
        assert_true(start(&h, door, "A-17", "op-1"));
    }
    house_close(&h);
}

/* A scan is what the records say it is; the web is nobody's. */
static void a_scan_is_what_the_records_say(void **state)
{
    (void)state;
    struct house h;

    house_open(&h, false, "policy: {lot_required: no}\n");
    struct duty *duty = db_recorder_duty(h.x.rec);
    assert_true(on_screen(&h, DESK_SCAN, "B-1"));
    assert_string_equal(duty_now(duty).operator_id, "op-1");
    assert_true(on_screen(&h, DESK_SCAN, " A-17\r\n"));
    assert_string_equal(duty_now(duty).lot, "A-17");
    assert_false(on_screen(&h, DESK_SCAN, "https://example.org/a"));
    assert_false(on_screen(&h, DESK_SCAN, "SHUT"));
    assert_false(on_screen(&h, DESK_SCAN, "A\0357"));
    assert_false(on_screen(&h, DESK_LOT, "B-1")); /* a badge in the lot's field */
    assert_false(on_screen(&h, DESK_SERIAL, "A-17"));
    assert_false(on_screen(&h, DESK_SERIAL, "B-1"));
    assert_string_equal(duty_now(duty).lot, "A-17");
    house_close(&h);
    /* With rules the records are not asked. */
    house_open(
        &h, false,
        "scan:\n  case: upper\n  lot: {prefix: 'L:', pattern: '[A-Z]-[0-9]+'}\n  badge: {pattern: 'B-[0-9]'}\n");
    duty = db_recorder_duty(h.x.rec);
    assert_true(on_screen(&h, DESK_SCAN, "l:a-17"));
    assert_string_equal(duty_now(duty).lot, "A-17");
    assert_true(on_screen(&h, DESK_LOT, "a-17"));
    assert_true(on_screen(&h, DESK_SCAN, "b-1"));
    assert_string_equal(duty_now(duty).operator_id, "op-1");
    assert_false(on_screen(&h, DESK_SCAN, "A-17"));
    assert_false(on_screen(&h, DESK_LOT, "B-1"));
    house_close(&h);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_door_takes_the_same_lots),
        cmocka_unit_test(every_door_takes_the_same_people),
        cmocka_unit_test(no_door_takes_another_job_for_a_lot),
        cmocka_unit_test(what_is_required_is_asked_for_at_the_start),
        cmocka_unit_test(a_scan_is_what_the_records_say),
    };
    memset(long300, 'x', sizeof long300 - 1);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
