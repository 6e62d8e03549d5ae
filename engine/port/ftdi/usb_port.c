/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/port/ftdi/usb_port.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <ftdi.h>
#include <libusb.h>

#include "engine/port/ftdi/usb_adapter.h"
#include "engine/port/ftdi/usb_baud.h"
#include "engine/port/ftdi/usb_packet.h"
#include "engine/port/ftdi/usb_sysfs.h"

#define IN_TRANSFERS    2
#define RX_SIZE         (64u * 1024u)
#define POLL_MAX        16
#define CONTROL_MS      1000 /* a request that a living chip has not answered by then never will be */
#define SILENCE_US      INT64_C(2000000)
#define TROUBLE_US      INT64_C(500000) /* errors this long without the device leaving are a real fault */
#define STOP_US         INT64_C(1000000)
#define LATENCY_DEFAULT 16 /* what the chip and the kernel's driver start with */

struct in_transfer {
    struct usb_port *port;
    struct libusb_transfer *transfer;
    bool pending;
    uint8_t buf[USB_IN_SIZE];
};

struct usb_port {
    struct usb_place place;
    struct transport_env env;
    struct ftdi_context *ftdi;
    char serial[64];
    struct usb_adapter adapter; /* its device is there while it is opened */

    struct in_transfer in[IN_TRANSFERS];
    bool running;        /* IN transfers are to be kept under way */
    uint8_t rx[RX_SIZE]; /* ring */
    size_t rx_head, rx_count;
    int error;             /* negative errno once the port is lost; it stays */
    int64_t trouble_since; /* first of the transfer errors in a row; 0: none */
    bool heard;            /* since the wait began */
    int64_t waited_us;     /* spent waiting since the chip was last heard */
    int set_latency_ms;    /* to be set outside callbacks; 0: nothing */

    struct libusb_transfer *out;
    uint8_t *out_bytes; /* what `out` sends; owned */
    bool out_pending;
    enum libusb_transfer_status out_status;
    int out_actual;

    struct usb_latency latency;
    struct usb_packet_status status;
    struct line_counts counts;
    struct pollfd fds[POLL_MAX]; /* [0] is the canceller's */
    int fd_count;
    bool fds_changed;
};

static bool device_is_there(const struct usb_port *p)
{
    return usb_adapter_is_there(libusb_get_device(p->ftdi->usb_dev), &p->place);
}

/*
 * While a plug is pulled, transfers fail with protocol errors before the kernel says that the device is gone. So an
 * error only counts once it has lasted, or once the device has left its place.
 */
static void note_trouble(struct usb_port *p)
{
    int64_t now = clock_now_us(p->env.clock);

    if (p->trouble_since == 0)
        p->trouble_since = now;
    if (!device_is_there(p))
        p->error = -ENODEV;
    else if (now - p->trouble_since >= TROUBLE_US)
        p->error = -EIO;
}

static void note_status(struct usb_port *p, enum libusb_transfer_status status)
{
    switch (status) {
    case LIBUSB_TRANSFER_COMPLETED:
        p->trouble_since = 0;
        p->waited_us = 0;
        p->heard = true;
        break;
    case LIBUSB_TRANSFER_NO_DEVICE:
        p->error = -ENODEV;
        break;
    case LIBUSB_TRANSFER_STALL:
        p->error = -EPIPE;
        break;
    case LIBUSB_TRANSFER_CANCELLED:
        break;
    default:
        note_trouble(p);
        break;
    }
}

static void take_data(struct usb_port *p, uint8_t *buf, size_t len)
{
    size_t n = usb_packet_strip(buf, len, p->adapter.packet_size, &p->counts, &p->status);
    int latency =
        usb_latency_note(&p->latency, clock_now_us(p->env.clock), buf, n, len % p->adapter.packet_size == 0);

    if (latency != 0)
        p->set_latency_ms = latency;
    for (size_t i = 0; i < n; i++)
        p->rx[(p->rx_head + p->rx_count + i) % RX_SIZE] = buf[i];
    p->rx_count += n;
}

