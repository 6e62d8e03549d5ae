/* SPDX-License-Identifier: Apache-2.0 */
/*
 * usb_adapter - the FTDI chip that is plugged in at a place, before it is opened: found, described, and whether this programme
 * may have it. Nothing is claimed or changed. Called by the place's worker; returns as in engine/port/transport_driver.h.
 */
#ifndef ENGINE_PORT_FTDI_USB_ADAPTER_H
#define ENGINE_PORT_FTDI_USB_ADAPTER_H

#include <libusb.h>

#include "engine/port/ftdi/usb_place.h"
#include "engine/port/transport_driver.h"

#define USB_IN_SIZE 4096u /* of a receiving transfer: a multiple of every packet size */

struct usb_adapter {
    struct libusb_device *device; /* referenced until usb_adapter_release() */
    bool high_speed;
    uint8_t endpoint_in, endpoint_out; /* of the place's interface */
    size_t packet_size;
};

/*
 * Looks it up in the list of `usb`, waits two seconds at most for udev's permissions. 0, or a negative errno with one line in
 * `detail`; *out is to be released in either case.
 */
int usb_adapter_find(struct usb_adapter *out, struct libusb_context *usb, const struct usb_place *place,
                     const struct transport_env *env, char detail[TRANSPORT_DETAIL_SIZE]);
void usb_adapter_release(struct usb_adapter *a);
/* `device` is what is plugged in at `place` now. Where it cannot be told nobody is blamed for pulling the plug: true. */
bool usb_adapter_is_there(struct libusb_device *device, const struct usb_place *place);

int usb_errno(int libusb_error);
/* `error` again, with a line in `detail`. */
int usb_explain(char detail[TRANSPORT_DETAIL_SIZE], int error, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* -EBUSY: "TTY (USB port PLACE) is held by HOLDER", and what helps; `tty` "": there is none; `holder` as in tty_holder_say(). */
int usb_explain_held(char detail[TRANSPORT_DETAIL_SIZE], const char *tty, const char *place,
                     const char *holder);

#endif /* ENGINE_PORT_FTDI_USB_ADAPTER_H */
