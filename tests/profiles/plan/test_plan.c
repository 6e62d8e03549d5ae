/* SPDX-License-Identifier: Apache-2.0 */
/* From archive to sectors: each case spoils or changes one thing of a sound archive. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <libdeflate.h>

#include "profiles/firmware/esp_image.h"
#include "profiles/firmware/firmware_archive.h"
#include "profiles/firmware/image_make.h"
#include "profiles/firmware/pycom_script.h"
#include "profiles/plan/plan.h"
#include "tests/support/made_archive.h"

#define MB (1024u * 1024)

static struct made_archive made;
static struct plan_warnings warnings;

static int set_up(void **state)
{
    (void)state;
    made_archive_open(&made);
    memset(&warnings, 0, sizeof warnings);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    made_archive_close(&made);
    return 0;
}

/* Plans `script` against the members of `made`; no compression unless asked. */
static int try_plan(const char *script, uint32_t flash_size, bool write_config, struct plan *out,
                    struct complaint *c)
{
    static const struct place at = {"a.tar", 0, NULL};
    struct archive_member members[MADE_MEMBERS], member = {"script", (const uint8_t *)script, strlen(script)};
    struct firmware_archive archive = {members, made.count};
    struct piece_store store = {.arena = made.arena};
    struct plan_context ctx = {.arena = made.arena,
                               .store = &store,
                               .warnings = &warnings,
                               .at = &at,
                               .c = c,
                               .write_config = write_config,
                               .chip_id = ESP_CHIP_ID_ESP32};
    struct plan_draft *draft = arena_alloc(made.arena, sizeof *draft);
    struct pycom_script *parsed = arena_alloc(made.arena, sizeof *parsed);

    for (size_t i = 0; i < made.count; i++)
        members[i] =
            (struct archive_member){made.members[i].name, made.members[i].data, made.members[i].size};
    if (pycom_script_parse(&member, parsed, &at, c) != 0)
        return -1;
    memcpy(draft->name, "script", 7);
    draft->flash_size = flash_size;
    if (plan_add_script(&ctx, draft, parsed, &archive) != 0)
        return -1;
    return plan_finish(&ctx, draft, out);
}

static struct plan good(const char *script, uint32_t flash_size, bool write_config)
{
    struct complaint c = {0};
    struct plan plan;

    if (try_plan(script, flash_size, write_config, &plan, &c) != 0)
        fail_msg("%s\n%s", script, c.text);
    return plan;
}

static void bad(const char *script, uint32_t flash_size, const char *want)
{
    struct complaint c = {0};
    struct plan plan;

    if (try_plan(script, flash_size, false, &plan, &c) == 0)
        fail_msg("was accepted: %s", script);
    assert_int_equal(c.code, FAIL_FIRMWARE);
    if (strstr(c.text, want) == NULL)
        fail_msg("for: %s\nwant: %s\n got: %s", script, want, c.text);
}

static bool warned(const char *text)
{
    for (size_t i = 0; i < warnings.count; i++)
        if (strstr(warnings.texts[i], text) != NULL)
            return true;
    return false;
}

/* Erases as "a-b c-d" in sectors, for one glance. */
static void check_erases(const struct plan *plan, const char *want)
{
    char got[400] = "";
    size_t used = 0;

    for (size_t i = 0; i < plan->erase_count; i++)
        used += (size_t)snprintf(got + used, sizeof got - used, "%s%x+%x", i > 0 ? " " : "",
                                 plan->erases[i].offset, plan->erases[i].size);
    assert_string_equal(got, want);
}

#define TABLE_4 "[\"w\",\"0x8000\",\"partitions_4MB.bin\"]"
#define TABLE_8 "[\"w\",\"0x8000\",\"partitions_8MB.bin\"]"
#define BOOT    "[\"w\",\"0x1000\",\"bootloader.bin\"]"
#define APP     "[\"w\",\"0x10000\",\"demo.bin\"]"
#define V2(s)   "{\"version\":\"2.1\",\"script\":[" s "]}"

