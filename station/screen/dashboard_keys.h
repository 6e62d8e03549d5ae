/* SPDX-License-Identifier: Apache-2.0 */
/* dashboard_keys - one thing the operator did: a key, or a scan, which is never a key. Changes the state, draws nothing. */
#ifndef STATION_SCREEN_DASHBOARD_KEYS_H
#define STATION_SCREEN_DASHBOARD_KEYS_H

#include <stdbool.h>

#include "station/print/stop_request.h"

struct dashboard;
struct input_event;

void dashboard_input(struct dashboard *d, const struct input_event *e);
/* A signal that asks for the end. `by_key`: Ctrl-C, behind which somebody sits who can be asked before boards are aborted. */
void dashboard_stop(struct dashboard *d, enum stop_step step, bool by_key);

#endif /* STATION_SCREEN_DASHBOARD_KEYS_H */
