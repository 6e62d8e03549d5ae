/* SPDX-License-Identifier: Apache-2.0 */
/* A file system is known by what real ones begin with, and nothing else is taken for one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "profiles/firmware/file_system.h"
#include "tests/support/hexfile.h"

#define SIZE 8192

static void read_head(const char *name, uint8_t image[static SIZE])
{
    memset(image, 0xff, SIZE);
    assert_int_equal(hexfile_read("file-systems.hex", name, image, SIZE), 64);
    if (strncmp(name, "fat", 3) == 0) {
        image[510] = 0x55;
        image[511] = 0xaa;
    }
}

static void test_real_ones(void **state)
{
    static const struct {
        const char *name;
        enum file_system_kind kind;
        uint32_t unit, count;
    } rows[] = {
        {"littlefs-127", FILE_SYSTEM_LITTLEFS, 4096, 127},
        {"littlefs-1024", FILE_SYSTEM_LITTLEFS, 4096, 1024},
        {"littlefs-512-bytes", FILE_SYSTEM_LITTLEFS, 512, 1016},
        {"fat-1008", FILE_SYSTEM_FAT, 512, 1008},
        {"fat-8192", FILE_SYSTEM_FAT, 512, 8192},
        {"fat-4096-bytes", FILE_SYSTEM_FAT, 4096, 1008},
    };
    static uint8_t image[SIZE];
    struct file_system found;

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        read_head(rows[i].name, image);
        file_system_find(image, SIZE, &found);
        if (found.kind != rows[i].kind || found.unit != rows[i].unit || found.count != rows[i].count)
            fail_msg("%s: %s, %u of %u", rows[i].name, file_system_name(found.kind), found.count, found.unit);
    }
}

/* The first of the two superblocks may be the one that a lost write left behind. */
static void test_second_superblock(void **state)
{
    static uint8_t image[SIZE];
    struct file_system found;

    (void)state;
    read_head("littlefs-127", image);
    memcpy(image + 4096, image, 64);
    memset(image, 0xff, 64);
    file_system_find(image, SIZE, &found);
    assert_int_equal(found.kind, FILE_SYSTEM_LITTLEFS);
    assert_int_equal(found.count, 127);
    file_system_find(image, 4096 + 16, &found);
    assert_int_equal(found.kind, FILE_SYSTEM_NONE);
}

static void test_no_others(void **state)
{
    static const struct {
        size_t at;
        uint8_t byte;
    } rows[] = {{0, 0x33}, {510, 0}, {511, 0x55}, {12, 3}, {13, 3}, {13, 0}, {14, 0}, {16, 0}, {16, 3}};
    static uint8_t image[SIZE];
    struct file_system found;

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        read_head("fat-1008", image);
        image[rows[i].at] = rows[i].byte;
        file_system_find(image, SIZE, &found);
        if (found.kind != FILE_SYSTEM_NONE)
            fail_msg("byte %zu is %u", rows[i].at, rows[i].byte);
        assert_int_equal(found.unit, 0);
    }
    read_head("fat-1008", image);
    file_system_find(image, 511, &found);
    assert_int_equal(found.kind, FILE_SYSTEM_NONE);
    file_system_find(image, 0, &found);
    assert_int_equal(found.kind, FILE_SYSTEM_NONE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_real_ones),
        cmocka_unit_test(test_second_superblock),
        cmocka_unit_test(test_no_others),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
