/* SPDX-License-Identifier: Apache-2.0 */
/* Jobs and firmware files on disk: what is loaded, and that each refusal names the job's line and the file. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "profiles/firmware/esp_image.h"
#include "profiles/firmware/image_make.h"
#include "profiles/job/job.h"
#include "profiles/text/complaint.h"
#include "tests/support/made_archive.h"
#include "tests/support/made_plan.h"
#include "tests/support/scratch.h"

#define MB   (1024u * 1024)
#define HEAD "board: Demo\nchip: esp32\nfirmware:\n"

/* Of a board that is not Pycom's, its file system to the end of the flash. */
static const struct made_row plain_rows[MADE_ROWS] = {
    {"nvs", 1, 2, 0x9000, 0x7000}, {"factory", 0, 0, 0x10000, 0x1AE000}, {"fs", 1, 0x82, 0x380000, 0x80000}};
static const struct made_file plain_table = {"table.bin", MADE_TABLE, 0, 0x8000};

static struct made_archive made;
static char folder[SCRATCH_SIZE];

static int set_up(void **state)
{
    (void)state;
    scratch_enter(folder, "job");
    made_archive_open(&made);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    made_archive_close(&made);
    scratch_leave(folder);
    return 0;
}

static void save_member(const char *path, const char *name)
{
    size_t size;
    const uint8_t *b = made_archive_copy(&made, name, &size);

    assert_non_null(b);
    scratch_save(path, b, size);
}

static void put_plain_table(uint8_t *at)
{
    size_t size;
    uint8_t *b = made_plan_bytes(plain_rows, &plain_table, &size);

    memcpy(at, b, size);
    free(b);
}

static void refused(const char *firmware, enum failure_code code, const char *want)
{
    struct complaint c = {0};

    if (job_load("j.yaml", firmware, &c) != NULL)
        fail_msg("was accepted; want: %s", want);
    if (strncmp(c.text, want, strlen(want)) != 0)
        fail_msg("want: %s\n got: %s", want, c.text);
    assert_int_equal(c.code, code);
}

static struct job *accepted(const char *path, const char *firmware)
{
    struct complaint c = {0};
    struct job *job = job_load(path, firmware, &c);

    if (job == NULL)
        fail_msg("%s", c.text);
    return job;
}

static bool warned(const struct job *job, const char *text)
{
    for (size_t i = 0; i < job->warning_count; i++)
        if (strstr(job->warnings[i], text) != NULL)
            return true;
    return false;
}

static void test_archive_beside_the_job(void **state)
{
    const struct plan *plan;
    struct job *job;

    (void)state;
    assert_int_equal(mkdir("jobs", 0700), 0);
    scratch_save_text("jobs/j.yaml", HEAD "  archive: fw.tar.gz\n");
    made_archive_save(&made, true, "jobs/fw.tar.gz");
    job = accepted("jobs/j.yaml", NULL);
    assert_string_equal(job->firmware_source, "fw.tar.gz");
    assert_string_equal(job->firmware_version, "0.0.1-demo");
    assert_string_equal(job->version_origin, "app descriptor");
    assert_int_equal(job->plan_count, 2);
    plan = job_plan(job, 8 * MB, 300, NULL);
    assert_string_equal(plan->name, "script_8MB");
    assert_int_equal(plan->finals[0].offset, 0x1FF000);
    /* The same application in both plans was compressed once. */
    assert_ptr_equal(job->plans[0].pieces[2].z, job->plans[1].pieces[2].z);
    assert_int_equal(job->image_bytes, 0x5050 + 0xC00 + 0xE1050 + 40);
    job_free(job);
    job = accepted("jobs/j.yaml", "jobs/fw.tar.gz");
    job_free(job);
}

