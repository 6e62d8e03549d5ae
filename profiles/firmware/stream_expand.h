/* SPDX-License-Identifier: Apache-2.0 */
/*
 * stream_expand - one compressed stream (gzip, xz, bzip2, zstd), whole in memory and at most ARCHIVE_EXPANDED_MAX large.
 * One that is cut off is told from one that is damaged. No other programme is run for it.
 */
#ifndef PROFILES_FIRMWARE_STREAM_EXPAND_H
#define PROFILES_FIRMWARE_STREAM_EXPAND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "profiles/text/complaint.h"

struct archive;

/* Bytes handed to libarchive at once; `dry`: it asked for more than there are. */
struct stream_feed {
    const uint8_t *bytes;
    size_t size;
    bool given, dry;
};

/* Opens `a` on the feed, which must outlive it. ARCHIVE_OK or libarchive's own code. */
int stream_feed_open(struct archive *a, struct stream_feed *feed);

/* `bytes` is of a kind that file_kind_is_compressed(). Caller frees *out. 0, or -1 with *c filled. */
int stream_expand(const uint8_t *bytes, size_t size, uint8_t **out, size_t *out_size, const struct place *at,
                  struct complaint *c);
int stream_expand_too_large(const struct place *at, struct complaint *c);

#endif /* PROFILES_FIRMWARE_STREAM_EXPAND_H */
