/* SPDX-License-Identifier: Apache-2.0 */
/* dashboard_serial - the serials of the boards on the screen: what a slot's tile says of its own, and the keys for them. */
#ifndef STATION_SCREEN_DASHBOARD_SERIAL_H
#define STATION_SCREEN_DASHBOARD_SERIAL_H

#include "station/screen/dashboard_state.h"

/* That the board has, or had on its record; "" : none. */
const char *serial_code(const struct dashboard *d, int i);
/* What the operator must do at slot i: face_instruction(), and why another scan is asked for. In `out`, or static. */
const char *serial_instruction(const struct dashboard *d, int i, char out[static FACE_TEXT]);
/* The selection came to a slot that waits for its turn: the next scan is for its board. */
void serial_choose(struct dashboard *d);
/* Takes back the selected board's serial, else the last that was taken; false: there is none. */
bool serial_take_back(struct dashboard *d);
bool serial_can_take_back(const struct dashboard *d);

#endif /* STATION_SCREEN_DASHBOARD_SERIAL_H */
