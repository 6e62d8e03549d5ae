/* SPDX-License-Identifier: Apache-2.0 */
/*
 * station_lock - one station a database: an advisory lock on FILE.lock, held as long as the handle lives and released
 * by the kernel when the process dies. The file's text names the holder, and afterwards says how it ended. It is never
 * deleted, so nobody can lock a file that is no longer there.
 */
#ifndef DB_STATION_LOCK_H
#define DB_STATION_LOCK_H

#include "base/failure.h"

struct station_lock;

/* NULL: FAIL_DB_HELD names who holds it ("station 'bench 2', pid 4711 on host fab3"), FAIL_DB_OPEN for other trouble. */
struct station_lock *station_lock_take(const char *db_path, const char *station, struct failure *f);
/* What the last holder left at its end; "" when it left nothing, as after a crash. */
const char *station_lock_last_word(const struct station_lock *lock);
/* Leaves `word` (NULL or "": nothing) for the next holder. NULL lock is fine. */
void station_lock_free(struct station_lock *lock, const char *word);

#endif /* DB_STATION_LOCK_H */
