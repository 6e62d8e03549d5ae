/* SPDX-License-Identifier: Apache-2.0 */
/*
 * If this failed, a job could name a place for a board's own data that does not exist, that something else of the job writes, or
 * that takes the board's identity with it; and it would be found out at the first board.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "profiles/job/job.h"
#include "profiles/text/complaint.h"
#include "profiles/unit/unit_spec.h"
#include "tests/support/made_archive.h"
#include "tests/support/made_plan.h"
#include "tests/support/scratch.h"

#define IMAGES                                                                    \
    "chip: esp32\nfirmware:\n  images:\n    - {file: boot.bin, offset: 0x1000}\n" \
    "    - {file: table.bin, offset: 0x8000}\n    - {file: app.bin, offset: 0x10000}\n"

static const struct made_row rows[MADE_ROWS] = {{"nvs", 1, 2, 0x9000, 0x7000},
                                                {"factory", 0, 0, 0x10000, 0x1AE000},
                                                {"certs", 1, 0x40, 0x1C0000, 0x10000},
                                                {"user", 1, 0x41, 0x1D0000, 0x1000},
                                                {"fs", 1, 0x82, 0x380000, 0x70000}};
static const struct made_file table = {"table.bin", MADE_TABLE, 0, 0x8000};
static char folder[SCRATCH_SIZE];

static void save_member(struct made_archive *made, const char *path, const char *name)
{
    size_t size;
    const uint8_t *b = made_archive_copy(made, name, &size);

    assert_non_null(b);
    scratch_save(path, b, size);
}

static int set_up(void **state)
{
    struct made_archive made;

    (void)state;
    scratch_enter(folder, "unit");
    made_archive_open(&made);
    save_member(&made, "boot.bin", "bootloader.bin");
    save_member(&made, "app.bin", "demo.bin");
    made_plan_save(rows, &table);
    made_archive_close(&made);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    scratch_leave(folder);
    return 0;
}

static void save_job(const char *board, const char *keys, const char *images)
{
    char text[4096];

    snprintf(text, sizeof text, "board: %s\n%s" IMAGES "%s", board, keys, images);
    scratch_save_text("j.yaml", text);
}

static struct job *accepted(const char *board, const char *keys, const char *images)
{
    struct complaint c = {0};

    save_job(board, keys, images);
    struct job *job = job_load("j.yaml", NULL, &c);
    if (job == NULL)
        fail_msg("%s\n%s", keys, c.text);
    return job;
}

static void refused(const char *board, const char *keys, const char *images, const char *want)
{
    struct complaint c = {0};

    save_job(board, keys, images);
    if (job_load("j.yaml", NULL, &c) != NULL)
        fail_msg("was accepted: %s", keys);
    if (strncmp(c.text, want, strlen(want)) != 0)
        fail_msg("for:  %s\nwant: %s\n got: %s", keys, want, c.text);
}

static void expect_place(const struct plan *p, size_t i, const char *name, uint32_t offset, uint32_t size,
                         bool image)
{
    assert_true(i < p->unit_count);
    assert_string_equal(p->unit[i].name, name);
    assert_int_equal(p->unit[i].offset, offset);
    assert_int_equal(p->unit[i].size, size);
    assert_int_equal(p->unit[i].image, image);
}

static void places_are_found_and_left_alone_by_all_else(void **state)
{
    struct job *job = accepted(
        "esp32",
        "erase: [nvs, certs, 0x3E0000+0x20000]\n"
        "unit:\n"
        "  - {name: serial, at: 0x3F0010, size: 16, text: \"{serial}\"}\n"
        "  - {name: count, partition: user, offset: 0xFFE, size: 2, integer: 513, endian: big}\n"
        "  - {name: keys, partition: nvs, nvs: [{namespace: factory, key: sn, type: string, value: \"{serial}\"}]}\n"
        "  - {name: cert, partition: certs, file: \"{pool:certs}\"}\n",
        "");
    const struct plan *p = &job->plans[0];

    (void)state;
    assert_non_null(job->unit);
    assert_int_equal(p->unit_count, 4);
    expect_place(p, 0, "serial", 0x3F0010, 16, false);
    expect_place(p, 1, "count", 0x1D0FFE, 2, false);
    expect_place(p, 2, "keys", 0x9000, 0x7000, true);
    expect_place(p, 3, "cert", 0x1C0000, 0x10000, true);
    /* What is erased runs around them, and where it ran over one the rest of its sector is blank. */
    assert_int_equal(p->erase_count, 2);
    assert_int_equal(p->erases[0].offset, 0x3E0000);
    assert_int_equal(p->erases[0].size, 0x10000);
    assert_int_equal(p->erases[1].offset, 0x3F1000);
    assert_int_equal(p->erases[1].size, 0xF000);
    assert_true(plan_blanks_around_unit(p, 0x3F0000));
    assert_false(plan_blanks_around_unit(p, 0x1D0000));
    assert_true(plan_keeps(p, 0x9000, 0x7000));
    assert_true(unit_spec_uses(job->unit, UNIT_SERIAL));
    assert_true(unit_spec_uses(job->unit, UNIT_POOL));
    assert_false(unit_spec_uses(job->unit, UNIT_LOT));
    job_free(job);
}

