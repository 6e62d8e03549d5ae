/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Files that are not what was asked for, through every door that takes one: each says what the file is, and none tells
 * anybody to fetch a whole file once more. And the forms people have at hand are taken. Archives are made by libarchive's
 * writer or by hand, heads of foreign forms as their makers publish them.
 */
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

#include "profiles/firmware/file_kind.h"
#include "profiles/firmware/image_make.h"
#include "profiles/job/archive_lint.h"
#include "profiles/job/job.h"
#include "profiles/job/job_release.h"
#include "profiles/text/complaint.h"
#include "tests/support/made_archive.h"
#include "tests/support/made_plan.h"
#include "tests/support/or_fail.h"
#include "tests/support/packed.h"
#include "tests/support/scratch.h"
#include "tests/support/skipped.h"

#define JOB        "board: Demo\nchip: esp32\nfirmware:\n  archive: fw\n"
#define FW         "fw"
#define SPAN(text) (const uint8_t *)(text), sizeof(text) - 1

static struct made_archive made;
static char folder[SCRATCH_SIZE];

/* A smaller application, so that many archives take little time. */
static void open_small(void)
{
    const struct image_wish wish = {.payload = 100000, .seed = 5, .version = "0.0.1-demo", .project = "demo"};
    size_t size;
    uint8_t *b = image_make(&wish, &size);

    assert_non_null(b);
    made_archive_open(&made);
    made_archive_put(&made, "demo.bin", b, size);
    free(b);
}

static int set_up(void **state)
{
    (void)state;
    scratch_enter(folder, "wrong");
    open_small();
    scratch_save_text("j.yaml", JOB);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    made_archive_close(&made);
    scratch_leave(folder);
    return 0;
}

static void save_pack(enum packed_form form, const char *below)
{
    size_t size;
    uint8_t *b = packed_make(form, below, made.members, made.count, &size);

    assert_non_null(b);
    scratch_save(FW, b, size);
    free(b);
}

/* The sound archive in that form, cut to so many hundredths. */
static void save_cut(enum packed_form form, unsigned hundredths)
{
    size_t size;
    uint8_t *b = packed_make(form, "", made.members, made.count, &size);

    assert_non_null(b);
    scratch_save(FW, b, size * hundredths / 100);
    free(b);
}

static void save_image(uint16_t chip, size_t keep)
{
    const struct image_wish wish = {.chip_id = chip, .payload = 40000, .seed = 3};
    size_t size;
    uint8_t *b = image_make(&wish, &size);

    assert_non_null(b);
    scratch_save(FW, b, keep < size ? keep : size);
    free(b);
}

/* Bootloader, table and application from 0x1000, cut to `keep` bytes. */
static void save_merged(size_t keep)
{
    uint8_t *b = malloc(2u << 20);
    size_t size, used = 0;

    assert_non_null(b);
    memset(b, 0xff, 2u << 20);
    static const struct {
        const char *name;
        size_t at;
    } parts[] = {{"bootloader.bin", 0}, {"demo.bin", 0xf000}};
    static const struct made_row rows[MADE_ROWS] = {{"factory", 0, 0, 0x10000, 0x180000}};
    uint8_t *table = made_plan_bytes(rows, &(struct made_file){"table", MADE_TABLE, 0, 0x8000}, &size);

    memcpy(b + 0x7000, table, size);
    free(table);

    for (int i = 0; i < 2; i++) {
        const uint8_t *m = made_archive_copy(&made, parts[i].name, &size);

        memcpy(b + parts[i].at, m, size);
        used = parts[i].at + size;
    }
    scratch_save(FW, b, keep < used ? keep : used);
    free(b);
}

static void save_text(const char *text)
{
    scratch_save_text(FW, text);
}

