/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "db/open/db_inside.h"
#include "db/read/export.h"
#include "tests/support/db_fixture.h"

static int count(struct db_fixture *x, enum record_view view, const struct record_filter *filter)
{
    struct failure f = {0};
    struct record_cursor *c = record_query(x->db, view, filter, &f);
    int rows = 0, rc;

    if (c == NULL)
        print_error("%s\n", f.detail);
    assert_non_null(c);
    while ((rc = record_next(c, &f)) == 1)
        rows++;
    assert_int_equal(rc, 0);
    record_cursor_free(c);
    return rows;
}

static void train(struct db_fixture *x)
{
    struct attempt_start s = board_start(1);
    struct unit_identity u = board_identity(1);
    const struct attempt_result e = board_end(RESULT_PASS, FAILURE_NONE);
    struct recorder_verdict v;
    struct failure f;
    int64_t a;

    s.kind = ATTEMPT_TRAINING;
    u.mac = (struct mac){{0x02, 0xf1, 0xa5, 0, 0, 1}};
    assert_int_equal(x->face->open(x->face->ctx, &s, &a, &f), 0);
    assert_int_equal(x->face->identify(x->face->ctx, a, &u, &v, &f), 0);
    assert_int_equal(x->face->close(x->face->ctx, a, &e, &f), 0);
}

static void fill(struct db_fixture *x)
{
    fixture_new(x);
    fixture_start(x);
    fixture_flash(x, 1, "L1", 1, RESULT_FAIL, FAIL_WRITE);
    fixture_flash(x, 2, "L1", 2, RESULT_PASS, FAILURE_NONE);
    fixture_flash(x, 1, "L2", 1, RESULT_PASS, FAILURE_NONE);
    train(x);
}

static void every_filter_keeps_what_it_names(void **state)
{
    (void)state;
    struct db_fixture x;
    struct record_filter all = RECORD_FILTER_ALL, one;

    fill(&x);
    assert_int_equal(count(&x, RECORD_ATTEMPTS, &all), 3);
    assert_int_equal(count(&x, RECORD_UNITS, &all), 2);
    assert_int_equal(record_count_training(x.db, &all), 1);
    one = all, one.training = true;
    assert_int_equal(count(&x, RECORD_ATTEMPTS, &one), 4);
    one = all, one.lot = "L1";
    assert_int_equal(count(&x, RECORD_ATTEMPTS, &one), 2);
    one = all, one.lot = "L' OR 1=1 --";
    assert_int_equal(count(&x, RECORD_ATTEMPTS, &one), 0);
    one = all, one.has_mac = true, one.mac = board_identity(1).mac;
    assert_int_equal(count(&x, RECORD_ATTEMPTS, &one), 2);
    assert_int_equal(count(&x, RECORD_UNITS, &one), 1);
    one = all, one.result = RESULT_FAIL;
    assert_int_equal(count(&x, RECORD_ATTEMPTS, &one), 1);
    assert_int_equal(count(&x, RECORD_UNITS, &one), 0); /* unit 1 failed once, but its last word is PASS */
    one = all, one.code = FAIL_WRITE;
    assert_int_equal(count(&x, RECORD_ATTEMPTS, &one), 1);
    one = all, one.slot = 2;
    assert_int_equal(count(&x, RECORD_ATTEMPTS, &one), 1);
    one = all, one.operator_id = "op-7";
    assert_int_equal(count(&x, RECORD_ATTEMPTS, &one), 3);
    one = all, one.operator_id = "nobody";
    assert_int_equal(count(&x, RECORD_ATTEMPTS, &one), 0);
    one = all, one.firmware = "1.18.1";
    assert_int_equal(count(&x, RECORD_ATTEMPTS, &one), 3);
    one = all, one.firmware = "00000000";
    assert_int_equal(count(&x, RECORD_ATTEMPTS, &one), 3);
    one = all, one.firmware = "0000000";
    assert_int_equal(count(&x, RECORD_ATTEMPTS, &one), 0);
    one = all, one.newest = 1;
    assert_int_equal(count(&x, RECORD_ATTEMPTS, &one), 1);
    one = all, one.from_ms = db_wall_ms(x.db) + 60000;
    assert_int_equal(count(&x, RECORD_ATTEMPTS, &one), 0);
    fixture_free(&x);
}

