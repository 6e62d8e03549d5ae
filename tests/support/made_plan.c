/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/support/made_plan.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/digest.h"
#include "tests/support/scratch.h"

#define BIG (5u * 1024 * 1024)

static void need(bool good, const char *what)
{
    if (good)
        return;
    fprintf(stderr, "made_plan: %s\n", what);
    abort();
}

static uint8_t *room; /* of the file being made */
static size_t used;

static void put(const void *bytes, size_t size)
{
    need(used + size <= BIG, "a file is too large");
    memcpy(room + used, bytes, size);
    used += size;
}

static void put32(uint32_t v)
{
    const uint8_t b[4] = {(uint8_t)v, (uint8_t)(v >> 8), (uint8_t)(v >> 16), (uint8_t)(v >> 24)};

    put(b, 4);
}

static void put_noise(size_t size, uint32_t seed)
{
    for (size_t i = 0; i < size; i++) {
        uint8_t b;

        seed = seed * 1664525u + 1013904223u;
        b = (uint8_t)(seed >> 24);
        put(&b, 1);
    }
}

static void put_blank(size_t until)
{
    while (used < until)
        put("\xff", 1);
}

struct segment {
    uint32_t load, size;
};

/* `made_for`: chip id, and above 16 bits the revision that is asked for; `hollow`: long segments are blank. */
static void put_image(const struct segment *s, int count, unsigned int size_power, uint32_t made_for,
                      const char *version, bool hollow)
{
    const size_t start = used;
    uint8_t head[24] = {0xe9,
                        (uint8_t)count,
                        2,
                        (uint8_t)(size_power << 4 | 0xf),
                        0x00,
                        0x04,
                        0x08,
                        0x40,
                        0xee,
                        [12] = (uint8_t)made_for,
                        [13] = (uint8_t)(made_for >> 8),
                        [15] = (uint8_t)(made_for >> 16),
                        [16] = (uint8_t)(made_for >> 24),
                        [17] = 0xff,
                        [18] = 0xff,
                        [23] = 1},
            sum = 0xef, sha[SHA256_SIZE];

    put(head, sizeof head);
    for (int i = 0; i < count; i++) {
        size_t at;

        put32(s[i].load);
        put32(s[i].size);
        at = used;
        if (i == 0 && version != NULL) {
            char text[48] = "";

            put32(0xABCD5432u);
            put_noise(12, 0);
            snprintf(text, 32, "%s", version);
            put(text, 32);
            memset(text, 0, sizeof text);
            for (int k = 0; k < 13; k++)
                put(text, 16);
        }
        if (hollow && s[i].size > 0x1000)
            put_blank(at + s[i].size);
        put_noise(s[i].size - (used - at), s[i].load);
        for (size_t k = at; k < used; k++)
            sum ^= room[k];
    }
    while ((used - start) % 16 != 15)
        put("", 1);
    put(&sum, 1);
    digest_sha256(room + start, used - start, sha);
    put(sha, sizeof sha);
}

static void put_boot(unsigned int mb, uint32_t made_for)
{
    const struct segment s[] = {{0x3fff0030, 100}, {0x40078000, 0x3000}, {0x40080400, 0x800}};
    unsigned int power = 0;

    while (mb >> (power + 1) != 0)
        power++;
    put_image(s, 3, power, made_for, NULL, false);
}

static void put_app(uint32_t payload, uint32_t made_for)
{
    const struct segment s[] = {{0x3f400020, payload}, {0x3ffb0000, 0x400}, {0x40080000, 0x800}};

    put_image(s, 3, 2, made_for, "1.0.0", false);
}

static void put_table(const struct made_row *rows, unsigned int how)
{
    const size_t start = used;
    uint8_t md5[MD5_SIZE];

    for (int i = 0; i < MADE_ROWS && rows[i].name != NULL; i++) {
        char name[20] = "";

        put("\xaa\x50", 2);
        put(&rows[i].type, 1);
        put(&rows[i].subtype, 1);
        put32(rows[i].offset);
        put32(rows[i].size);
        snprintf(name, sizeof name, "%s", rows[i].name);
        put(name, 20);
    }
    for (unsigned int i = 0; !(how & MADE_NO_MD5) && i < (how & MADE_TWO_MD5 ? 2u : 1u); i++) {
        digest_md5(room + start, used - start, md5);
        md5[3] ^= how & MADE_MD5_LIES ? 1 : 0;
        put("\xeb\xeb\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff", 16);
        put(md5, sizeof md5);
    }
    if (how & MADE_NO_END)
        put_noise(0xc00 - (used - start), 7);
    while (used - start < 0xc00)
        put("\xff", 1);
}

