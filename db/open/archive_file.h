/* SPDX-License-Identifier: Apache-2.0 */
/* archive_file - a file of archived attempts: a copy of links and nothing else, without a journal and without triggers. */
#ifndef DB_OPEN_ARCHIVE_FILE_H
#define DB_OPEN_ARCHIVE_FILE_H

#include <sqlite3.h>
#include <stdbool.h>

/* SQLite code; one of before format 5 is none: its update makes a database of it, with a journal. */
int archive_file_is(sqlite3 *h, bool *archive);
/* A copy of an archive, to the newest format; it stays one. Never the archive itself, whose SHA-256 is known. SQLite code. */
int archive_file_update(sqlite3 *h);

#endif /* DB_OPEN_ARCHIVE_FILE_H */
