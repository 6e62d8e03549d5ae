/* SPDX-License-Identifier: Apache-2.0 */
/*
 * current_job - the job this station works with: a state of the station's own, by its audit. The newest row of an
 * engineer's change (job.change, job.unreleased) or of the station's own note (job.use) says it; attempts may be moved to an
 * archive, the audit stays. Without such a row, what was recorded before there were any stands for it: the newest
 * production attempt's job, else the job that was seen last.
 */
#ifndef DB_DESK_CURRENT_JOB_H
#define DB_DESK_CURRENT_JOB_H

#include "base/digest.h"
#include "db/open/db.h"

struct current_job {
    char name[64], sha256[SHA256_TEXT_SIZE]; /* both "": this station has had none */
    bool noted;                              /* the audit says so */
};

/* 0, or -1 with *f. */
int current_job_read(struct db *db, struct current_job *out, struct failure *f);
/* Notes (audit action job.use, role "station") that a run goes on with this one. 0, or -1 with *f. */
int current_job_note(struct db *db, const char *name, const char *sha256, struct failure *f);

#endif /* DB_DESK_CURRENT_JOB_H */
