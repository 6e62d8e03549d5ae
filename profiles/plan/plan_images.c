/* SPDX-License-Identifier: Apache-2.0 */
/* What the bytes of a draft are: the partition table, the images in it, and which of them the board shall start. */
#include <stdio.h>
#include <string.h>

#include "profiles/firmware/esp_image.h"
#include "profiles/firmware/otadata.h"
#include "profiles/plan/plan.h"
#include "profiles/text/arena.h"

/* Bytes from `offset` to the end of the region that covers it, or NULL. */
static const uint8_t *bytes_at(const struct plan_draft *d, uint32_t offset, size_t *left,
                               const struct draft_region **region)
{
    for (size_t i = 0; i < d->region_count; i++) {
        const struct draft_region *r = &d->regions[i];

        if (offset >= r->offset && offset - r->offset < r->size) {
            *left = r->size - (offset - r->offset);
            *region = r;
            return r->data + (offset - r->offset);
        }
    }
    return NULL;
}

static int find_table(struct plan_context *ctx, struct plan_draft *d)
{
    const struct draft_region *r;
    const uint8_t *bytes;
    const char *why;
    size_t left;

    bytes = bytes_at(d, PARTITION_TABLE_OFFSET, &left, &r);
    /* A merged image without a table, or a file at offset 0 that is no image at all, is the engineer's business. */
    if (bytes == NULL || (r->offset != PARTITION_TABLE_OFFSET && !partition_table_is(bytes, left)))
        return 0;
    if (partition_table_parse(bytes, left, &d->table, &why) != 0)
        return complain_at(ctx->c, FAIL_FIRMWARE, ctx->at, "%s: partition table %s at 0x%x: %s", d->name,
                           r->name, PARTITION_TABLE_OFFSET, why);
    d->has_table = true;
    return 0;
}

static int check_image(struct plan_context *ctx, const struct plan_draft *d, const struct draft_region *r,
                       uint32_t offset, const uint8_t *bytes, size_t left, size_t *image_size)
{
    struct esp_image image;
    const char *why;

    if (esp_image_parse(bytes, left, &image, &why) != 0)
        return complain_at(ctx->c, FAIL_FIRMWARE, ctx->at, "%s: %s at 0x%x %s", d->name, r->name, offset,
                           why);
    if (image.chip_id != ctx->chip_id)
        return complain_at(ctx->c, FAIL_FIRMWARE, ctx->at,
                           "%s: %s at 0x%x is for %s (chip id %u), the job is for %s", d->name, r->name,
                           offset, esp_chip_id_name(image.chip_id), image.chip_id,
                           esp_chip_id_name(ctx->chip_id));
    if (image.min_revision > ctx->revision_min)
        ctx->revision_min = image.min_revision;
    if (image.max_revision != 0 && (ctx->revision_max == 0 || image.max_revision < ctx->revision_max))
        ctx->revision_max = image.max_revision;
    *image_size = image.size;
    return 0;
}

static bool is_blank(const uint8_t *bytes, size_t size)
{
    for (size_t i = 0; i < size; i++)
        if (bytes[i] != 0xff)
            return false;
    return true;
}

static int check_app(struct plan_context *ctx, struct plan_draft *d, const struct partition *p, bool *written)
{
    const struct draft_region *r;
    size_t left, size = 0;
    const uint8_t *bytes = bytes_at(d, p->offset, &left, &r);

    *written = false;
    if (bytes == NULL || (r->offset < p->offset && is_blank(bytes, left < 16 ? left : 16)))
        return 0;
    if (check_image(ctx, d, r, p->offset, bytes, left, &size) != 0)
        return -1;
    if (r->offset == p->offset)
        size = r->size;
    if (size > p->size)
        return complain_at(ctx->c, FAIL_FIRMWARE, ctx->at,
                           "%s: %s has 0x%zx bytes, more than the 0x%x of its partition %s", d->name, r->name,
                           size, p->size, p->name);
    *written = true;
    return 0;
}

