/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who has a terminal, with real processes on real pseudo terminals. Broken, a monitor shares a board's bytes unnamed, or a
 * station refuses a port that nobody has.
 */
#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "engine/port/tty_holder.h"
#include "tests/support/scratch.h"
#include "tests/support/skipped.h"

#define FDS 64 /* beyond all that this program opens */

struct fixture {
    int master;
    char path[64], holder[TTY_HOLDER_SIZE];
};

/* Another program, not this one's child: it lives until `hold` is closed. */
struct other {
    pid_t pid;
    int hold;
    char path[64]; /* of the terminal that it has */
};

enum how { OPENS, OPENS_AND_LOCKS, NAMES_ONLY, SERVES, SERVES_ANOTHER, IS_THERE };

static int new_pty(char *path, size_t size)
{
    int master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);

    assert_true(master >= 0);
    assert_int_equal(grantpt(master) | unlockpt(master), 0);
    assert_int_equal(ptsname_r(master, path, size), 0);
    return master;
}

static int setup(void **state)
{
    struct fixture *x = calloc(1, sizeof *x);

    assert_non_null(x);
    x->master = new_pty(x->path, sizeof x->path);
    *state = x;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *x = *state;

    close(x->master);
    free(x);
    return 0;
}

static bool take(struct other *me, enum how how)
{
    char another[sizeof me->path];
    int fd;

    if (how == IS_THERE)
        return true;
    if (how == SERVES || how == SERVES_ANOTHER)
        new_pty(how == SERVES ? me->path : another, sizeof another);
    fd = open(me->path, (how == NAMES_ONLY ? O_PATH : O_RDWR | O_NOCTTY) | O_CLOEXEC);
    return fd >= 0 && (how != OPENS_AND_LOCKS || flock(fd, LOCK_EX) == 0);
}

/* Two forks: its parent is gone, so that it is nobody's child here. Returns once it has what it should have. */
static struct other begin_other(const char *name, const char *path, enum how how)
{
    struct other o = {0};
    int hold[2], told[2];
    char byte;

    snprintf(o.path, sizeof o.path, "%s", path);
    assert_int_equal(pipe2(hold, O_CLOEXEC) | pipe2(told, O_CLOEXEC), 0);
    pid_t between = fork();
    if (between == 0) {
        if (fork() != 0)
            _exit(0);
        for (int fd = STDERR_FILENO + 1; fd < FDS; fd++)
            if (fd != hold[0] && fd != told[1])
                close(fd); /* this process serves a terminal: the other does not */
        prctl(PR_SET_NAME, name);
        o.pid = getpid();
        if (!take(&o, how) || write(told[1], &o, sizeof o) != sizeof o)
            _exit(1);
        close(told[1]);
        _exit(read(hold[0], &byte, 1) < 0);
    }
    close(hold[0]);
    close(told[1]);
    assert_int_equal(waitpid(between, NULL, 0), between);
    assert_int_equal(read(told[0], &o, sizeof o), sizeof o);
    close(told[0]);
    o.hold = hold[1];
    return o;
}

static void end_other(const struct other *o)
{
    struct pollfd ended = {.fd = (int)syscall(SYS_pidfd_open, o->pid, 0), .events = POLLIN};

    close(o->hold);
    if (ended.fd < 0)
        return; /* already, and collected by whoever inherited it */
    assert_int_equal(poll(&ended, 1, 60000), 1);
    close(ended.fd);
}

static const char *seen(struct fixture *x, const char *path)
{
    tty_holder(path, x->holder, sizeof x->holder);
    return x->holder;
}

static void assert_named(struct fixture *x, const char *path, const char *name, pid_t pid, const char *more)
{
    char expected[TTY_HOLDER_SIZE];

    snprintf(expected, sizeof expected, "%s (pid %ld%s)", name, (long)pid, more);
    assert_string_equal(seen(x, path), expected);
}

static void whoever_has_it_open_is_named_without_any_error(void **state)
{
    struct fixture *x = *state;
    char dir[SCRATCH_SIZE], link[SCRATCH_SIZE + 8];

    assert_string_equal(seen(x, x->path), "");
    struct other o = begin_other("a (b) c", x->path, OPENS); /* proc(5): a name may hold anything */
    assert_named(x, x->path, "a (b) c", o.pid, "");
    scratch_make(dir, "holder");
    snprintf(link, sizeof link, "%s/port", dir);
    assert_int_equal(symlink(x->path, link), 0);
    assert_named(x, link, "a (b) c", o.pid, "");
    scratch_remove(dir);
    end_other(&o);
    assert_string_equal(seen(x, x->path), "");
    assert_string_equal(seen(x, "/dev/nosuch"), "");
}

