/* SPDX-License-Identifier: Apache-2.0 */
/*
 * usb_place - where a serial interface is plugged in: bus, the port on each hub on the way, and the interface.
 *
 * Written as the kernel names devices, with a letter for the interface: "1-4.2:B". Addresses change with every plugging
 * in, places do not. Pure.
 */
#ifndef ENGINE_PORT_FTDI_USB_PLACE_H
#define ENGINE_PORT_FTDI_USB_PLACE_H

#include <stdbool.h>
#include <stdint.h>

#define USB_DEPTH_MAX       7  /* ports on the way, by the USB specification */
#define USB_PLACE_TEXT_SIZE 40 /* "255-255.255.255.255.255.255.255:D" and the NUL */

struct usb_place {
    uint8_t bus, depth;
    uint8_t ports[USB_DEPTH_MAX]; /* depth of them */
    uint8_t interface;            /* 0 is A */
};

/* "1-4.2:B"; without a letter it is A. 0 or -EINVAL. */
int usb_place_parse(const char *text, struct usb_place *out);
void usb_place_text(const struct usb_place *p, char out[static USB_PLACE_TEXT_SIZE]);        /* "1-4.2:B" */
void usb_place_device_text(const struct usb_place *p, char out[static USB_PLACE_TEXT_SIZE]); /* "1-4.2" */
bool usb_place_same_device(const struct usb_place *a, const struct usb_place *b);
/* By bus, ports from the root on, interface: <0, 0, >0. */
int usb_place_compare(const struct usb_place *a, const struct usb_place *b);

#endif /* ENGINE_PORT_FTDI_USB_PLACE_H */
