/* SPDX-License-Identifier: Apache-2.0 */
#include "sim/serve/usbip/sim_usbip.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/errno_text.h"
#include "sim/serve/usbip/sim_usbip_command.h"
#include "sim/serve/usbip/sim_usbip_conn.h"

#define CLIENTS_MAX   32 /* importers and passers-by together */
#define TALKERS_MAX   8  /* command lines: stdin and control connections */
#define LINE_MAX_SIZE 1024

struct client {
    int fd;
    struct usbip_conn *conn;
};

struct talker {
    int in, out; /* the same socket, or stdin and stdout; in < 0: free */
    char line[LINE_MAX_SIZE];
    size_t len;
};

struct sim_usbip {
    int stop_fd;
    int listener, control;
    uint16_t port, control_port;
    char control_path[108];
    struct usbip_bench *bench;
    struct client clients[CLIENTS_MAX];
    int client_count;
    struct talker talkers[TALKERS_MAX];
    bool quit;
};

enum { POLL_STOP, POLL_LISTENER, POLL_CONTROL, POLL_TALKERS, POLL_CLIENTS = POLL_TALKERS + TALKERS_MAX };

static int listen_inet(const char *address, uint16_t port, uint16_t *bound, char *error)
{
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons(port)};
    socklen_t len = sizeof a;
    const int on = 1;
    int fd = -1;

    if (inet_pton(AF_INET, address, &a.sin_addr) != 1) {
        snprintf(error, 160, "not an IPv4 address: %s", address);
        return -1;
    }
    fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) < 0 ||
        bind(fd, (struct sockaddr *)&a, sizeof a) < 0 || listen(fd, 16) < 0 ||
        getsockname(fd, (struct sockaddr *)&a, &len) < 0) {
        snprintf(error, 160, "cannot listen on %s:%u: %s", address, port, errno_text(errno));
        if (fd >= 0)
            close(fd);
        return -1;
    }
    *bound = ntohs(a.sin_port);
    return fd;
}

static int listen_unix(const char *path, char *error)
{
    struct sockaddr_un a = {.sun_family = AF_UNIX};
    int fd;

    if (strlen(path) >= sizeof a.sun_path) {
        snprintf(error, 160, "path of the control socket is too long");
        return -1;
    }
    memcpy(a.sun_path, path, strlen(path) + 1);
    fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0 || bind(fd, (struct sockaddr *)&a, sizeof a) < 0 || listen(fd, 4) < 0) {
        snprintf(error, 160, "cannot make the control socket %.60s: %s", path, errno_text(errno));
        if (fd >= 0)
            close(fd);
        return -1;
    }
    return fd;
}

static int open_control(struct sim_usbip *s, const char *control, char *error)
{
    char *end;
    unsigned long port = strtoul(control, &end, 10);

    if (*control != '\0' && *end == '\0' && port <= UINT16_MAX) {
        s->control = listen_inet("127.0.0.1", (uint16_t)port, &s->control_port, error);
    } else {
        s->control = listen_unix(control, error);
        if (s->control >= 0)
            snprintf(s->control_path, sizeof s->control_path, "%s", control);
    }
    return s->control >= 0 ? 0 : -1;
}

struct sim_usbip *sim_usbip_new(const struct sim_usbip_config *config, char error[static 160])
{
    struct sim_usbip *s = calloc(1, sizeof *s);

    if (s == NULL) {
        snprintf(error, 160, "out of memory");
        return NULL;
    }
    s->bench = config->bench;
    s->stop_fd = config->stop_fd > 0 ? config->stop_fd : -1;
    s->listener = s->control = -1;
    for (int i = 0; i < TALKERS_MAX; i++)
        s->talkers[i].in = -1;
    if (config->control_stdin) {
        s->talkers[0].in = STDIN_FILENO;
        s->talkers[0].out = STDOUT_FILENO;
    }
    s->listener = listen_inet(config->bind_address != NULL ? config->bind_address : "127.0.0.1", config->port,
                              &s->port, error);
    if (s->listener < 0 || (config->control != NULL && open_control(s, config->control, error) < 0)) {
        sim_usbip_free(s);
        return NULL;
    }
    return s;
}

