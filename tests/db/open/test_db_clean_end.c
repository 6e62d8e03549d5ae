/* SPDX-License-Identifier: Apache-2.0 */
/* When a station looks its file through at the start, and when it may leave that. */
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#include "db/open/clean_end.h"
#include "db/open/db_inside.h"
#include "tests/support/db_fixture.h"
#include "tests/support/or_fail.h"

#define DAY_MS (24LL * 3600 * 1000)

static void count(void *ctx, int64_t bytes)
{
    assert_true(bytes > 0);
    ++*(int *)ctx;
}

/* Opens as a station, and stays open in x. True when the file was looked through. */
static bool looks(struct db_fixture *x)
{
    int looked = 0;
    struct failure f = {0};
    const struct db_options o = {.path = x->path,
                                 .mode = DB_STATION,
                                 .station = "bench 1",
                                 .clock = x->has_clock ? &x->clock : NULL,
                                 .looking = count,
                                 .looking_ctx = &looked};

    x->db = db_open(&o, &f);
    if (x->db == NULL)
        print_error("%s\n", f.detail);
    assert_non_null(x->db);
    return looked > 0;
}

static void stop(struct db_fixture *x)
{
    db_close(x->db);
    x->db = NULL;
}

static void start_new(struct db_fixture *x)
{
    fixture_new(x);
    x->has_clock = true;
    x->wall_ms = 1790000000000;
    fixture_start(x);
    fixture_flash(x, 1, "L1", 1, RESULT_PASS, FAILURE_NONE);
    fixture_stop(x);
}

static void read_word(const struct db_fixture *x, char out[static CLEAN_END_TEXT])
{
    char path[160];

    snprintf(path, sizeof path, "%s.lock", x->path);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    assert_true(fd >= 0);
    ssize_t n = read(fd, out, CLEAN_END_TEXT - 1);
    out[n > 0 ? n : 0] = '\0';
    close(fd);
}

static void write_word(const struct db_fixture *x, const char *word)
{
    char path[160];

    snprintf(path, sizeof path, "%s.lock", x->path);
    int fd = open(path, O_WRONLY | O_TRUNC | O_CLOEXEC);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, word, strlen(word)), (ssize_t)strlen(word));
    close(fd);
}

static void after_an_end_in_order_nothing_is_looked_through(void **state)
{
    (void)state;
    struct db_fixture x;

    start_new(&x);
    for (int i = 0; i < 3; i++) {
        assert_false(looks(&x));
        stop(&x);
    }
    /* A reviewer beside it, before and after, changes nothing. */
    const struct db_options o = {.path = x.path, .mode = DB_REVIEW};
    struct db *review = db_open_or_fail(&o);
    assert_false(looks(&x));
    stop(&x);
    db_close(review);
    assert_false(looks(&x));
    fixture_free(&x);
}

/* A station that dies while it runs, with everything it wrote still in the WAL: the file itself is as it was. */
static void die_running(struct db_fixture *x)
{
    int ready[2], status;
    char byte;

    assert_int_equal(pipe(ready), 0);
    pid_t pid = fork();
    if (pid == 0) {
        fixture_start(x);
        fixture_flash(x, 1, "L1", 2, RESULT_PASS, FAILURE_NONE);
        if (write(ready[1], "x", 1) != 1)
            _exit(1);
        pause();
        _exit(1);
    }
    assert_int_equal(read(ready[0], &byte, 1), 1);
    kill(pid, SIGKILL);
    waitpid(pid, &status, 0);
    close(ready[0]);
    close(ready[1]);
}

static void after_a_crash_it_always_is(void **state)
{
    (void)state;
    struct db_fixture x;

    start_new(&x);
    die_running(&x);
    assert_true(looks(&x));
    stop(&x);
    assert_false(looks(&x));
    fixture_free(&x);
}

/* As when the power went before the lock file's new text reached the disk: the note is an earlier run's. */
static void an_earlier_note_does_not_hold(void **state)
{
    (void)state;
    struct db_fixture x;
    char word[CLEAN_END_TEXT];

    start_new(&x);
    read_word(&x, word);
    assert_non_null(strstr(word, "ended in order"));
    die_running(&x);
    write_word(&x, word);
    assert_true(looks(&x));
    fixture_free(&x);
}

static void another_boot_a_torn_note_and_none_do_not_hold(void **state)
{
    (void)state;
    struct db_fixture x;
    char word[CLEAN_END_TEXT], other[CLEAN_END_TEXT];

    start_new(&x);
    read_word(&x, word);
    memcpy(other, word, sizeof other);
    char *boot = strstr(other, " boot ") + 6;
    *boot = *boot == '0' ? '1' : '0';
    write_word(&x, other);
    assert_true(looks(&x));
    stop(&x);
    for (size_t cut = 0; cut < strlen(word); cut += 7) {
        read_word(&x, word);
        word[cut] = '\0';
        write_word(&x, word);
        assert_true(looks(&x));
        stop(&x);
    }
    fixture_free(&x);
}

static void a_file_that_was_touched_is_looked_through(void **state)
{
    (void)state;
    struct db_fixture x;
    struct timespec times[2] = {{.tv_nsec = UTIME_NOW}, {.tv_sec = 1700000000}};
    struct failure f = {0};

    start_new(&x);
    assert_int_equal(utimensat(AT_FDCWD, x.path, times, 0), 0);
    assert_true(looks(&x));
    stop(&x);
    /* And what was done to it is found: every page but the first is overwritten. */
    struct stat st;
    assert_int_equal(stat(x.path, &st), 0);
    int fd = open(x.path, O_WRONLY | O_CLOEXEC);
    for (off_t at = 4096; at < st.st_size; at += 4)
        assert_int_equal(pwrite(fd, "junk", 4, at), 4);
    close(fd);
    const struct db_options o = {.path = x.path, .mode = DB_STATION};
    assert_null(db_open(&o, &f));
    assert_int_equal(f.code, FAIL_DB_OPEN);
    fixture_free(&x);
}

static void once_a_day_it_is_looked_through_whatever_was(void **state)
{
    (void)state;
    struct db_fixture x;

    start_new(&x);
    x.wall_ms += DAY_MS / 2;
    assert_false(looks(&x)); /* which does not make it younger */
    stop(&x);
    x.wall_ms += DAY_MS / 2 + 1;
    assert_true(looks(&x));
    stop(&x);
    assert_false(looks(&x));
    stop(&x);
    x.wall_ms -= 2 * DAY_MS; /* a clock gone back says nothing */
    assert_true(looks(&x));
    fixture_free(&x);
}

static void after_trouble_there_is_no_note(void **state)
{
    (void)state;
    struct db_fixture x;

    start_new(&x);
    assert_false(looks(&x));
    x.db->suspect = true;
    stop(&x);
    assert_true(looks(&x));
    x.db->broken = SQLITE_IOERR;
    stop(&x);
    assert_true(looks(&x));
    fixture_free(&x);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(after_an_end_in_order_nothing_is_looked_through),
        cmocka_unit_test(after_a_crash_it_always_is),
        cmocka_unit_test(an_earlier_note_does_not_hold),
        cmocka_unit_test(another_boot_a_torn_note_and_none_do_not_hold),
        cmocka_unit_test(a_file_that_was_touched_is_looked_through),
        cmocka_unit_test(once_a_day_it_is_looked_through_whatever_was),
        cmocka_unit_test(after_trouble_there_is_no_note),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
