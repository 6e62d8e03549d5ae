/* SPDX-License-Identifier: Apache-2.0 */
#include "station/config/slot_ports.h"

#include <dirent.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define BY_PATH "/dev/serial/by-path"

/* udev's name by place for a tty; false where there is none. */
static bool find_by_path(const char *tty, char out[static SLOT_PORT_URI])
{
    DIR *d = opendir(BY_PATH);
    char path[PATH_MAX], target[PATH_MAX];
    bool found = false;

    if (d == NULL)
        return false;
    for (struct dirent *e; !found && (e = readdir(d)) != NULL;) {
        snprintf(path, sizeof path, BY_PATH "/%s", e->d_name);
        if (realpath(path, target) != NULL && strcmp(target, tty) == 0 && strlen(path) < SLOT_PORT_URI - 4) {
            snprintf(out, SLOT_PORT_URI, "tty:%.120s", path);
            found = true;
        }
    }
    closedir(d);
    return found;
}

void slot_port_uri(const struct usb_serial *s, char out[static SLOT_PORT_URI])
{
    if (s->is_ftdi)
        snprintf(out, SLOT_PORT_URI, "ftdi:%s", s->name);
    else if (s->binding.tty[0] == '\0')
        out[0] = '\0';
    else if (!find_by_path(s->binding.tty, out))
        snprintf(out, SLOT_PORT_URI, "tty:%s", s->binding.tty);
}

/* Does a name of a tty, udev's links among them (by-id, by-path, a rule of one's own), lead to this one? */
static bool is_tty(const char *name, const char *tty)
{
    char target[PATH_MAX];

    return tty[0] != '\0' &&
           (strcmp(name, tty) == 0 || (realpath(name, target) != NULL && strcmp(target, tty) == 0));
}

/* A slot may have been written by hand with the tty's number, or by any link to it. */
static bool is_same_port(const char *port, const char *uri, const struct usb_serial *s)
{
    struct usb_place place;

    if (strncmp(port, "ftdi:", 5) == 0)
        return s->is_ftdi && usb_place_parse(port + 5, &place) == 0 &&
               usb_place_compare(&place, &s->place) == 0;
    return strcmp(port, uri) == 0 || (strncmp(port, "tty:", 4) == 0 && is_tty(port + 4, s->binding.tty));
}

const struct config_slot *slot_port_find(const struct config *config, const struct usb_serial *s)
{
    char uri[SLOT_PORT_URI];

    slot_port_uri(s, uri);
    for (int i = 0; i < config->slot_count; i++)
        if (is_same_port(config->slots[i].port, uri, s))
            return &config->slots[i];
    return NULL;
}

static void close_holder(const char *holder, char *out, size_t size)
{
    const char *cure = tty_holder_cure(holder);

    if (cure != NULL)
        snprintf(out, size, "%s has it: %s", holder, cure);
    else
        snprintf(out, size, "close %s", holder);
}

void slot_port_tty_trouble(const char *path, char *out, size_t size)
{
    char holder[TTY_HOLDER_SIZE];

    out[0] = '\0';
    tty_holder(path, holder, sizeof holder);
    if (access(path, F_OK) != 0)
        snprintf(out, size, "not seen");
    else if (holder[0] != '\0')
        close_holder(holder, out, size);
    else if (access(path, R_OK | W_OK) != 0)
        snprintf(out, size, "no permission: 'flashline doctor' says what gives it");
}

void slot_port_trouble(const struct usb_serial *s, char *out, size_t size)
{
    char device[USB_PLACE_TEXT_SIZE];

    out[0] = '\0';
    if (s->binding.holder[0] != '\0')
        close_holder(s->binding.holder, out, size);
    else if (s->is_ftdi && !s->permitted)
        snprintf(out, size, "no permission: 'flashline doctor' says what gives it");
    else if (strcmp(s->binding.driver, "usbfs") == 0)
        snprintf(out, size, "held by a program that cannot be seen from here%s",
                 geteuid() != 0 ? "; look again as root" : "");
    else if (s->is_ftdi && s->binding.driver[0] == '\0') {
        usb_place_device_text(&s->place, device);
        snprintf(out, size, "ready; for a tty: echo -n %s:1.%u | sudo tee /sys/bus/usb/drivers/ftdi_sio/bind",
                 device, s->place.interface);
    } else if (s->is_ftdi && strcmp(s->binding.driver, "ftdi_sio") != 0)
        snprintf(out, size, "driver %s has it: unload that driver", s->binding.driver);
}

void slot_ports_propose(const struct config *config, char *out, size_t size)
{
    struct usb_serial *list = calloc(USB_LIST_MAX, sizeof *list);
    int seen = list != NULL ? usb_list_read(list, USB_LIST_MAX) : 0, count = 0;
    char uri[SLOT_PORT_URI] = "", taken[SLOT_PORT_TROUBLE] = "";

    for (int i = 0; i < seen && i < USB_LIST_MAX; i++) {
        count += usb_serial_has_port(&list[i]);
        if (count == 1 && uri[0] == '\0')
            slot_port_uri(&list[i], uri);
        else if (count == 0)
            slot_port_trouble(&list[i], taken, sizeof taken);
    }
    if (count == 0 && taken[0] != '\0')
        snprintf(out, size, "no slot is configured in %s, and the adapter at %s cannot be used: %s",
                 config->path, list[0].name, taken);
    else if (!usb_list_has_usb())
        snprintf(
            out, size,
            "this machine has no USB and no slot is configured in %s; plug a USB host adapter in, name a port with "
            "--slots tty:/dev/ttyS0, or practise with --sim 8",
            config->path);
    else if (count == 0)
        snprintf(
            out, size,
            "no slot is configured in %s and no USB serial adapter is plugged in; plug the fixture in and run "
            "'flashline slots learn', or practise with --sim 8",
            config->path);
    else
        snprintf(
            out, size,
            "no slot is configured in %s, but %d USB serial interface%s plugged in; teach them with 'flashline "
            "slots learn --present', or name them with --slots %s",
            config->path, count, count == 1 ? " is" : "s are", uri);
    free(list);
}
