/* SPDX-License-Identifier: Apache-2.0 */
#include "db/open/still_there.h"

#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <unistd.h>

#include "db/open/db_inside.h"

#define WAL_HEAD       32
#define WAL_FRAME_HEAD 24

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

/* A WAL that was cut and then written behind the cut is long enough again, with a hole in it: where its last frame was there
 * is no page number. SQLite locks nothing in this file, so a descriptor of our own may be closed. */
static bool has_hole(const struct db *db)
{
    char name[4096 + 8];
    uint8_t head[12] = {0}, frame[4] = {0};

    snprintf(name, sizeof name, "%s-wal", db->path);
    int fd = open(name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0)
        return true;
    bool read = pread(fd, head, sizeof head, 0) == (ssize_t)sizeof head;
    off_t page = (off_t)head[8] << 24 | (off_t)head[9] << 16 | (off_t)head[10] << 8 | head[11];
    /* Of whole frames: a disk that was full may have taken half of one. */
    off_t frames = page > 0 ? (db->there.wal.st_size - WAL_HEAD) / (page + WAL_FRAME_HEAD) : 0;
    off_t last = WAL_HEAD + (frames - 1) * (page + WAL_FRAME_HEAD);
    read = read && (frames <= 0 || pread(fd, frame, sizeof frame, last) == (ssize_t)sizeof frame);
    close(fd);
    return !read || (frames > 0 && (frame[0] | frame[1] | frame[2] | frame[3]) == 0);
}

bool still_there_place(struct db *db)
{
    struct still_there now;

    return !db->there.noted || (look_at_all(db, &now) && !has_hole(db));
}
