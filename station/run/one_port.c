/* SPDX-License-Identifier: Apache-2.0 */
#include "station/run/one_port.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "station/config/port_name.h"
#include "station/config/slot_ports.h"
#include "station/print/cmd_fail.h"

static int refuse_many(const char *verb, const struct usb_serial *seen, int count)
{
    cmd_fail(EXIT_USAGE, verb, "%d ports are there; say which one with --port:", count);
    for (int i = 0; i < count && i < USB_LIST_MAX; i++) {
        char uri[SLOT_PORT_URI], trouble[SLOT_PORT_TROUBLE];
        slot_port_uri(&seen[i], uri);
        slot_port_trouble(&seen[i], trouble, sizeof trouble);
        if (uri[0] != '\0')
            fprintf(stderr, "  --port %-24s %s %s\n", uri, seen[i].product, seen[i].serial);
        else
            fprintf(stderr, "  %s cannot be used: %s\n", seen[i].name, trouble);
    }
    return EXIT_USAGE;
}

static int find_adapter(const char *verb, char out[static ONE_PORT_SIZE])
{
    char trouble[SLOT_PORT_TROUBLE] = "", uri[SLOT_PORT_URI];
    struct usb_serial *seen = calloc(USB_LIST_MAX, sizeof *seen);
    int code = 0;

    if (seen == NULL)
        return cmd_fail(EXIT_STATION, verb, "out of memory");
    int count = usb_list_read(seen, USB_LIST_MAX);
    if (count == 1)
        slot_port_trouble(&seen[0], trouble, sizeof trouble);
    if (strncmp(trouble, "ready", 5) == 0) /* no tty, but the ftdi: driver needs none */
        trouble[0] = '\0';
    if (count == 0)
        code = cmd_fail(EXIT_STATION, verb,
                        "%s: plug the board's adapter in, name a port with --port tty:/dev/ttyS0, "
                        "or practise with --sim",
                        usb_list_has_usb() ? "no USB serial port is there" : "this machine has no USB");
    else if (count > 1)
        code = refuse_many(verb, seen, count);
    else if (trouble[0] != '\0')
        code = cmd_fail(EXIT_STATION, verb, "%s: %s", seen[0].name, trouble);
    else
        slot_port_uri(&seen[0], uri);
    if (code == 0 && strlen(uri) >= ONE_PORT_SIZE)
        code = cmd_fail(EXIT_INPUT, verb, "the port's name is too long: %s; name it with --port", uri);
    else if (code == 0)
        memcpy(out, uri, strlen(uri) + 1);
    free(seen);
    return code;
}

int one_port_find(const char *verb, const char *port, const char *slot, char out[static ONE_PORT_SIZE])
{
    const char *name = port != NULL ? port : slot;
    char fault[PORT_NAME_FAULT];

    if (name == NULL)
        return find_adapter(verb, out);
    if (port != NULL && port_name_read(port, fault) != PORT_NAME_GOOD)
        return cmd_fail(EXIT_USAGE, verb, "--port: '%s' %s", port, fault);
    if (strlen(name) >= ONE_PORT_SIZE)
        return cmd_fail(EXIT_USAGE, verb, "%s'%s' is too long", port != NULL ? "--port: " : "slot ", name);
    snprintf(out, ONE_PORT_SIZE, "%s", name);
    return 0;
}
