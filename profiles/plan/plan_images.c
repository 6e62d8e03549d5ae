/* SPDX-License-Identifier: Apache-2.0 */
/* What the bytes of a draft are: the partition table, the images in it, and the record of what the board shall start. */
#include <stdio.h>
#include <string.h>

#include "profiles/firmware/app_load.h"
#include "profiles/firmware/chip_kind.h"
#include "profiles/firmware/esp_image.h"
#include "profiles/firmware/otadata.h"
#include "profiles/plan/boot_order.h"
#include "profiles/plan/plan.h"
#include "profiles/text/arena.h"

/* Bytes from `offset` to the end of the region that covers it, or NULL. */
static const uint8_t *bytes_at(const struct plan_draft *d, uint32_t offset, size_t *left,
                               const struct plan_part **region)
{
    for (size_t i = 0; i < d->region_count; i++) {
        const struct plan_part *r = &d->regions[i];

        if (offset >= r->offset && offset - r->offset < r->size) {
            *left = r->size - (offset - r->offset);
            *region = r;
            return r->data + (offset - r->offset);
        }
    }
    return NULL;
}

static bool table_stands(const struct plan_part *r, uint32_t offset)
{
    return partition_table_is(r->data + (offset - r->offset), r->size - (offset - r->offset));
}

/* Within a file that holds the bootloader too: the first sector behind its beginning that is a whole table. */
static const struct plan_part *table_within(struct plan_draft *d, uint32_t boot)
{
    const struct plan_part *r;
    const char *why;
    size_t left;

    if (bytes_at(d, boot, &left, &r) == NULL)
        return NULL;
    for (uint32_t o = boot + SECTOR_SIZE; o - r->offset < r->size; o += SECTOR_SIZE) {
        if (table_stands(r, o) && partition_table_parse(r->data + (o - r->offset), r->size - (o - r->offset),
                                                        &d->table, &why) == 0) {
            d->table_at = o;
            return r;
        }
    }
    return NULL;
}

/* The file at the lowest place that begins as a table does. */
static const struct plan_part *table_alone(struct plan_draft *d)
{
    const struct plan_part *first = NULL;

    for (size_t i = 0; i < d->region_count; i++)
        if (table_stands(&d->regions[i], d->regions[i].offset) &&
            (first == NULL || d->regions[i].offset < first->offset))
            first = &d->regions[i];
    if (first != NULL)
        d->table_at = first->offset;
    return first;
}

/*
 * Its place is built into the bootloader: the usual one, else where the job brings a table. A file that begins at the usual
 * place and is no table is told as a bad one. NULL: there is none.
 */
static const struct plan_part *place_table(struct plan_draft *d, uint32_t boot)
{
    const struct plan_part *usual = NULL, *found;
    size_t left;

    d->table_at = PARTITION_TABLE_OFFSET;
    for (size_t i = 0; i < d->region_count; i++)
        if (d->regions[i].offset == PARTITION_TABLE_OFFSET)
            usual = &d->regions[i];
    if (usual != NULL && table_stands(usual, PARTITION_TABLE_OFFSET))
        return usual;
    if (bytes_at(d, PARTITION_TABLE_OFFSET, &left, &found) != NULL &&
        table_stands(found, PARTITION_TABLE_OFFSET))
        return found;
    found = table_alone(d);
    if (found == NULL && usual == NULL)
        found = table_within(d, boot);
    return found != NULL ? found : usual;
}

static int find_table(struct plan_context *ctx, struct plan_draft *d)
{
    struct partition_table assumed = d->table;
    const struct plan_part *r = place_table(d, plan_boot_at(ctx));
    const char *why;

    if (r == NULL) {
        d->table = assumed;
        return 0;
    }
    if (partition_table_parse(r->data + (d->table_at - r->offset), r->size - (d->table_at - r->offset),
                              &d->table, &why) != 0)
        return plan_blame(ctx, r, "%s: partition table %s at 0x%x: %s", d->name, r->name, d->table_at, why);
    d->has_table = true;
    return 0;
}

static int check_image(struct plan_context *ctx, const struct plan_draft *d, const struct plan_part *r,
                       uint32_t offset, const uint8_t *bytes, size_t left, struct esp_image *image)
{
    int last = plan_kind(ctx)->last_revision;
    const char *why;

    if (esp_image_parse(bytes, left, image, &why) != 0)
        return plan_blame(ctx, r, "%s: %s at 0x%x %s", d->name, r->name, offset, why);
    if (image->chip_id != ctx->chip_id)
        return plan_blame(ctx, r, "%s: %s at 0x%x is for %s (chip id %u), the job is for %s", d->name,
                          r->name, offset, esp_chip_id_name(image->chip_id), image->chip_id,
                          esp_chip_id_name(ctx->chip_id));
    if (image->min_revision > last)
        return plan_blame(
            ctx, r,
            "%s: %s at 0x%x is for revision v%d.%d and later, and there is no %s beyond v%d.%d; "
            "build it for an earlier one",
            d->name, r->name, offset, image->min_revision / 100, image->min_revision % 100,
            plan_kind(ctx)->title, last / 100, last % 100);
    if (image->min_revision > ctx->revision_min)
        ctx->revision_min = image->min_revision;
    if (image->max_revision != 0 && (ctx->revision_max == 0 || image->max_revision < ctx->revision_max))
        ctx->revision_max = image->max_revision;
    return 0;
}