/* One attempt on unit `tail` with these facts; before: as a version up to format 3 recorded it, without the new ones. */
static void written(struct db_fixture *x, uint32_t tail, bool before, struct attempt_result e)
{
    const struct attempt_start s = board_start(1);
    const struct unit_identity u = board_identity(tail);
    struct recorder_verdict v;
    struct failure f = {0};
    char sql[256];
    int64_t a;

    x->policy.on_duplicate = DUPLICATE_REWORK;
    db_recorder_set_policy(x->rec, &x->policy);
    duty_set_lot(db_recorder_duty(x->rec), "W");
    assert_int_equal(x->face->open(x->face->ctx, &s, &a, &f), 0);
    assert_int_equal(x->face->identify(x->face->ctx, a, &u, &v, &f), 0);
    assert_int_equal(x->face->close(x->face->ctx, a, &e, &f), 0);
    snprintf(
        sql, sizeof sql,
        "DROP TRIGGER IF EXISTS attempt_closes_once; UPDATE attempt SET chip_resets = NULL WHERE id = %d",
        before ? (int)a : 0);
    assert_int_equal(fixture_exec(x, sql), 0);
}

/* Unit numbers of the attempts that a loader's word names, in order: "1 2 ". */
static void by_loader(struct db_fixture *x, enum record_view view, const char *word, enum result result,
                      char *out)
{
    struct record_filter filter = RECORD_FILTER_ALL;
    struct failure f = {0};

    filter.lot = "W";
    filter.running = true;
    filter.result = result;
    filter.loader = record_loader_parse(word);
    struct record_cursor *c = record_query(x->db, view, &filter, &f);
    assert_non_null(c);
    out[0] = '\0';
    while (record_next(c, &f) == 1)
        sprintf(out + strlen(out), "%s ", record_text(c, record_field_index(view, "mac")) + 15);
    record_cursor_free(c);
}

static void what_may_have_been_written_by_the_rom_is_told(void **state)
{
    (void)state;
    const struct attempt_result pass = {.result = RESULT_PASS},
                                stub = {.result = RESULT_PASS, .used_stub = true};
    struct attempt_result e;
    struct db_fixture x;
    const struct attempt_start s = board_start(1);
    struct failure f;
    int64_t a;
    char got[128];

    assert_int_equal(record_loader_parse("ROM"), LOADER_ROM);
    assert_int_equal(record_loader_parse(""), LOADER_COUNT);
    fixture_new(&x);
    fixture_start(&x);
    written(&x, 0x01, true, stub); /* the stub, in one go */
    e = stub, e.retries = 1;
    written(&x, 0x02, true, e); /* the stub, started over: the ROM may have done the rest */
    written(&x, 0x03, false, e);
    e = pass, strcpy(e.stub_note, "the job says so");
    written(&x, 0x04, true, e); /* the ROM */
    written(&x, 0x05, false, e);
    e = stub, e.chip_resets = 2;
    written(&x, 0x06, false, e); /* a stub found running, gone with the restart */
    e.has_stub_sha256 = true;
    written(&x, 0x07, false, e); /* ours, and loaded again */
    e = pass, e.result = RESULT_FAIL, e.retries = 3;
    written(&x, 0x08, true, e); /* never got as far as an erase */
    e.chip_resets = 1;
    written(&x, 0x11, false, e);
    failure_set(&e.failure, FAIL_INTERRUPTED, STAGE_NONE, 0, "found open");
    e.result = RESULT_INTERRUPTED;
    written(&x, 0x09, true, e); /* nothing is known of it */
    e = stub, e.result = RESULT_FAIL, e.retries = 1;
    written(&x, 0x10, true, e);
    assert_int_equal(x.face->open(x.face->ctx, &s, &a, &f), 0); /* still running */
    by_loader(&x, RECORD_ATTEMPTS, "stub", RESULT_COUNT, got);
    assert_string_equal(got, "01 03 07 ");
    by_loader(&x, RECORD_ATTEMPTS, "rom", RESULT_COUNT, got);
    assert_string_equal(got, "02 04 05 06 09 10 ");
    by_loader(&x, RECORD_ATTEMPTS, "unproven", RESULT_COUNT, got);
    assert_string_equal(got, "02 04 09 10 ");
    by_loader(&x, RECORD_ATTEMPTS, "unproven", RESULT_PASS, got);
    assert_string_equal(got, "02 04 ");
    written(&x, 0x02, false, stub); /* flashed again since: no longer in doubt */
    by_loader(&x, RECORD_UNITS, "unproven", RESULT_PASS, got);
    assert_string_equal(got, "04 ");
    by_loader(&x, RECORD_ATTEMPTS, "unproven", RESULT_PASS, got);
    assert_string_equal(got, "02 04 ");
    fixture_free(&x);
}

