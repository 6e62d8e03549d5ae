/* SPDX-License-Identifier: Apache-2.0 */
/*
 * usb_packet - what an FTDI chip's IN transfer holds: packets of two status bytes and data. Pure.
 */
#ifndef ENGINE_PORT_FTDI_USB_PACKET_H
#define ENGINE_PORT_FTDI_USB_PACKET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/record.h"

struct usb_packet_status {
    bool known;    /* there was one */
    uint8_t modem; /* inputs of the last packet (engine/port/presence_line.h) */
};

/*
 * Takes the status bytes out of `buf` in place (a transfer of `len` bytes in packets of `packet_size`), adds line errors
 * to *counts, notes the modem inputs. Returns the number of data bytes, now at the start of buf.
 */
size_t usb_packet_strip(uint8_t *buf, size_t len, size_t packet_size, struct line_counts *counts,
                        struct usb_packet_status *status);

#endif /* ENGINE_PORT_FTDI_USB_PACKET_H */
