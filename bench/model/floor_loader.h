/* SPDX-License-Identifier: Apache-2.0 */
/* floor_loader - what a programme that takes frames forces on its host: a table. Lengths in bytes, without SLIP's two ends. */
#ifndef BENCH_MODEL_FLOOR_LOADER_H
#define BENCH_MODEL_FLOOR_LOADER_H

#include <stdbool.h>
#include <stdint.h>

struct floor_loader {
    const char *name;
    bool is_rom;                  /* answers when the work is done, and erases inside BEGIN */
    bool looks;                   /* reads sectors before it erases, until the first that is not blank */
    uint32_t block;               /* the most bytes of one DATA frame */
    uint32_t begin;               /* frame of a BEGIN */
    uint32_t answer;              /* frame of a plain answer */
    uint32_t digest;              /* frame of an answer to the MD5 command */
    double command_us;            /* one frame taken apart and answered */
    double inflate_us, digest_us; /* a byte */
    double idle_bytes;            /* byte times of silence after a frame until it is looked at */
};

/* NULL: there is none of that name. */
const struct floor_loader *floor_loader_find(const char *name);
/* NULL behind the last. */
const char *floor_loader_name(unsigned index);

#endif /* BENCH_MODEL_FLOOR_LOADER_H */