static void test_images_and_merged(void **state)
{
    struct job *job;
    const struct plan *plan;

    (void)state;
    save_member("boot.bin", "bootloader.bin");
    save_member("table.bin", "partitions_4MB.bin");
    save_member("app-2.0.bin", "demo.bin");
    scratch_save_text(
        "j.yaml",
        "board: WiPy\nchip: esp32\nfirmware:\n  images:\n    - {file: boot.bin, offset: 0x1000}\n    - {file: table.bin, offset: 0x8000}\n"
        "    - {file: app-2.0.bin, offset: 0x10000}\n");
    job = accepted("j.yaml", NULL);
    plan = job_plan(job, 4 * MB, 0, NULL);
    assert_string_equal(plan->name, "files");
    assert_int_equal(plan->flash_size, 0);
    assert_string_equal(plan->boot->name, "boot.bin");
    assert_int_equal(plan->piece_count, 3);
    assert_int_equal(plan->finals[0].offset, 0x1BE000);
    assert_null(job_plan(job, 1 * MB, 0, NULL));
    job_free(job);
    refused("app-2.0.bin", FAIL_JOB, "j.yaml:7: firmware: the job lists 3 files");

    scratch_save_text("j.yaml", HEAD "  merged: {offset: 0x10000}\npartial: yes\n");
    refused(NULL, FAIL_JOB, "j.yaml:4: firmware: no file is named; name it here or give --firmware FILE");
    job = accepted("j.yaml", "app-2.0.bin");
    plan = job_plan(job, 4 * MB, 0, NULL);
    assert_null(plan->boot);
    assert_true(plan->asks_board);
    assert_int_equal(plan->pieces[0].offset, 0x10000);
    assert_string_equal(job->firmware_source, "app-2.0.bin");
    job_free(job);
}

static void test_an_image_alone(void **state)
{
    uint8_t *merged = malloc(2 * MB);
    struct complaint c = {0};
    size_t size = 0;
    const uint8_t *b;
    struct job *job;

    (void)state;
    memset(merged, 0xff, 2 * MB);
    b = made_archive_copy(&made, "bootloader.bin", &size);
    memcpy(merged + 0x1000, b, size);
    put_plain_table(merged + 0x8000);
    b = made_archive_copy(&made, "demo.bin", &size);
    memcpy(merged + 0x10000, b, size);
    scratch_save("whole.bin", merged, 0x10000 + size);
    scratch_save("from-1000.bin", merged + 0x1000, 0xF000 + size);
    scratch_save("app.bin", b, size);
    free(merged);

    job = job_from_firmware("whole.bin", &c);
    assert_non_null(job);
    assert_int_equal(job->plans[0].pieces[0].offset, 0);
    assert_int_equal(job->plans[0].boot->offset, 0x1000);
    assert_string_equal(job->firmware_version, "0.0.1-demo");
    job_free(job);
    job = job_from_firmware("from-1000.bin", &c);
    assert_non_null(job);
    assert_int_equal(job->plans[0].boot->offset, 0x1000);
    assert_int_equal(job->plans[0].pieces[0].offset, 0x2000);
    job_free(job);
    assert_null(job_from_firmware("app.bin", &c));
    assert_non_null(strstr(c.text, "app.bin: is one ESP32 image, a bootloader or an application, not"));
}

