/* SPDX-License-Identifier: Apache-2.0 */
/* A list of boards for the customer would name one that failed, was scrapped, shares its label, or is being flashed again. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>
#include <sqlite3.h>

#include "db/care/retention.h"
#include "db/desk/work.h"
#include "db/read/past.h"
#include "db/read/record_query.h"
#include "tests/support/db_fixture.h"

/*
 * One unit a row: what happened to it, in order. P, F: an attempt that passed or failed; A: one that was stopped; T: practice
 * that passed; O: one that is still running; s: the next attempt is given a serial of its own; d: the serial that unit 1 has;
 * r: serials are asked for from here on; S, Q, L, N: scrap, quarantine, release, note.
 */
static const struct {
    const char *story;
    bool ships;
} units[] = {
    {"rsP", true}, /* unit 1: the owner of the serial that others show too */
    {"P", true},   {"F", false},   {"FP", true},  {"PF", false},   {"PA", false},  {"PT", false},
    {"T", false},  {"PO", false},  {"PS", false}, {"PQ", false},   {"PQL", true},  {"PSN", false},
    {"PN", true},  {"FL", false},  {"rP", false}, {"rsP", true},   {"sP", true},   {"dP", false},
    {"dF", false}, {"rdP", false}, {"PsP", true}, {"PQLS", false}, {"FQLP", true}, {"dFsP", true},
};

#define UNITS ((uint32_t)(sizeof units / sizeof units[0]))
#define LAST  40 /* no unit of these tests is beyond */

/* Past the desk of serials, which refuses some of these: as a station of before, or of another rule, recorded them. */
static void name_attempt(struct db_fixture *x, int64_t attempt, const char *serial)
{
    char sql[160];

    snprintf(sql, sizeof sql, "UPDATE attempt SET serial = '%s' WHERE id = %d", serial, (int)attempt);
    assert_int_equal(fixture_write(x, sql), SQLITE_OK);
}

static void flash(struct db_fixture *x, uint32_t unit, char how, const char *serial)
{
    struct attempt_start s = board_start((int)unit);
    const struct unit_identity u = board_identity(unit);
    const struct attempt_result e = how == 'F'   ? board_end(RESULT_FAIL, FAIL_WRITE)
                                    : how == 'A' ? board_end(RESULT_ABORTED, FAIL_ABORTED)
                                                 : board_end(RESULT_PASS, FAILURE_NONE);
    struct recorder_verdict v;
    struct failure f = {0};
    int64_t a;

    s.kind = how == 'T' ? ATTEMPT_TRAINING : ATTEMPT_PRODUCTION;
    assert_int_equal(x->face->open(x->face->ctx, &s, &a, &f), 0);
    assert_int_equal(x->face->identify(x->face->ctx, a, &u, &v, &f), 0);
    if (!v.allowed)
        fail_msg("%s", v.hold.detail);
    if (serial[0] != '\0')
        name_attempt(x, a, serial);
    if (how != 'O')
        assert_int_equal(x->face->close(x->face->ctx, a, &e, &f), 0);
}

static void say(struct db_fixture *x, uint32_t unit, char word)
{
    struct work_call call = {.reason = "looked at", .actor = "en1"};
    struct failure f = {0};
    char sql[96];

    call.action = word == 'S'   ? WORK_SCRAP
                  : word == 'Q' ? WORK_QUARANTINE
                  : word == 'L' ? WORK_RELEASE
                                : WORK_NOTE;
    snprintf(sql, sizeof sql, "SELECT max(attempt_id) FROM identification WHERE unit_id = %u", unit);
    call.number = fixture_int(x, sql);
    assert_int_equal(work_do(x->db, &call, NULL, &f), 0);
}

static void live(struct db_fixture *x, uint32_t unit, const char *story)
{
    char serial[32] = "";

    x->policy.serial_required = false;
    for (; *story != '\0'; story++) {
        if (*story == 'r')
            x->policy.serial_required = true;
        else if (*story == 's')
            snprintf(serial, sizeof serial, "S-%u", unit);
        else if (*story == 'd')
            snprintf(serial, sizeof serial, "S-1");
        else if (strchr("SQLN", *story) != NULL)
            say(x, unit, *story);
        else {
            db_recorder_set_policy(x->rec, &x->policy);
            flash(x, unit, *story, serial);
            serial[0] = '\0';
        }
    }
}

