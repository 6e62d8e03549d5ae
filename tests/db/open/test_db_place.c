/* SPDX-License-Identifier: Apache-2.0 */
/* label: scenario */
/* A database is a place: what becomes of a PASS when the file is taken away, exchanged, cut or known by two names. */
#include <errno.h>
#include <fcntl.h>
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

#include "tests/support/db_fixture.h"

#define RUNS 100

enum act {
    ACT_NOTHING,
    ACT_REMOVE,
    ACT_MOVE,
    ACT_REPLACE,
    ACT_CUT,
    ACT_EMPTY,
    ACT_WRITE_INTO,
    ACT_WAL_REMOVE,
    ACT_WAL_CUT,
    ACT_WAL_REPLACE,
    ACT_SHM_REMOVE,
    ACT_SHM_REPLACE,
    ACT_COUNT
};

static void name(const struct db_fixture *x, const char *end, char out[static 200])
{
    snprintf(out, 200, "%s%s", x->path, end);
}

static void copy_file(const char *from, const char *to)
{
    uint8_t block[65536];
    ssize_t n;
    int in = open(from, O_RDONLY), out = open(to, O_WRONLY | O_CREAT | O_TRUNC, 0600);

    assert_true(in >= 0 && out >= 0);
    while ((n = read(in, block, sizeof block)) > 0)
        assert_int_equal(write(out, block, (size_t)n), n);
    close(in);
    close(out);
}

static void write_into(const char *path)
{
    int fd = open(path, O_WRONLY);

    assert_true(fd >= 0);
    assert_int_equal(pwrite(fd, "x", 1, 4096 + 100), 1);
    close(fd);
}

