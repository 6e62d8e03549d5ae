/* SPDX-License-Identifier: Apache-2.0 */
#include "profiles/job/merged_image.h"

#include "profiles/firmware/chip_kind.h"
#include "profiles/firmware/esp_image.h"
#include "profiles/firmware/file_refusal.h"
#include "profiles/firmware/partition.h"
#include "profiles/plan/flash_plan.h"
#include "profiles/text/arena.h"

static const struct chip_kind *image_chip(const uint8_t *bytes, size_t size)
{
    struct esp_image image;
    const char *why;

    esp_image_parse(bytes, size, &image, &why);
    return chip_kind_by_image(image.chip_id);
}

const struct chip_kind *merged_chip(const uint8_t *data, size_t size)
{
    uint32_t at;

    for (size_t i = 0; chip_kind_boots(i, &at); i++) {
        const struct chip_kind *kind =
            at < size && esp_image_is(data + at, size - at) ? image_chip(data + at, size - at) : NULL;

        if (kind != NULL)
            return kind;
    }
    return NULL;
}

/* A whole table at the beginning of some sector behind the bootloader's; its place in the file, 0: none. */
static uint32_t table_in(const struct merged_for *m, const uint8_t *data, size_t size, uint32_t boot,
                         struct partition_table *table)
{
    const char *why;
    uint32_t usual = boot + PARTITION_TABLE_OFFSET - m->kind->boot_sector;

    if (usual < size && partition_table_is(data + usual, size - usual))
        return usual; /* told with the plan where it is damaged */
    for (uint32_t at = boot + SECTOR_SIZE; at < size; at += SECTOR_SIZE)
        if (partition_table_is(data + at, size - at) &&
            partition_table_parse(data + at, size - at, table, &why) == 0)
            return at;
    return 0;
}

int merged_offset(const struct merged_for *m, const uint8_t *data, size_t size, uint32_t *offset,
                  uint32_t *table_at)
{
    struct partition_table *table = arena_alloc(m->arena, sizeof *table);
    uint32_t at;

    for (size_t i = 0; table != NULL && chip_kind_boots(i, &at); i++) {
        if (at >= size || !esp_image_is(data + at, size - at))
            continue;
        *table_at = table_in(m, data, size, at, table);
        *offset = at == 0 ? m->kind->boot_sector : 0;
        if (*table_at != 0)
            return 0;
    }
    return -1;
}

int merged_check_whole(const struct merged_for *m, const uint8_t *data, size_t size, uint32_t offset,
                       uint32_t at)
{
    struct partition_table *table = arena_alloc(m->arena, sizeof *table);
    bool has_app_partition = false, holds_one = false;
    struct esp_image image;
    const char *why;

    if (table == NULL)
        return complain_at(m->c, FAIL_NO_MEMORY, m->at, "out of memory");
    if (size - at < PARTITION_TABLE_SIZE)
        return file_refuse_cut(size, FAIL_FIRMWARE, "before its partition table ends", m->at, m->c);
    if (partition_table_parse(data + at, size - at, table, &why) != 0)
        return 0; /* told with the plan */
    for (size_t i = 0; i < table->count; i++) {
        const struct partition *p = &table->rows[i];

        if (p->type != PARTITION_APP || p->offset < offset)
            continue;
        has_app_partition = true;
        if (p->offset - offset >= size)
            continue;
        holds_one = true;
        if (esp_image_parse(data + p->offset - offset, size - (p->offset - offset), &image, &why) != 0 &&
            image.is_cut)
            return file_refuse_cut(size, FAIL_FIRMWARE, "within its application", m->at, m->c);
    }
    return !has_app_partition || holds_one
               ? 0
               : file_refuse_cut(size, FAIL_FIRMWARE, "before its application begins", m->at, m->c);
}

/* The table at `at` of the file, read as of a flash from `start` on, has its first application where one begins. */
static bool fits_from(const struct merged_for *m, const uint8_t *data, size_t size, uint32_t at,
                      uint32_t start)
{
    struct partition_table *table = arena_alloc(m->arena, sizeof *table);
    const char *why;

    if (table == NULL || partition_table_parse(data + at, size - at, table, &why) != 0)
        return false;
    for (size_t i = 0; i < table->count; i++) {
        const struct partition *p = &table->rows[i];

        if (p->type == PARTITION_APP && p->offset >= start)
            return p->offset - start < size &&
                   esp_image_is(data + p->offset - start, size - (p->offset - start));
    }
    return false;
}

/* The file begins at `start` of a flash whose bootloader stands at `boot`, which is not where this chip has it. */
static int refuse_if_from(const struct merged_for *m, const uint8_t *data, size_t size, uint32_t start,
                          uint32_t boot)
{
    uint32_t table = PARTITION_TABLE_OFFSET - start, in_file = boot - start;
    const struct chip_kind *mine = m->kind;
    struct esp_image image;
    const char *why;

    if (size <= table + 32 || !partition_table_is(data + table, size - table) ||
        !esp_image_is(data + in_file, size - in_file))
        return 0;
    esp_image_parse(data + in_file, size - in_file, &image, &why);
    if (image.chip_id != mine->image_id)
        return complain_at(
            m->c, FAIL_FIRMWARE, m->at,
            "is a merged image from 0x%x for %s (chip id %u), not for %s; take the build for %s", start,
            esp_chip_id_name(image.chip_id), image.chip_id, mine->title, mine->title);
    if (!fits_from(m, data, size, table, start))
        return 0;
    return complain_at(m->c, FAIL_FIRMWARE, m->at,
                       "is a merged image with its bootloader at 0x%x, an %s boots from 0x%x; merge it again "
                       "with the bootloader there",
                       boot, mine->title, mine->boot_sector);
}

int merged_refuse_elsewhere(const struct merged_for *m, const uint8_t *data, size_t size)
{
    uint32_t boot;

    for (size_t i = 0; chip_kind_boots(i, &boot); i++) {
        if (boot == m->kind->boot_sector)
            continue;
        if ((boot != 0 && refuse_if_from(m, data, size, boot, boot) != 0) ||
            refuse_if_from(m, data, size, 0, boot) != 0)
            return -1;
    }
    return 0;
}
