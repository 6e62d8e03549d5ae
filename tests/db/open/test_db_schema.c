/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>
#include <sqlite3.h>

#include "db/care/restore.h"
#include "db/care/verify.h"
#include "db/open/schema.h"
#include "tests/support/db_fixture.h"

/* What a station of version 1 left behind: one run, one open attempt, one stop that was released. */
#define HOUSE_V1                                                                                                           \
    "INSERT INTO station VALUES (1, 'u-1', 'bench', 5);"                                                                   \
    "INSERT INTO run VALUES (1, 'r-1', '0.1.0', 'h', 7, 'b', 60, 5);"                                                      \
    "INSERT INTO job VALUES (1, 'wipy', zeroblob(32), 5); INSERT INTO firmware VALUES (1, 'a', 'b', zeroblob(32), 5);"     \
    "INSERT INTO lot(id, code, planned, opened_ms) VALUES (1, 'L1', 9, 5); INSERT INTO slot VALUES (1, 'sim:1', NULL, 5);" \
    "INSERT INTO unit VALUES (1, x'240ac4000001', 'ESP32', 100, 1, 4194304, 5);"

static const char house_v1[] = HOUSE_V1;
static const char data_v1[] = HOUSE_V1
    "INSERT INTO attempt(id, uuid, kind, run_id, slot, port, job_id, firmware_id, lot_id, opened_ms, opened_mono_us)"
    " VALUES (1, 'a-1', 'PRODUCTION', 1, 1, 'sim:1', 1, 1, 1, 6, 6);"
    "INSERT INTO identification VALUES (1, 0, 1, 6, 'ESP32', 100, 1, 4194304, 40, 0, 0, NULL);"
    "INSERT INTO attempt(id, uuid, kind, run_id, slot, port, job_id, firmware_id, lot_id, opened_ms, opened_mono_us,"
    " result, closed_ms, unit_id, try_no) VALUES (0, 'a-0', 'PRODUCTION', 1, 1, 'sim:1', 1, 1, 1, 6, 6, 'PASS', 7, 1, 1);"
    "INSERT INTO chain VALUES (1, 0, zeroblob(32), zeroblob(32));"
    "INSERT INTO stop VALUES (1, 6, 1, 0, 'slot_failures', 'slot 1 failed', 1);";

static const char released_v1[] = "INSERT INTO stop_release VALUES (1, 7, 'en1', 'cable', 0);";

