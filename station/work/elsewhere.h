/* SPDX-License-Identifier: Apache-2.0 */
/*
 * elsewhere - work on real boards with records other than the station's own: the role lock must not open by naming
 * another file (--db), or the training database.
 */
#ifndef STATION_WORK_ELSEWHERE_H
#define STATION_WORK_ELSEWHERE_H

#include "db/desk/work.h"
#include "station/config/options_common.h"

/* Is `database` the file that the configuration (`configured`; "" or NULL: none) means? */
bool elsewhere_is_home(const char *configured, const char *database);
/*
 * For a database that is not: asks the engineers of the station's own, if it has one and they are enrolled, and puts `call` in its audit.
 * 0, or an exit code after one line on stderr.
 */
int elsewhere_ask(const char *verb, const struct options_common *common, const char *configured,
                  struct work_call *call);

#endif /* STATION_WORK_ELSEWHERE_H */