static void another_terminal_and_a_mere_name_are_nobody(void **state)
{
    struct fixture *x = *state;
    char path[64];
    int master = new_pty(path, sizeof path);
    struct other beside = begin_other("beside", path, OPENS),
                 names = begin_other("names", x->path, NAMES_ONLY);

    assert_string_equal(seen(x, x->path), "");
    assert_string_equal(seen(x, "/dev/null"), ""); /* everybody has it */
    end_other(&beside);
    end_other(&names);
    close(master);
}

static void this_process_and_its_children_are_nobody(void **state)
{
    struct fixture *x = *state;
    int hold[2];
    char byte;
    int fd = open(x->path, O_RDWR | O_NOCTTY | O_CLOEXEC);

    assert_true(fd >= 0);
    assert_int_equal(pipe2(hold, O_CLOEXEC), 0);
    pid_t child = fork();
    if (child == 0) {
        close(hold[1]);
        _exit(read(hold[0], &byte, 1) < 0);
    }
    close(hold[0]);
    assert_string_equal(seen(x, x->path), "");
    close(hold[1]);
    assert_int_equal(waitpid(child, NULL, 0), child);
    close(fd);
}

/* The server of a terminal may keep its board's end open, so that the terminal lives on between two openings. */
static void a_server_is_told_apart_from_a_monitor(void **state)
{
    struct fixture *x = *state;
    struct other server = begin_other("server", "", SERVES);

    assert_string_not_equal(server.path, x->path);
    assert_string_equal(seen(x, server.path), "");
    struct other monitor = begin_other("monitor", server.path, OPENS);
    assert_named(x, server.path, "monitor", monitor.pid, "");
    end_other(&monitor);
    assert_string_equal(seen(x, server.path), "");
    end_other(&server);
    monitor =
        begin_other("tmux", x->path, SERVES_ANOTHER); /* who serves one terminal may have another open */
    assert_named(x, x->path, "tmux", monitor.pid, "");
    end_other(&monitor);
}

/* What a program sees that may not look into others' descriptors. */
static const char *seen_by_nobody(struct fixture *x)
{
    int told[2];

    memset(x->holder, 0, sizeof x->holder);
    assert_int_equal(pipe2(told, O_CLOEXEC), 0);
    pid_t looker = fork();
    if (looker == 0) {
        if (setegid(65534) < 0 || seteuid(65534) < 0)
            _exit(1);
        _exit(write(told[1], seen(x, x->path), sizeof x->holder) < 0);
    }
    close(told[1]);
    assert_int_equal(read(told[0], x->holder, sizeof x->holder), sizeof x->holder);
    close(told[0]);
    assert_int_equal(waitpid(looker, NULL, 0), looker);
    return x->holder;
}

static void who_hides_his_files_is_known_by_his_lock(void **state)
{
    struct fixture *x = *state;
    char expected[TTY_HOLDER_SIZE];

    if (geteuid() != 0) {
        skipped_row("only root can look as somebody else");
        return;
    }
    struct other o = begin_other("quiet", x->path, OPENS);
    assert_string_equal(seen_by_nobody(x), "");
    end_other(&o);
    o = begin_other("locker", x->path, OPENS_AND_LOCKS);
    snprintf(expected, sizeof expected, "locker (pid %ld, another user's)", (long)o.pid);
    assert_string_equal(seen_by_nobody(x), expected);
    end_other(&o);
}

