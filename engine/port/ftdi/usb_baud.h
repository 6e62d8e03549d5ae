/* SPDX-License-Identifier: Apache-2.0 */
/*
 * usb_baud - which rates an FTDI chip's divider can make. Pure.
 *
 * All types divide 3 MHz by n/8 (n = 8, 12 are special: 1 and 1.5; 16 and up in steps of one); the high-speed ones can
 * divide 12 MHz the same way. From FTDI's note AN120 and the data sheets.
 */
#ifndef ENGINE_PORT_FTDI_USB_BAUD_H
#define ENGINE_PORT_FTDI_USB_BAUD_H

#include <stdbool.h>
#include <stdint.h>

struct usb_baud {
    uint32_t nearest;      /* the rate made when `wanted` is asked for, rounded to whole baud */
    uint32_t below, above; /* makeable rates around `wanted`; 0: none on that side */
    bool good;             /* nearest is within 2 % */
};

struct usb_baud usb_baud_find(bool high_speed, uint32_t wanted);

#endif /* ENGINE_PORT_FTDI_USB_BAUD_H */
