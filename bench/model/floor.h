/* SPDX-License-Identifier: Apache-2.0 */
/*
 * floor - the least time in which a board's flash can come to hold an image and its digest be told, by what the protocol forces.
 *
 * A host is thought of that decides everything it may as well as can be: where regions are cut, which runs of FF are left
 * out, plain or compressed, how long each frame is. What it may not decide, and what the time is made of, bench/README.md
 * tells. Wherever a choice of the host's is not followed to its end, the cheaper side is taken: a measured run below this is
 * an error of this model. Microseconds, as real numbers. Plain memory, no I/O, any thread.
 */
#ifndef BENCH_MODEL_FLOOR_H
#define BENCH_MODEL_FLOOR_H

#include <stdbool.h>
#include <stdint.h>

enum floor_state { FLOOR_BLANK, FLOOR_DIRTY, FLOOR_UNCHANGED };

/* What a moment of the time went by for: each moment has one cause, so that they add up to the whole. */
enum floor_cause {
    FLOOR_LINE_OUT, /* bytes to the chip that nothing else hides */
    FLOOR_LINE_IN,
    FLOOR_LOADER, /* frames taken apart and answered */
    FLOOR_ERASE,
    FLOOR_PROGRAM,
    FLOOR_INFLATE,
    FLOOR_LOOK, /* the stub reads a sector to see whether it is blank */
    FLOOR_DIGEST,
    FLOOR_TURN, /* the host, from an answer to the next frame */
    FLOOR_CAUSES
};

struct floor_time {
    double us[FLOOR_CAUSES];
};

struct floor_case {
    const char *loader; /* floor_loader.h */
    bool rom_inflates;  /* the chip's own ROM may be given streams; of stubs it says nothing */
    enum floor_state state;
    bool slow_part; /* flash near its data sheet's maximum instead of the typical times */
    uint32_t baud;
    double turn_us;
    uint32_t offset; /* in flash, a multiple of 4096 */
    const uint8_t *bytes;
    uint32_t size;
};

struct floor_result {
    struct floor_time write, digest;
    unsigned regions;       /* BEGINs */
    uint32_t skipped_bytes; /* FF that is never sent */
    uint32_t stream_bytes;  /* the whole image compressed, escapes not counted */
};

/* 0, or a negative errno: -EINVAL for a loader, rate, offset or size that there is not, -ENOMEM. */
int floor_find(const struct floor_case *c, struct floor_result *out);
double floor_sum(const struct floor_time *t);
const char *floor_cause_name(enum floor_cause cause);

#endif /* BENCH_MODEL_FLOOR_H */