static void save_lock(const char *file, const void *bytes, size_t size, int64_t age_s)
{
    struct timespec times[2] = {{.tv_nsec = UTIME_NOW}, {0}};
    int fd = open(file, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

    assert_true(fd >= 0);
    assert_int_equal(write(fd, bytes, size), (ssize_t)size);
    assert_int_equal(clock_gettime(CLOCK_REALTIME, &times[1]), 0);
    times[1].tv_sec -= (time_t)age_s;
    assert_int_equal(futimens(fd, times), 0);
    close(fd);
}

/* Filesystem Hierarchy Standard 3.0, 5.9: ten places, a newline; others write the number as it lies in memory. */
static void a_lock_file_counts_while_its_process_lives(void **state)
{
    struct fixture *x = *state;
    char name[40], file[64], more[64], text[48];

    snprintf(name, sizeof name, "LCK..pts_%.16s", strrchr(x->path, '/') + 1);
    snprintf(file, sizeof file, "/var/lock/%s", name);
    if (access("/var/lock", W_OK) < 0 || access(file, F_OK) == 0) {
        skipped_row("no lock file can be made in /var/lock");
        return;
    }
    struct other o = begin_other("kermit", "", IS_THERE);
    int pid = o.pid;
    snprintf(more, sizeof more, ", by its lock file %s", name);
    snprintf(text, sizeof text, "%10d\n", pid);
    save_lock(file, text, 11, 0);
    assert_named(x, x->path, "kermit", o.pid, more);
    snprintf(text, sizeof text, "%10d minicom root\n", pid);
    save_lock(file, text, strlen(text), -3600); /* the wall's clock was put back since */
    assert_named(x, x->path, "kermit", o.pid, more);
    save_lock(file, &pid, sizeof pid, 0);
    assert_named(x, x->path, "kermit", o.pid, more);
    save_lock(file, &pid, sizeof pid, 864000); /* its pid was given out again */
    assert_string_equal(seen(x, x->path), "");
    static const char *const nobody[] = {
        "", "\n", "minicom\n", "         0\n", "         1\n", "        -1\n"};
    for (size_t i = 0; i < sizeof nobody / sizeof nobody[0]; i++) {
        save_lock(file, nobody[i], strlen(nobody[i]), 0);
        assert_string_equal(seen(x, x->path), "");
    }
    pid = getpid();
    save_lock(file, &pid, sizeof pid, 0);
    assert_string_equal(seen(x, x->path), "");
    pid = o.pid;
    save_lock(file, &pid, sizeof pid, 0);
    end_other(&o);
    assert_string_equal(seen(x, x->path), "");
    unlink(file);
}

static void what_takes_ports_by_itself_comes_with_what_helps(void **state)
{
    static const struct {
        const char *holder, *helps; /* NULL: somebody started it and can close it */
    } rows[] = {{"brltty", "brltty.path brltty-udev"},
                {"brltty (pid 812)", "brltty.path brltty-udev"},
                {"ModemManager (pid 7, another user's)", "mask --now ModemManager"},
                {"agetty (pid 7)", "serial-getty@"},
                {"gpsd (pid 7)", "/etc/default/gpsd"},
                {"brlttyd (pid 812)", NULL},
                {"minicom (pid 812)", NULL},
                {"", NULL}};
    char said[256];

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const char *cure = tty_holder_cure(rows[i].holder);
        tty_holder_say("tty:x", rows[i].holder, said, sizeof said);
        assert_int_equal(cure != NULL, rows[i].helps != NULL);
        assert_non_null(strstr(said, rows[i].helps != NULL ? rows[i].helps : rows[i].holder));
        assert_int_equal(strncmp(said, "tty:x is held by ", 17), 0);
        assert_true(said[17] != '\0');
    }
}

static void a_program_that_runs_is_found_by_its_name(void **state)
{
    struct fixture *x = *state;
    struct other o = begin_other("holder-of-ports", x->path, OPENS); /* 15 bytes: all that the kernel keeps */

    assert_int_equal(tty_holder_running("holder-of-ports"), o.pid);
    assert_int_equal(tty_holder_running("holder-of-port"), 0);
    end_other(&o);
    assert_int_equal(tty_holder_running("holder-of-ports"), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(whoever_has_it_open_is_named_without_any_error),
        TEST(another_terminal_and_a_mere_name_are_nobody),
        TEST(this_process_and_its_children_are_nobody),
        TEST(a_server_is_told_apart_from_a_monitor),
        TEST(who_hides_his_files_is_known_by_his_lock),
        TEST(a_lock_file_counts_while_its_process_lives),
        cmocka_unit_test(what_takes_ports_by_itself_comes_with_what_helps),
        TEST(a_program_that_runs_is_found_by_its_name),
    };
    return cmocka_run_group_tests_name("tty_holder", tests, NULL, NULL);
}
