/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/port/ftdi/transport_ftdi.h"

#include <errno.h>
#include <stdio.h>

#include "engine/port/ftdi/usb_place.h"
#include "engine/port/ftdi/usb_port.h"
#include "engine/port/ftdi/usb_watcher.h"

static int ftdi_driver_open(void **port, void *ctx, const char *name, const struct transport_env *env,
                            char detail[TRANSPORT_DETAIL_SIZE])
{
    struct usb_place place;
    struct usb_port *p;

    (void)ctx;
    if (usb_place_parse(name, &place) < 0) {
        snprintf(detail, TRANSPORT_DETAIL_SIZE, "'%.40s' is not a USB place such as 1-4.2:B", name);
        return -EINVAL;
    }
    int r = usb_port_open(&p, &place, env, detail);
    if (r == 0)
        *port = p;
    return r;
}

static void ftdi_driver_close(void *port)
{
    usb_port_close(port);
}

static ssize_t ftdi_driver_read(void *port, void *buf, size_t len, int64_t deadline_us)
{
    return usb_port_read(port, buf, len, deadline_us);
}

static int ftdi_driver_write(void *port, const void *buf, size_t len, int64_t deadline_us)
{
    return usb_port_write(port, buf, len, deadline_us);
}

static int ftdi_driver_set_baud(void *port, uint32_t baud, uint32_t *actual)
{
    return usb_port_set_baud(port, baud, actual);
}

static int ftdi_driver_check_baud(void *port, uint32_t baud, char detail[TRANSPORT_DETAIL_SIZE])
{
    return usb_port_check_baud(port, baud, detail);
}

static int ftdi_driver_set_lines(void *port, bool dtr, bool rts)
{
    return usb_port_set_lines(port, dtr, rts);
}

static int ftdi_driver_flush_input(void *port)
{
    return usb_port_flush_input(port);
}

static int ftdi_driver_wait_modem(void *port, uint8_t mask, uint8_t was, int64_t deadline_us)
{
    return usb_port_wait_modem(port, mask, was, deadline_us);
}

static void ftdi_driver_line_counts(void *port, struct line_counts *out)
{
    usb_port_line_counts(port, out);
}

static const char *ftdi_driver_serial(void *port)
{
    return usb_port_serial(port);
}

static int ftdi_driver_wait_present(void *ctx, const char *name, int64_t deadline_us,
                                    const struct transport_env *env)
{
    struct usb_place place;
    struct usb_watcher *w;

    (void)ctx;
    if (usb_place_parse(name, &place) < 0)
        return -EINVAL;
    int r = usb_watcher_new(&w, env);
    if (r < 0)
        return r;
    r = usb_watcher_wait(w, &place, true, deadline_us);
    usb_watcher_free(w);
    return r;
}

const struct transport_driver ftdi_driver = {
    .scheme = "ftdi",
    .open = ftdi_driver_open,
    .close = ftdi_driver_close,
    .read = ftdi_driver_read,
    .write = ftdi_driver_write,
    .set_baud = ftdi_driver_set_baud,
    .check_baud = ftdi_driver_check_baud,
    .set_lines = ftdi_driver_set_lines,
    .flush_input = ftdi_driver_flush_input,
    .wait_modem = ftdi_driver_wait_modem,
    .line_counts = ftdi_driver_line_counts,
    .serial = ftdi_driver_serial,
    .wait_present = ftdi_driver_wait_present,
};
