/* SPDX-License-Identifier: Apache-2.0 */
#include "profiles/firmware/file_refusal.h"

#include "profiles/firmware/esp_image.h"
#include "profiles/firmware/file_kind.h"
#include "profiles/firmware/partition.h"

#define BOOT_AT 0x1000u /* of a flash, and so of a file from 0x0 */

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

    if (image.chip_id != ESP_CHIP_ID_ESP32)
        return complain_at(c, code, at,
                           "is an image for %s (chip id %u), not for ESP32; take the build for ESP32",
                           esp_chip_id_name(image.chip_id), image.chip_id);
    if (rc != 0 && image.is_cut)
        return file_refuse_cut(size, code, "an ESP32 image", at, c);
    if (rc != 0)
        return complain_at(c, code, at, "is an ESP32 image that %s", why);
    return complain_at(c, code, at, "is one ESP32 image, a bootloader or an application, not %s; %s", wanted,
                       file_kind_advice(FILE_KIND_ESP_IMAGE));
}

/* Blank up to where an ESP32's bootloader begins, and at its end before all of a table can have come. */
static bool is_cut_from_zero(const uint8_t *b, size_t size)
{
    if (size <= BOOT_AT || size >= PARTITION_TABLE_OFFSET + PARTITION_TABLE_SIZE ||
        !esp_image_is(b + BOOT_AT, size - BOOT_AT))
        return false;
    for (size_t i = 0; i < BOOT_AT; i++)
        if (b[i] != 0xff)
            return false;
    return true;
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