static void add_text(char *out, size_t size, const char *text)
{
    size_t len = strlen(out);

    assert_true(len + strlen(text) < size);
    memcpy(out + len, text, strlen(text) + 1);
}

/* "mac attempts passes result;" of every row, at most `max` of them; `backwards`: the last row first. */
static void list_units(struct db_fixture *x, const struct record_filter *filter, bool backwards, int max,
                       char *out, size_t size)
{
    static const char *const names[] = {"mac", "attempts", "passes", "result"};
    struct failure f;
    struct record_cursor *c = record_query(x->db, RECORD_UNITS, filter, &f);
    char rows[64][64];
    int n = 0;

    assert_non_null(c);
    while (record_next(c, &f) == 1) {
        assert_true(n < 64);
        rows[n][0] = '\0';
        for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
            add_text(rows[n], sizeof rows[n], record_text(c, record_field_index(RECORD_UNITS, names[i])));
            add_text(rows[n], sizeof rows[n], " ");
        }
        n++;
    }
    record_cursor_free(c);
    out[0] = '\0';
    for (int i = 0; i < n && i < max; i++) {
        add_text(out, size, rows[backwards ? n - 1 - i : i]);
        add_text(out, size, ";");
    }
}

static void the_newest_units_are_the_last_of_all_units(void **state)
{
    (void)state;
    struct db_fixture x;
    struct record_filter filters[5];
    char want[8192], got[8192];
    uint32_t seed = 7;

    fixture_new(&x);
    fixture_start(&x);
    for (int i = 0; i < 120; i++) {
        seed = seed * 1664525 + 1013904223;
        bool pass = (seed >> 28 & 1) != 0;
        fixture_flash(&x, 1 + (int)(seed >> 20 & 3), (seed >> 24 & 1) != 0 ? "L1" : "L2", seed >> 10 & 15,
                      pass ? RESULT_PASS : RESULT_FAIL, pass ? FAILURE_NONE : FAIL_WRITE);
    }
    for (size_t i = 0; i < 5; i++)
        filters[i] = (struct record_filter)RECORD_FILTER_ALL;
    filters[1].lot = "L1";
    filters[2].result = RESULT_FAIL;
    filters[3].lot = "L2", filters[3].result = RESULT_PASS, filters[3].slot = 2;
    filters[4].has_mac = true, filters[4].mac = board_identity(3).mac;
    for (size_t i = 0; i < 5; i++) {
        list_units(&x, &filters[i], true, 5, want, sizeof want);
        assert_true(strlen(want) > 20);
        filters[i].newest = 5;
        list_units(&x, &filters[i], false, 64, got, sizeof got);
        assert_string_equal(got, want);
    }
    fixture_free(&x);
}

