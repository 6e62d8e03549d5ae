/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>
#include <sqlite3.h>

#include "base/file.h"
#include "db/care/retention.h"
#include "db/care/verify.h"
#include "db/desk/work.h"
#include "tests/support/db_fixture.h"
#include "tests/support/faultvfs.h"
#include "tests/support/or_fail.h"

#define DAY 86400000LL
#define T0  1795341600000LL

static void assert_good(struct db *db, int64_t attempts, int64_t head)
{
    struct verify_report v;
    struct failure f = {0};

    assert_int_equal(verify_all(db, &v, &f), 0);
    assert_string_equal(v.text, "");
    assert_int_equal(v.attempts, attempts);
    assert_int_equal(v.head_seq, head);
}

static void flash_day(struct db_fixture *x, int day, uint32_t tail)
{
    x->wall_ms = T0 + day * DAY;
    x->mono_us = day * DAY * 1000;
    fixture_flash(x, 1, "L1", tail, tail % 2 == 0 ? RESULT_FAIL : RESULT_PASS,
                  tail % 2 == 0 ? FAIL_WRITE : FAILURE_NONE);
}

/* As the verb does before: an archive that no row of the audit explains is a finding. */
static void ask_leave(struct db_fixture *x)
{
    const struct work_call ask = {.action = WORK_ARCHIVE, .object = "before"};
    struct failure f = {0};

    assert_int_equal(work_do(x->db, &ask, NULL, &f), 0);
}

static void archive(struct db_fixture *x, int day, struct retention_report *r)
{
    struct failure f = {0};

    ask_leave(x);
    if (retention_archive(x->db, T0 + day * DAY - DAY / 2, NULL, r, &f) != 0)
        fail_msg("%s", f.detail);
}

static enum failure_code verdict(struct db_fixture *x, uint32_t tail, bool *rework)
{
    const struct attempt_start s = board_start(1);
    const struct unit_identity u = board_identity(tail);
    const struct attempt_result e = board_end(RESULT_ABORTED, FAIL_ABORTED);
    struct recorder_verdict v;
    struct failure f;
    int64_t a;

    assert_int_equal(x->face->open(x->face->ctx, &s, &a, &f), 0);
    assert_int_equal(x->face->identify(x->face->ctx, a, &u, &v, &f), 0);
    assert_int_equal(x->face->close(x->face->ctx, a, &e, &f), 0);
    *rework = v.is_rework;
    return v.hold.code;
}

static void old_records_move_and_the_chain_goes_on(void **state)
{
    (void)state;
    struct db_fixture x;
    struct retention_report r, again;
    struct stat st;
    uint8_t sha256[SHA256_SIZE];
    uint64_t bytes;
    bool rework;

    fixture_new(&x);
    x.has_clock = true;
    x.wall_ms = T0;
    fixture_start(&x);
    for (int day = 0; day < 10; day++)
        flash_day(&x, day, (uint32_t)day + 1);
    archive(&x, 0, &r);
    assert_int_equal(r.rows, 0);
    archive(&x, 4, &r);
    assert_int_equal(r.rows, 4);
    assert_int_equal(r.last_seq, 4);
    assert_int_equal(stat(r.file, &st), 0);
    assert_int_equal(st.st_mode & 0222, 0);
    assert_int_equal(file_sha256(r.file, sha256, &bytes), 0);
    assert_memory_equal(sha256, r.sha256, SHA256_SIZE);
    assert_good(x.db, 6, 10);
    archive(&x, 8, &again);
    assert_int_equal(again.first_seq, 5);
    assert_int_equal(again.rows, 4);
    assert_good(x.db, 2, 10);
    /* Each file can be read and verified by itself. */
    const struct db_options o = {.path = again.file, .mode = DB_REVIEW};
    struct db *db = db_open_or_fail(&o);
    assert_good(db, 4, 8);
    db_close(db);
    /* What moved is not forgotten: a MAC that passed then is a duplicate now. */
    assert_int_equal(verdict(&x, 1, &rework), HOLD_MAC_DUPLICATE);
    assert_int_equal(fixture_int(&x, "SELECT count(*) FROM unit"), 10);
    flash_day(&x, 11, 20);
    archive(&x, 30, &r); /* everything */
    fixture_stop(&x);
    fixture_start(&x);
    flash_day(&x, 31, 21);
    assert_good(x.db, 1, 13);
    fixture_free(&x);
}