/* Room is kept for all transfers under way, so their data always fits. */
static void receive_more(struct usb_port *p)
{
    for (int i = 0; i < IN_TRANSFERS && p->running && p->error == 0; i++) {
        if (p->in[i].pending || p->rx_count + (size_t)IN_TRANSFERS * USB_IN_SIZE > RX_SIZE)
            continue;
        int r = libusb_submit_transfer(p->in[i].transfer);
        if (r != LIBUSB_SUCCESS)
            p->error = usb_errno(r);
        else
            p->in[i].pending = true;
    }
}

static void LIBUSB_CALL in_done(struct libusb_transfer *t)
{
    struct in_transfer *in = t->user_data;
    struct usb_port *p = in->port;

    in->pending = false;
    note_status(p, t->status);
    /* What such a transfer had in hand is gone, and what comes next follows on it as if nothing had been between. */
    if (t->status != LIBUSB_TRANSFER_COMPLETED && p->running)
        p->counts.overrun++;
    if (t->actual_length > 0)
        take_data(p, in->buf, (size_t)t->actual_length);
    receive_more(p);
}

static void LIBUSB_CALL out_done(struct libusb_transfer *t)
{
    struct usb_port *p = t->user_data;

    p->out_pending = false;
    p->out_status = t->status;
    p->out_actual = t->actual_length;
    note_status(p, t->status);
}

static void LIBUSB_CALL fd_added(int fd, short events, void *user_data)
{
    (void)fd;
    (void)events;
    ((struct usb_port *)user_data)->fds_changed = true;
}

static void LIBUSB_CALL fd_removed(int fd, void *user_data)
{
    (void)fd;
    ((struct usb_port *)user_data)->fds_changed = true;
}

static int collect_fds(struct usb_port *p)
{
    const struct libusb_pollfd **list = libusb_get_pollfds(p->ftdi->usb_ctx);

    if (list == NULL)
        return -ENOMEM;
    p->fds[0] = (struct pollfd){.fd = p->env.cancel != NULL ? waker_fd(p->env.cancel) : -1, .events = POLLIN};
    p->fd_count = 1;
    for (int i = 0; list[i] != NULL && p->fd_count < POLL_MAX; i++)
        p->fds[p->fd_count++] = (struct pollfd){.fd = list[i]->fd, .events = list[i]->events};
    libusb_free_pollfds(list);
    p->fds_changed = false;
    return 0;
}

static int start_transfers(struct usb_port *p)
{
    libusb_set_pollfd_notifiers(p->ftdi->usb_ctx, fd_added, fd_removed, p);
    p->fds_changed = true;
    p->out = libusb_alloc_transfer(0);
    if (p->out == NULL)
        return -ENOMEM;
    for (int i = 0; i < IN_TRANSFERS; i++) {
        p->in[i].port = p;
        p->in[i].transfer = libusb_alloc_transfer(0);
        if (p->in[i].transfer == NULL)
            return -ENOMEM;
        libusb_fill_bulk_transfer(p->in[i].transfer, p->ftdi->usb_dev, p->adapter.endpoint_in, p->in[i].buf,
                                  USB_IN_SIZE, in_done, &p->in[i], 0);
    }
    libusb_fill_bulk_transfer(p->out, p->ftdi->usb_dev, p->adapter.endpoint_out, NULL, 0, out_done, p, 0);
    p->running = true;
    receive_more(p);
    return p->error;
}

static bool is_receiving(const struct usb_port *p)
{
    bool pending = false;

    for (int i = 0; i < IN_TRANSFERS; i++)
        pending = pending || p->in[i].pending;
    return pending;
}

