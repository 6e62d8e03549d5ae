/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sim_inflate - the loaders' decompressor: zlib stream in pieces in, chunks of at most 32 KiB out.
 *
 * As in the chip, a chunk goes out only when 32 KiB are full or the stream ends; what was not full when a stream
 * breaks is never seen. Header and Adler-32 are checked here, because the three loaders differ in what they make of a
 * wrong one.
 */
#ifndef SIM_BOARD_SIM_INFLATE_H
#define SIM_BOARD_SIM_INFLATE_H

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
/* Whether the last chunk, the one that the stream's end cuts short, goes out by itself. Full ones always do. */
enum sim_inflate_last {
    SIM_INFLATE_GIVE_RIGHT, /* when the Adler-32 is right */
    SIM_INFLATE_GIVE_LAST,  /* even when it is wrong */
    SIM_INFLATE_KEEP_LAST   /* no: the caller takes it, sim_inflate_window() */
};

/* Once not MORE, the state stays. */
enum sim_inflate_state sim_inflate_feed(struct sim_inflate *z, const uint8_t *in, size_t len,
                                        enum sim_inflate_last last, sim_inflate_sink *sink, void *ctx);
/*
 * There is no more input, and nobody told the decompressor that there ever would be: a stored block breaks; anywhere else
 * it reads zero bits until the stream ends or breaks or one chunk is full. (miniz 1.15, "tinfl", without
 * TINFL_FLAG_HAS_MORE_INPUT, as the mask ROM's behaves.) Keeps the last chunk.
 */
enum sim_inflate_state sim_inflate_starve(struct sim_inflate *z, sim_inflate_sink *sink, void *ctx);
/* SIM_INFLATE_CHUNK bytes, of which sim_inflate_pending() are of this stream; what lies behind them is from before. */
const uint8_t *sim_inflate_window(const struct sim_inflate *z);
size_t sim_inflate_pending(const struct sim_inflate *z);
/* Inside a sink: some of the input was not looked at yet. */
bool sim_inflate_has_input(const struct sim_inflate *z);
size_t sim_inflate_unused(
    const struct sim_inflate *z); /* bytes of the last input that lay behind the stream's end */
enum sim_inflate_state sim_inflate_state(const struct sim_inflate *z);

#endif /* SIM_BOARD_SIM_INFLATE_H */
