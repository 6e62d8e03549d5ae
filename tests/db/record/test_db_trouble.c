/* SPDX-License-Identifier: Apache-2.0 */
/* label: scenario */
/* What the records do when the disk, the file, the clock or another station is in the way. */
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>
#include <sqlite3.h>

#include "db/care/maintain.h"
#include "db/open/disk_guard.h"
#include "db/open/schema.h"
#include "tests/support/cutfs.h"
#include "tests/support/db_fixture.h"
#include "tests/support/or_fail.h"
#include "tests/support/skipped.h"

static struct failure refused(const char *path, enum db_mode mode)
{
    const struct db_options o = {.path = path, .mode = mode, .station = "bench 2"};
    struct failure f = {0};
    struct db *db = db_open(&o, &f);

    if (db != NULL)
        fail_msg("%s was opened", path);
    return f;
}

static void assert_refused(const char *path, enum db_mode mode, const char *words)
{
    struct failure f = refused(path, mode);

    assert_int_equal(f.code, FAIL_DB_OPEN);
    if (strstr(f.detail, words) == NULL)
        fail_msg("'%s' does not say '%s'", f.detail, words);
}

static void put_file(const char *path, const char *text, size_t len)
{
    FILE *out = fopen(path, "wb");

    assert_non_null(out);
    assert_int_equal(fwrite(text, 1, len, out), len);
    fclose(out);
}

static void each_wrong_file_has_its_own_words(void **state)
{
    (void)state;
    struct db_fixture x;
    char path[160], junk[4096];

    fixture_new(&x);
    snprintf(path, sizeof path, "%s/junk.db", x.dir);
    memset(junk, 'j', sizeof junk);
    put_file(path, junk, sizeof junk);
    assert_refused(path, DB_STATION, "not a database");
    assert_refused(path, DB_REVIEW, "not a database");
    assert_refused(x.dir, DB_STATION, "is a folder: name the file in it");
    assert_refused("/dev/null", DB_STATION, "not a regular file");
    assert_refused("/proc/nowhere/f.db", DB_STATION, "/proc/nowhere/f.db");
    assert_refused(x.path, DB_REVIEW, "no such database");

    fixture_start(&x);
    fixture_stop(&x);
    assert_int_equal(fixture_exec(&x, "PRAGMA user_version = 99"), SQLITE_OK);
    assert_refused(x.path, DB_STATION, "newer");
    assert_refused(x.path, DB_REVIEW, "newer");
    assert_int_equal(fixture_exec(&x, "PRAGMA user_version = 3; PRAGMA application_id = 7"), SQLITE_OK);
    assert_refused(x.path, DB_STATION, "another programme");
    fixture_free(&x);
}

static void a_second_station_is_refused_by_name_and_a_reviewer_is_not(void **state)
{
    (void)state;
    struct db_fixture x;
    char pid[32];

    fixture_new(&x);
    fixture_start(&x);
    fixture_flash(&x, 1, "L1", 1, RESULT_PASS, FAILURE_NONE);
    struct failure f = refused(x.path, DB_STATION);
    assert_int_equal(f.code, FAIL_DB_HELD);
    assert_non_null(strstr(f.detail, "bench 1"));
    snprintf(pid, sizeof pid, "pid %ld", (long)getpid());
    assert_non_null(strstr(f.detail, pid));
    const struct db_options o = {.path = x.path, .mode = DB_REVIEW};
    struct db *review = db_open_or_fail(&o);
    struct verify_report report;
    assert_int_equal(verify_all(review, &report, &f), 0);
    assert_int_equal(report.attempts, 1);
    /* Beside an open reader the station writes on. */
    fixture_flash(&x, 1, "L1", 2, RESULT_PASS, FAILURE_NONE);
    db_close(review);
    fixture_stop(&x);
    fixture_start(&x);
    assert_int_equal(fixture_int(&x, "SELECT count(*) FROM attempt WHERE result = 'PASS'"), 2);
    fixture_free(&x);
}

