/* SPDX-License-Identifier: Apache-2.0 */
/* Jobs as a whole: shipped profiles against the real firmware where it is at hand. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "profiles/job/job.h"
#include "profiles/text/complaint.h"
#include "tests/support/skipped.h"

#define FIRMWARE SHARED_DIR "/firmware/"
#define WIPY_118 FIRMWARE "WiPy-1.18.1.r1.tar.gz"
#define WIPY_120 FIRMWARE "WiPy-1.20.1.r1-0.7.0.tar.gz"
#define TINYPICO FIRMWARE "micropython-tinypico-1.12.bin"
#define WIPY_JOB SOURCE_DIR "/profiles/jobs/wipy.yaml"
#define MB       (1024u * 1024)

static void need_firmware(const char *path)
{
    if (access(path, R_OK) != 0) {
        skipped_row("%s is not here", path);
        skip();
    }
}

static struct job *load(const char *path, const char *firmware)
{
    struct complaint c = {0};
    struct job *job = job_load(path, firmware, &c);

    if (job == NULL)
        fail_msg("%s", c.text);
    return job;
}

static const struct piece *piece_at(const struct piece *pieces, size_t count, uint32_t offset)
{
    for (size_t i = 0; i < count; i++)
        if (pieces[i].offset == offset)
            return &pieces[i];
    fail_msg("no piece at 0x%x", offset);
    return NULL;
}

static int erased(const struct plan *plan, uint32_t offset)
{
    for (size_t i = 0; i < plan->erase_count; i++)
        if (offset >= plan->erases[i].offset && offset - plan->erases[i].offset < plan->erases[i].size)
            return 1;
    return 0;
}

/* Bytes of pycom.md's vectors: factory, READY, size of the partition, signature FF, CRC. */
static void check_otadata(const struct plan *plan, uint32_t offset, uint32_t size, uint32_t crc)
{
    uint8_t want[40] = {0};

    want[4] = 1;
    for (int i = 0; i < 4; i++) {
        want[12 + i] = (uint8_t)(size >> (8 * i));
        want[36 + i] = (uint8_t)(crc >> (8 * i));
    }
    memset(want + 20, 0xff, 16);
    assert_int_equal(plan->final_count, 1);
    assert_int_equal(plan->finals[0].offset, offset);
    assert_int_equal(plan->finals[0].size, sizeof want);
    assert_memory_equal(plan->finals[0].data, want, sizeof want);
    assert_string_equal(plan->finals[0].name, "otadata");
}

static void test_wipy_120_on_4mb_revision_0(void **state)
{
    const struct plan *plan;
    struct job *job;

    (void)state;
    need_firmware(WIPY_120);
    job = load(WIPY_JOB, WIPY_120);
    assert_string_equal(job->board, "WiPy");
    assert_string_equal(job->firmware_version, "1.20.1.r1-0.7.0-vanilla-dragonfly-onewire");
    assert_string_equal(job->firmware_board, "WiPy");
    assert_string_equal(job->version_origin, "Pycom strings");
    plan = job_plan(job, 4 * MB, 0, NULL);
    assert_non_null(plan);
    assert_string_equal(plan->name, "script_4MB");
    assert_non_null(plan->boot);
    assert_int_equal(plan->boot->size, SECTOR_SIZE);
    assert_int_equal(piece_at(plan->pieces, plan->piece_count, 0x2000)->size, 22096 - SECTOR_SIZE);
    assert_int_equal(piece_at(plan->pieces, plan->piece_count, 0x8000)->size, 3072);
    assert_int_equal(piece_at(plan->pieces, plan->piece_count, 0x10000)->size, 1524656);
    assert_int_equal(plan->piece_count, 3);
    check_otadata(plan, 0x1BE000, 0x1AE000, 0xEF72F513);
    /* A short member leaves the rest of its partition erased, and nothing else is touched. */
    assert_true(erased(plan, 0x7000));
    assert_true(erased(plan, 0x1BD000));
    assert_false(erased(plan, 0x8000));
    assert_false(erased(plan, 0x9000));
    assert_false(erased(plan, 0x10000));
    assert_false(erased(plan, 0x1BE000));
    assert_false(erased(plan, 0x1BF000));
    assert_false(erased(plan, BOOT_SECTOR));
    assert_false(plan->writes_identity);
    job_free(job);
}

static void test_wipy_120_on_8mb_revision_1(void **state)
{
    const struct plan *plan;
    struct job *job;

    (void)state;
    need_firmware(WIPY_120);
    job = load(WIPY_JOB, WIPY_120);
    plan = job_plan(job, 8 * MB, 100, NULL);
    assert_non_null(plan);
    assert_string_equal(plan->name, "script_8MB");
    check_otadata(plan, 0x1FF000, 0x1EF000, 0xB2A1E05F);
    assert_true(erased(plan, 0x1FE000));
    assert_false(erased(plan, 0x200000));
    job_free(job);
}

