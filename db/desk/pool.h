/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pool - what is handed out once: EUIs, serial numbers, keys, custom MACs, a file for each unit. One mechanism for all.
 *
 * A value is a board's by the board's MAC from the moment it is reserved, which is durable before a byte of it may reach the
 * board; the same board gets the same value again, in whatever attempt, and nobody else ever does. What a pool holds came in
 * by an engineer's word (db/desk/work.h: pool.import); docs/pools.md tells all of it.
 * Threads: as db/open/db.h.
 */
#ifndef DB_DESK_POOL_H
#define DB_DESK_POOL_H

#include "base/failure.h"
#include "base/mac.h"
#include "db/desk/pool_key.h"
#include "db/desk/pool_value.h"
#include "db/open/db.h"

/*
 * The value of pool `pool` for the board `mac` in the open attempt `attempt`, which must have identified it: the one it has, else
 * the oldest free one in the order of import. Durable on return. An attempt of training takes none: it is given one of the pool's
 * shape (out->practice); of a pool of files what stands as `practice` in its folder.
 * `key` opens secrets (NULL: this station has none). The caller wipes a secret: pool_value_wipe().
 * -1 with *f, and nothing is reserved: HOLD_POOL_EMPTY; FAIL_POOL: no such pool, no key or another one, the file is gone;
 * HOLD_MAC_BLANK; FAIL_RECORD.
 */
int pool_reserve(struct db *db, const char *pool, const struct mac *mac, int64_t attempt,
                 const struct pool_key *key, struct pool_value *out, struct failure *f);

#endif /* DB_DESK_POOL_H */
