/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where a value stands when a page is nearly full, and what is refused. Counts are from the format: 126 entries of 32 bytes a
 * page, a namespace's name is one, a string or a chunk is one and its bytes, a blob's index is one.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "profiles/unit/nvs_make.h"

#define KEYS_MAX  600
#define SIZE_MAX_ (140 * NVS_PAGE_SIZE)

static const struct place at = {"job.yaml", 3, NULL};

struct list {
    struct nvs_entry entries[KEYS_MAX];
    char keys[KEYS_MAX][NVS_NAME_MAX + 1];
    size_t count;
    uint8_t *image;
    uint8_t *bytes; /* of every string and blob: 'a' */
};

static int set_up(void **state)
{
    struct list *l = calloc(1, sizeof *l);

    assert_non_null(l);
    l->image = malloc(SIZE_MAX_);
    l->bytes = malloc(NVS_BLOB_MAX + 1);
    assert_non_null(l->image);
    assert_non_null(l->bytes);
    memset(l->image, 0x5a, SIZE_MAX_);
    memset(l->bytes, 'a', NVS_BLOB_MAX + 1);
    *state = l;
    return 0;
}

static int tear_down(void **state)
{
    struct list *l = *state;

    free(l->image);
    free(l->bytes);
    free(l);
    return 0;
}

static struct nvs_entry *add(struct list *l, const char *space, enum nvs_type type, size_t size)
{
    struct nvs_entry *e = &l->entries[l->count];

    snprintf(l->keys[l->count], sizeof l->keys[0], "key%zu", l->count);
    *e = (struct nvs_entry){space, l->keys[l->count], type, l->bytes, size, 0};
    l->count++;
    return e;
}

static void add_numbers(struct list *l, const char *space, size_t count)
{
    for (size_t i = 0; i < count; i++)
        add(l, space, NVS_U32, 4);
}

static void make(struct list *l, size_t size)
{
    struct complaint c = {0};

    if (nvs_make(l->entries, l->count, l->image, size, &at, &c) != 0)
        fail_msg("%s", c.text);
}

static const uint8_t *page(const struct list *l, size_t number)
{
    return l->image + number * NVS_PAGE_SIZE;
}

static const uint8_t *entry(const struct list *l, size_t number, size_t i)
{
    return page(l, number) + 64 + i * 32;
}

/* Entries that a page's bitmap calls written; -1: the page is empty. */
static int used(const struct list *l, size_t number)
{
    const uint8_t *p = page(l, number);
    int count = 0;

    if (p[0] == 0xff)
        return -1;
    for (int i = 0; i < 126; i++)
        count += (p[32 + i / 4] >> i % 4 * 2 & 3) == 2;
    return count;
}

static void pages_are(const struct list *l, const int *counts, size_t pages)
{
    for (size_t i = 0; i < pages; i++) {
        if (used(l, i) != counts[i])
            fail_msg("page %zu has %d entries written, not %d", i, used(l, i), counts[i]);
    }
}

#define PAGES_ARE(l, ...) \
    pages_are(l, (const int[]){__VA_ARGS__}, sizeof((const int[]){__VA_ARGS__}) / sizeof(int))

static void test_empty(void **state)
{
    struct list *l = *state;

    make(l, NVS_SIZE_MIN);
    PAGES_ARE(l, -1, -1, -1);
    for (size_t i = 0; i < NVS_SIZE_MIN; i++)
        assert_int_equal(l->image[i], 0xff);
    assert_int_equal(l->image[NVS_SIZE_MIN], 0x5a);
}

/* 126 entries are a page; the page before the last used one is full, the last one active, whatever it holds. */
static void test_numbers_fill_a_page(void **state)
{
    struct list *l = *state;

    add_numbers(l, "space", 125);
    make(l, NVS_SIZE_MIN);
    PAGES_ARE(l, 126, -1, -1);
    assert_int_equal(page(l, 0)[0], 0xfe);
    add_numbers(l, "space", 1);
    make(l, NVS_SIZE_MIN);
    PAGES_ARE(l, 126, 1, -1);
    assert_int_equal(page(l, 0)[0], 0xfc);
    assert_int_equal(page(l, 1)[0], 0xfe);
    assert_int_equal(page(l, 1)[4], 1);
    assert_int_equal(entry(l, 1, 0)[0], 1);
}

/* The last page stays free: 252 entries are two pages, and the 253rd has no place in three. */
static void test_last_page_stays_free(void **state)
{
    struct list *l = *state;
    struct complaint c = {0};

    add_numbers(l, "space", 251);
    make(l, NVS_SIZE_MIN);
    PAGES_ARE(l, 126, 126, -1);
    add_numbers(l, "space", 1);
    memset(l->image, 0x5a, NVS_SIZE_MIN);
    assert_int_equal(nvs_make(l->entries, l->count, l->image, NVS_SIZE_MIN, &at, &c), -1);
    assert_string_equal(
        c.text,
        "job.yaml:3: 252 keys need a NVS partition of 4 pages (0x4000 bytes), one of them free; this one has 3 "
        "(0x3000): enlarge it or remove keys");
    assert_int_equal(c.code, FAIL_JOB);
    assert_int_equal(l->image[0], 0x5a);
    make(l, 0x4000);
    PAGES_ARE(l, 126, 126, 1, -1);
}

