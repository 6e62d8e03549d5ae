/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/port/ftdi/usb_library.h"

#include <stdio.h>

#include <ftdi.h>
#include <libusb.h>

void usb_library_libusb(char out[static USB_LIBRARY_TEXT])
{
    const struct libusb_version *v = libusb_get_version();

    snprintf(out, USB_LIBRARY_TEXT, "%u.%u.%u", v->major, v->minor, v->micro);
}

const char *usb_library_libftdi(void)
{
    return ftdi_get_library_version().version_str;
}

bool usb_library_has_hotplug(void)
{
    return libusb_has_capability(LIBUSB_CAP_HAS_HOTPLUG) != 0;
}
