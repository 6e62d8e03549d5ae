/* SPDX-License-Identifier: Apache-2.0 */
/*
 * station_files - may this path be written? A station's database is a place: the file, what SQLite and the station keep beside it
 * (-wal, -shm, -journal, .lock, .reserve, .sock, .restoring, .before-restore-N, .vN, its archives) and the configuration.
 * No writer of anything else may put a file there or replace one, whatever the path is called: folder and name are
 * compared by device and inode, so that links, bind mounts and other spellings are seen, and also what is not there yet.
 *
 * Any database with a FILE.lock beside it is some station's, known here or not.
 */
#ifndef BASE_STATION_FILES_H
#define BASE_STATION_FILES_H

#include <stdbool.h>

#include "base/failure.h"

#define STATION_DATABASES 5

/* What this station is known to own, besides what the file system tells. Borrowed texts; NULL: none. */
struct station_files {
    const char *databases[STATION_DATABASES]; /* the last is the room db's: the open one */
    const char *config;
};

enum write_use {
    WRITE_FILE, /* a file of any other kind */
    WRITE_DATABASE /* a database that takes the place of one: its own name is right, what lies beside one is not */
};

/* `own` may be NULL. 0, or -1 with *f (FAIL_RECORD): one line that names the path and whose file it is. */
int station_files_may_write(const struct station_files *own, const char *path, enum write_use use,
                            struct failure *f);
/* The same for `name` in an open folder, asked again right before the name is taken; `shown`: what the user called it. */
int station_files_may_write_at(const struct station_files *own, int folder, const char *name,
                               const char *shown, enum write_use use, struct failure *f);
/* What follows the database's name in the name of a file that belongs to it: "-wal", ".lock", ".before-restore-1". */
bool station_files_is_beside(const char *rest);

#endif /* BASE_STATION_FILES_H */
