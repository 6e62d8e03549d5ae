/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Jobs for each chip: where its bootloader lies, which images are taken, what a firmware alone tells of its chip. A row that
 * is wrong here would put a bootloader where no ROM looks, or another chip's code onto a board. Ids and places: Espressif's
 * image format (esp_chip_id_t) and boot documentation.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "profiles/firmware/app_load.h"
#include "profiles/firmware/chip_kind.h"
#include "profiles/firmware/image_make.h"
#include "profiles/job/job.h"
#include "profiles/text/complaint.h"
#include "tests/support/chip_firmware.h"
#include "tests/support/scratch.h"

#define MB (1024u * 1024)

static const struct {
    const char *name, *title;
    uint16_t id;
    uint32_t boot;
    const char *pin;
} chips[] = {
    {"esp32", "ESP32", 0, 0x1000, "GPIO0"},     {"esp32s2", "ESP32-S2", 2, 0x1000, "GPIO0"},
    {"esp32s3", "ESP32-S3", 9, 0, "GPIO0"},     {"esp32c2", "ESP32-C2", 12, 0, "GPIO9"},
    {"esp32c3", "ESP32-C3", 5, 0, "GPIO9"},     {"esp32c5", "ESP32-C5", 23, 0x2000, "GPIO28"},
    {"esp32c6", "ESP32-C6", 13, 0, "GPIO9"},    {"esp32c61", "ESP32-C61", 20, 0, "GPIO9"},
    {"esp32h2", "ESP32-H2", 16, 0, "GPIO9"},    {"esp32p4", "ESP32-P4", 18, 0x2000, "GPIO35"},
    {"esp32h21", "ESP32-H21", 25, 0, "GPIO14"},
};

#define CHIPS (sizeof chips / sizeof chips[0])

static uint8_t flash[CHIP_FIRMWARE_SIZE];
static char folder[SCRATCH_SIZE];

static int set_up(void **state)
{
    (void)state;
    scratch_enter(folder, "chips");
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    scratch_leave(folder);
    return 0;
}

static void put_image(uint32_t at, const struct image_wish *wish)
{
    size_t size;
    uint8_t *b = image_make(wish, &size);

    assert_non_null(b);
    assert_true(at + size <= sizeof flash);
    memcpy(flash + at, b, size);
    free(b);
}

static void lay_out(uint16_t chip_id, uint32_t boot, uint16_t min_revision)
{
    chip_firmware_make(flash, chip_id, boot, min_revision);
}

static void save_from(uint32_t start)
{
    scratch_save("m.bin", flash + start, sizeof flash - start);
}

static void write_job(const char *chip, const char *more)
{
    char text[256];

    snprintf(text, sizeof text, "board: %s\nchip: %s\n%sfirmware:\n  merged: {file: m.bin}\n", chip, chip,
             more);
    scratch_save_text("j.yaml", text);
}

static struct job *accepted(struct job *job, const struct complaint *c)
{
    if (job == NULL)
        fail_msg("%s", c->text);
    return job;
}

static void refused(const char *want)
{
    struct complaint c = {0};
    struct job *job = job_load("j.yaml", NULL, &c);

    assert_null(job);
    if (strstr(c.text, want) == NULL)
        fail_msg("want: %s\n got: %s", want, c.text);
}

static void test_each_has_one_row(void **state)
{
    size_t count = 0;

    (void)state;
    for (size_t i = 0; i < CHIPS; i++) {
        const struct chip_kind *k = chip_kind_by_name(chips[i].name);

        assert_non_null(k);
        assert_ptr_equal(k, chip_kind_by_image(chips[i].id));
        assert_string_equal(k->title, chips[i].title);
        assert_int_equal(k->boot_sector, chips[i].boot);
        assert_string_equal(k->boot_pin, chips[i].pin);
    }
    while (chip_kind_name(count) != NULL)
        count++;
    assert_int_equal(count, CHIPS);
    assert_null(chip_kind_by_name("esp8266"));
    assert_null(chip_kind_by_image(77));
}

