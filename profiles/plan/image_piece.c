/* SPDX-License-Identifier: Apache-2.0 */
#include "profiles/plan/image_piece.h"

#include <errno.h>
#include <libdeflate.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "profiles/plan/piece_regions.h"
#include "profiles/text/arena.h"

#define LEVEL \
    12 /* slowest and smallest; paid once a run. libdeflate's window is the 32 KiB that stub and ROM have */

static int compress_piece(struct arena *a, struct piece *p)
{
    struct libdeflate_compressor *deflate = libdeflate_alloc_compressor(LEVEL);
    size_t bound, used = 0;
    uint8_t *room = NULL, *z;
    int rc = -ENOMEM;

    if (deflate == NULL)
        return -ENOMEM;
    bound = libdeflate_zlib_compress_bound(deflate, p->size);
    room = malloc(bound);
    if (room != NULL)
        used = libdeflate_zlib_compress(deflate, p->data, p->size, room, bound);
    if (used > 0 && (z = arena_alloc(a, used)) != NULL) {
        memcpy(z, room, used);
        p->z = z;
        p->zsize = (uint32_t)used;
        rc = 0;
    }
    free(room);
    libdeflate_free_compressor(deflate);
    return rc;
}

static int make(struct piece_store *store, const uint8_t *data, uint32_t size, struct piece *out)
{
    uint32_t padded = (size + 3) & ~3u;

    out->size = padded;
    out->data = data;
    if (padded != size) {
        uint8_t *copy = arena_alloc(store->arena, padded);

        if (copy == NULL)
            return -ENOMEM;
        memcpy(copy, data, size);
        memset(copy + size, 0xff, padded - size);
        out->data = copy;
    }
    digest_md5(out->data, padded, out->md5);
    if (!store->compress)
        return 0;
    return compress_piece(store->arena, out) != 0 ? -ENOMEM : piece_becomes_make(store->arena, out);
}

/* The same bytes where they begin as far behind an erase block have the same regions. */
static bool is_cut_alike(const struct piece *p, uint32_t offset)
{
    return p->offset % ERASE_BLOCK == offset % ERASE_BLOCK;
}

/* NULL: these bytes were not made yet. */
static const struct piece *find(const struct piece_store *store, const uint8_t *data, uint32_t size,
                                uint32_t offset)
{
    const struct piece *found = NULL;

    for (size_t i = 0; i < store->count; i++) {
        const struct piece *p = &store->made[i].piece;

        if (store->made[i].source != data || p->size != ((size + 3) & ~3u))
            continue;
        found = p;
        if (is_cut_alike(p, offset))
            break;
    }
    return found;
}

int image_piece_make(struct piece_store *store, const char *name, uint32_t offset, const uint8_t *data,
                     uint32_t size, struct piece *out)
{
    const struct piece *found = find(store, data, size, offset);
    bool whole = found != NULL && is_cut_alike(found, offset);
    int rc = 0;

    memset(out, 0, sizeof *out);
    if (found != NULL)
        *out = *found;
    else
        rc = make(store, data, size, out);
    out->offset = offset;
    snprintf(out->name, sizeof out->name, "%s", name);
    if (rc != 0 || whole)
        return rc;
    rc = piece_regions_make(store->arena, out, store->compress);
    if (rc == 0 && store->count < PIECES_MAX) {
        store->made[store->count].source = data;
        store->made[store->count++].piece = *out;
    }
    return rc;
}
