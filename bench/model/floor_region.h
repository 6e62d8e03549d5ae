/* SPDX-License-Identifier: Apache-2.0 */
/*
 * floor_region - the events of one region: its BEGIN, what the loader does with the bytes as they come, and its last byte in flash.
 *
 * A region begins when the one before it is in flash: a loader takes a BEGIN only then. The first BEGIN's way to the chip
 * is the caller's to add; a later one's is hidden by a stub's last work. Pure functions.
 */
#ifndef BENCH_MODEL_FLOOR_REGION_H
#define BENCH_MODEL_FLOOR_REGION_H

#include "bench/model/floor.h"
#include "bench/model/floor_loader.h"
#include "bench/model/floor_stream.h"

#define FLOOR_SECTOR 0x1000u
#define FLOOR_BLOCK  0x10000u

/* What all regions of a case share. */
struct floor_board {
    const struct floor_case *c;
    const struct floor_loader *loader;
    const struct floor_stream *stream;
    double slow; /* by how much the flash is slower than typical */
};

/* Offsets within the image: `from` on a sector's boundary of the flash. The time goes to *out; returns its sum. */
double floor_region(const struct floor_board *b, uint32_t from, uint32_t to, struct floor_time *out);
/* Erasing [from, to) of the image by itself; a block whose neighbours are no business of ours goes sector by sector. */
double floor_erase(const struct floor_board *b, uint32_t from, uint32_t to);
/* Programming them, without all else. */
double floor_program(const struct floor_board *b, uint32_t from, uint32_t to);
/* A frame of so many bytes on the line. */
double floor_frame_us(const struct floor_case *c, uint32_t bytes);

#endif /* BENCH_MODEL_FLOOR_REGION_H */
