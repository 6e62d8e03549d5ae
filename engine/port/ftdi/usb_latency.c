/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/port/ftdi/usb_latency.h"

/* Of a period of 255 ms. A reply lands after 0.9 of it by chance once in ten times: never judged by one alone. */
#define EARLY_US        (USB_LATENCY_LONG_MS * INT64_C(1000) * 6 / 10)
#define LATE_US         (USB_LATENCY_LONG_MS * INT64_C(1000) * 9 / 10)
#define EARLY_ENOUGH    3
#define LATE_ENOUGH     2
#define LATE_SUSPICIOUS 4 /* in a row, once it was believed to work */

void usb_latency_init(struct usb_latency *l)
{
    *l = (struct usb_latency){.mode = USB_LATENCY_MEASURING};
}

static int decide(struct usb_latency *l)
{
    if (l->mode == USB_LATENCY_MEASURING && l->early >= EARLY_ENOUGH && l->early > l->late) {
        l->mode = USB_LATENCY_EVENT;
        l->late = 0;
    } else if ((l->mode == USB_LATENCY_MEASURING && l->late >= LATE_ENOUGH && l->early == 0) ||
               (l->mode == USB_LATENCY_EVENT && l->late >= LATE_SUSPICIOUS)) {
        l->mode = USB_LATENCY_TIMER;
        return USB_LATENCY_SHORT_MS;
    }
    return 0;
}

int usb_latency_note(struct usb_latency *l, int64_t now_us, const uint8_t *data, size_t len, bool full)
{
    int64_t since = now_us - l->last_us;
    /* One byte alone is the character in first position: no chip sends that at once. */
    bool counts = l->last_us != 0 && !full && len > 1 && data[len - 1] == USB_EVENT_CHAR;

    l->last_us = now_us;
    if (!counts || l->mode == USB_LATENCY_TIMER)
        return 0;
    if (since < EARLY_US) {
        l->early++;
        if (l->mode == USB_LATENCY_EVENT)
            l->late = 0;
    } else if (since >= LATE_US) {
        l->late++;
    }
    return decide(l);
}
