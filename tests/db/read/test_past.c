/* SPDX-License-Identifier: Apache-2.0 */
/* What was archived would be as good as lost: not found by MAC, serial or lot, or answered out of a file that somebody changed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>
#include <sqlite3.h>

#include "base/file.h"
#include "db/care/retention.h"
#include "db/care/verify.h"
#include "db/desk/lot.h"
#include "db/desk/work.h"
#include "db/read/past.h"
#include "db/read/record_query.h"
#include "tests/support/db_fixture.h"

#define DAY_MS 86400000LL
#define T0     1795341600000LL

/* A board with a scanned serial ("": none), from arrival to its end. */
static int64_t flash(struct db_fixture *x, const char *lot, uint32_t tail, const char *serial,
                     enum result result)
{
    const struct attempt_start s = board_start(1);
    const struct unit_identity u = board_identity(tail);
    const struct attempt_result e = board_end(result, result == RESULT_PASS ? FAILURE_NONE : FAIL_WRITE);
    struct recorder_verdict v;
    struct failure f = {0};
    int slot = 1;
    int64_t a;

    x->wall_ms += 60000;
    x->mono_us += 60000000;
    duty_set_lot(db_recorder_duty(x->rec), lot);
    assert_int_equal(x->face->open(x->face->ctx, &s, &a, &f), 0);
    assert_int_equal(x->face->identify(x->face->ctx, a, &u, &v, &f), 0);
    assert_true(v.allowed);
    assert_int_equal(x->face->leave(x->face->ctx, a, &f), 0);
    if (serial[0] != '\0')
        assert_int_equal(db_recorder_scan(x->rec, &slot, serial), SERIAL_ACCEPTED);
    assert_int_equal(x->face->leave(x->face->ctx, a, &f), 0);
    assert_int_equal(x->face->begin(x->face->ctx, a, &f), 0);
    assert_int_equal(x->face->close(x->face->ctx, a, &e, &f), 0);
    return a;
}

static void archive(struct db_fixture *x, char file[static 4096])
{
    const struct work_call ask = {.action = WORK_ARCHIVE, .object = "before"};
    struct retention_report r;
    struct failure f = {0};

    x->wall_ms += DAY_MS;
    x->mono_us += DAY_MS * 1000;
    assert_int_equal(work_do(x->db, &ask, NULL, &f), 0);
    if (retention_archive(x->db, x->wall_ms, NULL, &r, &f) != 0)
        fail_msg("%s", f.detail);
    snprintf(file, 4096, "%s", r.file);
}

/* Two archives: units 1 to 3 of L1 in the first, 3 (again, in L2) and 4 in the second; unit 5 is not archived. */
static void fill(struct db_fixture *x, char first[static 4096], char second[static 4096])
{
    fixture_new(x);
    x->policy.on_duplicate = DUPLICATE_REWORK;
    x->has_clock = true;
    x->wall_ms = T0;
    fixture_start(x);
    flash(x, "L1", 1, "S-1", RESULT_PASS);
    flash(x, "L1", 2, "S-2", RESULT_FAIL);
    flash(x, "L1", 2, "S-2b", RESULT_PASS);
    flash(x, "L1", 3, "", RESULT_PASS);
    archive(x, first);
    flash(x, "L2", 3, "S-3", RESULT_FAIL);
    flash(x, "L2", 4, "S-4", RESULT_PASS);
    archive(x, second);
    flash(x, "L2", 5, "S-5", RESULT_PASS);
}

static const char *base_of(const char *path)
{
    return strrchr(path, '/') + 1;
}

/* "attempt mac serial result;" of what one file holds. */
static void rows_of(struct db *db, const struct past_file *p, const struct past_ask *ask,
                    char out[static 512])
{
    static const char *const names[] = {"attempt", "mac", "serial", "lot", "result", "mark"};
    struct record_filter all = RECORD_FILTER_ALL;
    struct failure f = {0};
    struct db *rows = past_rows(db, p, ask, &f);

    if (rows == NULL)
        fail_msg("%s", f.detail);
    struct record_cursor *c = record_query(rows, RECORD_ATTEMPTS, &all, &f);
    assert_non_null(c);
    out[0] = '\0';
    while (record_next(c, &f) == 1) {
        for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
            sprintf(out + strlen(out), "%s ",
                    record_text(c, record_field_index(RECORD_ATTEMPTS, names[i])) + (i == 1 ? 15 : 0));
        sprintf(out + strlen(out), ";");
    }
    record_cursor_free(c);
    db_close(rows);
}

