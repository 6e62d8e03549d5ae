/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/port/ftdi/usb_adapter.h"

#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/inotify.h>
#include <unistd.h>

#include "engine/port/ftdi/usb_chip.h"
#include "engine/port/ftdi/usb_sysfs.h"

#define PERMISSION_US INT64_C(2000000) /* udev sets permissions a moment after the device appears */

/* What a search knows; `detail` is the caller's. */
struct search {
    struct usb_adapter *out;
    struct libusb_context *usb;
    const struct usb_place *place;
    const struct transport_env *env;
    char *detail;
    char name[USB_PLACE_TEXT_SIZE];
};

int usb_errno(int error)
{
    switch (error) {
    case LIBUSB_SUCCESS:
        return 0;
    case LIBUSB_ERROR_NO_DEVICE:
    case LIBUSB_ERROR_NOT_FOUND:
        return -ENODEV;
    case LIBUSB_ERROR_ACCESS:
        return -EACCES;
    case LIBUSB_ERROR_BUSY:
        return -EBUSY;
    case LIBUSB_ERROR_TIMEOUT:
        return -EHOSTDOWN;
    case LIBUSB_ERROR_PIPE:
        return -EPIPE;
    case LIBUSB_ERROR_NO_MEM:
        return -ENOMEM;
    default:
        return -EIO;
    }
}

int usb_explain(char detail[TRANSPORT_DETAIL_SIZE], int error, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    vsnprintf(detail, TRANSPORT_DETAIL_SIZE, format, args);
    va_end(args);
    return error;
}

int usb_explain_held(char detail[TRANSPORT_DETAIL_SIZE], const char *tty, const char *place,
                     const char *holder)
{
    char what[80];

    snprintf(what, sizeof what, "%s%sUSB port %s%s", tty, tty[0] != '\0' ? " (" : "", place,
             tty[0] != '\0' ? ")" : "");
    tty_holder_say(what, holder, detail, TRANSPORT_DETAIL_SIZE);
    return -EBUSY;
}

static void node_of(struct libusb_device *device, char out[static USB_NODE_SIZE])
{
    snprintf(out, USB_NODE_SIZE, "/dev/bus/usb/%03u/%03u", libusb_get_bus_number(device),
             libusb_get_device_address(device));
}

bool usb_adapter_is_there(struct libusb_device *device, const struct usb_place *place)
{
    char node[USB_NODE_SIZE], mine[USB_NODE_SIZE];
    int r = usb_node_find(place, node);

    node_of(device, mine);
    return r < 0 ? r != -ENODEV : strcmp(node, mine) == 0;
}

static bool device_is_at(struct libusb_device *dev, const struct usb_place *place)
{
    struct usb_place p = {.bus = libusb_get_bus_number(dev)};
    int n = libusb_get_port_numbers(dev, p.ports, USB_DEPTH_MAX);

    p.depth = (uint8_t)(n > 0 ? n : 0);
    return n > 0 && usb_place_same_device(&p, place);
}

/* Bus numbers and addresses are looked up in this context's own list, right before opening: they change. */
static int find_device(struct search *s)
{
    struct libusb_device **list;
    ssize_t n = libusb_get_device_list(s->usb, &list);

    if (n < 0)
        return usb_explain(s->detail, usb_errno((int)n), "USB devices cannot be listed: %s",
                           libusb_strerror((int)n));
    for (ssize_t i = 0; i < n && s->out->device == NULL; i++)
        if (device_is_at(list[i], s->place))
            s->out->device = libusb_ref_device(list[i]);
    libusb_free_device_list(list, 1);
    return s->out->device != NULL
               ? 0
               : usb_explain(s->detail, -ENODEV, "nothing is plugged in at USB port %s", s->name);
}

