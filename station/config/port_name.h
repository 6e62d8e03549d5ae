/* SPDX-License-Identifier: Apache-2.0 */
/* port_name - is a text the name of a port that a slot can have, and if not, what was meant and what to write. Pure. */
#ifndef STATION_CONFIG_PORT_NAME_H
#define STATION_CONFIG_PORT_NAME_H

#define PORT_NAME_FAULT 256

enum port_name {
    PORT_NAME_GOOD,
    PORT_NAME_MEANT, /* a port is meant and written otherwise: `fault` says how it is written here */
    PORT_NAME_OTHER, /* nothing like one: `fault` says what one looks like */
};

/* For every door where a port is named. `fault` follows the text in quotes: "is a name of Windows; ...". */
enum port_name port_name_read(const char *text, char fault[static PORT_NAME_FAULT]);

#endif /* STATION_CONFIG_PORT_NAME_H */