static void make_html(void)
{
    save_text("\n<!DOCTYPE html>\n<html><body>404 not found</body></html>\n");
}
static void make_lfs(void)
{
    save_text("version https://git-lfs.github.com/spec/v1\noid sha256:0123\nsize 1605847\n");
}
static void make_empty(void)
{
    scratch_save(FW, "", 0);
}
static void make_cut_gzip(void)
{
    save_cut(PACKED_TAR_GZ, 60);
}
static void make_cut_tar(void)
{
    save_cut(PACKED_TAR, 40);
}
static void make_cut_xz(void)
{
    save_cut(PACKED_TAR_XZ, 90);
}
static void make_cut_zip(void)
{
    save_cut(PACKED_ZIP, 80);
}
static void make_cut_merged(void)
{
    save_merged(0x14000);
}
static void make_cut_before_app(void)
{
    save_merged(0x9000);
}
/* From 0x0, as most builds leave it: what stands before the bootloader is blank, as are the gaps. */
static void save_from_zero(size_t keep)
{
    const struct made_row rows[MADE_ROWS] = {{"nvs", 1, 2, 0x9000, 0x5000},
                                             {"factory", 0, 0, 0x10000, 0x100000}};
    const struct made_file whole = {"", MADE_WHOLE, 0, 0x1000};
    size_t size;
    uint8_t *bytes = made_plan_bytes(rows, &whole, &size), *from_zero = malloc(0x1000 + size);

    assert_true(from_zero != NULL && keep <= 0x1000 + size);
    memset(from_zero, 0xff, 0x1000);
    memcpy(from_zero + 0x1000, bytes, size);
    scratch_save(FW, from_zero, keep);
    free(bytes);
    free(from_zero);
}
static void make_cut_in_boot(void)
{
    save_from_zero(0x2000);
}
static void make_cut_before_table(void)
{
    save_from_zero(0x8000);
}
static void make_cut_in_table(void)
{
    save_from_zero(0x8020);
}
static void make_cut_image(void)
{
    save_image(0, 5000);
}
static void make_zip_in_zip(void)
{
    struct tar_member inner = {.name = "WiPy.zip", .kind = TAR_FILE};
    uint8_t *b = packed_make(PACKED_ZIP, "", made.members, made.count, &inner.size), *outer;
    size_t size;

    inner.data = b;
    outer = packed_make(PACKED_ZIP, "download/", &inner, 1, &size);
    scratch_save(FW, outer, size);
    free(b);
    free(outer);
}
static void make_elf(void)
{
    scratch_save(FW, SPAN("\x7f"
                          "ELF\1\1\1\0\0\0\0\0\0\0\0\0\2\0\x5e\0\1\0\0\0"));
}
static void make_hex(void)
{
    save_text(":020000040800F2\r\n:10010000214601360121470136007EFE09D2190140\r\n");
}
static void make_srecord(void)
{
    save_text("S00F000068656C6C6F202020202000003C\nS5030003F9\n");
}
static void make_uf2(void)
{
    scratch_save(FW, SPAN("UF2\nWQ]\x9e\0 \0\0\0\0\1\0\0\1\0\0"));
}
static void make_s3(void)
{
    save_image(9, SIZE_MAX);
}
static void make_lone_image(void)
{
    save_image(0, SIZE_MAX);
}
static void make_encrypted(void)
{
    made_archive_drop(&made, "demo.bin");
    made_archive_drop(&made, "script_4MB");
    made_archive_drop(&made, "script_8MB");
    made_archive_text(&made, "demo.bin_enc", "xxxx");
    made_archive_text(&made, "script_8MB_enc", "{}");
    save_pack(PACKED_TAR_GZ, "");
}
static void make_only_encrypted(void)
{
    static const char *const names[] = {"script", "script2", "script_4MB", "script_8MB"};

    for (int i = 0; i < 4; i++)
        made_archive_drop(&made, names[i]);
    made_archive_text(&made, "script_8MB_enc", "{}");
    save_pack(PACKED_TAR_GZ, "");
}
static void make_folder(void)
{
    assert_int_equal(mkdir(FW, 0700), 0);
}
static void make_device(void)
{
    assert_int_equal(symlink("/dev/null", FW), 0);
}
static void make_pipe(void)
{
    assert_int_equal(mkfifo(FW, 0600), 0);
}
static void make_job(void)
{
    save_text("# line 3\nboard: WiPy\nchip: esp32\nfirmware:\n  archive: x\n");
}
static void make_png(void)
{
    scratch_save(FW, SPAN("\x89PNG\r\n\x1a\n\0\0\0\rIHDR"));
}
static void make_plain_text(void)
{
    save_text("Read me first.\n");
}
static void make_gzip_of_text(void)
{
    scratch_save_text("notes", "no tar at all\n");
    assert_int_equal(system("gzip -c notes >" FW), 0);
}
static void make_xz_of_image(void)
{
    struct tar_member m = {.name = "x", .kind = TAR_FILE};
    uint8_t *b;
    size_t size;

    m.data = made_archive_copy(&made, "demo.bin", &m.size);
    b = packed_make(PACKED_XZ, "", &m, 1, &size);
    scratch_save(FW, b, size);
    free(b);
}
static void make_no_script(void)
{
    const struct tar_member m[] = {{"README", "x", 1, TAR_FILE}, {"a.bin", "abc", 3, TAR_FILE}};
    size_t size;
    uint8_t *b = packed_make(PACKED_TAR, "", m, 2, &size);

    scratch_save(FW, b, size);
    free(b);
}
static void make_locked(void)
{
    save_pack(PACKED_ZIP_LOCKED, "");
}
static void make_traversal(void)
{
    made_archive_text(&made, "../../etc/cron.d/x", "x");
    save_pack(PACKED_ZIP, "");
}
static void make_bomb(void)
{
    struct tar_member m = {.name = "script", .size = 65u << 20, .kind = TAR_FILE};
    void *zeros = calloc(1, m.size);
    size_t size;
    uint8_t *b;

    m.data = zeros;
    b = packed_make(PACKED_ZIP, "", &m, 1, &size);
    assert_true(size < m.size / 200);
    scratch_save(FW, b, size);
    free(b);
    free(zeros);
}
static void make_zeros(void)
{
    static const uint8_t zeros[4096];

    scratch_save(FW, zeros, sizeof zeros);
}
static void make_packed_build(void)
{
    const struct tar_member m[] = {{"flasher_args.json", "{\"flash_files\": {}}", 19, TAR_FILE},
                                   {"app.bin", "abc", 3, TAR_FILE}};
    size_t size;
    uint8_t *b = packed_make(PACKED_ZIP, "build/", m, 2, &size);

    scratch_save(FW, b, size);
    free(b);
}
static void make_seven_zip(void)
{
    scratch_save(FW, SPAN("7z\xbc\xaf\x27\x1c\0\4"));
}

