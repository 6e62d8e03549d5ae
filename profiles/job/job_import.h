/* SPDX-License-Identifier: Apache-2.0 */
/*
 * job_import - a job file written from the folder of an ESP-IDF build. What it says is read back by the job's own reader
 * and held against the build, so that what is imported is what 'flash' with the folder itself would do.
 */
#ifndef PROFILES_JOB_JOB_IMPORT_H
#define PROFILES_JOB_JOB_IMPORT_H

#include <stddef.h>

#include "profiles/text/complaint.h"

struct job_import {
    const char *text; /* of the job file */
    size_t size;
    const char *const *notes; /* what a job has no word for, by name, and what the images tell */
    size_t note_count;
    void *memory; /* private */
};

/*
 * `build`: the folder or its flasher_args.json; `path`: where the job file will be, as its paths are relative to that. Nothing
 * is written. Caller owns *out, also after -1: job_import_free(). 0, or -1 and *c.
 */
int job_import_prepare(const char *build, const char *path, struct job_import *out, struct complaint *c);
void job_import_free(struct job_import *import);

#endif /* PROFILES_JOB_JOB_IMPORT_H */