static void the_lock_dies_with_its_station(void **state)
{
    (void)state;
    struct db_fixture x;
    int ready[2], status;
    char byte;

    fixture_new(&x);
    assert_int_equal(pipe(ready), 0);
    pid_t pid = fork();
    if (pid == 0) {
        fixture_start(&x);
        const struct attempt_start s = board_start(1);
        struct failure f;
        int64_t attempt;
        if (x.face->open(x.face->ctx, &s, &attempt, &f) != 0 || write(ready[1], "x", 1) != 1)
            _exit(1);
        pause();
        _exit(1);
    }
    assert_int_equal(read(ready[0], &byte, 1), 1);
    assert_int_equal(refused(x.path, DB_STATION).code, FAIL_DB_HELD);
    kill(pid, SIGKILL);
    waitpid(pid, &status, 0);
    assert_true(WIFSIGNALED(status));
    fixture_start(&x);
    assert_int_equal(db_recorder_interrupted(x.rec), 1);
    close(ready[0]);
    close(ready[1]);
    fixture_free(&x);
}

static void a_locked_database_is_told_not_waited_for_forever(void **state)
{
    (void)state;
    struct db_fixture x;
    sqlite3 *other;

    fixture_new(&x);
    fixture_start(&x);
    fixture_stop(&x);
    assert_int_equal(sqlite3_open(x.path, &other), SQLITE_OK);
    assert_int_equal(
        sqlite3_exec(other, "PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE", NULL, NULL, NULL), SQLITE_OK);
    assert_refused(x.path, DB_STATION, "locked");
    sqlite3_close(other);
    fixture_free(&x);
}

static void a_read_only_file_is_refused(void **state)
{
    (void)state;
    struct db_fixture x;

    fixture_new(&x);
    fixture_start(&x);
    fixture_stop(&x);
    assert_int_equal(chmod(x.path, 0444), 0);
    assert_int_equal(chmod(x.dir, 0755), 0);
    bool root = geteuid() == 0; /* who may write everything: become nobody for a moment */
    if (root)
        assert_int_equal(seteuid(65534), 0);
    assert_refused(x.path, DB_STATION, "ermission");
    if (root)
        assert_int_equal(seteuid(0), 0);
    fixture_free(&x);
}

/* One board through the recorder; 0, or -1 with the failure of the call that refused. */
static int flash(const struct recorder *r, uint32_t tail, struct failure *f)
{
    const struct attempt_start s = board_start(1);
    const struct unit_identity u = board_identity(tail);
    const struct attempt_result e = board_end(RESULT_PASS, FAILURE_NONE);
    struct recorder_verdict v;
    int64_t attempt;

    if (r->open(r->ctx, &s, &attempt, f) != 0 || r->identify(r->ctx, attempt, &u, &v, f) != 0)
        return -1;
    return r->close(r->ctx, attempt, &e, f);
}

/* Every write, truncation and sync of one board fails once in turn. */
static void every_disk_error_is_told_and_harms_nothing(void **state)
{
    (void)state;
    static const int errors[] = {SQLITE_FULL, SQLITE_IOERR_WRITE, SQLITE_IOERR_FSYNC};
    const struct db_options o = {.path = "f.db", .mode = DB_STATION, .vfs = "trouble"};
    const struct db_policy policy = {0};
    struct cutfs *fs = cutfs_new("trouble", 7);
    struct verify_report report;
    struct failure f = {0};
    uint32_t tail = 0;
    int met = 0, told = 0;

    for (size_t e = 0; e < sizeof errors / sizeof errors[0]; e++) {
        for (int call = 1; call <= 60; call++) {
            cutfs_wipe(fs);
            struct db *db = db_open(&o, &f);
            struct db_recorder *r = db_recorder_new(db, &policy, &f);
            int64_t before = cutfs_calls(fs);
            cutfs_fail_once(fs, call, errors[e]);
            int rc = flash(db_recorder_face(r), ++tail, &f);
            met += cutfs_calls(fs) - before >= call;
            told += rc != 0;
            if (rc != 0)
                assert_true(f.code == FAIL_RECORD);
            /* A full disk that has room again works again; after an I/O error the handle is done with. */
            int again = flash(db_recorder_face(r), ++tail, &f);
            if (rc != 0 && errors[e] == SQLITE_FULL)
                assert_int_equal(again, 0);
            db_recorder_free(r);
            db_close(db);
            cutfs_restart(fs, CUT_ALL);
            db = db_open_or_fail(&o);
            r = db_recorder_new_or_fail(db, &policy);
            assert_int_equal(verify_all(db, &report, &f), 0);
            assert_int_equal(report.first_bad, 0);
            assert_true(report.attempts >= (rc == 0) + (again == 0));
            db_recorder_free(r);
            db_close(db);
        }
    }
    print_message("%d errors met, %d told\n", met, told);
    assert_true(told > 20);
    cutfs_free(fs);
}

