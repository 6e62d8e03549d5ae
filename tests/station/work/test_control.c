/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#include "station/work/control.h"
#include "station/work/control_client.h"
#include "station/work/control_wire.h"
#include "tests/support/db_fixture.h"
#include "tests/support/skipped.h"

static void the_running_station_does_what_others_ask(void **state)
{
    (void)state;
    struct db_fixture x;
    struct failure f = {0};
    struct stat st;
    char path[160];
    struct work_receipt who;
    const struct work_call enrol = {
        .action = WORK_OPERATOR_ADD, .object = "en1", .text = "engineer", .new_pin = "471108"};
    struct work_call lot = {
        .action = WORK_LOT_OPEN, .object = "L \"1\" \xc3\xa4", .number = 20, .actor = "op-8"};
    struct work_call extend = {.action = WORK_LOT_EXTEND,
                               .object = "L \"1\" \xc3\xa4",
                               .number = 5,
                               .reason = "more",
                               .actor = "op-8"};

    fixture_new(&x);
    fixture_start(&x);
    assert_int_equal(control_request(x.path, &lot, &who, &f), 1); /* nobody listens */
    struct control *c = control_new(x.db, &(struct control_station){0}, &f);
    assert_non_null(c);
    snprintf(path, sizeof path, "%s.sock", x.path);
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    assert_int_equal(control_request(x.path, &enrol, &who, &f), 0);
    assert_int_equal(control_request(x.path, &lot, &who, &f), 0);
    assert_string_equal(who.who, "op-8");
    assert_int_equal(control_request(x.path, &extend, &who, &f), -1);
    assert_int_equal(f.code, FAIL_ROLE);
    assert_int_equal(f.sys, EACCES);
    extend.pin = "471108";
    assert_int_equal(control_request(x.path, &extend, &who, &f), 0);
    assert_string_equal(who.who, "en1");
    assert_int_equal(fixture_int(&x, "SELECT planned FROM lot"), 25);
    control_free(c);
    assert_int_equal(control_request(x.path, &lot, &who, &f), 1);
    fixture_free(&x);
}

/*
 * What is said to a running station arrives as it was said: mended on the way, "SN-<ff>" would be another serial number and
 * stand on a board, and a PIN another PIN.
 */
static void what_is_no_text_is_not_sent(void **state)
{
    (void)state;
    static const char broken[] = "SN-\xff";
    static const struct work_call calls[] = {
        {.action = WORK_LOT_OPEN, .object = broken, .actor = "op-8"},
        {.action = WORK_LOT_OPEN, .object = "L-1", .actor = broken},
        {.action = WORK_LOT_OPEN, .object = "L-1", .job = broken},
        {.action = WORK_OPERATOR_ADD, .object = "en1", .text = "engineer", .new_pin = broken},
        {.action = WORK_OPERATOR_ADD, .object = "en1", .badge = broken},
        {.action = WORK_LOT_CLOSE, .object = "L-1", .reason = broken, .pin = "471108"},
    };
    const struct control_serial scan = {.slot = 1, .code = broken};
    static char longest[CONTROL_LINE_MAX + 1];
    const struct control_serial far = {.slot = 1, .code = longest};
    struct db_fixture x;
    struct failure f = {0};

    fixture_new(&x);
    fixture_start(&x);
    struct control *c = control_new(x.db, &(struct control_station){0}, &f);
    assert_non_null(c);
    for (size_t i = 0; i < sizeof calls / sizeof calls[0]; i++) {
        f = (struct failure){0};
        assert_int_equal(control_request(x.path, &calls[i], NULL, &f), -1);
        assert_non_null(strstr(f.detail, "not UTF-8"));
    }
    f = (struct failure){0};
    assert_int_equal(control_serial(x.path, &scan, &f), -1);
    assert_non_null(strstr(f.detail, "not UTF-8"));
    memset(longest, 'x', sizeof longest - 1);
    f = (struct failure){0};
    assert_int_equal(control_serial(x.path, &far, &f), -1);
    assert_non_null(strstr(f.detail, "longer than any name"));
    assert_int_equal(fixture_int(&x, "SELECT count(*) FROM lot"), 0);
    assert_int_equal(fixture_int(&x, "SELECT count(*) FROM operator"), 0);
    control_free(c);
    fixture_free(&x);
}