static void test_raw_writes_erase_only_what_they_cover(void **state)
{
    struct plan plan;

    (void)state;
    plan = good("[" BOOT "," TABLE_4 "," APP "]", 4 * MB, false);
    check_erases(&plan, "");
    assert_int_equal(plan.boot->offset, BOOT_SECTOR);
    assert_int_equal(plan.boot->size, SECTOR_SIZE);
    assert_int_equal(plan.piece_count, 3);
    assert_int_equal(plan.final_count, 1);
    assert_int_equal(plan.finals[0].offset, 0x1BE000);
    assert_int_equal(plan.needs_size, 4 * MB); /* the table ends there */
    assert_false(plan.erase_all);
}

static void test_erases_never_cover_pieces_boot_or_identity(void **state)
{
    struct plan plan;

    (void)state;
    plan = good("[[\"e\",\"0x1\",\"0x3FFFFE\"]," BOOT "," TABLE_4 "," APP "]", 4 * MB, false);
    /* demo.bin ends in sector 0xF1000; table, otadata, boot sector and config stay out. */
    check_erases(&plan, "0+1000 7000+1000 9000+7000 f2000+cc000 1bf000+240000");
    assert_true(warned("asks to erase the identity sector"));
    plan = good("[[\"e\",\"0x3FF000\",\"0x1000\"]," APP "]", 4 * MB, true);
    check_erases(&plan, "3ff000+1000");
    assert_true(plan.writes_identity);
}

static void test_named_target_erases_the_whole_partition(void **state)
{
    struct plan plan;

    (void)state;
    made_archive_text(&made, "x.bin", "0123456789");
    plan = good(V2("[\"w\",\"nvs\",\"x.bin\"]"), 4 * MB, false);
    check_erases(&plan, "a000+6000");
    assert_int_equal(plan.pieces[0].size, 12);
    assert_memory_equal(plan.pieces[0].data, "0123456789\xff\xff", 12);
    plan = good(V2("[\"o\",\"nvs\",\"x.bin\"]"), 4 * MB, false);
    check_erases(&plan, "");
}

static void test_file_system_follows_the_chip(void **state)
{
    struct plan plan;

    (void)state;
    plan = good(V2("[\"e\",\"fs\"]"), 4 * MB, false);
    check_erases(&plan, "380000+7f000");
    plan = good(V2("[\"e\",\"fs1\"]"), 4 * MB, false);
    check_erases(&plan, "380000+7f000");
    plan = good(V2("[\"e\",\"fs\"]"), 8 * MB, false);
    check_erases(&plan, "400000+400000");
    assert_int_equal(plan.needs_size, 8 * MB);
}

static void test_aliases_and_all(void **state)
{
    struct plan plan;

    (void)state;
    plan = good(V2(TABLE_8 ",[\"e\",\"ota\"]"), 8 * MB, false);
    check_erases(&plan, "1ff000+1000");
    plan = good(V2("[\"e\",\"all\"]," BOOT "," TABLE_8 "," APP), 8 * MB, false);
    assert_true(plan.erase_all);
    check_erases(&plan, "");
    /* Identity: only on the job's word. */
    plan = good(V2("[\"e\",\"cb\"],[\"e\",\"nvs\"]"), 4 * MB, false);
    check_erases(&plan, "9000+7000");
    assert_false(plan.writes_identity);
    plan = good(V2("[\"e\",\"cb\"]"), 4 * MB, true);
    check_erases(&plan, "3ff000+1000");
    assert_true(plan.writes_identity);
}

