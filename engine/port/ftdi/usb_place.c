/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/port/ftdi/usb_place.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* 1..255 without sign or leading zero; NULL: something else is there. */
static const char *parse_number(const char *text, uint8_t *out)
{
    unsigned n = 0;

    if (*text < '1' || *text > '9')
        return NULL;
    for (; *text >= '0' && *text <= '9'; text++) {
        n = n * 10 + (unsigned)(*text - '0');
        if (n > UINT8_MAX)
            return NULL;
    }
    *out = (uint8_t)n;
    return text;
}

int usb_place_parse(const char *text, struct usb_place *out)
{
    struct usb_place p = {0};
    char expected = '-';

    text = parse_number(text, &p.bus);
    while (text != NULL && *text == expected && p.depth < USB_DEPTH_MAX) {
        text = parse_number(text + 1, &p.ports[p.depth++]);
        expected = '.';
    }
    if (text == NULL || p.depth == 0)
        return -EINVAL;
    if (*text == ':') {
        if (text[1] < 'A' || text[1] > 'D' || text[2] != '\0')
            return -EINVAL;
        p.interface = (uint8_t)(text[1] - 'A');
    } else if (*text != '\0') {
        return -EINVAL;
    }
    *out = p;
    return 0;
}

void usb_place_device_text(const struct usb_place *p, char out[static USB_PLACE_TEXT_SIZE])
{
    int n = snprintf(out, USB_PLACE_TEXT_SIZE, "%u", p->bus);

    for (int i = 0; i < p->depth; i++)
        n += snprintf(out + n, (size_t)(USB_PLACE_TEXT_SIZE - n), "%c%u", i == 0 ? '-' : '.', p->ports[i]);
}

void usb_place_text(const struct usb_place *p, char out[static USB_PLACE_TEXT_SIZE])
{
    usb_place_device_text(p, out);
    size_t n = strlen(out);
    snprintf(out + n, USB_PLACE_TEXT_SIZE - n, ":%c", 'A' + p->interface % 26);
}

bool usb_place_same_device(const struct usb_place *a, const struct usb_place *b)
{
    return a->bus == b->bus && a->depth == b->depth && memcmp(a->ports, b->ports, a->depth) == 0;
}

int usb_place_compare(const struct usb_place *a, const struct usb_place *b)
{
    int order = a->bus - b->bus;

    for (int i = 0; order == 0 && i < a->depth && i < b->depth; i++)
        order = a->ports[i] - b->ports[i];
    if (order == 0)
        order = a->depth - b->depth;
    return order != 0 ? order : a->interface - b->interface;
}