/* What a stranger may throw at the socket. */
static void nonsense_on_the_socket_harms_nothing(void **state)
{
    (void)state;
    static const char *const lines[] = {
        "\n",
        "{}\n",
        "[1]\n",
        "{\"v\":1,\"action\":\"fly\"}\n",
        "{\"v\":2,\"action\":\"login\"}\n",
        "{\"v\":1,\"action\":7}\n",
        "{\"v\":\"1\",\"action\":\"login\"}\n",
        "{\"v\":1,\"action\":\"stop.unlock\",\"number\":\"3\"}\n",
        "{\"v\":1,\"action\":\"stop.unlock\",\"number\":3.0}\n",
        "{\"v\":1,\"action\":\"stop.unlock\",\"number\":4294967299}\n",
        "{\"v\":1,\"action\":\"lot.open\",\"object\":\"L\",\"number\":1000000001}\n",
        "{\"v\":1,\"action\":\"lot.open\",\"object\":\"L\",\"number\":-9223372036854775808}\n",
        "{\"v\":1,\"action\":\"lot.open\",\"object\":\"L\",\"number\":99999999999999999999}\n",
        "{\"v\":1,\"action\":\"lot.open\",\"object\":\"L\",\"number\":5,\"number\":6}\n",
        "{\"v\":1,\"action\":\"lot.open\",\"object\":7}\n",
        "{\"v\":1,\"action\":\"duty\",\"lot\":7}\n",
        "{\"v\":1,\"action\":\"duty\",\"operator\":\"op-1\",\"badge\":\"B-1\"}\n",
        "{\"v\":1,\"action\":\"duty\",\"operator\":\"op-1\",\"log_out\":true}\n",
        "{\"v\":1,\"action\":\"duty\",\"log_out\":\"yes\"}\n",
        "{\"v\":2,\"action\":\"duty\"}\n",
        "{\"v\":1,\"action\":\"duty\",\"lot\":\"A\",\"lot\":\"B\"}\n",
        "{\"v\":1,\"action\":\"lot.open\",\"object\":\"L\\u0000M\"}\n",
        "\xff\xfe\n"};
    struct db_fixture x;
    struct failure f = {0};
    struct sockaddr_un address;
    char answer[CONTROL_LINE_MAX], flood[CONTROL_LINE_MAX + 16];

    fixture_new(&x);
    fixture_start(&x);
    struct control *c = control_new(x.db, &(struct control_station){0}, &f);
    assert_non_null(c);
    int folder = control_address(x.path, &address, NULL);
    for (size_t i = 0; i < sizeof lines / sizeof lines[0] + 1; i++) {
        int fd = socket(AF_UNIX, SOCK_STREAM, 0);
        assert_int_equal(connect(fd, (struct sockaddr *)&address, sizeof address), 0);
        if (i < sizeof lines / sizeof lines[0]) {
            assert_int_equal(control_write(fd, lines[i]), 0);
            assert_int_equal(control_read_line(fd, answer, sizeof answer), 0);
            assert_int_equal(control_unpack_answer(answer, NULL, &f), -1);
            if (f.code != FAIL_WORK || f.sys != EPROTO)
                print_message("%s", lines[i]);
            assert_true(f.code == FAIL_WORK && f.sys == EPROTO);
        } else {
            memset(flood, 'x', sizeof flood - 1);
            flood[sizeof flood - 1] = '\0';
            control_write(fd, flood);
            assert_int_not_equal(control_read_line(fd, answer, sizeof answer), 0);
        }
        close(fd);
    }
    close(folder);
    const struct work_call lot = {.action = WORK_LOT_OPEN, .object = "L", .number = 20};
    assert_int_equal(control_request(x.path, &lot, NULL, &f), 0);
    control_free(c);
    fixture_free(&x);
}

static void an_answer_is_bounded_too(void **state)
{
    static const char *const lines[] = {"{\"ok\":false,\"code\":4294967296}", "{\"ok\":false,\"code\":-1}",
                                        "{\"ok\":false,\"code\":910,\"sys\":4294967297}",
                                        "{\"ok\":false,\"code\":\"910\"}"};
    struct failure f = {0};

    (void)state;
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        assert_int_equal(control_unpack_answer(lines[i], NULL, &f), -1);
        assert_true(f.code == FAIL_WORK && f.sys == EPROTO);
    }
    assert_int_equal(control_unpack_answer("{\"ok\":false,\"code\":910,\"sys\":13}", NULL, &f), -1);
    assert_true(f.code == 910 && f.sys == 13);
}

