/* SPDX-License-Identifier: Apache-2.0 */
/* A frame leaves in one write: the socket keeps each write apart, as a terminal cannot. */
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>
#include <curses.h>
#include <term.h>

#include "station/screen/dashboard_frame.h"
#include "tests/support/skipped.h"

struct bench {
    struct frame frame;
    int screen[2]; /* the frame's end, and who looks at it */
};

static void bench_open(struct bench *b, const char *term)
{
    int error = 0;

    assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, b->screen), 0);
    if (setupterm(term, STDOUT_FILENO, &error) != OK) {
        skipped_row("this machine's terminfo lacks %s", term);
        skip();
    }
    assert_int_equal(frame_open(&b->frame, b->screen[0]), 0);
    frame_gather(&b->frame);
}

static void bench_close(struct bench *b)
{
    frame_close(&b->frame);
    close(b->screen[0]);
    close(b->screen[1]);
    del_curterm(cur_term);
}

/* As ncurses writes: past stdio, to the file's number. */
static void draw(struct bench *b, const char *text)
{
    assert_int_equal(write(fileno(b->frame.out), text, strlen(text)), strlen(text));
}

static void assert_next(struct bench *b, const char *expected)
{
    char seen[65536];
    ssize_t n = recv(b->screen[1], seen, sizeof seen, MSG_DONTWAIT);

    assert_int_equal(n, strlen(expected));
    assert_memory_equal(seen, expected, strlen(expected));
}

static void assert_nothing(struct bench *b)
{
    char seen[16];

    assert_int_equal(recv(b->screen[1], seen, sizeof seen, MSG_DONTWAIT), -1);
    assert_int_equal(errno, EAGAIN);
}

static void one_write_a_frame(void **state)
{
    struct bench b;

    (void)state;
    bench_open(&b, "vt100");
    draw(&b, "top\033[2;1H");
    draw(&b, "middle\033[3;1H");
    draw(&b, "bottom");
    assert_nothing(&b);
    frame_send(&b.frame);
    assert_next(&b, "top\033[2;1Hmiddle\033[3;1Hbottom");
    assert_nothing(&b);
    bench_close(&b);
}

/* A short frame behind a long one carries nothing of it; an empty one is not sent. */
static void each_frame_its_own(void **state)
{
    struct bench b;
    char big[20001];

    (void)state;
    memset(big, 'x', sizeof big - 1);
    big[sizeof big - 1] = '\0';
    bench_open(&b, "vt100");
    draw(&b, big);
    frame_send(&b.frame);
    assert_next(&b, big);
    draw(&b, "y");
    frame_send(&b.frame);
    assert_next(&b, "y");
    frame_send(&b.frame);
    assert_nothing(&b);
    bench_close(&b);
}

static void marked_where_the_terminal_knows_it(void **state)
{
    struct bench b;

    (void)state;
    bench_open(&b, "xterm-256color");
    draw(&b, "a");
    draw(&b, "b");
    frame_send(&b.frame);
    assert_next(&b, "\033[?2026hab\033[?2026l");
    bench_close(&b);
}

/* A terminal that is gone costs its frame, nothing else. */
static void a_lost_terminal_is_survived(void **state)
{
    struct bench b;

    (void)state;
    bench_open(&b, "vt100");
    signal(SIGPIPE, SIG_IGN); /* a socket's own; a terminal answers EIO */
    close(b.screen[1]);
    b.screen[1] = -1;
    draw(&b, "nobody sees this");
    frame_send(&b.frame);
    draw(&b, "nor this");
    frame_send(&b.frame);
    bench_close(&b);
}

/* It takes the first frames and then none: nobody waits, and the one that waits comes whole when it takes again. */
static void a_stopped_terminal_is_not_waited_for(void **state)
{
    struct bench b;
    char big[20001], seen[65536];
    int sent = 0;

    (void)state;
    memset(big, 'x', sizeof big - 1);
    big[sizeof big - 1] = '\0';
    bench_open(&b, "vt100");
    for (; sent < 1000 && !frame_waits(&b.frame); sent++) {
        draw(&b, big);
        frame_send(&b.frame); /* would hang here */
    }
    assert_true(frame_waits(&b.frame));
    while (sent-- > 1)
        assert_next(&b, big);
    assert_nothing(&b);
    frame_push(&b.frame);
    assert_false(frame_waits(&b.frame));
    assert_next(&b, big);
    draw(&b, "the newest");
    frame_send(&b.frame);
    assert_int_equal(recv(b.screen[1], seen, sizeof seen, 0), 10);
    bench_close(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_write_a_frame),
        cmocka_unit_test(each_frame_its_own),
        cmocka_unit_test(marked_where_the_terminal_knows_it),
        cmocka_unit_test(a_lost_terminal_is_survived),
        cmocka_unit_test(a_stopped_terminal_is_not_waited_for),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