static void test_identity_is_written_on_the_jobs_word_only(void **state)
{
    struct plan plan;

    (void)state;
    made_archive_text(&made, "cb.bin", "identity");
    bad(V2("[\"w\",\"config\",\"cb.bin\"]"), 4 * MB,
        "cb.bin would overwrite the board's identity sector 0x3ff000");
    bad(V2("[\"o\",\"cb\",\"cb.bin\"]"), 4 * MB, "protect: none");
    bad("[[\"w\",\"0x3FF000\",\"cb.bin\"]]", 4 * MB, "identity sector");
    plan = good(V2("[\"o\",\"cb\",\"cb.bin\"]"), 4 * MB, true);
    assert_true(plan.writes_identity);
    assert_int_equal(plan.pieces[0].offset, CONFIG_SECTOR);
}

static void test_blank_identity_in_a_whole_image_is_stepped_over(void **state)
{
    static const struct {
        const char *name;
        uint32_t offset;
    } parts[] = {{"bootloader.bin", 0x1000}, {"partitions_4MB.bin", 0x8000}, {"demo.bin", 0x10000}};
    uint8_t *whole = malloc(4 * MB);
    struct plan plan;

    (void)state;
    memset(whole, 0xff, 4 * MB);
    for (size_t i = 0; i < 3; i++) {
        size_t size = 0;
        const uint8_t *part = made_archive_copy(&made, parts[i].name, &size);

        memcpy(whole + parts[i].offset, part, size);
    }
    made_archive_put(&made, "whole.bin", whole, 4 * MB);
    plan = good(V2("[\"w\",\"all\",\"whole.bin\"],[\"e\",\"nvs\"]"), 4 * MB, false);
    check_erases(&plan, "100000+2ff000"); /* nothing but FF from the application's last block on: not sent */
    assert_int_equal(plan.piece_count, 2);
    assert_int_equal(plan.pieces[0].offset, 0);
    assert_int_equal(plan.pieces[0].size, 0x1000);
    assert_int_equal(plan.boot->offset, 0x1000);
    assert_int_equal(plan.pieces[1].offset, 0x2000);
    assert_int_equal(plan.pieces[1].offset + plan.pieces[1].size, 0x100000);
    assert_true(warned("keeps its own identity sector"));
    whole[CONFIG_SECTOR + 9] = 0;
    made_archive_put(&made, "whole.bin", whole, 4 * MB);
    bad(V2("[\"w\",\"all\",\"whole.bin\"]"), 4 * MB, "identity sector");
    free(whole);
}

static void test_boot_selection(void **state)
{
    struct plan plan;

    (void)state;
    /* Only the second slot is written: it must be checked by the bootloader, with the factory image to fall back on. */
    plan = good(V2(TABLE_8 ",[\"w\",\"ota_0\",\"demo.bin\"]"), 8 * MB, false);
    assert_int_equal(plan.final_count, 1);
    assert_int_equal(plan.finals[0].offset, 0x1FF000);
    assert_int_equal(plan.finals[0].data[0], 1);
    assert_int_equal(plan.finals[0].data[4], 0);
    /* The archive brings its own record. */
    made_archive_text(&made, "otadata.bin", "own record..");
    plan = good(V2(TABLE_8 "," APP ",[\"w\",\"ota\",\"otadata.bin\"]"), 8 * MB, false);
    assert_int_equal(plan.final_count, 0);
    assert_int_equal(plan.piece_count, 3);
    /* A script without a table says itself where things are. */
    plan = good(
        "{\"version\":\"2.1\",\"partitions\":{\"factory\":[\"0x10000\",\"0x1AE000\"],\"otadata\":[\"0x1BE000\","
        "\"0x1000\"]},\"script\":[[\"w\",\"factory\",\"demo.bin\"]]}",
        4 * MB, false);
    assert_int_equal(plan.finals[0].offset, 0x1BE000);
    /* No application, nothing to select. */
    plan = good(V2(TABLE_8), 8 * MB, false);
    assert_int_equal(plan.final_count, 0);
}

