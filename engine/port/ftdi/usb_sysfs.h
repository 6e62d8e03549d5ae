/* SPDX-License-Identifier: Apache-2.0 */
/*
 * usb_sysfs - what the kernel says about a serial interface: which driver has it, which tty, who has that open.
 *
 * Read from /sys and /proc; nothing is opened or changed. Text is "" where there is nothing to say.
 */
#ifndef ENGINE_PORT_FTDI_USB_SYSFS_H
#define ENGINE_PORT_FTDI_USB_SYSFS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "engine/port/ftdi/usb_place.h"
#include "engine/port/tty_holder.h"

#define USB_NODE_SIZE 32 /* "/dev/bus/usb/001/004" and the NUL */

struct usb_binding {
    char driver[32];              /* "ftdi_sio", "usbfs" (a programme has claimed it), "" */
    char tty[32];                 /* "/dev/ttyUSB3", "" */
    char holder[TTY_HOLDER_SIZE]; /* "minicom (pid 812)", "" : nobody is seen */
};

void usb_binding_read(const struct usb_place *place, struct usb_binding *out);
/*
 * The device file of what is plugged in at a place now: 0, or -ENODEV when nothing is, or another negative errno when it
 * cannot be told (no descriptor or memory left): then a device may be there or not.
 */
int usb_node_find(const struct usb_place *place, char out[static USB_NODE_SIZE]);
/* One line of a sysfs file of the device ("serial", "product"): "" when it has none. */
void usb_device_text(const struct usb_place *place, const char *file, char *out, size_t size);
/* Interfaces of the device that is plugged in there; 0 when none is. */
int usb_interface_count(const struct usb_place *place);

/* Changes whenever a device is plugged in or out anywhere. */
uint64_t usb_devices_digest(void);

#endif /* ENGINE_PORT_FTDI_USB_SYSFS_H */
