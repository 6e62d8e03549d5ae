/* SPDX-License-Identifier: Apache-2.0 */
#include "profiles/plan/region_stream.h"

#include <string.h>

#include <zlib.h>

#define HEAD_SIZE 2u
#define TAIL_SIZE 9u /* an empty last block, then Adler-32 */

/* Deflate with a window of 32 KiB, of the best compression: RFC 1950. */
static const uint8_t head[HEAD_SIZE] = {0x78, 0xda};

struct region_stream region_stream_of(const struct piece *piece, size_t first, size_t count)
{
    struct region_stream s = {.piece = piece, .first = first, .count = count};

    s.offset = piece->offset + piece->regions[first].at;
    for (size_t i = first; i < first + count; i++) {
        s.size += piece->regions[i].size;
        s.zsize += piece->regions[i].zsize;
    }
    s.zsize = count == piece->region_count ? piece->zsize : HEAD_SIZE + s.zsize + TAIL_SIZE;
    return s;
}

/* What of [at, end) of the stream lies in the part that follows is put in its place. */
struct window {
    uint8_t *room;
    uint32_t at, end; /* of the stream */
    uint32_t next;    /* where the part begins that is looked at */
};

static bool put(struct window *w, const uint8_t *bytes, uint32_t size)
{
    uint32_t from = w->at > w->next ? w->at : w->next;
    uint32_t to = w->end < w->next + size ? w->end : w->next + size;
    bool some = from < to;

    if (some)
        memcpy(w->room + (from - w->at), bytes + (from - w->next), to - from);
    w->next += size;
    return some;
}

static void put_tail(struct window *w, const struct region_stream *s)
{
    uint8_t tail[TAIL_SIZE] = {1, 0, 0, 0xff, 0xff};
    uLong sum = adler32(0, NULL, 0);

    for (size_t i = s->first; i < s->first + s->count; i++)
        sum = adler32_combine(sum, s->piece->regions[i].adler, (z_off_t)s->piece->regions[i].size);
    for (unsigned int i = 0; i < 4; i++)
        tail[5 + i] = (uint8_t)(sum >> (24 - 8 * i));
    put(w, tail, sizeof tail);
}

static struct stream_block own_block(const struct piece *p, uint32_t at, uint32_t len)
{
    uint32_t before = at > 0 ? p->becomes[(at - 1) / ZLIB_STEP] : 0;

    return (struct stream_block){p->z + at, len, p->becomes[(at + len - 1) / ZLIB_STEP] - before};
}

bool region_stream_has_windows(const struct region_stream *s)
{
    return s->count == s->piece->region_count && s->piece->windows != NULL;
}

uint32_t region_stream_window(const struct region_stream *s, uint32_t window)
{
    return s->piece->windows[window];
}

struct stream_block region_stream_block(const struct region_stream *s, uint32_t at, uint32_t step,
                                        uint8_t *room)
{
    uint32_t len = s->zsize - at < step ? s->zsize - at : step;
    struct stream_block block = {.bytes = room, .len = len};
    struct window w = {.room = room, .at = at, .end = at + len};

    if (s->count == s->piece->region_count)
        return own_block(s->piece, at, len);
    put(&w, head, sizeof head);
    for (size_t i = s->first; i < s->first + s->count; i++) {
        const struct region *r = &s->piece->regions[i];

        if (put(&w, r->z, r->zsize))
            block.becomes += r->size;
    }
    put_tail(&w, s);
    return block;
}
