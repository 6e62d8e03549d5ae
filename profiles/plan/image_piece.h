/* SPDX-License-Identifier: Apache-2.0 */
/*
 * image_piece - bytes made ready for flash: padded, hashed and compressed once, however many plans and slots use them.
 */
#ifndef PROFILES_PLAN_IMAGE_PIECE_H
#define PROFILES_PLAN_IMAGE_PIECE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "profiles/plan/flash_plan.h"

struct arena;

#define PIECES_MAX 64

/* Plain data; zero it, set arena and compress. What it has made once it finds again by its source bytes. */
struct piece_store {
    struct arena *arena;
    bool compress; /* false: z stays NULL (checks that never write) */
    struct {
        const uint8_t *source;
        struct piece piece;
    } made[PIECES_MAX];
    size_t count;
};

/* Fills *out for `size` bytes at `data`. Returns 0 or -ENOMEM. `data` must live as long as the arena. */
int image_piece_make(struct piece_store *store, const char *name, uint32_t offset, const uint8_t *data,
                     uint32_t size, struct piece *out);

#endif /* PROFILES_PLAN_IMAGE_PIECE_H */
