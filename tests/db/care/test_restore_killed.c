/* SPDX-License-Identifier: Apache-2.0 */
/* label: scenario */
/*
 * A restore that is killed before each system call that changes anything: a database is there at every moment, whole, the
 * old one or the new one, and nothing of the old one is lost.
 */
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
#include <sys/ptrace.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include <linux/ptrace.h>
#include <cmocka.h>

#include "db/care/maintain.h"
#include "db/care/restore.h"
#include "tests/support/db_fixture.h"
#include "tests/support/skipped.h"
#include "tests/support/sweep.h"

#define KEPT_MAX 20

/* A sync changes nothing that a killed process leaves behind; power cuts are another test's (powercut). */
static bool changes_something(const struct ptrace_syscall_info *info)
{
    static const long calls[] = {
        SYS_write,    SYS_pwrite64, SYS_ftruncate, SYS_renameat, SYS_renameat2, SYS_linkat,
        SYS_unlinkat, SYS_mkdirat,  SYS_fchmod,    SYS_fchmodat, SYS_fallocate,
#ifdef SYS_unlink
        SYS_rename,   SYS_link,     SYS_unlink,    SYS_mkdir,    SYS_chmod
#endif
    };

    if (info->entry.nr == SYS_openat)
        return (info->entry.args[2] & O_CREAT) != 0;
    for (size_t i = 0; i < sizeof calls / sizeof calls[0]; i++)
        if ((uint64_t)calls[i] == info->entry.nr)
            return true;
    return false;
}

static void child(const struct restore_call *call)
{
    struct restore_report r;
    struct failure f = {0};

    ptrace(PTRACE_TRACEME, 0, NULL, NULL);
    raise(SIGSTOP);
    _exit(restore_database(call, &r, &f) == 0 ? 0 : 1);
}

/* Until the `n`th call that changes something, which does not happen any more. False: it ended before, and well. */
static bool restore_until(const struct restore_call *call, int n)
{
    struct ptrace_syscall_info info;
    int status, seen = 0;
    pid_t pid = fork();

    if (pid == 0)
        child(call);
    waitpid(pid, &status, 0);
    assert_true(WIFSTOPPED(status));
    if (ptrace(PTRACE_SETOPTIONS, pid, NULL,
               (void *)(uintptr_t)(PTRACE_O_TRACESYSGOOD | PTRACE_O_EXITKILL)) != 0) {
        kill(pid, SIGKILL);
        waitpid(pid, &status, 0);
        skipped_row("no tracing here (%s)", strerror(errno));
        skip();
    }
    for (;;) {
        ptrace(PTRACE_SYSCALL, pid, NULL, NULL);
        waitpid(pid, &status, 0);
        if (WIFEXITED(status)) {
            assert_int_equal(WEXITSTATUS(status), 0);
            return false;
        }
        assert_true(WIFSTOPPED(status));
        if (WSTOPSIG(status) == (SIGTRAP | 0x80) &&
            ptrace(PTRACE_GET_SYSCALL_INFO, pid, (void *)sizeof info, &info) > 0 &&
            info.op == PTRACE_SYSCALL_INFO_ENTRY && changes_something(&info) && ++seen == n)
            break;
    }
    kill(pid, SIGKILL);
    waitpid(pid, &status, 0);
    return true;
}

/* A database with three boards, the newest in the WAL alone as after a crash, and a backup with one. */
static void make(struct db_fixture *x, bool crashed)
{
    struct backup_report report;
    struct failure f = {0};
    char backup[200];
    int status;
    pid_t pid;

    fixture_new(x);
    snprintf(backup, sizeof backup, "%s/b.db", x->dir);
    fixture_start(x);
    fixture_flash(x, 1, "L1", 1, RESULT_PASS, FAILURE_NONE);
    assert_int_equal(maintain_backup(x->db, backup, false, &report, &f), 0);
    fixture_flash(x, 1, "L1", 2, RESULT_PASS, FAILURE_NONE);
    fixture_stop(x);
    if ((pid = fork()) == 0) {
        fixture_start(x);
        fixture_flash(x, 1, "L1", 3, RESULT_PASS, FAILURE_NONE);
        if (!crashed)
            fixture_stop(x);
        _exit(0);
    }
    waitpid(pid, &status, 0);
    assert_int_equal(status, 0);
}