static void test_missing_and_unreadable_firmware(void **state)
{
    struct complaint c = {0};

    (void)state;
    scratch_save_text("j.yaml", HEAD "  archive: nowhere.tar.gz\n");
    refused(NULL, FAIL_FIRMWARE, "j.yaml:4: nowhere.tar.gz: cannot be read: No such file");
    assert_int_equal(mkdir("folder.tar.gz", 0700), 0);
    refused("folder.tar.gz", FAIL_FIRMWARE, "j.yaml:4: folder.tar.gz: is a folder");
    assert_int_equal(mkfifo("pipe.tar.gz", 0600), 0);
    refused("pipe.tar.gz", FAIL_FIRMWARE, "j.yaml:4: pipe.tar.gz: is a pipe, not a file");
    scratch_save("empty.tar.gz", "", 0);
    refused("empty.tar.gz", FAIL_FIRMWARE, "j.yaml:4: empty.tar.gz: is empty");
    scratch_save_text("text.tar.gz", "this is not an archive");
    refused("text.tar.gz", FAIL_FIRMWARE,
            "j.yaml:4: text.tar.gz: is a text, not a firmware archive or a merged image");
    scratch_save_text("j.yaml", HEAD "  archive: text.tar.gz\n");
    refused(NULL, FAIL_FIRMWARE,
            "j.yaml:4: text.tar.gz: is a text, not the firmware archive that 'archive:' names");
    if (geteuid() != 0) {
        made_archive_save(&made, true, "secret.tar.gz");
        assert_int_equal(chmod("secret.tar.gz", 0), 0);
        refused("secret.tar.gz", FAIL_FIRMWARE, "j.yaml:4: secret.tar.gz: cannot be read: Permission denied");
    }
    scratch_save_text("j.yaml", "board: Demo\nchip: esp32\n");
    refused(NULL, FAIL_JOB, "j.yaml:1: firmware: no file is named");
    assert_int_equal(unlink("j.yaml"), 0);
    refused(NULL, FAIL_JOB, "j.yaml: cannot be read: No such file");
    scratch_save("j.yaml", "", 0);
    refused(NULL, FAIL_JOB, "j.yaml: is empty");
    assert_null(job_load(".", NULL, &c));
    assert_non_null(strstr(c.text, ".: is a folder"));
}

static void test_faults_inside_name_the_jobs_line(void **state)
{
    const struct image_wish foreign = {.chip_id = 5, .payload = 600, .seed = 1};
    uint8_t *b;
    size_t size;

    (void)state;
    scratch_save_text("j.yaml",
                      "board: Demo\nchip: esp32\nflash_size: [8MB]\nfirmware:\n  archive: fw.tar\n");
    made_archive_drop(&made, "demo.bin");
    made_archive_save(&made, false, "fw.tar");
    refused(NULL, FAIL_FIRMWARE,
            "j.yaml:5: fw.tar: script_8MB: entry 3: the archive has no member 'demo.bin'");
    b = image_make(&foreign, &size);
    made_archive_put(&made, "demo.bin", b, size);
    free(b);
    made_archive_save(&made, false, "fw.tar");
    refused(NULL, FAIL_FIRMWARE,
            "j.yaml:5: fw.tar: script_8MB: demo.bin at 0x10000 is for ESP32-C3 (chip id 5)");
    made_archive_drop(&made, "script_8MB");
    made_archive_drop(&made, "script2");
    made_archive_drop(&made, "script");
    made_archive_save(&made, false, "fw.tar");
    refused(NULL, FAIL_FIRMWARE, "j.yaml:5: fw.tar: has no script for 8 MB flash; it has script_4MB");

    save_member("a.bin", "bootloader.bin");
    scratch_save_text(
        "j.yaml",
        HEAD "  images:\n    - file: a.bin\n      offset: 0x1000\n    - file: a.bin\n      offset: 0x5000\n");
    refused(NULL, FAIL_FIRMWARE, "j.yaml:7: files: a.bin at 0x1000 (0x5050 bytes) and a.bin at 0x5000");
}