static int count_step(void *ctx)
{
    ++*(long *)ctx;
    return 0;
}

/* Steps of SQLite's machine, which a busy machine does not change. */
static long steps_of_newest(struct db_fixture *x, enum record_view view)
{
    struct record_filter filter = RECORD_FILTER_ALL;
    long steps = 0;

    filter.newest = 5;
    sqlite3_progress_handler(x->db->h, 1, count_step, &steps);
    assert_int_equal(count(x, view, &filter), 5);
    sqlite3_progress_handler(x->db->h, 0, NULL, NULL);
    return steps;
}

static void the_newest_cost_the_same_whatever_is_before_them(void **state)
{
    (void)state;
    static const enum record_view views[] = {RECORD_ATTEMPTS, RECORD_UNITS};
    struct db_fixture x;
    long few[2], many;
    uint32_t tail = 0;

    fixture_new(&x);
    fixture_start(&x);
    for (; tail < 20; tail++)
        fixture_flash(&x, 1, "L1", tail, RESULT_PASS, FAILURE_NONE);
    for (int i = 0; i < 2; i++)
        few[i] = steps_of_newest(&x, views[i]);
    for (; tail < 200; tail++)
        fixture_flash(&x, 1, "L1", tail, RESULT_PASS, FAILURE_NONE);
    for (int i = 0; i < 2; i++) {
        many = steps_of_newest(&x, views[i]);
        if (many > few[i] + few[i] / 10)
            fail_msg("view %d: %ld steps with 20 units, %ld with 200", i, few[i], many);
    }
    fixture_free(&x);
}

static void fields_read_as_documented(void **state)
{
    (void)state;
    struct db_fixture x;
    struct record_filter all = RECORD_FILTER_ALL;
    struct failure f;
    static const char *const want[][2] = {
        {"mac", "24:0a:c4:00:00:01"},
        {"result", "FAIL"},
        {"code", "503"},
        {"stage", "write"},
        {"blame", "board"},
        {"try", "1"},
        {"seconds", "30.500"},
        {"flash_id", "0x1640c8"},
        {"serial", ""},
        {"closed", "2026-11-22T10:00:00.007Z"},
        {"stage_ms", "{\"connect\":212,\"write\":24000}"},
        {"chain_seq", "1"},
        {"used_stub", "false"},
        {"stub_sha256", ""},
        {"chip_resets", "0"},
        {"identity_left_md5", ""},
        {"unit_data_sha256", ""},
        {"efuse", ""},
    };

    fixture_new(&x);
    x.has_clock = true;
    x.wall_ms = 1795341600007;
    fixture_start(&x);
    fixture_flash(&x, 1, "L1", 1, RESULT_FAIL, FAIL_WRITE);
    struct record_cursor *c = record_query(x.db, RECORD_ATTEMPTS, &all, &f);
    assert_int_equal(record_next(c, &f), 1);
    for (size_t i = 0; i < sizeof want / sizeof want[0]; i++)
        assert_string_equal(record_text(c, record_field_index(RECORD_ATTEMPTS, want[i][0])), want[i][1]);
    record_cursor_free(c);
    fixture_free(&x);
}

