/* SPDX-License-Identifier: Apache-2.0 */
/*
 * db - one database file, opened either by the station that writes it or by someone who reviews it.
 *
 * DB_STATION: the only writer. Creates and migrates the file, sets WAL and synchronous=FULL and reads both back, holds
 * FILE.lock so that a second station is refused by name (FAIL_DB_HELD). All checkpoints are this connection's. Looks
 * the file through (quick_check) unless the last station ended in order in this boot, nobody has touched the file since,
 * and it was looked through within a day (db/open/clean_end.h).
 * DB_REVIEW: read-only beside a running station (mode=ro, query_only, never a checkpoint). Migrates nothing.
 *
 * Threads: a DB_STATION handle may be used from any thread, calls are serialised inside; a DB_REVIEW handle belongs to
 * one thread. Never carry a handle across fork(), and never open the live file by other means in the same process.
 */
#ifndef DB_OPEN_DB_H
#define DB_OPEN_DB_H

#include <stdbool.h>
#include <stdint.h>

#include "base/failure.h"

struct db;
struct station_files;

enum db_mode { DB_STATION, DB_REVIEW };

/* Replaceable for tests of clock jumps; NULL: the real ones. Wall is Unix ms in UTC, mono is CLOCK_MONOTONIC in us. */
struct db_clock {
    void *ctx;
    int64_t (*wall_ms)(void *ctx);
    int64_t (*mono_us)(void *ctx);
    const char
        *boot; /* names the boot that mono counts from; NULL: this machine's own, by the kernel's boot_id */
};

struct db_options {
    const char *path;
    enum db_mode mode;
    const char *station;          /* this station's name, shown to whoever is refused; NULL: host name */
    const struct db_clock *clock; /* borrowed; NULL: real */
    const struct station_files
        *own;        /* what else is the station's: no export or backup goes there; NULL: not told */
    const char *vfs; /* SQLite VFS; NULL: the default. Another one has no lock file (tests) */
    /* Called before a DB_STATION's file of `bytes` is looked through, which takes seconds for a large one; may be NULL. */
    void (*looking)(void *ctx, int64_t bytes);
    void *looking_ctx;
};

/*
 * NULL: *f says why: FAIL_DB_OPEN (not a database, another programme's database, newer than this programme, not
 * writable, locked, damaged, missing for DB_REVIEW) or FAIL_DB_HELD. Folders of a new file are made. Caller: db_close().
 */
struct db *db_open(const struct db_options *options, struct failure *f);
void db_close(struct db *db); /* NULL is fine */

/* One line on what the station does, for whoever is refused because it holds the file; "": none. Of DB_STATION only. */
void db_tell(struct db *db, const char *doing);

int db_format(void);          /* of the files that this programme writes (PRAGMA user_version) */
const char *db_library(void); /* SQLite's version: of the one that is loaded */
const char *db_path(const struct db *db);
/*
 * Did this opening bring the file up to date? The format it had, else 0; `kept` names the verified copy that was made before
 * (FILE.vN), "" where there was nothing to keep. Until db_close().
 */
int db_updated_from(const struct db *db, const char **kept);
const struct station_files *
db_station_files(const struct db *db); /* what `own` said, and this file; until db_close() */
enum db_mode db_mode_of(const struct db *db);
int64_t db_run(const struct db *db); /* this start of the station, as attempts name it; 0 in DB_REVIEW */
int64_t db_wall_ms(const struct db *db);
int64_t db_mono_us(const struct db *db);

#endif /* DB_OPEN_DB_H */
