/* SPDX-License-Identifier: Apache-2.0 */
#include "profiles/firmware/image_make.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/digest.h"
#include "profiles/firmware/chip_kind.h"
#include "profiles/firmware/esp_image.h"
#include "profiles/firmware/little_endian.h"

#define HEADER   0x18
#define CONTENTS 0x20

static uint32_t next(uint32_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 17;
    *state ^= *state << 5;
    return *state;
}

/* Two of three words come from a small set: compiled code shrinks to about two thirds too. */
static void fill(uint8_t *b, size_t size, uint32_t seed)
{
    uint32_t state = seed | 1, words[64];

    for (int i = 0; i < 64; i++)
        words[i] = next(&state);
    for (size_t at = 0; at + 4 <= size; at += 4) {
        uint32_t r = next(&state);

        put_le32(b + at, r % 3 == 0 ? next(&state) : words[r >> 26]);
    }
}

static void put_text(uint8_t *at, size_t room, const char *text)
{
    size_t len = text != NULL ? strlen(text) : 0;

    memcpy(at, text != NULL ? text : "", len < room ? len : room - 1);
}

/* Where a descriptor is mapped; virtual boards never run it. */
static uint32_t mapped_at(uint16_t chip_id)
{
    const struct chip_kind *kind = chip_kind_by_image(chip_id);

    return (kind != NULL ? kind : chip_kind_first())->mapped[0].from + CONTENTS;
}

static void put_descriptor(uint8_t *b, const struct image_wish *w)
{
    memset(b, 0, 256);
    put_le32(b, 0xABCD5432u);
    put_text(b + 0x10, 32, w->version);
    put_text(b + 0x30, 32, w->project);
    put_text(b + 0x70, 32, "none");
}

uint8_t *image_make(const struct image_wish *w, size_t *size)
{
    size_t payload = ((w->payload < 256 ? 256 : w->payload) + 3) & ~(size_t)3;
    size_t end = ((CONTENTS + payload) / 16 + 1) * 16;
    uint8_t *b = calloc(1, end + SHA256_SIZE), sum = 0xEF;

    if (b == NULL)
        return NULL;
    b[0] = ESP_IMAGE_MAGIC;
    b[1] = 1;
    b[2] = 2;    /* DIO */
    b[3] = 0x2F; /* 4 MB, 80 MHz */
    put_le32(b + 4, 0x40080000u);
    b[8] = 0xEE; /* no write-protect pin */
    b[0x0c] = (uint8_t)w->chip_id;
    b[0x0d] = (uint8_t)(w->chip_id >> 8);
    b[0x17] = 1;
    b[0x0f] = (uint8_t)w->min_revision;
    b[0x10] = (uint8_t)(w->min_revision >> 8);
    b[0x11] = (uint8_t)w->max_revision;
    b[0x12] = (uint8_t)(w->max_revision >> 8);
    put_le32(b + HEADER, mapped_at(w->chip_id));
    put_le32(b + HEADER + 4, (uint32_t)payload);
    fill(b + CONTENTS, payload, w->seed);
    if (w->version != NULL)
        put_descriptor(b + CONTENTS, w);
    if (w->banner != NULL && strlen(w->banner) + 300 < payload)
        memcpy(b + CONTENTS + 280, w->banner, strlen(w->banner) + 1);
    for (size_t i = 0; i < payload; i++)
        sum ^= b[CONTENTS + i];
    b[end - 1] = sum;
    digest_sha256(b, end, b + end);
    *size = end + SHA256_SIZE;
    return b;
}

void partition_table_make(const struct partition *rows, size_t count,
                          uint8_t out[static PARTITION_TABLE_SIZE])
{
    uint8_t *b = out;

    memset(out, 0xff, PARTITION_TABLE_SIZE);
    for (size_t i = 0; i < count && i < PARTITION_MAX; i++, b += 32) {
        memset(b, 0, 32);
        b[0] = 0xaa;
        b[1] = 0x50;
        b[2] = rows[i].type;
        b[3] = rows[i].subtype;
        put_le32(b + 4, rows[i].offset);
        put_le32(b + 8, rows[i].size);
        memcpy(b + 12, rows[i].name, strnlen(rows[i].name, 16));
        put_le32(b + 28, rows[i].flags);
    }
    b[0] = b[1] = 0xeb;
    digest_md5(out, (size_t)(b - out), b + 16);
}
