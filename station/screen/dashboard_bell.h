/* SPDX-License-Identifier: Apache-2.0 */
/* dashboard_bell - tells the room that a batch has ended or that the station has stopped. */
#ifndef STATION_SCREEN_DASHBOARD_BELL_H
#define STATION_SCREEN_DASHBOARD_BELL_H

#include <stdbool.h>

struct dashboard;

/* After each collect: rings when the last running board has ended ("batch") and when a stop rule struck ("stop"). */
void bell_watch(struct dashboard *d);

#endif /* STATION_SCREEN_DASHBOARD_BELL_H */