static void test_wrong_board(void **state)
{
    const struct image_wish lopy = {.payload = 4000,
                                    .seed = 2,
                                    .banner =
                                        "Pycom MicroPython 1.20.2.r4 [x] on 2021-01-12; LoPy4 with ESP32"};
    size_t size;
    uint8_t *b = image_make(&lopy, &size);
    struct job *job;

    (void)state;
    made_archive_put(&made, "demo.bin", b, size);
    scratch_save("lone.bin", b, size);
    free(b);
    made_archive_save(&made, true, "LoPy4-1.20.tar.gz");
    scratch_save_text(
        "j.yaml",
        "board: LoPy\nchip: esp32\nfirmware:\n  images:\n    - {file: lone.bin, offset: 0x10000}\npartial: yes\n");
    refused(NULL, FAIL_FIRMWARE, "j.yaml:5: lone.bin: is firmware for LoPy4, the job is for LoPy");
    scratch_save_text("j.yaml", "board: LoPy\nchip: esp32\nfirmware:\n  archive: LoPy4-1.20.tar.gz\n");
    refused(NULL, FAIL_FIRMWARE, "j.yaml:4: LoPy4-1.20.tar.gz: is firmware for LoPy4, the job is for LoPy");
    scratch_save_text("j.yaml", "board: lopy4\nchip: esp32\nfirmware:\n  archive: LoPy4-1.20.tar.gz\n");
    job = accepted("j.yaml", NULL);
    assert_string_equal(job->firmware_board, "LoPy4");
    job_free(job);
    scratch_save_text("j.yaml", "board: esp32\nchip: esp32\nfirmware:\n  archive: LoPy4-1.20.tar.gz\n");
    job_free(accepted("j.yaml", NULL));
}

/* A key of old files that changes nothing: taken, named with its line; what it never meant stays refused. */
static void test_verify_is_warned_of(void **state)
{
    (void)state;
    made_archive_save(&made, true, "fw.tar.gz");
    scratch_save_text("j.yaml", "verify: md5\n" HEAD "  archive: fw.tar.gz\n");
    struct job *job = accepted("j.yaml", NULL);
    assert_int_equal(job->warning_count, 1);
    assert_non_null(strstr(job->warnings[0], "line 1: 'verify' is no key any more"));
    job_free(job);
    scratch_save_text("j.yaml", "verify: none\n" HEAD "  archive: fw.tar.gz\n");
    refused(NULL, FAIL_JOB, "j.yaml:1:");
}

static void test_images_narrow_the_revisions(void **state)
{
    const struct image_wish wish = {.payload = 2000, .seed = 2};
    size_t size;
    uint8_t *b = image_make(&wish, &size);
    struct job *job;

    (void)state;
    b[0x0f] = 44; /* 300 */
    b[0x10] = 1;
    b[0x11] = 143; /* 399 */
    b[0x12] = 1;
    digest_sha256(b, size - SHA256_SIZE, b + size - SHA256_SIZE);
    made_archive_put(&made, "demo.bin", b, size);
    free(b);
    made_archive_save(&made, true, "fw.tar.gz");
    scratch_save_text("j.yaml", HEAD "  archive: fw.tar.gz\n");
    job = accepted("j.yaml", NULL);
    assert_int_equal(job->revision_min, 300);
    assert_int_equal(job->revision_max, 399);
    assert_non_null(strstr(job->warnings[0], "need chip revision 3.0 or later"));
    job_free(job);
    scratch_save_text("j.yaml", "revision: {max: 1}\n" HEAD "  archive: fw.tar.gz\n");
    refused(NULL, FAIL_FIRMWARE, "j.yaml:5: fw.tar.gz: no chip revision is left");
}

static void test_version_falls_back_to_the_name(void **state)
{
    const struct image_wish mute = {.payload = 4000, .seed = 2};
    struct complaint c = {0};
    size_t size;
    uint8_t *b = image_make(&mute, &size);
    struct job *job;

    (void)state;
    made_archive_put(&made, "demo.bin", b, size);
    free(b);
    made_archive_save(&made, true, "Lamp-3.1.tar.gz");
    made_archive_save(&made, true, "lamp.tar.gz");
    job = job_from_firmware("Lamp-3.1.tar.gz", &c);
    assert_string_equal(job->firmware_version, "3.1");
    assert_string_equal(job->version_origin, "archive name");
    job_free(job);
    job = job_from_firmware("lamp.tar.gz", &c);
    assert_string_equal(job->firmware_version, "unversioned");
    assert_string_equal(job->version_origin, "none");
    job_free(job);
}