static int connect_to(const struct db_fixture *x)
{
    struct sockaddr_un address;
    int folder = control_address(x->path, &address, NULL),
        fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

    assert_true(fd >= 0);
    assert_int_equal(connect(fd, (struct sockaddr *)&address, sizeof address), 0);
    close(folder);
    return fd;
}

/* More of them than there are seats; some have begun a line. Others are answered, and the end does not wait. */
static void silent_clients_hold_up_nobody(void **state)
{
    struct db_fixture x;
    struct failure f = {0};
    char name[32];
    int silent[CONTROL_CLIENTS + 4];
    const int count = (int)(sizeof silent / sizeof *silent);
    int64_t began = control_now_ms();

    (void)state;
    fixture_new(&x);
    fixture_start(&x);
    struct control *c = control_new(x.db, &(struct control_station){0}, &f);
    assert_non_null(c);
    for (int i = 0; i < count; i++) {
        struct work_call lot = {.action = WORK_LOT_OPEN, .object = name, .number = 20};
        silent[i] = connect_to(&x);
        if (i % 2 == 1)
            assert_int_equal(control_write(silent[i], "{\"v\":1,"), 0);
        snprintf(name, sizeof name, "L%d", i);
        assert_int_equal(control_request(x.path, &lot, NULL, &f), 0);
    }
    control_free(c);
    assert_int_equal(fixture_int(&x, "SELECT count(*) FROM lot"), count);
    /* A bound of what hangs, not of speed: each of them sits for CONTROL_TALK_MS if he is waited for. */
    assert_true(control_now_ms() - began < (int64_t)count * CONTROL_TALK_MS);
    for (int i = 0; i < count; i++)
        close(silent[i]);
    fixture_free(&x);
}

/* Whoever sends no end of his line is sent away, also when nobody else comes. */
static void who_takes_too_long_is_sent_away(void **state)
{
    struct db_fixture x;
    struct failure f = {0};
    char byte;

    (void)state;
    fixture_new(&x);
    fixture_start(&x);
    struct control *c = control_new(x.db, &(struct control_station){0}, &f);
    int fd = connect_to(&x);
    assert_int_equal(control_write(fd, "{\"v\":1,"), 0);
    assert_int_equal(read(fd, &byte, 1), 0); /* would hang here */
    close(fd);
    control_free(c);
    fixture_free(&x);
}

static atomic_int accepts, refuse_accepts;
static int64_t refuse_until_ms;

/* In the place of the library's, for this programme: no descriptor to be had for a while. */
int accept4(int fd, __SOCKADDR_ARG address, socklen_t *restrict length, int flags)
{
    if (atomic_load(&refuse_accepts) != 0) {
        atomic_fetch_add(&accepts, 1);
        if (control_now_ms() < refuse_until_ms) {
            errno = EMFILE;
            return -1;
        }
    }
    return (int)syscall(SYS_accept4, fd, address.__sockaddr__, length, flags);
}

static void without_descriptors_it_rests_and_goes_on(void **state)
{
    struct db_fixture x;
    struct failure f = {0};
    const struct work_call lot = {.action = WORK_LOT_OPEN, .object = "L", .number = 20};

    (void)state;
    fixture_new(&x);
    fixture_start(&x);
    struct control *c = control_new(x.db, &(struct control_station){0}, &f);
    refuse_until_ms = control_now_ms() + 300;
    atomic_store(&refuse_accepts, 1);
    assert_int_equal(control_request(x.path, &lot, NULL, &f), 0);
    atomic_store(&refuse_accepts, 0);
    /* A few tries, not the ten thousands of a loop without rest. */
    assert_in_range(atomic_load(&accepts), 2, 20);
    control_free(c);
    fixture_free(&x);
}

/* As another user, in a child; what it returns is the child's exit status. */
static int as_nobody(int (*what)(const char *path), const char *path)
{
    int status;
    pid_t pid = fork();

    assert_true(pid >= 0);
    if (pid == 0)
        _exit(setgid(65534) != 0 || setuid(65534) != 0 ? 99 : what(path));
    assert_int_equal(waitpid(pid, &status, 0), pid);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 98;
}