struct wrong {
    const char *what;
    void (*make)(void);
    const char *want; /* in what every door says */
    bool no_bytes;    /* nothing can be read of it: also the job's own reader says the same */
};

static const struct wrong table[] = {
    {"a web page", make_html, "is a web page (HTML), not ", false},
    {"a Git LFS pointer", make_lfs, "is a Git LFS pointer, not ", false},
    {"an empty file", make_empty, "is empty: it has no bytes", true},
    {"a tar.gz cut off", make_cut_gzip, "is cut off after ", false},
    {"a tar cut off", make_cut_tar, "(tar, within member demo.bin)", false},
    {"a tar.xz cut off", make_cut_xz, "is cut off after ", false},
    {"a zip cut off", make_cut_zip, "is cut off after ", false},
    {"a merged image cut off", make_cut_merged, "is cut off after 81920 bytes (within its application)",
     false},
    {"a merged image cut off before", make_cut_before_app,
     "is cut off after 36864 bytes (before its application begins)", false},
    {"a merged image from 0x0 cut off in its bootloader", make_cut_in_boot,
     "is cut off after 8192 bytes (a merged image from 0x0, before its partition table ends)", false},
    {"the same before its table", make_cut_before_table,
     "is cut off after 32768 bytes (a merged image from 0x0, before its partition table ends)", false},
    {"the same within its table", make_cut_in_table, "before its partition table ends)", false},
    {"an image cut off", make_cut_image, "is cut off after 5000 bytes (an ESP32 image)", false},
    {"a zip in a zip", make_zip_in_zip, "is an archive with another one in it, 'WiPy.zip' (a zip archive)",
     false},
    {"an ELF file", make_elf, "is an ELF file, not ", false},
    {"an Intel hex file", make_hex, "is an Intel hex file, not ", false},
    {"an S-record file", make_srecord, "is a Motorola S-record file, not ", false},
    {"a UF2 file", make_uf2, "is a UF2 file, not ", false},
    {"an image for ESP32-S3", make_s3, "is one ESP32-S3 image", false},
    {"one image alone", make_lone_image, "is one ESP32 image, a bootloader or an application, not ", false},
    {"an encrypted archive", make_encrypted, "is an encrypted build (script_8MB_enc): it also carries script",
     false},
    {"an encrypted archive, strict", make_only_encrypted,
     "has only 'script_8MB_enc' for boards with flash encryption", false},
    {"a folder", make_folder, "is a folder", true},
    {"a device", make_device, "is a device, not a file", true},
    {"a pipe", make_pipe, "is a pipe, not a file", true},
    {"a job file", make_job, "is a job file (YAML), not ", false},
    {"a picture", make_png, "is a picture (PNG, JPEG or GIF), not ", false},
    {"a text", make_plain_text, "is a text, not ", false},
    {"a gzip of a text", make_gzip_of_text,
     "is a gzip-compressed file, but what is in it is no tar archive: it is a text", false},
    {"an xz of an image", make_xz_of_image,
     "is an xz-compressed file, but what is in it is no tar archive: it is an ESP32 image", false},
    {"a tar without a script", make_no_script,
     "has no script member, so it is no Pycom firmware archive; it holds README, a.bin", false},
    {"a locked zip", make_locked, "is locked with a password", false},
    {"a member that leads out", make_traversal,
     "member '../../etc/cron.d/x' leads out of the archive ('..'); refused", false},
    {"a zip bomb", make_bomb, "expands to more than 64 MiB", false},
    {"zeros", make_zeros, "is blank (all of its bytes are the same), not ", false},
    {"a packed build", make_packed_build,
     "is a packed ESP-IDF build ('flasher_args.json'); unpack it and name its folder", false},
    {"a 7z archive", make_seven_zip, "is an archive in a form that is not read here, not ", false},
};

