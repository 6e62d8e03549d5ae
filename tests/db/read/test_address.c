/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A unit is its base MAC, whatever else is burnt into it: further addresses are kept, held like every record, and lead to the
 * unit, archived or not. If this failed, a board with a MAC of its owner's would be a stranger under it, or a duplicate.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "db/care/retention.h"
#include "db/care/verify.h"
#include "db/desk/work.h"
#include "db/read/address.h"
#include "db/read/record_query.h"
#include "db/read/story.h"
#include "tests/support/db_fixture.h"

#define CUSTOM_TAIL "70:b3:d5:00:00:"

struct board {
    uint32_t tail;
    uint8_t custom;     /* last byte of its custom MAC; 0: none burnt */
    uint8_t eui64_tail; /* 0: its chip has none */
    const char *chip;
};

/* One attempt on it. What the records say. */
static struct recorder_verdict flash(struct db_fixture *x, const struct board *b)
{
    const struct attempt_start s = board_start(1);
    struct unit_identity u = board_identity(b->tail);
    struct recorder_verdict v = {0};
    struct failure f = {0};
    int64_t attempt;

    if (b->chip != NULL)
        snprintf(u.chip, sizeof u.chip, "%s", b->chip);
    u.has_custom_mac = b->custom != 0;
    u.custom_mac = (struct mac){{0x70, 0xb3, 0xd5, 0, 0, b->custom}};
    u.has_eui64 = b->eui64_tail != 0;
    memcpy(u.eui64, (const uint8_t[]){0x24, 0x0a, 0xc4, 0xff, 0xfe, 0, 0, b->eui64_tail}, EUI64_SIZE);
    assert_int_equal(x->face->open(x->face->ctx, &s, &attempt, &f), 0);
    assert_int_equal(x->face->identify(x->face->ctx, attempt, &u, &v, &f), 0);
    const struct attempt_result e =
        board_end(v.allowed ? RESULT_PASS : RESULT_HOLD, v.allowed ? FAILURE_NONE : v.hold.code);
    assert_int_equal(x->face->close(x->face->ctx, attempt, &e, &f), 0);
    return v;
}

/* Base MACs of the units that an address leads to: "MAC 3", "custom MAC 4 3"; "": none. */
static const char *found(struct db_fixture *x, const char *text, char out[static 64])
{
    struct address_unit units[4];
    struct failure f = {0};
    int count = address_find(x->db, text, units, 4, &f);

    assert_true(count >= 0);
    out[0] = '\0';
    for (int i = 0; i < count; i++) {
        size_t len = strlen(out);
        snprintf(out + len, 64 - len, "%s %d", i == 0 ? address_kind_name(units[i].kind) : "",
                 units[i].mac.bytes[5]);
    }
    return out;
}

/* By our own check and by a reader that knows the page alone. */
static void assert_good(struct db_fixture *x, bool good)
{
    struct verify_report r;
    struct failure f = {0};
    char command[512];

    assert_int_equal(verify_all(x->db, &r, &f), 0);
    assert_int_equal(r.found == 0, good);
    if (!good)
        assert_non_null(strstr(r.text, "unit_address"));
    if (system("python3 -c 'import sqlite3' 2>/dev/null") != 0)
        return;
    fixture_stop(x);
    snprintf(command, sizeof command, "python3 '%s' '%s' >/dev/null 2>&1",
             SOURCE_DIR "/tests/support/read_chain.py", x->path);
    assert_int_equal(system(command) == 0, good);
    fixture_start(x);
}

static void any_address_leads_to_its_unit(void **state)
{
    (void)state;
    static const struct board boards[] = {
        {1, 0, 0, NULL}, {2, 9, 0, NULL}, {3, 0, 3, "ESP32-C6"}, {4, 9, 0, NULL}, {5, 5, 5, "ESP32-C6"}};
    static const struct {
        const char *text, *found;
    } rows[] = {
        {"24:0a:c4:00:00:01", "MAC 1"},
        {"24-0A-C4-00-00-05", "MAC 5"},
        {CUSTOM_TAIL "05", "custom MAC 5"},
        {"70b3d5000005", "custom MAC 5"},
        {CUSTOM_TAIL "09", "custom MAC 4 2"}, /* burnt twice by mistake: the newest first */
        {CUSTOM_TAIL "01", ""},
        {"24:0a:c4:ff:fe:00:00:03", "EUI-64 3"},
        {"240ac4fffe000005", "EUI-64 5"},
        {"24:0a:c4:ff:fe:00:00:01", ""}, /* a chip that has none is not known by one made up */
        {"SN-1", ""},
    };
    struct db_fixture x;
    char text[64];

    fixture_new(&x);
    fixture_start(&x);
    for (size_t i = 0; i < sizeof boards / sizeof boards[0]; i++)
        assert_true(
            flash(&x, &boards[i]).allowed); /* one custom MAC on two boards makes no duplicate of them */
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        assert_string_equal(found(&x, rows[i].text, text), rows[i].found);
    assert_int_equal(fixture_int(&x, "SELECT count(*) FROM unit"), 5);
    assert_good(&x, true);
    fixture_free(&x);
}

