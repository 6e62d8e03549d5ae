/* SPDX-License-Identifier: Apache-2.0 */
/*
 * job_notes - what was said of a job before boards were flashed with it: that it leaves a sector the board's own, that an
 * image narrows the boards it is for. Who reads the records later was not there. Events of kind JOB, of this run.
 */
#ifndef DB_DESK_JOB_NOTES_H
#define DB_DESK_JOB_NOTES_H

#include <stddef.h>

#include "base/digest.h"
#include "db/open/db.h"

/*
 * One event a note, "job NAME HASH: note" with the first 8 digits of the job file's SHA-256, all of them or none; `db` is
 * DB_STATION. 0 when they are durable, or -1 with *f. db/read/story.c tells them with each attempt of that job and run.
 */
int job_notes_record(struct db *db, const char *job, const uint8_t sha256[static SHA256_SIZE],
                     const char *const *notes, size_t count, struct failure *f);

#endif /* DB_DESK_JOB_NOTES_H */
