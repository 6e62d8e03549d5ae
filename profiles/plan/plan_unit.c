/* SPDX-License-Identifier: Apache-2.0 */
/* Where unit data go: words of the job become places of this board, which nothing else of the job may reach into. */
#include <string.h>

#include "profiles/plan/plan.h"
#include "profiles/text/arena.h"

#define PARTITION_DATA_NVS 0x02

static struct place line_of(const struct plan_context *ctx, const struct unit_word *w)
{
    return (struct place){ctx->at->file, w->line, NULL};
}

/* What a partition leaves of a word. */
static int place_in(struct plan_context *ctx, const struct plan_draft *d, const struct unit_word *w,
                    struct unit_place *out)
{
    const struct partition *p = partition_find(&d->table, w->partition);
    struct place at = line_of(ctx, w);

    if (p == NULL && !d->has_table)
        return complain_at(ctx->c, FAIL_JOB, &at,
                           "unit: %s: partition '%s': the firmware has no partition table that says where it "
                           "lies; write an offset of the flash, 'at: 0x9000'",
                           w->name, w->partition);
    if (p == NULL)
        return complain_at(ctx->c, FAIL_JOB, &at, "unit: %s: '%s' is no partition of the firmware's table",
                           w->name, w->partition);
    if (w->nvs && (p->type != PARTITION_DATA || p->subtype != PARTITION_DATA_NVS))
        return complain_at(ctx->c, FAIL_JOB, &at,
                           "unit: %s: partition '%s' is not of type data, nvs (1, 2): it is %u, %u", w->name,
                           w->partition, p->type, p->subtype);
    if (w->at >= p->size || w->size > p->size - w->at)
        return complain_at(ctx->c, FAIL_JOB, &at,
                           "unit: %s: 0x%x bytes at 0x%x are more than partition '%s' holds (0x%x)", w->name,
                           w->size, w->at, w->partition, p->size);
    out->offset = p->offset + w->at;
    out->size = w->size != 0 ? w->size : p->size - w->at;
    return 0;
}

static int resolve(struct plan_context *ctx, const struct plan_draft *d, const struct unit_word *w,
                   struct unit_place *out)
{
    uint32_t limit = d->flash_size != 0 ? d->flash_size : FLASH_MAX;
    struct place at = line_of(ctx, w);

    memcpy(out->name, w->name, sizeof out->name);
    out->offset = w->at;
    out->size = w->size;
    out->image = w->image;
    if (w->partition[0] != '\0' && place_in(ctx, d, w, out) != 0)
        return -1;
    if (out->offset >= limit || out->size > limit - out->offset)
        return complain_at(ctx->c, FAIL_JOB, &at, "unit: %s: 0x%x+0x%x ends beyond the flash of %u MB",
                           w->name, out->offset, out->size, limit >> 20);
    if (out->image && (out->offset % SECTOR_SIZE != 0 || (w->nvs && out->size % SECTOR_SIZE != 0)))
        return complain_at(
            ctx->c, FAIL_JOB, &at,
            "unit: %s: 0x%x+0x%x is not in whole 4 KiB sectors; flash is erased by such sectors", w->name,
            out->offset, out->size);
    return 0;
}

/* Fields may lie side by side in a sector; what fills whole sectors has them alone. */
static int check_apart(struct plan_context *ctx, const struct plan_draft *d, const struct unit_word *w,
                       const struct unit_place *p)
{
    const struct span mine = {p->offset, p->size}, sectors = unit_place_sectors(p);
    struct place at = line_of(ctx, w);

    for (size_t i = 0; i < d->unit_count; i++) {
        const struct unit_place *q = &d->unit[i];
        const struct span theirs = unit_place_sectors(q);
        bool meet = p->image || q->image ? span_touches(&sectors, theirs.offset, theirs.size)
                                         : span_touches(&mine, q->offset, q->size);

        if (meet)
            return complain_at(ctx->c, FAIL_JOB, &at, "unit: %s (0x%x+0x%x) overlaps %s (0x%x+0x%x)%s",
                               p->name, p->offset, p->size, q->name, q->offset, q->size,
                               p->image || q->image ? ": whole sectors are written there" : "");
    }
    return 0;
}