static void the_base_mac_is_the_name(void **state)
{
    (void)state;
    const struct board plain = {3, 0, 0, NULL}, burnt = {3, 7, 0, NULL}, thief = {4, 0, 0, NULL};
    struct db_fixture x;
    struct story_unit u;
    struct failure f = {0};
    char text[64];

    fixture_new(&x);
    fixture_start(&x);
    assert_true(flash(&x, &plain).allowed);
    struct recorder_verdict v = flash(&x, &burnt);
    assert_false(v.allowed); /* its owner's MAC makes no new board of it */
    assert_int_equal(v.hold.code, HOLD_MAC_DUPLICATE);
    assert_false(flash(&x, &burnt).allowed);
    assert_int_equal(fixture_int(&x, "SELECT count(*) FROM unit"), 1);
    assert_int_equal(fixture_int(&x, "SELECT count(*) FROM unit_address"), 1);
    assert_string_equal(found(&x, CUSTOM_TAIL "07", text), "custom MAC 3");
    assert_int_equal(story_unit(x.db, burnt.tail == 3 ? board_identity(3).mac.bytes : NULL, &u, &f), 1);
    assert_true(u.is.has_custom_mac && !u.is.has_eui64);
    assert_int_equal(u.is.custom_mac.bytes[5], 7);
    assert_string_equal(u.is.chip, "ESP32-D0WDQ6");
    /* Another's base MAC as one's own leads to that other one still. */
    struct unit_identity as = board_identity(4);
    const struct attempt_start s = board_start(2);
    int64_t attempt;
    as.has_custom_mac = true;
    as.custom_mac = board_identity(3).mac;
    assert_int_equal(x.face->open(x.face->ctx, &s, &attempt, &f), 0);
    assert_int_equal(x.face->identify(x.face->ctx, attempt, &as, &v, &f), 0);
    assert_true(v.allowed);
    const struct attempt_result e = board_end(RESULT_PASS, FAILURE_NONE);
    assert_int_equal(x.face->close(x.face->ctx, attempt, &e, &f), 0);
    assert_string_equal(found(&x, "24:0a:c4:00:00:03", text), "MAC 3");
    assert_false(flash(&x, &thief).allowed);
    assert_int_equal(story_unit(x.db, board_identity(9).mac.bytes, &u, &f), 0);
    assert_good(&x, true);
    fixture_free(&x);
}

/* Nothing tells boards without an address apart; what one of them has beside is not all of theirs. */
static void a_board_without_a_name_leaves_no_address(void **state)
{
    (void)state;
    struct db_fixture x;
    struct unit_identity u = board_identity(0);
    const struct attempt_start s = board_start(1);
    struct recorder_verdict v;
    struct failure f = {0};
    int64_t attempt;

    fixture_new(&x);
    x.policy.on_blank = ADDRESS_WARN;
    fixture_start(&x);
    memset(&u.mac, 0, sizeof u.mac);
    u.has_custom_mac = true;
    u.custom_mac = board_identity(8).mac;
    assert_int_equal(x.face->open(x.face->ctx, &s, &attempt, &f), 0);
    assert_int_equal(x.face->identify(x.face->ctx, attempt, &u, &v, &f), 0);
    assert_true(v.allowed);
    assert_int_equal(fixture_int(&x, "SELECT count(*) FROM unit_address"), 0);
    fixture_free(&x);
}

