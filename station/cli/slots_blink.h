/* SPDX-License-Identifier: Apache-2.0 */
/* slots_blink - makes a slot's adapter show itself: by its modem lines where a LED hangs on them, else by TX activity. */
#ifndef STATION_CLI_SLOTS_BLINK_H
#define STATION_CLI_SLOTS_BLINK_H

#include "station/config/config.h"

/* For `seconds`, or until a signal. `lines`: DTR is toggled (which resets a board that is wired to it). An exit code. */
int slots_blink_run(const struct config_slot *slot, long seconds, bool lines);

#endif /* STATION_CLI_SLOTS_BLINK_H */
