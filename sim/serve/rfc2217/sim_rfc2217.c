/* SPDX-License-Identifier: Apache-2.0 */
#include "sim/serve/rfc2217/sim_rfc2217.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/errno_text.h"
#include "sim/serve/sim_stream.h"
#include "sim/serve/rfc2217/sim_telnet.h"

#define READ_SIZE 4096

/*
 * A network client sets one line at a time, and waits for the answer in between (pyserial: 50 ms and more). The step
 * DTR on, RTS off of a reset sequence would let EN rise with GPIO0 high and start the program. As Espressif's own
 * server does, the two are taken as one: with EN low, "both on" is kept back until the next change or this long.
 */
#define PAIR_US 500000

struct port {
    struct sim_board *board;
    int listener, client; /* -1: none */
    uint16_t number;
    int64_t now;     /* of this round */
    int64_t pair_us; /* until when "both on" is kept back; SIM_NEVER: it is not */
    bool en_low;     /* as the board has it */
    struct sim_telnet telnet;
    struct sim_stream out;
};

struct sim_rfc2217 {
    struct sim_rfc2217_config config;
    struct port *ports;
    struct pollfd *polls; /* listener, client of each port, then stop_fd */
};

static uint16_t bound_port(int fd)
{
    union {
        struct sockaddr any;
        struct sockaddr_in v4;
        struct sockaddr_in6 v6;
    } a = {.v6 = {0}};
    socklen_t len = sizeof a;

    if (getsockname(fd, &a.any, &len) < 0)
        return 0;
    return ntohs(a.any.sa_family == AF_INET6 ? a.v6.sin6_port : a.v4.sin_port);
}

/* A descriptor or a negative errno. */
static int listen_on(const char *address, uint16_t port)
{
    const struct addrinfo hints = {.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV | AI_PASSIVE,
                                   .ai_socktype = SOCK_STREAM};
    struct addrinfo *a;
    char text[8];
    int on = 1, rc = 0;

    snprintf(text, sizeof text, "%u", port);
    if (getaddrinfo(address, text, &hints, &a) != 0)
        return -EADDRNOTAVAIL;
    int fd = socket(a->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) < 0 ||
        bind(fd, a->ai_addr, a->ai_addrlen) < 0 || listen(fd, 4) < 0)
        rc = -errno;
    freeaddrinfo(a);
    if (rc == 0)
        return fd;
    if (fd >= 0)
        close(fd);
    return rc;
}

static int open_port(struct sim_rfc2217 *s, int number, char error[static 160])
{
    struct port *p = &s->ports[number - 1];
    const char *address = s->config.address != NULL ? s->config.address : "127.0.0.1";
    unsigned wanted = s->config.port != 0 ? s->config.port + (unsigned)number - 1 : 0;

    p->board = sim_tray_board(s->config.tray, number);
    p->listener = wanted > 65535 ? -ERANGE : listen_on(address, (uint16_t)wanted);
    if (p->listener < 0) {
        snprintf(error, 160, "cannot listen on %.60s port %u: %s", address, wanted, errno_text(-p->listener));
        return p->listener;
    }
    p->number = bound_port(p->listener);
    return 0;
}

struct sim_rfc2217 *sim_rfc2217_new(const struct sim_rfc2217_config *config, char error[static 160])
{
    struct sim_rfc2217 *s = calloc(1, sizeof *s);

    if (s == NULL || (s->ports = calloc((size_t)config->boards, sizeof *s->ports)) == NULL ||
        (s->polls = calloc(2 * (size_t)config->boards + 1, sizeof *s->polls)) == NULL) {
        snprintf(error, 160, "not enough memory");
        sim_rfc2217_free(s);
        return NULL;
    }
    s->config = *config;
    for (int i = 0; i < config->boards; i++) {
        s->ports[i].listener = s->ports[i].client = -1;
        s->ports[i].pair_us = SIM_NEVER;
    }
    for (int i = 1; i <= config->boards; i++) {
        if (open_port(s, i, error) < 0) {
            sim_rfc2217_free(s);
            return NULL;
        }
    }
    return s;
}

static void set_lines(struct port *p, bool dtr, bool rts)
{
    p->pair_us = SIM_NEVER;
    p->en_low = rts && !dtr;
    sim_board_set_lines(p->board, dtr, rts, p->now);
}

static void drop_client(struct port *p)
{
    if (p->client < 0)
        return;
    close(p->client);
    p->client = -1;
    p->out = (struct sim_stream){0};
    set_lines(p, false, false);
}

void sim_rfc2217_free(struct sim_rfc2217 *s)
{
    if (s == NULL)
        return;
    for (int i = 0; s->ports != NULL && i < s->config.boards; i++) {
        if (s->ports[i].client >= 0)
            close(s->ports[i].client);
        if (s->ports[i].listener >= 0)
            close(s->ports[i].listener);
    }
    free(s->ports);
    free(s->polls);
    free(s);
}