static int check_kept(struct plan_context *ctx, const struct plan_draft *d, const struct unit_word *w,
                      const struct unit_place *p)
{
    const struct span s = unit_place_sectors(p), identity = plan_identity_span(),
                      table = {d->table_at, SECTOR_SIZE},
                      boot = {plan_boot_at(ctx), d->table_at - plan_boot_at(ctx)};
    struct place at = line_of(ctx, w);

    if (p->image && !ctx->plain_board && span_touches(&s, identity.offset, identity.size))
        return complain_at(ctx->c, FAIL_JOB, &at,
                           "unit: %s would take all of the identity sector 0x%x; write a field (text, hex, "
                           "integer) there, which leaves the rest of it as it is",
                           w->name, identity.offset);
    if (spans_touch(d->protect, d->protect_count, s.offset, s.size))
        return complain_at(ctx->c, FAIL_JOB, &at,
                           "unit: %s (0x%x+0x%x) lies in what the job protects; leave out one of the two",
                           w->name, p->offset, p->size);
    if (plan_check_starts(ctx, d, "unit", w->line, &s) != 0)
        return -1;
    if (span_touches(&s, table.offset, table.size) || span_touches(&s, boot.offset, boot.size))
        return complain_at(ctx->c, FAIL_JOB, &at,
                           "unit: %s (0x%x+0x%x) lies where bootloader and partition table are", w->name,
                           p->offset, p->size);
    return 0;
}

int plan_add_unit(struct plan_context *ctx, struct plan_draft *d)
{
    for (size_t i = 0; i < ctx->unit_count; i++) {
        const struct unit_word *w = &ctx->unit[i];
        struct unit_place p = {0};

        if (resolve(ctx, d, w, &p) != 0 || check_apart(ctx, d, w, &p) != 0 || check_kept(ctx, d, w, &p) != 0)
            return -1;
        d->unit[d->unit_count++] = p;
    }
    return 0;
}

static bool part_touches(const struct plan_part *r, const struct span *s)
{
    return span_touches(s, r->offset, whole_sectors(r->size));
}

int plan_guard_unit(struct plan_context *ctx, const struct plan_draft *d)
{
    for (size_t i = 0; i < d->unit_count; i++) {
        const struct span s = unit_place_sectors(&d->unit[i]);

        for (size_t n = 0; n < d->region_count; n++) {
            const struct plan_part *r = &d->regions[n];

            if (part_touches(r, &s) && plan_part_holds(ctx, d, r, &s))
                return plan_blame(ctx, r,
                                  "%s: %s holds something at 0x%x+0x%x, where unit data go (%s); leave out "
                                  "one of the two",
                                  d->name, r->name, s.offset, s.size, d->unit[i].name);
        }
    }
    return 0;
}

static bool touches_unit(const struct plan_draft *d, uint32_t offset, uint32_t size)
{
    for (size_t i = 0; i < d->unit_count; i++) {
        const struct span s = unit_place_sectors(&d->unit[i]);

        if (span_touches(&s, offset, size))
            return true;
    }
    return false;
}

int plan_unit_erases(struct plan_context *ctx, const struct plan_draft *d, struct plan *out)
{
    struct span *all = arena_alloc(ctx->arena, (d->erase_count + d->region_count + 1) * sizeof *all);
    size_t count = 0;

    if (all == NULL)
        return complain_at(ctx->c, FAIL_NO_MEMORY, ctx->at, "out of memory");
    for (size_t i = 0; i < d->erase_count; i++)
        if (touches_unit(d, d->erases[i].offset, d->erases[i].size))
            all[count++] = d->erases[i];
    for (size_t i = 0; i < d->region_count; i++) {
        const struct span r = {d->regions[i].offset, whole_sectors(d->regions[i].size)};

        if (touches_unit(d, r.offset, r.size))
            all[count++] = r;
    }
    if (d->erase_all)
        all[count++] = (struct span){0, FLASH_MAX};
    out->unit_erased = all;
    out->unit_erased_count = count;
    return 0;
}
