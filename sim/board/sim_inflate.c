/* SPDX-License-Identifier: Apache-2.0 */
#include "sim/board/sim_inflate.h"

#include <stdlib.h>
#include <string.h>
#include <zlib.h>

struct sim_inflate {
    z_stream zs; /* raw deflate: the zlib wrapper is read here */
    enum sim_inflate_state state;
    uint8_t header[2], trailer[4];
    size_t header_len, trailer_len;
    bool body_done;
    uint32_t adler;
    size_t filled, unused;
    uint8_t chunk[SIM_INFLATE_CHUNK];
};

struct sim_inflate *sim_inflate_new(void)
{
    struct sim_inflate *z = calloc(1, sizeof *z);

    if (z != NULL && inflateInit2(&z->zs, -15) != Z_OK) {
        free(z);
        return NULL;
    }
    if (z != NULL)
        sim_inflate_restart(z, false);
    return z;
}

void sim_inflate_free(struct sim_inflate *z)
{
    if (z == NULL)
        return;
    inflateEnd(&z->zs);
    free(z);
}

void sim_inflate_restart(struct sim_inflate *z, bool keep)
{
    inflateReset(&z->zs);
    z->state = SIM_INFLATE_MORE;
    z->header_len = z->trailer_len = 0;
    z->filled = keep ? z->filled % SIM_INFLATE_CHUNK : 0;
    z->body_done = false;
    z->adler = 1;
}

enum sim_inflate_state sim_inflate_state(const struct sim_inflate *z)
{
    return z->state;
}

static void give(struct sim_inflate *z, sim_inflate_sink *sink, void *ctx)
{
    if (z->filled > 0)
        sink(ctx, z->chunk, z->filled);
    z->filled = 0;
}

/* Takes the two header bytes; false when they are no zlib header. */
static bool take_header(struct sim_inflate *z, const uint8_t **in, size_t *len)
{
    while (*len > 0 && z->header_len < 2) {
        z->header[z->header_len++] = *(*in)++;
        (*len)--;
    }
    if (z->header_len < 2)
        return true;
    unsigned word = (unsigned)z->header[0] << 8 | z->header[1];
    return word % 31 == 0 && (z->header[0] & 15) == 8 && z->header[0] >> 4 <= 7 && (z->header[1] & 0x20) == 0;
}

static bool take_body(struct sim_inflate *z, const uint8_t **in, size_t *len, sim_inflate_sink *sink,
                      void *ctx)
{
    z->zs.next_in = (Bytef *)(uintptr_t)*in; /* zlib reads only; its type predates const */
    z->zs.avail_in = (uInt)*len;
    while (!z->body_done) {
        z->zs.next_out = z->chunk + z->filled;
        z->zs.avail_out = (uInt)(SIM_INFLATE_CHUNK - z->filled);
        size_t room = z->zs.avail_out;
        int rc = inflate(&z->zs, Z_NO_FLUSH);
        size_t made = room - z->zs.avail_out;
        z->adler = (uint32_t)adler32(z->adler, z->chunk + z->filled, (uInt)made);
        z->filled += made;
        if (rc != Z_OK && rc != Z_STREAM_END && rc != Z_BUF_ERROR)
            return false;
        z->body_done = rc == Z_STREAM_END;
        if (z->filled == SIM_INFLATE_CHUNK && !z->body_done)
            give(z, sink, ctx);
        else if (rc == Z_BUF_ERROR || (z->zs.avail_in == 0 && z->zs.avail_out > 0))
            break;
    }
    *in = z->zs.next_in;
    *len = z->zs.avail_in;
    return true;
}

static void take_trailer(struct sim_inflate *z, const uint8_t *in, size_t len)
{
    while (len > 0 && z->trailer_len < 4) {
        z->trailer[z->trailer_len++] = *in++;
        len--;
    }
    z->unused = len;
    if (z->trailer_len < 4)
        return;
    uint32_t want = (uint32_t)z->trailer[0] << 24 | (uint32_t)z->trailer[1] << 16 |
                    (uint32_t)z->trailer[2] << 8 | z->trailer[3];
    z->state = want == z->adler ? SIM_INFLATE_DONE : SIM_INFLATE_ADLER;
}

enum sim_inflate_state sim_inflate_feed(struct sim_inflate *z, const uint8_t *in, size_t len,
                                        enum sim_inflate_last last, sim_inflate_sink *sink, void *ctx)
{
    z->unused = len;
    if (z->state != SIM_INFLATE_MORE)
        return z->state;
    if (!take_header(z, &in, &len) ||
        (z->header_len == 2 && !z->body_done && !take_body(z, &in, &len, sink, ctx)))
        return z->state = SIM_INFLATE_BAD;
    if (z->body_done)
        take_trailer(z, in, len);
    if (last == SIM_INFLATE_KEEP_LAST && z->body_done && z->filled == SIM_INFLATE_CHUNK)
        give(z, sink, ctx);
    if (last != SIM_INFLATE_KEEP_LAST &&
        (z->state == SIM_INFLATE_DONE || (z->state == SIM_INFLATE_ADLER && last == SIM_INFLATE_GIVE_LAST)))
        give(z, sink, ctx);
    return z->state;
}

struct counted_sink {
    sim_inflate_sink *sink;
    void *ctx;
    int chunks;
};

static void count_chunk(void *ctx, const uint8_t *bytes, size_t len)
{
    struct counted_sink *c = ctx;

    c->chunks++;
    c->sink(c->ctx, bytes, len);
}

/* zlib's mark: a negative upper half with something in the lower one is a stored block that is not copied to its end. */
static bool in_stored_block(struct sim_inflate *z)
{
    long mark = inflateMark(&z->zs);

    return z->header_len == 2 && !z->body_done && mark >> 16 == -1 && (mark & 0xffff) != 0;
}

enum sim_inflate_state sim_inflate_starve(struct sim_inflate *z, sim_inflate_sink *sink, void *ctx)
{
    static const uint8_t zero = 0;
    struct counted_sink c = {sink, ctx, 0};

    if (z->state == SIM_INFLATE_MORE && in_stored_block(z))
        return z->state = SIM_INFLATE_BAD;
    while (z->state == SIM_INFLATE_MORE && c.chunks == 0)
        sim_inflate_feed(z, &zero, 1, SIM_INFLATE_KEEP_LAST, count_chunk, &c);
    return z->state;
}

const uint8_t *sim_inflate_window(const struct sim_inflate *z)
{
    return z->chunk;
}

size_t sim_inflate_pending(const struct sim_inflate *z)
{
    return z->filled;
}

bool sim_inflate_has_input(const struct sim_inflate *z)
{
    return !z->body_done && z->zs.avail_in > 0;
}

size_t sim_inflate_unused(const struct sim_inflate *z)
{
    return z->unused;
}
