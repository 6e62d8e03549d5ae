/* SPDX-License-Identifier: Apache-2.0 */
/* The tty driver through transport.c, against the other end of a pty. */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "engine/port/transport.h"
#include "engine/port/transport_tty.h"
#include "tests/support/scratch.h"

static const struct transport_binding bindings[] = {{&tty_driver, NULL}, {NULL, NULL}};

struct fixture {
    int master;
    char path[64], uri[96];
    struct clock *clock;
    struct waker *cancel;
    struct transport_env env;
};

static int setup(void **state)
{
    struct fixture *x = calloc(1, sizeof *x);

    x->master = posix_openpt(O_RDWR | O_NOCTTY);
    assert_true(x->master >= 0);
    assert_int_equal(grantpt(x->master) | unlockpt(x->master), 0);
    assert_int_equal(ptsname_r(x->master, x->path, sizeof x->path), 0);
    snprintf(x->uri, sizeof x->uri, "tty:%s", x->path);
    x->clock = clock_new_real();
    x->cancel = waker_new();
    x->env = (struct transport_env){x->clock, x->cancel};
    *state = x;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *x = *state;

    if (x->master >= 0)
        close(x->master);
    waker_free(x->cancel);
    clock_free(x->clock);
    free(x);
    return 0;
}

static struct transport *open_port(struct fixture *x)
{
    struct transport *t = NULL;
    struct failure f = {0};

    assert_int_equal(transport_open(&t, bindings, x->uri, &x->env, &f), 0);
    return t;
}

static void all_bytes_pass_both_ways_unchanged(void **state)
{
    struct fixture *x = *state;
    struct transport *t = open_port(x);
    uint8_t out[256], in[256];
    size_t got = 0;

    for (int i = 0; i < 256; i++)
        out[i] = (uint8_t)i;
    assert_int_equal(transport_write(t, out, sizeof out, clock_after(x->clock, 30000000)), 0);
    while (got < sizeof in) {
        ssize_t n = read(x->master, in + got, sizeof in - got);
        assert_true(n > 0);
        got += (size_t)n;
    }
    assert_memory_equal(in, out, sizeof in);
    assert_int_equal(write(x->master, out, sizeof out), sizeof out);
    for (got = 0; got < sizeof in;) {
        ssize_t n = transport_read(t, in + got, sizeof in - got, clock_after(x->clock, 30000000));
        assert_true(n > 0);
        got += (size_t)n;
    }
    assert_memory_equal(in, out, sizeof in);
    struct attempt_result r = {0};
    transport_evidence(t, &r);
    assert_int_equal(r.bytes_wire, 512);
    assert_int_equal(r.rx_evidence_len, 256);
    assert_memory_equal(r.rx_evidence, out, 256);
    transport_close(t);
}

static void a_read_ends_at_its_deadline(void **state)
{
    struct fixture *x = *state;
    struct transport *t = open_port(x);
    uint8_t byte;

    assert_int_equal(transport_read(t, &byte, 1, clock_now_us(x->clock)), 0);
    transport_close(t);
}

static void a_raised_waker_ends_reading_and_writing(void **state)
{
    struct fixture *x = *state;
    struct transport *t = open_port(x);
    uint8_t byte = 0;

    waker_raise(x->cancel);
    assert_int_equal(transport_read(t, &byte, 1, CLOCK_NEVER), -ECANCELED);
    assert_int_equal(transport_write(t, &byte, 1, CLOCK_NEVER), -ECANCELED);
    transport_close(t);
}

static void a_port_that_goes_away_is_lost(void **state)
{
    struct fixture *x = *state;
    struct transport *t = open_port(x);
    uint8_t byte;
    struct failure f = {0};

    close(x->master);
    x->master = -1;
    assert_int_equal(transport_read(t, &byte, 1, clock_after(x->clock, 30000000)), -ENODEV);
    transport_failure(&f, STAGE_WRITE, -ENODEV, "");
    assert_int_equal(f.code, FAIL_PORT_LOST);
    transport_close(t);
}

static void a_pty_has_no_lines_and_says_so(void **state)
{
    struct fixture *x = *state;
    struct transport *t = open_port(x);

    assert_true(transport_has_lines(t));
    assert_int_equal(transport_set_lines(t, true, false), -ENOTSUP);
    assert_false(transport_has_lines(t));
    transport_close(t);
}

