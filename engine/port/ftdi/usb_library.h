/* SPDX-License-Identifier: Apache-2.0 */
/* usb_library - which libraries bytes go through to the chips, for who asks the programme what it is made of. Any thread. */
#ifndef ENGINE_PORT_FTDI_USB_LIBRARY_H
#define ENGINE_PORT_FTDI_USB_LIBRARY_H

#include <stdbool.h>

#define USB_LIBRARY_TEXT 24

void usb_library_libusb(char out[static USB_LIBRARY_TEXT]); /* "1.0.26": the one that is loaded */
const char *usb_library_libftdi(void);
/* Does it tell by itself that something was plugged in? */
bool usb_library_has_hotplug(void);

#endif /* ENGINE_PORT_FTDI_USB_LIBRARY_H */
