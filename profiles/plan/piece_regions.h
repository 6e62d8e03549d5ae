/* SPDX-License-Identifier: Apache-2.0 */
/*
 * piece_regions - a piece by erase blocks: each hashed and compressed on its own, so that a board that holds some of them
 * already is sent the others alone. Made once a job, then read by all slots.
 */
#ifndef PROFILES_PLAN_PIECE_REGIONS_H
#define PROFILES_PLAN_PIECE_REGIONS_H

#include <stdbool.h>

#include "profiles/plan/flash_plan.h"

struct arena;

/* Fills regions and ranges of a piece whose offset, size and data are known; `compress`: their z too. 0 or -ENOMEM. */
int piece_regions_make(struct arena *arena, struct piece *p, bool compress);
/* Fills p->becomes and p->windows for the stream in p->z. 0 or -ENOMEM. */
int piece_becomes_make(struct arena *arena, struct piece *p);

#endif /* PROFILES_PLAN_PIECE_REGIONS_H */
