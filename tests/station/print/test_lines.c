/* SPDX-License-Identifier: Apache-2.0 */
/* A reader who does not read: nobody waits for him, he is told what he missed, and the last line is the last. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>
#include <jansson.h>

#include "station/print/lines.h"
#include "station/print/outlet.h"
#include "station/print/signals.h"
#include "tests/support/scratch.h"

#define COUNT 2000

struct bench {
    int pipe[2];
    struct lines *lines;
    char *seen;
    size_t size;
};

static void bench_open(struct bench *b, bool json, size_t room)
{
    *b = (struct bench){.seen = calloc(1, 1)};
    assert_int_equal(pipe2(b->pipe, O_CLOEXEC), 0);
    assert_true(fcntl(b->pipe[1], F_SETPIPE_SZ, 4096) > 0);
    b->lines = lines_new(b->pipe[1], json, room);
    assert_non_null(b->lines);
}

static void bench_close(struct bench *b)
{
    lines_free(b->lines);
    if (b->pipe[0] >= 0)
        close(b->pipe[0]);
    close(b->pipe[1]);
    free(b->seen);
}

static void say(struct bench *b, int number)
{
    FILE *out = lines_stream(b->lines);

    assert_true(fprintf(out, "{\"line\":%d}\n", number) > 0);
    assert_int_equal(fflush(out), 0);
}

/* All that can be had now. */
static void read_some(struct bench *b)
{
    struct pollfd p = {.fd = b->pipe[0], .events = POLLIN};

    while (poll(&p, 1, 0) == 1 && (p.revents & POLLIN) != 0) {
        b->seen = realloc(b->seen, b->size + 4097);
        ssize_t n = read(b->pipe[0], b->seen + b->size, 4096);
        assert_true(n > 0);
        b->size += (size_t)n;
        b->seen[b->size] = '\0';
    }
}

/* The reader is back: until nothing waits. */
static void read_all(struct bench *b)
{
    do {
        read_some(b);
        assert_int_equal(lines_push(b->lines), 0);
    } while (lines_fd(b->lines) >= 0);
    read_some(b);
}

static void who_does_not_read_is_told_how_much_he_missed(void **state)
{
    struct bench b;
    int next = 0, dropped = 0, last = -1;

    (void)state;
    bench_open(&b, true, 8192);
    for (int i = 0; i < COUNT; i++)
        say(&b, i); /* would hang here */
    assert_true(lines_fd(b.lines) >= 0);
    read_all(&b);
    for (char *line = strtok(b.seen, "\n"); line != NULL; line = strtok(NULL, "\n")) {
        json_t *o = json_loads(line, 0, NULL);
        assert_non_null(o); /* each line whole */
        if (json_object_get(o, "line") == NULL) {
            assert_string_equal(json_string_value(json_object_get(o, "event")), "dropped");
            assert_int_equal(json_integer_value(json_object_get(o, "slot")), 0);
            assert_true(json_is_integer(json_object_get(o, "t_ms")) &&
                        json_is_string(json_object_get(o, "time")));
            dropped = (int)json_integer_value(json_object_get(o, "lines"));
            next += dropped; /* where they are missing */
        } else {
            last = (int)json_integer_value(json_object_get(o, "line"));
            assert_int_equal(last, next++);
        }
        json_decref(o);
    }
    assert_in_range(dropped, 1, COUNT);
    assert_int_equal(last, COUNT - 1);
    assert_int_equal(lines_finish(b.lines, -1, 0), 0);
    bench_close(&b);
}

static void words_for_people_say_it_too(void **state)
{
    struct bench b;

    (void)state;
    bench_open(&b, false, 100);
    for (int i = 0; i < COUNT; i++)
        say(&b, i);
    read_all(&b);
    assert_non_null(strstr(b.seen, " lines dropped: nobody read them)\n"));
    assert_string_equal(b.seen + b.size - strlen("{\"line\":1999}\n"), "{\"line\":1999}\n");
    bench_close(&b);
}

static void a_slow_reader_loses_nothing(void **state)
{
    struct bench b;

    (void)state;
    bench_open(&b, true, LINES_ROOM);
    for (int i = 0; i < COUNT; i++)
        say(&b, i);
    read_all(&b);
    assert_null(strstr(b.seen, "dropped"));
    assert_non_null(strstr(b.seen, "{\"line\":0}\n{\"line\":1}\n"));
    bench_close(&b);
}

static void the_end_waits_for_no_reader_that_was_asked_to_end(void **state)
{
    struct bench b;

    (void)state;
    bench_open(&b, true, LINES_ROOM);
    for (int i = 0; i < COUNT; i++)
        say(&b, i);
    long lost = lines_finish(b.lines, -1, 0);
    assert_in_range(lost, 1, COUNT);
    read_some(&b);
    int seen = 0;
    for (size_t i = 0; i < b.size; i++)
        seen += b.seen[i] == '\n';
    assert_int_equal(seen + lost, COUNT); /* each is in the pipe or among the lost */
    assert_int_equal(b.seen[b.size - 1], '\n');
    bench_close(&b);
}

static void a_signal_ends_the_wait_for_a_reader(void **state)
{
    struct bench b;
    int signal_fd = signals_open(true);

    (void)state;
    assert_true(signal_fd >= 0);
    bench_open(&b, true, LINES_ROOM);
    for (int i = 0; i < COUNT; i++)
        say(&b, i);
    raise(SIGWINCH);
    raise(SIGTERM);
    assert_true(lines_finish(b.lines, signal_fd, -1) > 0); /* would hang here */
    bench_close(&b);
    close(signal_fd);
}

