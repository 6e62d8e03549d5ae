/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One table, every door: what the start of a run, of a flash, a screen's lot and badge, the control socket of a run, and the attempt that
 * opens at last say of each name, with nobody enrolled and with an engineer, and in which words. A door that says otherwise would
 * put onto a record what the others refuse.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "db/desk/duty.h"
#include "db/desk/lot.h"
#include "db/desk/work.h"
#include "profiles/text/complaint.h"
#include "station/print/exit_code.h"
#include "station/run/job_choice.h"
#include "station/run/run_choice.h"
#include "station/run/run_control.h"
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
    struct control *control;
    char said[DESK_WHY_SIZE]; /* by the door that was tried last, its refusal; "" : none */
};

enum door { DOOR_RUN, DOOR_JSON, DOOR_FLASH, DOOR_OF_SOCKET, DOOR_THE_SCREEN, DOOR_SCAN, DOORS };

static const char *const doors[] = {"run", "run --json", "flash", "socket", "screen", "scan"};

/* All but the screen speak English and say what the rules say; the screen has words of its own for some of it. */
#define IS_BLANK   " name is blank"
#define IS_LONG    " name is longer than 63 bytes"
#define HAS_SIGN   " name has a control character"
#define IS_NO_TEXT " name is not UTF-8"
#define NO_LOT     "there is no lot %s: flashline lots open"
#define NO_PERSON  "nobody here is called %s: flashline operator add"

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
    run_choice_open(&h->run);
    const struct control_station station = {.duty = run_control_duty, .ctx = &h->run};
    struct failure f = {0};
    h->control = control_new(h->x.db, &station, &f);
    assert_non_null(h->control);
    duty_set_operator(db_recorder_duty(h->x.rec), "");
    duty_set_lot(db_recorder_duty(h->x.rec), "");
}

static void house_close(struct house *h)
{
    control_free(h->control);
    job_free(h->run.next_job);
    run_work_free(h->work);
    config_free(h->run.config);
    fixture_free(&h->x);
}

/* What goes to stderr meanwhile is kept. */
static FILE *listen_to_stderr(struct house *h)
{
    FILE *was = stderr;

    h->said[0] = '\0';
    stderr = fmemopen(h->said, sizeof h->said, "w");
    assert_non_null(stderr);
    return was;
}

static void leave_stderr(FILE *was)
{
    fclose(stderr);
    stderr = was;
}

/* As run_open() goes through them. */
static bool start(struct house *h, enum door door, const char *lot, const char *operator_id)
{
    h->run.options = (struct run_options){.verb = door == DOOR_FLASH ? "flash" : "run",
                                          .common.json = door == DOOR_JSON,
                                          .headless = true,
                                          .lot = lot,
                                          .operator_id = operator_id};
    FILE *was = listen_to_stderr(h);
    int code = run_check_names(&h->run);

    code = code == 0 ? run_check_duty(&h->run) : code;
    code = code == 0 ? run_take_lot(&h->run) : code;
    leave_stderr(was);
    assert_true(code == 0 || code == EXIT_USAGE);
    return code == 0;
}

static bool on_screen(struct house *h, enum desk_act_kind kind, const char *text)
{
    const struct desk_act act = {.kind = kind, .slot = 1, .on = true, .text = text, .pin = "", .reason = ""};
    char why[DESK_WHY_SIZE];
    enum desk_outcome outcome = run_work_act(h->work, &act, why);

    snprintf(h->said, sizeof h->said, "%s", why);
    assert_true(outcome == DESK_DONE || (outcome == DESK_REFUSED && (why[0] != '\0' || kind == DESK_SCAN)));
    return outcome == DESK_DONE;
}

/* Over the wire, as `flashline duty` asks. */
static bool by_socket(struct house *h, const struct control_duty *d, enum failure_code code)
{
    struct control_duty_now now;
    struct work_receipt receipt;
    struct failure f = {0};
    int rc = control_duty(h->x.path, d, &now, &receipt, &f);

    snprintf(h->said, sizeof h->said, "%s", f.detail);
    assert_true(rc == 0 || rc == -1);
    if (rc == -1)
        assert_int_equal(f.code, code);
    return rc == 0;
}

static bool take_lot(struct house *h, enum door door, const char *lot, enum failure_code code)
{
    if (door == DOOR_THE_SCREEN)
        return on_screen(h, DESK_LOT, lot);
    if (door == DOOR_OF_SOCKET)
        return by_socket(h, &(struct control_duty){.lot = lot}, code);
    return start(h, door, lot, NULL);
}

