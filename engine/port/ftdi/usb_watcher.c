/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/port/ftdi/usb_watcher.h"

#include <errno.h>
#include <libusb.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/time.h>
#include <unistd.h>

#include "engine/port/ftdi/usb_sysfs.h"

#define POLL_MAX   16
#define COMPARE_US INT64_C(500000) /* between two looks where nobody tells of changes */

struct usb_watcher {
    struct transport_env env;
    libusb_context *usb;
    libusb_hotplug_callback_handle handle;
    bool has_events;
    bool changed;    /* an event came since the last look */
    bool unsure;     /* it could not be told what is there, or what to wait for: look again soon */
    uint64_t digest; /* of the list, for comparing */
};

static int to_errno(int error)
{
    return error == LIBUSB_ERROR_NO_MEM ? -ENOMEM : error == LIBUSB_ERROR_ACCESS ? -EACCES : -EIO;
}

static int LIBUSB_CALL on_hotplug(libusb_context *usb, libusb_device *dev, libusb_hotplug_event event,
                                  void *ctx)
{
    (void)usb;
    (void)dev;
    (void)event;
    ((struct usb_watcher *)ctx)->changed = true;
    return 0;
}

/* Asked of the kernel, not of libusb: its list stands still where no events come. */
static bool is_present(struct usb_watcher *w, const struct usb_place *place)
{
    char node[USB_NODE_SIZE];
    int r = usb_node_find(place, node);

    w->unsure = r < 0 && r != -ENODEV;
    return r == 0;
}

int usb_watcher_new(struct usb_watcher **out, const struct transport_env *env)
{
    struct usb_watcher *w = calloc(1, sizeof *w);
    int r;

    if (w == NULL)
        return -ENOMEM;
    w->env = *env;
    r = libusb_init(&w->usb);
    if (r < 0) {
        free(w);
        return to_errno(r);
    }
    /* Without udevd libusb registers callbacks all the same, and never calls them. */
    w->has_events = access("/run/udev/control", F_OK) == 0 && libusb_has_capability(LIBUSB_CAP_HAS_HOTPLUG) &&
                    libusb_hotplug_register_callback(
                        w->usb, LIBUSB_HOTPLUG_EVENT_DEVICE_ARRIVED | LIBUSB_HOTPLUG_EVENT_DEVICE_LEFT, 0,
                        LIBUSB_HOTPLUG_MATCH_ANY, LIBUSB_HOTPLUG_MATCH_ANY, LIBUSB_HOTPLUG_MATCH_ANY,
                        on_hotplug, w, &w->handle) == LIBUSB_SUCCESS;
    w->digest = usb_devices_digest();
    *out = w;
    return 0;
}

void usb_watcher_free(struct usb_watcher *w)
{
    if (w == NULL)
        return;
    if (w->has_events)
        libusb_hotplug_deregister_callback(w->usb, w->handle);
    libusb_exit(w->usb);
    free(w);
}

static int collect_fds(struct usb_watcher *w, int other_fd, struct pollfd *fds)
{
    const struct libusb_pollfd **list = libusb_get_pollfds(w->usb);
    int count = 2;

    fds[0] = (struct pollfd){.fd = w->env.cancel != NULL ? waker_fd(w->env.cancel) : -1, .events = POLLIN};
    fds[1] = (struct pollfd){.fd = other_fd, .events = POLLIN};
    for (int i = 0; list != NULL && list[i] != NULL && count < POLL_MAX; i++)
        fds[count++] = (struct pollfd){.fd = list[i]->fd, .events = list[i]->events};
    libusb_free_pollfds(list);
    w->unsure = w->unsure || list == NULL; /* no memory: its events would be slept through */
    return count;
}

/* Sleeps until libusb has something to handle, and handles it. 1: the other descriptor is readable. */
static int wait_events(struct usb_watcher *w, int other_fd, int64_t deadline_us)
{
    struct pollfd fds[POLL_MAX];
    struct timeval zero = {0, 0};
    int count = collect_fds(w, other_fd, fds);
    int64_t look = clock_after(w->env.clock, COMPARE_US);
    bool looks = !w->has_events || w->unsure;
    int64_t until = looks && look < deadline_us ? look : deadline_us;
    int64_t left = until - clock_now_us(w->env.clock);

    left = left > 0 ? left : 0;
    struct timespec ts = {left / 1000000, left % 1000000 * 1000};
    int n = ppoll(fds, (nfds_t)count, until == CLOCK_NEVER ? NULL : &ts, NULL);
    if (n < 0 && errno != EINTR)
        return -errno;
    if (w->env.cancel != NULL && waker_raised(w->env.cancel))
        return -ECANCELED;
    int r = libusb_handle_events_timeout_completed(w->usb, &zero, NULL);
    if (r < 0 && r != LIBUSB_ERROR_INTERRUPTED)
        return to_errno(r);
    if (n > 0 && fds[1].revents != 0)
        return 1;
    return clock_now_us(w->env.clock) >= deadline_us ? -ETIMEDOUT : 0;
}

int usb_watcher_wait(struct usb_watcher *w, const struct usb_place *place, bool present, int64_t deadline_us)
{
    int r = w->env.cancel != NULL && waker_raised(w->env.cancel) ? -ECANCELED : 0;

    while (r == 0) {
        if (is_present(w, place) == present)
            return 0;
        r = wait_events(w, -1, deadline_us);
    }
    return r == -ETIMEDOUT && is_present(w, place) == present ? 0 : r;
}

int usb_watcher_wait_change(struct usb_watcher *w, int other_fd, int64_t deadline_us)
{
    int r = w->env.cancel != NULL && waker_raised(w->env.cancel) ? -ECANCELED : 0;

    while (r == 0) {
        uint64_t digest = usb_devices_digest();
        bool changed = w->changed || digest != w->digest;
        w->changed = w->unsure = false;
        w->digest = digest;
        if (changed)
            return 0;
        r = wait_events(w, other_fd, deadline_us);
    }
    return r;
}