static void test_pinned_hash(void **state)
{
    char yaml[400], sha[SHA256_TEXT_SIZE];
    uint8_t sum[SHA256_SIZE];
    const uint8_t *bytes;
    struct job *job;
    size_t size;

    (void)state;
    bytes = made_archive_pack(&made, true, &size);
    scratch_save("fw.tar.gz", bytes, size);
    digest_sha256(bytes, size, sum);
    digest_hex(sum, sizeof sum, sha);
    snprintf(yaml, sizeof yaml, HEAD "  archive: fw.tar.gz\n  sha256: %s\nreleased: yes\n", sha);
    scratch_save_text("j.yaml", yaml);
    job = accepted("j.yaml", NULL);
    assert_true(job->released);
    assert_memory_equal(job->firmware_sha256, sum, sizeof sum);
    job_free(job);
    made_archive_text(&made, "extra.txt", "x");
    made_archive_save(&made, true, "fw.tar.gz");
    snprintf(yaml, sizeof yaml, "j.yaml:4: fw.tar.gz: has SHA-256 ");
    refused(NULL, FAIL_HASH_MISMATCH, yaml);
    refused("fw.tar.gz", FAIL_HASH_MISMATCH, yaml);
    struct complaint c = {0};
    assert_null(job_load("j.yaml", NULL, &c));
    assert_non_null(strstr(c.text, sha));
    assert_non_null(strstr(c.text, "(line 5)"));
}

static void test_lenient_without_size_rule(void **state)
{
    struct complaint c = {0};
    struct job *job;

    (void)state;
    /* As GPy archives are: script2 names another board's file, script_8MB is sound. */
    made_archive_drop(&made, "script_4MB");
    made_archive_text(&made, "script2",
                      "{\"version\":\"2.1\",\"script\":[[\"w\",\"factory\",\"fipy.bin\"]]}");
    made_archive_save(&made, true, "gpy.tar.gz");
    job = job_from_firmware("gpy.tar.gz", &c);
    if (job == NULL)
        fail_msg("%s", c.text);
    assert_int_equal(job->plan_count, 1);
    assert_non_null(job_plan(job, 8 * MB, 100, NULL));
    assert_null(job_plan(job, 4 * MB, 100, &c));
    assert_int_equal(job->warning_count, 1);
    assert_non_null(strstr(job->warnings[0], "not for boards with 4 MB"));
    assert_non_null(strstr(job->warnings[0], "no member 'fipy.bin'"));
    job_free(job);
    /* As SiPy archives are: 4 MB scripts only. */
    made_archive_text(&made, "script2",
                      "{\"version\":\"2.1\",\"script\":[[\"w\",\"partitions\",\"partitions_4MB.bin\"]]}");
    made_archive_drop(&made, "script_8MB");
    made_archive_text(&made, "script_4MB",
                      "{\"version\":\"2.1\",\"script\":[[\"w\",\"partitions\",\"partitions_4MB.bin\"]]}");
    made_archive_save(&made, true, "sipy.tar.gz");
    job = job_from_firmware("sipy.tar.gz", &c);
    assert_non_null(job);
    assert_true(warned(job, "ships scripts for 4 MB only"));
    assert_true(warned(job, "script2: a part of a flash: what each board has of its own is looked at"));
    assert_true(job->plans[1].asks_board);
    job_free(job);
}

#define IMAGES                                                                    \
    "chip: esp32\nfirmware:\n  images:\n    - {file: boot.bin, offset: 0x1000}\n" \
    "    - {file: table.bin, offset: 0x8000}\n    - {file: app.bin, offset: 0x10000}\n"

static void save_parts(void)
{
    save_member("boot.bin", "bootloader.bin");
    made_plan_save(plain_rows, &plain_table);
    save_member("app.bin", "demo.bin");
}

