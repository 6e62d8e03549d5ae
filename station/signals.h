/* SPDX-License-Identifier: Apache-2.0 */
/* signals - INT, TERM, HUP and WINCH as something to poll. Call before any thread starts: threads inherit the mask. */
#ifndef STATION_SIGNALS_H
#define STATION_SIGNALS_H

/* Blocks the four and returns a signalfd that tells of them (caller closes), or a negative errno. */
int signals_open(void);
/* The number of the oldest waiting signal; 0: none waits. */
int signals_next(int fd);

#endif /* STATION_SIGNALS_H */
