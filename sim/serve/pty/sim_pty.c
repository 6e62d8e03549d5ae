/* SPDX-License-Identifier: Apache-2.0 */
#include "sim/serve/pty/sim_pty.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <termios.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/errno_text.h"
#include "sim/serve/pty/sim_pty_rate.h"
#include "sim/serve/sim_stream.h"

#define PATH_SIZE 64
#define LINK_SIZE 256

struct port {
    struct sim_board *board;
    int master;
    int watch; /* inotify: a client opened or closed the pty; a reason to look, never to count (equal events merge) */
    bool open; /* some client has it open */
    char path[PATH_SIZE], link[LINK_SIZE];
    struct sim_stream out;
};

struct sim_pty {
    struct sim_pty_config config;
    int inotify;
    int lines; /* socket, or -1 */
    struct port *ports;
    struct pollfd *polls;
};

static int make_raw(int fd)
{
    struct termios t;

    if (tcgetattr(fd, &t) < 0)
        return -errno;
    cfmakeraw(&t);
    cfsetspeed(&t, B115200);
    return tcsetattr(fd, TCSANOW, &t) < 0 ? -errno : 0;
}

static int make_link(struct port *p, const char *prefix, int number)
{
    if (snprintf(p->link, sizeof p->link, "%s%d", prefix, number) >= (int)sizeof p->link) {
        p->link[0] = '\0';
        return -ENAMETOOLONG;
    }
    char there[PATH_SIZE];
    ssize_t n = readlink(p->link, there, sizeof there);
    if (n > 0)
        unlink(p->link); /* an old link of ours; anything else at that name is left alone */
    if (symlink(p->path, p->link) == 0)
        return 0;
    int error = -errno;
    p->link[0] = '\0';
    return error;
}

