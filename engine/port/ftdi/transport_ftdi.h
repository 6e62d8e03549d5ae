/* SPDX-License-Identifier: Apache-2.0 */
/*
 * transport_ftdi - FTDI chips by libftdi1 and libusb: "ftdi:1-4.2:B", the place of the chip and the letter of its
 * interface. Takes the interface from the kernel's driver while it is open and gives it back.
 */
#ifndef ENGINE_PORT_FTDI_TRANSPORT_FTDI_H
#define ENGINE_PORT_FTDI_TRANSPORT_FTDI_H

#include "engine/port/transport_driver.h"

extern const struct transport_driver ftdi_driver; /* no ctx */

#endif /* ENGINE_PORT_FTDI_TRANSPORT_FTDI_H */
