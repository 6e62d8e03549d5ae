/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/port/ftdi/usb_sysfs.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define DEVICES "/sys/bus/usb/devices"

/* 0, or a negative errno where the file cannot be opened: "" either way where there is nothing to say. */
static int read_text(const struct usb_place *place, const char *file, char *out, size_t size)
{
    char device[USB_PLACE_TEXT_SIZE], path[128];

    out[0] = '\0';
    usb_place_device_text(place, device);
    snprintf(path, sizeof path, DEVICES "/%s/%s", device, file);
    FILE *f = fopen(path, "re");
    if (f == NULL)
        return -errno;
    if (fgets(out, (int)size, f) == NULL)
        out[0] = '\0';
    fclose(f);
    out[strcspn(out, "\n")] = '\0';
    return 0;
}

void usb_device_text(const struct usb_place *place, const char *file, char *out, size_t size)
{
    read_text(place, file, out, size);
}

int usb_interface_count(const struct usb_place *place)
{
    char text[16];

    usb_device_text(place, "bNumInterfaces", text, sizeof text);
    return (int)strtol(text, NULL, 10);
}

int usb_node_find(const struct usb_place *place, char out[static USB_NODE_SIZE])
{
    char bus[16], device[16];

    int r = read_text(place, "busnum", bus, sizeof bus);
    if (r == 0)
        r = read_text(place, "devnum", device, sizeof device);
    if (r < 0)
        return r == -ENOENT ? -ENODEV : r;
    long b = strtol(bus, NULL, 10), d = strtol(device, NULL, 10);
    if (b < 1 || d < 1 || b > 999 || d > 999)
        return -ENODEV;
    snprintf(out, USB_NODE_SIZE, "/dev/bus/usb/%03d/%03d", (int)b, (int)d);
    return 0;
}

/* ttyUSBn lies below the interface, ttyACMn one folder deeper. */
static bool find_tty(const char *dir, char out[static 32])
{
    DIR *d = opendir(dir);
    bool found = false;

    if (d == NULL)
        return false;
    for (struct dirent *e; !found && (e = readdir(d)) != NULL;) {
        if (strncmp(e->d_name, "tty", 3) == 0 && e->d_name[3] != '\0' && strlen(e->d_name) < 20) {
            snprintf(out, 32, "/dev/%.20s", e->d_name);
            found = true;
        }
    }
    closedir(d);
    return found;
}

static void interface_dir(const struct usb_place *place, char *out, size_t size)
{
    char device[USB_PLACE_TEXT_SIZE], config[8];

    usb_place_device_text(place, device);
    usb_device_text(place, "bConfigurationValue", config, sizeof config);
    snprintf(out, size, DEVICES "/%s:%s.%u", device, config[0] != '\0' ? config : "1", place->interface);
}

/* A Braille display's driver claims serial adapters it takes for one, as root: unseen by others, but it runs. */
static void find_claimer(const char *node, char out[static TTY_HOLDER_SIZE])
{
    tty_holder(node, out, TTY_HOLDER_SIZE);
    int pid = out[0] == '\0' && geteuid() != 0 ? tty_holder_running("brltty") : 0;
    if (pid != 0)
        snprintf(out, TTY_HOLDER_SIZE, "brltty (pid %d, by all signs)", pid);
}

void usb_binding_read(const struct usb_place *place, struct usb_binding *out)
{
    char dir[160], path[200], link[PATH_MAX], node[USB_NODE_SIZE];

    memset(out, 0, sizeof *out);
    interface_dir(place, dir, sizeof dir);
    snprintf(path, sizeof path, "%s/driver", dir);
    ssize_t n = readlink(path, link, sizeof link - 1);
    if (n > 0) {
        link[n] = '\0';
        const char *slash = strrchr(link, '/');
        snprintf(out->driver, sizeof out->driver, "%.31s", slash != NULL ? slash + 1 : link);
    }
    snprintf(path, sizeof path, "%s/tty", dir);
    if (find_tty(dir, out->tty) && strcmp(out->tty, "/dev/tty") == 0)
        out->tty[0] = '\0';
    if (out->tty[0] == '\0')
        find_tty(path, out->tty);
    if (out->tty[0] != '\0')
        tty_holder(out->tty, out->holder, sizeof out->holder);
    else if (strcmp(out->driver, "usbfs") == 0 && usb_node_find(place, node) == 0)
        find_claimer(node, out->holder);
}

/* Places and addresses of all devices, in whatever order they are listed. */
uint64_t usb_devices_digest(void)
{
    DIR *d = opendir(DEVICES);
    uint64_t sum = 0;
    struct usb_place place;
    char number[16];

    if (d == NULL)
        return 0;
    for (struct dirent *e; (e = readdir(d)) != NULL;) {
        if (usb_place_parse(e->d_name, &place) < 0)
            continue;
        uint64_t hash = UINT64_C(0xcbf29ce484222325); /* FNV-1a */
        usb_device_text(&place, "devnum", number, sizeof number);
        for (const char *p = e->d_name; *p != '\0'; p++)
            hash = (hash ^ (uint8_t)*p) * UINT64_C(0x100000001b3);
        for (const char *p = number; *p != '\0'; p++)
            hash = (hash ^ (uint8_t)*p) * UINT64_C(0x100000001b3);
        sum += hash;
    }
    closedir(d);
    return sum;
}