/* -ETIMEDOUT once the deadline has passed, even if something is ready: the events are handled all the same. */
static int poll_until(struct usb_port *p, int64_t deadline_us, bool stubborn)
{
    struct timeval tv;
    int64_t before = clock_now_us(p->env.clock), left = deadline_us - before;

    if (libusb_get_next_timeout(p->ftdi->usb_ctx, &tv) == 1) { /* only where libusb has no timer descriptor */
        int64_t libusb_left = (int64_t)tv.tv_sec * 1000000 + tv.tv_usec;
        left = libusb_left < left ? libusb_left : left;
    }
    left = left > 0 ? left : 0;
    struct timespec ts = {left / 1000000, left % 1000000 * 1000};
    p->fds[0].events = stubborn ? 0 : POLLIN;
    int n = ppoll(p->fds, (nfds_t)p->fd_count, deadline_us == CLOCK_NEVER ? NULL : &ts, NULL);
    if (n < 0 && errno != EINTR)
        return -errno;
    return clock_now_us(p->env.clock) >= deadline_us ? -ETIMEDOUT : 0;
}

/* Handles events until one came or the deadline passed. 0, -ETIMEDOUT, or -ECANCELED unless `stubborn`. */
static int await_event(struct usb_port *p, int64_t deadline_us, bool stubborn)
{
    struct timeval zero = {0, 0};
    int r;

    if (p->fds_changed && (r = collect_fds(p)) < 0)
        return r;
    if (!stubborn && p->env.cancel != NULL && waker_raised(p->env.cancel))
        return -ECANCELED;
    bool listening = is_receiving(p); /* without a transfer to answer, silence means nothing */
    int64_t before = clock_now_us(p->env.clock);
    p->heard = false;
    r = poll_until(p, deadline_us, stubborn);
    if (r < 0 && r != -ETIMEDOUT)
        return r;
    int handled = libusb_handle_events_timeout_completed(p->ftdi->usb_ctx, &zero, NULL);
    if (listening && !p->heard)
        p->waited_us += clock_now_us(p->env.clock) - before;
    if (handled < 0 && handled != LIBUSB_ERROR_INTERRUPTED)
        return usb_errno(handled);
    if (!stubborn && p->env.cancel != NULL && waker_raised(p->env.cancel))
        return -ECANCELED;
    return r;
}

/* Ends all transfers, or gives up after a second. */
static void stop_transfers(struct usb_port *p)
{
    int64_t deadline = clock_now_us(p->env.clock) + STOP_US;

    p->running = false;
    for (int i = 0; i < IN_TRANSFERS; i++)
        if (p->in[i].pending)
            libusb_cancel_transfer(p->in[i].transfer);
    if (p->out_pending)
        libusb_cancel_transfer(p->out);
    while ((p->out_pending || is_receiving(p)) && await_event(p, deadline, true) == 0)
        ;
    libusb_set_pollfd_notifiers(p->ftdi->usb_ctx, NULL, NULL, NULL);
}

/* After the device was closed: then no URB lives. */
static void free_transfers(struct usb_port *p)
{
    for (int i = 0; i < IN_TRANSFERS; i++)
        libusb_free_transfer(p->in[i].transfer);
    libusb_free_transfer(p->out);
    free(p->out_bytes);
}

/* A request failed: the reason as a negative errno, found out by looking at the device. */
static int find_reason(struct usb_port *p)
{
    uint8_t latency;
    const uint8_t get_latency = 0x0a;

    if (p->error != 0)
        return p->error;
    if (!device_is_there(p))
        return -ENODEV;
    int r = libusb_control_transfer(p->ftdi->usb_dev, FTDI_DEVICE_IN_REQTYPE, get_latency, 0,
                                    (uint16_t)p->ftdi->index, &latency, 1, CONTROL_MS);
    return r < 0 ? usb_errno(r) : -EIO;
}

static size_t take_received(struct usb_port *p, uint8_t *buf, size_t len)
{
    size_t n = p->rx_count < len ? p->rx_count : len;

    for (size_t i = 0; i < n; i++)
        buf[i] = p->rx[(p->rx_head + i) % RX_SIZE];
    p->rx_head = (p->rx_head + n) % RX_SIZE;
    p->rx_count -= n;
    return n;
}

