/* SPDX-License-Identifier: Apache-2.0 */
/* A user's file system goes where a Pycom board of that size has its own, whole or not at all. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "profiles/job/job.h"
#include "profiles/job/job_release.h"
#include "profiles/text/complaint.h"
#include "tests/support/hexfile.h"
#include "tests/support/made_archive.h"
#include "tests/support/or_fail.h"
#include "tests/support/scratch.h"

#define MB   (1024u * 1024)
#define KB   1024u
#define HEAD "board: Demo\nchip: esp32\n"
#define FW   "firmware:\n  archive: fw.tar.gz\n"

static struct made_archive made;
static char folder[SCRATCH_SIZE];

static int set_up(void **state)
{
    (void)state;
    scratch_enter(folder, "filesystem");
    made_archive_open(&made);
    made_archive_save(&made, true, "fw.tar.gz");
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    made_archive_close(&made);
    scratch_leave(folder);
    return 0;
}

/* A file of `size` bytes that begins as `head` of tests/vectors/file-systems.hex does; NULL: as nothing known. */
static void save_fs(const char *path, const char *head, size_t size)
{
    uint8_t *image = malloc(size);

    assert_non_null(image);
    for (size_t i = 0; i < size; i++)
        image[i] = (uint8_t)(1 + i % 251);
    if (head != NULL)
        assert_int_equal(hexfile_read("file-systems.hex", head, image, 64), 64);
    image[510] = 0x55;
    image[511] = 0xaa;
    scratch_save(path, image, size);
    free(image);
}

static struct job *load(const char *text)
{
    scratch_save_text("j.yaml", text);
    return job_load_or_fail("j.yaml", NULL);
}

static void refused(const char *text, const char *says)
{
    struct complaint c = {0};
    struct job *job;

    scratch_save_text("j.yaml", text);
    job = job_load("j.yaml", NULL, &c);
    if (job != NULL)
        fail_msg("this was taken:\n%s", text);
    assert_string_equal(c.text, says);
}

static bool is_written(const struct plan *plan, uint32_t at)
{
    for (size_t i = 0; i < plan->piece_count; i++)
        if (at >= plan->pieces[i].offset && at - plan->pieces[i].offset < whole_sectors(plan->pieces[i].size))
            return true;
    return false;
}

static bool is_erased(const struct plan *plan, uint32_t at)
{
    for (size_t i = 0; i < plan->erase_count; i++)
        if (span_touches(&plan->erases[i], at, 1))
            return true;
    return false;
}

/* Offsets and lengths are those of Pycom's firmware: sflash_diskio.h, 127 blocks at 0x380000 or 1024 at 0x400000. */
static void check_place(uint32_t flash_size, const char *job_text, uint32_t at, uint32_t file, uint32_t room)
{
    struct job *job = load(job_text);
    const struct plan *plan = job_plan(job, flash_size, flash_size == 4 * MB ? 0 : 100, NULL);

    assert_non_null(plan);
    for (uint32_t o = at - SECTOR_SIZE; o <= at + room && o < flash_size; o += SECTOR_SIZE) {
        bool in_file = o >= at && o < at + file, in_room = o >= at && o < at + room;

        if (is_written(plan, o) != in_file || (is_erased(plan, o) != (in_room && !in_file)))
            fail_msg("0x%x is %swritten, %serased", o, is_written(plan, o) ? "" : "not ",
                     is_erased(plan, o) ? "" : "not ");
    }
    assert_false(is_written(plan, CONFIG_SECTOR));
    assert_false(is_erased(plan, CONFIG_SECTOR));
    assert_int_equal(job->warning_count, 0);
    job_free(job);
}

static void test_places(void **state)
{
    (void)state;
    save_fs("fs.bin", "fat-1008", 64 * KB);
    check_place(4 * MB, HEAD "flash_size: [4MB]\nfilesystem: fs.bin\n" FW, 0x380000, 64 * KB, 0x7F000);
    check_place(8 * MB, HEAD "flash_size: [8MB]\nfilesystem: fs.bin\n" FW, 0x400000, 64 * KB, 0x400000);
    save_fs("fs.bin", "fat-1008", 0x7F000);
    check_place(4 * MB, HEAD "filesystem: fs.bin\n" FW, 0x380000, 0x7F000, 0x7F000);
    save_fs("fs.bin", "fat-8192", 0x400000);
    check_place(8 * MB, HEAD "flash_size: [8MB]\nfilesystem: fs.bin\n" FW, 0x400000, 0x400000, 0x400000);
}