static void assert_holds(struct db_fixture *x, const struct past_ask *ask, const char *file, const char *rows)
{
    struct past_file files[4];
    struct failure f = {0};
    char got[512];
    int count = past_files(x->db, ask, files, 4, &f);

    for (int i = 0; i < count; i++) {
        if (strcmp(files[i].name, base_of(file)) != 0)
            continue;
        rows_of(x->db, &files[i], ask, got);
        assert_string_equal(got, rows);
        return;
    }
    if (rows[0] != '\0')
        fail_msg("%s is not named", file);
}

static void it_is_found_by_mac_serial_and_lot(void **state)
{
    (void)state;
    struct db_fixture x;
    char a[4096], b[4096];
    struct mac two = board_identity(2).mac, three = board_identity(3).mac, five = board_identity(5).mac, mac;
    const struct past_ask of_two = {.mac = &two}, of_three = {.mac = &three}, of_five = {.mac = &five},
                          by_serial = {.serial = "S-2"}, by_lot = {.lot = "L2"}, other = {.serial = "S-5"};
    struct failure f = {0};

    fill(&x, a, b);
    const struct work_call put_aside = {.action = WORK_QUARANTINE,
                                        .object = "24:0a:c4:00:00:02",
                                        .number = 3,
                                        .reason = "cracked",
                                        .actor = "en1"};
    assert_int_equal(work_do(x.db, &put_aside, NULL, &f), 0);
    assert_holds(&x, &of_two, a, "2 02 S-2 L1 FAIL QUARANTINE ;3 02 S-2b L1 PASS QUARANTINE ;");
    assert_holds(&x, &of_two, b, "");
    assert_holds(&x, &of_three, a, "4 03  L1 PASS  ;");
    assert_holds(&x, &of_three, b, "5 03 S-3 L2 FAIL  ;");
    assert_holds(&x, &of_five, a, "");
    assert_holds(&x, &by_serial, a, "2 02 S-2 L1 FAIL QUARANTINE ;");
    assert_holds(&x, &by_serial, b, "");
    assert_holds(&x, &by_lot, a, "");
    assert_holds(&x, &by_lot, b, "5 03 S-3 L2 FAIL  ;6 04 S-4 L2 PASS  ;");
    assert_holds(&x, &other, a, "");
    assert_int_equal(past_serial_unit(x.db, "S-3", &mac, &f), 1);
    assert_memory_equal(mac.bytes, three.bytes, 6);
    assert_int_equal(past_serial_unit(x.db, "S-5", &mac, &f), 0);
    assert_int_equal(past_last_attempt(x.db, &three, &f), 5);
    assert_int_equal(past_last_attempt(x.db, &five, &f), 0);
    fixture_free(&x);
}

/* The same serial on another board: the archived unit's name and its file are told, and the archive need not even be there. */
static void an_archived_serial_is_another_units(void **state)
{
    (void)state;
    struct db_fixture x;
    char a[4096], b[4096], note[512], expected[600];
    const struct attempt_start s = board_start(1);
    const struct unit_identity u = board_identity(9), one = board_identity(1);
    const struct attempt_result e = board_end(RESULT_ABORTED, FAIL_ABORTED);
    struct recorder_verdict v;
    struct failure f = {0};
    int64_t attempt;
    int slot = 1;

    fill(&x, a, b);
    while (db_recorder_next_note(x.rec, note, sizeof note))
        ;
    assert_int_equal(unlink(a), 0);
    assert_int_equal(x.face->open(x.face->ctx, &s, &attempt, &f), 0);
    assert_int_equal(x.face->identify(x.face->ctx, attempt, &u, &v, &f), 0);
    assert_int_equal(x.face->leave(x.face->ctx, attempt, &f), 0);
    assert_int_equal(db_recorder_scan(x.rec, &slot, "S-1"), SERIAL_USED);
    assert_true(db_recorder_next_note(x.rec, note, sizeof note));
    snprintf(expected, sizeof expected,
             "serial number S-1 is that of MAC 24:0a:c4:00:00:01, which passed before: archive %.255s",
             base_of(a));
    assert_string_equal(note, expected);
    assert_int_equal(db_recorder_scan(x.rec, &slot, "S-2"), SERIAL_ACCEPTED); /* that one failed with it */
    assert_int_equal(x.face->close(x.face->ctx, attempt, &e, &f), 0);
    /* A unit may have its own again. */
    assert_int_equal(x.face->open(x.face->ctx, &s, &attempt, &f), 0);
    assert_int_equal(x.face->identify(x.face->ctx, attempt, &one, &v, &f), 0);
    assert_int_equal(x.face->leave(x.face->ctx, attempt, &f), 0);
    assert_int_equal(db_recorder_scan(x.rec, &slot, "S-1"), SERIAL_ACCEPTED);
    assert_int_equal(x.face->close(x.face->ctx, attempt, &e, &f), 0);
    x.policy.on_duplicate = DUPLICATE_REFUSE;
    db_recorder_set_policy(x.rec, &x.policy);
    assert_int_equal(x.face->open(x.face->ctx, &s, &attempt, &f), 0);
    assert_int_equal(x.face->identify(x.face->ctx, attempt, &one, &v, &f), 0);
    snprintf(expected, sizeof expected,
             "MAC 24:0a:c4:00:00:01 passed before: the record is in archive %.255s", base_of(a));
    assert_int_equal(v.hold.code, HOLD_MAC_DUPLICATE);
    assert_string_equal(v.hold.detail, expected);
    assert_int_equal(x.face->close(x.face->ctx, attempt, &e, &f), 0);
    fixture_free(&x);
}