static void holds(const char *door, const struct wrong *w, const char *text)
{
    if (strstr(text, w->want) == NULL)
        fail_msg("%s, %s:\nwant: %s\n got: %s", w->what, door, w->want, text);
    if (strchr(text, '\n') != NULL || strstr(text, "get the file again") != NULL)
        fail_msg("%s, %s: %s", w->what, door, text);
    /* Only what is cut off, damaged or empty may be worth another copy. */
    if (strstr(text, "download it again") != NULL && strstr(text, "cut off") == NULL &&
        strstr(text, "empty") == NULL)
        fail_msg("%s, %s, a whole file: %s", w->what, door, text);
}

static void by_flash(const struct wrong *w)
{
    struct complaint c = {0};

    if (job_from_firmware(FW, &c) != NULL)
        fail_msg("%s: flash took it", w->what);
    assert_int_equal(c.code, FAIL_FIRMWARE);
    holds("flash", w, c.text);
    print_message("%s\n", c.text);
}

/* 'run --firmware' and 'job check --firmware'. */
static void by_run(const struct wrong *w)
{
    struct complaint c = {0};

    if (job_load("j.yaml", FW, &c) != NULL)
        fail_msg("%s: run took it", w->what);
    assert_int_equal(strncmp(c.text, "j.yaml:4: fw: ", 14), 0);
    holds("run", w, c.text);
}

