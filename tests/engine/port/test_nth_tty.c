/* SPDX-License-Identifier: Apache-2.0 */
/* label: scenario */
/*
 * The tty: driver once for every system call of it that may fail, with each error that the call can give, at a pty whose
 * far end is the test's: what a signal or half a transfer does is survived, all else ends in a named failure that is not
 * the board's; no byte is lost, doubled or wrong, and no descriptor stays open. Then a whole attempt on a board behind
 * sim_pty, some calls of each kind (FLASHLINE_NTH_ALL=1: every one): a PASS is in the flash.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <spawn.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "engine/board/session.h"
#include "engine/port/transport.h"
#include "engine/port/transport_tty.h"
#include "sim/serve/pty/sim_pty.h"
#include "tests/support/nth_call.h"
#include "tests/support/scratch.h"
#include "tests/support/served_tray.h"
#include "tests/support/sim_bench.h"

#define MS  INT64_C(1000)
#define LEN 300

#define ERR(call, error)     \
    {                        \
#call, #error, error \
    }

/* Goes on as if nothing had been. */
static const struct nth_fault survived[] = {
    ERR(open, EINTR),
    ERR(ppoll, EINTR),
    ERR(read, EINTR),
    ERR(read, EAGAIN),
    {"read", "short", NTH_SHORT},
    ERR(write, EINTR),
    ERR(write, EAGAIN),
    {"write", "short", NTH_SHORT},
};

static const struct nth_fault told[] = {
    ERR(open, ENOENT),
    ERR(open, ENXIO),
    ERR(open, ENODEV),
    ERR(open, EACCES),
    ERR(open, EBUSY),
    ERR(open, EIO),
    ERR(open, EMFILE),
    ERR(open, ENOMEM),
    ERR(flock, EWOULDBLOCK),
    ERR(ioctl, EIO),
    ERR(ioctl, ENXIO),
    ERR(ioctl, ENODEV),
    ERR(ioctl, EINTR),
    ERR(ioctl, ENOMEM),
    ERR(ppoll, ENOMEM),
    ERR(read, EIO),
    ERR(read, ENXIO),
    ERR(read, ENODEV),
    ERR(read, ENOMEM),
    ERR(write, EIO),
    ERR(write, ENXIO),
    ERR(write, ENODEV),
    ERR(write, ENOMEM),
    ERR(inotify_init1, EMFILE),
    ERR(inotify_init1, ENOMEM),
    ERR(inotify_add_watch, ENOSPC),
    ERR(inotify_add_watch, EACCES),
};

static const struct transport_binding bindings[] = {{&tty_driver, NULL}, {NULL, NULL}};

struct talk {
    int master;
    char dir[SCRATCH_SIZE], path[64], uri[96], missing[SCRATCH_SIZE + 16];
    struct clock *clock;
    struct waker *cancel;
    struct transport_env env;
    bool survives; /* all of this table is to be survived */
    struct failure f;
    bool silent, opened;
    uint8_t out[LEN], heard[LEN], in[LEN];
    size_t heard_len, in_len;
};

static void ready(void *ctx)
{
    struct talk *k = ctx;

    k->f = (struct failure){0};
    k->heard_len = k->in_len = 0;
    k->silent = k->opened = false;
    k->master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
    assert_true(k->master >= 0);
    assert_int_equal(grantpt(k->master) | unlockpt(k->master), 0);
    assert_int_equal(ptsname_r(k->master, k->path, sizeof k->path), 0);
    snprintf(k->uri, sizeof k->uri, "tty:%s", k->path);
}

static bool went_well(struct talk *k, enum stage stage, int rc)
{
    if (rc >= 0)
        return true;
    transport_failure(&k->f, stage, rc, k->uri);
    return false;
}

/* The far end sends back what it hears. Its calls go by names that are not made to fail. */
static void echo(struct talk *k)
{
    struct pollfd p = {.fd = k->master, .events = POLLIN};

    while (k->heard_len < LEN && poll(&p, 1, 1000) > 0) {
        struct iovec v = {k->heard + k->heard_len, LEN - k->heard_len};
        ssize_t n = readv(k->master, &v, 1);
        if (n <= 0)
            break;
        v.iov_len = (size_t)n;
        assert_int_equal(writev(k->master, &v, 1), n);
        k->heard_len += (size_t)n;
    }
}

