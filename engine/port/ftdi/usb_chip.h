/* SPDX-License-Identifier: Apache-2.0 */
/* usb_chip - which FTDI types the ftdi: driver can open, told by vendor and release number. Pure. */
#ifndef ENGINE_PORT_FTDI_USB_CHIP_H
#define ENGINE_PORT_FTDI_USB_CHIP_H

#include <stdbool.h>
#include <stdint.h>

#define USB_VENDOR_FTDI 0x0403

/* FT232BM, FT2232C/D, FT232R, FT2232H, FT4232H, FT232H, FT230X and their kin. */
bool usb_chip_is_known(uint16_t vendor, uint16_t release);
bool usb_chip_is_high_speed(uint16_t release); /* has the faster divider of usb_baud.h */

#endif /* ENGINE_PORT_FTDI_USB_CHIP_H */