static void a_bad_chain_is_not_archived(void **state)
{
    (void)state;
    struct db_fixture x;
    struct retention_report r;
    struct failure f = {0};

    fixture_new(&x);
    x.has_clock = true;
    fixture_start(&x);
    for (int day = 0; day < 3; day++)
        flash_day(&x, day, (uint32_t)day + 1);
    assert_int_equal(
        fixture_exec(&x, "DROP TRIGGER attempt_closes_once; UPDATE attempt SET detail = 'x' WHERE id = 2"),
        0);
    assert_int_equal(retention_archive(x.db, T0 + 30 * DAY, NULL, &r, &f), -1);
    assert_non_null(strstr(f.detail, "changed"));
    assert_int_equal(fixture_int(&x, "SELECT count(*) FROM attempt"), 3);
    fixture_free(&x);
}

static void a_clock_that_went_back_keeps_the_order(void **state)
{
    (void)state;
    struct db_fixture x;
    struct retention_report r;

    fixture_new(&x);
    x.has_clock = true;
    fixture_start(&x);
    flash_day(&x, 0, 1);
    flash_day(&x, 9, 2);
    flash_day(&x, 1, 3); /* closed third, dated second */
    archive(&x, 5, &r);
    assert_int_equal(r.rows, 1);
    assert_good(x.db, 2, 3);
    fixture_free(&x);
}

static int64_t count(const char *path, const char *sql)
{
    struct db_fixture y = {0};

    snprintf(y.path, sizeof y.path, "%s", path);
    return access(path, F_OK) == 0 ? fixture_int(&y, sql) : 0;
}

/* One call on the WAL fails, done or not done. What a reopen finds: every record once, here or in the file that is named. */
static bool move_with_a_fault(int n, int code, bool after)
{
    struct db_fixture x;
    struct retention_report r;
    struct failure f = {0};
    char file[4096];

    fixture_new(&x);
    x.has_clock = true;
    fixture_start(&x);
    for (int day = 0; day < 6; day++)
        flash_day(&x, day, (uint32_t)day + 1);
    ask_leave(&x);
    faultvfs_fail(n, code, after);
    int rc = retention_archive(x.db, T0 + 4 * DAY - DAY / 2, NULL, &r, &f);
    bool met = faultvfs_failed();
    faultvfs_fail(0, 0, false);
    snprintf(file, sizeof file, "%s", r.file);
    fixture_stop(&x);
    fixture_start(&x); /* it tells which of the two worlds this is */
    int64_t here = fixture_int(&x, "SELECT count(*) FROM attempt");
    int64_t moved = fixture_int(&x, "SELECT coalesce(sum(rows), 0) FROM archive");
    if (rc == 0 && moved != 4)
        fail_msg("call %d: told as moved, but it is not", n);
    assert_int_equal(here + moved, 6);
    if (moved > 0)
        assert_int_equal(count(file, "SELECT count(*) FROM attempt"), 4);
    if (moved == 0) /* and again, over what the first try left */
        assert_int_equal(retention_archive(x.db, T0 + 4 * DAY - DAY / 2, NULL, &r, &f), 0);
    assert_good(x.db, 2, 6);
    assert_int_equal(count(file, "SELECT count(*) FROM attempt"), 4);
    fixture_free(&x);
    return met;
}

static void nothing_after_an_unknown_commit_is_undone(void **state)
{
    (void)state;
    static const int codes[] = {SQLITE_IOERR_FSYNC, SQLITE_IOERR_WRITE, SQLITE_FULL};
    int met = 0;

    faultvfs_install();
    for (size_t c = 0; c < sizeof codes / sizeof codes[0]; c++)
        for (int after = 0; after < 2; after++)
            for (int n = 1; move_with_a_fault(n, codes[c], after != 0); n += c == 0 ? 1 : 4)
                met++;
    faultvfs_remove();
    print_message("%d faults met\n", met);
    assert_true(met > 30);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(old_records_move_and_the_chain_goes_on),
        cmocka_unit_test(a_bad_chain_is_not_archived),
        cmocka_unit_test(a_clock_that_went_back_keeps_the_order),
        cmocka_unit_test(nothing_after_an_unknown_commit_is_undone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
