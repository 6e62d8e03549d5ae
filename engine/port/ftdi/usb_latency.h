/* SPDX-License-Identifier: Apache-2.0 */
/*
 * usb_latency - does the chip's event character work? Decided from when packets come. Pure.
 *
 * Every port starts with the event character at SLIP's 0xC0 and the longest latency timer. A chip that obeys sends a
 * reply at once, in the middle of a timer period; one that does not lets it wait for the period's end. The timer begins
 * anew with each packet, so the time since the last packet tells which it was. FTDI documents the event character for
 * some types only, so each open port finds out for itself; where it does not help, the timer goes to 1 ms.
 */
#ifndef ENGINE_PORT_FTDI_USB_LATENCY_H
#define ENGINE_PORT_FTDI_USB_LATENCY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define USB_LATENCY_LONG_MS  255
#define USB_LATENCY_SHORT_MS 1
#define USB_EVENT_CHAR       0xc0

enum usb_latency_mode { USB_LATENCY_MEASURING, USB_LATENCY_EVENT, USB_LATENCY_TIMER };

struct usb_latency {
    enum usb_latency_mode mode;
    int early, late;
    int64_t last_us; /* when the last packet came; 0: none yet */
};

void usb_latency_init(struct usb_latency *l);
/*
 * A transfer ended now with these data bytes (after usb_packet_strip()); `full`: its last packet was a full one, which a
 * chip sends without being asked. Returns the latency to set in ms, 0: no change.
 */
int usb_latency_note(struct usb_latency *l, int64_t now_us, const uint8_t *data, size_t len, bool full);

#endif /* ENGINE_PORT_FTDI_USB_LATENCY_H */