/* The whole flash, or without what lies before the bootloader: both end at the same places. */
static void test_a_firmware_alone_tells_its_chip(void **state)
{
    (void)state;
    for (size_t i = 0; i < CHIPS; i++) {
        const uint32_t starts[] = {0, chips[i].boot};

        lay_out(chips[i].id, chips[i].boot, 0);
        for (size_t s = 0; s < 2; s++) {
            struct complaint c = {0};

            save_from(starts[s]);
            struct job *job = accepted(job_from_firmware("m.bin", &c), &c);
            const struct plan *plan = job_plan(job, 4 * MB, 100, &c);

            assert_string_equal(job->chip, chips[i].name);
            assert_string_equal(job->board, chips[i].name);
            assert_string_equal(job_boot_pin(job), chips[i].pin);
            assert_non_null(plan);
            assert_int_equal(plan->chip_id, chips[i].id);
            assert_int_equal(plan->boot_sector, chips[i].boot);
            assert_non_null(plan->boot);
            assert_int_equal(plan->boot->offset, chips[i].boot);
            assert_int_equal(plan->boot->size, SECTOR_SIZE);
            assert_int_equal(plan->boot->data[0], 0xE9);
            assert_int_equal(plan->identity.size, 0);
            assert_int_equal(plan->protect_count, 0);
            for (size_t n = 0; n < plan->piece_count; n++)
                assert_false(span_touches(&(struct span){chips[i].boot, SECTOR_SIZE}, plan->pieces[n].offset,
                                          plan->pieces[n].size));
            job_free(job);
        }
    }
}

static void test_the_shipped_jobs_take_their_chip(void **state)
{
    (void)state;
    for (size_t i = 0; i < CHIPS; i++) {
        struct complaint c = {0};
        char path[300];

        lay_out(chips[i].id, chips[i].boot, 0);
        save_from(0);
        snprintf(path, sizeof path, SOURCE_DIR "/profiles/jobs/%s.yaml", chips[i].name);
        struct job *job = accepted(job_load(path, "m.bin", &c), &c);
        assert_string_equal(job->chip, chips[i].name);
        assert_string_equal(job->board, chips[i].name);
        assert_int_equal(job->plans[0].boot->offset, chips[i].boot);
        assert_int_equal(job->plans[0].protect_count, 0);
        assert_int_equal(job->plans[0].identity.size, 0);
        job_free(job);
    }
}

/* Every image given to every other chip's job, wherever that one boots from: it never becomes a plan. */
static void test_no_other_chips_image_is_taken(void **state)
{
    (void)state;
    for (size_t i = 0; i < CHIPS; i++) {
        lay_out(chips[i].id, chips[i].boot, 0);
        save_from(0);
        for (size_t k = 0; k < CHIPS; k++) {
            char want[80];

            if (k == i)
                continue;
            write_job(chips[k].name, "");
            snprintf(want, sizeof want, "for %s (chip id %u), ", chips[i].title, chips[i].id);
            refused(want);
        }
    }
}

static void test_a_bootloader_at_anothers_place_is_told(void **state)
{
    static const struct {
        const char *chip;
        uint16_t id;
        uint32_t boot;
        const char *want;
    } rows[] = {
        {"esp32s3", 9, 0x1000, "with its bootloader at 0x1000, an ESP32-S3 boots from 0x0"},
        {"esp32c3", 5, 0x2000, "with its bootloader at 0x2000, an ESP32-C3 boots from 0x0"},
        {"esp32c5", 23, 0x0, "with its bootloader at 0x0, an ESP32-C5 boots from 0x2000"},
        {"esp32p4", 18, 0x1000, "with its bootloader at 0x1000, an ESP32-P4 boots from 0x2000"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct complaint c = {0};

        lay_out(rows[i].id, rows[i].boot, 0);
        save_from(0);
        write_job(rows[i].chip, "");
        refused(rows[i].want);
        assert_null(job_from_firmware("m.bin", &c));
        assert_non_null(strstr(c.text, rows[i].want));
    }
}

static void test_images_of_chips_that_are_not_flashed_here(void **state)
{
    const struct image_wish unknown = {.chip_id = 77, .payload = 0x1000, .seed = 3};
    struct complaint c = {0};

    (void)state;
    memset(flash, 0xff, sizeof flash);
    put_image(0, &unknown);
    save_from(0);
    assert_null(job_from_firmware("m.bin", &c));
    assert_non_null(strstr(c.text, "is an image for a chip that is not flashed here (chip id 77)"));
    write_job("esp8266", "");
    refused("esp8266");
}

/* A minimum above what a board has is the gate's; one above what any can have is said at once. */
static void test_revisions_are_the_chips(void **state)
{
    struct complaint c = {0};
    struct failure f = {0};

    (void)state;
    lay_out(13, 0, 2);
    save_from(0);
    write_job("esp32c6", "");
    struct job *job = accepted(job_load("j.yaml", NULL, &c), &c);
    assert_int_equal(job->revision_min, 2);
    assert_int_equal(job_accepts(job, 1, 4 * MB, &f), -1);
    assert_int_equal(f.code, FAIL_WRONG_REVISION);
    assert_int_equal(job_accepts(job, 2, 4 * MB, &f), 0);
    job_free(job);

    lay_out(13, 0, 400);
    save_from(0);
    refused("is for revision v4.0 and later, and there is no ESP32-C6 beyond v3.15");
    lay_out(18, 0x2000, 301);
    save_from(0);
    write_job("esp32p4", "");
    job_free(accepted(job_load("j.yaml", NULL, &c), &c));
    write_job("esp32p4", "revision: {min: 8}\n");
    refused("min: '8' is beyond every ESP32-P4; write 7.15 or less");
}

/* One byte of old images: of minor revisions on the C3 alone. */
static void test_old_minimum_of_the_c3(void **state)
{
    static const struct {
        uint8_t chip, byte;
        int revision;
    } rows[] = {{5, 3, 3}, {9, 1, 100}, {0, 3, 300}};

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        uint8_t b[0x18] = {0xE9, 1, [0x0c] = rows[i].chip, [0x0e] = rows[i].byte};
        struct esp_image image;
        const char *why;

        esp_image_parse(b, sizeof b, &image, &why);
        assert_int_equal(image.min_revision, rows[i].revision);
    }
}

