/* SPDX-License-Identifier: Apache-2.0 */
/* What a job protects and what it erases: names and ranges become sectors, and no file of the draft may run over the first. */
#include <stdio.h>
#include <string.h>

#include "profiles/firmware/esp_image.h"
#include "profiles/plan/boot_order.h"
#include "profiles/plan/plan.h"

static const struct span identity = {CONFIG_SECTOR, SECTOR_SIZE};

static bool keeps_identity(const struct plan_context *ctx)
{
    return !ctx->plain_board && !ctx->write_config;
}

/* The place a word means on this board, in whole sectors. */
static int resolve(struct plan_context *ctx, const struct plan_draft *d, const char *key,
                   const struct range_word *w, struct span *out)
{
    struct place at = {ctx->at->file, w->line, NULL};
    uint32_t limit = d->flash_size != 0 ? d->flash_size : FLASH_MAX;
    const struct partition *p;

    *out = w->range;
    if (w->name[0] != '\0') {
        p = partition_find(&d->table, w->name);
        if (p == NULL && !d->has_table)
            return complain_at(
                ctx->c, FAIL_JOB, &at,
                "%s: '%s': the firmware has no partition table that says where it lies; write a "
                "range like 0x9000+0x5000, or 'partial: yes' where the board's own table has it",
                key, w->name);
        if (p == NULL)
            return complain_at(ctx->c, FAIL_JOB, &at, "%s: '%s' is no partition of the firmware's table", key,
                               w->name);
        *out = (struct span){p->offset, whole_sectors(p->size)};
    }
    if (out->offset >= limit || out->size > limit - out->offset)
        return complain_at(ctx->c, FAIL_JOB, &at, "%s: 0x%x+0x%x ends beyond the flash of %u MB", key,
                           out->offset, out->size, limit >> 20);
    return 0;
}

/* The verdict vouches for the application that the board starts: none of it, nor what selects it, may be left as it was. */
int plan_check_starts(struct plan_context *ctx, const struct plan_draft *d, const char *what, int line,
                      const struct span *s)
{
    const struct partition *ota = boot_order_row(&d->table, PARTITION_DATA, PARTITION_DATA_OTA);
    struct place at = {ctx->at->file, line, NULL};

    if (span_touches(s, plan_boot_at(ctx), SECTOR_SIZE))
        return complain_at(ctx->c, FAIL_JOB, &at,
                           "%s: 0x%x+0x%x holds the boot sector 0x%x, which is erased first and written last",
                           what, s->offset, s->size, plan_boot_at(ctx));
    if (d->starts == NULL)
        return 0;
    if (span_touches(s, d->starts->offset, d->starts->size))
        return complain_at(ctx->c, FAIL_JOB, &at, "%s: 0x%x+0x%x runs into %s, which the job writes", what,
                           s->offset, s->size, d->starts->name);
    if (ota != NULL && span_touches(s, ota->offset, ota->size))
        return complain_at(
            ctx->c, FAIL_JOB, &at,
            "%s: 0x%x+0x%x holds %s, which selects what starts: the board might go on with another "
            "application than the job's",
            what, s->offset, s->size, ota->name);
    return 0;
}

/* A name in a job for a part of a flash: which sectors that are is known board by board. */
static bool left_to_the_board(struct plan_context *ctx, struct plan_draft *d, const struct range_word *w,
                              bool erase)
{
    struct plan_name *n = &d->names[d->name_count];

    if (w->name[0] == '\0' || !d->partial || d->has_table)
        return false;
    snprintf(n->name, sizeof n->name, "%s", w->name);
    n->erase = erase;
    d->name_count++;
    plan_warn(ctx,
              erase ? "%s: '%s' is erased where each board's own table has it, but for what is protected"
                    : "%s: '%s' is protected where each board's own table has it",
              d->name, w->name);
    return true;
}

