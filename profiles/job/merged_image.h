/* SPDX-License-Identifier: Apache-2.0 */
/*
 * merged_image - a lone file that holds a flash: whose chip it is for, where in the flash it begins, and whether all of it has
 * come. Pure but for the arena. What returns an int: 0, or -1 with a complaint, where it does not say otherwise.
 */
#ifndef PROFILES_JOB_MERGED_IMAGE_H
#define PROFILES_JOB_MERGED_IMAGE_H

#include <stddef.h>
#include <stdint.h>

#include "profiles/text/complaint.h"

struct arena;
struct chip_kind;

/* The chip it is to be for, and where to complain. All borrowed. */
struct merged_for {
    const struct chip_kind *kind;
    struct arena *arena;
    const struct place *at;
    struct complaint *c;
};

/*
 * Whose chip it is for by its first image, which stands where some chip looks for its bootloader, or at the beginning of a
 * file that leaves out what is before. NULL: no chip's that is known.
 */
const struct chip_kind *merged_chip(const uint8_t *data, size_t size);
/*
 * Where it belongs, by its first image: a bootloader at the chip's place in the file means a whole flash, one at its
 * beginning a flash without what is before. At another chip's place: told as that. *table_at: in the file. -1 without a
 * complaint: it is no merged image.
 */
int merged_offset(const struct merged_for *m, const uint8_t *data, size_t size, uint32_t *offset,
                  uint32_t *table_at);
/* One that was cut off may end before its application or within it: the rest would look sound. */
int merged_check_whole(const struct merged_for *m, const uint8_t *data, size_t size, uint32_t offset,
                       uint32_t at);
/*
 * Merged for a chip that boots from elsewhere, or as if this one did: a board would keep its own bootloader or lose half of
 * it. An image of this chip's whose own table lies further up may look so too, but for where its application begins.
 */
int merged_refuse_elsewhere(const struct merged_for *m, const uint8_t *data, size_t size);

#endif /* PROFILES_JOB_MERGED_IMAGE_H */
