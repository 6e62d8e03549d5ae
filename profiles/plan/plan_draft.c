/* SPDX-License-Identifier: Apache-2.0 */
/* A draft fills: regions and erases, each within the flash and on sectors, and what the engineer should know. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "profiles/firmware/chip_kind.h"
#include "profiles/plan/plan.h"
#include "profiles/text/arena.h"

const struct chip_kind *plan_kind(const struct plan_context *ctx)
{
    const struct chip_kind *kind = chip_kind_by_image(ctx->chip_id);

    return kind != NULL ? kind : chip_kind_first();
}

uint32_t plan_boot_at(const struct plan_context *ctx)
{
    return plan_kind(ctx)->boot_sector;
}

void plan_warn(struct plan_context *ctx, const char *text, ...)
{
    char line[400];
    va_list args;
    const char *copy;

    va_start(args, text);
    vsnprintf(line, sizeof line, text, args);
    va_end(args);
    for (size_t i = 0; i < ctx->warnings->count; i++)
        if (strcmp(ctx->warnings->texts[i], line) == 0)
            return;
    copy = arena_text(ctx->arena, "%s", line);
    if (copy == NULL)
        copy = "there is something to warn of, and no memory to say what";
    if (ctx->warnings->count < PLAN_WARNINGS)
        ctx->warnings->texts[ctx->warnings->count++] = copy;
    else
        ctx->warnings->texts[PLAN_WARNINGS - 1] = "there is more to say of this job than there is room for";
}

int plan_blame(const struct plan_context *ctx, const struct plan_part *part, const char *text, ...)
{
    struct place at = *ctx->at;
    char line[400];
    va_list args;

    if (part->line > 0)
        at.line = part->line;
    va_start(args, text);
    vsnprintf(line, sizeof line, text, args);
    va_end(args);
    return complain_at(ctx->c, FAIL_FIRMWARE, &at, "%s", line);
}

static int check_range(struct plan_context *ctx, const struct plan_draft *d, const char *what,
                       uint32_t offset, uint64_t size)
{
    uint32_t limit = d->flash_size != 0 ? d->flash_size : FLASH_MAX;

    if (offset <= limit && size <= limit - offset)
        return 0;
    return complain_at(ctx->c, FAIL_FIRMWARE, ctx->at, "%s: %s ends at 0x%llx, beyond the flash of %u MB",
                       d->name, what, (unsigned long long)offset + size, limit >> 20);
}

int plan_add_region(struct plan_context *ctx, struct plan_draft *d, const char *name, uint32_t offset,
                    const uint8_t *data, size_t size)
{
    struct plan_part *r;

    if (size == 0)
        return complain_at(ctx->c, FAIL_FIRMWARE, ctx->at, "%s: %.60s is empty", d->name, name);
    if (offset % SECTOR_SIZE != 0)
        return complain_at(
            ctx->c, FAIL_FIRMWARE, ctx->at,
            "%s: %.60s: offset 0x%x is not a multiple of 0x1000; flash is erased by 4 KiB sectors", d->name,
            name, offset);
    if (check_range(ctx, d, name, offset, size) != 0)
        return -1;
    if (d->region_count == DRAFT_REGIONS)
        return complain_at(ctx->c, FAIL_FIRMWARE, ctx->at, "%s: writes more than %d files", d->name,
                           DRAFT_REGIONS);
    r = &d->regions[d->region_count++];
    memset(r, 0, sizeof *r);
    snprintf(r->name, sizeof r->name, "%s", name);
    r->offset = offset;
    r->data = data;
    r->line = ctx->at->line;
    r->size = (uint32_t)size;
    return 0;
}

int plan_add_erase(struct plan_context *ctx, struct plan_draft *d, uint32_t offset, uint32_t size)
{
    uint32_t start = offset & ~(SECTOR_SIZE - 1);
    uint64_t end = ((uint64_t)offset + size + SECTOR_SIZE - 1) & ~(uint64_t)(SECTOR_SIZE - 1);

    if (check_range(ctx, d, "an erase", start, end - start) != 0)
        return -1;
    if (d->erase_count == DRAFT_ERASES)
        return complain_at(ctx->c, FAIL_FIRMWARE, ctx->at, "%s: erases more than %d places", d->name,
                           DRAFT_ERASES);
    d->erases[d->erase_count++] = (struct span){start, (uint32_t)(end - start)};
    return 0;
}
