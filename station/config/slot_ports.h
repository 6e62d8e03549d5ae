/* SPDX-License-Identifier: Apache-2.0 */
/*
 * slot_ports - the machine's serial interfaces beside the configuration's slots: which place is which slot, what a port
 * is called, what is wrong with it and what to do.
 */
#ifndef STATION_CONFIG_SLOT_PORTS_H
#define STATION_CONFIG_SLOT_PORTS_H

#include "engine/port/ftdi/usb_list.h"
#include "station/config/config.h"

#define SLOT_PORT_URI     128
#define SLOT_PORT_TROUBLE 256

/* "ftdi:1-4.2:B"; for others the tty, by its place where udev names it so ("tty:/dev/serial/by-path/.."); "": it has none. */
void slot_port_uri(const struct usb_serial *s, char out[static SLOT_PORT_URI]);
/* The slot that is taught this port, or NULL. */
const struct config_slot *slot_port_find(const struct config *config, const struct usb_serial *s);
/* One sentence on why an interface cannot be used now and what helps; "" when nothing is wrong. */
void slot_port_trouble(const struct usb_serial *s, char *out, size_t size);
/* What a person without configured slots should do, in one sentence that knows what is plugged in. */
void slot_ports_propose(const struct config *config, char *out, size_t size);

/* Of a port that is named by its tty ("/dev/ttyUSB0"): the same, and "not seen" where there is none. */
void slot_port_tty_trouble(const char *path, char *out, size_t size);

#endif /* STATION_CONFIG_SLOT_PORTS_H */