/* Each chip's own memory: code that one runs from is no memory of another. */
static void test_segments_are_for_the_chips_memory(void **state)
{
    static const struct {
        uint16_t chip;
        uint32_t load;
        bool good;
    } rows[] = {
        {0, 0x40080000, true},   {0, 0x40380000, false},  {5, 0x40380000, true}, {5, 0x40800000, false},
        {13, 0x40800000, true},  {13, 0x3FC90000, false}, {9, 0x3FC90000, true}, {18, 0x4FF40000, true},
        {18, 0x3FFB0000, false}, {12, 0x3FCA0000, true},  {2, 0x3FFB0000, true}, {16, 0x40860000, false},
    };
    char why[APP_LOAD_WHY_SIZE];

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const struct esp_image app = {
            .chip_id = rows[i].chip, .segments = 1, .segment = {{rows[i].load, 0x20, 0x100}}};

        if ((app_load_check(&app, NULL, why) == 0) != rows[i].good)
            fail_msg("chip %u, segment for 0x%x", rows[i].chip, rows[i].load);
    }
}

/* A chip whose cache has pages of a choice takes what its build says of them. */
static void test_pages_are_as_the_build_says(void **state)
{
    static const struct {
        uint16_t chip;
        uint32_t page, at;
        bool good;
    } rows[] = {
        {13, 0x10000, 0x8020, false}, {13, 0x8000, 0x8020, true}, {13, 0, 0x8020, true},
        {13, 0x8000, 0x4020, false},  {5, 0x8000, 0x8020, false}, {5, 0, 0x20, true},
    };
    char why[APP_LOAD_WHY_SIZE];

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const struct esp_image app = {.chip_id = rows[i].chip,
                                      .segments = 1,
                                      .page = rows[i].page,
                                      .segment = {{0x42000020, rows[i].at, 0x100}}};

        if ((app_load_check(&app, NULL, why) == 0) != rows[i].good)
            fail_msg("row %zu: %s", i, why);
    }
}

static void test_frequencies_have_each_chips_names(void **state)
{
    const struct chip_kind *c6 = chip_kind_by_name("esp32c6"), *h2 = chip_kind_by_name("esp32h2");

    (void)state;
    assert_true(chip_kind_has_frequency(c6, 0, "80m"));
    assert_true(chip_kind_has_frequency(c6, 0, "40m"));
    assert_false(chip_kind_has_frequency(c6, 15, "80m"));
    assert_string_equal(chip_kind_frequency(h2, 15), "48m");
    assert_string_equal(chip_kind_frequency(chip_kind_first(), 15), "80m");
    assert_string_equal(chip_kind_frequency(c6, 7), "?");
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_has_one_row),
        CASE(test_a_firmware_alone_tells_its_chip),
        CASE(test_the_shipped_jobs_take_their_chip),
        CASE(test_no_other_chips_image_is_taken),
        CASE(test_a_bootloader_at_anothers_place_is_told),
        CASE(test_images_of_chips_that_are_not_flashed_here),
        CASE(test_revisions_are_the_chips),
        cmocka_unit_test(test_old_minimum_of_the_c3),
        cmocka_unit_test(test_segments_are_for_the_chips_memory),
        cmocka_unit_test(test_pages_are_as_the_build_says),
        cmocka_unit_test(test_frequencies_have_each_chips_names),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