/* The sentence of the table, with the name in it where it says so. */
static void must_say(const struct house *h, enum door door, const char *says, const char *name)
{
    char whole[1024];
    const char *at = strstr(says, "%s");

    if (at == NULL)
        snprintf(whole, sizeof whole, "%s", says);
    else
        snprintf(whole, sizeof whole, "%.*s%s%s", (int)(at - says), says, name, at + 2);
    if (strstr(h->said, whole) == NULL)
        fail_msg("%s says '%s' of '%s', not '%s'", doors[door], h->said, name, whole);
}

static char long300[301];

/* nobody: with nobody enrolled; engineer: with one; yes, no: with an engineer, and `open_lots` said. */
static const struct {
    const char *lot;
    bool nobody, engineer, yes, no;
    const char *says, *on_screen; /* where it is refused */
    enum failure_code code;
} lots[] = {
    {"A-17", true, true, true, true, "", "", FAILURE_NONE},
    {"BOUND", true, true, true, true, "", "", FAILURE_NONE},
    {"NEW", true, false, true, false, NO_LOT, NO_LOT, FAIL_WORK},
    {"=cmd", true, false, true, false, NO_LOT, NO_LOT, FAIL_WORK},
    {"SHUT", false, false, false, false, "lot SHUT is closed", "This lot is closed.", HOLD_LOT_FULL},
    {"", false, false, false, false, "lot's" IS_BLANK, " is blank", FAIL_WORK},
    {" ", false, false, false, false, "lot's" IS_BLANK, " is blank", FAIL_WORK},
    {long300, false, false, false, false, "lot's" IS_LONG, "is longer than any code here", FAIL_WORK},
    {"A\033[2J7", false, false, false, false, "lot's" HAS_SIGN, "has a control character", FAIL_WORK},
    {"A\xff", false, false, false, false, "lot's" IS_NO_TEXT, "is not UTF-8", FAIL_WORK},
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
            bool taken = take_lot(&h, door, lots[i].lot, lots[i].code);
            if (taken != columns[column])
                fail_msg("%s, column %d, lot '%s': %s", doors[door], column, lots[i].lot,
                         taken ? "taken" : "refused");
            if (!taken)
                must_say(&h, door, door == DOOR_THE_SCREEN ? lots[i].on_screen : lots[i].says, lots[i].lot);
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

/* The screen knows people by their badges alone: `badge` is who that is, none: no badge of anybody. The socket by both. */
static const struct {
    const char *name, *badge;
    bool nobody, engineer, required;
    const char *says;
    enum failure_code code;
} people[] = {
    {"op-1", "B-1", true, true, true, "", FAILURE_NONE},
    {"unknown", NULL, true, false, false, NO_PERSON, FAIL_LOGIN},
    {"=cmd", NULL, true, false, false, NO_PERSON, FAIL_LOGIN},
    {"gone", "B-2", false, false, false, "gone may no longer work here", FAIL_LOGIN},
    {"", "", false, false, false, "operator's" IS_BLANK, FAIL_WORK},
    {" ", " ", false, false, false, "operator's" IS_BLANK, FAIL_WORK},
    {long300, long300, false, false, false, "operator's" IS_LONG, FAIL_WORK},
    {"a\033[2J", "a\033[2J", false, false, false, "operator's" HAS_SIGN, FAIL_WORK},
    {"a\xff", "a\xff", false, false, false, "operator's" IS_NO_TEXT, FAIL_WORK},
};

static bool take_person(struct house *h, enum door door, size_t i)
{
    if (door == DOOR_THE_SCREEN || door == DOOR_SCAN)
        return on_screen(h, door == DOOR_SCAN ? DESK_SCAN : DESK_LOG_IN, people[i].badge);
    if (door == DOOR_OF_SOCKET)
        return by_socket(h, &(struct control_duty){.operator_id = people[i].name}, people[i].code);
    return start(h, door, NULL, people[i].name);
}

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
            bool taken = take_person(&h, door, i);
            if (taken != columns[column])
                fail_msg("%s, column %d, operator '%s': %s", doors[door], column, people[i].name,
                         taken ? "taken" : "refused");
            if (!taken && !by_badge)
                must_say(&h, door, people[i].says, people[i].name);
            if (door == DOOR_OF_SOCKET && people[i].badge != NULL) {
                duty_set_operator(duty, "");
                assert_int_equal(by_socket(&h, &(struct control_duty){.badge = people[i].badge}, FAIL_LOGIN),
                                 taken);
            }
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
        const char *says;
    } wrong[] = {
        {"lopy4", 0x11, true, "lot BOUND is for job wipy, this is lopy4"},
        {"wipy", 0x22, true, "lot BOUND is for job wipy with hash 11111111, this is one with 22222222"},
        {"wipy", 0x22, false, "hash 11111111, this is not released, 22222222"}};

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
            assert_true(take_lot(&h, door, "BOUND", FAILURE_NONE));
            duty_set_lot(duty, "");
            snprintf(h.job.name, sizeof h.job.name, "%s", wrong[i].job);
            memset(h.job.sha256, wrong[i].hash, SHA256_SIZE);
            h.job.released = wrong[i].released;
            if (take_lot(&h, door, "BOUND", FAIL_WORK))
                fail_msg("%s takes job %s for lot BOUND (row %zu)", doors[door], wrong[i].job, i);
            must_say(&h, door, wrong[i].says, "");
            assert_true(take_lot(&h, door, "A-17", FAILURE_NONE));
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