static void test_espressif_boot_selection_is_blanked(void **state)
{
    static const struct partition rows[] = {{"otadata", 1, 0, 0xD000, 0x2000, 0},
                                            {"ota_0", 0, 0x10, 0x10000, 0x100000, 0}};
    uint8_t table[PARTITION_TABLE_SIZE];
    struct plan plan;

    (void)state;
    partition_table_make(rows, 2, table);
    made_archive_put(&made, "table.bin", table, sizeof table);
    plan = good("[[\"w\",\"0x8000\",\"table.bin\"]," APP "]", 4 * MB, false);
    assert_int_equal(plan.final_count, 0);
    check_erases(&plan, "d000+2000");
}

static void test_refusals(void **state)
{
    static const struct partition small[] = {{"factory", 0, 0, 0x10000, 0x10000, 0}};
    uint8_t table[PARTITION_TABLE_SIZE];

    (void)state;
    partition_table_make(small, 1, table);
    made_archive_put(&made, "small.bin", table, sizeof table);
    made_archive_text(&made, "empty.bin", "");
    bad("[[\"w\",\"0x10000\",\"nothere.bin\"]]", 4 * MB,
        "script: entry 1: the archive has no member 'nothere.bin'");
    bad("[[\"w\",\"0x10000\",\"demo.bin_enc\"]]", 4 * MB,
        "'demo.bin_enc' is for boards with flash encryption");
    bad("[[\"w\",\"0x10800\",\"demo.bin\"]]", 4 * MB, "offset 0x10800 is not a multiple of 0x1000");
    bad("[[\"w\",\"0x10000\",\"empty.bin\"]]", 4 * MB, "empty.bin is empty");
    bad("[" TABLE_4 ",[\"w\",\"0x7000\",\"bootloader.bin\"]]", 4 * MB,
        "partitions_4MB.bin at 0x8000 (0xc00 bytes) and bootloader.bin at 0x7000");
    bad("[" TABLE_4 ",[\"w\",\"0x8000\",\"partitions_8MB.bin\"]]", 4 * MB, "overlap");
    bad("[[\"w\",\"0x3F0000\",\"demo.bin\"]]", 4 * MB, "ends at 0x4d1050, beyond the flash of 4 MB");
    bad("[[\"e\",\"0x3FF000\",\"0x2000\"]]", 4 * MB, "an erase ends at 0x401000, beyond the flash of 4 MB");
    bad("[[\"e\",\"0xFFFFFFFF\",\"0xFFFFFFFF\"]]", 8 * MB, "beyond the flash");
    bad("[[\"w\",\"0x8000\",\"small.bin\"]," APP "]", 4 * MB,
        "more than the 0x10000 of its partition factory");
    bad(V2("[\"w\",\"0x8000\",\"small.bin\"],[\"w\",\"factory\",\"demo.bin\"]"), 4 * MB,
        "entry 2: demo.bin has 0xe1050 bytes, more than the 0x10000 of its partition factory");
    bad(V2("[\"w\",\"attic\",\"demo.bin\"]"), 4 * MB, "entry 1: 'attic' is no partition");
    bad("[" TABLE_4 ",[\"w\",\"0x10000\",\"script2\"]]", 4 * MB,
        "script2 at 0x10000 is a JSON text, no ESP32 image");
    bad("[[\"w\",\"0x1000\",\"demo.bin\"]]", 4 * MB, "bootloader demo.bin reaches into the partition table");
    bad("[[\"w\",\"0x1000\",\"script2\"]]", 4 * MB, "script2 at 0x1000 is a JSON text, no ESP32 image");
    bad("[[\"w\",\"0x8000\",\"demo.bin\"]]", 4 * MB,
        "partition table demo.bin at 0x8000: a row does not begin");
    bad("[[\"e\",\"0x1000\",\"0x1000\"]]", 4 * MB, "does nothing at all");
}

