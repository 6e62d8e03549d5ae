/* SPDX-License-Identifier: Apache-2.0 */
#include "profiles/plan/piece_regions.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <zlib.h>

#include "profiles/text/arena.h"

#define WINDOW_BITS 15 /* 32 KiB, which stub and ROM have */
#define MEMORY      9
#define OUT_SIZE    0x8000u

static size_t count_regions(const struct piece *p)
{
    uint32_t end = p->offset + p->size;

    return p->size == 0 ? 0 : (end - 1) / ERASE_BLOCK - p->offset / ERASE_BLOCK + 1;
}

static void divide(const struct piece *p, struct region *regions, size_t count)
{
    uint32_t at = 0;

    for (size_t i = 0; i < count; i++) {
        struct region *r = &regions[i];
        uint32_t step = ERASE_BLOCK - (p->offset + at) % ERASE_BLOCK;

        r->at = at;
        r->size = p->size - at < step ? p->size - at : step;
        digest_md5_padded(p->data + at, r->size, whole_sectors(r->size), r->md5);
        at += r->size;
    }
}

static void hash_ranges(const struct piece *p, uint8_t (*ranges)[MD5_SIZE])
{
    for (size_t i = 0; i < p->region_count; i += RANGE_REGIONS) {
        size_t next = i + RANGE_REGIONS;
        uint32_t at = p->regions[i].at, end = next < p->region_count ? p->regions[next].at : p->size;

        digest_md5_padded(p->data + at, end - at, whole_sectors(end - at), ranges[i / RANGE_REGIONS]);
    }
}

/*
 * The flush at the end closes the last block on a whole byte and forgets all that was seen. zlib can do that; libdeflate,
 * which compresses a piece as a whole 1.7 % better, cannot.
 */
static int compress_region(struct arena *arena, z_stream *s, const struct piece *p, struct region *r,
                           uint8_t *room, size_t size)
{
    uint8_t *z;

    deflateReset(s);
    s->next_in = (z_const Bytef *)(p->data + r->at);
    s->avail_in = r->size;
    s->next_out = room;
    s->avail_out = (uInt)size;
    if (deflate(s, Z_FULL_FLUSH) != Z_OK || s->avail_in > 0 || s->avail_out == 0)
        return -ENOMEM;
    r->zsize = (uint32_t)(size - s->avail_out);
    z = arena_alloc(arena, r->zsize);
    if (z == NULL)
        return -ENOMEM;
    memcpy(z, room, r->zsize);
    r->z = z;
    r->adler = (uint32_t)adler32(adler32(0, NULL, 0), p->data + r->at, r->size);
    return 0;
}

static int compress_regions(struct arena *arena, const struct piece *p, struct region *regions)
{
    z_stream s = {0};
    size_t size;
    uint8_t *room;
    int rc = 0;

    if (deflateInit2(&s, Z_BEST_COMPRESSION, Z_DEFLATED, -WINDOW_BITS, MEMORY, Z_DEFAULT_STRATEGY) != Z_OK)
        return -ENOMEM;
    size = deflateBound(&s, ERASE_BLOCK) + 64; /* and the flush */
    room = malloc(size);
    if (room == NULL)
        rc = -ENOMEM;
    for (size_t i = 0; i < p->region_count && rc == 0; i++)
        rc = compress_region(arena, &s, p, &regions[i], room, size);
    free(room);
    deflateEnd(&s);
    return rc;
}

int piece_regions_make(struct arena *arena, struct piece *p, bool compress)
{
    size_t count = count_regions(p), ranges = (count + RANGE_REGIONS - 1) / RANGE_REGIONS;
    struct region *regions = arena_alloc(arena, count * sizeof *regions);
    uint8_t(*md5)[MD5_SIZE] = arena_alloc(arena, ranges * sizeof *md5);

    if (regions == NULL || md5 == NULL)
        return -ENOMEM;
    divide(p, regions, count);
    p->regions = regions;
    p->region_count = count;
    hash_ranges(p, md5);
    p->ranges = (const uint8_t(*)[MD5_SIZE])md5;
    return compress && count > 1 ? compress_regions(arena, p, regions) : 0;
}

/* What one more step of the stream becomes; 0 behind its end, or where it is none. */
static uint32_t inflate_step(z_stream *s, const uint8_t *z, uint32_t len)
{
    uint8_t out[OUT_SIZE];
    uint32_t bytes = 0;
    int rc;

    s->next_in = (z_const Bytef *)z;
    s->avail_in = len;
    do {
        s->next_out = out;
        s->avail_out = sizeof out;
        rc = inflate(s, Z_NO_FLUSH);
        bytes += (uint32_t)(sizeof out - s->avail_out);
    } while (rc == Z_OK && (s->avail_in > 0 || s->avail_out == 0));
    return bytes;
}

/* Whole windows of output, one a call: what of the stream each has used up. */
static int windows_make(struct arena *arena, struct piece *p)
{
    uint32_t count = (p->size + STREAM_WINDOW - 1) / STREAM_WINDOW;
    uint32_t *windows = arena_alloc(arena, (count + 1) * sizeof *windows); /* none of nothing */
    uint8_t out[STREAM_WINDOW];
    z_stream s = {.next_in = (z_const Bytef *)p->z, .avail_in = p->zsize};

    if (windows == NULL || inflateInit(&s) != Z_OK)
        return -ENOMEM;
    for (uint32_t i = 0; i < count; i++) {
        s.next_out = out;
        s.avail_out = sizeof out;
        inflate(&s, Z_NO_FLUSH);
        windows[i] = i + 1 < count ? (uint32_t)s.total_in : p->zsize;
    }
    inflateEnd(&s);
    p->windows = windows;
    return 0;
}

int piece_becomes_make(struct arena *arena, struct piece *p)
{
    uint32_t count = (p->zsize + ZLIB_STEP - 1) / ZLIB_STEP, sum = 0;
    uint32_t *becomes = arena_alloc(arena, count * sizeof *becomes);
    z_stream s = {0};

    if (becomes == NULL || inflateInit(&s) != Z_OK)
        return -ENOMEM;
    for (uint32_t i = 0; i < count; i++) {
        uint32_t at = i * ZLIB_STEP, left = p->zsize - at;

        sum += inflate_step(&s, p->z + at, left < ZLIB_STEP ? left : ZLIB_STEP);
        becomes[i] = sum;
    }
    inflateEnd(&s);
    p->becomes = becomes;
    return windows_make(arena, p);
}
