/* SPDX-License-Identifier: Apache-2.0 */
/* port_scan - serial ports behind USB that this machine has now, as the kernel lists them. */
#ifndef STATION_PORT_SCAN_H
#define STATION_PORT_SCAN_H

#define PORT_SCAN_MAX 64

struct port_seen {
    char uri[96];      /* "tty:/dev/ttyUSB0" */
    char product[128]; /* "FT4232H Quad HS USB-UART", "" when it does not say */
};

/*
 * Fills `out` in the order of their names and returns how many there are (more than `max`: only `max` are filled).
 * `root`: NULL, or a folder to look in instead of / (tests).
 */
int port_scan(const char *root, struct port_seen *out, int max);

#endif /* STATION_PORT_SCAN_H */
