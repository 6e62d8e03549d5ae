/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sim_inflate - the loaders' decompressor: zlib stream in pieces in, chunks of at most 32 KiB out.
 *
 * As in the chip, a chunk goes out only when 32 KiB are full or the stream ends; what was not full when a stream
 * breaks is never seen. Header and Adler-32 are checked here, because the three loaders differ in what they make of a
 * wrong one.
 */
#ifndef SIM_SIM_INFLATE_H
#define SIM_SIM_INFLATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SIM_INFLATE_CHUNK 0x8000u

struct sim_inflate;

enum sim_inflate_state {
    SIM_INFLATE_MORE, /* wants more input */
    SIM_INFLATE_DONE, /* stream complete and right */
    SIM_INFLATE_BAD,  /* not a zlib stream, or broken in the middle */
    SIM_INFLATE_ADLER /* complete, but the Adler-32 at its end is another */
};

typedef void sim_inflate_sink(void *ctx, const uint8_t *bytes, size_t len);

struct sim_inflate *sim_inflate_new(void);    /* caller owns; NULL: no memory */
void sim_inflate_free(struct sim_inflate *z); /* NULL is fine */
/* `keep`: bytes that a broken stream left in the chunk stay in front of the new one's (first stub's fault). */
void sim_inflate_restart(struct sim_inflate *z, bool keep);
/*
 * `last_despite_adler`: whether the last chunk goes out when the Adler-32 is wrong. Once not MORE, the state stays.
 */
enum sim_inflate_state sim_inflate_feed(struct sim_inflate *z, const uint8_t *in, size_t len,
                                        bool last_despite_adler, sim_inflate_sink *sink, void *ctx);
enum sim_inflate_state sim_inflate_state(const struct sim_inflate *z);

#endif /* SIM_SIM_INFLATE_H */
