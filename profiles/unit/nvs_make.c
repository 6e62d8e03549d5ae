/* SPDX-License-Identifier: Apache-2.0 */
#include "profiles/unit/nvs_make.h"

#include <stdbool.h>
#include <string.h>
#include <zlib.h>

#include "profiles/firmware/little_endian.h"

#define ITEM_SIZE     32u
#define PAGE_ITEMS    126u /* in a page, behind its header and its bitmap, an item's size each */
#define BITMAP_OFFSET 32u
#define ITEMS_OFFSET  64u
#define CHUNK_MAX     ((PAGE_ITEMS - 1) * ITEM_SIZE)
#define CHUNKS_MAX    127u /* 128 and more is the other version of the same blob */

#define PAGE_ACTIVE    0xfffffffeu
#define PAGE_FULL      0xfffffffcu
#define PAGE_VERSION_2 0xfe
#define TYPE_CHUNK     0x42
#define TYPE_INDEX     0x48
#define CHUNK_NONE     0xff
#define SPACE_OF_NAMES 0 /* the namespace whose keys are the names of the others */

/* Where an item's fields stand. */
enum {
    ITEM_SPACE = 0,
    ITEM_TYPE = 1,
    ITEM_SPAN = 2,
    ITEM_CHUNK = 3,
    ITEM_CRC = 4,
    ITEM_KEY = 8,
    ITEM_DATA = 24
};

/* Pages one after another. Without `out` they are counted only. */
struct writer {
    uint8_t *out;
    size_t pages;  /* begun */
    unsigned used; /* items of the last of them */
};

/* A list as it is gone through: names in the order in which they first appear. */
struct spaces {
    const char *names[NVS_SPACE_MAX];
    unsigned count;
};

/* From all ones on, as the chip's ROM is asked. zlib takes a missing pointer for a wish to begin anew: it gets none. */
static uint32_t crc_of(uint32_t before, const uint8_t *bytes, size_t size)
{
    return size == 0 ? before : (uint32_t)crc32(before, bytes, (uInt)size);
}

static uint8_t *page_of(const struct writer *w)
{
    return w->out + (w->pages - 1) * NVS_PAGE_SIZE;
}

static void page_begin(struct writer *w)
{
    uint8_t *page;

    if (w->out != NULL && w->pages > 0)
        put_le32(page_of(w), PAGE_FULL);
    w->pages++;
    w->used = 0;
    if (w->out == NULL)
        return;
    page = page_of(w);
    put_le32(page, PAGE_ACTIVE);
    put_le32(page + 4, (uint32_t)(w->pages - 1));
    page[8] = PAGE_VERSION_2;
    put_le32(page + 28, crc_of(UINT32_MAX, page + 4, 24));
}

/* Room for `items` on this page, or a new one. */
static void page_with(struct writer *w, unsigned items)
{
    if (w->pages == 0 || w->used + items > PAGE_ITEMS)
        page_begin(w);
}

static unsigned items_for(size_t size)
{
    return (unsigned)((size + ITEM_SIZE - 1) / ITEM_SIZE);
}

/* Bytes into the next items of this page, which are there; what is left of the last one stays FF. */
static void put(struct writer *w, const uint8_t *bytes, size_t size)
{
    unsigned items = items_for(size);

    if (w->out != NULL) {
        uint8_t *page = page_of(w);

        if (size > 0)
            memcpy(page + ITEMS_OFFSET + w->used * ITEM_SIZE, bytes, size);
        for (unsigned i = w->used; i < w->used + items; i++)
            page[BITMAP_OFFSET + i / 4] &= (uint8_t) ~(1u << i % 4 * 2);
    }
    w->used += items;
}

static void item_begin(uint8_t item[static ITEM_SIZE], unsigned space, unsigned type, unsigned span,
                       const char *key)
{
    memset(item, 0xff, ITEM_SIZE);
    item[ITEM_SPACE] = (uint8_t)space;
    item[ITEM_TYPE] = (uint8_t)type;
    item[ITEM_SPAN] = (uint8_t)span;
    item[ITEM_CHUNK] = CHUNK_NONE;
    memset(item + ITEM_KEY, 0, ITEM_DATA - ITEM_KEY);
    for (size_t i = 0; key[i] != '\0'; i++)
        item[ITEM_KEY + i] = (uint8_t)key[i];
}

static void item_put(struct writer *w, uint8_t item[static ITEM_SIZE])
{
    put_le32(item + ITEM_CRC,
             crc_of(crc_of(UINT32_MAX, item, ITEM_CRC), item + ITEM_KEY, ITEM_SIZE - ITEM_KEY));
    put(w, item, ITEM_SIZE);
}

