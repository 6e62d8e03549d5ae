/* SPDX-License-Identifier: Apache-2.0 */
#include "profiles/firmware/esp_image.h"

#include <string.h>

#include "base/digest.h"
#include "profiles/firmware/chip_kind.h"
#include "profiles/firmware/file_kind.h"
#include "profiles/firmware/little_endian.h"

#define HEADER        0x18
#define SEGMENT       8
#define CHECKSUM_SEED 0xEF
#define DESCRIPTOR_AT 0x20
#define DESCRIPTOR    0xABCD5432u
#define PAGE_AT       0xD4 /* log2 of bytes */
#define PAGE_LEAST    12
#define PAGE_MOST     16

bool esp_image_is(const uint8_t *b, size_t size)
{
    return size >= HEADER && b[0] == ESP_IMAGE_MAGIC && b[1] > 0 && b[1] <= ESP_SEGMENTS_MAX;
}

const char *esp_chip_id_name(uint16_t id)
{
    const struct chip_kind *kind = chip_kind_by_image(id);

    return kind != NULL ? kind->title : "an unknown chip";
}

/* By esp_image_flash_size_t; ESP-IDF's bootloader takes a value it does not know for 2 MB. */
static uint32_t header_flash_size(uint8_t size_and_frequency)
{
    unsigned int power = size_and_frequency >> 4;

    return power <= 7 ? 0x100000u << power : 0x200000u;
}

static void copy_text(char out[static 33], const uint8_t *in)
{
    size_t n = 0;

    /* Printable only: these go into records, tables and terminals. */
    while (n < 32 && in[n] >= 0x20 && in[n] < 0x7f) {
        out[n] = (char)in[n];
        n++;
    }
    out[n] = '\0';
}

static void read_descriptor(const uint8_t *b, size_t size, struct esp_image *out)
{
    if (size < DESCRIPTOR_AT + 256 || le32(b + DESCRIPTOR_AT) != DESCRIPTOR)
        return;
    out->has_descriptor = true;
    copy_text(out->version, b + 0x30);
    copy_text(out->project, b + 0x50);
    copy_text(out->idf_version, b + 0x90);
    out->page = b[PAGE_AT] >= PAGE_LEAST && b[PAGE_AT] <= PAGE_MOST ? 1u << b[PAGE_AT] : 0;
}

/* In full since ESP-IDF 4.4; before that one byte, of major revisions on all chips but one. */
static int least_revision(const uint8_t *b, uint16_t chip_id)
{
    const struct chip_kind *kind = chip_kind_by_image(chip_id);

    if (le16(b + 0x11) != 0)
        return le16(b + 0x0f);
    return kind != NULL && kind->old_minimum_is_minor ? b[0x0e] : b[0x0e] * 100;
}

int esp_image_parse(const uint8_t *b, size_t size, struct esp_image *out, const char **why)
{
    uint8_t sum = CHECKSUM_SEED, sha[SHA256_SIZE];
    size_t at = HEADER;

    memset(out, 0, sizeof *out);
    if (!esp_image_is(b, size)) {
        enum file_kind kind = file_kind_of(b, size);

        if (kind == FILE_KIND_UNKNOWN)
            *why = size >= HEADER && b[0] == ESP_IMAGE_MAGIC
                       ? "has a header that tells of no segment, or of more than 16: it is damaged"
                       : "is not an ESP32 image (its first byte is not E9)";
        else
            *why = size < HEADER ? "is too short for an image" : file_kind_no_image(kind);
        return -1;
    }
    out->segments = b[1];
    out->flash_size = header_flash_size(b[3]);
    out->entry = le32(b + 4);
    out->chip_id = le16(b + 0x0c);
    out->max_revision = le16(b + 0x11) != 0xffff ? le16(b + 0x11) : 0;
    out->min_revision = least_revision(b, out->chip_id);
    out->has_sha256 = b[0x17] == 1;
    for (int i = 0; i < out->segments; i++) {
        uint32_t len;

        if (size - at < SEGMENT)
            goto cut;
        len = le32(b + at + 4);
        at += SEGMENT;
        if (size - at < len)
            goto cut;
        out->segment[i] = (struct esp_segment){le32(b + at - SEGMENT), (uint32_t)at, len};
        for (uint32_t k = 0; k < len; k++)
            sum ^= b[at + k];
        at += len;
    }
    at = (at / 16 + 1) * 16;
    if (at > size)
        goto cut;
    if (b[at - 1] != sum) {
        *why = "has a bad checksum: it is damaged";
        return -1;
    }
    if (out->has_sha256) {
        if (size - at < SHA256_SIZE)
            goto cut;
        digest_sha256(b, at, sha);
        if (memcmp(sha, b + at, SHA256_SIZE) != 0) {
            *why = "has a bad SHA-256: it is damaged";
            return -1;
        }
        at += SHA256_SIZE;
    }
    out->size = at;
    read_descriptor(b, size, out);
    return 0;
cut:
    out->is_cut = true;
    *why = "ends too early: it is cut short";
    return -1;
}