static bool is_silent(const struct usb_port *p)
{
    return p->error == 0 && p->waited_us >= SILENCE_US;
}

/* Starts receiving again after a full ring, and does what callbacks may not. */
static int housekeeping(struct usb_port *p)
{
    if (p->set_latency_ms != 0) {
        int ms = p->set_latency_ms;
        p->set_latency_ms = 0;
        if (ftdi_set_latency_timer(p->ftdi, (unsigned char)ms) < 0)
            return find_reason(p);
    }
    receive_more(p);
    return is_silent(p) ? -EHOSTDOWN : 0;
}

ssize_t usb_port_read(struct usb_port *p, void *buf, size_t len, int64_t deadline_us)
{
    int r;

    for (;;) {
        size_t n = take_received(p, buf, len);
        if (n > 0)
            return (ssize_t)n;
        if (p->error != 0)
            return p->error;
        r = housekeeping(p);
        if (r == 0)
            r = await_event(p, deadline_us, false);
        if (r < 0 && p->rx_count == 0)
            return r != -ETIMEDOUT ? r : is_silent(p) ? -EHOSTDOWN : p->error;
    }
}

static void take_back_out(struct usb_port *p)
{
    int64_t deadline = clock_now_us(p->env.clock) + CONTROL_MS * INT64_C(1000);

    if (p->out_pending)
        libusb_cancel_transfer(p->out);
    while (p->out_pending && await_event(p, deadline, true) == 0)
        ;
}

/* A failed write while the receiving side is still silent about it: give the kernel a moment to say what happened. */
static int write_reason(struct usb_port *p)
{
    int64_t deadline = clock_now_us(p->env.clock) + TROUBLE_US;

    while (p->error == 0 && await_event(p, deadline, true) == 0)
        ;
    return p->error != 0 ? p->error : find_reason(p);
}

int usb_port_write(struct usb_port *p, const void *buf, size_t len, int64_t deadline_us)
{
    int r = p->error != 0 ? p->error : housekeeping(p);

    if (r < 0 || len == 0)
        return r;
    if (p->out_pending)
        return -EIO;                            /* an earlier one was never given back */
    uint8_t *copy = realloc(p->out_bytes, len); /* ours: it must outlive a transfer that hangs */
    if (copy == NULL)
        return -ENOMEM;
    p->out_bytes = p->out->buffer = memcpy(copy, buf, len);
    p->out->length = (int)len;
    r = usb_errno(libusb_submit_transfer(p->out));
    p->out_pending = r == 0;
    while (r == 0 && p->out_pending) {
        r = await_event(p, deadline_us, false);
        if (p->out_pending && is_silent(p))
            r = -EHOSTDOWN;
    }
    if (p->out_pending) {
        take_back_out(p);
    } else if (r == 0 || r == -ETIMEDOUT || r == -ECANCELED) {
        bool whole = p->out_status == LIBUSB_TRANSFER_COMPLETED && (size_t)p->out_actual == len;
        if (whole)
            r = r == -ETIMEDOUT ? 0 : r;
        else
            r = write_reason(p);
    }
    return p->error != 0 && r != -ECANCELED ? p->error : r;
}

int usb_port_set_baud(struct usb_port *p, uint32_t baud, uint32_t *actual)
{
    struct usb_baud b = usb_baud_find(p->adapter.high_speed, baud);

    if (!b.good)
        return -ERANGE;
    /* libftdi rounds its own way near the top of the range; a rate that is made exactly leaves it no choice. */
    if (ftdi_set_baudrate(p->ftdi, (int)b.nearest) < 0)
        return find_reason(p);
    if (actual != NULL)
        *actual = b.nearest;
    return 0;
}

