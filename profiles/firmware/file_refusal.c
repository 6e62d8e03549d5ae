/* SPDX-License-Identifier: Apache-2.0 */
#include "profiles/firmware/file_refusal.h"

#include <stdio.h>

#include "profiles/firmware/chip_kind.h"
#include "profiles/firmware/esp_image.h"
#include "profiles/firmware/file_kind.h"
#include "profiles/firmware/partition.h"

int file_refuse_cut(size_t size, enum failure_code code, const char *where, const struct place *at,
                    struct complaint *c)
{
    return complain_at(c, code, at, "is cut off after %zu bytes%s%s%s; copy or download it again", size,
                       where != NULL ? " (" : "", where != NULL ? where : "", where != NULL ? ")" : "");
}

static int refuse_image(const uint8_t *b, size_t size, enum failure_code code, const char *wanted,
                        const struct place *at, struct complaint *c)
{
    struct esp_image image;
    const char *why;
    int rc = esp_image_parse(b, size, &image, &why);

    const struct chip_kind *kind = chip_kind_by_image(image.chip_id);
    char name[32];

    if (kind == NULL)
        return complain_at(c, code, at, "is an image for a chip that is not flashed here (chip id %u)",
                           image.chip_id);
    snprintf(name, sizeof name, "an %s image", kind->title);
    if (rc != 0 && image.is_cut)
        return file_refuse_cut(size, code, name, at, c);
    if (rc != 0)
        return complain_at(c, code, at, "is %s that %s", name, why);
    return complain_at(c, code, at, "is one %s image, a bootloader or an application, not %s; %s",
                       kind->title, wanted, file_kind_advice(FILE_KIND_ESP_IMAGE));
}

/* Blank up to where some chip's bootloader begins, and at its end before all of a table can have come. */
static bool is_cut_from_zero(const uint8_t *b, size_t size)
{
    size_t blank = 0;
    uint32_t boot;

    while (blank < size && b[blank] == 0xff)
        blank++;
    for (size_t i = 0; chip_kind_boots(i, &boot); i++)
        if (boot == blank && size < PARTITION_TABLE_OFFSET + PARTITION_TABLE_SIZE &&
            esp_image_is(b + boot, size - boot))
            return true;
    return false;
}

int file_refuse(const uint8_t *bytes, size_t size, enum failure_code code, const char *wanted,
                const struct place *at, struct complaint *c)
{
    enum file_kind kind = file_kind_of(bytes, size);

    if (kind == FILE_KIND_ESP_IMAGE)
        return refuse_image(bytes, size, code, wanted, at, c);
    if (is_cut_from_zero(bytes, size))
        return file_refuse_cut(size, code, "a merged image from 0x0, before its partition table ends", at, c);
    return complain_at(c, code, at, "is %s, not %s; %s", file_kind_name(kind), wanted,
                       file_kind_advice(kind));
}
