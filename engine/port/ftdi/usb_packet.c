/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/port/ftdi/usb_packet.h"

#include <string.h>

enum { LINE_OVERRUN = 0x02, LINE_PARITY = 0x04, LINE_FRAMING = 0x08, STATUS_BYTES = 2 };

size_t usb_packet_strip(uint8_t *buf, size_t len, size_t packet_size, struct line_counts *counts,
                        struct usb_packet_status *status)
{
    size_t data = 0;

    for (size_t at = 0; at + STATUS_BYTES <= len; at += packet_size) {
        size_t end = at + packet_size < len ? at + packet_size : len;
        uint8_t line = buf[at + 1];
        status->modem = buf[at] & 0xf0;
        status->known = true;
        counts->overrun += (line & LINE_OVERRUN) != 0;
        counts->parity += (line & LINE_PARITY) != 0;
        counts->framing += (line & LINE_FRAMING) != 0;
        memmove(buf + data, buf + at + STATUS_BYTES, end - at - STATUS_BYTES);
        data += end - at - STATUS_BYTES;
    }
    return data;
}
