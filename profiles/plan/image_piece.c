/* SPDX-License-Identifier: Apache-2.0 */
#include "profiles/plan/image_piece.h"

#include <errno.h>
#include <libdeflate.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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
    return store->compress ? compress_piece(store->arena, out) : 0;
}

int image_piece_make(struct piece_store *store, const char *name, uint32_t offset, const uint8_t *data,
                     uint32_t size, struct piece *out)
{
    int rc;

    memset(out, 0, sizeof *out);
    for (size_t i = 0; i < store->count; i++) {
        if (store->made[i].source == data && store->made[i].piece.size == ((size + 3) & ~3u)) {
            *out = store->made[i].piece;
            goto named;
        }
    }
    rc = make(store, data, size, out);
    if (rc != 0)
        return rc;
    if (store->count < PIECES_MAX) {
        store->made[store->count].source = data;
        store->made[store->count++].piece = *out;
    }
named:
    out->offset = offset;
    snprintf(out->name, sizeof out->name, "%s", name);
    return 0;
}
