/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tiny_job - a job with a small made-up firmware, built in memory: bootloader, table, application, otadata.
 * For engine tests that must not depend on files.
 */
#ifndef TESTS_SUPPORT_TINY_JOB_H
#define TESTS_SUPPORT_TINY_JOB_H

#include "profiles/job/job.h"

#define TINY_APP_OFFSET 0x10000u
#define TINY_OTADATA    0x1FF000u

struct tiny_job {
    struct job job; /* hand out &job; change rules as the test needs */
    struct plan plan;
    struct piece pieces[4], finals[1], boot;
    struct span erases[2];
    struct arena *arena; /* of all pieces */
};

/* `app_size` a multiple of 4. The bytes follow from `seed`. Asserts on failure. */
void tiny_job_make(struct tiny_job *t, uint32_t app_size, unsigned seed);
void tiny_job_without_boot(struct tiny_job *t);
void tiny_job_done(struct tiny_job *t);
/* Every byte the job writes stands at its place in `flash`. */
bool tiny_job_is_in(const struct tiny_job *t, const uint8_t *flash);

#endif /* TESTS_SUPPORT_TINY_JOB_H */