static int read_endpoints(struct search *s, const struct libusb_config_descriptor *config)
{
    struct usb_adapter *a = s->out;

    if (s->place->interface >= config->bNumInterfaces)
        return usb_explain(s->detail, -ENXIO, "the adapter at %s has %u interface%s: there is no %c", s->name,
                           config->bNumInterfaces, config->bNumInterfaces == 1 ? "" : "s",
                           'A' + s->place->interface);
    const struct libusb_interface_descriptor *d = config->interface[s->place->interface].altsetting;
    for (int i = 0; i < d->bNumEndpoints; i++) {
        const struct libusb_endpoint_descriptor *e = &d->endpoint[i];
        if ((e->bmAttributes & LIBUSB_TRANSFER_TYPE_MASK) != LIBUSB_TRANSFER_TYPE_BULK)
            continue;
        if (e->bEndpointAddress & LIBUSB_ENDPOINT_IN) {
            a->endpoint_in = e->bEndpointAddress;
            a->packet_size = e->wMaxPacketSize;
        } else {
            a->endpoint_out = e->bEndpointAddress;
        }
    }
    if (a->endpoint_in == 0 || a->endpoint_out == 0 || a->packet_size < 8 ||
        USB_IN_SIZE % a->packet_size != 0)
        return usb_explain(s->detail, -EINVAL, "the adapter at %s has no usable endpoints", s->name);
    return 0;
}

static int check_device(struct search *s)
{
    struct libusb_device_descriptor d;
    struct libusb_config_descriptor *config;
    int r = libusb_get_device_descriptor(s->out->device, &d);

    if (r < 0)
        return usb_explain(s->detail, usb_errno(r), "the adapter at %s does not describe itself", s->name);
    if (!usb_chip_is_known(d.idVendor, d.bcdDevice))
        return usb_explain(s->detail, -EINVAL,
                           "what is plugged in at %s (%04x:%04x) is not an FTDI chip this station knows",
                           s->name, d.idVendor, d.idProduct);
    s->out->high_speed = usb_chip_is_high_speed(d.bcdDevice);
    r = libusb_get_active_config_descriptor(s->out->device, &config);
    if (r < 0)
        return usb_explain(s->detail, usb_errno(r), "the adapter at %s has no configuration", s->name);
    r = read_endpoints(s, config);
    libusb_free_config_descriptor(config);
    return r;
}

/* Detaching the kernel's driver would pull the port from under a terminal programme: look first. */
static int check_holder(struct search *s)
{
    struct usb_binding b;

    usb_binding_read(s->place, &b);
    if (b.tty[0] != '\0' && b.holder[0] != '\0')
        return usb_explain_held(s->detail, b.tty, s->name, b.holder);
    if (strcmp(b.driver, "usbfs") == 0)
        return usb_explain_held(s->detail, "", s->name,
                                b.holder[0] != '\0' ? b.holder
                                                    : "this station already, or a program that is not seen");
    return 0;
}

/* Waits for udev to give us the device file: by event, two seconds at most. 0, -EACCES or -ECANCELED. */
static int await_permission(const struct search *s, const char *node)
{
    const struct transport_env *env = s->env;
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

static int check_permission(struct search *s)
{
    char node[USB_NODE_SIZE];

    node_of(s->out->device, node);
    if (access(node, R_OK | W_OK) == 0)
        return 0;
    if (errno == ENOENT)
        return usb_explain(s->detail, -ENODEV, "the adapter at %s has just been unplugged", s->name);
    if (errno != EACCES)
        return 0; /* libusb may know better */
    int r = await_permission(s, node);
    return r == 0
               ? 0
               : usb_explain(s->detail, r, "%s (USB port %s) may not be written by this user", node, s->name);
}

int usb_adapter_find(struct usb_adapter *out, struct libusb_context *usb, const struct usb_place *place,
                     const struct transport_env *env, char detail[TRANSPORT_DETAIL_SIZE])
{
    static int (*const steps[])(struct search *) = {find_device, check_device, check_holder,
                                                    check_permission};
    struct search s = {.out = out, .usb = usb, .place = place, .env = env, .detail = detail};
    int r = 0;

    *out = (struct usb_adapter){0};
    usb_place_text(place, s.name);
    for (size_t i = 0; i < sizeof steps / sizeof *steps && r == 0; i++)
        r = steps[i](&s);
    return r;
}

void usb_adapter_release(struct usb_adapter *a)
{
    if (a->device != NULL)
        libusb_unref_device(a->device);
    a->device = NULL;
}
