/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/board/changed_part.h"

#include "profiles/plan/region_stream.h"

/*
 * Of a block so few sectors that they are sent alone, plain: 16 KiB take 178 ms at 921600 and are erased and programmed in
 * 240, a block with its stream takes 430 and more.
 */
#define FEW_SECTORS (4u * SECTOR_SIZE)
/* What a stream more costs, in bytes of line: about 100 ms in which the line waits for the last block's programming. */
#define STREAM_COST 0x2000u
#define FRAME_COST  26u /* SLIP, head and length around each block */
#define FRAME_BLOCK 0x4000u
/* Erasing one block in vain takes 150 ms, a stream of its own 100: two blocks pay. */
#define BLANK_REGIONS 2u

static bool is_same(const struct changed_part *c, size_t i)
{
    return survey_is_same(c->survey, c->piece->offset + c->piece->regions[i].at, c->piece->regions[i].size);
}

static bool is_blank(const struct changed_part *c, size_t i)
{
    return survey_is_blank(c->survey, c->piece->offset + c->piece->regions[i].at, c->piece->regions[i].size);
}

/* From the first to the last sector of a region that is not what it shall be. */
static void trim(const struct changed_part *c, const struct region *r, uint32_t *from, uint32_t *to)
{
    uint32_t base = c->piece->offset;

    *from = r->at;
    *to = r->at + whole_sectors(r->size);
    while (*from < *to && survey_is_same(c->survey, base + *from, SECTOR_SIZE))
        *from += SECTOR_SIZE;
    while (*to > *from && survey_is_same(c->survey, base + *to - SECTOR_SIZE, SECTOR_SIZE))
        *to -= SECTOR_SIZE;
    if (*to > c->piece->size)
        *to = c->piece->size;
}

static bool is_few(const struct changed_part *c, size_t i, uint32_t *from, uint32_t *to)
{
    const struct region *r = &c->piece->regions[i];

    trim(c, r, from, to);
    return r->size > FEW_SECTORS && *to - *from <= FEW_SECTORS;
}

/* The stub reads before it erases until it finds something, once a stream. */
static bool breaks_before(const struct changed_part *c, size_t i)
{
    size_t blank = 0;

    if (!c->breaks || is_blank(c, i - 1))
        return false;
    while (i + blank < c->piece->region_count && is_blank(c, i + blank))
        blank++;
    return blank >= BLANK_REGIONS;
}

struct changed_part changed_part_next(const struct changed_part *before)
{
    struct changed_part c = *before;
    const struct piece *p = c.piece;
    uint32_t from = 0, to = 0;

    c.at = c.size = 0;
    c.count = 0;
    while (c.next < p->region_count && is_same(&c, c.next))
        c.next++;
    if (c.next == p->region_count)
        return c;
    if (is_few(&c, c.next, &from, &to)) {
        c.next++;
        c.at = from;
        c.size = to - from;
        return c;
    }
    c.first = c.next++;
    while (c.next < p->region_count && !is_same(&c, c.next) && !is_few(&c, c.next, &from, &to) &&
           !breaks_before(&c, c.next))
        c.next++;
    c.count = c.next - c.first;
    c.at = p->regions[c.first].at;
    c.size = p->regions[c.next - 1].at + p->regions[c.next - 1].size - c.at;
    return c;
}

static uint64_t framed(uint64_t bytes)
{
    return bytes + (bytes + FRAME_BLOCK - 1) / FRAME_BLOCK * FRAME_COST;
}

static uint64_t part_wire(const struct changed_part *c)
{
    return c->count == 0 ? c->size : region_stream_of(c->piece, c->first, c->count).zsize;
}

static struct changed_part begin(const struct survey *s, const struct piece *p, bool breaks)
{
    return (struct changed_part){.survey = s, .piece = p, .breaks = breaks};
}

static bool costs_as_much(const struct survey *s, const struct piece *p, bool breaks)
{
    uint64_t cost = 0;
    struct changed_part c = begin(s, p, breaks);

    for (c = changed_part_next(&c); c.size > 0; c = changed_part_next(&c)) {
        cost += part_wire(&c) + STREAM_COST;
        if (c.breaks && c.next < p->region_count && is_blank(&c, c.next))
            return false; /* it was cut for the flash's sake, not for the line's */
    }
    return cost >= p->zsize + (uint64_t)STREAM_COST;
}

struct changed_part changed_part_first(const struct survey *s, const struct piece *p, bool breaks)
{
    struct changed_part c = begin(s, p, breaks), first = changed_part_next(&c);

    if (first.size == 0 || !costs_as_much(s, p, breaks))
        return first;
    c.count = c.next = p->region_count;
    c.size = p->size;
    return c;
}

uint64_t changed_bytes(const struct survey *s, const struct piece *p, bool breaks)
{
    uint64_t sum = 0;

    for (struct changed_part c = changed_part_first(s, p, breaks); c.size > 0; c = changed_part_next(&c))
        sum += c.size;
    return sum;
}

uint64_t changed_wire(const struct survey *s, const struct piece *p, bool breaks)
{
    uint64_t sum = 0;

    for (struct changed_part c = changed_part_first(s, p, breaks); c.size > 0; c = changed_part_next(&c))
        sum += framed(part_wire(&c));
    return sum;
}