uint16_t sim_usbip_port(const struct sim_usbip *s)
{
    return s->port;
}

uint16_t sim_usbip_control_port(const struct sim_usbip *s)
{
    return s->control_port;
}

static void client_drop(struct sim_usbip *s, int i)
{
    close(s->clients[i].fd);
    usbip_conn_free(s->clients[i].conn, clock_monotonic_us());
    s->clients[i] = s->clients[--s->client_count];
}

static void talker_drop(struct talker *t)
{
    if (t->in > STDERR_FILENO)
        close(t->in);
    t->in = -1;
    t->len = 0;
}

void sim_usbip_free(struct sim_usbip *s)
{
    if (s == NULL)
        return;
    while (s->client_count > 0)
        client_drop(s, s->client_count - 1);
    for (int i = 0; i < TALKERS_MAX; i++)
        talker_drop(&s->talkers[i]);
    if (s->listener >= 0)
        close(s->listener);
    if (s->control >= 0)
        close(s->control);
    if (s->control_path[0] != '\0')
        unlink(s->control_path);
    free(s);
}

static void accept_client(struct sim_usbip *s)
{
    const int on = 1;
    int fd = accept4(s->listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

    if (fd < 0)
        return;
    struct usbip_conn *conn =
        s->client_count < CLIENTS_MAX ? usbip_conn_new(usbip_bench_bus(s->bench)) : NULL;
    if (conn == NULL) {
        close(fd);
        return;
    }
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    s->clients[s->client_count++] = (struct client){fd, conn};
}

static void accept_talker(struct sim_usbip *s)
{
    int fd = accept4(s->control, NULL, NULL, SOCK_CLOEXEC);

    for (int i = 0; fd >= 0 && i < TALKERS_MAX; i++) {
        if (s->talkers[i].in >= 0)
            continue;
        s->talkers[i] = (struct talker){.in = fd, .out = fd};
        return;
    }
    if (fd >= 0)
        close(fd);
}

/* False: the connection is done for. */
static bool client_flush(struct client *c)
{
    size_t len;
    const uint8_t *p;

    while ((p = usbip_conn_output(c->conn, &len)) != NULL) {
        ssize_t n = send(c->fd, p, len, MSG_NOSIGNAL);
        if (n < 0)
            return errno == EAGAIN || errno == EINTR;
        usbip_conn_sent(c->conn, (size_t)n);
    }
    return !usbip_conn_is_over(c->conn);
}

static bool client_read(struct client *c, int64_t now_us)
{
    uint8_t buf[65536];
    ssize_t n = recv(c->fd, buf, sizeof buf, 0);

    if (n < 0)
        return errno == EAGAIN || errno == EINTR;
    return n > 0 && usbip_conn_feed(c->conn, buf, (size_t)n, now_us) == 0;
}

/* The plug is the connection. */
static void pull_plug(struct sim_usbip *s, int port)
{
    struct usbip_bus_port *p = &usbip_bench_bus(s->bench)->ports[port];

    p->plugged = false;
    for (int i = 0; p->user != NULL && i < s->client_count; i++) {
        if (s->clients[i].conn == p->user) {
            client_drop(s, i);
            return;
        }
    }
}

static void run_line(struct sim_usbip *s, struct talker *t, const char *line)
{
    char *answer = NULL;
    size_t size = 0;
    int port = -1;
    FILE *out = open_memstream(&answer, &size);

    if (out == NULL)
        return;
    enum usbip_command_result r = usbip_command_run(s->bench, line, clock_monotonic_us(), out, &port);
    fclose(out);
    if (r == COMMAND_UNPLUGGED)
        pull_plug(s, port);
    s->quit = s->quit || r == COMMAND_QUIT;
    for (size_t done = 0; done < size;) {
        ssize_t n = write(t->out, answer + done, size - done);
        if (n <= 0)
            break;
        done += (size_t)n;
    }
    free(answer);
}

static void talker_read(struct sim_usbip *s, struct talker *t)
{
    ssize_t n = read(t->in, t->line + t->len, sizeof t->line - 1 - t->len);
    char *end;

    if (n <= 0) {
        talker_drop(t);
        return;
    }
    t->len += (size_t)n;
    t->line[t->len] = '\0';
    while ((end = strchr(t->line, '\n')) != NULL) {
        *end = '\0';
        run_line(s, t, t->line);
        t->len -= (size_t)(end + 1 - t->line);
        memmove(t->line, end + 1, t->len + 1);
    }
    if (t->len == sizeof t->line - 1)
        talker_drop(t); /* nobody's command is that long */
}

static int64_t next_event(const struct sim_usbip *s)
{
    int64_t next = INT64_MAX;

    for (int i = 0; i < s->client_count; i++) {
        int64_t at = usbip_conn_next(s->clients[i].conn);
        next = at < next ? at : next;
    }
    return next;
}

static int fill_poll(const struct sim_usbip *s, struct pollfd *p)
{
    size_t waiting;

    p[POLL_STOP] = (struct pollfd){.fd = s->stop_fd, .events = POLLIN};
    p[POLL_LISTENER] = (struct pollfd){.fd = s->listener, .events = POLLIN};
    p[POLL_CONTROL] = (struct pollfd){.fd = s->control, .events = POLLIN};
    for (int i = 0; i < TALKERS_MAX; i++)
        p[POLL_TALKERS + i] = (struct pollfd){.fd = s->talkers[i].in, .events = POLLIN};
    for (int i = 0; i < s->client_count; i++) {
        short events = usbip_conn_is_choked(s->clients[i].conn) ? 0 : POLLIN;
        usbip_conn_output(s->clients[i].conn, &waiting);
        p[POLL_CLIENTS + i] =
            (struct pollfd){.fd = s->clients[i].fd, .events = (short)(events | (waiting > 0 ? POLLOUT : 0))};
    }
    return POLL_CLIENTS + s->client_count;
}

/* Clients from last to first: dropping one moves the last into its place. */
static void serve_clients(struct sim_usbip *s, const struct pollfd *p, int polled)
{
    for (int i = polled - 1; i >= 0; i--) {
        struct client *c = &s->clients[i];
        int64_t now = clock_monotonic_us();
        short events = p[POLL_CLIENTS + i].revents;
        bool alive = (events & (POLLERR | POLLNVAL)) == 0;
        if (alive && (events & (POLLIN | POLLHUP)) != 0)
            alive = client_read(c, now);
        if (alive && usbip_conn_next(c->conn) <= now)
            alive = usbip_conn_collect(c->conn, now) == 0;
        if (!alive || !client_flush(c))
            client_drop(s, i);
    }
}

int sim_usbip_serve(struct sim_usbip *s)
{
    struct pollfd p[POLL_CLIENTS + CLIENTS_MAX];

    while (!s->quit) {
        int gone = usbip_bench_find_gone(s->bench);
        if (gone >= 0)
            pull_plug(s, gone);
        int count = fill_poll(s, p), polled = s->client_count;
        int64_t next = next_event(s), left = next - clock_monotonic_us();
        struct timespec ts = {left > 0 ? left / 1000000 : 0, left > 0 ? left % 1000000 * 1000 : 0};
        if (ppoll(p, (nfds_t)count, next == INT64_MAX ? NULL : &ts, NULL) < 0) {
            if (errno == EINTR)
                continue;
            return -errno;
        }
        if (p[POLL_STOP].revents != 0)
            break;
        serve_clients(s, p, polled);
        if (p[POLL_LISTENER].revents != 0)
            accept_client(s);
        if (p[POLL_CONTROL].revents != 0)
            accept_talker(s);
        for (int i = 0; i < TALKERS_MAX; i++)
            if (p[POLL_TALKERS + i].revents != 0 && s->talkers[i].in >= 0)
                talker_read(s, &s->talkers[i]);
    }
    return 0;
}
