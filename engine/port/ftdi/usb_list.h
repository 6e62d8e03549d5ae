/* SPDX-License-Identifier: Apache-2.0 */
/*
 * usb_list - every USB serial interface of the machine, ours or not: where it is, what it is, who has it.
 *
 * Read from the kernel's sysfs and /proc; nothing is opened. A serial interface is one of an FTDI chip, any that has
 * a tty, or one of a known other maker that a program has taken its tty from. Plain data.
 */
#ifndef ENGINE_PORT_FTDI_USB_LIST_H
#define ENGINE_PORT_FTDI_USB_LIST_H

#include "engine/port/ftdi/usb_sysfs.h"

#define USB_LIST_MAX 256

struct usb_serial {
    struct usb_place place;
    char name[USB_PLACE_TEXT_SIZE]; /* "1-4.2:B" */
    uint16_t vendor_id, product_id;
    char product[64], serial[64];
    bool is_ftdi;   /* a chip the ftdi: driver can open */
    int interfaces; /* of the whole adapter */
    struct usb_binding binding;
    char node[USB_NODE_SIZE];
    bool permitted; /* this user may read and write the device file */
};

/* It can be opened by some name. False: another program has taken its tty away. */
bool usb_serial_has_port(const struct usb_serial *s);

/* Fills `out` in the order of places; returns how many there are (more than `max`: only `max` are filled). */
int usb_list_read(struct usb_serial *out, int max);
/* True when the machine has a USB host controller at all. */
bool usb_list_has_usb(void);

#endif /* ENGINE_PORT_FTDI_USB_LIST_H */
