/* SPDX-License-Identifier: Apache-2.0 */
/*
 * job_release - pins a job to its firmware: writes `sha256:` beside every file the job names, and `released: yes`.
 *
 * The text is edited, not written anew: comments and order stay. The result is read back by the same strict reader
 * before it replaces the file (temporary file, fsync, rename); what cannot be edited safely is refused.
 */
#ifndef PROFILES_JOB_JOB_RELEASE_H
#define PROFILES_JOB_JOB_RELEASE_H

#include "profiles/job/job_file.h"
#include "profiles/text/complaint.h"

struct released_file {
    char path[256];
    char sha256[SHA256_TEXT_SIZE];
};

/* A release that is ready: checked whole, nothing written yet. */
struct job_release {
    char name[64];                                  /* the job's */
    struct released_file files[JOB_IMAGES_MAX + 1]; /* and the file system's */
    size_t count;
    char old_sha256[SHA256_TEXT_SIZE], new_sha256[SHA256_TEXT_SIZE]; /* of the job file's bytes */
    const char *path;                                                /* borrowed from the caller */
    const uint8_t *text;                                             /* what will stand in the file */
    size_t size;
    void *memory; /* private */
};

/*
 * Checks job and firmware and edits the text; `stub_sha256` (64 hex digits) pins the helper program too, NULL: as the file
 * has it. Caller owns *out, also after -1: job_release_free(). 0, or -1 and *c.
 */
int job_release_prepare(const char *path, const char *stub_sha256, struct job_release *out,
                        struct complaint *c);
/* Replaces the file. Returns 0, or -1 with *c filled. */
int job_release_save(const struct job_release *release, struct complaint *c);
void job_release_free(struct job_release *release);

#endif /* PROFILES_JOB_JOB_RELEASE_H */
