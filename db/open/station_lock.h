/* SPDX-License-Identifier: Apache-2.0 */
/*
 * station_lock - one station a database file: open-file-description locks, held as long as the handle lives and released
 * by the kernel when the process dies. One on FILE.lock, which is there also while FILE is not, and one on a byte of FILE
 * itself, far behind all that SQLite locks: so links, bind mounts and other names of one file are one database.
 *
 * FILE.lock is never deleted, so nobody can lock a file that is no longer there, and is its station's alone, so nobody
 * else can lock it at all. Its text: who holds it, one line; then the state in which the records were left, which outlives
 * a crash and a failed start.
 */
#ifndef DB_OPEN_STATION_LOCK_H
#define DB_OPEN_STATION_LOCK_H

#include <stdbool.h>

#include "base/failure.h"

struct station_lock;

/* The records are being written; " inode N" says into which file and " journal S" how far the journal reached at the last
 * commit: after a crash the newest are in FILE-wal, which belongs to that file alone and must be there, unless FILE itself
 * reaches so far by now. Not synced: after a power cut S may be too low, never too high. */
#define LOCK_WRITING "writing"
/* Everything is in FILE itself, and the end is near. */
#define LOCK_ENDING "ending\n"
/* It ended, and nothing is claimed; what ended in order says more (db/open/clean_end.h). */
#define LOCK_ENDED "ended\n"

/* NULL: FAIL_DB_HELD names who holds it ("station 'bench 2', finishing 3 boards, pid 4711 on fab3"), FAIL_DB_OPEN for other trouble. */
struct station_lock *station_lock_take(const char *db_path, const char *station, struct failure *f);
/*
 * The file itself, which is there now: it is at `db_path` when 0 is returned, and its own lock is held. The descriptor stays
 * open until station_lock_free(), which must come after SQLite has closed the file: closing it drops SQLite's locks.
 */
int station_lock_file(struct station_lock *lock, const char *db_path, struct failure *f);
/* How the last holder left the records; "" when there never was one. */
const char *station_lock_state(const struct station_lock *lock);
/* From now on they are left like this. */
void station_lock_say(struct station_lock *lock, const char *state);
/* What the holder does just now ("finishing 3 boards"), for whoever meets the lock: one line. "": nothing to tell. */
void station_lock_tell(struct station_lock *lock, const char *doing);
/* Releases both; the state stays. NULL is fine. */
void station_lock_free(struct station_lock *lock);

#endif /* DB_OPEN_STATION_LOCK_H */
