/* SPDX-License-Identifier: Apache-2.0 */
/* db_inside - what the files of this room share about an open database. */
#ifndef DB_OPEN_DB_INSIDE_H
#define DB_OPEN_DB_INSIDE_H

#include <pthread.h>
#include <stdatomic.h>

#include <sqlite3.h>

#include "base/station_files.h"
#include "db/open/before_update.h"
#include "db/open/db.h"
#include "db/open/still_there.h"
#include "db/open/station_lock.h"

struct journal;

struct db {
    /* Written while it is opened and not after. */
    enum db_mode mode;
    struct db_clock clock;
    struct station_files own; /* with this file: no writer goes there */
    bool on_disk;             /* a real file: free space is watched, a reserve is kept */
    int64_t run_id;           /* row of `run` of this start; 0 in DB_REVIEW */
    int64_t checked_ms;       /* when the file was last looked through, now or by an earlier station */
    char path[4096];
    char station[64];
    int updated_from;     /* the format that this opening found and left; 0: none, or a new file */
    char kept[KEPT_PATH]; /* the copy of then; "": none */
    /* How many rows of `event` this handle wrote, committed or not: cheap to ask without the lock. */
    atomic_long events;

    pthread_mutex_t
        mutex; /* "the database's lock", recursive: what follows, once it is open; until then it is one thread's */
    sqlite3 *h;
    sqlite3_stmt
        *records; /* the last query of records, to be asked again: preparing it takes longer than a look-up */
    struct journal *journal;   /* what transactions touch; NULL in DB_REVIEW */
    struct station_lock *lock; /* what it says, too */
    struct still_there there;
    int broken; /* SQLite code of an I/O error at COMMIT, or of a file that is no longer at its place; from then on nothing is
                   written through this handle */
    long
        doubts; /* commits that ended in an error: what they were to write may be there or not, a reopen will tell */
    bool suspect; /* SQLite found damage through this handle: the next station looks again */
};

void db_lock(struct db *db);
void db_unlock(struct db *db);
/*
 * Runs `steps` in a transaction and commits: SQLITE_OK only when the commit was durable, else nothing of it is left.
 * When the disk is full, gives up the reserve file and tries once more.
 */
int db_transact(struct db *db, int (*steps)(struct db *db, void *arg), void *arg);
/* BEGIN IMMEDIATE / COMMIT / ROLLBACK under the lock. Codes of SQLite. */
int db_begin(struct db *db);
/* The lock says what is being written, and how far it has come. */
void db_say_writing(struct db *db);
int db_commit(struct db *db);
void db_rollback(struct db *db); /* harmless when nothing is open */

/*
 * A file that no longer opens, for what can still be read in it: nothing was looked at, its format least of all; every row
 * may be a lie. NULL: not even that. DB_REVIEW.
 */
struct db *db_open_wreck(const char *path);
/*
 * A new database of this format in memory, with FILE, which nobody writes any more, attached to it as `past`. It may be
 * written until its owner says otherwise; DB_REVIEW to everybody else. NULL: *f.
 */
struct db *db_open_beside(const char *file, struct failure *f);
/* Says in the lock that all is in the file itself, if so: right before it is closed. */
bool db_say_ending(struct db *db);
/* PRAGMA quick_check, in either mode; 0, or -1 with *f. Seconds for a large file. */
int db_look_through(struct db *db, struct failure *f);
/* A compact copy of the whole database into a new file, in either mode; under the lock. SQLite code. */
int db_vacuum_into(struct db *db, const char *path);

#define UUID_TEXT_SIZE 37
/* Version 7: time first, then random. Text with hyphens. */
void uuid_new(int64_t wall_ms, char out[static UUID_TEXT_SIZE]);

#endif /* DB_OPEN_DB_INSIDE_H */
