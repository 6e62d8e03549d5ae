/* SPDX-License-Identifier: Apache-2.0 */
/*
 * usb_watcher - waits for something to be plugged in, by place.
 *
 * libusb's hotplug events (which come from udev, so permissions are set by then), with a look at the list every half
 * second where the system delivers no events. A watcher has a libusb context of its own and belongs to one thread.
 */
#ifndef ENGINE_PORT_FTDI_USB_WATCHER_H
#define ENGINE_PORT_FTDI_USB_WATCHER_H

#include "engine/port/ftdi/usb_place.h"
#include "engine/port/transport_driver.h"

struct usb_watcher;

/* Caller owns: usb_watcher_free(). 0 or a negative errno. */
int usb_watcher_new(struct usb_watcher **out, const struct transport_env *env);
void usb_watcher_free(struct usb_watcher *w); /* NULL is fine */
/*
 * Until something is plugged in at the place (its interface is not looked at), or until nothing is: 0, -ETIMEDOUT,
 * -ECANCELED or another negative errno.
 */
int usb_watcher_wait(struct usb_watcher *w, const struct usb_place *place, bool present, int64_t deadline_us);
/*
 * Until anything is plugged in or out anywhere (0), or until `other_fd` (-1: none) is readable (1). Else as
 * usb_watcher_wait().
 */
int usb_watcher_wait_change(struct usb_watcher *w, int other_fd, int64_t deadline_us);

#endif /* ENGINE_PORT_FTDI_USB_WATCHER_H */