static void lot_is(struct db_fixture *x, const char *code, int64_t good, int64_t units, int64_t attempts)
{
    struct lot_status l;
    struct failure f = {0};
    char sql[600];

    assert_int_equal(lot_status(x->db, code, false, &l, &f), 0);
    if (l.good != good || l.units != units || l.attempts != attempts)
        fail_msg("%s: good %d, units %d, attempts %d", code, (int)l.good, (int)l.units, (int)l.attempts);
    /* docs/terminology.md, "lot attempts", by the same shell that anyone has. */
    snprintf(
        sql, sizeof sql,
        "SELECT (SELECT count(*) FROM attempt a WHERE a.lot_id = l.id AND a.kind <> 'TRAINING' AND a.result <> 'OPEN')"
        " + (SELECT coalesce(sum(t.attempts), 0) FROM tried_past t WHERE t.lot_id = l.id AND t.training = 0)"
        " FROM lot l WHERE l.code = '%s'",
        code);
    assert_int_equal(fixture_int(x, sql), attempts);
}

/* A lot that reads the same before and after it was archived, and goes on from there. */
static void lots_are_counted_with_what_was_archived(void **state)
{
    (void)state;
    struct db_fixture x;
    struct verify_report r;
    struct failure f = {0};
    char a[4096], b[4096], c[4096];
    const struct work_call scrap = {
        .action = WORK_SCRAP, .object = "24:0a:c4:00:00:01", .reason = "burnt", .actor = "en1"};

    fill(&x, a, b);
    lot_is(&x, "L1", 3, 3, 4);
    lot_is(&x, "L2", 2, 3, 3);
    flash(&x, "L2", 3, "S-3", RESULT_PASS);
    lot_is(&x, "L2", 3, 3, 4);
    flash(&x, "L2", 4, "S-4", RESULT_FAIL);
    lot_is(&x, "L2", 2, 3, 5);
    archive(&x, c);
    lot_is(&x, "L1", 3, 3, 4);
    lot_is(&x, "L2", 2, 3, 5);
    flash(&x, "L2", 6, "", RESULT_FAIL);
    lot_is(&x, "L2", 2, 4, 6);
    assert_int_equal(work_do(x.db, &scrap, NULL, &f), 0);
    lot_is(&x, "L1", 2, 3, 4);
    assert_int_equal(verify_all(x.db, &r, &f), 0);
    assert_string_equal(r.text, "");
    fixture_free(&x);
}

static void refused(struct db_fixture *x, const struct past_ask *ask, const char *words)
{
    struct past_file file;
    struct failure f = {0};

    assert_int_equal(past_files(x->db, ask, &file, 1, &f), 1);
    assert_null(past_rows(x->db, &file, ask, &f));
    if (strstr(f.detail, words) == NULL || strstr(f.detail, file.name) == NULL)
        fail_msg("said '%s'", f.detail);
}