/* 0x3FF000 is an identity on Pycom's boards alone: elsewhere a file system may reach to the end, and is written whole. */
static void test_identity_is_the_board_types(void **state)
{
    static uint8_t fs[0x80000];
    const struct plan *plan;
    struct job *job;

    (void)state;
    save_parts();
    memset(fs, 0xff, sizeof fs);
    fs[sizeof fs - 5] = 1;
    scratch_save("fs.bin", fs, sizeof fs);
    scratch_save_text("j.yaml", "board: esp32\n" IMAGES "    - {file: fs.bin, offset: 0x380000}\n");
    job = accepted("j.yaml", NULL);
    plan = &job->plans[0];
    assert_int_equal(plan->identity.size, 0);
    assert_int_equal(plan->pieces[3].offset, 0x3f0000); /* FF up to there: erased, not sent */
    assert_int_equal(plan->pieces[3].size, 0x10000);
    assert_int_equal(plan->erases[plan->erase_count - 1].offset, 0x380000);
    assert_int_equal(plan->erases[plan->erase_count - 1].size, 0x70000);
    job_free(job);
    scratch_save_text("j.yaml", "board: WiPy\n" IMAGES "    - {file: fs.bin, offset: 0x380000}\n");
    refused(NULL, FAIL_FIRMWARE,
            "j.yaml:8: files: fs.bin would overwrite the board's identity sector 0x3ff000");
    scratch_save_text("j.yaml",
                      "board: esp32\nprotect: 0x3FF000\n" IMAGES "    - {file: fs.bin, offset: 0x380000}\n");
    refused(NULL, FAIL_FIRMWARE,
            "j.yaml:9: files: fs.bin would overwrite 0x3ff000+0x1000, which the job protects");
    /* The old key, and blank in that sector: written around it, and told. */
    fs[sizeof fs - 5] = 0xff;
    scratch_save("fs.bin", fs, sizeof fs);
    scratch_save_text("j.yaml",
                      "board: esp32\nwrite_config: no\n" IMAGES "    - {file: fs.bin, offset: 0x380000}\n");
    job = accepted("j.yaml", NULL);
    plan = &job->plans[0];
    assert_int_equal(plan->piece_count, 3);
    assert_int_equal(plan->erases[plan->erase_count - 1].offset, 0x380000);
    assert_int_equal(plan->erases[plan->erase_count - 1].size, sizeof fs - SECTOR_SIZE);
    assert_true(warned(job, "fs.bin is blank at 0x3ff000: the board keeps its own identity sector"));
    assert_true(warned(job, "line 2: 'write_config: no' is now 'protect: 0x3FF000'"));
    job_free(job);
}

static void test_protect_and_erase(void **state)
{
    const struct plan *plan;
    struct job *job;

    (void)state;
    save_parts();
    scratch_save_text(
        "j.yaml", "board: esp32\nprotect: [nvs, 0x3F0000+0x2000]\nerase: [nvs, 0x3E0000+0x20000]\n" IMAGES);
    job = accepted("j.yaml", NULL);
    plan = &job->plans[0];
    assert_int_equal(plan->protect_count, 2);
    assert_int_equal(plan->protect[0].offset, 0x9000);
    assert_int_equal(plan->erase_count, 2);
    assert_int_equal(plan->erases[0].offset, 0x3E0000);
    assert_int_equal(plan->erases[0].size, 0x10000);
    assert_int_equal(plan->erases[1].offset, 0x3F2000);
    assert_true(warned(job, "asks to erase 0x9000+0x7000: it is kept, the job protects it"));
    job_free(job);
    scratch_save_text("j.yaml", "board: esp32\nerase: all\nprotect: nvs\n" IMAGES);
    job = accepted("j.yaml", NULL);
    assert_true(job->plans[0].erase_all);
    assert_true(warned(job, "erases the whole flash but 0x9000+0x7000"));
    job_free(job);
}

