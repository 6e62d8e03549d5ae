/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/port/ftdi/usb_list.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "engine/port/ftdi/usb_chip.h"

#define DEVICES "/sys/bus/usb/devices"

static uint16_t read_hex(const struct usb_place *place, const char *file)
{
    char text[16];

    usb_device_text(place, file, text, sizeof text);
    return (uint16_t)strtoul(text, NULL, 16);
}

static bool is_ftdi(const struct usb_place *place)
{
    return usb_chip_is_known(read_hex(place, "idVendor"), read_hex(place, "bcdDevice"));
}

/* Interfaces with a tty of the kernel's, which a program that claims them (a Braille display's driver) takes away. */
static bool is_known_serial(uint16_t vendor, uint16_t product)
{
    /* Silicon Labs CP210x; WCH CH340, CH341, CH9102; Prolific PL2303: the drivers' tables in Linux, drivers/usb/serial */
    static const uint16_t known[][2] = {{0x10c4, 0xea60}, {0x10c4, 0xea70}, {0x10c4, 0xea71},
                                        {0x1a86, 0x7522}, {0x1a86, 0x7523}, {0x1a86, 0x5523},
                                        {0x1a86, 0x55d4}, {0x067b, 0x2303}, {0x067b, 0x23a3}};

    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
        if (vendor == known[i][0] && product == known[i][1])
            return true;
    return false;
}

bool usb_serial_has_port(const struct usb_serial *s)
{
    return s->is_ftdi || s->binding.tty[0] != '\0';
}

static bool was_taken(const struct usb_serial *s)
{
    return strcmp(s->binding.driver, "usbfs") == 0 && is_known_serial(s->vendor_id, s->product_id);
}

static void fill(struct usb_serial *s, const struct usb_place *place, bool ftdi, int interfaces)
{
    memset(s, 0, sizeof *s);
    s->place = *place;
    usb_place_text(place, s->name);
    s->vendor_id = read_hex(place, "idVendor");
    s->product_id = read_hex(place, "idProduct");
    usb_device_text(place, "product", s->product, sizeof s->product);
    usb_device_text(place, "serial", s->serial, sizeof s->serial);
    s->is_ftdi = ftdi;
    s->interfaces = interfaces;
    usb_binding_read(place, &s->binding);
    s->permitted = usb_node_find(place, s->node) == 0 && access(s->node, R_OK | W_OK) == 0;
}

/* The interfaces of one adapter. */
static int add_device(struct usb_place place, struct usb_serial *out, int max, int count)
{
    bool ftdi = is_ftdi(&place);
    int interfaces = usb_interface_count(&place);

    for (int i = 0; i < interfaces; i++) {
        struct usb_serial s;
        place.interface = (uint8_t)i;
        fill(&s, &place, ftdi, interfaces);
        if (!usb_serial_has_port(&s) && !was_taken(&s))
            continue;
        if (count < max)
            out[count] = s;
        count++;
    }
    return count;
}

static int by_place(const void *a, const void *b)
{
    return usb_place_compare(&((const struct usb_serial *)a)->place, &((const struct usb_serial *)b)->place);
}

int usb_list_read(struct usb_serial *out, int max)
{
    DIR *d = opendir(DEVICES);
    struct usb_place place;
    int count = 0;

    if (d == NULL)
        return 0;
    for (struct dirent *e; (e = readdir(d)) != NULL;)
        if (strchr(e->d_name, ':') == NULL && usb_place_parse(e->d_name, &place) == 0)
            count = add_device(place, out, max, count);
    closedir(d);
    qsort(out, (size_t)(count < max ? count : max), sizeof *out, by_place);
    return count;
}

bool usb_list_has_usb(void)
{
    DIR *d = opendir(DEVICES);
    bool found = false;

    if (d == NULL)
        return false;
    for (struct dirent *e; !found && (e = readdir(d)) != NULL;)
        found = strncmp(e->d_name, "usb", 3) == 0;
    closedir(d);
    return found;
}
