/* SPDX-License-Identifier: Apache-2.0 */
/* The data path: transfers under way, their callbacks, and the one place that waits. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "engine/port/ftdi/usb_port_private.h"

#define STOP_US INT64_C(1000000)

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
void usb_port_receive_more(struct usb_port *p)
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
    usb_port_receive_more(p);
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

int usb_port_start(struct usb_port *p)
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
    usb_port_receive_more(p);
    return p->error;
}

static bool is_receiving(const struct usb_port *p)
{
    bool pending = false;

    for (int i = 0; i < IN_TRANSFERS; i++)
        pending = pending || p->in[i].pending;
    return pending;
}

void usb_port_stop(struct usb_port *p)
{
    int64_t deadline = clock_now_us(p->env.clock) + STOP_US;

    p->running = false;
    for (int i = 0; i < IN_TRANSFERS; i++)
        if (p->in[i].pending)
            libusb_cancel_transfer(p->in[i].transfer);
    if (p->out_pending)
        libusb_cancel_transfer(p->out);
    while ((p->out_pending || is_receiving(p)) && usb_port_wait(p, deadline, true) == 0)
        ;
    libusb_set_pollfd_notifiers(p->ftdi->usb_ctx, NULL, NULL, NULL);
}

void usb_port_free_transfers(struct usb_port *p)
{
    for (int i = 0; i < IN_TRANSFERS; i++)
        libusb_free_transfer(p->in[i].transfer);
    libusb_free_transfer(p->out);
    free(p->out_bytes);
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

int usb_port_wait(struct usb_port *p, int64_t deadline_us, bool stubborn)
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

int usb_port_reason(struct usb_port *p)
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
