/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "profiles/firmware/esp_image.h"
#include "profiles/firmware/image_make.h"
#include "profiles/job/archive_lint.h"
#include "tests/support/made_archive.h"
#include "tests/support/scratch.h"
#include "tests/support/skipped.h"

static struct made_archive made;
static char folder[SCRATCH_SIZE], path[SCRATCH_SIZE + 16];

static int set_up(void **state)
{
    (void)state;
    scratch_make(folder, "lint");
    snprintf(path, sizeof path, "%s/lint.tar.gz", folder);
    made_archive_open(&made);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    made_archive_close(&made);
    scratch_remove(folder);
    return 0;
}

static struct lint_report lint(void)
{
    struct lint_report r;

    made_archive_save(&made, true, path);
    assert_int_equal(archive_lint(path, &r), 0);
    return r;
}

static bool has(const char *const *lines, size_t count, const char *text)
{
    for (size_t i = 0; i < count; i++)
        if (strstr(lines[i], text) != NULL)
            return true;
    return false;
}

static void finds(struct lint_report *r, const char *text)
{
    if (has(r->findings, r->finding_count, text))
        return;
    for (size_t i = 0; i < r->finding_count; i++)
        print_message("%s\n", r->findings[i]);
    fail_msg("not found: %s", text);
}

static void test_a_sound_archive(void **state)
{
    struct lint_report r = lint();

    (void)state;
    assert_int_equal(r.finding_count, 0);
    assert_int_equal(r.note_count, 0);
    archive_lint_free(&r);
}

static void test_another_boards_file(void **state)
{
    struct lint_report r;

    (void)state;
    made_archive_text(&made, "script2",
                      "{\"version\":\"2.1\",\"script\":[[\"w\",\"bootloader\",\"bootloader.bin\"],"
                      "[\"w\",\"factory\",\"fipy.bin\"],[\"w\",\"ota_0\",\"gone.bin\"]]}");
    r = lint();
    assert_int_equal(r.finding_count, 2);
    finds(&r, "script2: entry 2: the archive has no member 'fipy.bin'");
    finds(&r, "script2: entry 3: the archive has no member 'gone.bin'");
    archive_lint_free(&r);
}

static void test_all_faults_at_once(void **state)
{
    const struct image_wish foreign = {.chip_id = 2, .payload = 500, .seed = 1};
    struct lint_report r;
    uint8_t *b, *image;
    size_t size;

    (void)state;
    b = made_archive_copy(&made, "demo.bin", &size);
    b[4000] ^= 1;
    made_archive_put(&made, "sum.bin", b, size);
    b[4001] ^= 1;
    made_archive_put(&made, "sha.bin", b, size);
    b = made_archive_copy(&made, "partitions_8MB.bin", &size);
    b[8] ^= 1;
    made_archive_put(&made, "partitions_8MB.bin", b, size);
    image = image_make(&foreign, &size);
    made_archive_put(&made, "s2.bin", image, size);
    free(image);
    made_archive_text(&made, "script_4MB",
                      "[[\"w\",\"0x1000\",\"bootloader.bin\"],[\"w\",\"0x2000\",\"bootloader.bin\"]]");
    made_archive_text(&made, "script2",
                      "{\"version\":\"2.1\",\"partitions\":{\"factory\":[\"0x10000\",\"0x1000\"]},"
                      "\"script\":[[\"w\",\"factory\",\"demo.bin\"]]}");
    made_archive_text(&made, "script", "[[\"q\",\"0x1000\",\"bootloader.bin\"]]");
    made_archive_text(&made, "script_8MB_enc", "{}");
    r = lint();
    finds(&r, "sum.bin: has a bad checksum");
    finds(&r, "sha.bin: has a bad SHA-256");
    finds(&r, "partitions_8MB.bin: partition table: its MD5 row does not match");
    finds(&r, "s2.bin: is for ESP32-S2 (chip id 2)");
    finds(&r, "script_4MB: bootloader.bin at 0x1000 (0x5050 bytes) and bootloader.bin at 0x2000");
    finds(&r, "script2: entry 1: demo.bin has 0xe1050 bytes, more than the 0x1000 of its partition factory");
    finds(&r, "script: entry 1: unknown letter 'q'");
    finds(&r, "script_8MB: partition table partitions_8MB.bin at 0x8000");
    assert_int_equal(r.finding_count, 8);
    assert_true(has(r.notes, r.note_count, "script_8MB_enc: is for boards with flash encryption"));
    assert_true(has(r.notes, r.note_count, "s2.bin: no script uses this member"));
    archive_lint_free(&r);
}

static void test_four_megabytes_only(void **state)
{
    struct lint_report r;

    (void)state;
    made_archive_drop(&made, "script_8MB");
    made_archive_drop(&made, "partitions_8MB.bin");
    r = lint();
    assert_int_equal(r.finding_count, 0);
    assert_true(has(r.notes, r.note_count, "ships scripts for 4 MB only"));
    archive_lint_free(&r);
}

static void test_no_scripts_and_no_archive(void **state)
{
    static const char *const names[] = {"script", "script2", "script_4MB", "script_8MB"};
    struct lint_report r;
    FILE *f;

    (void)state;
    for (int i = 0; i < 4; i++)
        made_archive_drop(&made, names[i]);
    r = lint();
    finds(&r, "has no script member");
    archive_lint_free(&r);
    made_archive_text(&made, "script_4MB_enc", "{}");
    r = lint();
    finds(&r, "has only 'script_4MB_enc' for boards with flash encryption");
    archive_lint_free(&r);
    f = fopen(path, "wb");
    fputs("no archive", f);
    fclose(f);
    assert_int_equal(archive_lint(path, &r), 0);
    finds(&r, "is a text, not a firmware archive");
    archive_lint_free(&r);
    assert_int_equal(archive_lint("/nowhere/a.tar.gz", &r), 0);
    finds(&r, "/nowhere/a.tar.gz: cannot be read: No such file");
    archive_lint_free(&r);
}

static void test_real_archives(void **state)
{
    static const char *const files[] = {"WiPy-1.18.1.r1.tar.gz", "WiPy-1.20.1.r1-0.7.0.tar.gz"};

    (void)state;
    for (int i = 0; i < 2; i++) {
        char file[300];
        struct lint_report r;

        snprintf(file, sizeof file, "%s/firmware/%s", SHARED_DIR, files[i]);
        if (access(file, R_OK) != 0) {
            skipped_row("%s is not here", file);
            skip();
        }
        assert_int_equal(archive_lint(file, &r), 0);
        assert_int_equal(r.finding_count, 0);
        archive_lint_free(&r);
    }
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(test_a_sound_archive),     CASE(test_another_boards_file),       CASE(test_all_faults_at_once),
        CASE(test_four_megabytes_only), CASE(test_no_scripts_and_no_archive), CASE(test_real_archives),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
