/* SPDX-License-Identifier: Apache-2.0 */
/*
 * stop_rule - when to stop flashing: too many failures in a row on one slot or on the station, or too low a yield.
 * A stop is a record; it holds, over restarts too, until it is released with a reason. FAIL and ERROR are failures, PASS
 * ends a row, HOLD, ABORTED and INTERRUPTED say nothing about slot or process and are passed over.
 */
#ifndef DB_DESK_STOP_RULE_H
#define DB_DESK_STOP_RULE_H

#include "db/open/db.h"

struct stop_info {
    int64_t id, at_ms;
    int slot; /* 0: the whole station */
    char text[160];
};

/* Stops that hold now, oldest first. Rows filled, or -1 with *f. */
int stop_list(struct db *db, bool training, struct stop_info *out, int max, struct failure *f);

#endif /* DB_DESK_STOP_RULE_H */
