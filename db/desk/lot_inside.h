/* SPDX-License-Identifier: Apache-2.0 */
/* lot_inside - the lot's part of the recorder's transactions. SQLite codes. */
#ifndef DB_DESK_LOT_INSIDE_H
#define DB_DESK_LOT_INSIDE_H

#include "db/desk/lot.h"
#include "db/open/db_inside.h"

/*
 * May one more attempt start in this lot? SQLITE_OK; SQLITE_ABORT with *refusal HOLD_LOT_FULL: the lot is complete or
 * closed (sys 0), or its last places are taken by boards that are running (sys EAGAIN: ask again when one has ended).
 */
int lot_reserve(struct db *db, const char *code, bool training, struct failure *refusal);
/* Places of the plan that are taken, by good boards and running ones, of production or of practice: whichever are more. */
int lot_taken(struct db *db, const char *code, int64_t *taken);
/* After a PASS: notes an event when exactly `warn_left` places, or none, are left. */
int lot_note_progress(struct db *db, int64_t attempt, int warn_left);

#endif /* DB_DESK_LOT_INSIDE_H */