uint16_t sim_rfc2217_port(const struct sim_rfc2217 *s, int number)
{
    return s->ports[number - 1].number;
}

static void on_data(void *ctx, const uint8_t *bytes, size_t len)
{
    struct port *p = ctx;

    sim_board_send(p->board, bytes, len, p->now);
}

static void on_baud(void *ctx, uint32_t baud)
{
    struct port *p = ctx;

    sim_board_set_baud(p->board, baud, p->now);
}

static void on_lines(void *ctx, bool dtr, bool rts)
{
    struct port *p = ctx;

    if (p->en_low && dtr && rts)
        p->pair_us = p->now + PAIR_US;
    else
        set_lines(p, dtr, rts);
}

static void on_purge(void *ctx, bool from_board, bool to_board)
{
    struct port *p = ctx;
    uint8_t waste[256];

    (void)to_board; /* a real port's transmit buffer; here bytes are on the line as soon as they come */
    while (from_board && sim_board_receive(p->board, waste, sizeof waste, p->now) > 0)
        ;
}

static void on_answer(void *ctx, const uint8_t *bytes, size_t len)
{
    struct port *p = ctx;

    if (!sim_stream_put(&p->out, bytes, len))
        p->out.broken = true; /* a client that asks and never reads */
}

static void take_input(struct port *p)
{
    const struct sim_telnet_calls calls = {p, on_data, on_baud, on_lines, on_purge, on_answer};
    uint8_t buf[READ_SIZE];
    ssize_t n = read(p->client, buf, sizeof buf);

    if (n > 0)
        sim_telnet_feed(&p->telnet, buf, (size_t)n, &calls);
    else if (n == 0 || (errno != EAGAIN && errno != EINTR))
        drop_client(p);
}

static void give_output(struct port *p)
{
    uint8_t buf[512], escaped[2 * sizeof buf];

    for (;;) {
        /* What finds no room stays with the board's adapter only while a client is there to fetch it. */
        size_t room = p->client >= 0 ? sim_stream_room(&p->out) / 2 : sizeof buf;
        size_t n = sim_board_receive(p->board, buf, room < sizeof buf ? room : sizeof buf, p->now);
        if (n == 0)
            break;
        if (p->client >= 0)
            sim_stream_put(&p->out, escaped, sim_telnet_escape(buf, n, escaped));
    }
    if (p->client < 0)
        return;
    sim_stream_flush(&p->out, p->client);
    if (p->out.broken)
        drop_client(p);
}

static void take_client(struct port *p)
{
    int on = 1, fd = accept4(p->listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);

    if (fd < 0)
        return;
    if (p->client >= 0) {
        close(fd);
        return;
    }
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on); /* latency only; refusal does no harm */
    p->client = fd;
    sim_telnet_init(&p->telnet);
    sim_board_set_baud(p->board, p->telnet.baud, p->now);
}

static int serve_once(struct sim_rfc2217 *s)
{
    const int n = s->config.boards;
    int64_t now = clock_monotonic_us(), due = SIM_NEVER;

    for (int i = 0; i < n; i++) {
        struct port *p = &s->ports[i];
        bool full = p->client >= 0 && sim_stream_room(&p->out) < 2;
        int64_t at = full ? SIM_NEVER : sim_stream_due(p->board, now);
        due = at < due ? at : due;
        due = p->pair_us < due ? p->pair_us : due;
        s->polls[2 * i] = (struct pollfd){.fd = p->listener, .events = POLLIN};
        s->polls[2 * i + 1] = (struct pollfd){.fd = p->client};
        if (sim_stream_may_read(p->board, now))
            s->polls[2 * i + 1].events |= POLLIN;
        if (p->out.len > 0)
            s->polls[2 * i + 1].events |= POLLOUT;
    }
    s->polls[2 * n] = (struct pollfd){.fd = s->config.stop_fd, .events = POLLIN};
    if (poll(s->polls, 2 * (nfds_t)n + 1, sim_stream_timeout_ms(due, now)) < 0 && errno != EINTR)
        return -errno;
    if (s->polls[2 * n].revents != 0)
        return 1;
    now = clock_monotonic_us();
    for (int i = 0; i < n; i++) {
        struct port *p = &s->ports[i];
        p->now = now;
        if (now >= p->pair_us)
            set_lines(p, true, true);
        if (p->client >= 0 && s->polls[2 * i + 1].revents & (POLLIN | POLLHUP | POLLERR))
            take_input(p);
        if (s->polls[2 * i].revents & POLLIN)
            take_client(p);
        give_output(p);
    }
    return 0;
}

int sim_rfc2217_serve(struct sim_rfc2217 *s)
{
    int rc = 0;

    while (rc == 0)
        rc = serve_once(s);
    return rc > 0 ? 0 : rc;
}
