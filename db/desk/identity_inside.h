/* SPDX-License-Identifier: Apache-2.0 */
/* identity_inside - the identity sector in the recorder's and the engineer's transactions. Answers SQLite codes. */
#ifndef DB_DESK_IDENTITY_INSIDE_H
#define DB_DESK_IDENTITY_INSIDE_H

#include <sqlite3.h>

#include "base/recorder.h"
#include "db/desk/identity.h"
#include "db/open/db_inside.h"

/* Fills has_identity and has_identity_left with their bytes, for `attempt` (not counted itself; 0: nobody's). */
int identity_known(sqlite3 *h, int64_t unit, int64_t attempt, struct recorder_verdict *v);
/*
 * What stands saved of any other sector of the attempt's unit, by the same rule, but that of the engineer's words only the one counts that
 * accepts what stands on the board: what he orders to be put back is the identity alone.
 */
int identity_saved_at(sqlite3 *h, int64_t attempt, uint32_t offset, struct saved_sector *out);
/* The sector in the row's columns 0 and 1 (data, hash). SQLITE_CORRUPT: a damaged one, which goes onto no board. */
int sector_copy(sqlite3_stmt *s, uint8_t out[static BACKUP_SIZE]);
/* The unit's row, made where it is the first that is heard of it. */
int identity_unit(struct db *db, const struct unit_identity *u, int64_t now, int64_t *id);
/* `act` NULL: what stands on the board is right. SQLITE_NOTFOUND: there is no such unit, SQLITE_LOCKED: it is being flashed. */
int identity_note_act(struct db *db, const struct mac *mac, const struct identity_act *act);

#endif /* DB_DESK_IDENTITY_INSIDE_H */
