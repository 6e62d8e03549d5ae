/* SPDX-License-Identifier: Apache-2.0 */
/*
 * plain_part - which bytes of a piece go next in a plain transfer of their own. Sectors of FF are left out where that breaks no
 * erase block: in one that the piece does not fill, and whose sectors are erased one by one anyway. Pure.
 */
#ifndef ENGINE_BOARD_PLAIN_PART_H
#define ENGINE_BOARD_PLAIN_PART_H

#include <stdbool.h>
#include <stdint.h>

#include "profiles/plan/flash_plan.h"

struct plain_part {
    uint32_t size; /* bytes of the piece from where it was asked for */
    bool blank;    /* nothing to send: its sectors shall be blank */
};

/* From `at`, where a sector begins, at most up to the next multiple of `step` in flash, a power of two from a sector on. */
struct plain_part plain_part_next(const struct piece *p, uint32_t at, uint32_t step);

#endif /* ENGINE_BOARD_PLAIN_PART_H */