static void test_places_that_cannot_be(void **state)
{
    static const struct {
        const char *keys, *want;
    } cases[] = {
        {"protect: nosuch\n", "j.yaml:2: protect: 'nosuch' is no partition of the firmware's table"},
        {"erase: nosuch\n", "j.yaml:2: erase: 'nosuch' is no partition of the firmware's table"},
        {"protect: 0x9000+0x10\n", "j.yaml:2: protect: '0x9000+0x10' is no range in whole 4 KiB sectors"},
        {"erase: 0xFFF000+0x2000\n", "j.yaml:2: erase: '0xFFF000+0x2000' is no range in whole 4 KiB sectors"},
        {"protect: [nvs, none]\n", "j.yaml:2: protect: 'none' does not go with the rest of the list"},
        {"erase: [all, nvs]\n", "j.yaml:2: erase: 'nvs' does not go with the rest of the list"},
        {"protect: [nvs, 0xA000]\n", "j.yaml:2: protect: 0xa000+0x1000 overlaps 0x9000+0x7000; name it once"},
        {"protect: 0x300000+0x41000\n", "j.yaml:2: protect: with 0x300000+0x41000 more than 256 KiB in all"},
        {"protect: [0x300000, 0x302000, 0x304000, 0x306000, 0x308000, 0x30A000, 0x30C000, 0x30E000, 0x310000]\n",
         "j.yaml:2: protect: more than 8 places"},
        {"protect: 0x1000\n", "j.yaml:2: protect: 0x1000+0x1000 holds the boot sector"},
        {"protect: 0x1A0000\n", "j.yaml:2: protect: 0x1a0000+0x1000 runs into factory, which the job writes"},
        {"protect: nvs\nwrite_config: no\n", "j.yaml:3: write_config: 'protect' at line 2 says it already"},
    };

    (void)state;
    save_parts();
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char text[1024];

        snprintf(text, sizeof text, "board: esp32\n%s" IMAGES, cases[i].keys);
        scratch_save_text("j.yaml", text);
        refused(NULL, FAIL_JOB, cases[i].want);
    }
    static const struct made_row two_slots[] = {
        {"otadata", 0x01, 0x00, 0xe000, 0x2000}, {"ota_0", 0x00, 0x10, 0x10000, 0x180000}, {0}};

    made_plan_save(two_slots, &plain_table);
    scratch_save_text("j.yaml", "board: esp32\nprotect: otadata\n" IMAGES);
    refused(NULL, FAIL_JOB, "j.yaml:2: protect: 0xe000+0x2000 holds otadata, which selects what starts");
    /* Of part of a flash: no table tells a name, and what starts the board is not taken from it. */
    scratch_save_text("j.yaml", "board: esp32\nchip: esp32\nprotect: nvs\nfirmware:\n  images:\n"
                                "    - {file: app.bin, offset: 0x10000}\n");
    refused(NULL, FAIL_JOB, "j.yaml:3: protect: 'nvs': the firmware has no partition table");
    scratch_save_text("j.yaml", "board: esp32\nchip: esp32\nerase: all\nfirmware:\n  images:\n"
                                "    - {file: app.bin, offset: 0x10000}\n");
    refused(NULL, FAIL_JOB, "j.yaml:3: erase: takes the bootloader at 0x1000 and the job writes none");
}

/* What the record calls the firmware by: the job's word, else the application of several files. */
static void test_the_jobs_own_name_and_version(void **state)
{
    struct job *job;

    (void)state;
    save_parts();
    scratch_save_text("j.yaml", "board: esp32\n" IMAGES);
    job = accepted("j.yaml", NULL);
    assert_string_equal(job->firmware_source, "app.bin");
    job_free(job);
    scratch_save_text("j.yaml", "board: esp32\nversion: 2.3.1\n" IMAGES "  name: MYPRODUCT\n");
    job = accepted("j.yaml", NULL);
    assert_string_equal(job->firmware_source, "MYPRODUCT");
    assert_string_equal(job->firmware_version, "2.3.1");
    assert_string_equal(job->version_origin, "job");
    assert_true(warned(job, "the job says version 2.3.1, the firmware 0.0.1-demo"));
    job_free(job);
}

