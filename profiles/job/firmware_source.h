/* SPDX-License-Identifier: Apache-2.0 */
/*
 * firmware_source - the firmware a job names, read, hashed, held against its pins and turned into the job's plans.
 */
#ifndef PROFILES_JOB_FIRMWARE_SOURCE_H
#define PROFILES_JOB_FIRMWARE_SOURCE_H

#include "profiles/job/job_file.h"

struct arena;

/*
 * Fills plans, version, hashes and warnings of file->job. `firmware` replaces the path the file names (NULL: does not).
 * Returns 0, or -1 with *c filled: FAIL_JOB, FAIL_FIRMWARE or FAIL_HASH_MISMATCH.
 */
int firmware_source_load(struct job_file *file, const char *firmware, struct arena *arena,
                         struct complaint *c);
/* The file that the firmware is called by at first: the first that the job lists, or its file system where that is all there is. */
const struct firmware_file *firmware_source_first(const struct job_file *file);
/* Are the files that the job names there, and may they be read? None is opened. 0, or -1 with *c (FAIL_FIRMWARE). */
int firmware_source_find(const struct job_file *file, struct complaint *c);
/*
 * The name of the file at `path`, without folders, as the records call this firmware. False: it is longer than they take, or
 * acts, and the job has none ("").
 */
bool firmware_source_name(struct job *job, const char *path);

#endif /* PROFILES_JOB_FIRMWARE_SOURCE_H */
