/* SPDX-License-Identifier: Apache-2.0 */
/* dashboard_keys - one thing the operator did: a key, or a scan, which is never a key. Changes the state, draws nothing. */
#ifndef STATION_SCREEN_DASHBOARD_KEYS_H
#define STATION_SCREEN_DASHBOARD_KEYS_H

struct dashboard;
struct input_event;

void dashboard_input(struct dashboard *d, const struct input_event *e);

#endif /* STATION_SCREEN_DASHBOARD_KEYS_H */