int usb_port_check_baud(const struct usb_port *p, uint32_t baud, char detail[TRANSPORT_DETAIL_SIZE])
{
    struct usb_baud b = usb_baud_find(p->adapter.high_speed, baud);

    if (b.good)
        return 0;
    if (b.below != 0 && b.above != 0)
        snprintf(detail, TRANSPORT_DETAIL_SIZE, "this adapter makes %u and %u baud, not %u", b.below, b.above,
                 baud);
    else
        snprintf(detail, TRANSPORT_DETAIL_SIZE, "this adapter makes %u baud at %s, not %u", b.nearest,
                 b.above == 0 ? "most" : "least", baud);
    return -ERANGE;
}

int usb_port_set_lines(struct usb_port *p, bool dtr, bool rts)
{
    return ftdi_setdtr_rts(p->ftdi, dtr, rts) < 0 ? find_reason(p) : 0;
}

int usb_port_flush_input(struct usb_port *p)
{
    if (p->error != 0)
        return p->error;
    if (ftdi_tciflush(p->ftdi) < 0)
        return find_reason(p);
    /* What the chip sent before it heard of the flush has come by the time the request is answered. */
    int r = await_event(p, 0, true);
    p->rx_head = p->rx_count = 0;
    receive_more(p);
    return r == -ETIMEDOUT ? p->error : r;
}

void usb_port_line_counts(const struct usb_port *p, struct line_counts *out)
{
    *out = p->counts;
}

const char *usb_port_serial(const struct usb_port *p)
{
    return p->serial;
}

enum usb_latency_mode usb_port_latency_mode(const struct usb_port *p)
{
    return p->latency.mode;
}

int usb_port_wait_modem(struct usb_port *p, uint8_t mask, uint8_t was, int64_t deadline_us)
{
    int r = await_event(p, 0, false); /* what came while nobody waited */

    while (r == 0 || r == -ETIMEDOUT) {
        p->rx_head = p->rx_count = 0;
        r = p->error != 0 ? p->error : housekeeping(p);
        if (r < 0)
            break;
        bool over = clock_now_us(p->env.clock) >= deadline_us;
        if (p->status.known && (over || (p->status.modem & mask) != was))
            return p->status.modem;
        /* A living chip ends each wait by its next packet; one that has died is noticed however long the deadline is. */
        int64_t silent = clock_after(p->env.clock, SILENCE_US);
        r = await_event(p, p->status.known && deadline_us < silent ? deadline_us : silent, false);
    }
    return r;
}

/* What an attempt to open knows; `detail` is the caller's. */
struct opening {
    struct usb_port *port;
    char *detail;
    char name[USB_PLACE_TEXT_SIZE];
};

static int find_adapter(struct opening *o)
{
    struct usb_port *p = o->port;

    return usb_adapter_find(&p->adapter, p->ftdi->usb_ctx, &p->place, &p->env, o->detail);
}

/* libftdi takes the kernel's driver off before anything else, and forgets that when a later step fails. */
static void give_driver_back(const struct opening *o)
{
    struct libusb_device_handle *handle;

    if (libusb_open(o->port->adapter.device, &handle) < 0)
        return;
    libusb_attach_kernel_driver(handle, o->port->place.interface); /* refused where it is bound still */
    libusb_close(handle);
}

