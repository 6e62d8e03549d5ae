/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/port/transport_tty.h"

/* The kernel's own termios: the C library's knows neither BOTHER nor rates it has no constant for. */
#include <asm/termbits.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/serial.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "engine/port/presence_line.h"
#include "engine/port/tty_holder.h"
#include "engine/port/tty_wait.h"

#define BAUD_TOLERANCE_PERCENT 2
#define MODEM_LOOK_US \
    250000 /* TIOCMIWAIT can neither be cancelled nor given a limit: its answer is looked up */

struct tty_port {
    int fd;         /* -1: not open yet */
    bool exclusive; /* others were locked out, and must be let in again */
    struct transport_env env;
    struct termios2 before;     /* given back at close */
    struct line_counts counted; /* by the kernel when the port was opened */
};

/* What errno of a port in use means: EIO and ENXIO are how the kernel says that the device went away. */
static int port_error(int error)
{
    switch (error) {
    case EIO:
    case ENXIO:
    case EBADF:
        return -ENODEV;
    default:
        return -error;
    }
}

/* Rates differ by more than 2 %: the chip would see framing errors. */
static bool rate_is_off(uint32_t wanted, uint32_t made)
{
    uint64_t diff = wanted > made ? wanted - made : made - wanted;

    return diff * 100 > (uint64_t)wanted * BAUD_TOLERANCE_PERCENT;
}

static int tty_set_baud(void *port, uint32_t baud, uint32_t *actual)
{
    const struct tty_port *p = port;
    struct termios2 t;

    if (ioctl(p->fd, TCGETS2, &t) < 0)
        return port_error(errno);
    t.c_cflag = (t.c_cflag & ~(tcflag_t)(CBAUD | CBAUD << IBSHIFT)) | BOTHER | BOTHER << IBSHIFT;
    t.c_ispeed = t.c_ospeed = baud;
    if (ioctl(p->fd, TCSETS2, &t) < 0)
        return errno == EINVAL ? -ERANGE : port_error(errno);
    if (ioctl(p->fd, TCGETS2, &t) < 0)
        return port_error(errno);
    if (rate_is_off(baud, t.c_ospeed))
        return -ERANGE;
    if (actual != NULL)
        *actual = t.c_ospeed;
    return 0;
}

/*
 * What a driver makes of a rate it shows only once it was set, and some make the nearest without a word (a CP2102 of 2 Mbaud
 * its 1 M). So it is set and taken back while nothing is on the line, before the chip is told to follow.
 */
static int tty_check_baud(void *port, uint32_t baud, char detail[TRANSPORT_DETAIL_SIZE])
{
    const struct tty_port *p = port;
    struct termios2 now, tried;
    int rc = 0;

    if (ioctl(p->fd, TCGETS2, &now) < 0)
        return port_error(errno);
    rc = tty_set_baud(port, baud, NULL);
    if (rc == -ERANGE && ioctl(p->fd, TCGETS2, &tried) == 0 && tried.c_ospeed != now.c_ospeed)
        snprintf(detail, TRANSPORT_DETAIL_SIZE, "this adapter makes %u baud of %u", tried.c_ospeed, baud);
    else if (rc == -ERANGE)
        snprintf(detail, TRANSPORT_DETAIL_SIZE, "this adapter does not make %u baud", baud);
    if (ioctl(p->fd, TCSETS2, &now) < 0 && rc == 0)
        rc = port_error(errno);
    return rc;
}

static int set_raw(struct tty_port *p)
{
    struct termios2 t;

    if (ioctl(p->fd, TCGETS2, &p->before) < 0)
        return -errno;
    t = p->before;
    t.c_iflag = IGNPAR;
    t.c_oflag = 0;
    t.c_lflag = 0;
    /* No HUPCL: closing must not move the lines of a chip that was left in reset. */
    t.c_cflag = (t.c_cflag & CBAUD) | CS8 | CREAD | CLOCAL;
    t.c_cc[VMIN] = 1;
    t.c_cc[VTIME] = 0;
    return ioctl(p->fd, TCSETS2, &t) < 0 ? -errno : 0;
}

/* All zero where the driver does not count (a pty). */
static void kernel_counts(int fd, struct line_counts *out)
{
    struct serial_icounter_struct c = {0};

    ioctl(fd, TIOCGICOUNT, &c);
    out->overrun = (uint32_t)(c.overrun + c.buf_overrun);
    out->parity = (uint32_t)c.parity;
    out->framing = (uint32_t)c.frame;
}