static void put_number(struct writer *w, unsigned space, enum nvs_type type, const char *key,
                       const uint8_t *value, size_t size)
{
    uint8_t item[ITEM_SIZE];

    page_with(w, 1);
    item_begin(item, space, type, 1, key);
    memcpy(item + ITEM_DATA, value, size);
    item_put(w, item);
}

/* How much a string or a chunk holds, and its checksum. */
static void item_measure(uint8_t item[static ITEM_SIZE], size_t size, uint32_t crc)
{
    item[ITEM_DATA] = (uint8_t)size;
    item[ITEM_DATA + 1] = (uint8_t)(size >> 8);
    put_le32(item + ITEM_DATA + 4, crc);
}

/*
 * A string stands on one page, and never ends on the page's last item unless it needs all of the page: so does the generator,
 * which makes no such string.
 */
static void put_string(struct writer *w, unsigned space, const struct nvs_entry *e)
{
    static const uint8_t end[1];
    unsigned span = 1 + items_for(e->size + 1);
    uint8_t item[ITEM_SIZE], tail[ITEM_SIZE];
    size_t whole = e->size / ITEM_SIZE * ITEM_SIZE;
    const uint8_t *value = e->value;

    page_with(w, span == PAGE_ITEMS ? span : span + 1);
    item_begin(item, space, NVS_STRING, span, e->key);
    item_measure(item, e->size + 1, crc_of(crc_of(UINT32_MAX, value, e->size), end, sizeof end));
    item_put(w, item);
    put(w, value, whole);
    if (e->size > whole)
        memcpy(tail, value + whole, e->size - whole);
    tail[e->size - whole] = 0;
    put(w, tail, e->size - whole + 1);
}

static size_t tailroom(const struct writer *w)
{
    return (PAGE_ITEMS - 1 - w->used) * (size_t)ITEM_SIZE;
}

/*
 * So that the last chunk has a number below CHUNKS_MAX. On a page's last item a first chunk without bytes is written, as the
 * generator does.
 */
static void blob_begin(struct writer *w, size_t size)
{
    size_t room;

    page_with(w, 1);
    room = tailroom(w);
    if (size > room && 1 + (size - room + CHUNK_MAX - 1) / CHUNK_MAX > CHUNKS_MAX)
        page_begin(w);
}

static void put_chunk(struct writer *w, unsigned space, const char *key, unsigned number,
                      const uint8_t *bytes, size_t size)
{
    uint8_t item[ITEM_SIZE];

    item_begin(item, space, TYPE_CHUNK, 1 + items_for(size), key);
    item[ITEM_CHUNK] = (uint8_t)number;
    item_measure(item, size, crc_of(UINT32_MAX, bytes, size));
    item_put(w, item);
    put(w, bytes, size);
}

static void put_blob(struct writer *w, unsigned space, const struct nvs_entry *e)
{
    const uint8_t *bytes = e->value;
    size_t left = e->size;
    unsigned chunks = 0;
    uint8_t item[ITEM_SIZE];

    blob_begin(w, e->size);
    do {
        size_t room = tailroom(w), size = left < room ? left : room;

        put_chunk(w, space, e->key, chunks++, bytes, size);
        left -= size;
        if (left > 0) {
            bytes += size;
            page_begin(w);
        }
    } while (left > 0);
    page_with(w, 1);
    item_begin(item, space, TYPE_INDEX, 1, e->key);
    put_le32(item + ITEM_DATA, (uint32_t)e->size);
    item[ITEM_DATA + 4] = (uint8_t)chunks;
    item[ITEM_DATA + 5] = 0; /* the first chunk's number */
    item_put(w, item);
}

/* The number of a namespace, from 1 on; 0: it is new, and there is no room for its name. */
static unsigned space_number(struct spaces *s, const char *name, bool *is_new)
{
    *is_new = false;
    for (unsigned i = 0; i < s->count; i++) {
        if (strcmp(s->names[i], name) == 0)
            return i + 1;
    }
    if (s->count == NVS_SPACE_MAX)
        return 0;
    *is_new = true;
    s->names[s->count++] = name;
    return s->count;
}

static void put_all(struct writer *w, const struct nvs_entry *entries, size_t count)
{
    struct spaces spaces = {.count = 0};

    for (size_t i = 0; i < count; i++) {
        const struct nvs_entry *e = &entries[i];
        bool is_new;
        unsigned space = space_number(&spaces, e->space, &is_new);
        uint8_t number = (uint8_t)space;

        if (is_new)
            put_number(w, SPACE_OF_NAMES, NVS_U8, e->space, &number, 1);
        if (e->type == NVS_STRING)
            put_string(w, space, e);
        else if (e->type == NVS_BLOB)
            put_blob(w, space, e);
        else
            put_number(w, space, e->type, e->key, e->value, e->size);
    }
}

