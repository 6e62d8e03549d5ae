/* SPDX-License-Identifier: Apache-2.0 */
#include "profiles/plan/plan.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "profiles/plan/plan_look.h"
#include "profiles/text/arena.h"

#define SECTORS (FLASH_MAX / SECTOR_SIZE)
#define CUTS \
    (4 +     \
     PROTECT_RANGES) /* pieces of one region: below, at and above the boot sector, then behind each that is kept */
#define MARK_ERASE 1
#define MARK_PIECE 2
#define MARK_GAP   4 /* of a file, all FF: it is erased, not sent */
/*
 * A whole erase block of FF is not sent: as part of a stream it costs the stub 251 ms of programming, 0.6 s on a plain line at
 * 921600. Within a block that a piece does not fill, and whose sectors are erased one by one anyway, the same holds for half a
 * block: 125 ms, against the 100 ms or so for which a stream of its own leaves the line idle. A shorter run, or one that
 * would break a block, costs more than it wins.
 */
#define GAP_SECTORS (ERASE_BLOCK / SECTOR_SIZE / 2)

static uint32_t sector_of(uint32_t offset)
{
    return offset / SECTOR_SIZE;
}

static uint32_t end_sector(uint32_t offset, uint32_t size)
{
    return (offset + size + SECTOR_SIZE - 1) / SECTOR_SIZE;
}

static void mark(uint8_t *marks, uint32_t offset, uint32_t size, uint8_t bit)
{
    for (uint32_t s = sector_of(offset); s < end_sector(offset, size) && s < SECTORS; s++)
        marks[s] |= bit;
}

static int check_overlaps(struct plan_context *ctx, const struct plan_draft *d)
{
    for (size_t i = 0; i < d->region_count; i++) {
        const struct plan_part *p = &d->regions[i];

        for (size_t j = 0; j < i; j++) {
            const struct plan_part *q = &d->regions[j];

            if (sector_of(p->offset) < end_sector(q->offset, q->size) &&
                sector_of(q->offset) < end_sector(p->offset, p->size))
                return plan_blame(
                    ctx, p,
                    "%s: %s at 0x%x (0x%x bytes) and %s at 0x%x (0x%x bytes) overlap; they may not "
                    "share a 4 KiB sector",
                    d->name, q->name, q->offset, q->size, p->name, p->offset, p->size);
        }
    }
    return 0;
}

/* Makes the pieces of bytes [from, to) of a region. */
static int cut_piece(struct plan_context *ctx, struct plan *out, const struct plan_part *r, uint32_t from,
                     uint32_t to)
{
    struct piece *p;

    if (from < r->offset)
        from = r->offset;
    if (to > r->offset + r->size)
        to = r->offset + r->size;
    if (from >= to)
        return 0;
    if (from == plan_boot_at(ctx) && to <= from + SECTOR_SIZE)
        p = out->boot = arena_alloc(ctx->arena, sizeof *p);
    else if (r->final)
        p = &out->finals[out->final_count++];
    else
        p = &out->pieces[out->piece_count++];
    if (p == NULL ||
        image_piece_make(ctx->store, r->name, from, r->data + (from - r->offset), to - from, p) != 0)
        return complain_at(ctx->c, FAIL_NO_MEMORY, ctx->at, "out of memory");
    return 0;
}

static bool is_blank(const struct plan_part *r, uint32_t sector)
{
    uint32_t end = sector + SECTOR_SIZE < r->offset + r->size ? sector + SECTOR_SIZE : r->offset + r->size;

    for (uint32_t at = sector; at < end; at++)
        if (r->data[at - r->offset] != 0xff)
            return false;
    return true;
}

/* Marks the gaps in [at, end), sectors of one erase block that a file fills without a break. */
static size_t mark_gaps(const struct plan_part *r, uint32_t at, uint32_t end, uint8_t *marks)
{
    uint32_t least = end - at == ERASE_BLOCK ? ERASE_BLOCK : GAP_SECTORS * SECTOR_SIZE;
    size_t count = 0;

    for (uint32_t next; at < end; at = next + SECTOR_SIZE) {
        for (next = at; next < end && is_blank(r, next);)
            next += SECTOR_SIZE;
        if (next - at < least)
            continue;
        for (uint32_t s = at; s < next; s += SECTOR_SIZE)
            marks[sector_of(s)] |= MARK_GAP;
        count++;
    }
    return count;
}