/* A name that is no job's, in the words of whoever is asked: the start takes files too, and says where it looked. */
static void no_door_takes_a_job_that_is_none(void **state)
{
    (void)state;
    static const char *const names[] = {"unknown",  "",      " ",    long300,
                                        "a\033[2J", "a\xff", "=cmd", "./none.yaml"};

    for (int enrolled = 0; enrolled < 2; enrolled++) {
        struct house h;
        house_open(&h, enrolled != 0, "policy: {lot_required: no}\n");
        for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
            int code = 0;
            FILE *was = listen_to_stderr(&h);
            struct job *job = job_choice_open("run", names[i], NULL, &code);
            leave_stderr(was);
            assert_null(job);
            assert_int_equal(code, EXIT_INPUT);
            bool is_file = strchr(names[i], '/') != NULL;
            must_say(&h, DOOR_RUN, is_file ? "none.yaml" : "there is no job", "");
            assert_false(on_screen(&h, DESK_JOB, names[i]));
            must_say(&h, DOOR_THE_SCREEN, is_file ? "none.yaml" : "There is no such job.", "");
            assert_false(
                by_socket(&h, &(struct control_duty){.job = names[i]}, is_file ? FAIL_JOB : FAIL_WORK));
            must_say(&h, DOOR_OF_SOCKET, is_file ? "none.yaml" : "There is no such job.", "");
        }
        house_close(&h);
    }
}

/* Two jobs beside the records, of one firmware; the hash of the first. */
static void make_jobs(struct house *h, char first[SHA256_TEXT_SIZE])
{
    static const char text[] = "board: WiPy\nchip: esp32\nfirmware:\n  archive: good.tar.gz\n";
    struct failure f = {0};
    char command[512], path[200];

    snprintf(command, sizeof command,
             "cd %s && python3 " SOURCE_DIR "/tests/support/firmware_make.py good.tar.gz", h->x.dir);
    assert_int_equal(system(command), 0);
    snprintf(path, sizeof path, "%s/second.yaml", h->x.dir);
    scratch_save_text(path, text);
    snprintf(path, sizeof path, "%s/first.yaml", h->x.dir);
    scratch_save_text(path, text);
    struct job *job = run_load_job(path, &f);
    assert_non_null(job);
    digest_hex(job->sha256, SHA256_SIZE, first);
    job_free(job);
}