static void test_wipy_118_has_one_script_for_both(void **state)
{
    static const uint32_t sizes[] = {4 * MB, 8 * MB};
    struct job *job;

    (void)state;
    need_firmware(WIPY_118);
    job = load(WIPY_JOB, WIPY_118);
    assert_string_equal(job->firmware_version, "1.18.1.r1");
    for (int i = 0; i < 2; i++) {
        const struct plan *plan = job_plan(job, sizes[i], i * 100, NULL);

        assert_non_null(plan);
        assert_string_equal(plan->name, "script");
        assert_int_equal(piece_at(plan->pieces, plan->piece_count, 0x10000)->size, 1220160);
        assert_int_equal(plan->finals[0].offset, 0x190000);
        assert_int_equal(plan->finals[0].data[14], 0x18);
        assert_true(erased(plan, 0x9000)); /* the old script wipes NVS */
        assert_true(erased(plan, 0x200000));
        assert_false(erased(plan, 0x201000));
        assert_false(erased(plan, CONFIG_SECTOR));
    }
    job_free(job);
}

/* What the gate and the choice of a plan both ask: a flash of 16 MB, too, is not what a later revision stands for. */
static void test_which_boards_are_accepted(void **state)
{
    static const struct {
        int revision;
        uint32_t size;
        enum failure_code code;
    } rows[] = {
        {0, 4 * MB, FAILURE_NONE},
        {100, 8 * MB, FAILURE_NONE},
        {300, 8 * MB, FAILURE_NONE},
        {0, 8 * MB, FAIL_REVISION_SIZE},
        {100, 4 * MB, FAIL_REVISION_SIZE},
        {100, 16 * MB, FAIL_REVISION_SIZE},
        {0, 16 * MB, FAIL_REVISION_SIZE},
        {301, 8 * MB, FAIL_WRONG_REVISION},
        {100, 2 * MB, FAIL_WRONG_FLASH_SIZE},
        {100, 32 * MB, FAIL_WRONG_FLASH_SIZE},
    };
    struct plan any = {.name = "files", .needs_size = 4 * MB};
    struct job job = {.board = "WiPy",
                      .revision_max = 300,
                      .flash_sizes = {4 * MB, 8 * MB, 16 * MB},
                      .revision_decides_size = true,
                      .plans = &any,
                      .plan_count = 1};

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct failure f = {0};
        int rc = job_accepts(&job, rows[i].revision, rows[i].size, &f);
        assert_int_equal(f.code, rows[i].code);
        assert_int_equal(rc, rows[i].code == FAILURE_NONE ? 0 : -1);
        const struct plan *plan = job_plan(&job, rows[i].size, rows[i].revision, NULL);
        assert_ptr_equal(plan, rows[i].code == FAILURE_NONE ? &any : NULL);
    }
}

static void test_revision_and_size_must_agree(void **state)
{
    struct complaint c = {0};
    struct job *job;

    (void)state;
    need_firmware(WIPY_120);
    job = load(WIPY_JOB, WIPY_120);
    assert_null(job_plan(job, 8 * MB, 0, &c));
    assert_non_null(strstr(c.text, "revision v0.0 stands for 4 MB"));
    complaint_clear(&c);
    assert_null(job_plan(job, 4 * MB, 100, &c));
    assert_non_null(strstr(c.text, "8 MB"));
    complaint_clear(&c);
    assert_null(job_plan(job, 16 * MB, 100, &c));
    assert_non_null(strstr(c.text, "script_4MB (4 MB), script_8MB (8 MB)"));
    job_free(job);
}

static void test_merged_image(void **state)
{
    const struct plan *plan;
    struct job *job;

    (void)state;
    need_firmware(TINYPICO);
    job = load(SOURCE_DIR "/profiles/jobs/esp32.yaml", TINYPICO);
    assert_string_equal(job->firmware_version, "v1.12");
    assert_string_equal(job->version_origin, "MicroPython strings");
    plan = job_plan(job, 4 * MB, 300, NULL);
    assert_non_null(plan);
    assert_int_equal(plan->boot->offset, BOOT_SECTOR);
    assert_int_equal(plan->piece_count, 1);
    assert_int_equal(plan->pieces[0].offset, 0x2000);
    assert_int_equal(plan->pieces[0].size, 1496800 - SECTOR_SIZE);
    assert_int_equal(plan->final_count, 0);
    assert_int_equal(plan->erase_count, 0);
    assert_null(job_plan(job, 1 * MB, 300, NULL));
    job_free(job);
}

static void test_firmware_without_a_job(void **state)
{
    struct complaint c = {0};
    struct job *job;

    (void)state;
    need_firmware(WIPY_120);
    job = job_from_firmware(WIPY_120, &c);
    if (job == NULL)
        fail_msg("%s", c.text);
    assert_string_equal(job->board, "WiPy");
    assert_true(job->revision_decides_size);
    assert_string_equal(job_plan(job, 8 * MB, 100, NULL)->name, "script_8MB");
    job_free(job);
    job = job_from_firmware(TINYPICO, &c);
    if (job == NULL)
        fail_msg("%s", c.text);
    assert_string_equal(job->board, "TinyPICO");
    assert_false(job->revision_decides_size);
    assert_int_equal(job_plan(job, 4 * MB, 100, NULL)->boot->offset, BOOT_SECTOR);
    job_free(job);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_wipy_120_on_4mb_revision_0),
        cmocka_unit_test(test_wipy_120_on_8mb_revision_1),
        cmocka_unit_test(test_wipy_118_has_one_script_for_both),
        cmocka_unit_test(test_which_boards_are_accepted),
        cmocka_unit_test(test_revision_and_size_must_agree),
        cmocka_unit_test(test_merged_image),
        cmocka_unit_test(test_firmware_without_a_job),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
