/* SPDX-License-Identifier: Apache-2.0 */
/*
 * work_client - a verb's way to change work: through the running station, or by itself when none runs. The engineer's
 * PIN comes from $FLASHLINE_PIN or, asked for when it is needed, from the terminal without echo; never from an option.
 */
#ifndef STATION_WORK_CLIENT_H
#define STATION_WORK_CLIENT_H

#include "db/work.h"
#include "station/options.h"

/*
 * Does `call` (its pin is filled in here) on the database that --db or the configuration names. 0 with `who` (64 bytes or
 * NULL), or an exit code after one line on stderr: 1 refused (role, rule), 2 reason missing, 4 database.
 */
int work_request(const char *verb, const struct options_common *common, struct work_call *call, char *who);

#define PIN_TEXT 80
/* $VARIABLE, else asks on the terminal. 0, -ENOTTY: neither is there, -ECANCELED: Ctrl-C. */
int pin_ask(const char *variable, const char *question, char out[static PIN_TEXT]);

#endif /* STATION_WORK_CLIENT_H */