static void any_baud_rate_can_be_set(void **state)
{
    struct fixture *x = *state;
    struct transport *t = open_port(x);
    static const uint32_t rates[] = {115200, 921600, 74880, 123457};

    for (size_t i = 0; i < sizeof rates / sizeof rates[0]; i++) {
        assert_int_equal(transport_set_baud(t, rates[i]), 0);
        assert_int_equal(transport_baud(t), rates[i]);
    }
    transport_close(t);
}

static void flushing_forgets_what_was_received(void **state)
{
    struct fixture *x = *state;
    struct transport *t = open_port(x);
    uint8_t byte;

    assert_int_equal(write(x->master, "old", 3), 3);
    assert_int_equal(transport_read(t, &byte, 1, clock_after(x->clock, 30000000)), 1);
    assert_int_equal(transport_flush_input(t), 0);
    assert_int_equal(transport_read(t, &byte, 1, clock_now_us(x->clock)), 0);
    transport_close(t);
}

static enum failure_code failure_of(struct fixture *x, const char *uri, char *detail, size_t size)
{
    struct transport *t = NULL;
    struct failure f = {0};

    assert_int_equal(transport_open(&t, bindings, uri, &x->env, &f), -1);
    assert_int_equal(f.stage, STAGE_OPEN);
    snprintf(detail, size, "%s", f.detail);
    return f.code;
}

static void failures_to_open_are_told_apart(void **state)
{
    struct fixture *x = *state;
    char detail[FAILURE_DETAIL_SIZE];

    assert_int_equal(failure_of(x, "tty:/dev/ttyNotThere", detail, sizeof detail), FAIL_PORT_MISSING);
    assert_non_null(strstr(detail, "/dev/ttyNotThere"));
    assert_int_equal(failure_of(x, "tty:/dev/null", detail, sizeof detail), FAIL_PORT_URI);
    assert_int_equal(failure_of(x, "nonsense", detail, sizeof detail), FAIL_PORT_URI);
    assert_int_equal(failure_of(x, "tpy:/dev/null", detail, sizeof detail), FAIL_PORT_URI);
}

static void a_port_held_by_another_is_busy(void **state)
{
    struct fixture *x = *state;
    char detail[FAILURE_DETAIL_SIZE];
    int other = open(x->path, O_RDWR | O_NOCTTY | O_CLOEXEC);

    assert_true(other >= 0);
    assert_int_equal(flock(other, LOCK_EX), 0);
    assert_int_equal(failure_of(x, x->uri, detail, sizeof detail), FAIL_PORT_BUSY);
    close(other);
    transport_close(open_port(x));
}

static void *create_later(void *path)
{
    char dir[128];

    snprintf(dir, sizeof dir, "%s", (const char *)path);
    *strrchr(dir, '/') = '\0';
    assert_int_equal(mkdir(dir, 0700), 0);
    int fd = open(path, O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
    assert_true(fd >= 0);
    close(fd);
    return NULL;
}

static void a_port_that_appears_is_seen_by_event(void **state)
{
    struct fixture *x = *state;
    char dir[SCRATCH_SIZE], inner[96], path[128], uri[160];
    pthread_t thread;

    scratch_make(dir, "tty");
    snprintf(inner, sizeof inner, "%s/by-path", dir);
    snprintf(path, sizeof path, "%s/port", inner);
    snprintf(uri, sizeof uri, "tty:%s", path);
    assert_int_equal(transport_wait_present(bindings, uri, clock_now_us(x->clock), &x->env), -ETIMEDOUT);
    assert_int_equal(pthread_create(&thread, NULL, create_later, path), 0);
    assert_int_equal(transport_wait_present(bindings, uri, clock_after(x->clock, 30000000), &x->env), 0);
    pthread_join(thread, NULL);
    unlink(path);
    rmdir(inner);
    waker_raise(x->cancel);
    assert_int_equal(transport_wait_present(bindings, uri, CLOCK_NEVER, &x->env), -ECANCELED);
    scratch_remove(dir);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(all_bytes_pass_both_ways_unchanged),      TEST(a_read_ends_at_its_deadline),
        TEST(a_raised_waker_ends_reading_and_writing), TEST(a_port_that_goes_away_is_lost),
        TEST(a_pty_has_no_lines_and_says_so),          TEST(any_baud_rate_can_be_set),
        TEST(flushing_forgets_what_was_received),      TEST(failures_to_open_are_told_apart),
        TEST(a_port_held_by_another_is_busy),          TEST(a_port_that_appears_is_seen_by_event),
    };
    return cmocka_run_group_tests_name("transport_tty", tests, NULL, NULL);
}
