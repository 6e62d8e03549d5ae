/* SPDX-License-Identifier: Apache-2.0 */
/* Sentences of docs/database.md and docs/audit.md, each broken on purpose: what the database must not let happen. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>
#include <sqlite3.h>

#include "db/care/maintain.h"
#include "db/desk/operator.h"
#include "db/desk/rules.h"
#include "db/desk/work.h"
#include "db/open/db_inside.h"
#include "db/open/schema.h"
#include "db/record/chain.h"
#include "tests/support/cutfs.h"
#include "tests/support/db_fixture.h"
#include "tests/support/or_fail.h"

static void start(struct db_fixture *x)
{
    fixture_new(x);
    fixture_start(x);
}

/* ---- durable on return ---- */

static void every_open_writes_ahead_and_syncs_fully(void **state)
{
    (void)state;
    struct db_fixture x;

    start(&x);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(fixture_int(&x, "PRAGMA synchronous"), 2);
        assert_int_equal(fixture_int(&x, "PRAGMA foreign_keys"), 1);
        assert_int_equal(fixture_int(&x, "SELECT journal_mode = 'wal' FROM pragma_journal_mode"), 1);
        fixture_stop(&x);
        fixture_start(&x);
    }
    fixture_free(&x);
}

/* A disk in memory with a database and its recorder on it. */
struct disk {
    struct cutfs *fs;
    struct db *db;
    struct db_recorder *rec;
    const struct recorder *face;
};

static void disk_start(struct disk *d)
{
    const struct db_options o = {.path = "f.db", .mode = DB_STATION, .vfs = "promises"};
    static const struct db_policy policy = {0};

    cutfs_wipe(d->fs);
    d->db = db_open_or_fail(&o);
    d->rec = db_recorder_new_or_fail(d->db, &policy);
    d->face = db_recorder_face(d->rec);
}

static void disk_stop(struct disk *d)
{
    db_recorder_free(d->rec);
    db_close(d->db);
}

static int open_one(struct disk *d, int64_t *attempt)
{
    const struct attempt_start s = board_start(1);
    struct failure f = {0};

    return d->face->open(d->face->ctx, &s, attempt, &f);
}

static int close_one(struct disk *d, int64_t attempt)
{
    const struct attempt_result e = board_end(RESULT_PASS, FAILURE_NONE);
    struct failure f = {0};

    return d->face->close(d->face->ctx, attempt, &e, &f);
}

/* Each write and sync of a COMMIT fails once: whatever comes after, nothing more goes out through this handle. */
static void after_an_io_error_at_commit_nothing_more_is_written(void **state)
{
    (void)state;
    static const int errors[] = {SQLITE_IOERR_WRITE, SQLITE_IOERR_FSYNC};
    struct disk d = {.fs = cutfs_new("promises", 3)};
    int told = 0;

    for (size_t e = 0; e < sizeof errors / sizeof errors[0]; e++) {
        for (int call = 1; call <= 12; call++) {
            int64_t attempt, other;
            disk_start(&d);
            assert_int_equal(open_one(&d, &attempt), 0);
            cutfs_fail_once(d.fs, call, errors[e]);
            int rc = close_one(&d, attempt);
            cutfs_fail_once(d.fs, 0, SQLITE_OK);
            if (rc != 0) {
                int64_t calls = cutfs_calls(d.fs);
                told++;
                assert_int_equal(close_one(&d, attempt), -1);
                assert_int_equal(open_one(&d, &other), -1);
                assert_int_equal(cutfs_calls(d.fs), calls);
            }
            disk_stop(&d);
        }
    }
    assert_true(told >= 4);
    cutfs_free(d.fs);
}