/* It is one of the files that the job's boards get: another one is another firmware. */
static void test_is_part_of_the_hash(void **state)
{
    uint8_t both[2 * SHA256_SIZE], sum[SHA256_SIZE], bytes[SHA256_SIZE];
    struct job *job = load(HEAD FW);
    char *fs = malloc(64 * KB);
    FILE *f;

    (void)state;
    memcpy(both, job->firmware_sha256, SHA256_SIZE);
    job_free(job);
    save_fs("fs.bin", "fat-1008", 64 * KB);
    f = fopen("fs.bin", "re");
    assert_true(f != NULL && fs != NULL && fread(fs, 1, 64 * KB, f) == 64 * KB);
    fclose(f);
    digest_sha256(fs, 64 * KB, bytes);
    free(fs);
    memcpy(both + SHA256_SIZE, bytes, SHA256_SIZE);
    digest_sha256(both, sizeof both, sum);
    job = load(HEAD "filesystem: fs.bin\n" FW);
    assert_memory_equal(job->firmware_sha256, sum, SHA256_SIZE);
    assert_string_equal(job->firmware_source, "fw.tar.gz");
    job_free(job);
}

static void test_sizes(void **state)
{
    struct job *job;

    (void)state;
    save_fs("fs.bin", "fat-1008", 0x7F001);
    refused(
        HEAD "flash_size: [4MB, 8MB]\nfilesystem: fs.bin\n" FW,
        "j.yaml:4: fs.bin: filesystem: has 0x7f001 bytes, more than the 0x7f000 at 0x380000 that a board with 4 MB has "
        "for it; make it smaller, or the job for larger boards alone, 'flash_size: [8MB]'");
    /* A job that names no sizes serves those that it can. */
    job = load(HEAD "filesystem: fs.bin\n" FW);
    assert_null(job_plan(job, 4 * MB, 0, NULL));
    assert_non_null(job_plan(job, 8 * MB, 100, NULL));
    assert_non_null(strstr(job->warnings[0],
                           "not for boards with 4 MB: j.yaml:3: fs.bin: filesystem: has 0x7f001 bytes"));
    job_free(job);
    save_fs("fs.bin", "fat-8192", 0x400001);
    refused(
        HEAD "filesystem: fs.bin\n" FW,
        "j.yaml:3: fs.bin: filesystem: has 0x400001 bytes, more than the 0x7f000 at 0x380000 that a board with 4 MB has "
        "for it; make it smaller, or the job for larger boards alone, 'flash_size: [8MB]'");
    scratch_save("fs.bin", "", 0);
    refused(HEAD "filesystem: fs.bin\n" FW,
            "j.yaml:3: fs.bin: is empty: it has no bytes; copy or download it again");
}

/* What the firmware would not mount, and so format. */
static void test_forms(void **state)
{
    struct job *job;

    (void)state;
    save_fs("fs.bin", "littlefs-512-bytes", 64 * KB);
    refused(
        HEAD "flash_size: [8MB]\nfilesystem: fs.bin\n" FW,
        "j.yaml:4: fs.bin: filesystem: is LittleFS with blocks of 512 bytes, and the firmware reads 4096: it would format "
        "it; make it with 4096");
    save_fs("fs.bin", "fat-4096-bytes", 64 * KB);
    refused(
        HEAD "flash_size: [8MB]\nfilesystem: fs.bin\n" FW,
        "j.yaml:4: fs.bin: filesystem: is FAT with sectors of 4096 bytes, and the firmware reads 512: it would format it; "
        "make it with 512");
    save_fs("fs.bin", "littlefs-1024", 64 * KB);
    refused(
        HEAD "flash_size: [4MB]\nfilesystem: fs.bin\n" FW,
        "j.yaml:4: fs.bin: filesystem: is LittleFS of 1024 blocks, more than the 127 that a board with 4 MB has; make it "
        "smaller, or the job for larger boards alone, 'flash_size: [8MB]'");
    job = load(HEAD "flash_size: [8MB]\nfilesystem: fs.bin\n" FW);
    assert_int_equal(job->warning_count, 1);
    assert_string_equal(
        job->warnings[0],
        "filesystem: fs.bin is LittleFS: a board mounts it where its settings say so ('flashline pycom cb set "
        "file_system=littlefs'), and else formats it at its first start as FAT");
    job_free(job);
    save_fs("fs.bin", NULL, 64 * KB);
    job = load(HEAD "filesystem: fs.bin\n" FW);
    assert_int_equal(job->warning_count, 1);
    assert_string_equal(job->warnings[0],
                        "filesystem: fs.bin begins as neither FAT nor LittleFS: a board that cannot mount it "
                        "formats it at its first start");
    job_free(job);
}