/* CRC-32 as the chip counts it: started with FFFFFFFF, which is what four bytes FF before leave in the usual one. */
static uint32_t crc(const uint8_t *b, size_t size)
{
    uint32_t c = 0;

    for (size_t i = 0; i < size; i++) {
        c ^= b[i];
        for (int k = 0; k < 8; k++)
            c = c & 1 ? c >> 1 ^ 0xEDB88320u : c >> 1;
    }
    return ~c;
}

static void put_select(uint32_t number)
{
    const size_t start = used;

    put32(number);
    put_blank(start + 28);
    put32(crc(room + start, 4));
    put_blank(start + 0x1000);
}

static void put_pycom_select(uint32_t image)
{
    uint32_t sum;

    put32(image);
    put32(0);
    put32(0);
    put32(0x1AE000);
    put32(0);
    put_blank(36);
    sum = crc(room, 36);
    put32(sum);
}

static const struct shaped {
    enum made_kind kind;
    bool hollow;
    int count;
    struct segment s[2];
} shapes[] = {
    {MADE_ODD_WORD, false, 2, {{0x3f400020, 0x2000}, {0x3ffb0000, 0x3fe}}},
    {MADE_ODD_PAGE, false, 2, {{0x3f400028, 0x2000}, {0x3ffb0000, 0x400}}},
    {MADE_NO_RAM, false, 2, {{0x3f400020, 0x2000}, {0x3ff60000, 0x400}}},
    {MADE_ON_BOOT, false, 2, {{0x3f400020, 0x2000}, {0x3fff0000, 0x400}}},
    {MADE_ON_STACK, false, 2, {{0x3f400020, 0x2000}, {0x3ffe3800, 0x400}}},
    {MADE_HOLLOW, true, 2, {{0x3f400020, 0x6000}, {0x3ffb0000, 0x400}}},
    {MADE_HOLLOW_LONG, true, 2, {{0x3f400020, 0x10e00}, {0x3ffb0000, 0x400}}},
    {MADE_BOOT_HOLLOW, true, 2, {{0x3fff0030, 100}, {0x40078000, 0x4000}}},
};

static bool make_shaped(enum made_kind kind)
{
    for (size_t i = 0; i < sizeof shapes / sizeof shapes[0]; i++) {
        if (shapes[i].kind != kind)
            continue;
        put_image(shapes[i].s, shapes[i].count, 2, 0, kind == MADE_BOOT_HOLLOW ? NULL : "1",
                  shapes[i].hollow);
        return true;
    }
    return false;
}

static void make(const struct made_row *rows, const struct made_file *f)
{
    used = 0;
    if (make_shaped(f->kind))
        return;
    switch (f->kind) {
    case MADE_BOOT:
        put_boot(f->arg, 0);
        break;
    case MADE_BOOT_LATE:
        put_boot(4, f->arg << 16);
        break;
    case MADE_APP_LATE:
        put_app(60000, f->arg << 16);
        break;
    case MADE_APP:
    case MADE_APP_S3:
        put_app(f->arg, f->kind == MADE_APP ? 0 : 9);
        break;
    case MADE_SIGNED:
        put_app(f->arg, 0);
        put_blank((used + 0xffff) / 0x10000 * 0x10000);
        put_noise(0x1000, 3);
        break;
    case MADE_DATA:
        put("\1", 1);
        put_noise(f->arg - 1, f->offset);
        break;
    case MADE_TABLE:
        put_table(rows, f->arg);
        break;
    case MADE_SELECT:
        put_select(f->arg);
        put_blank(0x2000);
        break;
    case MADE_SELECT_2:
        put_blank(0x1000);
        put_select(f->arg);
        break;
    case MADE_PYCOM_SELECT:
        put_pycom_select(f->arg);
        break;
    case MADE_WHOLE:
        put_boot(4, 0);
        put_blank(0x7000);
        put_table(rows, 0);
        put_blank(0xf000);
        put_app(60000, 0);
        used -= f->arg;
        break;
    default:
        need(false, "a kind that is not made");
    }
}

uint8_t *made_plan_bytes(const struct made_row *rows, const struct made_file *f, size_t *size)
{
    room = malloc(BIG);
    need(room != NULL, "no memory");
    make(rows, f);
    *size = used;
    return room;
}

void made_plan_save(const struct made_row *rows, const struct made_file *f)
{
    size_t size;
    uint8_t *bytes = made_plan_bytes(rows, f, &size);

    scratch_save(f->name, bytes, size);
    free(bytes);
}
