/* SPDX-License-Identifier: Apache-2.0 */
/* Opening by place, and saying exactly why it did not work. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/port/ftdi/usb_port_private.h"
#include "engine/port/ftdi/usb_sysfs.h"

#define LATENCY_DEFAULT 16 /* what the chip and the kernel's driver start with */

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
        return usb_explain(o->detail, -EBUSY, "USB port %s is held by %s", o->name,
                           b.holder[0] != '\0' ? b.holder : "a program that cannot be seen from here");
    }
    default:
        return usb_explain(o->detail, p->ftdi->usb_dev != NULL ? usb_port_reason(p) : -EHOSTDOWN,
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
        return usb_explain(o->detail, usb_port_reason(o->port), "the adapter at %s cannot be set up: %s",
                           o->name, ftdi_get_error_string(f));
    return 0;
}

static int open_steps(struct opening *o)
{
    static int (*const steps[])(struct opening *) = {find_adapter, open_by_libftdi, configure};
    int r = 0;

    for (size_t i = 0; i < sizeof steps / sizeof *steps && r == 0; i++)
        r = steps[i](o);
    if (r == 0) {
        r = usb_port_start(o->port);
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
    usb_port_stop(p);
    if (p->ftdi->usb_dev != NULL) {
        if (p->error == 0 &&
            p->waited_us < SILENCE_US) { /* for the kernel's driver, which expects a fresh chip */
            ftdi_set_event_char(p->ftdi, 0, 0);
            ftdi_set_latency_timer(p->ftdi, LATENCY_DEFAULT);
        }
        ftdi_usb_close(p->ftdi); /* gives the interface back; ftdi_free() alone would not */
    }
    usb_port_free_transfers(p);
    ftdi_free(p->ftdi);
    free(p);
}
