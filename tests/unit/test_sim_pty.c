/* SPDX-License-Identifier: Apache-2.0 */
/* The pty server, asked by descriptors only: every answer below is a real board's, from its real SYNC. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "sim/sim_pty.h"

#define LIMIT_MS 10000 /* only a failure waits as long */

static const uint8_t sync_request[] = {
    0xc0, 0x00, 0x08, 0x24, 0x00, 0x00, 0x00, 0x00, 0x00, 0x07, 0x07, 0x12, 0x20, 0x55, 0x55, 0x55,
    0x55, 0x55, 0x55, 0x55, 0x55, 0x55, 0x55, 0x55, 0x55, 0x55, 0x55, 0x55, 0x55, 0x55, 0x55, 0x55,
    0x55, 0x55, 0x55, 0x55, 0x55, 0x55, 0x55, 0x55, 0x55, 0x55, 0x55, 0x55, 0x55, 0xc0};

struct bench {
    struct sim_tray *tray;
    struct sim_pty *server;
    pthread_t thread;
    int stop[2];
};

static void *serve(void *arg)
{
    struct bench *b = arg;

    return sim_pty_serve(b->server) == 0 ? arg : NULL;
}

static int setup(void **state)
{
    static struct bench b;
    char error[160];
    const struct sim_tray_config tray = {.count = 1, .revision = 1, .seed = 1};

    b.tray = sim_tray_new(&tray, error);
    assert_non_null(b.tray);
    assert_int_equal(pipe(b.stop), 0);
    b.server = sim_pty_new(&(struct sim_pty_config){.tray = b.tray, .boards = 1, .stop_fd = b.stop[0]}, error);
    assert_non_null(b.server);
    *state = &b;
    return 0;
}

static int teardown(void **state)
{
    struct bench *b = *state;
    void *result;

    assert_int_equal(write(b->stop[1], "", 1), 1);
    assert_int_equal(pthread_join(b->thread, &result), 0);
    assert_ptr_equal(result, b);
    sim_pty_free(b->server);
    sim_tray_free(b->tray);
    close(b->stop[0]);
    close(b->stop[1]);
    return 0;
}

static int open_client(const struct bench *b)
{
    int fd = open(sim_pty_path(b->server, 1), O_RDWR | O_NOCTTY | O_NONBLOCK);

    assert_true(fd >= 0);
    return fd;
}

/* Sends SYNC until an answer to it comes, as every loader does: the board may still be starting. */
static void assert_syncs(int fd)
{
    static const uint8_t answer[] = {0xc0, 0x01, 0x08, 0x04, 0x00};
    uint8_t buf[4096];
    size_t len = 0;
    struct pollfd p = {.fd = fd, .events = POLLIN};

    for (int waited = 0; waited < LIMIT_MS; waited += 100) {
        assert_int_equal(write(fd, sync_request, sizeof sync_request), sizeof sync_request);
        while (poll(&p, 1, 100) > 0) {
            ssize_t n = read(fd, buf + len, sizeof buf - len);
            if (n <= 0)
                break;
            len += (size_t)n;
            if (memmem(buf, len, answer, sizeof answer) != NULL)
                return;
            assert_true(len < sizeof buf);
        }
    }
    fail_msg("no answer to SYNC in %d ms, %zu bytes came", LIMIT_MS, len);
}

/* A helper such as stty opens and closes the pty while the tool holds it; both openings may be seen as one event. */
static void answers_a_client_while_another_comes_and_goes(void **state)
{
    struct bench *b = *state;
    int tool = open_client(b), helper = open_client(b);

    close(helper);
    assert_int_equal(pthread_create(&b->thread, NULL, serve, b), 0);
    assert_syncs(tool);
    close(tool);
}

/* A client that comes before the server was told of the last one's going cannot be told from it: come again. */
static int open_after(const struct bench *b)
{
    for (int tries = 0; tries < 1000000; tries++) {
        struct termios t;
        int fd = open_client(b);

        assert_int_equal(tcgetattr(fd, &t), 0);
        if (cfgetospeed(&t) == B115200 && !(t.c_lflag & ECHO))
            return fd;
        close(fd);
        sched_yield();
    }
    fail_msg("the settings of the client before stay");
    return -1;
}

static void the_next_client_finds_a_fresh_board_and_rate(void **state)
{
    struct bench *b = *state;
    struct termios t;
    int fd = open_client(b);

    assert_int_equal(pthread_create(&b->thread, NULL, serve, b), 0);
    assert_syncs(fd);
    assert_int_equal(tcgetattr(fd, &t), 0);
    cfsetspeed(&t, B921600);
    t.c_lflag |= ECHO;
    assert_int_equal(tcsetattr(fd, TCSANOW, &t), 0);
    close(fd);
    fd = open_after(b);
    assert_syncs(fd);
    close(fd);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(answers_a_client_while_another_comes_and_goes, setup, teardown),
        cmocka_unit_test_setup_teardown(the_next_client_finds_a_fresh_board_and_rate, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
