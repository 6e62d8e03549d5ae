/* SPDX-License-Identifier: Apache-2.0 */
/*
 * still_there - is the file that is being written the one that people will find? A file that was removed, moved or
 * replaced takes rows as if nothing had happened, and so does one that another programme writes into or cuts. Looked at
 * in each transaction, under the database's lock. Private to this room.
 */
#ifndef DB_OPEN_STILL_THERE_H
#define DB_OPEN_STILL_THERE_H

#include <stdbool.h>
#include <sys/stat.h>

struct db;

/* A file as this handle left it after its last transaction. */
struct still_there {
    struct stat file, wal, shm;
    bool noted;
};

/* After everything this handle writes, committed or not. */
void still_there_note(struct db *db);
/* Is all of it where it was and as it was left? True also before the first note, and where there is no real file. */
bool still_there_look(struct db *db);
/* Right after a COMMIT, which has written: is the file still the one at its path, not cut and not exchanged? */
bool still_there_place(struct db *db);

#endif /* DB_OPEN_STILL_THERE_H */
