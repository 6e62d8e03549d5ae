/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Serial adapters whose driver makes less than it is asked for, without a word or with a refusal: that is found out before
 * the chip is told to follow, and the port goes on as it was.
 */
#include <asm/ioctls.h>
#include <asm/termbits.h>
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cmocka.h>

#include "engine/port/transport.h"
#include "engine/port/transport_tty.h"

/* What the driver under the port can do: the kernel's own for a pseudo terminal takes everything. */
static uint32_t most;
static bool refuses;

int ioctl(int fd, unsigned long request, ...); /* in the place of the C library's */
int ioctl(int fd, unsigned long request, ...)
{
    va_list args;
    struct termios2 t;

    va_start(args, request);
    void *arg = va_arg(args, void *);
    va_end(args);
    if (request != TCSETS2)
        return (int)syscall(SYS_ioctl, fd, request, arg);
    memcpy(&t, arg, sizeof t);
    if (t.c_ospeed > most && refuses) {
        errno = EINVAL;
        return -1;
    }
    if (t.c_ospeed > most)
        t.c_ispeed = t.c_ospeed = most;
    return (int)syscall(SYS_ioctl, fd, request, &t);
}

/* Asked at the other end of the terminal: the port itself is locked. */
static uint32_t rate_of(int master)
{
    struct termios2 t;

    assert_int_equal(syscall(SYS_ioctl, master, TCGETS2, &t), 0);
    return t.c_ospeed;
}

static void a_rate_is_tried_before_the_chip_is_told(void **state)
{
    static const struct {
        uint32_t most, asked;
        bool refuses, good;
        const char *says;
    } rows[] = {
        {1000000, 921600, false, true, ""},
        {1000000, 2000000, false, false, "this adapter makes 1000000 baud of 2000000"},
        {921600, 2000000, true, false, "this adapter does not make 2000000 baud"},
        {1990000, 2000000, false, true, ""}, /* within 2 % */
        {4000000, 3000000, true, true, ""},
    };
    const struct transport_binding bindings[] = {{&tty_driver, NULL}, {NULL, NULL}};
    struct clock *clock = clock_new_real();
    const struct transport_env env = {clock, NULL};

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        int master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
        char path[64], uri[80];
        struct transport *t = NULL;
        struct failure f = {0};

        most = rows[i].most;
        refuses = rows[i].refuses;
        assert_true(master >= 0 && grantpt(master) == 0 && unlockpt(master) == 0);
        assert_int_equal(ptsname_r(master, path, sizeof path), 0);
        snprintf(uri, sizeof uri, "tty:%s", path);
        assert_int_equal(transport_open(&t, bindings, uri, &env, &f), 0);
        assert_int_equal(transport_set_baud(t, 115200), 0);
        int rc = transport_check_baud(t, rows[i].asked, STAGE_CONNECT, &f);
        assert_int_equal(rc, rows[i].good ? 0 : -1);
        if (!rows[i].good) {
            assert_int_equal(f.code, FAIL_PORT_BAUD);
            assert_non_null(strstr(f.detail, rows[i].says));
        }
        assert_int_equal(transport_baud(t), 115200);
        assert_int_equal(rate_of(master), 115200);
        transport_close(t);
        close(master);
    }
    clock_free(clock);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_rate_is_tried_before_the_chip_is_told),
    };
    return cmocka_run_group_tests_name("tty_rates", tests, NULL, NULL);
}