/* Cut where a stretch begins or ends that is written apart, or not at all: the boot sector, and what the board keeps. */
static bool cut_at(const struct plan_context *ctx, const struct plan_draft *d, uint32_t sector)
{
    return sector == plan_boot_at(ctx) || sector == plan_boot_at(ctx) + SECTOR_SIZE ||
           plan_draft_keeps(ctx, d, sector, SECTOR_SIZE) !=
               plan_draft_keeps(ctx, d, sector - SECTOR_SIZE, SECTOR_SIZE);
}

/* What selects the application, and what it is small beside, is written as it is. */
static size_t find_gaps(const struct plan_context *ctx, const struct plan_draft *d, const struct plan_part *r,
                        uint8_t *marks)
{
    uint32_t end = end_sector(r->offset, r->size) * SECTOR_SIZE;
    size_t count = 0;

    for (uint32_t at = r->offset, next; !r->final && at < end; at = next) {
        for (next = at + SECTOR_SIZE; next < end && next % ERASE_BLOCK != 0 && !cut_at(ctx, d, next);)
            next += SECTOR_SIZE;
        if (!plan_draft_keeps(ctx, d, at, SECTOR_SIZE))
            count += mark_gaps(r, at, next, marks);
    }
    return count;
}

static bool is_gap(const uint8_t *marks, uint32_t sector)
{
    return (marks[sector_of(sector)] & MARK_GAP) != 0;
}

static int cut_region(struct plan_context *ctx, const struct plan_draft *d, struct plan *out,
                      const struct plan_part *r, const uint8_t *marks)
{
    uint32_t end = r->offset + r->size;

    for (uint32_t at = r->offset, next; at < end; at = next) {
        bool gap = is_gap(marks, at);

        for (next = at + SECTOR_SIZE; next < end && !cut_at(ctx, d, next) && is_gap(marks, next) == gap;)
            next += SECTOR_SIZE;
        if (!gap && !plan_draft_keeps(ctx, d, at, SECTOR_SIZE) && cut_piece(ctx, out, r, at, next) != 0)
            return -1;
    }
    return 0;
}

static int cut_regions(struct plan_context *ctx, const struct plan_draft *d, struct plan *out, uint8_t *marks)
{
    size_t gaps = 0, most;

    for (size_t i = 0; i < d->region_count; i++)
        gaps += find_gaps(ctx, d, &d->regions[i], marks);
    most = CUTS * d->region_count + gaps + 1;
    out->pieces = arena_alloc(ctx->arena, most * sizeof *out->pieces);
    out->finals = arena_alloc(ctx->arena, most * sizeof *out->finals);
    if (out->pieces == NULL || out->finals == NULL)
        return complain_at(ctx->c, FAIL_NO_MEMORY, ctx->at, "out of memory");
    for (size_t i = 0; i < d->region_count; i++) {
        if (cut_region(ctx, d, out, &d->regions[i], marks) != 0)
            return -1;
        mark(marks, d->regions[i].offset, d->regions[i].size, MARK_PIECE);
    }
    for (uint32_t s = 0; s < SECTORS; s++)
        if (marks[s] & MARK_GAP)
            marks[s] = MARK_ERASE;
    return 0;
}