/* A terminal may be open twice without an error; then each of two programs gets some of the board's bytes. */
static int check_alone(const char *name, char detail[TRANSPORT_DETAIL_SIZE])
{
    char holder[TTY_HOLDER_SIZE];

    tty_holder(name, holder, sizeof holder);
    if (holder[0] == '\0')
        return 0;
    tty_holder_say(name, holder, detail, TRANSPORT_DETAIL_SIZE);
    return -EBUSY;
}

static int open_error(int error, const char *name, char detail[TRANSPORT_DETAIL_SIZE])
{
    if (error == EBUSY || error == EWOULDBLOCK) {
        if (check_alone(name, detail) == 0)
            tty_holder_say(name, "", detail, TRANSPORT_DETAIL_SIZE);
        return -EBUSY;
    }
    snprintf(detail, TRANSPORT_DETAIL_SIZE, "%.100s", name);
    /* A node whose device is gone answers ENXIO or ENODEV; for the operator that is a port that is not there. */
    return error == ENXIO || error == ENODEV ? -ENOENT : -error;
}

static int take_port(struct tty_port *p, const char *name, char detail[TRANSPORT_DETAIL_SIZE])
{
    /* Before it is touched: opening alone moves the lines of somebody's board. */
    int rc = check_alone(name, detail);

    if (rc < 0)
        return rc;
    do
        p->fd = open(name, O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
    while (p->fd < 0 && errno == EINTR);
    if (p->fd < 0)
        return open_error(errno, name, detail);
    if (!isatty(p->fd)) {
        snprintf(detail, TRANSPORT_DETAIL_SIZE, "%.100s is not a serial port", name);
        return -EINVAL;
    }
    /* The lock stops programs that ask (and root, whom TIOCEXCL does not stop). */
    if (flock(p->fd, LOCK_EX | LOCK_NB) < 0 && errno == EWOULDBLOCK)
        return open_error(EBUSY, name, detail);
    if (ioctl(p->fd, TIOCEXCL) < 0)
        return open_error(errno, name, detail);
    p->exclusive = true;
    /* Once more, now that nobody else gets in: what looks at new ports by itself comes at the moment that we do. */
    rc = check_alone(name, detail);
    if (rc < 0)
        return rc;
    rc = set_raw(p);
    return rc < 0 ? open_error(-rc, name, detail) : 0;
}

static int tty_open(void **port, void *ctx, const char *name, const struct transport_env *env,
                    char detail[TRANSPORT_DETAIL_SIZE])
{
    struct tty_port *p = calloc(1, sizeof *p);

    (void)ctx;
    if (p == NULL)
        return -ENOMEM;
    p->fd = -1;
    p->env = *env;
    int rc = take_port(p, name, detail);
    if (rc < 0) {
        if (p->exclusive) /* it stays on the port as long as anybody has it open */
            ioctl(p->fd, TIOCNXCL);
        if (p->fd >= 0)
            close(p->fd);
        free(p);
        return rc;
    }
    kernel_counts(p->fd, &p->counted);
    *port = p;
    return 0;
}

static void tty_close(void *port)
{
    struct tty_port *p = port;

    p->before.c_cflag &= ~(tcflag_t)HUPCL;
    ioctl(p->fd, TCSETS2, &p->before);
    ioctl(p->fd, TIOCNXCL);
    close(p->fd);
    free(p);
}

/* Waits until the port is ready for `events`: 1, or 0 at the deadline, or a negative errno. */
static int wait_ready(struct tty_port *p, short events, int64_t deadline_us)
{
    struct pollfd fds[2] = {
        {.fd = p->fd, .events = events},
        {.fd = p->env.cancel != NULL ? waker_fd(p->env.cancel) : -1, .events = POLLIN},
    };

    for (;;) {
        int64_t left = deadline_us == CLOCK_NEVER ? 0 : deadline_us - clock_now_us(p->env.clock);
        if (left < 0)
            left = 0;
        struct timespec ts = {.tv_sec = left / 1000000, .tv_nsec = left % 1000000 * 1000};
        int n = ppoll(fds, 2, deadline_us == CLOCK_NEVER ? NULL : &ts, NULL);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return -errno;
        if (fds[1].revents != 0)
            return -ECANCELED;
        if (fds[0].revents & events)
            return 1;
        if (fds[0].revents & (POLLHUP | POLLERR | POLLNVAL))
            return -ENODEV;
        if (n == 0)
            return 0;
    }
}

static ssize_t tty_read(void *port, void *buf, size_t len, int64_t deadline_us)
{
    struct tty_port *p = port;

    for (;;) {
        int rc = wait_ready(p, POLLIN, deadline_us);
        if (rc <= 0)
            return rc;
        ssize_t n = read(p->fd, buf, len);
        if (n > 0)
            return n;
        if (n == 0)
            return -ENODEV; /* end of file on a tty: hung up */
        if (errno != EAGAIN && errno != EINTR)
            return port_error(errno);
    }
}

static int tty_write(void *port, const void *buf, size_t len, int64_t deadline_us)
{
    struct tty_port *p = port;
    const uint8_t *at = buf;

    while (len > 0) {
        int rc = wait_ready(p, POLLOUT, deadline_us);
        if (rc < 0)
            return rc;
        if (rc == 0)
            return -ETIMEDOUT;
        ssize_t n = write(p->fd, at, len);
        if (n < 0 && errno != EAGAIN && errno != EINTR)
            return port_error(errno);
        if (n > 0) {
            at += n;
            len -= (size_t)n;
        }
    }
    return 0;
}

static int tty_set_lines(void *port, bool dtr, bool rts)
{
    struct tty_port *p = port;
    int bits;

    /* A pty has no modem lines and answers ENOTTY or EINVAL. */
    if (ioctl(p->fd, TIOCMGET, &bits) < 0)
        return errno == ENOTTY || errno == EINVAL ? -ENOTSUP : port_error(errno);
    bits &= ~(TIOCM_DTR | TIOCM_RTS);
    bits |= (dtr ? TIOCM_DTR : 0) | (rts ? TIOCM_RTS : 0);
    if (ioctl(p->fd, TIOCMSET, &bits) < 0)
        return errno == ENOTTY || errno == EINVAL ? -ENOTSUP : port_error(errno);
    return 0;
}

static int tty_flush_input(void *port)
{
    struct tty_port *p = port;

    return ioctl(p->fd, TCFLSH, TCIFLUSH) < 0 ? port_error(errno) : 0;
}

/* The inputs as they are, or a negative errno. */
static int modem_inputs(const struct tty_port *p)
{
    int bits;

    if (ioctl(p->fd, TIOCMGET, &bits) < 0)
        return errno == ENOTTY || errno == EINVAL ? -ENOTSUP : port_error(errno);
    return (bits & TIOCM_CTS ? MODEM_CTS : 0) | (bits & TIOCM_DSR ? MODEM_DSR : 0) |
           (bits & TIOCM_RNG ? MODEM_RI : 0) | (bits & TIOCM_CAR ? MODEM_DCD : 0);
}

static int tty_wait_modem(void *port, uint8_t mask, uint8_t was, int64_t deadline_us)
{
    struct tty_port *p = port;

    for (;;) {
        int now = modem_inputs(p);
        if (now < 0 || (now & mask) != was || clock_now_us(p->env.clock) >= deadline_us)
            return now < 0 ? now : tty_flush_input(p) < 0 ? -ENODEV : now;
        int64_t look = clock_after(p->env.clock, MODEM_LOOK_US);
        int rc = wait_ready(p, 0, look < deadline_us ? look : deadline_us);
        if (rc < 0)
            return rc;
    }
}

static void tty_line_counts(void *port, struct line_counts *out)
{
    struct tty_port *p = port;
    struct line_counts now;

    kernel_counts(p->fd, &now);
    out->overrun = now.overrun - p->counted.overrun;
    out->parity = now.parity - p->counted.parity;
    out->framing = now.framing - p->counted.framing;
}

static int tty_wait_present(void *ctx, const char *name, int64_t deadline_us, const struct transport_env *env)
{
    (void)ctx;
    return tty_wait(name, deadline_us, env);
}

const struct transport_driver tty_driver = {
    .scheme = "tty",
    .open = tty_open,
    .close = tty_close,
    .read = tty_read,
    .write = tty_write,
    .set_baud = tty_set_baud,
    .check_baud = tty_check_baud,
    .set_lines = tty_set_lines,
    .flush_input = tty_flush_input,
    .wait_modem = tty_wait_modem,
    .line_counts = tty_line_counts,
    .wait_present = tty_wait_present,
};
