/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/port/ftdi/usb_port.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/port/ftdi/usb_baud.h"
#include "engine/port/ftdi/usb_port_private.h"

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
            return usb_port_reason(p);
    }
    usb_port_receive_more(p);
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
            r = usb_port_wait(p, deadline_us, false);
        if (r < 0 && p->rx_count == 0)
            return r != -ETIMEDOUT ? r : is_silent(p) ? -EHOSTDOWN : p->error;
    }
}

static void take_back_out(struct usb_port *p)
{
    int64_t deadline = clock_now_us(p->env.clock) + CONTROL_MS * INT64_C(1000);

    if (p->out_pending)
        libusb_cancel_transfer(p->out);
    while (p->out_pending && usb_port_wait(p, deadline, true) == 0)
        ;
}

/* A failed write while the receiving side is still silent about it: give the kernel a moment to say what happened. */
static int write_reason(struct usb_port *p)
{
    int64_t deadline = clock_now_us(p->env.clock) + TROUBLE_US;

    while (p->error == 0 && usb_port_wait(p, deadline, true) == 0)
        ;
    return p->error != 0 ? p->error : usb_port_reason(p);
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
        r = usb_port_wait(p, deadline_us, false);
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
        return usb_port_reason(p);
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
    return ftdi_setdtr_rts(p->ftdi, dtr, rts) < 0 ? usb_port_reason(p) : 0;
}

int usb_port_flush_input(struct usb_port *p)
{
    if (p->error != 0)
        return p->error;
    if (ftdi_tciflush(p->ftdi) < 0)
        return usb_port_reason(p);
    /* What the chip sent before it heard of the flush has come by the time the request is answered. */
    int r = usb_port_wait(p, 0, true);
    p->rx_head = p->rx_count = 0;
    usb_port_receive_more(p);
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
    int r = usb_port_wait(p, 0, false); /* what came while nobody waited */

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
        r = usb_port_wait(p, p->status.known && deadline_us < silent ? deadline_us : silent, false);
    }
    return r;
}
