/* SPDX-License-Identifier: Apache-2.0 */
/*
 * job_release - pins a job to its firmware: writes `sha256:` beside every file the job names, and `released: yes`.
 *
 * The text is edited, not written anew: comments and order stay. The result is read back by the same strict reader
 * before it replaces the file (temporary file, fsync, rename); what cannot be edited safely is refused.
 */
#ifndef PROFILES_JOB_RELEASE_H
#define PROFILES_JOB_RELEASE_H

#include "profiles/complaint.h"
#include "profiles/job_file.h"

struct released_file {
    char path[256];
    char sha256[SHA256_TEXT_SIZE];
};

struct job_released {
    struct released_file files[JOB_IMAGES_MAX];
    size_t count;
};

/* Checks job and firmware whole, then writes. Returns 0 with *out (may be NULL), or -1 with *c filled. */
int job_release(const char *path, struct job_released *out, struct complaint *c);

#endif /* PROFILES_JOB_RELEASE_H */