/* Another size of the terminal is nobody's wish to end. */
static void a_resize_does_not_end_the_wait(void **state)
{
    struct bench b;
    int signal_fd = signals_open(true);

    (void)state;
    bench_open(&b, true, LINES_ROOM);
    for (int i = 0; i < COUNT; i++)
        say(&b, i);
    raise(SIGWINCH);
    close(b.pipe[0]); /* ends it otherwise, at the first try to write */
    b.pipe[0] = -1;
    lines_finish(b.lines, signal_fd, -1);
    assert_int_equal(lines_fd(b.lines), -1); /* it was tried */
    bench_close(&b);
    close(signal_fd);
}

static void a_reader_that_is_gone_is_an_error(void **state)
{
    struct bench b;

    (void)state;
    bench_open(&b, true, LINES_ROOM);
    say(&b, 1);
    close(b.pipe[0]);
    b.pipe[0] = -1;
    fputs("{}\n", lines_stream(b.lines));
    assert_int_not_equal(fflush(lines_stream(b.lines)), 0);
    assert_int_equal(lines_push(b.lines), -EPIPE);
    assert_int_equal(lines_fd(b.lines), -1);
    bench_close(&b);
}

static void what_takes_no_bytes_says_so(void **state)
{
    static const struct {
        const char *path;
        int flags, error;
    } all[] = {{"/dev/full", O_WRONLY, -ENOSPC}, {"/dev/null", O_RDONLY, -EBADF}, {"/dev/null", O_WRONLY, 0}};

    (void)state;
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        int fd = open(all[i].path, all[i].flags | O_CLOEXEC);
        assert_true(fd >= 0);
        struct outlet *o = outlet_new(fd);
        assert_int_equal(outlet_put(o, "x\n", 2), all[i].error);
        assert_false(outlet_waits(o));
        outlet_free(o);
        close(fd);
    }
}

/* The shell shares its terminal's description with us, and a pipeline its pipe. */
static void the_borrowed_descriptor_stays_as_it_is(void **state)
{
    int pair[2], master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);

    (void)state;
    assert_true(master >= 0 && grantpt(master) == 0 && unlockpt(master) == 0);
    int terminal = open(ptsname(master), O_RDWR | O_NOCTTY | O_CLOEXEC);
    assert_true(terminal >= 0);
    assert_int_equal(pipe2(pair, O_CLOEXEC), 0);
    const int fds[] = {terminal, pair[1]};
    for (int i = 0; i < 2; i++) {
        static char much[1 << 20];
        struct outlet *o = outlet_new(fds[i]);
        assert_int_equal(fcntl(fds[i], F_GETFL) & O_NONBLOCK, 0);
        assert_int_equal(outlet_put(o, much, sizeof much), 0); /* would hang here */
        assert_true(outlet_waits(o));
        outlet_free(o);
        assert_int_equal(fcntl(fds[i], F_GETFL) & O_NONBLOCK, 0);
    }
    close(terminal);
    close(master);
    close(pair[0]);
    close(pair[1]);
}

/* What cannot be opened anew, as a named pipe without a reader: its own flags, for as long as need be. */
static void what_cannot_be_opened_anew_gets_its_flags_back(void **state)
{
    char dir[SCRATCH_SIZE], path[SCRATCH_SIZE + 8];

    (void)state;
    scratch_make(dir, "lines");
    snprintf(path, sizeof path, "%s/fifo", dir);
    assert_int_equal(mkfifo(path, 0600), 0);
    int reader = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC), writer = open(path, O_WRONLY | O_CLOEXEC);
    assert_true(reader >= 0 && writer >= 0);
    close(reader);
    struct outlet *o = outlet_new(writer);
    assert_int_equal(fcntl(writer, F_GETFL) & O_NONBLOCK, O_NONBLOCK);
    assert_int_equal(outlet_put(o, "x", 1), -EPIPE);
    outlet_free(o);
    assert_int_equal(fcntl(writer, F_GETFL) & O_NONBLOCK, 0);
    close(writer);
    scratch_remove(dir);
}

static void sockets_and_files_are_written_too(void **state)
{
    static char much[1 << 20];
    int pair[2];
    struct stat st;

    (void)state;
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
    struct outlet *o = outlet_new(pair[0]);
    assert_int_equal(outlet_put(o, much, sizeof much), 0);
    assert_true(outlet_waits(o));
    outlet_free(o);
    FILE *file = tmpfile();
    o = outlet_new(fileno(file));
    assert_int_equal(outlet_put(o, much, sizeof much), 0);
    assert_false(outlet_waits(o));
    assert_int_equal(fstat(fileno(file), &st), 0);
    assert_int_equal(st.st_size, sizeof much);
    outlet_free(o);
    fclose(file);
    close(pair[0]);
    close(pair[1]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(who_does_not_read_is_told_how_much_he_missed),
        cmocka_unit_test(words_for_people_say_it_too),
        cmocka_unit_test(a_slow_reader_loses_nothing),
        cmocka_unit_test(the_end_waits_for_no_reader_that_was_asked_to_end),
        cmocka_unit_test(a_signal_ends_the_wait_for_a_reader),
        cmocka_unit_test(a_resize_does_not_end_the_wait),
        cmocka_unit_test(a_reader_that_is_gone_is_an_error),
        cmocka_unit_test(what_takes_no_bytes_says_so),
        cmocka_unit_test(the_borrowed_descriptor_stays_as_it_is),
        cmocka_unit_test(what_cannot_be_opened_anew_gets_its_flags_back),
        cmocka_unit_test(sockets_and_files_are_written_too),
    };

    signal(SIGPIPE, SIG_IGN);
    alarm(120); /* what hangs fails */
    return cmocka_run_group_tests_name("lines", tests, NULL, NULL);
}