static void test_other_boards(void **state)
{
    size_t size;
    const uint8_t *b = made_archive_copy(&made, "bootloader.bin", &size);

    (void)state;
    assert_non_null(b);
    scratch_save("boot.bin", b, size);
    save_fs("fs.bin", "fat-1008", 64 * KB);
    refused(
        "board: esp32\nchip: esp32\npartial: yes\nflash_size: [4MB]\nfilesystem: fs.bin\n"
        "firmware:\n  images:\n    - {file: boot.bin, offset: 0x1000}\n",
        "j.yaml:5: filesystem: only Pycom's boards have a place that is theirs without being told; name the file under "
        "'images:' with its offset");
    refused(
        "board: LoPy\nchip: esp32\npartial: yes\nflash_size: [4MB, 8MB]\nfilesystem: fs.bin\n"
        "firmware:\n  images:\n    - {file: boot.bin, offset: 0x1000}\n",
        "j.yaml:5: filesystem: its place depends on the size of the flash; write the one size, 'flash_size: [8MB]', and a "
        "job of its own for each");
}

/* The board keeps its firmware, and is given the file system alone. */
static void test_alone(void **state)
{
    static const char text[] =
        "board: LoPy\nchip: esp32\npartial: yes\nflash_size: [8MB]\nfilesystem: fs.bin\n";
    struct complaint c = {0};
    struct job_release r;
    struct job *job;

    (void)state;
    save_fs("fs.bin", "fat-1008", 64 * KB);
    scratch_save_text("j.yaml", text);
    job = job_load_settings("j.yaml", &c);
    assert_non_null(job);
    assert_string_equal(job->firmware_source, "fs.bin");
    job_free(job);
    assert_int_equal(job_release_prepare("j.yaml", NULL, &r, &c), 0);
    assert_int_equal(job_release_save(&r, &c), 0);
    job_release_free(&r);
    job = job_load_or_fail("j.yaml", NULL);
    assert_string_equal(job->firmware_source, "fs.bin");
    assert_string_equal(job->firmware_version, "unversioned");
    assert_int_equal(job->plan_count, 1);
    assert_true(is_written(&job->plans[0], 0x400000));
    assert_true(job->plans[0].asks_board);
    assert_null(job->plans[0].boot);
    job_free(job);
    refused("board: LoPy\nchip: esp32\nflash_size: [8MB]\nfilesystem: fs.bin\n",
            "j.yaml:1: firmware: no file is named; name it here or give --firmware FILE");
}

static void test_release(void **state)
{
    struct complaint c = {0};
    struct job_release r;
    struct job *job;

    (void)state;
    save_fs("fs.bin", "fat-1008", 64 * KB);
    scratch_save_text("j.yaml", HEAD "filesystem: fs.bin # the customer's\n" FW);
    assert_int_equal(job_release_prepare("j.yaml", NULL, &r, &c), 0);
    assert_int_equal(r.count, 2);
    assert_string_equal(r.files[1].path, "fs.bin");
    assert_int_equal(job_release_save(&r, &c), 0);
    job_release_free(&r);
    job = job_load_or_fail("j.yaml", NULL);
    assert_true(job->released);
    job_free(job);
    save_fs("fs.bin", "fat-1008", 64 * KB - 1);
    job = job_load("j.yaml", NULL, &c);
    assert_null(job);
    assert_int_equal(c.code, FAIL_HASH_MISMATCH);
    assert_non_null(strstr(c.text, "j.yaml:3: fs.bin: has SHA-256 "));
    complaint_clear(&c);
    refused(HEAD "released: yes\nfilesystem: fs.bin\n" FW
                 "  sha256: 0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef\n",
            "j.yaml:4: released: this file has no sha256; run 'flashline job release' on the job");
    refused(HEAD "filesystem_sha256: 0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef\n" FW,
            "j.yaml:3: filesystem_sha256: no 'filesystem:' is named that it is of; name it or remove it");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_places),  TEST(test_is_part_of_the_hash), TEST(test_sizes),
        TEST(test_forms),   TEST(test_other_boards),        TEST(test_alone),
        TEST(test_release),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
