/* SPDX-License-Identifier: Apache-2.0 */
/* one_port - the port that is meant where a verb is for one board: the one named, or the only one there is. */
#ifndef STATION_RUN_ONE_PORT_H
#define STATION_RUN_ONE_PORT_H

#define ONE_PORT_SIZE 96

/*
 * As run_slots_choose() takes it: `port` (a URI), else `slot` (number or label), else the URI of the only USB serial port
 * of this machine. NULL: not given. 0, or an exit code after a line on stderr (and the ports to choose from).
 */
int one_port_find(const char *verb, const char *port, const char *slot, char out[static ONE_PORT_SIZE]);

#endif /* STATION_RUN_ONE_PORT_H */