static int fill_erases(struct plan_context *ctx, const struct plan_draft *d, struct plan *out, uint8_t *marks)
{
    uint32_t config = sector_of(CONFIG_SECTOR), boot = sector_of(plan_boot_at(ctx));

    for (size_t i = 0; i < d->erase_count; i++)
        mark(marks, d->erases[i].offset, d->erases[i].size, MARK_ERASE);
    out->writes_identity = ctx->write_config && !ctx->plain_board && marks[config] != 0;
    for (uint32_t n = 0; n < SECTORS; n++)
        if (plan_draft_keeps(ctx, d, n * SECTOR_SIZE, SECTOR_SIZE))
            marks[n] = 0;
    /* Erased first anyway when anything is written; alone it would leave a board that boots nothing. */
    if ((marks[boot] & (MARK_ERASE | MARK_PIECE)) == MARK_ERASE)
        plan_warn(ctx, "%s: erases the bootloader at 0x%x without writing one: the board keeps its own",
                  d->name, plan_boot_at(ctx));
    marks[boot] &= MARK_PIECE;
    out->erases = arena_alloc(ctx->arena, (SECTORS / 2 + 1) * sizeof *out->erases);
    if (out->erases == NULL)
        return complain_at(ctx->c, FAIL_NO_MEMORY, ctx->at, "out of memory");
    for (uint32_t s = 0; s < SECTORS; s++) {
        struct span *last = out->erase_count > 0 ? &out->erases[out->erase_count - 1] : NULL;

        if (marks[s] != 0 && (s + 1) * SECTOR_SIZE > out->needs_size)
            out->needs_size = (s + 1) * SECTOR_SIZE;
        if (marks[s] != MARK_ERASE)
            continue;
        if (last != NULL && last->offset + last->size == s * SECTOR_SIZE)
            last->size += SECTOR_SIZE;
        else
            out->erases[out->erase_count++] = (struct span){s * SECTOR_SIZE, SECTOR_SIZE};
    }
    return 0;
}

static void describe(const struct plan_context *ctx, const struct plan_draft *d, struct plan *out)
{
    snprintf(out->name, sizeof out->name, "%s", d->name);
    out->flash_size = d->flash_size;
    out->erase_all = d->erase_all;
    out->boot_sector = plan_boot_at(ctx);
    if (!ctx->plain_board)
        out->identity = plan_identity_span();
    memcpy(out->protect, d->protect, sizeof out->protect);
    out->protect_count = d->protect_count;
    out->unit = d->unit;
    out->unit_count = d->unit_count;
    out->parts = d->regions;
    out->part_count = d->region_count;
    out->table = d->has_table ? &d->table : NULL;
    out->table_at = d->table_at;
    out->chip_id = ctx->chip_id;
    out->pycom = d->pycom;
    out->names = d->names;
    out->name_count = d->name_count;
}

int plan_finish(struct plan_context *ctx, struct plan_draft *d, struct plan *out)
{
    uint8_t *marks = NULL;

    memset(out, 0, sizeof *out);
    if (plan_check_images(ctx, d) != 0 || plan_add_ranges(ctx, d) != 0 || check_overlaps(ctx, d) != 0 ||
        plan_add_unit(ctx, d) != 0 || plan_guard(ctx, d) != 0 || plan_guard_unit(ctx, d) != 0)
        return -1;
    describe(ctx, d, out);
    if (plan_unit_erases(ctx, d, out) != 0)
        return -1;
    for (size_t i = 0; i < d->protect_count; i++)
        if (d->protect[i].offset + d->protect[i].size > out->needs_size)
            out->needs_size = d->protect[i].offset + d->protect[i].size;
    for (size_t i = 0; i < d->unit_count; i++) {
        const struct span s = unit_place_sectors(&d->unit[i]);

        if (s.offset + s.size > out->needs_size)
            out->needs_size = s.offset + s.size;
    }
    marks = arena_alloc(ctx->arena, SECTORS);
    if (marks == NULL)
        return complain_at(ctx->c, FAIL_NO_MEMORY, ctx->at, "out of memory");
    if (cut_regions(ctx, d, out, marks) != 0 || fill_erases(ctx, d, out, marks) != 0)
        return -1;
    for (size_t i = 0; i < d->table.count; i++)
        if (d->table.rows[i].offset + d->table.rows[i].size > out->needs_size)
            out->needs_size = d->table.rows[i].offset + d->table.rows[i].size;
    if (out->piece_count + out->final_count == 0 && out->boot == NULL && out->erase_count == 0 &&
        !out->erase_all)
        return complain_at(ctx->c, FAIL_FIRMWARE, ctx->at, "%s: does nothing at all", d->name);
    return plan_look(ctx, d, out);
}