static void copy(const struct db_fixture *from, const struct db_fixture *to, const char *file)
{
    static char bytes[4 << 20];
    char path[200];

    snprintf(path, sizeof path, "%s/%s", from->dir, file);
    FILE *in = fopen(path, "rb");
    if (in == NULL)
        return;
    size_t len = fread(bytes, 1, sizeof bytes, in);
    fclose(in);
    snprintf(path, sizeof path, "%s/%s", to->dir, file);
    scratch_save(path, bytes, len);
}

/* The same in a new folder; what its lock says is said of the new file. */
static void make_like(const struct db_fixture *model, struct db_fixture *x, bool crashed)
{
    char lock[200], text[96];
    struct stat st;

    fixture_new(x);
    copy(model, x, "f.db");
    copy(model, x, "f.db-wal");
    copy(model, x, "b.db");
    assert_int_equal(stat(x->path, &st), 0);
    if (crashed)
        snprintf(text, sizeof text, "writing inode %ju\n", (uintmax_t)st.st_ino);
    else
        snprintf(text, sizeof text, "ended\n");
    snprintf(lock, sizeof lock, "%s.lock", x->path);
    scratch_save_text(lock, text);
}

static int64_t boards(struct db_fixture *x)
{
    return fixture_int(x, "SELECT count(*) FROM attempt WHERE result = 'PASS'");
}

/* Among what is kept: the old database, as it was. */
static bool old_is_kept(const struct db_fixture *x)
{
    for (int i = 1; i < KEPT_MAX; i++) {
        struct db_fixture kept = {0};
        if (snprintf(kept.path, sizeof kept.path, "%s.before-restore-%d", x->path, i) >=
            (int)sizeof kept.path)
            return false;
        if (access(kept.path, F_OK) == 0 && boards(&kept) == 3)
            return true;
    }
    return false;
}

/* Each call in the whole; in the slice steps of 1 to 8 that share no period with what is done, the same every time. */
static int step(int n)
{
    return sweep_is_whole() ? 1 : 1 + (int)((uint32_t)n * 2654435761u >> 29);
}

static void kill_at_the_calls(bool crashed)
{
    int n = 1, before = 0, after = 0;
    struct db_fixture model;

    make(&model, crashed);
    for (bool killed = true; killed; n += step(n)) {
        struct db_fixture x;
        struct restore_report r;
        struct failure f = {0};
        char backup[200];

        make_like(&model, &x, crashed);
        snprintf(backup, sizeof backup, "%s/b.db", x.dir);
        const struct restore_call call = {.backup = backup, .path = x.path, .reason = "a try"};
        killed = restore_until(&call, n);
        if (access(x.path, F_OK) != 0)
            fail_msg("killed before call %d: no database is there", n);
        const struct db_options o = {.path = x.path, .mode = DB_STATION};
        x.db = db_open(&o, &f);
        if (x.db == NULL)
            fail_msg("killed before call %d: it does not open: %s", n, f.detail);
        int64_t there = boards(&x);
        struct verify_report v;
        assert_int_equal(verify_all(x.db, &v, &f), 0);
        assert_string_equal(v.text, "");
        fixture_stop(&x);
        if (there != 3 && !(there == 1 && old_is_kept(&x)))
            fail_msg("killed before call %d: %lld boards are there, and the old database is not kept", n,
                     (long long)there);
        before += there == 3;
        after += there == 1;
        /* And it can be done again, over whatever the first try left. */
        bool again = (before + after) % 4 == 0;
        if (again && restore_database(&call, &r, &f) != 0)
            fail_msg("killed before call %d: not again: %s", n, f.detail);
        if (again)
            assert_true(old_is_kept(&x));
        fixture_free(&x);
    }
    fixture_free(&model);
    print_message(
        "killed before %d of about %d calls: the old database was there %d times, the new one %d times\n",
        before + after - 1, n, before, after);
    assert_true(before > (sweep_is_whole() ? 20 : 5) && after > 0);
}

static void a_restore_that_is_killed_loses_nothing(void **state)
{
    (void)state;
    kill_at_the_calls(false);
}

static void nor_where_the_newest_records_are_in_the_wal(void **state)
{
    (void)state;
    kill_at_the_calls(true);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_restore_that_is_killed_loses_nothing),
        cmocka_unit_test(nor_where_the_newest_records_are_in_the_wal),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
