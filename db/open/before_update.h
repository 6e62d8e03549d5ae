/* SPDX-License-Identifier: Apache-2.0 */
/*
 * before_update - the copy of a database of an earlier format that is kept before it is brought up to date, as FILE.vN (N: that
 * format), or FILE.vN-2, .. where a name is taken: none is ever written over. Called by the opener, which holds the station's lock.
 */
#ifndef DB_OPEN_BEFORE_UPDATE_H
#define DB_OPEN_BEFORE_UPDATE_H

#include "base/failure.h"

struct db;

#define KEPT_PATH 4128

/*
 * 0: `kept` names a copy that is durable, whole by SQLite's own check, and has every row; "" where there is nothing to keep
 * (a new file, one that is no file). -1: *f says why not, lack of room above all; then nothing was changed and nothing is left.
 */
int before_update_keep(struct db *db, int version, char kept[static KEPT_PATH], struct failure *f);

#endif /* DB_OPEN_BEFORE_UPDATE_H */
