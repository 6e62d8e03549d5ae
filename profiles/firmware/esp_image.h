/* SPDX-License-Identifier: Apache-2.0 */
/* esp_image - a bootloader or application image for one of Espressif's chips: header, segments, checksum, hash, descriptor. */
#ifndef PROFILES_FIRMWARE_ESP_IMAGE_H
#define PROFILES_FIRMWARE_ESP_IMAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ESP_IMAGE_MAGIC   0xE9
#define ESP_CHIP_ID_ESP32 0x0000
#define ESP_SEGMENTS_MAX  16

struct esp_segment {
    uint32_t load, at, size; /* address it runs at; bytes from the image's first byte; bytes */
};

struct esp_image {
    int segments;
    struct esp_segment segment[ESP_SEGMENTS_MAX];
    uint32_t flash_size; /* what the header tells a second-stage bootloader of its flash */
    uint32_t entry;
    uint16_t chip_id;
    int min_revision,
        max_revision; /* major * 100 + minor; max 0: no limit. Old images have a coarse minimum only */
    size_t size;      /* header to end of checksum and hash; a signature may follow */
    bool has_sha256;
    bool is_cut; /* told also where it could not be read whole: the bytes end before the image does */
    /* ESP-IDF application descriptor; texts may be empty */
    bool has_descriptor;
    char version[33], project[33], idf_version[33];
    uint32_t page; /* of the cache it was linked for, in bytes; 0: it does not say */
};

bool esp_image_is(const uint8_t *bytes, size_t size);

/*
 * Reads and checks an image. Returns 0, or -1 with *why (static storage): what else it is, cut short, bad checksum, bad
 * SHA-256; of an image the header's fields are filled all the same.
 */
int esp_image_parse(const uint8_t *bytes, size_t size, struct esp_image *out, const char **why);

/* "ESP32-S3" for a known id, "an unknown chip" otherwise; static storage. */
const char *esp_chip_id_name(uint16_t id);

#endif /* PROFILES_FIRMWARE_ESP_IMAGE_H */
