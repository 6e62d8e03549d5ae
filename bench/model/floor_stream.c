/* SPDX-License-Identifier: Apache-2.0 */
#include "bench/model/floor_stream.h"

#include <errno.h>
#include <libdeflate.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#define SLOWEST     12
#define BETTER      0.998 /* see the header */
#define WINDOW      0x8000
#define SLIP_END    0xc0
#define SLIP_ESCAPE 0xdb

static unsigned on_line(uint8_t byte)
{
    return byte == SLIP_END || byte == SLIP_ESCAPE ? 2 : 1;
}

/* The most that any `block` bytes in a row take on the line. */
static double longest(const uint8_t *bytes, size_t len, size_t block)
{
    uint64_t sum = 0, most = 0;

    for (size_t i = 0; i < len; i++) {
        sum += on_line(bytes[i]);
        if (i >= block)
            sum -= on_line(bytes[i - block]);
        most = sum > most ? sum : most;
    }
    return (double)most;
}

static void fill_plain(struct floor_stream *s, const uint8_t *bytes, uint32_t size)
{
    uint64_t sum = 0;

    for (uint32_t i = 0; i < s->entries; i++) {
        s->plain[i] = (double)sum;
        for (uint32_t at = i * FLOOR_STEP; at < (i + 1) * FLOOR_STEP && at < size; at++)
            sum += on_line(bytes[at]);
    }
}

/* Fed byte by byte, the decompressor shows which byte of the stream is the last that each byte of the image needs. */
static int fill_packed(struct floor_stream *s, const uint8_t *z, size_t len)
{
    static const z_stream fresh;
    z_stream in = fresh;
    uint8_t *waste = malloc(WINDOW);
    uint64_t sum = 0;
    uint32_t entry = 1;

    if (waste == NULL || inflateInit(&in) != Z_OK) {
        free(waste);
        return -ENOMEM;
    }
    s->packed[0] = 0;
    for (size_t i = 0; i < len; i++) {
        sum += on_line(z[i]);
        in.next_in = (z_const Bytef *)z + i;
        in.avail_in = 1;
        do {
            in.next_out = waste;
            in.avail_out = WINDOW;
            inflate(&in, Z_NO_FLUSH);
        } while (in.avail_out == 0);
        while (entry < s->entries && in.total_out >= (uLong)entry * FLOOR_STEP)
            s->packed[entry++] = (double)sum * BETTER;
    }
    for (; entry < s->entries; entry++) /* an end that fills no whole step */
        s->packed[entry] = (double)sum * BETTER;
    s->packed[s->entries - 1] =
        (double)sum * BETTER; /* what is left of the last window goes out with the checksum */
    inflateEnd(&in);
    free(waste);
    return 0;
}

static int compress_all(struct floor_stream *s, const uint8_t *bytes, uint32_t size, uint32_t block)
{
    struct libdeflate_compressor *deflate = libdeflate_alloc_compressor(SLOWEST);
    size_t bound = deflate != NULL ? libdeflate_zlib_compress_bound(deflate, size) : 0, len;
    uint8_t *z = bound > 0 ? malloc(bound) : NULL;
    int rc = -ENOMEM;

    if (z != NULL && (len = libdeflate_zlib_compress(deflate, bytes, size, z, bound)) > 0) {
        s->packed_bytes = (uint32_t)len;
        s->packed_max = longest(z, len, block);
        rc = fill_packed(s, z, len);
    }
    free(z);
    if (deflate != NULL)
        libdeflate_free_compressor(deflate);
    return rc;
}

int floor_stream_make(struct floor_stream *s, const uint8_t *bytes, uint32_t size, uint32_t block)
{
    int rc = -ENOMEM;

    *s = (struct floor_stream){.entries = (size + FLOOR_STEP - 1) / FLOOR_STEP + 1};
    s->plain = malloc(s->entries * sizeof *s->plain);
    s->packed = malloc(s->entries * sizeof *s->packed);
    if (s->plain != NULL && s->packed != NULL) {
        s->plain_max = longest(bytes, size, block);
        fill_plain(s, bytes, size);
        rc = compress_all(s, bytes, size, block);
    }
    if (rc != 0)
        floor_stream_free(s);
    return rc;
}

void floor_stream_free(struct floor_stream *s)
{
    free(s->plain);
    free(s->packed);
    s->plain = s->packed = NULL;
}

double floor_stream_span(const double *of, uint32_t from, uint32_t to)
{
    return of[(to + FLOOR_STEP - 1) / FLOOR_STEP] - of[from / FLOOR_STEP];
}