static void a_full_disk_refuses_new_boards_and_finishes_the_running_one(void **state)
{
    (void)state;
    struct db_fixture x;
    struct failure f = {0};
    char filler[160];

    fixture_new(&x);
    if (mount("tmpfs", x.dir, "tmpfs", 0, "size=24m") != 0) {
        skipped_row("cannot mount a small tmpfs here (%s)", strerror(errno));
        fixture_free(&x);
        skip();
    }
    x.policy.disk_floor = 4 << 20;
    fixture_start(&x);
    const struct attempt_start s = board_start(1);
    const struct unit_identity u = board_identity(1);
    const struct attempt_result e = board_end(RESULT_PASS, FAILURE_NONE);
    struct recorder_verdict v;
    int64_t attempt;
    assert_int_equal(x.face->open(x.face->ctx, &s, &attempt, &f), 0);
    assert_int_equal(x.face->identify(x.face->ctx, attempt, &u, &v, &f), 0);
    snprintf(filler, sizeof filler, "%s/filler", x.dir);
    FILE *out = fopen(filler, "wb");
    char block[4096] = {0};
    setvbuf(out, NULL, _IONBF, 0);
    while (fwrite(block, 1, sizeof block, out) == sizeof block)
        ;
    fclose(out);
    assert_true(disk_free(x.path) < 8192);
    /* Many results until the WAL must grow: the reserve is given up and the result is saved. */
    assert_int_equal(x.face->close(x.face->ctx, attempt, &e, &f), 0);
    assert_int_equal(x.face->open(x.face->ctx, &s, &attempt, &f), -1);
    assert_int_equal(f.code, FAIL_DISK_FLOOR);
    unlink(filler);
    assert_int_equal(flash(x.face, 2, &f), 0);
    assert_int_equal(fixture_int(&x, "SELECT count(*) FROM attempt WHERE result = 'PASS'"), 2);
    fixture_stop(&x);
    umount(x.dir);
    fixture_free(&x);
}

static void a_jumping_clock_is_noted_and_never_reorders_the_chain(void **state)
{
    (void)state;
    struct db_fixture x;
    struct verify_report report;
    struct failure f;
    static const int64_t steps_ms[] = {0, -3600000, 7200000, 60000, -1000};

    fixture_new(&x);
    x.has_clock = true;
    x.wall_ms = 1795341600000;
    fixture_start(&x);
    for (size_t i = 0; i < sizeof steps_ms / sizeof steps_ms[0]; i++) {
        x.wall_ms += 30000 + steps_ms[i];
        x.mono_us += 30000000;
        fixture_flash(&x, 1, "L1", (uint32_t)i + 1, RESULT_PASS, FAILURE_NONE);
    }
    assert_int_equal(fixture_int(&x, "SELECT count(*) FROM event WHERE kind = 'CLOCK'"), 2);
    assert_int_equal(fixture_int(&x, "SELECT amount FROM event WHERE kind = 'CLOCK' ORDER BY id LIMIT 1"),
                     -3600000);
    assert_int_equal(
        fixture_int(
            &x,
            "SELECT group_concat(attempt_id, '') = '12345' FROM (SELECT attempt_id FROM chain ORDER BY seq)"),
        1);
    assert_int_equal(verify_chain(x.db, &report, &f), 0);
    assert_int_equal(report.first_bad, 0);
    fixture_stop(&x);
    x.wall_ms = 0; /* a board without a battery wakes in 1970 */
    fixture_start(&x);
    assert_int_equal(fixture_int(&x, "SELECT count(*) FROM event WHERE kind = 'CLOCK'"), 3);
    fixture_free(&x);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_wrong_file_has_its_own_words),
        cmocka_unit_test(a_second_station_is_refused_by_name_and_a_reviewer_is_not),
        cmocka_unit_test(the_lock_dies_with_its_station),
        cmocka_unit_test(a_locked_database_is_told_not_waited_for_forever),
        cmocka_unit_test(a_read_only_file_is_refused),
        cmocka_unit_test(every_disk_error_is_told_and_harms_nothing),
        cmocka_unit_test(a_full_disk_refuses_new_boards_and_finishes_the_running_one),
        cmocka_unit_test(a_jumping_clock_is_noted_and_never_reorders_the_chain),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
