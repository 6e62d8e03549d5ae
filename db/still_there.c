/* SPDX-License-Identifier: Apache-2.0 */
#include "db/still_there.h"

#include <stdio.h>

#include "db/db_private.h"

static int look(const char *path, const char *end, struct stat *st)
{
    char name[4096 + 8];

    snprintf(name, sizeof name, "%s%s", path, end);
    return stat(name, st);
}

static bool same_file(const struct stat *was, const struct stat *is)
{
    return was->st_dev == is->st_dev && was->st_ino == is->st_ino && is->st_size >= was->st_size;
}

static bool untouched(const struct stat *was, const struct stat *is)
{
    return was->st_size == is->st_size && was->st_mtim.tv_sec == is->st_mtim.tv_sec &&
           was->st_mtim.tv_nsec == is->st_mtim.tv_nsec;
}

void still_there_note(struct db *db)
{
    struct still_there *t = &db->there;

    t->noted = db->on_disk && db->mode == DB_STATION && look(db->path, "", &t->file) == 0 &&
               look(db->path, "-wal", &t->wal) == 0 && look(db->path, "-shm", &t->shm) == 0;
}

static bool has_moved(struct db *db)
{
    int moved = 0;

    return sqlite3_file_control(db->h, "main", SQLITE_FCNTL_HAS_MOVED, &moved) == SQLITE_OK && moved != 0;
}

static bool look_at_all(struct db *db, struct still_there *now)
{
    const struct still_there *t = &db->there;

    return !has_moved(db) && look(db->path, "", &now->file) == 0 && look(db->path, "-wal", &now->wal) == 0 &&
           look(db->path, "-shm", &now->shm) == 0 && same_file(&t->file, &now->file) &&
           same_file(&t->wal, &now->wal) && same_file(&t->shm, &now->shm);
}

/* Nobody else writes them: a reviewer only reads, and a checkpoint is this handle's, within its own commits. */
bool still_there_look(struct db *db)
{
    const struct still_there *t = &db->there;
    struct still_there now;

    return !t->noted ||
           (look_at_all(db, &now) && untouched(&t->file, &now.file) && untouched(&t->wal, &now.wal));
}

bool still_there_place(struct db *db)
{
    struct still_there now;

    return !db->there.noted || look_at_all(db, &now);
}