static void what_vouched_for_a_board_reads_back(void **state)
{
    (void)state;
    struct db_fixture x;
    struct record_filter all = RECORD_FILTER_ALL;
    const struct attempt_start s = board_start(1);
    struct attempt_result e = board_end(RESULT_FAIL, FAIL_IDENTITY_DAMAGED);
    static const char fuses[] = "FLASH_CRYPT_CNT=0 XPD_SDIO_FORCE=1 XPD_SDIO_TIEH=1";
    struct unit_identity u = board_identity(1);
    struct recorder_verdict v;
    struct failure f;
    int64_t a;

    fixture_new(&x);
    fixture_start(&x);
    e.chip_resets = 3;
    e.has_stub_sha256 = e.has_identity_left = e.has_unit_data = true;
    snprintf(u.efuse, sizeof u.efuse, "%s", fuses);
    memset(e.unit_data_sha256, 0xef, SHA256_SIZE);
    memset(e.stub_sha256, 0xab, SHA256_SIZE);
    memset(e.identity_left_md5, 0xcd, MD5_SIZE);
    assert_int_equal(x.face->open(x.face->ctx, &s, &a, &f), 0);
    assert_int_equal(x.face->identify(x.face->ctx, a, &u, &v, &f), 0);
    snprintf(u.efuse, sizeof u.efuse, "FLASH_CRYPT_CNT=7"); /* of the same board, read once more */
    assert_int_equal(x.face->identify(x.face->ctx, a, &u, &v, &f), 0);
    assert_int_equal(x.face->close(x.face->ctx, a, &e, &f), 0);
    struct record_cursor *c = record_query(x.db, RECORD_ATTEMPTS, &all, &f);
    assert_int_equal(record_next(c, &f), 1);
    assert_string_equal(record_text(c, record_field_index(RECORD_ATTEMPTS, "efuse")), fuses);
    assert_string_equal(record_text(c, record_field_index(RECORD_ATTEMPTS, "unit_data_sha256")),
                        "efefefefefefefefefefefefefefefefefefefefefefefefefefefefefefefef");
    assert_string_equal(record_text(c, record_field_index(RECORD_ATTEMPTS, "stub_sha256")),
                        "abababababababababababababababababababababababababababababababab");
    assert_int_equal(record_int(c, record_field_index(RECORD_ATTEMPTS, "chip_resets")), 3);
    assert_string_equal(record_text(c, record_field_index(RECORD_ATTEMPTS, "identity_left_md5")),
                        "cdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcd");
    record_cursor_free(c);
    fixture_free(&x);
}

static char *slurp(const char *path)
{
    FILE *in = fopen(path, "rb");
    char *text = calloc(1, 1 << 16);

    assert_non_null(in);
    assert_non_null(text);
    assert_true(fread(text, 1, (1 << 16) - 1, in) > 0);
    fclose(in);
    return text;
}

static void csv_is_quoted_and_harmless(void **state)
{
    (void)state;
    struct db_fixture x;
    struct export_request q = {.format = EXPORT_CSV, .filter = RECORD_FILTER_ALL};
    struct export_report r;
    struct failure f = {0};
    char path[128];

    fixture_new(&x);
    fixture_start(&x);
    fixture_flash(&x, 1, "cmd|'/C calc'!A0", 1, RESULT_PASS, FAILURE_NONE);
    fixture_flash(&x, 1, "say \"hi\", twice then \xd7\xa9\xd7\x9c", 2, RESULT_PASS, FAILURE_NONE);
    /* No door takes a line's end or a formula for a name today; earlier ones did. */
    assert_int_equal(fixture_exec(&x, "UPDATE lot SET code = replace(code, 'twice ', 'twice' || char(10))"),
                     0);
    assert_int_equal(fixture_exec(&x, "UPDATE lot SET code = '=' || code WHERE code LIKE 'cmd%'"), 0);
    snprintf(path, sizeof path, "%s/out.csv", x.dir);
    q.path = path;
    assert_int_equal(export_records(x.db, &q, &r, &f), 0);
    assert_int_equal(r.rows, 2);
    char *text = slurp(path);
    assert_non_null(strstr(text, ",\"'=cmd|'/C calc'!A0\","));
    assert_non_null(strstr(text, ",\"say \"\"hi\"\", twice\nthen \xd7\xa9\xd7\x9c\","));
    assert_int_equal(strncmp(text, "attempt,uuid,kind,mac,", 22), 0);
    assert_string_equal(text + strlen(text) - 2, "\r\n");
    assert_int_equal(r.bytes, strlen(text));
    free(text);
    snprintf(path, sizeof path, "%s/out.csv.manifest.json", x.dir);
    text = slurp(path);
    assert_non_null(strstr(text, "\"rows\": 2"));
    free(text);
    fixture_free(&x);
}