static void a_file_that_is_gone_or_changed_is_named(void **state)
{
    (void)state;
    struct db_fixture x;
    char a[4096], b[4096], away[4200];
    struct mac two = board_identity(2).mac;
    const struct past_ask ask = {.mac = &two};
    struct failure f = {0};
    sqlite3 *h;

    fill(&x, a, b);
    snprintf(away, sizeof away, "%s.away", a);
    assert_int_equal(rename(a, away), 0);
    refused(&x, &ask, "is not beside the database: put it back there");
    assert_int_equal(rename(away, a), 0);
    assert_holds(&x, &ask, a, "2 02 S-2 L1 FAIL  ;3 02 S-2b L1 PASS  ;");
    assert_int_equal(chmod(a, 0600), 0);
    assert_int_equal(sqlite3_open(a, &h), SQLITE_OK);
    assert_int_equal(sqlite3_exec(h, "UPDATE attempt SET result = 'PASS'", NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(h);
    refused(&x, &ask, "is not the file that was made, its SHA-256 is another: look for a copy");
    assert_int_equal(truncate(a, 5000), 0);
    refused(&x, &ask, "look for a copy");
    /* Whoever made its hash fit, as one may with a file that is broken: SQLite finds it. */
    struct past_file file;
    uint64_t bytes;
    assert_int_equal(past_files(x.db, &ask, &file, 1, &f), 1);
    assert_int_equal(file_sha256(a, file.sha256, &bytes), 0);
    assert_null(past_rows(x.db, &file, &ask, &f));
    assert_non_null(strstr(f.detail, file.name));
    fixture_free(&x);
}

/* An archive that was made before format 8: nothing of its serials and lots is known here, and it has fewer columns. */
static void an_older_archive_is_opened_instead(void **state)
{
    (void)state;
    struct db_fixture x;
    char a[4096], b[4096], got[512];
    const struct past_ask by_serial = {.serial = "S-2b"}, by_lot = {.lot = "L1"};
    struct past_file files[4];
    struct failure f = {0};
    uint64_t bytes;
    sqlite3 *h;

    fill(&x, a, b);
    assert_int_equal(
        fixture_exec(
            &x, "DROP TRIGGER tried_past_stays; DROP TRIGGER serial_past_stays;"
                "DELETE FROM tried_past WHERE archive_id = 1; DELETE FROM serial_past WHERE archive_id = 1"),
        SQLITE_OK);
    /* It is told once a run, where a serial is scanned. */
    fixture_stop(&x);
    fixture_start(&x);
    while (db_recorder_next_note(x.rec, got, sizeof got))
        assert_null(strstr(got, "before format 8"));
    flash(&x, "L2", 6, "S-6", RESULT_PASS);
    assert_true(db_recorder_next_note(x.rec, got, sizeof got));
    assert_non_null(strstr(got, base_of(a)));
    assert_non_null(strstr(got, "no scan is compared with the serial numbers in it"));
    flash(&x, "L2", 7, "S-7", RESULT_PASS);
    assert_false(db_recorder_next_note(x.rec, got, sizeof got));
    assert_int_equal(chmod(a, 0600), 0);
    assert_int_equal(sqlite3_open(a, &h), SQLITE_OK);
    assert_int_equal(
        sqlite3_exec(h,
                     "ALTER TABLE attempt DROP COLUMN serial_asked; ALTER TABLE attempt DROP COLUMN efuse;"
                     "ALTER TABLE attempt DROP COLUMN unit_data_sha256; DROP VIEW unit_mark;"
                     "DROP VIEW unit_word; DROP TABLE tried_past; DROP TABLE serial_past;"
                     "DROP TABLE word_past; PRAGMA user_version = 7",
                     NULL, NULL, NULL),
        SQLITE_OK);
    sqlite3_close(h);
    assert_int_equal(past_files(x.db, &by_serial, files, 4, &f), 1);
    assert_string_equal(files[0].name, base_of(a));
    assert_int_equal(file_sha256(a, files[0].sha256, &bytes), 0);
    rows_of(x.db, &files[0], &by_serial, got);
    assert_string_equal(got, "3 02 S-2b L1 PASS  ;");
    rows_of(x.db, &files[0], &by_lot, got);
    assert_string_equal(got, "1 01 S-1 L1 PASS  ;2 02 S-2 L1 FAIL  ;3 02 S-2b L1 PASS  ;4 03  L1 PASS  ;");
    fixture_free(&x);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_is_found_by_mac_serial_and_lot),
        cmocka_unit_test(an_archived_serial_is_another_units),
        cmocka_unit_test(lots_are_counted_with_what_was_archived),
        cmocka_unit_test(a_file_that_is_gone_or_changed_is_named),
        cmocka_unit_test(an_older_archive_is_opened_instead),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
