/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/board/plain_part.h"

#include <string.h>

static uint32_t lesser(uint32_t a, uint32_t b)
{
    return a < b ? a : b;
}

/* The whole block of flash is the piece's, so that it is erased at once. */
static bool fills_block(const struct piece *p, uint32_t at)
{
    uint32_t block = (p->offset + at) / ERASE_BLOCK * ERASE_BLOCK;

    return block >= p->offset && block + ERASE_BLOCK <= p->offset + whole_sectors(p->size);
}

static bool is_left_out(const struct piece *p, uint32_t at)
{
    uint32_t size = lesser(SECTOR_SIZE, p->size - at);
    const uint8_t *bytes = p->data + at;

    return !fills_block(p, at) && bytes[0] == 0xFF && memcmp(bytes, bytes + 1, size - 1) == 0;
}

struct plain_part plain_part_next(const struct piece *p, uint32_t at, uint32_t step)
{
    uint32_t end = at + lesser(p->size - at, step - (p->offset + at) % step), next = at;
    bool blank = is_left_out(p, at);

    do
        next = lesser(next + SECTOR_SIZE, end);
    while (next < end && is_left_out(p, next) == blank);
    return (struct plain_part){next - at, blank};
}