static void by_release(const struct wrong *w)
{
    struct job_release release;
    struct complaint c = {0};

    if (job_release_prepare("j.yaml", NULL, &release, &c) == 0)
        fail_msg("%s: release took it", w->what);
    /* An image is no archive, whatever is wrong with it: that is said instead. */
    if (strstr(w->want, "its application") == NULL)
        holds("release", w, c.text);
    job_release_free(&release);
}

static void by_lint(const struct wrong *w)
{
    struct lint_report r;
    bool found = false;

    assert_int_equal(archive_lint(FW, &r), 0);
    for (size_t i = 0; i < r.finding_count; i++)
        found = found || strstr(r.findings[i], w->want) != NULL;
    if (!found && strstr(w->want, "its application") == NULL)
        fail_msg("%s, lint: %s", w->what, r.finding_count > 0 ? r.findings[0] : "no faults");
    archive_lint_free(&r);
}

/* Named as the job itself. Archives are told whole: nobody looks into them there. */
static void by_job(const struct wrong *w)
{
    struct complaint c = {0};

    assert_null(job_load_settings(FW, &c));
    assert_int_equal(c.code, FAIL_JOB);
    assert_null(strstr(c.text, "get the file again"));
    if (w->no_bytes ||
        (strstr(w->want, ", not ") != NULL && w->make != make_plain_text && w->make != make_zeros))
        holds("job", w, c.text);
}

static void test_every_wrong_file_is_named(void **state)
{
    const struct made_archive whole = made;

    (void)state;
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        table[i].make();
        by_flash(&table[i]);
        by_run(&table[i]);
        by_release(&table[i]);
        by_lint(&table[i]);
        if (table[i].make != make_job)
            by_job(&table[i]);
        assert_int_equal(remove(FW), 0);
        made = whole; /* what a row added stays in its memory */
    }
}

static void test_forms_that_people_have_are_taken(void **state)
{
    static const struct {
        const char *name;
        enum packed_form form;
        const char *below;
    } forms[] = {{"tar", PACKED_TAR, ""},          {"tar.gz", PACKED_TAR_GZ, ""},
                 {"tar.xz", PACKED_TAR_XZ, ""},    {"tar.bz2", PACKED_TAR_BZIP2, ""},
                 {"tar.zst", PACKED_TAR_ZSTD, ""}, {"zip", PACKED_ZIP, ""},
                 {"zip", PACKED_ZIP, "WiPy/"},     {"tar.xz", PACKED_TAR_XZ, "a/b/c/"}};
    struct complaint c = {0};

    (void)state;
    for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++) {
        size_t size;
        uint8_t *b = packed_make(forms[i].form, forms[i].below, made.members, made.count, &size);
        struct lint_report r;
        struct job *job;

        if (b == NULL) {
            skipped_row("this libarchive writes no %s", forms[i].name);
            continue;
        }
        scratch_save(FW, b, size);
        free(b);
        job = job_from_firmware(FW, &c);
        if (job == NULL)
            fail_msg("%s below '%s': %s", forms[i].name, forms[i].below, c.text);
        assert_string_equal(job->firmware_version, "0.0.1-demo");
        assert_int_equal(job->plan_count, 2);
        job_free(job);
        job = job_load_or_fail("j.yaml", NULL);
        job_free(job);
        assert_int_equal(archive_lint(FW, &r), 0);
        assert_int_equal(r.finding_count, 0);
        archive_lint_free(&r);
    }
}

/* A folder of a Mac has more in it than its owner sees. */
static void test_litter_of_file_managers_is_passed_over(void **state)
{
    struct complaint c = {0};
    struct job *job;

    (void)state;
    for (size_t i = 0; i < made.count; i++)
        made.members[i].name = arena_text(made.arena, "WiPy/%s", made.members[i].name);
    made_archive_text(&made, "__MACOSX/WiPy/._script", "x");
    made_archive_text(&made, "WiPy/.DS_Store", "x");
    save_pack(PACKED_ZIP, "");
    job = job_from_firmware(FW, &c);
    if (job == NULL)
        fail_msg("%s", c.text);
    job_free(job);
}

