/* SPDX-License-Identifier: Apache-2.0 */
/* Archives: forms that people make, and everything that must be refused by name. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <libdeflate.h>

#include "profiles/firmware/firmware_archive.h"
#include "profiles/firmware/tar_make.h"
#include "profiles/text/arena.h"
#include "tests/support/packed.h"

static const struct place at = {"job.yaml", 7, "fw.tar.gz"};

struct bytes {
    uint8_t *data;
    size_t size;
};

static struct bytes pack(const struct tar_member *members, size_t count, bool gzip)
{
    struct bytes b;

    assert_int_equal(tar_make(members, count, gzip, &b.data, &b.size), 0);
    return b;
}

/* Reads from an exact copy, so that AddressSanitizer sees a byte read too far. */
static int read_exact(const uint8_t *data, size_t size, struct arena *a, struct firmware_archive *out,
                      struct complaint *c)
{
    uint8_t *copy = malloc(size > 0 ? size : 1);
    int rc;

    assert_non_null(copy);
    memcpy(copy, data, size);
    rc = firmware_archive_read(copy, size, a, out, &at, c);
    free(copy);
    return rc;
}

static void refused(const uint8_t *data, size_t size, const char *want)
{
    struct arena *a = arena_new();
    struct firmware_archive archive;
    struct complaint c = {0};

    if (read_exact(data, size, a, &archive, &c) == 0)
        fail_msg("was accepted; want: %s", want);
    assert_int_equal(c.code, FAIL_FIRMWARE);
    assert_int_equal(strncmp(c.text, "job.yaml:7: fw.tar.gz: ", 23), 0);
    if (strstr(c.text, want) == NULL)
        fail_msg("want: %s\n got: %s", want, c.text);
    arena_free(a);
}

static void refused_members(const struct tar_member *members, size_t count, const char *want)
{
    for (int gzip = 0; gzip < 2; gzip++) {
        struct bytes b = pack(members, count, gzip);

        refused(b.data, b.size, want);
        free(b.data);
    }
}

static void test_forms(void **state)
{
    static const struct tar_member members[] = {{"./", NULL, 0, TAR_FOLDER},
                                                {"./a.bin", "abc", 3, TAR_FILE},
                                                {".//script", "[]", 2, TAR_FILE},
                                                {"docs/notes.txt", "", 0, TAR_FILE}};

    (void)state;
    for (int gzip = 0; gzip < 2; gzip++) {
        struct bytes b = pack(members, 4, gzip);
        struct arena *a = arena_new();
        struct firmware_archive archive;
        struct complaint c = {0};

        assert_true(firmware_archive_is(b.data, b.size));
        if (read_exact(b.data, b.size, a, &archive, &c) != 0)
            fail_msg("%s", c.text);
        assert_int_equal(archive.count, 3);
        assert_int_equal(firmware_archive_find(&archive, "a.bin")->size, 3);
        assert_memory_equal(firmware_archive_find(&archive, "a.bin")->data, "abc", 3);
        assert_non_null(firmware_archive_find(&archive, "script"));
        assert_int_equal(firmware_archive_find(&archive, "docs/notes.txt")->size, 0);
        assert_null(firmware_archive_find(&archive, "b.bin"));
        arena_free(a);
        free(b.data);
    }
}