/* A string stays on one page and goes to the next one rather than end on a page's last entry; one of 3999 bytes is a whole page. */
static void test_strings_at_the_end(void **state)
{
    struct list *l = *state;

    add_numbers(l, "space", 122); /* 123 entries with the name */
    add(l, "space", NVS_STRING, 31);
    make(l, NVS_SIZE_MIN);
    PAGES_ARE(l, 125, -1, -1);
    l->entries[l->count - 1].size = 32; /* with its NUL two entries of bytes */
    make(l, NVS_SIZE_MIN);
    PAGES_ARE(l, 123, 3, -1);
    l->entries[l->count - 1].size = NVS_STRING_MAX;
    make(l, NVS_SIZE_MIN);
    PAGES_ARE(l, 123, 126, -1);
    assert_int_equal(entry(l, 1, 0)[2], 126);
    assert_int_equal(entry(l, 1, 125)[30], 'a');
    assert_int_equal(entry(l, 1, 125)[31], 0);
    add(l, "space", NVS_STRING, 0); /* its NUL is one byte */
    make(l, 0x4000);
    PAGES_ARE(l, 123, 126, 2, -1);
}

/* A blob that fills its page has its index on the next one; a byte more has a second chunk there. */
static void test_blob_fills_a_page(void **state)
{
    struct list *l = *state;

    add(l, "space", NVS_BLOB, 123 * 32); /* the name, its head, 123 of bytes, the index */
    make(l, NVS_SIZE_MIN);
    PAGES_ARE(l, 126, -1, -1);
    l->entries[0].size = 124 * 32;
    make(l, NVS_SIZE_MIN);
    PAGES_ARE(l, 126, 1, -1);
    assert_int_equal(entry(l, 1, 0)[1], 0x48);
    assert_int_equal(entry(l, 1, 0)[28], 1);
    l->entries[0].size = 124 * 32 + 1;
    make(l, NVS_SIZE_MIN);
    PAGES_ARE(l, 126, 3, -1);
    assert_int_equal(entry(l, 1, 0)[1], 0x42);
    assert_int_equal(entry(l, 1, 0)[3], 1);
    assert_int_equal(entry(l, 1, 0)[24], 1);
    assert_int_equal(entry(l, 1, 1)[0], 'a');
    assert_int_equal(entry(l, 1, 1)[1], 0xff);
    assert_int_equal(entry(l, 1, 2)[28], 2);
}

/* On a page's last entry a chunk has no bytes; an empty blob is a chunk and an index. */
static void test_blob_at_the_last_entry(void **state)
{
    struct list *l = *state;

    add_numbers(l, "space", 124);
    add(l, "space", NVS_BLOB, 1);
    make(l, NVS_SIZE_MIN);
    PAGES_ARE(l, 126, 3, -1);
    assert_int_equal(entry(l, 0, 125)[2], 1);
    assert_int_equal(entry(l, 1, 2)[28], 2);
    l->entries[l->count - 1].value = NULL;
    l->entries[l->count - 1].size = 0;
    make(l, NVS_SIZE_MIN);
    PAGES_ARE(l, 126, 1, -1);
    assert_int_equal(entry(l, 1, 0)[28], 1);
}

/* 127 chunks and no more: where the first page has no room for its share, the blob begins on a new one. */
static void test_largest_blob(void **state)
{
    struct list *l = *state;

    add(l, "space", NVS_BLOB, NVS_BLOB_MAX);
    make(l, SIZE_MAX_);
    assert_int_equal(used(l, 0), 1);
    for (size_t i = 1; i <= 127; i++)
        assert_int_equal(used(l, i), 126);
    assert_int_equal(used(l, 128), 1);
    assert_int_equal(entry(l, 128, 0)[28], 127);
    l->entries[0].size = NVS_BLOB_MAX - 32; /* 124 entries on the first page */
    make(l, SIZE_MAX_);
    assert_int_equal(used(l, 0), 126);
    assert_int_equal(used(l, 126), 126);
    assert_int_equal(used(l, 127), 1);
    assert_int_equal(entry(l, 127, 0)[28], 127);
}

/* A name stands once, before the first key of its namespace, however often the list changes between them. */
static void test_namespaces(void **state)
{
    struct list *l = *state;

    add_numbers(l, "wifi", 1);
    add_numbers(l, "pwm", 1);
    add_numbers(l, "wifi", 1);
    l->entries[1].key = l->entries[0].key; /* a key of another namespace is another key */
    make(l, NVS_SIZE_MIN);
    PAGES_ARE(l, 5, -1, -1);
    assert_string_equal((const char *)entry(l, 0, 2) + 8, "pwm");
    assert_int_equal(entry(l, 0, 2)[24], 2);
    assert_int_equal(entry(l, 0, 3)[0], 2);
    assert_int_equal(entry(l, 0, 4)[0], 1);
}

