/* SPDX-License-Identifier: Apache-2.0 */
/*
 * floor_stream - how many bytes must have gone down the line before the chip can hold the first N bytes of an image: as they
 * are, and compressed. SLIP's escapes are counted, frames are not.
 *
 * The compressed stream is one over the whole image, made by libdeflate at its slowest, less two in a thousand: that is more
 * than slower compressors, or other cuts of the image, were seen to gain. Caller owns; plain memory.
 */
#ifndef BENCH_MODEL_FLOOR_STREAM_H
#define BENCH_MODEL_FLOOR_STREAM_H

#include <stddef.h>
#include <stdint.h>

#define FLOOR_STEP 4 /* bytes of the image from one entry to the next */

struct floor_stream {
    uint32_t entries; /* of each: image rounded up to whole steps, and one */
    double *plain;    /* [n]: line bytes for the first n * FLOOR_STEP bytes of the image */
    double *packed;
    uint32_t packed_bytes; /* without escapes */
    double plain_max;      /* line bytes of the longest frame of `block` bytes, without its headers */
    double packed_max;     /* the same of the stream */
};

/* 0 or -ENOMEM. `block`: bytes of the image or stream in one frame at most. */
int floor_stream_make(struct floor_stream *s, const uint8_t *bytes, uint32_t size, uint32_t block);
void floor_stream_free(struct floor_stream *s);
/* Line bytes from image offset `from` to `to`. */
double floor_stream_span(const double *of, uint32_t from, uint32_t to);

#endif /* BENCH_MODEL_FLOOR_STREAM_H */
