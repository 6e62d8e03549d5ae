/* SPDX-License-Identifier: Apache-2.0 */
/* The RFC 2217 server on the loopback interface: a client resets the board by its lines and talks to its loader. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <arpa/inet.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "sim/serve/rfc2217/sim_rfc2217.h"
#include "tests/support/hexfile.h"
#include "tests/support/served_tray.h"

#define LIMIT_MS 60000 /* only a failure waits as long */

struct bench {
    struct served_tray served;
    struct sim_rfc2217 *server;
};

struct client {
    int fd;
    uint8_t buf[16384];
    size_t len;
};

static void *serve(void *server)
{
    return sim_rfc2217_serve(server) == 0 ? server : NULL;
}

static int setup(void **state)
{
    static struct bench b;
    char error[160];

    served_tray_init(&b.served, 2);
    b.server = sim_rfc2217_new(
        &(struct sim_rfc2217_config){.tray = b.served.tray, .boards = 2, .stop_fd = b.served.stop_fd}, error);
    assert_non_null(b.server);
    served_tray_start(&b.served, serve, b.server);
    *state = &b;
    return 0;
}

static int teardown(void **state)
{
    struct bench *b = *state;

    served_tray_stop(&b->served, b->server);
    sim_rfc2217_free(b->server);
    served_tray_done(&b->served);
    return 0;
}

static int dial(const char *address, uint16_t port)
{
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons(port)};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    assert_true(fd >= 0);
    inet_pton(AF_INET, address, &a.sin_addr);
    if (connect(fd, (struct sockaddr *)&a, sizeof a) == 0)
        return fd;
    close(fd);
    return -1;
}

static void send_all(struct client *c, const void *bytes, size_t len)
{
    assert_int_equal(write(c->fd, bytes, len), len);
}

/* Waits until `what` is among the bytes received, and forgets all up to its end. */
static void expect(struct client *c, const void *what, size_t what_len)
{
    struct pollfd p = {.fd = c->fd, .events = POLLIN};

    for (;;) {
        uint8_t *at = memmem(c->buf, c->len, what, what_len);
        if (at != NULL) {
            size_t used = (size_t)(at - c->buf) + what_len;
            memmove(c->buf, c->buf + used, c->len - used);
            c->len -= used;
            return;
        }
        assert_int_equal(poll(&p, 1, LIMIT_MS), 1);
        ssize_t n = read(c->fd, c->buf + c->len, sizeof c->buf - c->len);
        assert_true(n > 0);
        c->len += (size_t)n;
    }
}

/* SET-CONTROL; the server's answer repeats the value. */
static void control(struct client *c, uint8_t value)
{
    const uint8_t ask[] = {0xff, 0xfa, 44, 5, value, 0xff, 0xf0},
                  answer[] = {0xff, 0xfa, 44, 105, value, 0xff, 0xf0};

    send_all(c, ask, sizeof ask);
    expect(c, answer, sizeof answer);
}

enum { DTR_ON = 8, DTR_OFF = 9, RTS_ON = 11, RTS_OFF = 12 };

static void expect_text(struct client *c, const char *text)
{
    expect(c, text, strlen(text));
}

/* One line at a time with the answer awaited between, as clients do: the pair DTR on, RTS off must count as one. */
static void reset_into_bootloader(struct client *c)
{
    control(c, DTR_OFF);
    control(c, RTS_ON);
    control(c, DTR_ON);
    control(c, RTS_OFF);
    expect_text(c, "waiting for download\r\n");
    control(c, DTR_OFF);
}

static void assert_syncs(struct client *c)
{
    static const uint8_t answer[] = {0xc0, 0x01, 0x08, 0x04, 0x00, 0x07, 0x07, 0x12, 0x20, 0, 0, 0, 0, 0xc0};
    uint8_t sync[64];
    size_t sync_len = hexfile_read("rom-session.hex", "sync-request", sync, sizeof sync);

    assert_int_equal(sync_len, 46);
    send_all(c, sync, sync_len);
    for (int i = 0; i < 8; i++)
        expect(c, answer, sizeof answer);
}

