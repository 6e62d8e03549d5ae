/* SPDX-License-Identifier: Apache-2.0 */
/*
 * region_stream - neighbouring regions of a piece as one zlib stream, block by block. Pure, allocates nothing: what all slots
 * share is put together into the caller's room.
 */
#ifndef PROFILES_PLAN_REGION_STREAM_H
#define PROFILES_PLAN_REGION_STREAM_H

#include <stdbool.h>

#include "profiles/plan/flash_plan.h"

struct region_stream {
    const struct piece *piece; /* borrowed */
    size_t first, count;       /* of its regions */
    uint32_t offset, size;     /* in flash; bytes that the stream becomes */
    uint32_t zsize;
};

struct stream_block {
    const uint8_t *bytes; /* the piece's, or in the caller's room */
    uint32_t len;
    uint32_t becomes; /* so many bytes of flash; of a stream that is put together at most so many */
};

/* All regions of a piece are its own stream, which is smaller. */
struct region_stream region_stream_of(const struct piece *piece, size_t first, size_t count);
/* Where in it each window is complete is known of a piece's own stream alone. */
bool region_stream_has_windows(const struct region_stream *s);
/* So many bytes of the stream complete the window; of the last one, all. */
uint32_t region_stream_window(const struct region_stream *s, uint32_t window);
/* Up to `step` bytes from `at`; `room` holds `step` bytes. `becomes` is true for multiples of ZLIB_STEP, else up to one more. */
struct stream_block region_stream_block(const struct region_stream *s, uint32_t at, uint32_t step,
                                        uint8_t *room);

#endif /* PROFILES_PLAN_REGION_STREAM_H */