static void test_marks_and_line_ends_of_windows(void **state)
{
    struct complaint c = {0};
    struct job_release release;
    struct job *job;

    (void)state;
    made_archive_drop(&made, "script_4MB");
    made_archive_drop(&made, "script_8MB");
    made_archive_text(
        &made, "script2",
        "\xef\xbb\xbf{\"version\": \"2.1\",\r\n \"script\": [\r\n"
        "[\"w\", \"partitions\", \"partitions_4MB.bin\"],\r\n[\"w\", \"factory\", \"demo.bin\"]]}\r\n");
    save_pack(PACKED_TAR_GZ, "");
    scratch_save_text("j.yaml", "\xef\xbb\xbf"
                                "firmware: {archive: fw}\r\nboard: Demo\r\nchip: esp32\r\n");
    job = job_load("j.yaml", NULL, &c);
    if (job == NULL)
        fail_msg("%s", c.text);
    assert_string_equal(job->plans[0].name, "script2");
    job_free(job);
    if (job_release_prepare("j.yaml", NULL, &release, &c) != 0)
        fail_msg("%s", c.text);
    for (size_t i = 1; i < release.size; i++)
        if (release.text[i] == '\n' && release.text[i - 1] != '\r')
            fail_msg("a line of the released job ends unlike the others: %.*s", (int)release.size,
                     release.text);
    job_release_free(&release);
    made_archive_text(&made, "script2", "");
    made_archive_put(&made, "script2", "\xff\xfe{\0}\0", 6);
    save_pack(PACKED_TAR_GZ, "");
    assert_null(job_load("j.yaml", NULL, &c));
    assert_non_null(strstr(c.text, "script2: is a text in UTF-16; save it as UTF-8"));
}

/* 'run' with a job for merged images decides by the bytes, as 'flash' does. */
static void test_run_places_a_merged_image_as_flash_does(void **state)
{
    struct complaint c = {0};
    struct job *job;

    (void)state;
    save_merged(SIZE_MAX);
    scratch_save_text("j.yaml", "board: Demo\nchip: esp32\nfirmware:\n  merged: {offset: 0}\n");
    job = job_load("j.yaml", FW, &c);
    if (job == NULL)
        fail_msg("%s", c.text);
    assert_int_equal(job->plans[0].boot->offset, 0x1000);
    assert_int_equal(job->warning_count, 1);
    assert_non_null(strstr(job->warnings[0], "belongs at 0x1000"));
    job_free(job);
    make_html();
    scratch_save_text("j.yaml", "board: Demo\nchip: esp32\nfirmware:\n  merged: {offset: 0x10000}\n");
    assert_null(job_load("j.yaml", FW, &c));
    assert_non_null(strstr(c.text, "is a web page"));
}

static void test_what_stands_for_an_image_is_no_image(void **state)
{
    static const struct {
        void (*make)(void);
        const char *want;
    } rows[] = {{make_lfs, "fw: is a Git LFS pointer"},
                {make_elf, "fw: is an ELF file"},
                {make_hex, "fw: is an Intel hex"}};

    (void)state;
    scratch_save_text("j.yaml",
                      "board: Demo\nchip: esp32\nfirmware:\n  images:\n    - {file: fw, offset: 0x300000}\n");
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct complaint c = {0};

        rows[i].make();
        assert_null(job_load("j.yaml", NULL, &c));
        if (strstr(c.text, rows[i].want) == NULL)
            fail_msg("want: %s\n got: %s", rows[i].want, c.text);
    }
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(test_every_wrong_file_is_named),
        CASE(test_forms_that_people_have_are_taken),
        CASE(test_litter_of_file_managers_is_passed_over),
        CASE(test_marks_and_line_ends_of_windows),
        CASE(test_run_places_a_merged_image_as_flash_does),
        CASE(test_what_stands_for_an_image_is_no_image),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