static void lines_reset_the_board_into_its_loader_and_out_again(void **state)
{
    struct bench *b = *state;
    static struct client c;
    static const uint8_t hello[] = {0xff, 0xfb, 44}, agreed[] = {0xff, 0xfd, 44};

    c = (struct client){.fd = dial("127.0.0.1", sim_rfc2217_port(b->server, 1))};
    assert_true(c.fd >= 0);
    send_all(&c, hello, sizeof hello);
    expect(&c, agreed, sizeof agreed);
    reset_into_bootloader(&c);
    assert_syncs(&c);
    control(&c, RTS_ON);
    control(&c, RTS_OFF);
    expect_text(&c, "boot:0x13 (SPI_FAST_FLASH_BOOT)");
    close(c.fd);
}

static void the_rate_reaches_the_board(void **state)
{
    struct bench *b = *state;
    static struct client c;
    static const uint8_t ask[] = {0xff, 0xfa, 44, 1, 0, 14, 16, 0, 0xff, 0xf0};
    static const uint8_t answer[] = {0xff, 0xfa, 44, 101, 0, 14, 16, 0, 0xff, 0xf0};
    static const uint8_t read_divisor[] = {0xc0, 0, 10, 4, 0, 0, 0, 0, 0, 0x14, 0, 0xf4, 0x3f, 0xc0};
    static const uint8_t divisor[] = {0xc0, 1, 10, 4, 0, 43}; /* 40 MHz / 921600, as the ROM measures it */

    c = (struct client){.fd = dial("127.0.0.1", sim_rfc2217_port(b->server, 1))};
    assert_true(c.fd >= 0);
    reset_into_bootloader(&c);
    send_all(&c, ask, sizeof ask);
    expect(&c, answer, sizeof answer);
    assert_syncs(&c);
    send_all(&c, read_divisor, sizeof read_divisor);
    expect(&c, divisor, sizeof divisor);
    close(c.fd);
}

static void a_second_client_is_turned_away_and_the_first_goes_on(void **state)
{
    struct bench *b = *state;
    static struct client first;
    struct pollfd p = {.events = POLLIN};
    char byte;

    first = (struct client){.fd = dial("127.0.0.1", sim_rfc2217_port(b->server, 2))};
    assert_true(first.fd >= 0);
    reset_into_bootloader(&first);
    p.fd = dial("127.0.0.1", sim_rfc2217_port(b->server, 2));
    assert_true(p.fd >= 0);
    assert_int_equal(poll(&p, 1, LIMIT_MS), 1);
    assert_int_equal(read(p.fd, &byte, 1), 0);
    close(p.fd);
    assert_syncs(&first);
    close(first.fd);
}

static void nobody_else_can_reach_it(void **state)
{
    struct bench *b = *state;

    /* All of 127/8 is this machine: a server bound to every address would answer here. */
    assert_int_equal(dial("127.0.0.2", sim_rfc2217_port(b->server, 1)), -1);
}

static void a_port_in_use_is_said(void **state)
{
    struct bench *b = *state;
    char error[160] = "";
    const struct sim_rfc2217_config again = {.tray = b->served.tray,
                                             .boards = 1,
                                             .port = sim_rfc2217_port(b->server, 1),
                                             .stop_fd = b->served.stop_fd};

    assert_null(sim_rfc2217_new(&again, error));
    assert_non_null(strstr(error, "in use"));
    assert_null(sim_rfc2217_new(
        &(struct sim_rfc2217_config){
            .tray = b->served.tray, .boards = 2, .port = 65535, .stop_fd = b->served.stop_fd},
        error));
    assert_null(sim_rfc2217_new(
        &(struct sim_rfc2217_config){
            .tray = b->served.tray, .boards = 1, .address = "nonsense", .stop_fd = b->served.stop_fd},
        error));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(lines_reset_the_board_into_its_loader_and_out_again, setup, teardown),
        cmocka_unit_test_setup_teardown(the_rate_reaches_the_board, setup, teardown),
        cmocka_unit_test_setup_teardown(a_second_client_is_turned_away_and_the_first_goes_on, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(nobody_else_can_reach_it, setup, teardown),
        cmocka_unit_test_setup_teardown(a_port_in_use_is_said, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
