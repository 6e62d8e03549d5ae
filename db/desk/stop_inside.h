/* SPDX-License-Identifier: Apache-2.0 */
/* stop_inside - the stop rules' part of the recorder's transactions. SQLite codes. */
#ifndef DB_DESK_STOP_INSIDE_H
#define DB_DESK_STOP_INSIDE_H

#include "db/desk/policy.h"
#include "db/desk/stop_rule.h"
#include "db/open/db_inside.h"

/* SQLITE_ABORT with *refusal FAIL_STOP_RULE when a stop holds for this slot on this port, or for the station. */
int stop_check(struct db *db, int slot, const char *port, bool training, struct failure *refusal);
/* After an attempt was closed and linked: records the stops it causes. */
int stop_judge(struct db *db, const struct db_policy *policy, int64_t attempt);
/* Releases what holds for `slot` (0: the station's own stops). *released: how many. */
int stop_release(struct db *db, int slot, const char *actor, const char *reason, int *released);

/* Training stops end with the run they came in: practice starts afresh. */
int stop_release_training(struct db *db);

#endif /* DB_DESK_STOP_INSIDE_H */
