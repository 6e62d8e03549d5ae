/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mock_usb - a usbfs that real libusb talks to, with virtual FTDI chips behind it: umockdev carries the system calls,
 * sim_ftdi_chip answers them. Bus 1 with a root hub and a four-port hub at 1-1.
 *
 * Run under umockdev-wrapper. Calls from the test's thread; ioctls are served in umockdev's own, under one lock a device.
 * poll() on a device file waits until there is something to reap, as on a real one. A device's URBs are one queue,
 * whoever gave them: one open port a device at a time.
 */
#ifndef TESTS_UMOCKDEV_SUPPORT_MOCK_USB_H
#define TESTS_UMOCKDEV_SUPPORT_MOCK_USB_H

#include <stdbool.h>
#include <stdint.h>

#include "sim/serve/ftdi/sim_ftdi_chip.h"

struct mock_usb;
struct mock_device;

struct mock_usb *mock_usb_new(void); /* fails the test where it cannot */
void mock_usb_free(struct mock_usb *m);

/* Plugs `model` in at "1-2" or "1-1.3", its wires echoing. A new address every time. */
struct mock_device *mock_usb_plug(struct mock_usb *m, const char *path, enum sim_ftdi_model model);
/* The same, with a chip whose event character does nothing. */
struct mock_device *mock_usb_plug_plain(struct mock_usb *m, const char *path, enum sim_ftdi_model model);
void mock_usb_unplug(struct mock_usb *m, struct mock_device *d);
/* Every claim of this interface is refused, as if another process had it. */
void mock_device_hold(struct mock_device *d, int interface);
void mock_device_bind_driver(struct mock_usb *m, struct mock_device *d, int interface, const char *driver);
void mock_device_sold_as(struct mock_usb *m, struct mock_device *d, uint16_t vendor,
                         uint16_t product);                         /* to sysfs */
void mock_device_forbid(struct mock_usb *m, struct mock_device *d); /* the device file is root's alone */
/* How often the driver of an interface was taken away and given back. */
int mock_device_detached(const struct mock_device *d, int interface);
int mock_device_attached(const struct mock_device *d, int interface);
bool mock_device_is_bound(struct mock_device *d, int interface); /* the kernel's driver has it now */
/* What the kernel does when the last client has closed the file: claims and URBs end. How many URBs there still were. */
int mock_device_settle(struct mock_device *d);

/* The chip, with the lock held: for faults and statistics. Short use. */
struct sim_ftdi_chip *mock_device_lock(struct mock_device *d);
void mock_device_unlock(struct mock_device *d);

const char *mock_device_node(const struct mock_device *d); /* "/dev/bus/usb/001/003"; borrowed */
unsigned long mock_device_calls(struct mock_device *d);    /* ioctls served so far */

#endif /* TESTS_UMOCKDEV_SUPPORT_MOCK_USB_H */