static int add_protect(struct plan_context *ctx, struct plan_draft *d, const struct range_word *w)
{
    struct place at = {ctx->at->file, w->line, NULL};
    uint32_t sectors = 0;
    struct span s;

    if (left_to_the_board(ctx, d, w, false))
        return 0;
    if (resolve(ctx, d, "protect", w, &s) != 0)
        return -1;
    if (keeps_identity(ctx) && s.offset == identity.offset && s.size == identity.size)
        return 0; /* the board type's own word already */
    for (size_t i = 0; i < d->protect_count; i++) {
        if (span_touches(&d->protect[i], s.offset, s.size))
            return complain_at(ctx->c, FAIL_JOB, &at, "protect: 0x%x+0x%x overlaps 0x%x+0x%x; name it once",
                               s.offset, s.size, d->protect[i].offset, d->protect[i].size);
        sectors += d->protect[i].size / SECTOR_SIZE;
    }
    if (keeps_identity(ctx) && span_touches(&identity, s.offset, s.size))
        return complain_at(
            ctx->c, FAIL_JOB, &at,
            "protect: 0x%x+0x%x runs over the identity sector 0x%x, which is protected already", s.offset,
            s.size, identity.offset);
    if (plan_check_starts(ctx, d, "protect", w->line, &s) != 0)
        return -1;
    if (d->protect_count == PROTECT_RANGES)
        return complain_at(ctx->c, FAIL_JOB, &at, "protect: more than %d places; name fewer", PROTECT_RANGES);
    if (sectors + s.size / SECTOR_SIZE > PROTECT_SECTORS)
        return complain_at(
            ctx->c, FAIL_JOB, &at,
            "protect: with 0x%x+0x%x more than %u KiB in all; protect less, or leave it out of "
            "the firmware",
            s.offset, s.size, PROTECT_SECTORS * SECTOR_SIZE / 1024);
    d->protect[d->protect_count++] = s;
    return 0;
}

static bool is_written(const struct plan_draft *d, uint32_t offset)
{
    for (size_t i = 0; i < d->region_count; i++)
        if (offset >= d->regions[i].offset && offset - d->regions[i].offset < d->regions[i].size)
            return true;
    return false;
}

/* An erase that takes what a board starts by, and brings nothing in its place, is no job. */
static int check_bootable(struct plan_context *ctx, const struct plan_draft *d, const struct range_word *w,
                          const struct span *s)
{
    const struct {
        uint32_t offset, size;
        const char *what;
    } needed[] = {{plan_boot_at(ctx), d->table_at - plan_boot_at(ctx), "bootloader"},
                  {d->table_at, SECTOR_SIZE, "partition table"}};
    struct place at = {ctx->at->file, w->line, NULL};

    for (size_t i = 0; i < 2; i++)
        if (span_touches(s, needed[i].offset, needed[i].size) && !is_written(d, needed[i].offset))
            return complain_at(
                ctx->c, FAIL_JOB, &at,
                "erase: takes the %s at 0x%x and the job writes none: the board would boot nothing",
                needed[i].what, needed[i].offset);
    return 0;
}

static int add_erase(struct plan_context *ctx, struct plan_draft *d, const struct range_word *w)
{
    struct span s;

    if (left_to_the_board(ctx, d, w, true))
        return 0;
    if (resolve(ctx, d, "erase", w, &s) != 0 || check_bootable(ctx, d, w, &s) != 0)
        return -1;
    return plan_add_erase(ctx, d, s.offset, s.size);
}

int plan_add_ranges(struct plan_context *ctx, struct plan_draft *d)
{
    const struct span whole = {0, FLASH_MAX};

    for (size_t i = 0; ctx->protect != NULL && i < ctx->protect->count; i++)
        if (add_protect(ctx, d, &ctx->protect->words[i]) != 0)
            return -1;
    if (ctx->erase == NULL)
        return 0;
    if (ctx->erase->all) {
        d->erase_all = true;
        return check_bootable(ctx, d, &ctx->erase->words[0], &whole);
    }
    for (size_t i = 0; i < ctx->erase->count; i++)
        if (add_erase(ctx, d, &ctx->erase->words[i]) != 0)
            return -1;
    return 0;
}

/* Whether the region's bytes in the span are all FF: padding of a merged image rather than contents. */
static bool blank_in(const struct plan_part *r, const struct span *s)
{
    for (uint32_t at = s->offset; at < s->offset + s->size; at++)
        if (at >= r->offset && at - r->offset < r->size && r->data[at - r->offset] != 0xff)
            return false;
    return true;
}

/* An image of that file begins there, and the span holds some of it. */
static bool holds_image(const struct plan_part *r, uint32_t offset, const struct span *s)
{
    struct esp_image image;
    const char *why;

    return offset >= r->offset && offset - r->offset < r->size &&
           esp_image_parse(r->data + (offset - r->offset), r->size - (offset - r->offset), &image, &why) ==
               0 &&
           span_touches(s, offset, (uint32_t)image.size);
}

