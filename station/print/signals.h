/* SPDX-License-Identifier: Apache-2.0 */
/* signals - INT, TERM, HUP, and WINCH where there is a screen, as something to poll. Call before any thread starts: threads inherit the mask. */
#ifndef STATION_PRINT_SIGNALS_H
#define STATION_PRINT_SIGNALS_H

#include <stdbool.h>

/*
 * Blocks the three that ask for an end, with `resize` WINCH too, and returns a signalfd that tells of them (caller
 * closes), or a negative errno. Without `resize` whatever can be read there means: end.
 */
int signals_open(bool resize);
/* The number of the oldest waiting signal; 0: none waits. */
int signals_next(int fd);

#endif /* STATION_PRINT_SIGNALS_H */
