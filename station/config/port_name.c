/* SPDX-License-Identifier: Apache-2.0 */
#include "station/config/port_name.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "engine/port/ftdi/usb_place.h"

#define LISTS "'flashline slots' lists them"

static bool begins(const char *text, const char *with)
{
    return strncasecmp(text, with, strlen(with)) == 0;
}

static bool is_place(const char *text)
{
    struct usb_place place;

    return usb_place_parse(text, &place) == 0;
}

/* Whole, with a number behind it: "COM3". */
static bool is_numbered(const char *text, const char *word)
{
    const char *at = text + strlen(word);

    return begins(text, word) && *at != '\0' && strspn(at, "0123456789") == strlen(at);
}

/* "ttyUSB0", "pts/3", "dev/ttyACM1", "serial/by-path/...": a device without the folder it is in. */
static const char *device_below_dev(const char *text)
{
    static const char *const kinds[] = {"tty", "pts/", "serial/by-", "rfcomm"};
    const char *bare = begins(text, "./dev/") ? text + 6 : begins(text, "dev/") ? text + 4 : text;

    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
        if (strncmp(bare, kinds[i], strlen(kinds[i])) == 0 && bare[strlen(kinds[i])] != '\0' &&
            strpbrk(bare, ":, ") == NULL)
            return bare;
    return NULL;
}

static bool is_any_word(const char *text)
{
    static const char *const words[] = {"auto", "any", "first", "default", "detect", "all", "usb", "serial"};

    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        if (strcasecmp(text, words[i]) == 0)
            return true;
    return false;
}

static bool is_of_network(const char *text)
{
    static const char *const schemes[] = {
        "rfc2217:", "socket:", "tcp:", "telnet:", "loop:", "http:", "https:", "ws:"};

    for (size_t i = 0; i < sizeof schemes / sizeof schemes[0]; i++)
        if (begins(text, schemes[i]))
            return true;
    return false;
}

/* "COM3", "com12:", "\\\\.\\COM10" */
static bool is_windows(const char *text)
{
    const char *slash = strrchr(text, '\\');
    char bare[16];

    if (snprintf(bare, sizeof bare, "%s", slash != NULL ? slash + 1 : text) >= (int)sizeof bare)
        return false;
    size_t len = strlen(bare);
    if (len > 0 && bare[len - 1] == ':')
        bare[len - 1] = '\0';
    return is_numbered(bare, "com");
}

static bool is_macos(const char *text)
{
    const char *bare = begins(text, "/dev/") ? text + 5 : text;

    return strncmp(bare, "tty.", 4) == 0 || strncmp(bare, "cu.", 3) == 0;
}

/* A scheme of ours, well written or not. */
static enum port_name read_ours(const char *text, char fault[static PORT_NAME_FAULT])
{
    const char *name = strchr(text, ':') + 1;
    const char *device = begins(text, "tty:") ? device_below_dev(name) : NULL;

    if (begins(text, "sim:"))
        snprintf(fault, PORT_NAME_FAULT, "is a virtual board; those are never configured, use --sim");
    else if (begins(text, "ftdi:") && !is_place(name))
        snprintf(fault, PORT_NAME_FAULT, "is not a USB place; write it like ftdi:1-4.2:B (" LISTS ")");
    else if (begins(text, "tty:") && (is_macos(name) || is_windows(name)))
        snprintf(fault, PORT_NAME_FAULT, "is no port of Linux; write it like tty:/dev/ttyUSB0 (" LISTS ")");
    else if (begins(text, "tty:") && device != NULL)
        snprintf(fault, PORT_NAME_FAULT, "needs the device's whole path: write tty:/dev/%.100s", device);
    else if (begins(text, "tty:") && name[0] != '/')
        snprintf(fault, PORT_NAME_FAULT, "needs the device's whole path, like tty:/dev/ttyUSB0");
    else if (strncmp(text, "ftdi:", 5) != 0 && strncmp(text, "tty:", 4) != 0)
        snprintf(fault, PORT_NAME_FAULT, "is written in small letters: %s%.100s",
                 begins(text, "tty:") ? "tty:" : "ftdi:", name);
    else
        return PORT_NAME_GOOD;
    return PORT_NAME_MEANT;
}

static enum port_name read_foreign(const char *text, char fault[static PORT_NAME_FAULT])
{
    const char *device = device_below_dev(text), *inner = strstr(text, "/dev/");

    if (is_windows(text))
        snprintf(fault, PORT_NAME_FAULT,
                 "is a name of Windows; here a port is called ftdi:1-4.2:B or tty:/dev/ttyUSB0 (" LISTS ")");
    else if (is_macos(text))
        snprintf(fault, PORT_NAME_FAULT,
                 "is a name of macOS; here a port is called ftdi:1-4.2:B or tty:/dev/ttyUSB0 (" LISTS ")");
    else if (is_of_network(text))
        snprintf(fault, PORT_NAME_FAULT,
                 "is a port on the network; the station opens its own alone: ftdi:1-4.2:B or "
                 "tty:/dev/ttyUSB0 (" LISTS ")");
    else if (is_any_word(text))
        snprintf(fault, PORT_NAME_FAULT,
                 "names no port; write which one (" LISTS
                 "); 'flashline flash' without --port finds the only adapter by itself");
    else if (device != NULL)
        snprintf(fault, PORT_NAME_FAULT, "does not say what kind it is: write tty:/dev/%.100s", device);
    else if (inner != NULL)
        snprintf(fault, PORT_NAME_FAULT, "does not say what kind it is: write tty:%.100s", inner);
    else if (is_place(text))
        snprintf(fault, PORT_NAME_FAULT, "does not say what kind it is: write ftdi:%.100s", text);
    else {
        snprintf(fault, PORT_NAME_FAULT,
                 "does not say what kind it is; write ftdi:1-4.2:B or tty:/dev/ttyUSB0 (" LISTS ")");
        return strchr(text, ':') != NULL || text[0] == '/' ? PORT_NAME_MEANT : PORT_NAME_OTHER;
    }
    return PORT_NAME_MEANT;
}

enum port_name port_name_read(const char *text, char fault[static PORT_NAME_FAULT])
{
    fault[0] = '\0';
    if (begins(text, "ftdi:") || begins(text, "tty:") || begins(text, "sim:"))
        return read_ours(text, fault);
    return read_foreign(text, fault);
}