static void test_merged_without_an_offset(void **state)
{
    static const uint32_t starts[] = {0, 0x1000};
    static uint8_t whole[0x200000];
    struct job *job;
    size_t size, app;

    (void)state;
    memset(whole, 0xff, sizeof whole);
    memcpy(whole + 0x1000, made_archive_copy(&made, "bootloader.bin", &size), 0x5050);
    put_plain_table(whole + 0x8000);
    const uint8_t *b = made_archive_copy(&made, "demo.bin", &app);
    memcpy(whole + 0x10000, b, app);
    for (size_t i = 0; i < 2; i++) {
        scratch_save("m.bin", whole + starts[i], 0x10000 + app - starts[i]);
        scratch_save_text("j.yaml", "board: esp32\nchip: esp32\nfirmware:\n  merged: {file: m.bin}\n");
        job = accepted("j.yaml", NULL);
        assert_int_equal(job->plans[0].boot->offset, BOOT_SECTOR);
        assert_int_equal(job->plans[0].pieces[0].offset, starts[i] == 0 ? 0 : 0x2000);
        job_free(job);
    }
}

/* An ESP32 boots from 0x1000: what was merged for a chip that boots from elsewhere tells so itself, whatever the job says. */
static void test_merged_for_a_chip_that_boots_elsewhere(void **state)
{
    static const struct {
        uint32_t start, boot;
        uint8_t chip;
        const char *want;
    } rows[] = {
        {0x2000, 0x2000, 0x12,
         "j.yaml:4: m.bin: is a merged image from 0x2000 for ESP32-P4 (chip id 18), not for ESP32"},
        {0, 0x2000, 0x17,
         "j.yaml:4: m.bin: is a merged image from 0x0 for ESP32-C5 (chip id 23), not for ESP32"},
        {0, 0, 0x09, "j.yaml:4: m.bin: is a merged image from 0x0 for ESP32-S3 (chip id 9), not for ESP32"},
        {0x2000, 0x2000, 0,
         "j.yaml:4: m.bin: is a merged image with its bootloader at 0x2000, an ESP32 boots from 0x1000"},
        {0, 0, 0,
         "j.yaml:4: m.bin: is a merged image with its bootloader at 0x0, an ESP32 boots from 0x1000"},
    };
    static uint8_t whole[0x200000];
    size_t size, app;

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char text[256];

        memset(whole, 0xff, sizeof whole);
        memcpy(whole + 0x8000, made_archive_copy(&made, "partitions_4MB.bin", &size), 0xC00);
        memcpy(whole + rows[i].boot, made_archive_copy(&made, "bootloader.bin", &size), 0x5050);
        whole[rows[i].boot + 0x0c] = rows[i].chip; /* the header's chip id */
        const uint8_t *b = made_archive_copy(&made, "demo.bin", &app);
        memcpy(whole + 0x10000, b, app);
        scratch_save("m.bin", whole + rows[i].start, 0x10000 + app - rows[i].start);
        for (int with_offset = 0; with_offset < 2; with_offset++) {
            snprintf(text, sizeof text, "board: esp32\nchip: esp32\nfirmware:\n  merged: {file: m.bin%s%s}\n",
                     with_offset ? ", offset: " : "",
                     !with_offset         ? ""
                     : rows[i].start == 0 ? "0"
                                          : "0x2000");
            scratch_save_text("j.yaml", text);
            refused(NULL, FAIL_FIRMWARE, rows[i].want);
        }
    }
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(test_archive_beside_the_job),
        CASE(test_images_and_merged),
        CASE(test_identity_is_the_board_types),
        CASE(test_protect_and_erase),
        CASE(test_places_that_cannot_be),
        CASE(test_the_jobs_own_name_and_version),
        CASE(test_merged_without_an_offset),
        CASE(test_merged_for_a_chip_that_boots_elsewhere),
        CASE(test_an_image_alone),
        CASE(test_missing_and_unreadable_firmware),
        CASE(test_faults_inside_name_the_jobs_line),
        CASE(test_wrong_board),
        CASE(test_images_narrow_the_revisions),
        CASE(test_verify_is_warned_of),
        CASE(test_version_falls_back_to_the_name),
        CASE(test_pinned_hash),
        CASE(test_lenient_without_size_rule),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