static void exchange(struct talk *k, struct transport *t)
{
    if (!went_well(k, STAGE_CONNECT, transport_set_baud(t, 921600)) ||
        !went_well(k, STAGE_CONNECT, transport_flush_input(t)) ||
        !went_well(k, STAGE_WRITE, transport_write(t, k->out, LEN, clock_after(k->clock, 3000 * MS))))
        return;
    echo(k);
    while (k->in_len < LEN && !k->silent) {
        ssize_t n = transport_read(t, k->in + k->in_len, LEN - k->in_len, clock_after(k->clock, 3000 * MS));
        if (!went_well(k, STAGE_CONNECT, (int)n))
            return;
        k->silent = n == 0;
        k->in_len += (size_t)n;
    }
}

static void run(void *ctx)
{
    struct talk *k = ctx;
    struct transport *t;
    int waited = transport_wait_present(bindings, k->missing, clock_after(k->clock, MS), &k->env);

    if (waited != -ETIMEDOUT && !went_well(k, STAGE_OPEN, waited))
        return;
    if (waited == 0)
        nth_case_complain("a port that is not there was seen");
    if (transport_open(&t, bindings, k->uri, &k->env, &k->f) != 0)
        return;
    k->opened = true;
    exchange(k, t);
    transport_close(t);
}

static void judge(void *ctx, bool met)
{
    struct talk *k = ctx;

    if (memcmp(k->heard, k->out, k->heard_len) != 0 || memcmp(k->in, k->out, k->in_len) != 0)
        nth_case_complain("%zu bytes went and %zu came, and not the same ones", k->heard_len, k->in_len);
    if (k->f.code == FAILURE_NONE && (k->silent || k->in_len != LEN))
        nth_case_complain("%zu bytes went and %zu came, and no failure", k->heard_len, k->in_len);
    if (k->f.code != FAILURE_NONE && (!met || k->survives))
        nth_case_complain("%d %s: not survived", (int)k->f.code, k->f.detail);
    if (k->f.code != FAILURE_NONE && (failure_blame(k->f.code) == BLAME_BOARD || k->f.detail[0] == '\0'))
        nth_case_complain("%d '%s': whose?", (int)k->f.code, k->f.detail);
    close(k->master);
}

static void drive(const char *name, bool survives, const struct nth_fault *faults, size_t count)
{
    struct talk k = {.survives = survives, .clock = clock_new_real(), .cancel = waker_new()};
    const struct nth_case c = {.name = name,
                               .ready = ready,
                               .run = run,
                               .judge = judge,
                               .ctx = &k,
                               .faults = faults,
                               .fault_count = count};

    k.env = (struct transport_env){k.clock, k.cancel};
    scratch_make(k.dir, "nth");
    snprintf(k.missing, sizeof k.missing, "tty:%s/port", k.dir);
    for (size_t i = 0; i < LEN; i++)
        k.out[i] = (uint8_t)(i * 7);
    nth_case_drive(&c);
    scratch_remove(k.dir);
    waker_free(k.cancel);
    clock_free(k.clock);
}

static void a_signal_and_half_a_transfer_are_survived(void **state)
{
    (void)state;
    drive("tty goes on", true, survived, sizeof survived / sizeof *survived);
}

static void what_is_not_survived_is_named(void **state)
{
    (void)state;
    drive("tty", false, told, sizeof told / sizeof *told);
}

/* Sampled: an attempt takes real time, and most of it is waited for; so each row has a process of its own. */
static const struct nth_fault attempted[] = {
    ERR(ppoll, EINTR),
    ERR(ppoll, ENOMEM),
    ERR(read, EINTR),
    ERR(read, EIO),
    ERR(write, EAGAIN),
    ERR(write, EIO),
    {"write", "short", NTH_SHORT},
    ERR(ioctl, EIO),
};

/* One board behind a pty, of the tray that a served_tray serves, and an attempt on it in real time. */
struct whole {
    struct served_tray served;
    struct sim_pty *server;
    struct sim_bench b;
    char uri[96];
};

static void *serve(void *server)
{
    return sim_pty_serve(server) == 0 ? server : NULL;
}