/* Marks in `out` which units a list names. */
static void list(struct db *db, bool out[static LAST + 1])
{
    struct record_filter filter = RECORD_FILTER_ALL;
    struct failure f = {0};

    filter.shippable = true;
    filter.lot = "L1";
    struct record_cursor *c = record_query(db, RECORD_UNITS, &filter, &f);
    if (c == NULL)
        fail_msg("%s", f.detail);
    while (record_next(c, &f) == 1) {
        struct mac mac;
        assert_int_equal(mac_parse(record_text(c, record_field_index(RECORD_UNITS, "mac")), &mac), 0);
        assert_true(mac.bytes[5] <= LAST);
        out[mac.bytes[5]] = true;
    }
    record_cursor_free(c);
}

static void fill(struct db_fixture *x)
{
    fixture_new(x);
    x->policy.on_duplicate = DUPLICATE_REWORK;
    x->has_clock = true;
    fixture_start(x);
    /* Unit 1 keeps its label only as long as no other unit passed with it: those are told apart below. */
    for (uint32_t i = 0; i < UNITS; i++)
        live(x, i + 1, units[i].story);
}

static void only_what_may_leave_is_listed(void **state)
{
    (void)state;
    struct db_fixture x;
    bool listed[LAST + 1] = {false};

    fill(&x);
    list(x.db, listed);
    for (uint32_t i = 1; i < UNITS; i++) {
        if (listed[i + 1] != units[i].ships)
            fail_msg("unit %u, '%s', is %s", i + 1, units[i].story, listed[i + 1] ? "listed" : "not listed");
    }
    assert_false(listed[1]); /* two others passed under its serial: it is not its own */
    fixture_free(&x);
}

/* The same answer, out of the files, once everything is archived; what is running cannot be. */
static void archived_units_are_listed_the_same(void **state)
{
    (void)state;
    struct db_fixture x;
    struct retention_report r;
    struct past_file file;
    const struct past_ask ask = {.lot = "L1", .still_last = true};
    const struct work_call leave = {.action = WORK_ARCHIVE, .object = "before"};
    struct failure f = {0};
    bool before[LAST + 1] = {false}, here[LAST + 1] = {false}, archived[LAST + 1] = {false};

    fill(&x);
    list(x.db, before);
    x.wall_ms += 86400000;
    assert_int_equal(work_do(x.db, &leave, NULL, &f), 0);
    if (retention_archive(x.db, x.wall_ms, NULL, &r, &f) != 0)
        fail_msg("%s", f.detail);
    list(x.db, here);
    assert_int_equal(past_files(x.db, &ask, &file, 1, &f), 1);
    struct db *rows = past_rows(x.db, &file, &ask, &f);
    if (rows == NULL)
        fail_msg("%s", f.detail);
    list(rows, archived);
    db_close(rows);
    for (uint32_t i = 1; i <= UNITS; i++) {
        if (here[i] || archived[i] != before[i])
            fail_msg("unit %u, '%s', %s", i, units[i - 1].story, archived[i] ? "came in" : "was lost");
    }
    /* Later words and attempts count for what is archived. */
    const struct work_call scrap = {.action = WORK_SCRAP, .object = "24:0a:c4:00:00:02", .reason = "burnt"};
    assert_int_equal(work_do(x.db, &scrap, NULL, &f), 0);
    flash(&x, 4, 'F', "");
    flash(&x, 30, 'P', "S-17"); /* which an archived unit passed with */
    flash(&x, 31, 'P', "S-31");
    rows = past_rows(x.db, &file, &ask, &f);
    assert_non_null(rows);
    memset(archived, 0, sizeof archived);
    list(rows, archived);
    db_close(rows);
    assert_false(archived[2]);
    assert_false(archived[4]);
    assert_true(archived[12]);
    assert_false(archived[17]);
    memset(here, 0, sizeof here);
    list(x.db, here);
    assert_false(here[30]);
    assert_true(here[31]);
    fixture_free(&x);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_what_may_leave_is_listed),
        cmocka_unit_test(archived_units_are_listed_the_same),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