static int open_by_libftdi(struct opening *o)
{
    struct usb_port *p = o->port;
    struct usb_binding before;

    usb_binding_read(&p->place, &before);
    int code = ftdi_usb_open_dev(p->ftdi, o->port->adapter.device);
    if (code == 0)
        return 0;
    bool had_driver = before.driver[0] != '\0' && strcmp(before.driver, "usbfs") != 0;
    if (had_driver && p->ftdi->usb_dev == NULL)
        give_driver_back(o);
    switch (code) {
    case -4: /* not opened at all: between the look and the leap it went, or our rights did */
        return usb_explain(o->detail, -ENODEV, "the adapter at %s cannot be opened: %s", o->name,
                           ftdi_get_error_string(p->ftdi));
    case -3:
    case -5: {
        struct usb_binding b;
        usb_binding_read(&p->place, &b);
        if (b.driver[0] != '\0' && strcmp(b.driver, "usbfs") != 0)
            return usb_explain(o->detail, -EBUSY, "the kernel's driver %s does not let go of USB port %s",
                               b.driver, o->name);
        return usb_explain_held(o->detail, "", o->name, b.holder);
    }
    default:
        return usb_explain(o->detail, p->ftdi->usb_dev != NULL ? find_reason(p) : -EHOSTDOWN,
                           "the adapter at %s does not answer: %s", o->name, ftdi_get_error_string(p->ftdi));
    }
}

/* 8N1 without flow control; the event character and the long timer (usb_latency.h). Lines are left as they are. */
static int configure(struct opening *o)
{
    struct ftdi_context *f = o->port->ftdi;

    usb_latency_init(&o->port->latency);
    if (ftdi_set_line_property(f, BITS_8, STOP_BIT_1, NONE) < 0 ||
        ftdi_setflowctrl(f, SIO_DISABLE_FLOW_CTRL) < 0 ||
        ftdi_set_latency_timer(f, USB_LATENCY_LONG_MS) < 0 || ftdi_set_event_char(f, USB_EVENT_CHAR, 1) < 0 ||
        ftdi_tcioflush(f) < 0)
        return usb_explain(o->detail, find_reason(o->port), "the adapter at %s cannot be set up: %s", o->name,
                           ftdi_get_error_string(f));
    return 0;
}

static int open_steps(struct opening *o)
{
    static int (*const steps[])(struct opening *) = {find_adapter, open_by_libftdi, configure};
    int r = 0;

    for (size_t i = 0; i < sizeof steps / sizeof *steps && r == 0; i++)
        r = steps[i](o);
    if (r == 0) {
        r = start_transfers(o->port);
        if (r < 0)
            usb_explain(o->detail, r, "the adapter at %s does not begin to receive", o->name);
    }
    return r;
}

int usb_port_open(struct usb_port **out, const struct usb_place *place, const struct transport_env *env,
                  char detail[TRANSPORT_DETAIL_SIZE])
{
    struct usb_port *p = calloc(1, sizeof *p);
    struct opening o = {.port = p, .detail = detail};
    int r;

    usb_place_text(place, o.name);
    if (p != NULL)
        p->ftdi = ftdi_new();
    if (p == NULL || p->ftdi == NULL) {
        free(p);
        return usb_explain(detail, -ENOMEM, "USB cannot be set up for port %s", o.name);
    }
    p->place = *place;
    p->env = *env;
    p->ftdi->usb_read_timeout = p->ftdi->usb_write_timeout = CONTROL_MS;
    p->ftdi->module_detach_mode = AUTO_DETACH_REATACH_SIO_MODULE;
    ftdi_set_interface(p->ftdi, (enum ftdi_interface)(INTERFACE_A + place->interface));
    r = open_steps(&o);
    usb_adapter_release(&p->adapter);
    if (r < 0) {
        usb_port_close(p);
        return r;
    }
    usb_device_text(place, "serial", p->serial, sizeof p->serial);
    *out = p;
    return 0;
}

void usb_port_close(struct usb_port *p)
{
    if (p == NULL)
        return;
    stop_transfers(p);
    if (p->ftdi->usb_dev != NULL) {
        if (p->error == 0 &&
            p->waited_us < SILENCE_US) { /* for the kernel's driver, which expects a fresh chip */
            ftdi_set_event_char(p->ftdi, 0, 0);
            ftdi_set_latency_timer(p->ftdi, LATENCY_DEFAULT);
        }
        ftdi_usb_close(p->ftdi); /* gives the interface back; ftdi_free() alone would not */
    }
    free_transfers(p);
    ftdi_free(p->ftdi);
    free(p);
}