static void ready_whole(void *ctx)
{
    struct whole *w = ctx;
    char error[160];

    sim_bench_init(&w->b, "good");
    tiny_job_done(&w->b.tiny);
    tiny_job_make(&w->b.tiny, 0x1000, 7);
    w->served = (struct served_tray){.tray = w->b.tray};
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    w->served.stop_fd = ends[0];
    w->served.stop_writer = ends[1];
    w->server =
        sim_pty_new(&(struct sim_pty_config){.tray = w->b.tray, .boards = 1, .stop_fd = ends[0]}, error);
    assert_non_null(w->server);
    snprintf(w->uri, sizeof w->uri, "tty:%s", sim_pty_path(w->server, 1));
    clock_free(w->b.clock);
    w->b.clock = clock_new_real();
    w->b.session.env.clock = w->b.clock;
    w->b.session.uri = w->uri;
    w->b.session.connect.reset = RESET_NONE;
    w->b.bindings[0] = (struct transport_binding){&tty_driver, NULL};
    served_tray_start(&w->served, serve, w->server);
}

static void run_whole(void *ctx)
{
    sim_bench_run(&((struct whole *)ctx)->b);
}

static void judge_whole(void *ctx, bool met)
{
    struct whole *w = ctx;
    const struct attempt_result *r = &w->b.result;

    session_close(&w->b.session);
    served_tray_stop(&w->served, w->server);
    if (r->result == RESULT_PASS && !tiny_job_is_in(&w->b.tiny, sim_bench_flash(&w->b)))
        nth_case_complain("PASS, and the firmware is not in it");
    if (r->result != RESULT_PASS && !met)
        nth_case_complain("%d %s, and nothing failed below", (int)r->failure.code, r->failure.detail);
    if (r->result != RESULT_PASS && (r->result != RESULT_ERROR || r->failure.code == FAILURE_NONE))
        nth_case_complain("%s %d %s", result_name(r->result), (int)r->failure.code, r->failure.detail);
    sim_pty_free(w->server);
    close(w->served.stop_fd);
    close(w->served.stop_writer);
    sim_bench_done(&w->b);
}

static void a_row_is_attempted(void **state)
{
    const struct nth_fault *row = *state;
    struct whole *w = calloc(1, sizeof *w);
    const struct nth_case c = {.name = "attempt",
                               .ready = ready_whole,
                               .run = run_whole,
                               .judge = judge_whole,
                               .ctx = w,
                               .faults = row,
                               .fault_count = 1,
                               .fault_most = 4};

    assert_non_null(w);
    nth_case_drive(&c);
    free(w);
}

#define ROWS (sizeof attempted / sizeof *attempted)

/* In such a process: the row of that number and nothing else. */
static int attempt_row(unsigned long row)
{
    const struct CMUnitTest test[] = {
        cmocka_unit_test_prestate_setup_teardown(a_row_is_attempted, NULL, nth_case_say_where,
                                                 (void *)&attempted[row]),
    };

    return row < ROWS ? cmocka_run_group_tests(test, NULL, NULL) : 1;
}

static void a_board_behind_a_pty_is_flashed(void **state)
{
    pid_t rows[ROWS];
    int status, failed = 0;

    (void)state;
    for (size_t i = 0; i < ROWS; i++) {
        char number[8];
        char *const argv[] = {(char *)"test_nth_tty", (char *)"row", number, NULL};
        snprintf(number, sizeof number, "%zu", i);
        assert_int_equal(posix_spawn(&rows[i], "/proc/self/exe", NULL, NULL, argv, environ), 0);
    }
    for (size_t i = 0; i < ROWS; i++) {
        assert_int_equal(waitpid(rows[i], &status, 0), rows[i]);
        if (status != 0)
            print_error("attempt: %s/%s ended with status %#x\n", attempted[i].call, attempted[i].how,
                        (unsigned)status);
        failed += status != 0;
    }
    assert_int_equal(failed, 0);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(a_signal_and_half_a_transfer_are_survived, nth_case_say_where),
        cmocka_unit_test_teardown(what_is_not_survived_is_named, nth_case_say_where),
        cmocka_unit_test_teardown(a_board_behind_a_pty_is_flashed, nth_case_say_where),
    };
    if (argc == 3 && strcmp(argv[1], "row") == 0)
        return attempt_row(strtoul(argv[2], NULL, 10));
    if (argc > 1)
        cmocka_set_test_filter(argv[1]);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
