/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <setjmp.h>
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

#include "station/control.h"
#include "station/control_wire.h"
#include "tests/support/db_fixture.h"

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
    struct control *c = control_new(x.db, &f);
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

/* What a stranger may throw at the socket. */
static void nonsense_on_the_socket_harms_nothing(void **state)
{
    (void)state;
    static const char *const lines[] = {"\n",
                                        "{}\n",
                                        "[1]\n",
                                        "{\"v\":1,\"action\":\"fly\"}\n",
                                        "{\"v\":2,\"action\":\"login\"}\n",
                                        "{\"v\":1,\"action\":7}\n",
                                        "\xff\xfe\n"};
    struct db_fixture x;
    struct failure f = {0};
    struct sockaddr_un address;
    char answer[CONTROL_LINE_MAX], flood[CONTROL_LINE_MAX + 16];

    fixture_new(&x);
    fixture_start(&x);
    struct control *c = control_new(x.db, &f);
    assert_non_null(c);
    int folder = control_address(x.path, &address, NULL);
    for (size_t i = 0; i < sizeof lines / sizeof lines[0] + 1; i++) {
        int fd = socket(AF_UNIX, SOCK_STREAM, 0);
        assert_int_equal(connect(fd, (struct sockaddr *)&address, sizeof address), 0);
        if (i < sizeof lines / sizeof lines[0]) {
            assert_int_equal(control_write(fd, lines[i]), 0);
            assert_int_equal(control_read_line(fd, answer), 0);
            assert_int_equal(control_unpack_answer(answer, NULL, &f), -1);
        } else {
            memset(flood, 'x', sizeof flood - 1);
            flood[sizeof flood - 1] = '\0';
            control_write(fd, flood);
            assert_int_not_equal(control_read_line(fd, answer), 0);
        }
        close(fd);
    }
    close(folder);
    const struct work_call lot = {.action = WORK_LOT_OPEN, .object = "L", .number = 20};
    assert_int_equal(control_request(x.path, &lot, NULL, &f), 0);
    control_free(c);
    fixture_free(&x);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_running_station_does_what_others_ask),
        cmocka_unit_test(nonsense_on_the_socket_harms_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
