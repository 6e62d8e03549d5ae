/* SPDX-License-Identifier: Apache-2.0 */
/*
 * build_folder - the folder of an ESP-IDF build as a job's firmware: its files at their offsets, and of its settings what a
 * job has a word for. What it has none for is told as a warning.
 */
#ifndef PROFILES_JOB_BUILD_FOLDER_H
#define PROFILES_JOB_BUILD_FOLDER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "profiles/firmware/idf_build.h"
#include "profiles/text/complaint.h"

struct arena;
struct job_file;
struct plan_context;

/* Is `path` a folder, or the list in one? It need not be a build's: build_folder_read() says what it is not. */
bool build_folder_is(const char *path);

/* Reads the list and, where it is there, the build's configuration. 0, or -1 with *c filled. */
int build_folder_read(const char *path, struct arena *arena, struct idf_build *out, const struct place *at,
                      struct complaint *c);

/*
 * The build's files as those of the job, their paths as seen from here, and its flash size; a job made without a file
 * (`settings`) takes reset and stub from it too. 0, or -1 with *c filled: a chip or size that the job does not take.
 */
int build_folder_fill(const char *path, const struct idf_build *build, bool settings, struct job_file *file,
                      const struct place *at, struct complaint *c);

/*
 * A warning for everything that is not carried over; `data` and `size` are of the build's files, in their order. False: it
 * has no bootloader, so that a board's own is needed.
 */
bool build_folder_tell(struct plan_context *ctx, const struct idf_build *build, const uint8_t *const *data,
                       const size_t *size);

#endif /* PROFILES_JOB_BUILD_FOLDER_H */
