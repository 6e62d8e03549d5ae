/* SPDX-License-Identifier: Apache-2.0 */
#include "db/open/db.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "db/open/clean_end.h"
#include "db/open/db_inside.h"
#include "db/open/disk_guard.h"
#include "db/open/journal.h"
#include "db/open/schema.h"
#include "db/open/sql.h"
#include "db/open/trace.h"

void db_lock(struct db *db)
{
    pthread_mutex_lock(&db->mutex);
}

void db_unlock(struct db *db)
{
    pthread_mutex_unlock(&db->mutex);
}

/* What would be written now, nobody would find. */
static int lose(struct db *db)
{
    return db->broken = SQLITE_READONLY_DBMOVED;
}

int db_begin(struct db *db)
{
    db_lock(db);
    int rc = db->broken != 0 ? db->broken : sql_script(db->h, "BEGIN IMMEDIATE");
    if (rc == SQLITE_OK && !still_there_look(db)) {
        sql_script(db->h, "ROLLBACK");
        rc = lose(db);
    }
    if (rc != SQLITE_OK)
        db_unlock(db);
    else
        journal_start(db->journal);
    return rc;
}

void db_say_writing(struct db *db)
{
    char state[96];
    uint8_t hash[SHA256_SIZE];
    int64_t seq = 0;

    if (db->lock == NULL || journal_head(db->h, &seq, hash) != SQLITE_OK)
        return;
    snprintf(state, sizeof state, LOCK_WRITING " inode %ju journal %" PRId64 "\n",
             (uintmax_t)db->there.file.st_ino, seq);
    station_lock_say(db->lock, state);
}

void db_tell(struct db *db, const char *doing)
{
    db_lock(db);
    if (db->lock != NULL)
        station_lock_tell(db->lock, doing);
    db_unlock(db);
}

int db_commit(struct db *db)
{
    int rc = journal_write(db->journal, NULL);

    if (rc != SQLITE_OK) { /* before any commit: nobody can be in doubt */
        db_rollback(db);
        return rc;
    }
    journal_stop(db->journal);
    rc = sql_script(db->h, "COMMIT");
    if (rc != SQLITE_OK) {
        db->doubts++;
        /* Nothing of this transaction may come back later: what was not acknowledged is undone. */
        if (sqlite3_get_autocommit(db->h) == 0)
            sqlite3_exec(db->h, "ROLLBACK", NULL, NULL, NULL);
        /* After a failed fsync the kernel may have dropped the pages and call the next one good: believe nothing more. */
        if ((rc & 0xff) == SQLITE_IOERR)
            db->broken = rc;
    } else if (!still_there_place(db)) {
        db->doubts++;
        rc = lose(db);
    }
    if (db->broken == 0)
        still_there_note(db);
    if (rc == SQLITE_OK && db->lock != NULL &&
        strncmp(station_lock_state(db->lock), LOCK_WRITING, strlen(LOCK_WRITING)) == 0)
        db_say_writing(db);
    db_unlock(db);
    return rc;
}

void db_rollback(struct db *db)
{
    journal_stop(db->journal);
    if (sqlite3_get_autocommit(db->h) == 0)
        sqlite3_exec(db->h, "ROLLBACK", NULL, NULL, NULL);
    if (db->broken == 0)
        still_there_note(db); /* a large transaction writes before it is undone */
    db_unlock(db);
}

static int transact_once(struct db *db, int (*steps)(struct db *db, void *arg), void *arg)
{
    int rc = db_begin(db);

    if (rc != SQLITE_OK)
        return rc;
    rc = steps(db, arg);
    if (rc == SQLITE_OK)
        rc = db_commit(db);
    else
        db_rollback(db);
    if ((rc & 0xff) == SQLITE_CORRUPT || (rc & 0xff) == SQLITE_NOTADB) {
        db_lock(db);
        db->suspect = true;
        db_unlock(db);
    }
    return rc;
}

int db_transact(struct db *db, int (*steps)(struct db *db, void *arg), void *arg)
{
    int rc = transact_once(db, steps, arg);

    if ((rc & 0xff) == SQLITE_FULL && db->on_disk && disk_reserve_release(db->path))
        rc = transact_once(db, steps, arg);
    return rc;
}

int db_vacuum_into(struct db *db, const char *path)
{
    /* query_only would refuse it although it only reads this file; a review connection is opened read-only anyway. */
    bool review = db->mode == DB_REVIEW;
    int rc = review ? sql_script(db->h, "PRAGMA query_only=OFF") : SQLITE_OK;

    if (rc == SQLITE_OK)
        rc = sql_run(db->h, "VACUUM INTO ?", "t", path);
    if (review && sql_script(db->h, "PRAGMA query_only=ON") != SQLITE_OK && rc == SQLITE_OK)
        rc = SQLITE_ERROR;
    return rc;
}

const struct station_files *db_station_files(const struct db *db)
{
    return &db->own;
}

int db_updated_from(const struct db *db, const char **kept)
{
    *kept = db->kept;
    return db->updated_from;
}

int db_format(void)
{
    return schema_newest();
}

const char *db_library(void)
{
    return sqlite3_libversion();
}

const char *db_path(const struct db *db)
{
    return db->path;
}

int64_t db_run(const struct db *db)
{
    return db->run_id;
}

enum db_mode db_mode_of(const struct db *db)
{
    return db->mode;
}

int64_t db_wall_ms(const struct db *db)
{
    return db->clock.wall_ms(db->clock.ctx);
}

int64_t db_mono_us(const struct db *db)
{
    return db->clock.mono_us(db->clock.ctx);
}

/* Everything in the file itself, durably, and nothing wrong with it on the way. */
static bool ends_in_order(struct db *db)
{
    int frames = -1, copied = -1;

    return db->lock != NULL && db->run_id != 0 && db->broken == 0 && !db->suspect &&
           sqlite3_next_stmt(db->h, NULL) == NULL && sqlite3_get_autocommit(db->h) != 0 &&
           sqlite3_wal_checkpoint_v2(db->h, NULL, SQLITE_CHECKPOINT_PASSIVE, &frames, &copied) == SQLITE_OK &&
           frames == copied;
}

bool db_say_ending(struct db *db)
{
    bool in_order = ends_in_order(db);

    if (in_order)
        station_lock_say(db->lock, LOCK_ENDING);
    return in_order;
}

void db_close(struct db *db)
{
    char word[CLEAN_END_TEXT] = "";

    if (db == NULL)
        return;
    bool in_order = db_say_ending(db), wrote = db->lock != NULL && db->run_id != 0;
    /* What is at the path now may not be ours to fold; and what an unknown commit wrote, only a reopen can tell from its WAL. */
    if (db->broken != 0 || db->doubts != 0)
        sqlite3_db_config(db->h, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, (int *)NULL);
    journal_free(db->journal);
    sqlite3_finalize(db->records);
    int rc = sqlite3_close_v2(db->h);
    if (rc == SQLITE_OK && in_order)
        clean_end_write(word, db->path, db->run_id, db->checked_ms);
    /* A WAL that is still there without an end in order is still needed. */
    if (wrote && db->broken != SQLITE_READONLY_DBMOVED && (word[0] != '\0' || !trace_wal_is_there(db->path)))
        station_lock_say(db->lock, word[0] != '\0' ? word : LOCK_ENDED);
    station_lock_free(db->lock);
    pthread_mutex_destroy(&db->mutex);
    for (int i = 0; i < STATION_DATABASES - 1; i++)
        free((char *)(uintptr_t)db->own.databases[i]);
    free((char *)(uintptr_t)db->own.config);
    free(db);
}