static void make_version(struct db_fixture *x, int version)
{
    sqlite3 *h;

    assert_int_equal(sqlite3_open(x->path, &h), SQLITE_OK);
    assert_int_equal(schema_migrate(h, 0, version), SQLITE_OK);
    assert_int_equal(sqlite3_exec(h, data_v1, NULL, NULL, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_exec(h, released_v1, NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(h);
}

static void every_earlier_version_comes_along_with_its_data(void **state)
{
    (void)state;
    for (int version = 1; version <= schema_newest(); version++) {
        struct db_fixture x;
        struct verify_report r;
        struct failure f = {0};
        char copy[160];

        fixture_new(&x);
        make_version(&x, version);
        fixture_start(&x);
        assert_int_equal(fixture_int(&x, "PRAGMA user_version"), schema_newest());
        assert_int_equal(db_recorder_interrupted(x.rec), 1);
        assert_int_equal(fixture_int(&x, "SELECT planned FROM lot WHERE code = 'L1'"), 9);
        assert_int_equal(
            fixture_int(&x, "SELECT count(*) FROM stop_release WHERE reason = 'cable' AND after_seq = 0"), 1);
        assert_int_equal(fixture_int(&x, "SELECT coalesce((SELECT good FROM lot_count WHERE lot_id = 1), 0)"),
                         version < 3);
        assert_int_equal(verify_chain(x.db, &r, &f), 0);
        assert_int_equal(r.first_bad, 1); /* the link that was made up above; nothing else hides it */
        fixture_flash(&x, 1, "L1", 2, RESULT_PASS, FAILURE_NONE);
        snprintf(copy, sizeof copy, "%s.v%d", x.path, version);
        assert_int_equal(access(copy, F_OK) == 0, version < schema_newest());
        fixture_free(&x);
    }
}

static void write_text(const char *path, const char *text)
{
    FILE *f = fopen(path, "w");

    assert_non_null(f);
    fputs(text, f);
    fclose(f);
}

static int64_t count_in(const char *path, const char *sql)
{
    sqlite3 *h;
    sqlite3_stmt *s;

    assert_int_equal(sqlite3_open_v2(path, &h, SQLITE_OPEN_READONLY, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_prepare_v2(h, sql, -1, &s, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_step(s), SQLITE_ROW);
    int64_t n = sqlite3_column_int64(s, 0);
    sqlite3_finalize(s);
    sqlite3_close(h);
    return n;
}

/* What an earlier update kept may be all there is of those records. */
static void what_was_kept_before_is_never_written_over(void **state)
{
    (void)state;
    struct db_fixture x;
    char first[160], second[160], third[160];
    const char *kept;

    fixture_new(&x);
    make_version(&x, 2);
    snprintf(first, sizeof first, "%s.v2", x.path);
    snprintf(second, sizeof second, "%s.v2-2", x.path);
    snprintf(third, sizeof third, "%s.v2-3", x.path);
    write_text(first, "kept long ago");
    assert_int_equal(symlink("nowhere", second), 0);
    fixture_start(&x);
    assert_int_equal(db_updated_from(x.db, &kept), 2);
    assert_string_equal(kept, third);
    assert_int_equal(count_in(third, "PRAGMA user_version"), 2);
    assert_int_equal(count_in(third, "SELECT count(*) FROM attempt"), 2);
    FILE *f = fopen(first, "r");
    char text[32] = "";
    assert_non_null(f);
    assert_non_null(fgets(text, sizeof text, f));
    fclose(f);
    assert_string_equal(text, "kept long ago");
    fixture_stop(&x);
    fixture_start(&x); /* of this format now: nothing is kept any more */
    assert_int_equal(db_updated_from(x.db, &kept), 0);
    assert_string_equal(kept, "");
    fixture_free(&x);
}

/* Each further start would leave another copy of the same records, until the disk is full. */
static void an_update_that_changed_nothing_leaves_no_copy(void **state)
{
    (void)state;
    struct db_fixture x;
    struct failure f = {0};
    char copy[160], part[176];

    fixture_new(&x);
    make_version(&x, schema_newest() - 1);
    /* Of the next format already, by somebody: the update ends where it would make it. */
    assert_int_equal(fixture_exec(&x, "ALTER TABLE attempt ADD COLUMN efuse TEXT"), SQLITE_OK);
    const struct db_options o = {.path = x.path, .mode = DB_STATION};
    assert_null(db_open(&o, &f));
    assert_int_equal(f.code, FAIL_DB_OPEN);
    snprintf(copy, sizeof copy, "%s.v%d", x.path, schema_newest() - 1);
    snprintf(part, sizeof part, "%s.part", copy);
    assert_int_not_equal(access(copy, F_OK), 0);
    assert_int_not_equal(access(part, F_OK), 0);
    assert_int_equal(fixture_int(&x, "PRAGMA user_version"), schema_newest() - 1);
    fixture_free(&x);
}

/* A closed attempt as format 3 had it, a chain link of `hash` for each; `later` sets columns of this format. */
static void close_by_hand(struct db_fixture *x, int64_t id, const char *later, const char *prev,
                          const char *hash)
{
    char sql[1536];

    snprintf(
        sql, sizeof sql,
        "INSERT INTO attempt(id, uuid, kind, run_id, slot, port, job_id, firmware_id, lot_id, opened_ms, opened_mono_us)"
        " VALUES (%d, 'a-%d', 'PRODUCTION', 1, 1, 'sim:1', 1, 1, 1, 6, 6);"
        "INSERT INTO identification VALUES (%d, 0, 1, 6, 'ESP32', 100, 1, 4194304, 40, 0, 0, NULL);"
        "UPDATE attempt SET result = 'PASS', closed_ms = 7, unit_id = 1, try_no = 1, used_stub = 1, stub_note = ''%s"
        " WHERE id = %d; INSERT INTO chain VALUES (%d, %d, x'%s', x'%s');",
        (int)id, (int)id, (int)id, later, (int)id, (int)id, (int)id, prev, hash);
    assert_int_equal(x->db != NULL ? fixture_write(x, sql) : fixture_exec(x, sql), SQLITE_OK);
}

/* Hashes by a script of its own after docs/database.md: a row of before keeps its form, what later ones know is in it. */
#define ZEROS  "0000000000000000000000000000000000000000000000000000000000000000"
#define HASH_1 "26c8d9c0aaec15c58abee6b8670e2f6393316851253a0a0c1b6eb9f7b4644af6"
#define HASH_2 "c216a5a9e5c8959866f0a97002b80e3d00010ca07d43cd820b232c2becb06b18"
#define HASH_3 "7af13ae9b9efe918a035dc1a77eb8fd61c36045864a7fd8ee71f0c98d89d5dda"
#define AB32   "abababababababababababababababababababababababababababababababab"
#define CD16   "cdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcd"

static void the_chain_of_format_3_goes_on_in_this_one(void **state)
{
    (void)state;
    struct db_fixture x;
    struct verify_report r;
    struct failure f = {0};
    sqlite3 *h;

    fixture_new(&x);
    assert_int_equal(sqlite3_open(x.path, &h), SQLITE_OK);
    assert_int_equal(schema_migrate(h, 0, 3), SQLITE_OK);
    sqlite3_close(h);
    assert_int_equal(fixture_exec(&x, house_v1), SQLITE_OK);
    close_by_hand(&x, 1, "", ZEROS, HASH_1);
    fixture_start(&x);
    assert_int_equal(fixture_int(&x, "SELECT count(*) FROM attempt WHERE coalesce(stub_sha256, chip_resets,"
                                     " identity_left_md5) IS NULL"),
                     1);
    close_by_hand(&x, 2, ", stub_sha256 = x'" AB32 "', chip_resets = 2, identity_left_md5 = x'" CD16 "'",
                  HASH_1, HASH_2);
    close_by_hand(&x, 3, ", chip_resets = 0", HASH_2, HASH_3);
    assert_int_equal(verify_all(x.db, &r, &f), 0);
    if (r.first_bad != 0)
        fail_msg("%s", r.text);
    assert_int_equal(r.attempts, 3);
    assert_int_not_equal(fixture_exec(&x, "UPDATE attempt SET chip_resets = 9 WHERE id = 1"), SQLITE_OK);
    assert_int_not_equal(fixture_exec(&x, "UPDATE attempt SET stub_sha256 = NULL WHERE id = 2"), SQLITE_OK);
    fixture_flash(&x, 1, "L1", 2, RESULT_PASS, FAILURE_NONE);
    assert_int_equal(verify_all(x.db, &r, &f), 0);
    assert_int_equal(r.first_bad, 0);
    assert_int_equal(r.attempts, 4);
    fixture_free(&x);
}

static void a_backup_of_the_first_version_can_still_be_restored(void **state)
{
    (void)state;
    struct db_fixture x;
    struct restore_report r;
    struct failure f = {0};
    char backup[160];
    sqlite3 *h;

    fixture_new(&x);
    snprintf(backup, sizeof backup, "%s/backup.db", x.dir);
    assert_int_equal(sqlite3_open(backup, &h), SQLITE_OK);
    assert_int_equal(schema_migrate(h, 0, 1), SQLITE_OK);
    assert_int_equal(
        sqlite3_exec(h, "INSERT INTO lot(code, planned, opened_ms) VALUES ('OLD', 7, 5)", NULL, NULL, NULL),
        SQLITE_OK);
    sqlite3_close(h);
    const struct restore_call call = {.backup = backup, .path = x.path};
    if (restore_database(&call, &r, &f) != 0)
        fail_msg("%s", f.detail);
    fixture_start(&x);
    assert_int_equal(fixture_int(&x, "SELECT planned FROM lot WHERE code = 'OLD'"), 7);
    assert_int_equal(
        fixture_int(&x, "SELECT old = 'nothing was there' FROM audit WHERE action = 'records.restore'"), 1);
    fixture_free(&x);
}

static void a_reviewer_does_not_migrate(void **state)
{
    (void)state;
    struct db_fixture x;
    struct failure f = {0};

    fixture_new(&x);
    make_version(&x, 1);
    const struct db_options o = {.path = x.path, .mode = DB_REVIEW};
    assert_null(db_open(&o, &f));
    assert_non_null(strstr(f.detail, "older"));
    assert_int_equal(fixture_int(&x, "PRAGMA user_version"), 1);
    fixture_free(&x);
}

static void every_table_is_strict(void **state)
{
    (void)state;
    struct db_fixture x;

    fixture_new(&x);
    fixture_start(&x);
    assert_int_equal(
        fixture_int(&x, "SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
                        " AND sql NOT LIKE '%STRICT%'"),
        0);
    assert_int_equal(fixture_int(&x, "PRAGMA application_id"), SCHEMA_APPLICATION_ID);
    assert_int_equal(fixture_int(&x, "PRAGMA synchronous"), 2);
    assert_int_equal(fixture_int(&x, "PRAGMA foreign_keys"), 1);
    fixture_free(&x);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_earlier_version_comes_along_with_its_data),
        cmocka_unit_test(the_chain_of_format_3_goes_on_in_this_one),
        cmocka_unit_test(a_backup_of_the_first_version_can_still_be_restored),
        cmocka_unit_test(what_was_kept_before_is_never_written_over),
        cmocka_unit_test(an_update_that_changed_nothing_leaves_no_copy),
        cmocka_unit_test(a_reviewer_does_not_migrate),
        cmocka_unit_test(every_table_is_strict),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