static void an_export_that_cannot_be_written_leaves_the_old_one(void **state)
{
    (void)state;
    struct db_fixture x;
    struct export_request q = {
        .path = "/proc/nowhere/out.csv", .format = EXPORT_CSV, .filter = RECORD_FILTER_ALL};
    struct export_report r;
    struct failure f = {0};

    fill(&x);
    assert_int_equal(export_records(x.db, &q, &r, &f), -1);
    assert_int_equal(f.code, FAIL_RECORD);
    fixture_free(&x);
}

static void a_snapshot_holds_no_secret_and_only_what_was_asked(void **state)
{
    (void)state;
    struct db_fixture x, snap;
    struct export_request q = {.format = EXPORT_SQLITE, .filter = RECORD_FILTER_ALL};
    struct export_report r;
    struct failure f = {0};
    char path[128];

    fill(&x);
    snprintf(path, sizeof path, "%s/out.db", x.dir);
    q.path = path;
    q.filter.lot = "L1";
    assert_int_equal(export_records(x.db, &q, &r, &f), 0);
    assert_int_equal(r.rows, 2);
    memset(&snap, 0, sizeof snap);
    snprintf(snap.path, sizeof snap.path, "%s", path);
    assert_int_equal(fixture_int(&snap, "SELECT count(*) FROM attempt"), 2);
    assert_int_equal(
        fixture_int(&snap,
                    "SELECT count(*) FROM sqlite_schema WHERE name IN ('sector', 'backup', 'evidence')"),
        0);
    assert_int_equal(
        fixture_int(&snap, "SELECT count(*) FROM pragma_integrity_check WHERE integrity_check = 'ok'"), 1);
    fixture_free(&x);
}

static void a_snapshot_of_units_holds_their_last_attempts(void **state)
{
    (void)state;
    struct db_fixture x, snap;
    struct export_request q = {
        .replace = true, .format = EXPORT_SQLITE, .view = RECORD_UNITS, .filter = RECORD_FILTER_ALL};
    struct export_report r;
    struct failure f = {0};
    char path[128];

    fill(&x);
    snprintf(path, sizeof path, "%s/out.db", x.dir);
    q.path = path;
    assert_int_equal(export_records(x.db, &q, &r, &f), 0);
    assert_int_equal(r.rows, 2); /* of three attempts */
    memset(&snap, 0, sizeof snap);
    snprintf(snap.path, sizeof snap.path, "%s", path);
    assert_int_equal(fixture_int(&snap, "SELECT group_concat(id) = '2,3' FROM attempt"), 1);
    q.filter.newest = 1;
    q.replace = true;
    assert_int_equal(export_records(x.db, &q, &r, &f), 0);
    assert_int_equal(r.rows, 1);
    assert_int_equal(fixture_int(&snap, "SELECT id FROM attempt"), 3);
    q.view = RECORD_ATTEMPTS;
    q.filter.newest = 2;
    assert_int_equal(export_records(x.db, &q, &r, &f), 0);
    assert_int_equal(r.rows, 2);
    fixture_free(&x);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_filter_keeps_what_it_names),
        cmocka_unit_test(what_may_have_been_written_by_the_rom_is_told),
        cmocka_unit_test(the_newest_units_are_the_last_of_all_units),
        cmocka_unit_test(the_newest_cost_the_same_whatever_is_before_them),
        cmocka_unit_test(fields_read_as_documented),
        cmocka_unit_test(what_vouched_for_a_board_reads_back),
        cmocka_unit_test(csv_is_quoted_and_harmless),
        cmocka_unit_test(an_export_that_cannot_be_written_leaves_the_old_one),
        cmocka_unit_test(a_snapshot_holds_no_secret_and_only_what_was_asked),
        cmocka_unit_test(a_snapshot_of_units_holds_their_last_attempts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