/* As another programme would: never in this process, whose SQLite would lose its locks with the descriptor. */
static void do_act(const struct db_fixture *x, enum act act)
{
    char aside[200], wal[200], shm[200];
    int status;
    pid_t pid = fork();

    name(x, ".aside", aside);
    name(x, "-wal", wal);
    name(x, "-shm", shm);
    if (pid == 0) {
        switch (act) {
        case ACT_REMOVE:
            _exit(unlink(x->path) == 0 ? 0 : 1);
        case ACT_MOVE:
            _exit(rename(x->path, aside) == 0 ? 0 : 1);
        case ACT_REPLACE:
            copy_file(x->path, aside);
            _exit(rename(aside, x->path) == 0 ? 0 : 1);
        case ACT_CUT:
            _exit(truncate(x->path, 8192) == 0 ? 0 : 1);
        case ACT_EMPTY:
            _exit(truncate(x->path, 0) == 0 ? 0 : 1);
        case ACT_WRITE_INTO:
            write_into(x->path);
            _exit(0);
        case ACT_WAL_REMOVE:
            _exit(unlink(wal) == 0 ? 0 : 1);
        case ACT_WAL_CUT:
            _exit(truncate(wal, 4096) == 0 ? 0 : 1);
        case ACT_WAL_REPLACE:
            copy_file(wal, aside);
            _exit(rename(aside, wal) == 0 ? 0 : 1);
        case ACT_SHM_REMOVE:
            _exit(unlink(shm) == 0 ? 0 : 1);
        case ACT_SHM_REPLACE:
            copy_file(shm, aside);
            _exit(rename(aside, shm) == 0 ? 0 : 1);
        default:
            _exit(0);
        }
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(status, 0);
}

static uint32_t next(uint32_t *seed)
{
    *seed = *seed * 1664525u + 1013904223u;
    return *seed >> 8;
}

/* One board; what the screen would show. `act` happens before step `at`: 0 open, 1 identify, 2 close. */
static enum result flash_with(struct db_fixture *x, uint32_t tail, enum act act, int at,
                              enum failure_code *code)
{
    const struct attempt_start s = board_start(1);
    const struct unit_identity u = board_identity(tail);
    const struct attempt_result e = board_end(RESULT_PASS, FAILURE_NONE);
    struct recorder_verdict v;
    struct failure f = {0};
    int64_t attempt;

    for (int step = 0; step < 3; step++) {
        if (step == at)
            do_act(x, act);
        int rc = step == 0   ? x->face->open(x->face->ctx, &s, &attempt, &f)
                 : step == 1 ? x->face->identify(x->face->ctx, attempt, &u, &v, &f)
                             : x->face->close(x->face->ctx, attempt, &e, &f);
        if (rc != 0) {
            *code = f.code;
            return RESULT_ERROR;
        }
    }
    *code = FAILURE_NONE;
    return RESULT_PASS;
}

static struct db *start_again(const char *path, struct failure *f)
{
    const struct db_options o = {.path = path, .mode = DB_STATION, .station = "bench 1"};

    failure_clear(f);
    return db_open(&o, f);
}

/* The rows of boards that were shown as PASS, all of them, in what the next start finds; or there is no next start. */
static bool look_again(struct db_fixture *x, int shown)
{
    struct failure f;

    x->db = start_again(x->path, &f);
    if (x->db == NULL) {
        assert_int_equal(f.code, FAIL_DB_OPEN);
        return false;
    }
    if (fixture_int(x, "SELECT count(*) FROM attempt WHERE result = 'PASS'") < shown)
        fail_msg("%d boards were shown as PASS, %lld are there", shown,
                 (long long)fixture_int(x, "SELECT count(*) FROM attempt WHERE result = 'PASS'"));
    return true;
}

static void never_a_pass_without_its_row(void **state)
{
    (void)state;
    int refused = 0, passes = 0, errors = 0;

    for (uint32_t run = 1; run <= RUNS; run++) {
        uint32_t seed = run;
        enum act act = (enum act)(run % ACT_COUNT);
        int before = (int)(next(&seed) % 4), at = (int)(next(&seed) % 3), after = (int)(next(&seed) % 3),
            shown = 0;
        enum failure_code code;
        struct db_fixture x;

        fixture_new(&x);
        fixture_start(&x);
        for (int i = 0; i < before; i++)
            shown += flash_with(&x, run * 16 + (uint32_t)i, ACT_NOTHING, 0, &code) == RESULT_PASS;
        assert_int_equal(shown, before);
        for (int i = 0; i <= after; i++) {
            enum result r = flash_with(&x, run * 16 + 8 + (uint32_t)i, i == 0 ? act : ACT_NOTHING, at, &code);
            if (act == ACT_NOTHING) {
                assert_int_equal(r, RESULT_PASS);
                shown++;
                passes++;
            } else {
                if (r == RESULT_PASS)
                    fail_msg("run %u: act %d before step %d, board %d was shown as PASS", run, (int)act, at,
                             i);
                assert_int_equal(code, FAIL_RECORD);
                errors++;
            }
        }
        fixture_stop(&x);
        /* What was shown before may be gone with the file; then the next start says so and does not begin anew. */
        refused += !look_again(&x, shown);
        fixture_free(&x);
    }
    print_message("%d runs: %d PASS, %d ERROR 901, %d starts refused\n", RUNS, passes, errors, refused);
    assert_true(errors > 100 && refused > 20);
}

/* Armed, the clock that a transaction asks does it: between its first look at the file and its commit. */
static enum act armed;

static int64_t clock_that_acts(void *ctx)
{
    struct db_fixture *x = ctx;
    enum act act = armed;

    armed = ACT_NOTHING;
    do_act(x, act);
    return 1795341600000;
}

static void what_happens_within_a_commit_is_seen_after_it(void **state)
{
    (void)state;
    static const enum act acts[] = {ACT_REMOVE,  ACT_MOVE,       ACT_REPLACE,     ACT_EMPTY,
                                    ACT_WAL_CUT, ACT_WAL_REMOVE, ACT_WAL_REPLACE, ACT_SHM_REMOVE};

    for (size_t i = 0; i < sizeof acts / sizeof acts[0]; i++) {
        const struct attempt_start s = board_start(1);
        const struct unit_identity u = board_identity(1);
        const struct attempt_result e = board_end(RESULT_PASS, FAILURE_NONE);
        struct recorder_verdict v;
        struct db_fixture x;
        struct failure f = {0};
        int64_t attempt;

        fixture_new(&x);
        x.has_clock = true;
        x.clock.wall_ms = clock_that_acts;
        fixture_start(&x);
        assert_int_equal(x.face->open(x.face->ctx, &s, &attempt, &f), 0);
        assert_int_equal(x.face->identify(x.face->ctx, attempt, &u, &v, &f), 0);
        armed = acts[i];
        if (x.face->close(x.face->ctx, attempt, &e, &f) == 0)
            fail_msg("act %d within the commit: shown as PASS", (int)acts[i]);
        assert_int_equal(f.code, FAIL_RECORD);
        assert_int_equal(armed, ACT_NOTHING);
        fixture_free(&x);
    }
}

static void what_was_moved_away_comes_back_whole(void **state)
{
    (void)state;
    enum failure_code code;
    struct db_fixture x;
    struct failure f;
    char aside[200];

    fixture_new(&x);
    fixture_start(&x);
    for (uint32_t i = 1; i <= 3; i++)
        assert_int_equal(flash_with(&x, i, ACT_NOTHING, 0, &code), RESULT_PASS);
    assert_int_equal(flash_with(&x, 4, ACT_MOVE, 2, &code), RESULT_ERROR);
    fixture_stop(&x);
    assert_null(start_again(x.path, &f));
    assert_non_null(strstr(f.detail, "is gone"));
    name(&x, ".aside", aside);
    assert_int_equal(rename(aside, x.path), 0);
    fixture_start(&x);
    assert_int_equal(fixture_int(&x, "SELECT count(*) FROM attempt WHERE result = 'PASS'"), 3);
    fixture_free(&x);
}

/* A station that crashes: its newest records are in the WAL alone. */
static void crash(struct db_fixture *x, int boards)
{
    enum failure_code code;
    int status;
    pid_t pid = fork();

    if (pid == 0) {
        fixture_start(x);
        for (int i = 0; i < boards; i++)
            if (flash_with(x, (uint32_t)i + 1, ACT_NOTHING, 0, &code) != RESULT_PASS)
                _exit(1);
        kill(getpid(), SIGKILL);
    }
    waitpid(pid, &status, 0);
    assert_true(WIFSIGNALED(status));
}

static void a_wal_that_is_missing_after_a_crash_stops_the_start(void **state)
{
    (void)state;
    struct db_fixture x;
    struct failure f;
    char wal[200], lock[200], aside[200];

    fixture_new(&x);
    crash(&x, 2);
    name(&x, "-wal", wal);
    name(&x, ".lock", lock);
    name(&x, ".aside", aside);
    assert_int_equal(rename(wal, aside), 0);
    for (int i = 0; i < 2; i++) { /* a refused start forgets nothing */
        assert_null(start_again(x.path, &f));
        assert_non_null(strstr(f.detail, "-wal is missing"));
    }
    assert_int_equal(rename(aside, wal), 0);
    fixture_start(&x);
    assert_int_equal(fixture_int(&x, "SELECT count(*) FROM attempt WHERE result = 'PASS'"), 2);
    fixture_stop(&x);
    /* Ended in order there is none, and nobody misses it. */
    assert_int_not_equal(access(wal, F_OK), 0);
    fixture_start(&x);
    fixture_stop(&x);
    /* The documented way to go on without it. */
    crash(&x, 0);
    assert_int_equal(unlink(wal), 0);
    assert_null(start_again(x.path, &f));
    assert_int_equal(unlink(lock), 0);
    fixture_start(&x);
    fixture_free(&x);
}

/* Another file with the crashed one's WAL would be a mixture of both. */
static void a_wal_is_not_given_to_another_file(void **state)
{
    (void)state;
    struct db_fixture x;
    struct failure f;
    char aside[200];

    fixture_new(&x);
    fixture_start(&x);
    fixture_stop(&x);
    name(&x, ".aside", aside);
    copy_file(x.path, aside);
    crash(&x, 2);
    assert_int_equal(rename(aside, x.path), 0);
    assert_null(start_again(x.path, &f));
    assert_non_null(strstr(f.detail, "not the file"));
    fixture_free(&x);
}

static void nothing_is_made_anew_where_something_was(void **state)
{
    (void)state;
    static const char *const traces[] = {".before-restore-1", ".restoring", "-wal",
                                         ".archive-2026-01-01-1-4.db", ".v2"};
    struct db_fixture x;
    struct failure f;
    char path[200];

    for (size_t i = 0; i < sizeof traces / sizeof traces[0]; i++) {
        fixture_new(&x);
        name(&x, traces[i], path);
        scratch_save_text(path, "something that is longer than the head of a WAL");
        assert_null(start_again(x.path, &f));
        if (strstr(f.detail, traces[i]) == NULL || strstr(f.detail, "move all its files away") == NULL)
            fail_msg("%s: said '%s'", traces[i], f.detail);
        assert_int_not_equal(access(x.path, F_OK), 0);
        unlink(path);
        fixture_start(&x); /* with none, a first start is a first start */
        fixture_stop(&x);
        assert_int_equal(truncate(x.path, 0), 0);
        assert_null(start_again(x.path, &f));
        assert_non_null(strstr(f.detail, "is empty"));
        assert_int_equal(unlink(x.path), 0);
        assert_null(start_again(x.path, &f));
        assert_non_null(strstr(f.detail, ".lock"));
        fixture_free(&x);
    }
}

static void one_file_is_one_station(void **state)
{
    (void)state;
    struct db_fixture x;
    struct failure f;
    char hard[200], soft[200], bound[200];
    enum failure_code code;

    fixture_new(&x);
    fixture_start(&x);
    name(&x, ".hard", hard);
    name(&x, ".soft", soft);
    name(&x, ".bound", bound);
    assert_int_equal(symlink(x.path, soft), 0);
    assert_null(start_again(soft, &f));
    assert_int_equal(f.code, FAIL_DB_HELD);
    assert_non_null(strstr(f.detail, "bench 1"));
    assert_int_equal(link(x.path, hard), 0);
    assert_null(start_again(hard, &f));
    assert_int_equal(f.code, FAIL_DB_HELD);
    /* A file that is mounted onto another has no link in common, only the inode. */
    scratch_save_text(bound, "");
    if (mount(x.path, bound, NULL, MS_BIND, NULL) == 0) {
        assert_null(start_again(bound, &f));
        assert_int_equal(f.code, FAIL_DB_HELD);
        umount(bound);
    } else {
        print_message("no bind mounts here (%s): that name is left out\n", strerror(errno));
    }
    assert_int_equal(flash_with(&x, 1, ACT_NOTHING, 0, &code), RESULT_PASS);
    fixture_stop(&x);
    /* Nobody holds it, but it would have two WALs. */
    assert_null(start_again(hard, &f));
    assert_non_null(strstr(f.detail, "hard links"));
    assert_null(start_again(x.path, &f));
    assert_non_null(strstr(f.detail, "hard links"));
    assert_int_equal(unlink(hard), 0);
    struct db *db = start_again(soft, &f);
    assert_non_null(db);
    assert_string_equal(db_path(db), x.path);
    db_close(db);
    fixture_start(&x);
    assert_int_equal(fixture_int(&x, "SELECT count(*) FROM attempt WHERE result = 'PASS'"), 1);
    fixture_free(&x);
}

static mode_t mode_of(const struct db_fixture *x, const char *end)
{
    char path[200];
    struct stat st;

    name(x, end, path);
    return stat(path, &st) == 0 ? st.st_mode & 07777 : 0;
}

static void others_get_nothing(void **state)
{
    (void)state;
    static const char *const ends[] = {"", "-wal", "-shm", ".lock"};
    static const mode_t masks[] = {0, 022, 077, 0277};
    struct db_fixture x;
    char inner[SCRATCH_SIZE + 16];
    struct stat st;

    for (size_t m = 0; m < sizeof masks / sizeof masks[0]; m++) {
        for (int group = 0; group < 2; group++) {
            fixture_new(&x);
            assert_int_equal(chmod(x.dir, group ? 02770 : 0755), 0);
            snprintf(inner, sizeof inner, "%s/in", x.dir);
            snprintf(x.path, sizeof x.path, "%s/in/f.db", x.dir);
            mode_t old = umask(masks[m]);
            fixture_start(&x);
            for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++)
                assert_int_equal(mode_of(&x, ends[i]), group ? 0660 : 0600);
            assert_int_equal(stat(inner, &st), 0);
            assert_int_equal(st.st_mode & 07777, group ? 02770 : 0700);
            fixture_stop(&x);
            /* Made by hand, or by an older programme. */
            assert_int_equal(chmod(x.path, 0666), 0);
            fixture_start(&x);
            assert_int_equal(mode_of(&x, "") & 07, 0);
            umask(old);
            fixture_free(&x);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(never_a_pass_without_its_row),
        cmocka_unit_test(what_happens_within_a_commit_is_seen_after_it),
        cmocka_unit_test(what_was_moved_away_comes_back_whole),
        cmocka_unit_test(a_wal_that_is_missing_after_a_crash_stops_the_start),
        cmocka_unit_test(a_wal_is_not_given_to_another_file),
        cmocka_unit_test(nothing_is_made_anew_where_something_was),
        cmocka_unit_test(one_file_is_one_station),
        cmocka_unit_test(others_get_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
