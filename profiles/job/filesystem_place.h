/* SPDX-License-Identifier: Apache-2.0 */
/*
 * filesystem_place - a user's image of a file system (`filesystem:` of a job) in the place where a Pycom board keeps its own. Their
 * firmware knows that place by the size of the flash, and no table of partitions tells it.
 */
#ifndef PROFILES_JOB_FILESYSTEM_PLACE_H
#define PROFILES_JOB_FILESYSTEM_PLACE_H

#include <stddef.h>
#include <stdint.h>

#include "profiles/plan/plan.h"

struct filesystem {
    const char *name; /* of the file, without folders */
    int line;         /* of the job file */
    const uint8_t *data;
    size_t size;
};

/*
 * Adds it to a plan's draft, with an erase of all that is behind it: old blocks could be taken for new ones. 0, or -1 and the
 * context's complaint: no board of Pycom's, a size of flash that is not known, too large, or one that the firmware would not mount
 * and so format. What begins as no file system it knows is taken, with a warning.
 */
int filesystem_add(struct plan_context *ctx, struct plan_draft *draft, const struct filesystem *fs);

#endif /* PROFILES_JOB_FILESYSTEM_PLACE_H */