static void test_254_namespaces(void **state)
{
    struct list *l = *state;
    struct complaint c = {0};
    static char names[255][16];

    for (int i = 0; i < 255; i++) {
        snprintf(names[i], sizeof names[i], "ns%d", i);
        add(l, names[i], NVS_U8, 1);
    }
    l->count = 254;
    make(l, 0x6000);
    assert_int_equal(entry(l, 4, 3)[0], 254);
    l->count = 255;
    l->entries[254].line = 258;
    assert_int_equal(nvs_make(l->entries, l->count, l->image, 0x6000, &at, &c), -1);
    assert_string_equal(
        c.text, "job.yaml:258: key 'key254' of namespace 'ns254' is in the 255th namespace, and NVS has 254; "
                "use fewer namespaces");
}

static void test_refusals(void **state)
{
    struct list *l = *state;
    static const struct {
        struct nvs_entry entry;
        const char *says;
    } rows[] = {
        {{"space", "", NVS_U8, "", 1, 0}, "key '' of namespace 'space' is empty; write 1 to 15 characters"},
        {{"space", "sixteen_letters_", NVS_U8, "", 1, 0},
         "key 'sixteen_letters_' of namespace 'space' is longer than the 15 bytes that NVS has for a name; shorten it"},
        {{"", "key", NVS_U8, "", 1, 0}, "namespace '' of key 'key' is empty; write 1 to 15 characters"},
        {{"a_namespace_of_20__", "key", NVS_U8, "", 1, 0},
         "namespace 'a_namespace_of_20__' of key 'key' is longer than the 15 bytes that NVS has for a name; shorten it"},
        {{"space", "a key", NVS_U8, "", 1, 0},
         "key 'a key' of namespace 'space' holds a blank or what is not ASCII; write letters, digits, '_', '.' or '-'"},
        {{"space", "k\xc3\xa9y", NVS_U8, "", 1, 0},
         "key 'k\xc3\xa9y' of namespace 'space' holds a blank or what is not ASCII; write letters, digits, '_', '.' or '-'"},
        {{"space", "key0", NVS_STRING, "", 0, 0},
         "key 'key0' of namespace 'space' is there twice; remove one"},
        {{"space", "key", NVS_STRING, "a\0b", 3, 0},
         "key 'key' of namespace 'space' is a string with a NUL in it; make it a blob"},
        {{"space", "key", NVS_STRING, NULL, NVS_STRING_MAX + 1, 0},
         "key 'key' of namespace 'space' is a string of more than 3999 bytes, which NVS cannot hold; make it a blob or "
         "shorten it"},
        {{"space", "key", NVS_BLOB, NULL, NVS_BLOB_MAX + 1, 0},
         "key 'key' of namespace 'space' is a blob of more than 508000 bytes, which NVS cannot index; shorten it"},
        {{"space", "key", NVS_U32, "abc", 3, 0},
         "key 'key' of namespace 'space' is a number whose value has not the width of its type"},
        {{"space", "key", (enum nvs_type)0x42, "abc", 3, 0},
         "key 'key' of namespace 'space' has no type; write one of u8, i8, u16, i16, u32, i32, u64, i64, string or blob"},
    };

    add_numbers(l, "space", 1);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct complaint c = {0};
        char says[400];

        l->entries[1] = rows[i].entry;
        l->entries[1].value = rows[i].entry.value != NULL ? rows[i].entry.value : l->bytes;
        l->entries[1].line = i == 0 ? 17 : 0;
        snprintf(says, sizeof says, "job.yaml:%d: %s", i == 0 ? 17 : 3, rows[i].says);
        assert_int_equal(nvs_make(l->entries, 2, l->image, SIZE_MAX_, &at, &c), -1);
        assert_string_equal(c.text, says);
        assert_int_equal(l->image[0], 0x5a);
    }
}

static void test_sizes(void **state)
{
    static const size_t sizes[] = {0, 0x1000, 0x2000, 0x2fff, 0x3001, 0x3800};
    struct list *l = *state;

    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        struct complaint c = {0};
        char says[200];

        snprintf(
            says, sizeof says,
            "job.yaml:3: a NVS partition of 0x%zx bytes: its size is a multiple of 0x1000 from 0x3000 on",
            sizes[i]);
        assert_int_equal(nvs_make(l->entries, 0, l->image, sizes[i], &at, &c), -1);
        assert_string_equal(c.text, says);
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_empty),
        TEST(test_numbers_fill_a_page),
        TEST(test_last_page_stays_free),
        TEST(test_strings_at_the_end),
        TEST(test_blob_fills_a_page),
        TEST(test_blob_at_the_last_entry),
        TEST(test_largest_blob),
        TEST(test_namespaces),
        TEST(test_254_namespaces),
        TEST(test_refusals),
        TEST(test_sizes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
