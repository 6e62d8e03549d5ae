/* SPDX-License-Identifier: Apache-2.0 */
#include "profiles/firmware/file_refusal.h"

#include "profiles/firmware/esp_image.h"
#include "profiles/firmware/file_kind.h"

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

int file_refuse(const uint8_t *bytes, size_t size, enum failure_code code, const char *wanted,
                const struct place *at, struct complaint *c)
{
    enum file_kind kind = file_kind_of(bytes, size);

    if (kind == FILE_KIND_ESP_IMAGE)
        return refuse_image(bytes, size, code, wanted, at, c);
    return complain_at(c, code, at, "is %s, not %s; %s", file_kind_name(kind), wanted,
                       file_kind_advice(kind));
}