static void save_padding(size_t size, size_t byte)
{
    uint8_t *bytes = malloc(size);

    memset(bytes, 0xFF, size);
    if (byte < size)
        bytes[byte] = 0;
    scratch_save("pad.bin", bytes, size);
    free(bytes);
}

/* As an image merged with FF between its files has: it is no contents. */
static void a_file_that_is_blank_there_is_written_around(void **state)
{
    static const char keys[] = "unit: [{name: sn, at: 0x1C1000, size: 8, text: abc}]\n";
    static const char pad[] = "    - {file: pad.bin, offset: 0x1C0000}\n";

    (void)state;
    save_padding(0x4000, 0x3FFF);
    struct job *job = accepted("esp32", keys, pad);
    assert_true(plan_blanks_around_unit(&job->plans[0], 0x1C1000));
    for (size_t i = 0; i < job->plans[0].piece_count; i++)
        assert_false(
            plan_has_unit(&job->plans[0], job->plans[0].pieces[i].offset, job->plans[0].pieces[i].size));
    job_free(job);
    save_padding(0x4000, 0x1FFF);
    refused(
        "esp32", keys, pad,
        "j.yaml:9: files: pad.bin holds something at 0x1c1000+0x1000, where unit data go (sn); leave out");
}

static void a_boards_identity_takes_fields_alone(void **state)
{
    struct job *job =
        accepted("WiPy", "unit: [{name: eui, at: 0x3FF000, hex: \"{pool:eui}\", size: 8}]\n", "");

    (void)state;
    expect_place(&job->plans[0], 0, "eui", 0x3FF000, 8, false);
    assert_false(job->plans[0].writes_identity);
    job_free(job);
    refused("WiPy", "unit: [{name: all, at: 0x3FF000, size: 4096, file: \"{pool:cb}\"}]\n", "",
            "j.yaml:2: unit: all would take all of the identity sector 0x3ff000; write a field");
}

#define AT "unit:\n  - {name: a, at: 0x3F0000, size: 4, "