static void test_path_tricks(void **state)
{
    static const struct {
        struct tar_member member;
        const char *want;
    } tricks[] = {
        {{"../etc/passwd", "x", 1, TAR_FILE}, "member '../etc/passwd' leads out of the archive"},
        {{"a/../../b", "x", 1, TAR_FILE}, "member 'a/../../b' leads out of the archive"},
        {{"./..", "x", 1, TAR_FILE}, "leads out of the archive"},
        {{"/etc/passwd", "x", 1, TAR_FILE}, "member '/etc/passwd' has an absolute path"},
        {{"a\\b", "x", 1, TAR_FILE}, "member 'a\\b' has a backslash"},
        {{"link", "/etc/passwd", 0, TAR_SYMLINK}, "member 'link' is a link"},
        {{"hard", "a.bin", 0, TAR_HARDLINK}, "member 'hard' is a link"},
        {{"ok.bin", "y", 1, TAR_FILE}, "member 'ok.bin' is there twice"},
        {{"./ok.bin", "y", 1, TAR_FILE}, "member 'ok.bin' is there twice"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof tricks / sizeof tricks[0]; i++) {
        const struct tar_member members[] = {{"ok.bin", "x", 1, TAR_FILE}, tricks[i].member};

        refused_members(members, 2, tricks[i].want);
    }
}

static void test_control_characters_stay_out_of_the_message(void **state)
{
    static const struct tar_member members[] = {{"../\x1b[2Jx", "x", 1, TAR_FILE}};
    struct bytes b = pack(members, 1, false);
    struct arena *a = arena_new();
    struct firmware_archive archive;
    struct complaint c = {0};

    (void)state;
    assert_int_equal(read_exact(b.data, b.size, a, &archive, &c), -1);
    assert_null(strchr(c.text, 0x1b));
    arena_free(a);
    free(b.data);
}

static void test_cut_short(void **state)
{
    static uint8_t noise[20000];
    const struct tar_member members[] = {{"a.bin", noise, sizeof noise, TAR_FILE},
                                         {"script", "[]", 2, TAR_FILE}};
    uint32_t r = 1;

    (void)state;
    for (size_t i = 0; i < sizeof noise; i++) {
        r = r * 1664525 + 1013904223;
        noise[i] = (uint8_t)(r >> 24);
    }
    struct bytes gz = pack(members, 2, true), tar = pack(members, 2, false);
    /* Every cut of the compressed file is found, by its CRC and length at the latest. */
    for (size_t n = 2; n < gz.size; n += n < 40 || n + 40 > gz.size ? 1 : 997) {
        struct arena *a = arena_new();
        struct firmware_archive archive;
        struct complaint c = {0};

        if (read_exact(gz.data, n, a, &archive, &c) == 0)
            fail_msg("cut to %zu of %zu bytes: accepted", n, gz.size);
        arena_free(a);
    }
    refused(gz.data, gz.size - 9, "is cut off after ");
    refused(gz.data, gz.size / 2, "is cut off after ");
    refused(gz.data, 10, "is cut off after 10 bytes");
    gz.data[gz.size / 2] ^= 4;
    refused(gz.data, gz.size, "is a gzip-compressed file that is damaged");
    refused(tar.data, 512, "is cut off after 512 bytes (tar, within member a.bin)");
    refused(tar.data, 5000, "is cut off after 5000 bytes (tar, within member a.bin)");
    refused(tar.data, 512 + 20480 + 100, "is cut off after ");
    /* Between two members nothing is missing but those that should follow: the end mark tells. */
    refused(tar.data, 512 + 20480, "is cut off after 20992 bytes (tar, without its end mark)");
    tar.data[100] ^= 1; /* a header's mode: its checksum no longer holds */
    refused(tar.data, tar.size, "is damaged (tar)");
    free(gz.data);
    free(tar.data);
}

/* A stored member with one bit turned: only the zip's own CRC-32 can tell. */
static void test_a_damaged_zip(void **state)
{
    static const struct tar_member members[] = {{"a.bin", "some bytes of firmware", 22, TAR_FILE},
                                                {"script", "[]", 2, TAR_FILE}};
    size_t size;
    uint8_t *zip = packed_make(PACKED_ZIP_STORED, "", members, 2, &size), *hit;

    (void)state;
    assert_non_null(zip);
    hit = memmem(zip, size, "some bytes", 10);
    assert_non_null(hit);
    hit[3] ^= 1;
    refused(zip, size, "is damaged (zip, at the end of member a.bin)");
    free(zip);
}

static void test_no_archives(void **state)
{
    static uint8_t zeros[2048], text[2048];

    (void)state;
    memset(text, 'x', sizeof text);
    refused((const uint8_t *)"", 0, "is empty, not a firmware archive");
    refused(text, 5, "is a text, not a firmware archive");
    refused(text, sizeof text, "is a text, not a firmware archive");
    refused(zeros, sizeof zeros, "is blank");
    refused((const uint8_t *)"\x1f\x8b", 2, "is cut off after 2 bytes");
    refused_members(&(struct tar_member){"only/", NULL, 0, TAR_FOLDER}, 1,
                    "is an archive without a file in it");
}

static struct bytes gzip(const uint8_t *data, size_t size)
{
    struct libdeflate_compressor *d = libdeflate_alloc_compressor(1);
    struct bytes b = {malloc(libdeflate_gzip_compress_bound(d, size)), 0};

    assert_non_null(b.data);
    b.size = libdeflate_gzip_compress(d, data, size, b.data, libdeflate_gzip_compress_bound(d, size));
    libdeflate_free_compressor(d);
    return b;
}

static void test_bombs(void **state)
{
    size_t size = ARCHIVE_EXPANDED_MAX + 1024;
    uint8_t *zeros = calloc(1, size);
    struct tar_member huge = {"a.bin", zeros, 1024, TAR_FILE};
    struct bytes gz, tar;

    (void)state;
    assert_non_null(zeros);
    gz = gzip(zeros, size);
    assert_true(gz.size < size / 200);
    refused(gz.data, gz.size, "expands to more than 64 MiB");
    /* The trailer lies about the size: the limit still holds. */
    memset(gz.data + gz.size - 4, 0, 4);
    gz.data[gz.size - 3] = 1;
    refused(gz.data, gz.size, "expands to more than 64 MiB");
    free(gz.data);
    /* A tar header that claims 8 GiB less one byte. */
    tar = pack(&huge, 1, false);
    memcpy(tar.data + 124, "77777777777", 11);
    memcpy(tar.data + 148, "        ", 8);
    unsigned sum = 0;
    for (int i = 0; i < 512; i++)
        sum += tar.data[i];
    snprintf((char *)tar.data + 148, 8, "%06o", sum);
    refused(tar.data, tar.size, "expands to more than 64 MiB");
    free(tar.data);
    free(zeros);
}

static void test_too_many_members(void **state)
{
    static struct tar_member members[ARCHIVE_MEMBERS_MAX + 1];
    static char names[ARCHIVE_MEMBERS_MAX + 1][16];

    (void)state;
    for (int i = 0; i <= ARCHIVE_MEMBERS_MAX; i++) {
        snprintf(names[i], sizeof names[i], "m%d", i);
        members[i] = (struct tar_member){names[i], "x", 1, TAR_FILE};
    }
    refused_members(members, ARCHIVE_MEMBERS_MAX + 1, "has more than 256 members");
}

static void test_bytes_after_the_stream(void **state)
{
    static const struct tar_member members[] = {{"a.bin", "x", 1, TAR_FILE}};
    struct bytes b = pack(members, 1, true);
    uint8_t *more = calloc(1, b.size + 5);

    (void)state;
    memcpy(more, b.data, b.size);
    refused(more, b.size + 5, "has 5 bytes after the end of its gzip stream");
    free(more);
    free(b.data);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_forms),
        cmocka_unit_test(test_path_tricks),
        cmocka_unit_test(test_control_characters_stay_out_of_the_message),
        cmocka_unit_test(test_cut_short),
        cmocka_unit_test(test_a_damaged_zip),
        cmocka_unit_test(test_no_archives),
        cmocka_unit_test(test_bombs),
        cmocka_unit_test(test_too_many_members),
        cmocka_unit_test(test_bytes_after_the_stream),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