/* NULL: it may be a key or a namespace's name. */
static const char *name_trouble(const char *name)
{
    size_t length = strlen(name);

    if (length == 0)
        return "is empty; write 1 to 15 characters";
    if (length > NVS_NAME_MAX)
        return "is longer than the 15 bytes that NVS has for a name; shorten it";
    for (const char *p = name; *p != '\0'; p++)
        if (*p < 0x21 || *p > 0x7e)
            return "holds a blank or what is not ASCII; write letters, digits, '_', '.' or '-'";
    return NULL;
}

/* NULL: the value is one of its type. */
static const char *value_trouble(const struct nvs_entry *e)
{
    size_t width = nvs_number_width(e->type);

    if (strcmp(nvs_type_name(e->type), "?") == 0)
        return "has no type; write one of " NVS_TYPE_NAMES;
    if (width != 0)
        return e->size == width ? NULL : "is a number whose value has not the width of its type";
    if (e->type == NVS_BLOB)
        return e->size <= NVS_BLOB_MAX
                   ? NULL
                   : "is a blob of more than 508000 bytes, which NVS cannot index; shorten it";
    if (e->size > NVS_STRING_MAX)
        return "is a string of more than 3999 bytes, which NVS cannot hold; make it a blob or shorten it";
    if (e->size > 0 && memchr(e->value, 0, e->size) != NULL)
        return "is a string with a NUL in it; make it a blob";
    return NULL;
}

static int complain_of(const struct place *at, const struct nvs_entry *e, struct complaint *c,
                       const char *trouble)
{
    struct place here = *at;

    here.line = e->line > 0 ? e->line : at->line;
    return complain_at(c, FAIL_JOB, &here, "key '%s' of namespace '%s' %s", e->key, e->space, trouble);
}

static int check_entry(const struct nvs_entry *entries, size_t i, struct spaces *spaces,
                       const struct place *at, struct complaint *c)
{
    const struct nvs_entry *e = &entries[i];
    const char *trouble = name_trouble(e->space);
    struct place here = *at;
    bool is_new;

    here.line = e->line > 0 ? e->line : at->line;
    if (trouble != NULL)
        return complain_at(c, FAIL_JOB, &here, "namespace '%s' of key '%s' %s", e->space, e->key, trouble);
    trouble = name_trouble(e->key);
    if (trouble == NULL)
        trouble = value_trouble(e);
    if (trouble == NULL && space_number(spaces, e->space, &is_new) == 0)
        trouble = "is in the 255th namespace, and NVS has 254; use fewer namespaces";
    for (size_t k = 0; trouble == NULL && k < i; k++) {
        if (strcmp(entries[k].key, e->key) == 0 && strcmp(entries[k].space, e->space) == 0)
            trouble = "is there twice; remove one";
    }
    return trouble == NULL ? 0 : complain_of(at, e, c, trouble);
}

static int check_all(const struct nvs_entry *entries, size_t count, const struct place *at,
                     struct complaint *c)
{
    struct spaces spaces = {.count = 0};

    for (size_t i = 0; i < count; i++) {
        if (check_entry(entries, i, &spaces, at, c) != 0)
            return -1;
    }
    return 0;
}

/* Pages of the smallest partition that would do, its free one included. */
static size_t pages_for(const struct nvs_entry *entries, size_t count)
{
    struct writer w = {.out = NULL};

    put_all(&w, entries, count);
    return w.pages + 1 < NVS_SIZE_MIN / NVS_PAGE_SIZE ? NVS_SIZE_MIN / NVS_PAGE_SIZE : w.pages + 1;
}

int nvs_make(const struct nvs_entry *entries, size_t count, uint8_t *out, size_t size, const struct place *at,
             struct complaint *c)
{
    struct writer w = {.out = out};
    size_t pages;

    if (size < NVS_SIZE_MIN || size % NVS_PAGE_SIZE != 0)
        return complain_at(c, FAIL_JOB, at,
                           "a NVS partition of 0x%zx bytes: its size is a multiple of 0x1000 from 0x3000 on",
                           size);
    if (check_all(entries, count, at, c) != 0)
        return -1;
    pages = pages_for(entries, count);
    if (pages > size / NVS_PAGE_SIZE)
        return complain_at(
            c, FAIL_JOB, at,
            "%zu keys need a NVS partition of %zu pages (0x%zx bytes), one of them free; this one has %zu "
            "(0x%zx): enlarge it or remove keys",
            count, pages, pages * NVS_PAGE_SIZE, size / NVS_PAGE_SIZE, size);
    memset(out, 0xff, size);
    put_all(&w, entries, count);
    return 0;
}