static int open_port(struct sim_pty *s, int number)
{
    struct port *p = &s->ports[number - 1];
    int rc;

    p->board = sim_tray_board(s->config.tray, number);
    p->master = posix_openpt(O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
    if (p->master < 0 || grantpt(p->master) < 0 || unlockpt(p->master) < 0)
        return -errno;
    rc = ptsname_r(p->master, p->path, sizeof p->path);
    if (rc != 0)
        return -rc;
    /* Only from its first closing on does the master tell that nobody has the pty open. */
    int slave = open(p->path, O_RDWR | O_NOCTTY | O_CLOEXEC);
    if (slave < 0)
        return -errno;
    rc = make_raw(slave);
    close(slave);
    if (rc < 0)
        return rc;
    p->watch = inotify_add_watch(s->inotify, p->path, IN_OPEN | IN_CLOSE);
    if (p->watch < 0)
        return -errno;
    sim_board_button(p->board, true, clock_monotonic_us());
    return s->config.link != NULL ? make_link(p, s->config.link, number) : 0;
}

/* A socket that nobody but its owner can send to: 0 or a negative errno. */
static int open_lines(struct sim_pty *s)
{
    struct sockaddr_un a = {.sun_family = AF_UNIX};

    if (s->config.lines == NULL)
        return 0;
    if (snprintf(a.sun_path, sizeof a.sun_path, "%s", s->config.lines) >= (int)sizeof a.sun_path)
        return -ENAMETOOLONG;
    s->lines = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (s->lines < 0)
        return -errno;
    mode_t mask = umask(077);
    int rc = bind(s->lines, (struct sockaddr *)&a, sizeof a) < 0 ? -errno : 0;
    umask(mask);
    if (rc < 0) { /* what stands there is not ours to remove */
        close(s->lines);
        s->lines = -1;
    }
    return rc;
}

struct sim_pty *sim_pty_new(const struct sim_pty_config *config, char error[static 160])
{
    struct sim_pty *s = calloc(1, sizeof *s);

    if (s == NULL || (s->ports = calloc((size_t)config->boards, sizeof *s->ports)) == NULL ||
        (s->polls = calloc((size_t)config->boards + 3, sizeof *s->polls)) == NULL) {
        snprintf(error, 160, "not enough memory");
        sim_pty_free(s);
        return NULL;
    }
    s->config = *config;
    s->lines = -1;
    for (int i = 0; i < config->boards; i++)
        s->ports[i].master = -1;
    s->inotify = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
    int rc = s->inotify < 0 ? -errno : 0;
    for (int i = 1; i <= config->boards && rc == 0; i++) {
        rc = open_port(s, i);
        if (rc < 0)
            snprintf(error, 160, "board %d: no pseudo terminal: %s", i, errno_text(-rc));
    }
    if (rc == 0 && (rc = open_lines(s)) < 0)
        snprintf(error, 160, "--lines: %.100s: %s", config->lines, errno_text(-rc));
    if (rc == 0)
        return s;
    if (s->inotify < 0)
        snprintf(error, 160, "cannot watch files: %s", errno_text(-rc));
    sim_pty_free(s);
    return NULL;
}

void sim_pty_free(struct sim_pty *s)
{
    if (s == NULL)
        return;
    for (int i = 0; s->ports != NULL && i < s->config.boards; i++) {
        struct port *p = &s->ports[i];
        if (p->link[0] != '\0')
            unlink(p->link);
        if (p->master >= 0)
            close(p->master);
    }
    if (s->inotify >= 0)
        close(s->inotify);
    if (s->lines >= 0 && s->config.lines != NULL) {
        unlink(s->config.lines);
        close(s->lines);
    }
    free(s->ports);
    free(s->polls);
    free(s);
}

const char *sim_pty_path(const struct sim_pty *s, int number)
{
    return s->ports[number - 1].path;
}

/* Somebody opened the pty and nobody had it: as if the board had just been put on, strapped for its bootloader without lines. */
static void client_came(struct port *p, bool strapped)
{
    p->open = true;
    p->out = (struct sim_stream){.len = 0};
    tcflush(p->master,
            TCOFLUSH); /* what the client before did not read; never what this one has sent already */
    sim_board_set_lines(p->board, false, false, clock_monotonic_us());
    sim_board_button(p->board, strapped, clock_monotonic_us());
}

/* The last client closed it: what it sent still reaches the board, what the board sends reaches nobody. */
static void client_left(struct port *p)
{
    uint8_t buf[4096];
    ssize_t n;

    while ((n = read(p->master, buf, sizeof buf)) > 0)
        sim_board_send(p->board, buf, (size_t)n, clock_monotonic_us());
    p->open = false;
    p->out.len = 0;
    make_raw(
        p->master); /* a master's settings are its slave's: the next client finds them as the first did */
}

static void look_for_client(struct sim_pty *s, struct port *p)
{
    struct pollfd hung = {.fd = p->master};
    bool open = poll(&hung, 1, 0) >= 0 && !(hung.revents & POLLHUP);

    if (open && !p->open)
        client_came(p, s->lines < 0);
    else if (!open && p->open)
        client_left(p);
}

static void read_watch(struct sim_pty *s)
{
    char buf[4096] __attribute__((aligned(__alignof__(struct inotify_event))));

    while (read(s->inotify, buf, sizeof buf) > 0)
        continue;
    for (int i = 0; i < s->config.boards; i++)
        look_for_client(s, &s->ports[i]);
}

/* What does not read as a change of lines of one of our terminals is nobody's. */
static void read_lines(struct sim_pty *s)
{
    char text[PATH_SIZE + 8], path[PATH_SIZE];
    unsigned dtr, rts;
    ssize_t n;

    while ((n = recv(s->lines, text, sizeof text - 1, 0)) >= 0) {
        text[n] = '\0';
        if (sscanf(text, "%63s %1u %1u", path, &dtr, &rts) != 3)
            continue;
        for (int i = 0; i < s->config.boards; i++) {
            if (strcmp(s->ports[i].path, path) != 0)
                continue;
            look_for_client(s, &s->ports[i]); /* it may have opened the port just before */
            sim_board_set_lines(s->ports[i].board, dtr != 0, rts != 0, clock_monotonic_us());
        }
    }
}

/* Host to board, as far as the line keeps up; the rate is what the client has set by now. */
static void take_input(struct port *p, int64_t now)
{
    uint8_t buf[4096];

    if (!sim_stream_may_read(p->board, now))
        return;
    ssize_t n = read(p->master, buf, sizeof buf);
    uint32_t rate = sim_pty_rate(p->master);
    if (rate != 0)
        sim_board_set_baud(p->board, rate, now);
    if (n > 0)
        sim_board_send(p->board, buf, (size_t)n, now);
}

static void give_output(struct port *p, int64_t now)
{
    uint8_t buf[1024];
    size_t n;
    uint32_t rate = sim_pty_rate(p->master);

    if (rate != 0)
        sim_board_set_baud(p->board, rate, now);
    while ((n = sim_board_receive(p->board, buf, sizeof buf, now)) > 0)
        if (p->open)
            sim_stream_put(&p->out, buf, n);
    sim_stream_flush(&p->out, p->master);
}

static int serve_once(struct sim_pty *s)
{
    const int n = s->config.boards;
    int64_t now = clock_monotonic_us(), due = SIM_NEVER;

    for (int i = 0; i < n; i++) {
        struct port *p = &s->ports[i];
        int64_t at = sim_stream_due(p->board, now);
        due = at < due ? at : due;
        s->polls[i] = (struct pollfd){.fd = p->open ? p->master : -1};
        if (sim_stream_may_read(p->board, now))
            s->polls[i].events |= POLLIN;
        if (p->out.len > 0)
            s->polls[i].events |= POLLOUT;
    }
    s->polls[n] = (struct pollfd){.fd = s->inotify, .events = POLLIN};
    s->polls[n + 1] = (struct pollfd){.fd = s->config.stop_fd, .events = POLLIN};
    s->polls[n + 2] = (struct pollfd){.fd = s->lines, .events = POLLIN};
    if (poll(s->polls, (nfds_t)n + 3, sim_stream_timeout_ms(due, now)) < 0 && errno != EINTR)
        return -errno;
    if (s->polls[n + 1].revents != 0)
        return 1;
    if (s->polls[n].revents != 0)
        read_watch(s);
    if (s->polls[n + 2].revents != 0)
        read_lines(s);
    now = clock_monotonic_us();
    for (int i = 0; i < n; i++) {
        if (s->polls[i].revents & POLLHUP)
            look_for_client(s, &s->ports[i]);
        else if (s->polls[i].revents & POLLIN)
            take_input(&s->ports[i], now);
        give_output(&s->ports[i], now);
    }
    return 0;
}

int sim_pty_serve(struct sim_pty *s)
{
    int rc = 0;

    while (rc == 0)
        rc = serve_once(s);
    return rc > 0 ? 0 : rc;
}
