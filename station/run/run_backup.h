/* SPDX-License-Identifier: Apache-2.0 */
/*
 * run_backup - a verified copy of the database once a day while a run lasts, on a thread of its own that sleeps until
 * then. Reads beside the recorder and never holds it up; how it went is an event.
 */
#ifndef STATION_RUN_RUN_BACKUP_H
#define STATION_RUN_RUN_BACKUP_H

#include "db/open/db.h"

struct run_backup;

#define RUN_BACKUP_KEEP 30 /* newest copies kept in the folder */

/*
 * A copy is made at once if today's is missing, then every night at 02:30 local time. NULL: *f says why nothing runs.
 * `writer`, DB_STATION, is borrowed until run_backup_free(). Caller owns: run_backup_free().
 */
struct run_backup *run_backup_new(struct db *writer, const char *folder, struct failure *f);
/* Ends the thread (a copy under way is finished). NULL is fine. 0, or -1: some copy failed, *f is the last one's. */
int run_backup_free(struct run_backup *b, struct failure *f);

#endif /* STATION_RUN_RUN_BACKUP_H */