static void no_verdict_is_given_that_was_not_kept(void **state)
{
    (void)state;
    const struct unit_identity u = board_identity(1);
    struct disk d = {.fs = cutfs_new("promises", 4)};
    struct recorder_verdict v;
    struct failure f = {0};
    int64_t attempt;

    disk_start(&d);
    assert_int_equal(open_one(&d, &attempt), 0);
    memset(&v, 0xFF, sizeof v);
    cutfs_fail_once(d.fs, 1, SQLITE_IOERR_WRITE);
    assert_int_equal(d.face->identify(d.face->ctx, attempt, &u, &v, &f), -1);
    assert_false(v.allowed);
    assert_false(v.has_boot_sector);
    disk_stop(&d);
    cutfs_free(d.fs);
}

static int point_nowhere(struct db *db, void *arg)
{
    (void)arg;
    return sqlite3_exec(
        db->h,
        "PRAGMA defer_foreign_keys = ON;"
        "INSERT INTO stop_release(stop_id, at_ms, actor, reason, after_seq) VALUES (99, 0, '', '', 0)",
        NULL, NULL, NULL);
}

/* A COMMIT that SQLite refuses leaves its transaction open: it is undone, and what comes next does not bring it along. */
static void what_was_not_acknowledged_does_not_come_back(void **state)
{
    (void)state;
    struct db_fixture x;

    start(&x);
    assert_int_not_equal(db_transact(x.db, point_nowhere, NULL), SQLITE_OK);
    fixture_flash(&x, 1, "L1", 1, RESULT_PASS, FAILURE_NONE);
    assert_int_equal(fixture_int(&x, "SELECT count(*) FROM stop_release"), 0);
    assert_int_equal(fixture_int(&x, "SELECT count(*) FROM attempt WHERE result = 'PASS'"), 1);
    fixture_free(&x);
}

/* Nothing points at it yet, and still it stays. */
static void an_attempt_just_opened_is_never_deleted(void **state)
{
    (void)state;
    const struct attempt_start s = board_start(1);
    struct db_fixture x;
    struct failure f = {0};
    int64_t attempt;

    start(&x);
    assert_int_equal(x.face->open(x.face->ctx, &s, &attempt, &f), 0);
    assert_int_not_equal(fixture_exec(&x, "DELETE FROM attempt"), SQLITE_OK);
    assert_int_equal(fixture_int(&x, "SELECT count(*) FROM attempt"), 1);
    fixture_free(&x);
}

/* ---- who may open it, and how ---- */

static void a_database_of_the_very_next_format_is_refused(void **state)
{
    (void)state;
    struct db_fixture x;
    char sql[64];
    struct failure f = {0};

    start(&x);
    fixture_stop(&x);
    snprintf(sql, sizeof sql, "PRAGMA user_version = %d", schema_newest() + 1);
    assert_int_equal(fixture_exec(&x, sql), SQLITE_OK);
    for (int mode = 0; mode < 2; mode++) {
        const struct db_options o = {.path = x.path, .mode = mode == 0 ? DB_STATION : DB_REVIEW};
        assert_null(db_open(&o, &f));
        assert_int_equal(f.code, FAIL_DB_OPEN);
    }
    fixture_free(&x);
}

static void a_reviewer_neither_writes_nor_checkpoints(void **state)
{
    (void)state;
    struct db_fixture x;
    struct failure f = {0};

    start(&x);
    fixture_flash(&x, 1, "L1", 1, RESULT_PASS, FAILURE_NONE);
    const struct db_options o = {.path = x.path, .mode = DB_REVIEW};
    struct db_fixture review = {.db = db_open(&o, &f)};
    assert_non_null(review.db);
    assert_int_equal(fixture_int(&review, "PRAGMA query_only"), 1);
    assert_int_equal(fixture_int(&review, "PRAGMA wal_autocheckpoint"), 0);
    assert_int_equal(sqlite3_db_readonly(review.db->h, "main"), 1);
    assert_int_not_equal(fixture_exec(&review, "INSERT INTO event(at_ms, kind, text) VALUES (0, 'X', 'x')"),
                         SQLITE_OK);
    assert_int_not_equal(
        sqlite3_wal_checkpoint_v2(review.db->h, NULL, SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL), SQLITE_OK);
    db_close(review.db);
    fixture_free(&x);
}