/* Says nothing, and is told all the same. */
static int hears_a_refusal(const char *path)
{
    struct sockaddr_un address;
    struct failure f = {0};
    char line[CONTROL_LINE_MAX];
    int folder = control_address(path, &address, NULL), fd = socket(AF_UNIX, SOCK_STREAM, 0);

    if (folder < 0 || connect(fd, (struct sockaddr *)&address, sizeof address) != 0)
        return 1;
    if (control_read_line(fd, line, sizeof line) != 0)
        return 2;
    return control_unpack_answer(line, NULL, &f) == -1 && f.code == FAIL_ROLE && f.sys == EPERM ? 0 : 3;
}

/* Asks as any flashline would. */
static int is_refused(const char *path)
{
    const struct work_call lot = {.action = WORK_LOT_OPEN, .object = "L", .number = 20};
    struct failure f = {0};

    return control_request(path, &lot, NULL, &f) == -1 && f.code == FAIL_ROLE && f.sys == EPERM ? 0 : 1;
}

/* Listens where the station would. */
static int listens(const char *path)
{
    struct sockaddr_un address;
    struct pollfd p = {.events = POLLIN};
    char line[CONTROL_LINE_MAX];
    int folder = control_address(path, &address, NULL);

    p.fd = socket(AF_UNIX, SOCK_STREAM, 0);
    if (folder < 0 || bind(p.fd, (struct sockaddr *)&address, sizeof address) != 0 || listen(p.fd, 8) != 0 ||
        poll(&p, 1, 60000) != 1)
        return 1;
    int fd = accept(p.fd, NULL, NULL);
    return read(fd, line, sizeof line) == 0 ? 0 : 2; /* 2: he was told something */
}

/* Only root can become somebody else. */
static void need_root(void)
{
    if (geteuid() != 0) {
        skipped_row("not root: nobody else can be had");
        skip();
    }
}

static void strangers_are_refused_unheard(void **state)
{
    struct db_fixture x;
    struct failure f = {0};
    char path[160];

    (void)state;
    need_root();
    fixture_new(&x);
    fixture_start(&x);
    struct control *c = control_new(x.db, &(struct control_station){0}, &f);
    snprintf(path, sizeof path, "%s.sock", x.path);
    assert_int_equal(chmod(x.dir, 0777) | chmod(path, 0777), 0); /* a folder's generous owner */
    assert_int_equal(as_nobody(hears_a_refusal, x.path), 0);
    assert_int_equal(chown(x.path, 65534, 65534), 0); /* it would trust us by now, we do not trust it */
    assert_int_equal(as_nobody(is_refused, x.path), 0);
    assert_int_equal(fixture_int(&x, "SELECT count(*) FROM lot"), 0);
    control_free(c);
    fixture_free(&x);
}

/* A PIN is not told to whoever made a socket of that name first. */
static void a_stranger_in_the_stations_place_hears_nothing(void **state)
{
    struct db_fixture x;
    struct failure f = {0};
    int status;
    const struct work_call lot = {.action = WORK_LOT_OPEN, .object = "L", .number = 20, .pin = "4711"};

    (void)state;
    need_root();
    fixture_new(&x);
    fixture_start(&x);
    assert_int_equal(chmod(x.dir, 0777), 0);
    pid_t pid = fork();
    if (pid == 0)
        _exit(setgid(65534) != 0 || setuid(65534) != 0 ? 99 : listens(x.path));
    int rc = 1;
    for (int i = 0; i < 6000 && rc == 1; i++) { /* until he listens */
        rc = control_request(x.path, &lot, NULL, &f);
        poll(NULL, 0, rc == 1 ? 10 : 0);
    }
    assert_int_equal(rc, -1);
    assert_true(f.code == FAIL_WORK && f.sys == EPERM);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(WEXITSTATUS(status), 0);
    fixture_free(&x);
}

int main(void)
{
    alarm(300); /* what hangs fails */
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_running_station_does_what_others_ask),
        cmocka_unit_test(what_is_no_text_is_not_sent),
        cmocka_unit_test(nonsense_on_the_socket_harms_nothing),
        cmocka_unit_test(an_answer_is_bounded_too),
        cmocka_unit_test(silent_clients_hold_up_nobody),
        cmocka_unit_test(who_takes_too_long_is_sent_away),
        cmocka_unit_test(without_descriptors_it_rests_and_goes_on),
        cmocka_unit_test(strangers_are_refused_unheard),
        cmocka_unit_test(a_stranger_in_the_stations_place_hears_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
