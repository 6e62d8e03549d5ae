/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "profiles/firmware/image_make.h"
#include "profiles/firmware/partition.h"

static const struct partition rows[] = {{"nvs", 1, 2, 0x9000, 0x7000, 0},
                                        {"factory", 0, 0, 0x10000, 0x1EF000, 0},
                                        {"otadata", 1, 0, 0x1FF000, 0x1000, 1},
                                        {"sixteen-letters!", 0, 0x10, 0x210000, 0x1EF000, 0}};

/*
 * The 8 MB table of a released Pycom archive, which has no generator in common with image_make: rows from the map,
 * digest as found there.
 */
static const uint8_t released_md5[16] = {0xc0, 0xff, 0xf3, 0xd5, 0x4a, 0x0b, 0x13, 0x92,
                                         0xfc, 0x1f, 0x0d, 0x42, 0x32, 0xe3, 0x09, 0x3f};
static const struct partition released[] = {{"nvs", 1, 2, 0x9000, 0x7000, 0},
                                            {"factory", 0, 0, 0x10000, 0x1EF000, 1},
                                            {"otadata", 1, 0, 0x1FF000, 0x1000, 1},
                                            {"ota_0", 0, 0x10, 0x210000, 0x1EF000, 1},
                                            {"config", 1, 6, 0x3FF000, 0x1000, 0}};

static void test_good_table(void **state)
{
    uint8_t b[PARTITION_TABLE_SIZE];
    struct partition_table t;
    const char *why;

    (void)state;
    partition_table_make(rows, 4, b);
    assert_true(partition_table_is(b, sizeof b));
    assert_int_equal(partition_table_parse(b, sizeof b, &t, &why), 0);
    assert_int_equal(t.count, 4);
    assert_true(t.has_md5);
    assert_string_equal(t.rows[3].name, "sixteen-letters!");
    assert_int_equal(partition_find(&t, "otadata")->flags, PARTITION_ENCRYPTED);
    assert_ptr_equal(partition_at(&t, 0x10000), &t.rows[1]);
    assert_null(partition_at(&t, 0x11000));
    assert_null(partition_find(&t, "fs"));
}

static void test_released_table(void **state)
{
    uint8_t b[PARTITION_TABLE_SIZE];

    (void)state;
    partition_table_make(released, 5, b);
    assert_memory_equal(b + 5 * 32 + 16, released_md5, sizeof released_md5);
}

static void spoil(size_t at, uint8_t value, const char *want)
{
    uint8_t b[PARTITION_TABLE_SIZE];
    struct partition_table t;
    const char *why = "";

    partition_table_make(rows, 4, b);
    b[at] = value;
    assert_int_equal(partition_table_parse(b, sizeof b, &t, &why), -1);
    if (strstr(why, want) == NULL)
        fail_msg("want: %s\n got: %s", want, why);
}

static void test_damage(void **state)
{
    uint8_t b[PARTITION_TABLE_SIZE];
    struct partition_table t;
    const char *why = "";

    (void)state;
    spoil(5, 0x91, "MD5 row does not match");
    spoil(4 * 32 + 16, 0x00, "MD5 row does not match");
    spoil(32, 0x00, "does not begin with AA 50");
    spoil(4 * 32 + 40, 0x00, "does not begin with AA 50");

    memset(b, 0xff, sizeof b);
    assert_int_equal(partition_table_parse(b, sizeof b, &t, &why), -1);
    assert_string_equal(why, "it has no rows");
    assert_int_equal(partition_table_parse(b, 0, &t, &why), -1);
    /* A row after the MD5 row would not be covered by it. */
    partition_table_make(rows, 4, b);
    memcpy(b + 5 * 32, b, 32);
    assert_int_equal(partition_table_parse(b, sizeof b, &t, &why), -1);
    assert_string_equal(why, "a row follows the MD5 row");
}

static void test_overlaps(void **state)
{
    struct partition bad[2] = {{"a", 0, 0, 0x10000, 0x20000, 0}, {"b", 0, 0x10, 0x20000, 0x10000, 0}};
    uint8_t b[PARTITION_TABLE_SIZE];
    struct partition_table t;
    const char *why = "";

    (void)state;
    partition_table_make(bad, 2, b);
    assert_int_equal(partition_table_parse(b, sizeof b, &t, &why), -1);
    assert_string_equal(why, "two of its partitions overlap");
    bad[1].offset = 0xFFFFF000;
    partition_table_make(bad, 2, b);
    assert_int_equal(partition_table_parse(b, sizeof b, &t, &why), -1);
    assert_string_equal(why, "a partition ends beyond any flash");
    bad[1].size = 0;
    partition_table_make(bad, 2, b);
    assert_int_equal(partition_table_parse(b, sizeof b, &t, &why), -1);
    assert_string_equal(why, "a partition has no size");
}

static void test_old_table_without_md5(void **state)
{
    uint8_t b[PARTITION_TABLE_SIZE];
    struct partition_table t;
    const char *why;

    (void)state;
    partition_table_make(rows, 3, b);
    memset(b + 3 * 32, 0xff, 32);
    assert_int_equal(partition_table_parse(b, sizeof b, &t, &why), 0);
    assert_false(t.has_md5);
    assert_int_equal(t.count, 3);
}

/* The bootloader wants a blank row behind all others, in the 96 that there is room for. */
static void test_room_for_the_end(void **state)
{
    static struct partition many[PARTITION_MAX];
    uint8_t b[PARTITION_TABLE_SIZE];
    struct partition_table t;
    const char *why;

    (void)state;
    for (uint32_t i = 0; i < PARTITION_MAX; i++)
        many[i] = (struct partition){"p", 0x40, (uint8_t)i, 0x10000 + i * 0x1000, 0x1000, 0};
    partition_table_make(many, PARTITION_MAX - 1, b);
    assert_int_equal(partition_table_parse(b, sizeof b, &t, &why), 0);
    assert_int_equal(t.count, PARTITION_MAX - 1);
    partition_table_make(many, PARTITION_MAX, b);
    assert_int_equal(partition_table_parse(b, sizeof b, &t, &why), -1);
    assert_string_equal(why, "it has no blank row at its end: the bootloader refuses it");
    memset(b + (size_t)PARTITION_MAX * 32, 0xff, 32); /* without its MD5 row */
    assert_int_equal(partition_table_parse(b, sizeof b, &t, &why), 0);
    assert_int_equal(t.count, PARTITION_MAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_good_table),
                                       cmocka_unit_test(test_released_table),
                                       cmocka_unit_test(test_damage),
                                       cmocka_unit_test(test_overlaps),
                                       cmocka_unit_test(test_old_table_without_md5),
                                       cmocka_unit_test(test_room_for_the_end)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