static void below_the_floor_no_board_starts(void **state)
{
    (void)state;
    const struct attempt_start s = board_start(1);
    struct db_fixture x;
    struct failure f = {0};
    int64_t attempt;

    fixture_new(&x);
    x.policy.disk_floor = INT64_MAX / 2;
    fixture_start(&x);
    assert_int_equal(x.face->open(x.face->ctx, &s, &attempt, &f), -1);
    assert_int_equal(f.code, FAIL_DISK_FLOOR);
    assert_non_null(strstr(f.detail, "are needed"));
    fixture_free(&x);
}

/* Back by over 2 s, forward by over an hour, against the monotonic clock: to the millisecond. */
static void a_clock_jump_is_noted_from_its_limit_on(void **state)
{
    (void)state;
    static const struct {
        int64_t jump_ms;
        int noted;
    } rows[] = {{-2000, 0}, {-2001, 1}, {3600000, 0}, {3600001, 1}, {1999, 0}, {0, 0}};
    struct db_fixture x;

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        fixture_new(&x);
        x.has_clock = true;
        x.wall_ms = 1795341600000;
        fixture_start(&x);
        fixture_flash(&x, 1, "L1", 1, RESULT_PASS, FAILURE_NONE);
        x.wall_ms += 30000 + rows[i].jump_ms;
        x.mono_us += 30000000;
        fixture_flash(&x, 1, "L1", 2, RESULT_PASS, FAILURE_NONE);
        assert_int_equal(fixture_int(&x, "SELECT count(*) FROM event WHERE kind = 'CLOCK'"), rows[i].noted);
        assert_int_equal(fixture_int(&x, "SELECT coalesce(sum(amount), 0) FROM event WHERE kind = 'CLOCK'"),
                         rows[i].noted * rows[i].jump_ms);
        fixture_free(&x);
    }
}

/* ---- care ---- */

static void a_backup_that_does_not_verify_never_gets_its_name(void **state)
{
    (void)state;
    struct db_fixture x;
    struct backup b = {.kind = BACKUP_IDENTITY, .offset = 0x3ff000, .data = {1}};
    const struct attempt_start s = board_start(1);
    const struct unit_identity u = board_identity(1);
    struct recorder_verdict v;
    struct backup_report report;
    struct failure f = {0};
    char path[160];
    int64_t a;

    start(&x);
    digest_sha256(b.data, BACKUP_SIZE, b.sha256);
    assert_int_equal(x.face->open(x.face->ctx, &s, &a, &f), 0);
    assert_int_equal(x.face->identify(x.face->ctx, a, &u, &v, &f), 0);
    assert_int_equal(x.face->backup(x.face->ctx, a, &b, &f), 0);
    assert_int_equal(
        fixture_exec(&x, "DROP TRIGGER sector_is_final; UPDATE sector SET data = zeroblob(4096)"), 0);
    snprintf(path, sizeof path, "%s/backup.db", x.dir);
    assert_int_equal(maintain_backup(x.db, path, false, &report, &f), -1);
    assert_int_equal(access(path, F_OK), -1);
    fixture_free(&x);
}

static struct recorder_verdict verdict_of(struct db_fixture *x, enum attempt_kind kind, enum result result)
{
    struct attempt_start s = board_start(1);
    const struct unit_identity u = board_identity(7);
    const struct attempt_result e = board_end(result, result == RESULT_PASS ? FAILURE_NONE : FAIL_ABORTED);
    struct recorder_verdict v;
    struct failure f = {0};
    int64_t a;

    s.kind = kind;
    assert_int_equal(x->face->open(x->face->ctx, &s, &a, &f), 0);
    assert_int_equal(x->face->identify(x->face->ctx, a, &u, &v, &f), 0);
    assert_int_equal(x->face->close(x->face->ctx, a, &e, &f), 0);
    return v;
}