/* The lot is chosen, and the job comes after: screen and socket, which change it while a run goes on. */
static void no_other_job_is_chosen_for_the_lot_at_work(void **state)
{
    (void)state;
    char hash[SHA256_TEXT_SIZE], first[200], second[200];
    struct house h;

    house_open(&h, false, "policy: {lot_required: no}\n");
    make_jobs(&h, hash);
    struct duty *duty = db_recorder_duty(h.x.rec);
    snprintf(first, sizeof first, "%s/first.yaml", h.x.dir);
    snprintf(second, sizeof second, "%s/second.yaml", h.x.dir);
    must(&h,
         (struct work_call){.action = WORK_LOT_OPEN, .object = "L-1", .job = "first", .job_sha256 = hash});
    duty_set_lot(duty, "L-1");
    assert_false(by_socket(&h, &(struct control_duty){.job = second}, FAIL_WORK));
    must_say(&h, DOOR_OF_SOCKET, "lot L-1 is for job first, this is second", "");
    assert_false(on_screen(&h, DESK_JOB, second));
    must_say(&h, DOOR_THE_SCREEN, "lot L-1 is for job first, this is second", "");
    assert_false(by_socket(&h, &(struct control_duty){.lot = "A-17", .job = second, .operator_id = "gone"},
                           FAIL_LOGIN));
    assert_string_equal(duty_now(duty).lot, "L-1"); /* all of it or nothing */
    assert_null(h.run.next_job);
    /* Edited, it is another hash, and not released. */
    scratch_save_text(first, "board: WiPy\nchip: esp32\nretries: 0\nfirmware:\n  archive: good.tar.gz\n");
    assert_false(by_socket(&h, &(struct control_duty){.job = first}, FAIL_WORK));
    must_say(&h, DOOR_OF_SOCKET, "lot L-1 is for job first with hash", "");
    must_say(&h, DOOR_OF_SOCKET, "this is not released, ", "");
    assert_false(on_screen(&h, DESK_JOB, first));
    assert_int_equal(fixture_int(&h.x, "SELECT count(*) FROM audit WHERE action LIKE 'job.%'"), 0);
    /* Another lot may bring its job: both are for the boards after those at work. */
    assert_true(by_socket(&h, &(struct control_duty){.lot = "L-2", .job = second, .operator_id = "op-1"},
                          FAILURE_NONE));
    assert_string_equal(h.run.next_job->name, "second");
    assert_string_equal(h.run.next_lot, "L-2");
    assert_string_equal(duty_now(duty).lot, "L-1");
    assert_string_equal(duty_now(duty).operator_id, "op-1");
    assert_int_equal(
        fixture_int(&h.x, "SELECT count(*) FROM audit WHERE action IN ('login', 'job.unreleased', 'lot.open')"
                          " AND object IN ('op-1', 'second', 'L-2')"),
        3);
    assert_false(by_socket(&h, &(struct control_duty){.job = first}, FAIL_WORK)); /* one after the other */
    house_close(&h);
}

/* An operator does not choose the job, by whatever door. */
static void another_job_takes_the_engineer_at_the_socket_too(void **state)
{
    (void)state;
    char hash[SHA256_TEXT_SIZE], second[200];
    struct house h;

    house_open(&h, true, "policy: {lot_required: no}\n");
    make_jobs(&h, hash);
    snprintf(second, sizeof second, "%s/second.yaml", h.x.dir);
    assert_false(by_socket(&h, &(struct control_duty){.job = second, .operator_id = "op-1"}, FAIL_ROLE));
    assert_false(by_socket(&h, &(struct control_duty){.job = second, .pin = "999999"}, FAIL_ROLE));
    assert_string_equal(duty_now(db_recorder_duty(h.x.rec)).operator_id, "");
    assert_null(h.run.next_job);
    assert_true(by_socket(&h, &(struct control_duty){.job = second, .pin = PIN}, FAILURE_NONE));
    assert_non_null(h.run.next_job);
    house_close(&h);
}

/* Where a run is not there yet, or no more, nothing is chosen that it would throw away. */
static void a_run_that_begins_or_ends_is_not_chosen_for(void **state)
{
    (void)state;
    struct house h;

    house_open(&h, false, "policy: {lot_required: no}\n");
    assert_true(by_socket(&h, &(struct control_duty){.lot = "A-17"}, FAILURE_NONE));
    assert_true(
        by_socket(&h, &(struct control_duty){.log_out = true}, FAILURE_NONE)); /* nobody is there: done */
    assert_false(run_goes_on(&h.run, true));
    assert_false(by_socket(&h, &(struct control_duty){.lot = "BOUND"}, FAIL_WORK));
    must_say(&h, DOOR_OF_SOCKET, "the run begins or ends: ask again", "");
    assert_string_equal(duty_now(db_recorder_duty(h.x.rec)).lot, "A-17");
    house_close(&h);
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
        cmocka_unit_test(no_door_takes_a_job_that_is_none),
        cmocka_unit_test(no_other_job_is_chosen_for_the_lot_at_work),
        cmocka_unit_test(another_job_takes_the_engineer_at_the_socket_too),
        cmocka_unit_test(a_run_that_begins_or_ends_is_not_chosen_for),
        cmocka_unit_test(what_is_required_is_asked_for_at_the_start),
        cmocka_unit_test(a_scan_is_what_the_records_say),
    };
    memset(long300, 'x', sizeof long300 - 1);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