static void tables_and_exports_carry_them(void **state)
{
    (void)state;
    const struct board b = {6, 9, 6, "ESP32-C6"};
    static const enum record_view views[] = {RECORD_ATTEMPTS, RECORD_UNITS};
    struct db_fixture x;
    struct failure f = {0};

    fixture_new(&x);
    fixture_start(&x);
    flash(&x, &b);
    for (size_t i = 0; i < 2; i++) {
        struct record_filter filter = RECORD_FILTER_ALL;
        struct record_cursor *c = record_query(x.db, views[i], &filter, &f);
        assert_non_null(c);
        assert_int_equal(record_next(c, &f), 1);
        assert_string_equal(record_text(c, record_field_index(views[i], "custom_mac")), CUSTOM_TAIL "09");
        assert_string_equal(record_text(c, record_field_index(views[i], "eui64")), "24:0a:c4:ff:fe:00:00:06");
        assert_string_equal(record_text(c, record_field_index(views[i], "chip")), "ESP32-C6");
        record_cursor_free(c);
    }
    fixture_free(&x);
}

static void what_is_changed_or_taken_away_is_found(void **state)
{
    (void)state;
    static const char *const edits[] = {
        "DROP TRIGGER unit_address_is_final; UPDATE unit_address SET address = x'70b3d5000008';"
        "CREATE TRIGGER unit_address_is_final BEFORE UPDATE ON unit_address"
        " BEGIN SELECT RAISE(ABORT, 'unit_address: records are never changed'); END",
        "DROP TRIGGER unit_address_stays; DELETE FROM unit_address;"
        "CREATE TRIGGER unit_address_stays BEFORE DELETE ON unit_address"
        " BEGIN SELECT RAISE(ABORT, 'unit_address: records are never deleted'); END",
        "INSERT INTO unit_address(unit_id, kind, address, first_seen_ms) VALUES (1, 'CUSTOM_MAC', x'70b3d5000008', 5)",
    };
    static const char *const refused[] = {"UPDATE unit_address SET unit_id = 2", "DELETE FROM unit_address"};
    const struct board b = {6, 9, 0, NULL};

    for (size_t i = 0; i < sizeof edits / sizeof edits[0]; i++) {
        struct db_fixture x;
        fixture_new(&x);
        fixture_start(&x);
        flash(&x, &b);
        for (size_t k = 0; k < 2; k++)
            assert_int_not_equal(fixture_exec(&x, refused[k]), 0);
        assert_good(&x, true);
        fixture_stop(&x);
        assert_int_equal(fixture_exec(&x, edits[i]), 0);
        fixture_start(&x);
        assert_good(&x, false);
        fixture_free(&x);
    }
}

/* The archive takes the attempts; the unit stays, and what leads to it. What is burnt later counts for the archived ones too. */
static void an_archived_unit_is_found_as_well(void **state)
{
    (void)state;
    const struct board b = {6, 9, 6, "ESP32-C6"}, other = {7, 8, 0, NULL};
    const struct work_call ask = {.action = WORK_ARCHIVE, .object = "before"};
    struct db_fixture x;
    struct retention_report a;
    struct failure f = {0};
    char text[64], command[8192];

    fixture_new(&x);
    x.has_clock = true;
    x.wall_ms = 1000;
    fixture_start(&x);
    flash(&x, &b);
    x.wall_ms = 900000;
    flash(&x, &other);
    assert_int_equal(work_do(x.db, &ask, NULL, &f), 0);
    assert_int_equal(retention_archive(x.db, 500000, NULL, &a, &f), 0);
    assert_int_equal(a.rows, 1);
    assert_string_equal(found(&x, CUSTOM_TAIL "09", text), "custom MAC 6");
    assert_string_equal(found(&x, "24:0a:c4:ff:fe:00:00:06", text), "EUI-64 6");
    assert_good(&x, true);
    snprintf(command, sizeof command,
             "test \"$(sqlite3 -readonly '%s' 'SELECT count(*) FROM unit_address')\" = 2 &&"
             " test \"$('%s' unit %s --db '%s' --json | grep -c '\"custom_mac\":\"" CUSTOM_TAIL
             "09\"')\" = 2",
             a.file, FLASHLINE_BIN, CUSTOM_TAIL "09", x.path);
    fixture_stop(&x);
    if (system("command -v sqlite3 >/dev/null") == 0)
        assert_int_equal(system(command), 0);
    fixture_free(&x);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(any_address_leads_to_its_unit),
        cmocka_unit_test(the_base_mac_is_the_name),
        cmocka_unit_test(a_board_without_a_name_leaves_no_address),
        cmocka_unit_test(tables_and_exports_carry_them),
        cmocka_unit_test(what_is_changed_or_taken_away_is_found),
        cmocka_unit_test(an_archived_unit_is_found_as_well),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