static void test_damaged_members(void **state)
{
    const struct image_wish foreign = {.chip_id = 9, .payload = 1000, .seed = 1};
    size_t size;
    uint8_t *b, *image;

    (void)state;
    b = made_archive_copy(&made, "partitions_4MB.bin", &size);
    b[38] ^= 0x10;
    made_archive_put(&made, "bad_table.bin", b, size);
    bad("[[\"w\",\"0x8000\",\"bad_table.bin\"]]", 4 * MB,
        "bad_table.bin at 0x8000: its MD5 row does not match");
    b = made_archive_copy(&made, "demo.bin", &size);
    b[5000] ^= 1;
    made_archive_put(&made, "bad_sum.bin", b, size);
    bad("[" TABLE_4 ",[\"w\",\"0x10000\",\"bad_sum.bin\"]]", 4 * MB,
        "bad_sum.bin at 0x10000 has a bad checksum");
    b[5001] ^= 1;
    made_archive_put(&made, "bad_sha.bin", b, size);
    bad("[" TABLE_4 ",[\"w\",\"0x10000\",\"bad_sha.bin\"]]", 4 * MB,
        "bad_sha.bin at 0x10000 has a bad SHA-256");
    made_archive_put(&made, "cut.bin", b, size / 2);
    bad("[" TABLE_4 ",[\"w\",\"0x10000\",\"cut.bin\"]]", 4 * MB, "cut.bin at 0x10000 ends too early");
    image = image_make(&foreign, &size);
    made_archive_put(&made, "s3.bin", image, size);
    free(image);
    bad("[[\"w\",\"0x1000\",\"s3.bin\"]]", 4 * MB,
        "s3.bin at 0x1000 is for ESP32-S3 (chip id 9), the job is for ESP32");
}

static void test_script_and_table_that_disagree(void **state)
{
    (void)state;
    good("{\"version\":\"2.1\",\"partitions\":{\"factory\":[\"0x10000\",\"0x180000\"]},\"script\":["
         "[\"w\",\"partitions\",\"partitions_4MB.bin\"],[\"w\",\"factory\",\"demo.bin\"]]}",
         4 * MB, false);
    assert_true(
        warned("puts factory at 0x10000 (0x180000 bytes), its partition table at 0x10000 (0x1ae000 bytes)"));
    bad("[" TABLE_4 "]", 2 * MB, "partition ota_0 ends at 0x36e000, beyond the flash of 2 MB");
}

static void test_compressed_once_and_true(void **state)
{
    struct piece_store store = {.arena = made.arena, .compress = true};
    struct libdeflate_decompressor *d = libdeflate_alloc_decompressor();
    size_t size, got;
    uint8_t *b = made_archive_copy(&made, "bootloader.bin", &size), *back = malloc(size);
    struct piece one, two;

    (void)state;
    assert_int_equal(image_piece_make(&store, "one", 0x1000, b, (uint32_t)size, &one), 0);
    assert_int_equal(image_piece_make(&store, "two", 0x2000, b, (uint32_t)size, &two), 0);
    assert_ptr_equal(one.z, two.z);
    assert_string_equal(two.name, "two");
    assert_int_equal(two.offset, 0x2000);
    assert_true(one.zsize < size);
    assert_int_equal(libdeflate_zlib_decompress(d, one.z, one.zsize, back, size, &got), LIBDEFLATE_SUCCESS);
    assert_int_equal(got, size);
    assert_memory_equal(back, b, size);
    assert_true((one.z[0] & 0xf) == 8 && one.z[0] >> 4 <= 7); /* window of 32 KiB at most */
    free(back);
    libdeflate_free_decompressor(d);
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(test_raw_writes_erase_only_what_they_cover),
        CASE(test_erases_never_cover_pieces_boot_or_identity),
        CASE(test_named_target_erases_the_whole_partition),
        CASE(test_file_system_follows_the_chip),
        CASE(test_aliases_and_all),
        CASE(test_identity_is_written_on_the_jobs_word_only),
        CASE(test_blank_identity_in_a_whole_image_is_stepped_over),
        CASE(test_boot_selection),
        CASE(test_espressif_boot_selection_is_blanked),
        CASE(test_refusals),
        CASE(test_damaged_members),
        CASE(test_script_and_table_that_disagree),
        CASE(test_compressed_once_and_true),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