static bool is_blank(const uint8_t *bytes, size_t size)
{
    for (size_t i = 0; i < size; i++)
        if (bytes[i] != 0xff)
            return false;
    return true;
}

static int check_app_image(struct plan_context *ctx, const struct plan_draft *d, const struct plan_part *r,
                           uint32_t offset, size_t *size)
{
    struct esp_image image;
    char why[APP_LOAD_WHY_SIZE];

    if (check_image(ctx, d, r, offset, r->data + (offset - r->offset), r->size - (offset - r->offset),
                    &image) != 0)
        return -1;
    if (app_load_check(&image, d->boot_part != NULL ? &d->boot : NULL, why) != 0)
        return plan_blame(ctx, r, "%s: %s at 0x%x %s; build it again for the %s", d->name, r->name, offset,
                          why, plan_kind(ctx)->title);
    *size = image.size;
    return 0;
}

static int check_app(struct plan_context *ctx, struct plan_draft *d, const struct partition *p, bool *written)
{
    const struct plan_part *r;
    size_t left, size = 0;
    const uint8_t *bytes = bytes_at(d, p->offset, &left, &r);

    *written = false;
    if (bytes == NULL || (r->offset < p->offset && is_blank(bytes, left < 16 ? left : 16)))
        return 0;
    if (check_app_image(ctx, d, r, p->offset, &size) != 0)
        return -1;
    if (r->offset == p->offset)
        size = r->size;
    if (size > p->size)
        return plan_blame(ctx, r, "%s: %s has 0x%zx bytes, more than the 0x%x of its partition %s", d->name,
                          r->name, size, p->size, p->name);
    *written = true;
    return 0;
}

/* Where the board's own table says what lies where, an image is still an image. */
static int check_loose_apps(struct plan_context *ctx, const struct plan_draft *d)
{
    size_t size;

    for (size_t i = 0; i < d->region_count && !d->has_table; i++) {
        const struct plan_part *r = &d->regions[i];

        if (r != d->boot_part && esp_image_is(r->data, r->size) &&
            check_app_image(ctx, d, r, r->offset, &size) != 0)
            return -1;
    }
    return 0;
}

static int check_bootloader(struct plan_context *ctx, struct plan_draft *d)
{
    uint32_t at = plan_boot_at(ctx);
    const struct plan_part *r;
    size_t left;
    const uint8_t *bytes = bytes_at(d, at, &left, &r);

    if (bytes == NULL)
        return 0;
    if (r->offset < at && esp_image_is(r->data, r->size) && !esp_image_is(bytes, left))
        return plan_blame(ctx, r, "%s: %s begins with its image at 0x%x; an %s's bootloader belongs at 0x%x",
                          d->name, r->name, r->offset, plan_kind(ctx)->title, at);
    if (check_image(ctx, d, r, at, bytes, left, &d->boot) != 0)
        return -1;
    if (at + d->boot.size > d->table_at)
        return plan_blame(
            ctx, r,
            "%s: bootloader %s reaches into the partition table at 0x%x; build it smaller, or with the table further up",
            d->name, r->name, d->table_at);
    d->boot_part = r;
    return 0;
}

/* Every sector of it that no file covers is blank in the end: half a record of the board's own would be one too. */
static int blank_selection(struct plan_context *ctx, struct plan_draft *d, const struct partition *ota)
{
    const struct plan_part *r;
    size_t left;

    for (uint32_t at = 0; at < ota->size; at += SECTOR_SIZE)
        if (bytes_at(d, ota->offset + at, &left, &r) == NULL)
            return plan_add_erase(ctx, d, ota->offset, ota->size);
    return 0;
}

/*
 * A board that last ran another slot would go on running it. Pycom keeps one sector with its own record; Espressif two
 * sectors, where blank means "the factory image, else the first".
 */
static int select_boot(struct plan_context *ctx, struct plan_draft *d, const struct partition *app)
{
    const struct partition *ota = boot_order_row(&d->table, PARTITION_DATA, PARTITION_DATA_OTA);
    bool factory = app->subtype == PARTITION_APP_FACTORY;
    const struct plan_part *r;
    uint8_t *record;
    size_t left;

    if (ota == NULL)
        return 0;
    if (ota->size != SECTOR_SIZE || !d->pycom)
        return blank_selection(ctx, d, ota);
    if (bytes_at(d, ota->offset, &left, &r) != NULL || (!factory && app->subtype != PARTITION_APP_OTA_0))
        return 0;
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
        if (written && (boot_app == NULL || p->subtype == PARTITION_APP_FACTORY))
            boot_app = p;
    }
    if (check_loose_apps(ctx, d) != 0)
        return -1;
    d->starts = boot_app;
    return boot_app != NULL ? select_boot(ctx, d, boot_app) : 0;
}