/* A board that was practised on is new to production, and the other way round; its tries are counted apart. */
static void practice_counts_for_itself_only(void **state)
{
    (void)state;
    struct db_fixture x;

    start(&x);
    assert_false(verdict_of(&x, ATTEMPT_TRAINING, RESULT_PASS).is_rework);
    struct recorder_verdict v = verdict_of(&x, ATTEMPT_PRODUCTION, RESULT_PASS);
    assert_true(v.allowed);
    assert_false(v.is_rework);
    assert_true(verdict_of(&x, ATTEMPT_TRAINING, RESULT_PASS).is_rework);
    assert_int_equal(verdict_of(&x, ATTEMPT_PRODUCTION, RESULT_ABORTED).hold.code, HOLD_MAC_DUPLICATE);
    assert_int_equal(fixture_int(&x, "SELECT max(try_no) FROM attempt WHERE kind = 'TRAINING'"), 2);
    assert_int_equal(fixture_int(&x, "SELECT max(try_no) FROM attempt WHERE kind = 'PRODUCTION'"), 1);
    fixture_free(&x);
}

/* ---- the chain ---- */

/* Whoever changes a record can give it its new hash, and its successor that hash as predecessor: the successor's own differs. */
static void a_record_made_anew_breaks_its_successor(void **state)
{
    (void)state;
    static const uint8_t zeros[SHA256_SIZE];
    struct db_fixture x;
    struct verify_report r;
    struct failure f = {0};
    uint8_t hash[SHA256_SIZE];
    char hex[SHA256_TEXT_SIZE], sql[512];

    start(&x);
    for (uint32_t i = 1; i <= 3; i++)
        fixture_flash(&x, 1, "L1", i, RESULT_PASS, FAILURE_NONE);
    assert_int_equal(fixture_exec(&x, "DROP TRIGGER attempt_closes_once; DROP TRIGGER chain_is_final;"
                                      "UPDATE attempt SET duration_us = 1 WHERE id = 1"),
                     SQLITE_OK);
    struct chain_reader *reader = chain_reader_new(x.db->h);
    assert_int_equal(chain_hash(reader, 1, zeros, hash), SQLITE_OK);
    chain_reader_free(reader);
    digest_hex(hash, SHA256_SIZE, hex);
    snprintf(sql, sizeof sql,
             "UPDATE chain SET hash = x'%s' WHERE seq = 1; UPDATE chain SET prev_hash = x'%s' WHERE seq = 2",
             hex, hex);
    assert_int_equal(fixture_exec(&x, sql), SQLITE_OK);
    assert_int_equal(verify_chain(x.db, &r, &f), 0);
    assert_int_equal(r.first_bad, 2);
    fixture_free(&x);
}

static void the_wire_bytes_of_a_failure_are_in_its_hash(void **state)
{
    (void)state;
    struct db_fixture x;
    struct verify_report r;
    struct attempt_result e = board_end(RESULT_FAIL, FAIL_WRITE);
    const struct attempt_start s = board_start(1);
    struct failure f = {0};
    int64_t a;

    start(&x);
    e.rx_evidence_len = 2;
    assert_int_equal(x.face->open(x.face->ctx, &s, &a, &f), 0);
    assert_int_equal(x.face->close(x.face->ctx, a, &e, &f), 0);
    assert_int_equal(verify_chain(x.db, &r, &f), 0);
    assert_int_equal(r.first_bad, 0);
    assert_int_equal(fixture_exec(&x, "DROP TRIGGER evidence_is_final; UPDATE evidence SET rx = x'0102'"),
                     SQLITE_OK);
    assert_int_equal(verify_chain(x.db, &r, &f), 0);
    assert_int_equal(r.first_bad, 1);
    fixture_free(&x);
}

/* ---- the audit ---- */