static int check_bootloader(struct plan_context *ctx, struct plan_draft *d)
{
    const struct draft_region *r;
    size_t left, size = 0;
    const uint8_t *bytes = bytes_at(d, BOOT_SECTOR, &left, &r);

    if (bytes == NULL)
        return 0;
    if (check_image(ctx, d, r, BOOT_SECTOR, bytes, left, &size) != 0)
        return -1;
    if (BOOT_SECTOR + size > PARTITION_TABLE_OFFSET)
        return complain_at(ctx->c, FAIL_FIRMWARE, ctx->at,
                           "%s: bootloader %s reaches into the partition table at 0x%x", d->name, r->name,
                           PARTITION_TABLE_OFFSET);
    return 0;
}

/*
 * A board that last ran another slot would go on running it. Pycom keeps one sector with its own record; Espressif two
 * sectors, where blank means "the factory image, else the first".
 */
static int select_boot(struct plan_context *ctx, struct plan_draft *d, const struct partition *app)
{
    const struct partition *ota = partition_of_type(&d->table, PARTITION_DATA, PARTITION_DATA_OTA);
    bool factory = app->subtype == PARTITION_APP_FACTORY;
    const struct draft_region *r;
    uint8_t *record;
    size_t left;

    if (ota == NULL || bytes_at(d, ota->offset, &left, &r) != NULL)
        return 0;
    if (ota->size != SECTOR_SIZE)
        return plan_add_erase(ctx, d, ota->offset, ota->size);
    record = arena_alloc(ctx->arena, OTADATA_RECORD_SIZE);
    if (record == NULL)
        return complain_at(ctx->c, FAIL_NO_MEMORY, ctx->at, "out of memory");
    otadata_make(factory ? OTADATA_FACTORY : OTADATA_OTA_0, factory ? OTADATA_READY : OTADATA_CHECK,
                 app->size, record);
    if (plan_add_region(ctx, d, "otadata", ota->offset, record, OTADATA_RECORD_SIZE) != 0)
        return -1;
    d->regions[d->region_count - 1].final = true;
    return 0;
}

/* Without a table the largest file is the best guess. */
static void find_app(struct plan_draft *d, const struct partition *app)
{
    const struct draft_region *r;

    if (app != NULL) {
        d->app = bytes_at(d, app->offset, &d->app_size, &r);
        return;
    }
    for (size_t i = 0; i < d->region_count; i++) {
        if (d->regions[i].size > d->app_size) {
            d->app = d->regions[i].data;
            d->app_size = d->regions[i].size;
        }
    }
}

int plan_check_images(struct plan_context *ctx, struct plan_draft *d)
{
    const struct partition *boot_app = NULL;
    bool written;

    if (find_table(ctx, d) != 0 || check_bootloader(ctx, d) != 0)
        return -1;
    for (size_t i = 0; i < d->table.count; i++) {
        const struct partition *p = &d->table.rows[i];

        /* The bootloader refuses such a table: the board would be written, verified, and run nothing. */
        if (d->flash_size != 0 && (p->offset > d->flash_size || p->size > d->flash_size - p->offset))
            return complain_at(ctx->c, FAIL_FIRMWARE, ctx->at,
                               "%s: partition %s ends at 0x%x, beyond the flash of %u MB", d->name, p->name,
                               p->offset + p->size, d->flash_size >> 20);
        if (p->type != PARTITION_APP)
            continue;
        if (check_app(ctx, d, p, &written) != 0)
            return -1;
        if (written && (p->subtype == PARTITION_APP_FACTORY || p->subtype == PARTITION_APP_OTA_0) &&
            (boot_app == NULL || p->subtype == PARTITION_APP_FACTORY))
            boot_app = p;
    }
    find_app(d, boot_app);
    return boot_app != NULL ? select_boot(ctx, d, boot_app) : 0;
}
