/* SPDX-License-Identifier: Apache-2.0 */
/* The pty server, asked by descriptors only: every answer below is a real board's, from its real SYNC. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "sim/serve/pty/sim_pty.h"
#include "tests/support/hexfile.h"
#include "tests/support/served_tray.h"

#define LIMIT_MS 60000 /* only a failure waits as long */
#define AGAIN_MS 100   /* of silence, then SYNC is sent again */

struct bench {
    struct served_tray served;
    struct sim_pty *server;
};

static void *serve(void *server)
{
    return sim_pty_serve(server) == 0 ? server : NULL;
}

static int setup(void **state)
{
    static struct bench b;
    char error[160];

    served_tray_init(&b.served, 1);
    b.server = sim_pty_new(
        &(struct sim_pty_config){.tray = b.served.tray, .boards = 1, .stop_fd = b.served.stop_fd}, error);
    assert_non_null(b.server);
    *state = &b;
    return 0;
}

static int teardown(void **state)
{
    struct bench *b = *state;

    served_tray_stop(&b->served, b->server);
    sim_pty_free(b->server);
    served_tray_done(&b->served);
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
    uint8_t buf[4096], sync[64];
    size_t len = 0, sync_len = hexfile_read("rom-session.hex", "sync-request", sync, sizeof sync);
    struct pollfd p = {.fd = fd, .events = POLLIN};

    assert_int_equal(sync_len, 46);
    for (int waited = 0; waited < LIMIT_MS; waited += AGAIN_MS) {
        /* A server that gets no time for so long leaves the pty full: then what is in it will do. */
        assert_true(write(fd, sync, sync_len) > 0 || errno == EAGAIN);
        while (poll(&p, 1, AGAIN_MS) > 0) {
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
    served_tray_start(&b->served, serve, b->server);
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

    served_tray_start(&b->served, serve, b->server);
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