static void a_change_whose_row_cannot_be_written_is_not_made(void **state)
{
    (void)state;
    const struct work_call open = {.action = WORK_LOT_OPEN, .object = "A", .number = 2};
    struct db_fixture x;
    struct failure f = {0};

    start(&x);
    assert_int_equal(
        fixture_exec(&x, "CREATE TRIGGER full BEFORE INSERT ON audit BEGIN SELECT RAISE(ABORT, 'full'); END"),
        SQLITE_OK);
    assert_int_equal(work_do(x.db, &open, NULL, &f), -1);
    assert_int_equal(f.code, FAIL_RECORD);
    assert_int_equal(fixture_int(&x, "SELECT count(*) FROM lot"), 0);
    assert_int_equal(fixture_exec(&x, "DROP TRIGGER full"), SQLITE_OK);
    assert_int_equal(work_do(x.db, &open, NULL, &f), 0);
    assert_int_equal(fixture_int(&x, "SELECT count(*) FROM lot"), 1);
    assert_int_equal(fixture_int(&x, "SELECT count(*) FROM audit"), 1);
    fixture_free(&x);
}

static void must_enrol(struct db_fixture *x, const char *name, const char *new_pin, const char *pin)
{
    struct failure f = {0};
    const struct work_call c = {
        .action = WORK_OPERATOR_ADD, .object = name, .text = "engineer", .new_pin = new_pin, .pin = pin};

    if (work_do(x->db, &c, NULL, &f) != 0)
        fail_msg("%s", f.detail);
}

static void a_disabled_engineers_pin_opens_nothing(void **state)
{
    (void)state;
    const struct work_call disable = {.action = WORK_OPERATOR_DISABLE, .object = "en2", .pin = "471108"};
    struct db_fixture x;
    struct operator_info who;
    struct failure f = {0};

    start(&x);
    must_enrol(&x, "en1", "471108", NULL);
    must_enrol(&x, "en2", "582211", "471108");
    assert_int_equal(operator_by_pin(x.db, NULL, "582211", &who, &f), 0);
    assert_int_equal(work_do(x.db, &disable, NULL, &f), 0);
    assert_int_not_equal(operator_by_pin(x.db, NULL, "582211", &who, &f), 0);
    const struct work_call close = {.action = WORK_SLOT_CHANGE, .object = "3", .pin = "582211"};
    assert_int_equal(work_do(x.db, &close, NULL, &f), -1);
    assert_int_equal(f.code, FAIL_ROLE);
    fixture_free(&x);
}

static void other_rules_than_before_are_told_once(void **state)
{
    (void)state;
    struct db_fixture x;
    struct failure f = {0};

    start(&x);
    assert_int_equal(rules_record(x.db, "station.yaml", "usual", "usual", &f), 0);
    assert_int_equal(fixture_int(&x, "SELECT count(*) FROM audit"), 0);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(rules_record(x.db, "station.yaml", "lax", "usual", &f), 0);
        assert_int_equal(
            fixture_int(&x, "SELECT count(*) FROM audit WHERE action = 'rules.change' AND role = 'station'"
                            " AND old = 'usual' AND new = 'lax' AND object = 'station.yaml'"),
            1);
    }
    fixture_free(&x);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_open_writes_ahead_and_syncs_fully),
        cmocka_unit_test(after_an_io_error_at_commit_nothing_more_is_written),
        cmocka_unit_test(no_verdict_is_given_that_was_not_kept),
        cmocka_unit_test(what_was_not_acknowledged_does_not_come_back),
        cmocka_unit_test(an_attempt_just_opened_is_never_deleted),
        cmocka_unit_test(a_database_of_the_very_next_format_is_refused),
        cmocka_unit_test(a_reviewer_neither_writes_nor_checkpoints),
        cmocka_unit_test(below_the_floor_no_board_starts),
        cmocka_unit_test(a_clock_jump_is_noted_from_its_limit_on),
        cmocka_unit_test(a_backup_that_does_not_verify_never_gets_its_name),
        cmocka_unit_test(practice_counts_for_itself_only),
        cmocka_unit_test(a_record_made_anew_breaks_its_successor),
        cmocka_unit_test(the_wire_bytes_of_a_failure_are_in_its_hash),
        cmocka_unit_test(a_change_whose_row_cannot_be_written_is_not_made),
        cmocka_unit_test(a_disabled_engineers_pin_opens_nothing),
        cmocka_unit_test(other_rules_than_before_are_told_once),
    };

    return cmocka_run_group_tests_name("db promises", tests, NULL, NULL);
}
