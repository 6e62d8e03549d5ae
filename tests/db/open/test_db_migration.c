/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A database of format 3, as release 0.1 left it, comes under the journal: what it held is held from there on, and verify says
 * where the old rules end. It is made by the scripts of formats 1 to 3 and by hand; the hashes in it are of a script after
 * docs/database.md.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include <sqlite3.h>

#include "db/care/anchor.h"
#include "db/care/restore.h"
#include "db/care/retention.h"
#include "db/care/verify.h"
#include "db/desk/work.h"
#include "db/open/schema.h"
#include "tests/support/db_fixture.h"
#include "tests/support/forger.h"

#define ZEROS  "0000000000000000000000000000000000000000000000000000000000000000"
#define LINK_1 "26c8d9c0aaec15c58abee6b8670e2f6393316851253a0a0c1b6eb9f7b4644af6"
#define ROW_1  "974a43049dc8ce1551b7cb0e3887beee1e12c6702aa53b16d82d63d3269eee6c"
#define ROW_2  "ec83a7fd514149fe2a751636cfbe4a43c1fd7af2137af53a29a1273888de3dc4"

static const char house_v3[] =
    "INSERT INTO station VALUES (1, 'u-1', 'bench', 5);"
    "INSERT INTO run VALUES (1, 'r-1', '0.1.0', 'h', 7, 'b', 60, 5);"
    "INSERT INTO job VALUES (1, 'wipy', zeroblob(32), 5); INSERT INTO firmware VALUES (1, 'a', 'b', zeroblob(32), 5);"
    "INSERT INTO lot(id, code, planned, opened_ms) VALUES (1, 'L1', 9, 5), (2, 'L2', 4, 5);"
    "INSERT INTO slot VALUES (1, 'sim:1', NULL, 5);"
    "INSERT INTO operator(id, name, role, pin_salt, pin_hash, created_ms) VALUES (1, 'anna', 'engineer', zeroblob(16), zeroblob(32), 5),"
    " (2, 'bert', 'operator', NULL, NULL, 5);"
    "INSERT INTO unit VALUES (1, x'240ac4000001', 'ESP32', 100, 1, 4194304, 5), (2, x'240ac4000009', 'ESP32', 100, 1, 4194304, 5);"
    "INSERT INTO attempt(id, uuid, kind, run_id, slot, port, job_id, firmware_id, lot_id, opened_ms, opened_mono_us)"
    " VALUES (1, 'a-1', 'PRODUCTION', 1, 1, 'sim:1', 1, 1, 1, 6, 6);"
    "INSERT INTO identification VALUES (1, 0, 1, 6, 'ESP32', 100, 1, 4194304, 40, 0, 0, NULL);"
    "UPDATE attempt SET result = 'PASS', closed_ms = 7, unit_id = 1, try_no = 1, used_stub = 1, stub_note = '' WHERE id = 1;"
    "INSERT INTO chain VALUES (1, 1, x'" ZEROS "', x'" LINK_1 "');"
    "INSERT INTO event(at_ms, run_id, kind, amount, text) VALUES (5, 1, 'CLOCK', 1, 'the clock'), (6, 1, 'LOT', 1, 'the lot');"
    "INSERT INTO stop VALUES (1, 6, 1, 0, 'slot_failures', 'slot 1 failed', 1); INSERT INTO stop_release VALUES (1, 7, 'anna', 'cable', 0);"
    "INSERT INTO correction VALUES (1, 1, 8, 'anna', 'NOTE', 'seen');"
    "INSERT INTO audit VALUES (1, 5, '', 'unlocked', 'operator.add', 'anna', NULL, 'engineer, PIN', NULL, x'" ZEROS
    "', x'" ROW_1 "'),"
    " (2, 6, 'anna', 'engineer', 'lot.open', 'L1 9', NULL, '9', NULL, x'" ROW_1 "', x'" ROW_2 "');";