/* What is blank within a bootloader or an application is no padding: its checksum counts it. */
static bool runs_over(const struct plan_context *ctx, const struct plan_draft *d, const struct plan_part *r,
                      const struct span *s)
{
    bool held = holds_image(r, r->offset, s) || holds_image(r, plan_boot_at(ctx), s);

    for (size_t i = 0; !held && i < d->table.count; i++)
        held = d->table.rows[i].type == PARTITION_APP && holds_image(r, d->table.rows[i].offset, s);
    return held;
}

bool plan_part_holds(const struct plan_context *ctx, const struct plan_draft *d, const struct plan_part *r,
                     const struct span *s)
{
    return !blank_in(r, s) || runs_over(ctx, d, r, s);
}

static int guard_image(struct plan_context *ctx, const struct plan_draft *d, const struct plan_part *r,
                       const struct span *s)
{
    if (!runs_over(ctx, d, r, s))
        return 0;
    return plan_blame(ctx, r,
                      "%s: an image in %s runs over 0x%x+0x%x, which is protected: it would not be whole; "
                      "leave out one of the two",
                      d->name, r->name, s->offset, s->size);
}

static int guard_identity(struct plan_context *ctx, const struct plan_draft *d, const struct plan_part *r)
{
    if (!blank_in(r, &identity))
        return plan_blame(
            ctx, r,
            "%s: %s would overwrite the board's identity sector 0x%x; if that is meant, the job "
            "must say 'protect: none'",
            d->name, r->name, CONFIG_SECTOR);
    if (guard_image(ctx, d, r, &identity) != 0)
        return -1;
    plan_warn(ctx, "%s: %s is blank at 0x%x: the board keeps its own identity sector", d->name, r->name,
              CONFIG_SECTOR);
    return 0;
}

static int guard_span(struct plan_context *ctx, const struct plan_draft *d, const struct plan_part *r,
                      const struct span *s)
{
    if (!blank_in(r, s))
        return plan_blame(
            ctx, r, "%s: %s would overwrite 0x%x+0x%x, which the job protects; leave out one of the two",
            d->name, r->name, s->offset, s->size);
    if (guard_image(ctx, d, r, s) != 0)
        return -1;
    plan_warn(ctx, "%s: %s is blank in 0x%x+0x%x: the board keeps its own there, the job protects it",
              d->name, r->name, s->offset, s->size);
    return 0;
}

static bool region_touches(const struct plan_part *r, const struct span *s)
{
    uint32_t end = (r->offset + r->size + SECTOR_SIZE - 1) & ~(SECTOR_SIZE - 1);

    return span_touches(s, r->offset, end - r->offset);
}

static void warn_of_erases(struct plan_context *ctx, const struct plan_draft *d)
{
    for (size_t i = 0; i < d->erase_count; i++) {
        const struct span *e = &d->erases[i];

        if (keeps_identity(ctx) && span_touches(&identity, e->offset, e->size))
            plan_warn(ctx,
                      "%s: asks to erase the identity sector 0x%x: it is kept, the job does not say "
                      "'protect: none'",
                      d->name, CONFIG_SECTOR);
        for (size_t p = 0; p < d->protect_count; p++)
            if (span_touches(&d->protect[p], e->offset, e->size))
                plan_warn(ctx, "%s: asks to erase 0x%x+0x%x: it is kept, the job protects it", d->name,
                          d->protect[p].offset, d->protect[p].size);
    }
    for (size_t p = 0; d->erase_all && p < d->protect_count; p++)
        plan_warn(ctx, "%s: erases the whole flash but 0x%x+0x%x, which the job protects", d->name,
                  d->protect[p].offset, d->protect[p].size);
}

int plan_guard(struct plan_context *ctx, const struct plan_draft *d)
{
    for (size_t i = 0; i < d->region_count; i++) {
        const struct plan_part *r = &d->regions[i];

        if (keeps_identity(ctx) && region_touches(r, &identity) && guard_identity(ctx, d, r) != 0)
            return -1;
        for (size_t p = 0; p < d->protect_count; p++)
            if (region_touches(r, &d->protect[p]) && guard_span(ctx, d, r, &d->protect[p]) != 0)
                return -1;
    }
    warn_of_erases(ctx, d);
    return 0;
}

bool plan_draft_keeps(const struct plan_context *ctx, const struct plan_draft *d, uint32_t offset,
                      uint32_t size)
{
    if ((keeps_identity(ctx) && span_touches(&identity, offset, size)) ||
        spans_touch(d->protect, d->protect_count, offset, size))
        return true;
    for (size_t i = 0; i < d->unit_count; i++) {
        const struct span s = unit_place_sectors(&d->unit[i]);

        if (span_touches(&s, offset, size))
            return true;
    }
    return false;
}
