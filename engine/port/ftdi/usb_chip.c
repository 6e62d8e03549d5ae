/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/port/ftdi/usb_chip.h"

#include <stddef.h>

/* FTDI counts types in the high byte of bcdDevice. The first, 0x0200, has another divider and is long out of use. */
bool usb_chip_is_known(uint16_t vendor, uint16_t release)
{
    static const uint16_t releases[] = {0x0400, 0x0500, 0x0600, 0x0700, 0x0800, 0x0900, 0x1000};

    for (size_t i = 0; i < sizeof releases / sizeof *releases; i++)
        if (vendor == USB_VENDOR_FTDI && release == releases[i])
            return true;
    return false;
}

bool usb_chip_is_high_speed(uint16_t release)
{
    return release >= 0x0700 && release <= 0x0900;
}