/* Format 3 with `edit` done to it before the update; then open. */
static void update_from_3(struct db_fixture *x, const char *edit)
{
    sqlite3 *h;

    fixture_new(x);
    assert_int_equal(sqlite3_open(x->path, &h), SQLITE_OK);
    assert_int_equal(schema_migrate(h, 0, 3), SQLITE_OK);
    assert_int_equal(sqlite3_exec(h, house_v3, NULL, NULL, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_exec(h, edit, NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(h);
    fixture_start(x);
}

static void look(struct db_fixture *x, struct verify_report *r)
{
    struct failure f = {0};

    if (verify_all(x->db, r, &f) != 0)
        fail_msg("%s", f.detail);
}

/* Nothing of ours but docs/database.md: does it find that all `fits`? Without python3 nobody asks. */
static void read_independently(const struct db_fixture *x, bool fits)
{
    char command[512];

    if (system("python3 -c 'import sqlite3' 2>/dev/null") != 0)
        return;
    snprintf(command, sizeof command, "python3 '%s' '%s' >/dev/null 2>&1",
             SOURCE_DIR "/tests/support/read_chain.py", x->path);
    assert_int_equal(system(command) == 0, fits);
}

/* The file as it is right after the update, byte for byte the same each time: digests and hashes by read_chain.py. */
static void the_first_entries_are_known(void **state)
{
    (void)state;
    static const struct {
        int seq;
        const char *table, *digest, *hash;
    } known[] = {
        {1, "base audit", "ec83a7fd514149fe2a751636cfbe4a43c1fd7af2137af53a29a1273888de3dc4",
         "7bd0f8251a62cea9d78f051e04f09ef758af8413d5800a8fcd3c594100aac851"},
        {2, "base chain", "26c8d9c0aaec15c58abee6b8670e2f6393316851253a0a0c1b6eb9f7b4644af6",
         "939a25bfc6532d82cd990332bf71e85bfe78eb3cc82f7bf11ee7b9e33b49cb1a"},
        {9, "operator", "a19b3a8ea08e9c1e80b98a1c3a6221b22694936a804999350b835aea27179ad3",
         "c025f04f958497f9de498d8c2e488c1da484a684f137251da81201ca02040cdb"},
        {10, "operator", "26adb93ed8054e2f2c94fcbc31b8df3fc4d5d4e1ac5ac2ee8d55f91cf5e6fcb2",
         "2f3e3f77051805b5abed0fc227083c686c2d70d229cdccf38f27a3f1cd72354a"},
        {15, "stop_release", "1d60953ef633c348093fa748f804a173c45296a831748514a10c7b703a2a48cd",
         "d7cf8c758c051c9fca3405593a3654a1a9b149fd548cb2375d190a691a2b5e41"},
        {16, "base unit", "6f86439b88fe349d00455f693f57ee69bad5d942db8da62352e09009412d172a",
         "867c514e430bad5d3f1851306e514bce22dfcb04b2bf079857640243583728e7"},
        {17, "base format", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
         "7d5220fdc4899ccb5a82fba0f89b2561fc45d99763a824eebccf9142fd0a6d15"},
    };
    struct db_fixture x;
    sqlite3 *h;

    fixture_new(&x);
    assert_int_equal(sqlite3_open(x.path, &h), SQLITE_OK);
    assert_int_equal(schema_migrate(h, 0, 3), SQLITE_OK);
    assert_int_equal(sqlite3_exec(h, house_v3, NULL, NULL, NULL), SQLITE_OK);
    assert_int_equal(schema_migrate(h, 3, 5), SQLITE_OK);
    sqlite3_close(h);
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        char sql[400];
        snprintf(
            sql, sizeof sql,
            "SELECT count(*) FROM journal WHERE seq = %d AND tbl = '%s' AND digest = x'%s' AND hash = x'%s'",
            known[i].seq, known[i].table, known[i].digest, known[i].hash);
        if (fixture_int(&x, sql) != 1)
            fail_msg("journal entry %d, %s, is not the known one", known[i].seq, known[i].table);
    }
    read_independently(&x, true);
    fixture_free(&x);
}

static void verify_says_where_the_old_rules_end(void **state)
{
    (void)state;
    struct db_fixture x;
    struct verify_report r;

    update_from_3(&x, "");
    look(&x, &r);
    assert_string_equal(r.text, "");
    assert_int_equal(r.noted, 1);
    assert_non_null(strstr(r.notes[0], "rules of format 3: up to record 1 and audit row 2"));
    duty_set_operator(db_recorder_duty(x.rec), "");
    fixture_flash(&x, 1, "L1", 3, RESULT_PASS, FAILURE_NONE);
    look(&x, &r);
    assert_string_equal(r.text, "");
    assert_int_equal(r.attempts, 2);
    fixture_stop(&x);
    read_independently(&x, true);
    fixture_start(&x);
    look(&x, &r);
    assert_string_equal(r.text, "");
    fixture_free(&x);
}

static void what_was_there_is_held_from_then_on(void **state)
{
    (void)state;
    static const struct {
        const char *edit, *words;
        bool links, audit;
    } edits[] = {
        {"UPDATE unit SET chip = 'ESP8266' WHERE id = 2", "unit: a row up to number 2", false, false},
        {"DELETE FROM unit WHERE id = 2", "unit: a row up to number 2", false, false},
        {"UPDATE event SET text = 'x' WHERE id = 1", "event: a row up to number 2", false, false},
        {"UPDATE run SET host = 'x' WHERE id = 1", "run: a row up to number 1", false, false},
        {"UPDATE operator SET role = 'engineer' WHERE id = 2", "operator 2, bert was changed", false, false},
        {"UPDATE lot SET planned = 400 WHERE id = 1", "lot 1, L1 was changed", false, false},
        {"DELETE FROM lot WHERE id = 2", "lot 2 was removed", false, false},
        {"UPDATE correction SET reason = 'x'", "correction 1 was changed", false, false},
        {"UPDATE stop SET slot = 9", "stop 1 was changed", false, false},
        {"UPDATE stop_release SET reason = 'x'", "stop_release 1 was changed", false, false},
        {"UPDATE audit SET actor = 'bert' WHERE id = 2", "audit", false, true},
        {"UPDATE attempt SET duration_us = 9 WHERE id = 1", "chain: a row up to number 1", true, false},
        {"INSERT INTO event(id, at_ms, kind, text) VALUES (-1, 5, 'LOT', 'x')", "event: a row up to", false,
         false},
    };
    for (size_t i = 0; i < sizeof edits / sizeof edits[0]; i++) {
        struct db_fixture x;
        struct verify_report r;
        sqlite3 *h;
        update_from_3(&x, "");
        fixture_stop(&x);
        assert_int_equal(sqlite3_open(x.path, &h), SQLITE_OK);
        char *triggers = forge_triggers_off(h);
        assert_int_equal(sqlite3_exec(h, edits[i].edit, NULL, NULL, NULL), SQLITE_OK);
        if (edits[i].links)
            forge_links(h);
        if (edits[i].audit)
            forge_audit(h);
        assert_int_equal(sqlite3_exec(h, triggers, NULL, NULL, NULL), SQLITE_OK);
        sqlite3_free(triggers);
        sqlite3_close(h);
        read_independently(&x, false);
        fixture_start(&x);
        look(&x, &r);
        bool told = false;
        for (int k = 0; k < r.found && k < VERIFY_FINDINGS_MAX; k++)
            told = told || strstr(r.findings[k], edits[i].words) != NULL;
        if (!told)
            fail_msg("%s: said '%s'", edits[i].edit, r.text);
        fixture_free(&x);
    }
}

static void triggers_that_were_off_are_put_right_and_told(void **state)
{
    (void)state;
    struct db_fixture x;
    struct verify_report r;

    update_from_3(
        &x, "DROP TRIGGER event_stays; CREATE TRIGGER helper AFTER INSERT ON lot BEGIN SELECT 1; END;"
            "DROP TRIGGER lot_stays; CREATE TRIGGER lot_stays BEFORE DELETE ON lot BEGIN SELECT 1; END;");
    look(&x, &r);
    assert_string_equal(r.text, "");
    assert_int_equal(fixture_int(&x, "SELECT amount FROM event WHERE kind = 'SCHEMA'"), 3);
    assert_int_not_equal(fixture_exec(&x, "DELETE FROM event"), SQLITE_OK);
    assert_int_not_equal(fixture_exec(&x, "DELETE FROM lot"), SQLITE_OK);
    fixture_free(&x);
}

/* The link up to which the old rules hold goes into an archive with all before it. */
static void an_archive_may_take_the_old_records(void **state)
{
    (void)state;
    const struct work_call ask = {.action = WORK_ARCHIVE, .object = "before", .pin = "none"};
    struct db_fixture x;
    struct retention_report a;
    struct verify_report r;
    struct failure f = {0};

    update_from_3(&x, "UPDATE operator SET pin_hash = NULL, pin_salt = NULL");
    fixture_flash(&x, 1, "L1", 3, RESULT_PASS, FAILURE_NONE);
    assert_int_equal(work_do(x.db, &ask, NULL, &f), 0);
    assert_int_equal(retention_archive(x.db, 1000, NULL, &a, &f), 0);
    assert_int_equal(a.last_seq, 1);
    look(&x, &r);
    assert_string_equal(r.text, "");
    fixture_flash(&x, 1, "L1", 4, RESULT_PASS, FAILURE_NONE);
    look(&x, &r);
    assert_string_equal(r.text, "");
    fixture_stop(&x);
    read_independently(&x, true);
    fixture_free(&x);
}

/* As retention made them: no triggers, no journal, nothing but the attempts and what they are told with. */
static const char made_archive[] =
    "PRAGMA foreign_keys=OFF; DELETE FROM audit; DELETE FROM stop_release; DELETE FROM stop; DELETE FROM event;"
    "DELETE FROM journal; DELETE FROM sqlite_sequence WHERE name = 'journal'; DELETE FROM lot_good; DELETE FROM lot_count;"
    "INSERT INTO lot_good(lot_id, training, unit_id) VALUES (1, 0, 1); INSERT INTO lot_count VALUES (1, 0, 1);";

static void make_archive(const char *path, int version)
{
    sqlite3 *h;

    assert_int_equal(sqlite3_open(path, &h), SQLITE_OK);
    assert_int_equal(schema_migrate(h, 0, 3), SQLITE_OK);
    assert_int_equal(sqlite3_exec(h, house_v3, NULL, NULL, NULL), SQLITE_OK);
    assert_int_equal(schema_migrate(h, 3, version), SQLITE_OK);
    sqlite3_free(forge_triggers_off(h));
    if (sqlite3_exec(h, made_archive, NULL, NULL, NULL) != SQLITE_OK)
        fail_msg("%s", sqlite3_errmsg(h));
    sqlite3_close(h);
}

static void an_archive_of_an_earlier_format_is_read_by_a_copy(void **state)
{
    (void)state;
    for (int version = 5; version <= 7; version++) {
        struct db_fixture x;
        char archive[160], copy[160];
        struct restore_report r;
        struct verify_report v;
        struct failure f = {0};
        fixture_new(&x);
        snprintf(archive, sizeof archive, "%s/a.db", x.dir);
        snprintf(copy, sizeof copy, "%s/copy.db", x.dir);
        make_archive(archive, version);
        const struct db_options read_archive = {.path = archive, .mode = DB_REVIEW};
        assert_null(db_open(&read_archive, &f));
        assert_non_null(strstr(f.detail, "db restore ARCHIVE --db COPY"));
        const struct restore_call call = {.backup = archive, .path = copy};
        if (restore_database(&call, &r, &f) != 0)
            fail_msg("format %d: %s", version, f.detail);
        const struct db_options read_copy = {.path = copy, .mode = DB_REVIEW};
        struct db *db = db_open(&read_copy, &f);
        assert_non_null(db);
        assert_int_equal(verify_all(db, &v, &f), 0);
        assert_string_equal(v.text, "");
        assert_int_equal(v.attempts, 1);
        db_close(db);
        fixture_free(&x);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_first_entries_are_known),
        cmocka_unit_test(verify_says_where_the_old_rules_end),
        cmocka_unit_test(what_was_there_is_held_from_then_on),
        cmocka_unit_test(triggers_that_were_off_are_put_right_and_told),
        cmocka_unit_test(an_archive_may_take_the_old_records),
        cmocka_unit_test(an_archive_of_an_earlier_format_is_read_by_a_copy),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
