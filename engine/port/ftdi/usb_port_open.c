/* SPDX-License-Identifier: Apache-2.0 */
/* Opening by place, and saying exactly why it did not work. */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <poll.h>
#include <unistd.h>

#include "engine/port/ftdi/usb_chip.h"
#include "engine/port/ftdi/usb_port_private.h"
#include "engine/port/ftdi/usb_sysfs.h"

#define PERMISSION_US   INT64_C(2000000) /* udev sets permissions a moment after the device appears */
#define LATENCY_DEFAULT 16               /* what the chip and the kernel's driver start with */

/* What an attempt to open knows; `detail` is the caller's. */
struct opening {
    struct usb_port *port;
    struct libusb_device *device; /* referenced */
    char *detail;
    char name[USB_PLACE_TEXT_SIZE];
};

static int explain(const struct opening *o, int error, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

static int explain(const struct opening *o, int error, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    vsnprintf(o->detail, TRANSPORT_DETAIL_SIZE, format, args);
    va_end(args);
    return error;
}

static bool device_is_at(struct libusb_device *dev, const struct usb_place *place)
{
    struct usb_place p = {.bus = libusb_get_bus_number(dev)};
    int n = libusb_get_port_numbers(dev, p.ports, USB_DEPTH_MAX);

    p.depth = (uint8_t)(n > 0 ? n : 0);
    return n > 0 && usb_place_same_device(&p, place);
}

/* Bus numbers and addresses are looked up in this context's own list, right before opening: they change. */
static int find_device(struct opening *o)
{
    struct libusb_device **list;
    ssize_t n = libusb_get_device_list(o->port->ftdi->usb_ctx, &list);

    if (n < 0)
        return explain(o, usb_port_errno((int)n), "USB devices cannot be listed: %s",
                       libusb_strerror((int)n));
    for (ssize_t i = 0; i < n && o->device == NULL; i++)
        if (device_is_at(list[i], &o->port->place))
            o->device = libusb_ref_device(list[i]);
    libusb_free_device_list(list, 1);
    return o->device != NULL ? 0 : explain(o, -ENODEV, "nothing is plugged in at USB port %s", o->name);
}

static int read_endpoints(struct opening *o, const struct libusb_config_descriptor *config)
{
    struct usb_port *p = o->port;

    if (p->place.interface >= config->bNumInterfaces)
        return explain(o, -ENXIO, "the adapter at %s has %u interface%s: there is no %c", o->name,
                       config->bNumInterfaces, config->bNumInterfaces == 1 ? "" : "s",
                       'A' + p->place.interface);
    const struct libusb_interface_descriptor *d = config->interface[p->place.interface].altsetting;
    for (int i = 0; i < d->bNumEndpoints; i++) {
        const struct libusb_endpoint_descriptor *e = &d->endpoint[i];
        if ((e->bmAttributes & LIBUSB_TRANSFER_TYPE_MASK) != LIBUSB_TRANSFER_TYPE_BULK)
            continue;
        if (e->bEndpointAddress & LIBUSB_ENDPOINT_IN) {
            p->endpoint_in = e->bEndpointAddress;
            p->packet_size = e->wMaxPacketSize;
        } else {
            p->endpoint_out = e->bEndpointAddress;
        }
    }
    if (p->endpoint_in == 0 || p->endpoint_out == 0 || p->packet_size < 8 || IN_SIZE % p->packet_size != 0)
        return explain(o, -EINVAL, "the adapter at %s has no usable endpoints", o->name);
    return 0;
}

static int check_device(struct opening *o)
{
    struct libusb_device_descriptor d;
    struct libusb_config_descriptor *config;
    int r = libusb_get_device_descriptor(o->device, &d);

    if (r < 0)
        return explain(o, usb_port_errno(r), "the adapter at %s does not describe itself", o->name);
    if (!usb_chip_is_known(d.idVendor, d.bcdDevice))
        return explain(o, -EINVAL,
                       "what is plugged in at %s (%04x:%04x) is not an FTDI chip this station knows", o->name,
                       d.idVendor, d.idProduct);
    o->port->high_speed = usb_chip_is_high_speed(d.bcdDevice);
    r = libusb_get_active_config_descriptor(o->device, &config);
    if (r < 0)
        return explain(o, usb_port_errno(r), "the adapter at %s has no configuration", o->name);
    r = read_endpoints(o, config);
    libusb_free_config_descriptor(config);
    return r;
}

/* Detaching the kernel's driver would pull the port from under a terminal programme: look first. */
static int check_holder(struct opening *o)
{
    struct usb_binding b;

    usb_binding_read(&o->port->place, &b);
    if (b.tty[0] != '\0' && b.holder[0] != '\0')
        return explain(o, -EBUSY, "%s (USB port %s) is held by %s", b.tty, o->name, b.holder);
    if (strcmp(b.driver, "usbfs") == 0)
        return explain(o, -EBUSY, "USB port %s is held by %s", o->name,
                       b.holder[0] != '\0'
                           ? b.holder
                           : "this station already, or a program that cannot be seen from here");
    return 0;
}

/* Waits for udev to give us the device file: by event, two seconds at most. 0, -EACCES or -ECANCELED. */
static int await_permission(const struct opening *o, const char *node)
{
    const struct transport_env *env = &o->port->env;
    int64_t deadline = clock_after(env->clock, PERMISSION_US), left;
    int r = -EACCES, fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
    struct pollfd fds[2] = {{.fd = fd, .events = POLLIN},
                            {.fd = env->cancel != NULL ? waker_fd(env->cancel) : -1, .events = POLLIN}};
    char events[512];

    if (fd < 0 || inotify_add_watch(fd, node, IN_ATTRIB) < 0)
        goto out;
    while (access(node, R_OK | W_OK) < 0 && errno == EACCES) {
        left = deadline - clock_now_us(env->clock);
        if (left <= 0)
            goto out;
        int n = poll(fds, 2, (int)(left / 1000) + 1);
        if (env->cancel != NULL && waker_raised(env->cancel)) {
            r = -ECANCELED;
            goto out;
        }
        if (n > 0 && read(fd, events, sizeof events) < 0 && errno != EAGAIN)
            goto out;
    }
    r = 0;
out:
    if (fd >= 0)
        close(fd);
    return r;
}

static int check_permission(struct opening *o)
{
    char node[USB_NODE_SIZE];

    snprintf(node, sizeof node, "/dev/bus/usb/%03u/%03u", libusb_get_bus_number(o->device),
             libusb_get_device_address(o->device));
    if (access(node, R_OK | W_OK) == 0)
        return 0;
    if (errno == ENOENT)
        return explain(o, -ENODEV, "the adapter at %s has just been unplugged", o->name);
    if (errno != EACCES)
        return 0; /* libusb may know better */
    int r = await_permission(o, node);
    return r == 0 ? 0 : explain(o, r, "%s (USB port %s) may not be written by this user", node, o->name);
}

/* libftdi takes the kernel's driver off before anything else, and forgets that when a later step fails. */
static void give_driver_back(const struct opening *o)
{
    struct libusb_device_handle *handle;

    if (libusb_open(o->device, &handle) < 0)
        return;
    libusb_attach_kernel_driver(handle, o->port->place.interface); /* refused where it is bound still */
    libusb_close(handle);
}

static int open_by_libftdi(struct opening *o)
{
    struct usb_port *p = o->port;
    struct usb_binding before;

    usb_binding_read(&p->place, &before);
    int code = ftdi_usb_open_dev(p->ftdi, o->device);
    if (code == 0)
        return 0;
    bool had_driver = before.driver[0] != '\0' && strcmp(before.driver, "usbfs") != 0;
    if (had_driver && p->ftdi->usb_dev == NULL)
        give_driver_back(o);
    switch (code) {
    case -4: /* not opened at all: between the look and the leap it went, or our rights did */
        return explain(o, -ENODEV, "the adapter at %s cannot be opened: %s", o->name,
                       ftdi_get_error_string(p->ftdi));
    case -3:
    case -5: {
        struct usb_binding b;
        usb_binding_read(&p->place, &b);
        if (b.driver[0] != '\0' && strcmp(b.driver, "usbfs") != 0)
            return explain(o, -EBUSY, "the kernel's driver %s does not let go of USB port %s", b.driver,
                           o->name);
        return explain(o, -EBUSY, "USB port %s is held by %s", o->name,
                       b.holder[0] != '\0' ? b.holder : "a program that cannot be seen from here");
    }
    default:
        return explain(o, p->ftdi->usb_dev != NULL ? usb_port_reason(p) : -EHOSTDOWN,
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
        return explain(o, usb_port_reason(o->port), "the adapter at %s cannot be set up: %s", o->name,
                       ftdi_get_error_string(f));
    return 0;
}

static int open_steps(struct opening *o)
{
    static int (*const steps[])(struct opening *) = {find_device,      check_device,    check_holder,
                                                     check_permission, open_by_libftdi, configure};
    int r = 0;

    for (size_t i = 0; i < sizeof steps / sizeof *steps && r == 0; i++)
        r = steps[i](o);
    if (r == 0) {
        r = usb_port_start(o->port);
        if (r < 0)
            explain(o, r, "the adapter at %s does not begin to receive", o->name);
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
        return explain(&o, -ENOMEM, "USB cannot be set up for port %s", o.name);
    }
    p->place = *place;
    p->env = *env;
    p->ftdi->usb_read_timeout = p->ftdi->usb_write_timeout = CONTROL_MS;
    p->ftdi->module_detach_mode = AUTO_DETACH_REATACH_SIO_MODULE;
    ftdi_set_interface(p->ftdi, (enum ftdi_interface)(INTERFACE_A + place->interface));
    r = open_steps(&o);
    if (o.device != NULL)
        libusb_unref_device(o.device);
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
