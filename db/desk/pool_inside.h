/* SPDX-License-Identifier: Apache-2.0 */
/* pool_inside - the pools' part of the recorder's and the desk's transactions. SQLite codes. */
#ifndef DB_DESK_POOL_INSIDE_H
#define DB_DESK_POOL_INSIDE_H

#include "db/desk/pool.h"
#include "db/open/db_inside.h"

/* What the attempt reserved may reach its board from now on. */
int pool_note_written(struct db *db, int64_t attempt);
/* It passed: what it had reserved is on its board. */
int pool_note_verified(struct db *db, int64_t attempt);
/* After `taken` values went from the free ones: an event where that crossed the low-water mark. */
int pool_note_low(struct db *db, int64_t pool, int64_t taken);

struct pool_row {
    int64_t id, low_water;
    char name[POOL_NAME_SIZE];
    struct pool_shape shape;
    bool secret;
    uint8_t key_id[POOL_KEY_ID_SIZE];
    char folder[PATH_MAX];
};

/* SQLITE_ROW, SQLITE_DONE: no such pool, or an error. */
int pool_find(sqlite3 *h, const char *name, struct pool_row *out);

#endif /* DB_DESK_POOL_INSIDE_H */
