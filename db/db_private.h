/* SPDX-License-Identifier: Apache-2.0 */
/* db_private - what the files of this room share about an open database. */
#ifndef DB_DB_PRIVATE_H
#define DB_DB_PRIVATE_H

#include <pthread.h>

#include <sqlite3.h>

#include "db/db.h"

struct station_lock;

struct db {
    sqlite3 *h;
    enum db_mode mode;
    pthread_mutex_t mutex; /* guards h in DB_STATION; recursive */
    struct db_clock clock;
    struct station_lock *lock;
    int64_t run_id;  /* row of `run` of this start; 0 in DB_REVIEW */
    char path[4096];
    char station[64];
};

void db_lock(struct db *db);
void db_unlock(struct db *db);
/* BEGIN IMMEDIATE / COMMIT / ROLLBACK under the lock. Codes of SQLite. */
int db_begin(struct db *db);
int db_commit(struct db *db);
void db_rollback(struct db *db); /* harmless when nothing is open */

#define UUID_TEXT_SIZE 37
/* Version 7: time first, then random. Text with hyphens. */
void uuid_new(int64_t wall_ms, char out[static UUID_TEXT_SIZE]);

#endif /* DB_DB_PRIVATE_H */