static const struct {
    const char *keys, *want;
} cases[] = {
    {AT "text: hello}\n", "j.yaml:3: unit: a: 'hello': its 5 bytes do not fit the 4 of the field"},
    {AT "hex: 0011223}\n", "j.yaml:3: unit: a: '0011223': it is not in pairs of hex digits"},
    {AT "hex: 00112z44}\n", "j.yaml:3: unit: a: '00112z44': it is not in pairs of hex digits"},
    {AT "hex: 001122}\n", "j.yaml:3: unit: a: '001122': it has 3 bytes, and the field 4"},
    {AT "integer: 4294967296}\n", "j.yaml:3: unit: a: '4294967296': it is beyond what 4 bytes hold"},
    {AT "integer: -2147483649}\n", "j.yaml:3: unit: a: '-2147483649': it is beyond what 4 bytes hold"},
    {AT "integer: 12x}\n", "j.yaml:3: unit: a: '12x': it is no whole number"},
    {AT "text: \"{serail}\"}\n", "j.yaml:3: unit: a: the value '{serail}' is no word; there are {mac}, "},
    {AT "text: \"{pool:}\"}\n", "j.yaml:3: unit: a: the value '{pool:}' is no word"},
    {AT "text: \"{mac\"}\n", "j.yaml:3: unit: a: the value has a brace without its other"},
    {AT "text: \"mac}\"}\n", "j.yaml:3: unit: a: the value has a brace without its other"},
    {AT "text: a, hex: \"00\"}\n", "j.yaml:3: unit: 'hex' is one value too many"},
    {AT "text: a, endian: big}\n", "j.yaml:3: unit: a: 'endian' is an integer's"},
    {AT "partition: user, text: a}\n", "j.yaml:3: unit: a: where does it go? Write 'at: 0x3F0000', or"},
    {AT "offset: 4, text: a}\n", "j.yaml:3: unit: a: 'offset' is within a partition"},
    {AT "nvs: []}\n", "j.yaml:3: nvs: is an empty list"},
    {AT "file: same.bin}\n", "j.yaml:3: unit: a: file: write '{pool:NAME}', a pool of files; a file that"},
    {AT "file: \"x/{serial}.pem\"}\n", "j.yaml:3: unit: a: file: write '{pool:NAME}', a pool of files"},
    {AT "text: a}\n  - {name: a, at: 0, size: 1, text: b}\n",
     "j.yaml:4: unit: a: is named twice, first at line 3"},
    {AT "text: a}\n  - {name: b, at: 0x3F0003, size: 4, text: b}\n",
     "j.yaml:4: unit: b (0x3f0003+0x4) overlaps a (0x3f0000+0x4)"},
    {AT "text: a}\n  - {name: b, at: 0x3F0000, size: 0x1000, file: \"{pool:b}\"}\n",
     "j.yaml:4: unit: b (0x3f0000+0x1000) overlaps a (0x3f0000+0x4): whole sectors are written there"},
    {"unit: [{name: a, at: 0x3F0000, text: a}]\n", "j.yaml:2: unit: a: has no 'size'"},
    {"unit: [{name: a, at: 0x3F0000, size: 4}]\n", "j.yaml:2: unit: a: has no value; write one of"},
    {"unit: [{name: a, at: 0x3F0000, size: 3, integer: 1}]\n",
     "j.yaml:2: unit: a: an integer has a size of 1, 2, 4 or 8"},
    {"unit: [{name: a, at: 0x3F0000, size: 1025, text: a}]\n", "j.yaml:2: unit: a: a field has 1024 bytes"},
    {"unit: [{name: A, at: 0x3F0000, size: 4, text: a}]\n", "j.yaml:2: unit: A: a name is small letters"},
    {"unit: [{name: a, at: 0x3F0000, size: 4, txt: a}]\n", "j.yaml:2: txt: unknown key in unit"},
    {"unit: [{name: a, at: 0xFFFFFE, size: 4, text: a}]\n",
     "j.yaml:2: unit: a: 0xfffffe+0x4 ends beyond the flash of 16 MB"},
    {"unit: [{name: a, partition: nosuch, size: 4, text: a}]\n",
     "j.yaml:2: unit: a: 'nosuch' is no partition of the firmware's table"},
    {"unit: [{name: a, partition: user, offset: 0xFFE, size: 4, text: a}]\n",
     "j.yaml:2: unit: a: 0x4 bytes at 0xffe are more than partition 'user' holds (0x1000)"},
    {"unit: [{name: a, partition: certs, nvs: [{namespace: n, key: k, type: u8, value: 1}]}]\n",
     "j.yaml:2: unit: a: partition 'certs' is not of type data, nvs (1, 2): it is 1, 64"},
    {"unit: [{name: a, partition: nvs, nvs: [{namespace: n, key: k, type: u9, value: 1}]}]\n",
     "j.yaml:2: type: 'u9' is not known"},
    {"unit: [{name: a, partition: nvs, nvs: [{namespace: n, key: k, type: u8, value: 256}]}]\n",
     "j.yaml:2: nvs: n, k: the value: it is not within 0 to 255"},
    {"unit: [{name: a, partition: nvs, nvs: [{namespace: n, key: k, type: blob, value: 0g}]}]\n",
     "j.yaml:2: nvs: n, k: the value: it is not in pairs of hex digits"},
    {"unit: [{name: a, partition: nvs, nvs: [{namespace: n, key: k, type: u8, file: x}]}]\n",
     "j.yaml:2: unit: a: file: write '{pool:NAME}'"},
    {"unit:\n  - name: a\n    partition: nvs\n    nvs:\n      - {namespace: n, key: k, type: u8, value: 1}\n"
     "      - {namespace: n, key: k, type: string, value: \"{lot}\"}\n",
     "j.yaml:7: "},
    {"unit: [{name: a, partition: nvs, nvs: [{namespace: n, key: k, type: u8}]}]\n",
     "j.yaml:2: unit: a: key 'k' has no value"},
    {"unit: [{name: a, partition: certs, offset: 16, file: \"{pool:c}\"}]\n",
     "j.yaml:2: unit: a: 0x1c0010+0xfff0 is not in whole 4 KiB sectors"},
    {"unit: [{name: a, at: 0x1FF0, size: 4, text: a}]\n",
     "j.yaml:2: unit: 0x1000+0x1000 holds the boot sector 0x1000"},
    {"unit: [{name: a, at: 0x7FF0, size: 4, text: a}]\n",
     "j.yaml:2: unit: a (0x7ff0+0x4) lies where bootloader and partition table are"},
    {"unit: [{name: a, at: 0x8C00, size: 4, text: a}]\n",
     "j.yaml:2: unit: a (0x8c00+0x4) lies where bootloader and partition table are"},
    {"unit: [{name: a, partition: factory, offset: 0x1AD000, size: 4, text: a}]\n",
     "j.yaml:2: unit: 0x1bd000+0x1000 runs into factory, which the job writes"},
    {"protect: user\nunit: [{name: a, partition: user, size: 4, text: a}]\n",
     "j.yaml:3: unit: a (0x1d0000+0x4) lies in what the job protects"},
};

static void what_cannot_be_is_refused_with_its_line(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        refused("esp32", cases[i].keys, "", cases[i].want);
    /* Of a job for a part of a flash no table tells a name. */
    scratch_save_text("j.yaml", "board: esp32\nchip: esp32\npartial: yes\n"
                                "unit: [{name: a, partition: user, size: 4, text: a}]\n"
                                "firmware:\n  images:\n    - {file: app.bin, offset: 0x10000}\n");
    struct complaint c = {0};
    assert_null(job_load("j.yaml", NULL, &c));
    assert_non_null(
        strstr(c.text, "j.yaml:4: unit: a: partition 'user': the firmware has no partition table"));
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(places_are_found_and_left_alone_by_all_else),
        CASE(a_file_that_is_blank_there_is_written_around),
        CASE(a_boards_identity_takes_fields_alone),
        CASE(what_cannot_be_is_refused_with_its_line),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
