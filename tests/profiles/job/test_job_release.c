/* SPDX-License-Identifier: Apache-2.0 */
/* Releasing edits the job's text: every form of writing it, comments kept, and nothing lost when it cannot be done. */
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

#include "profiles/job/job.h"
#include "profiles/job/job_release.h"
#include "profiles/text/complaint.h"
#include "tests/support/made_archive.h"
#include "tests/support/or_fail.h"
#include "tests/support/scratch.h"

struct released {
    struct released_file files[JOB_IMAGES_MAX];
    size_t count;
};

#define PIN "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

static struct made_archive made;
static char folder[SCRATCH_SIZE];

static int set_up(void **state)
{
    (void)state;
    scratch_enter(folder, "release");
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

static int job_release(const char *path, struct released *out, struct complaint *c)
{
    struct job_release r;
    int rc = job_release_prepare(path, NULL, &r, c);

    if (rc == 0)
        rc = job_release_save(&r, c);
    if (rc == 0 && out != NULL) {
        memcpy(out->files, r.files, sizeof out->files);
        out->count = r.count;
        assert_string_not_equal(r.old_sha256, r.new_sha256);
    }
    job_release_free(&r);
    return rc;
}

/* Releases `before`; `after` is the text wanted, with SHA in place of the archive's hash. */
static void releases(const char *before, const char *after)
{
    char got[2000], want[2000];
    struct released done;
    struct complaint c = {0};
    const char *sha;
    struct job *job;

    scratch_save_text("j.yaml", before);
    if (job_release("j.yaml", &done, &c) != 0)
        fail_msg("%s\n%s", before, c.text);
    assert_int_equal(done.count, 1);
    scratch_read_text("j.yaml", got, sizeof got);
    sha = strstr(after, "SHA");
    snprintf(want, sizeof want, "%.*s%s%s", (int)(sha - after), after, done.files[0].sha256, sha + 3);
    assert_string_equal(got, want);
    job = job_load("j.yaml", NULL, &c);
    if (job == NULL)
        fail_msg("%s", c.text);
    assert_true(job->released);
    job_free(job);
}

static void test_every_form(void **state)
{
    (void)state;
    releases(
        "# line 3\nboard: Demo # note\nchip: esp32\nfirmware:\n  archive: fw.tar.gz # from the vendor\nretries: 2\n",
        "# line 3\nboard: Demo # note\nchip: esp32\nfirmware:\n  archive: fw.tar.gz # from the vendor\n"
        "  sha256: SHA\nretries: 2\nreleased: yes\n");
    releases("board: Demo\nchip: esp32\nfirmware: {archive: fw.tar.gz}\nreleased: no # yet\n",
             "board: Demo\nchip: esp32\nfirmware: {archive: fw.tar.gz, sha256: SHA}\nreleased: yes # yet\n");
    releases(
        "board: Demo\nchip: esp32\nfirmware:\n    archive: 'fw.tar.gz'",
        "board: Demo\nchip: esp32\nfirmware:\n    archive: 'fw.tar.gz'\n    sha256: SHA\nreleased: yes\n");
    releases(
        "name: \"Gr\xc3\xb6\xc3\x9f\x65\"\nboard: Demo\nchip: esp32\nfirmware: {sha256: "
        "0000000000000000000000000000000000000000000000000000000000000000, archive: fw.tar.gz} # \xc3\xa4\n",
        "name: \"Gr\xc3\xb6\xc3\x9f\x65\"\nboard: Demo\nchip: esp32\nfirmware: {sha256: SHA, archive: fw.tar.gz} "
        "# \xc3\xa4\nreleased: yes\n");
}

static void test_list_of_images(void **state)
{
    static const char *const files[] = {"bootloader.bin", "partitions_4MB.bin"};
    struct released done;
    struct complaint c = {0};
    char got[2000], want[2000];

    (void)state;
    for (int i = 0; i < 2; i++) {
        size_t size;
        const uint8_t *b = made_archive_copy(&made, files[i], &size);
        FILE *f = fopen(files[i], "wb");

        assert_int_equal(fwrite(b, 1, size, f), size);
        fclose(f);
    }
    scratch_save_text(
        "j.yaml",
        "board: Demo\nchip: esp32\nfirmware:\n  images:\n  - file: bootloader.bin\n    offset: 0x1000\n"
        "  - {offset: 0x8000, file: partitions_4MB.bin}\npartial: yes\n");
    if (job_release("j.yaml", &done, &c) != 0)
        fail_msg("%s", c.text);
    assert_int_equal(done.count, 2);
    scratch_read_text("j.yaml", got, sizeof got);
    snprintf(
        want, sizeof want,
        "board: Demo\nchip: esp32\nfirmware:\n  images:\n  - file: bootloader.bin\n    sha256: %s\n"
        "    offset: 0x1000\n  - {offset: 0x8000, file: partitions_4MB.bin, sha256: %s}\npartial: yes\nreleased: yes\n",
        done.files[0].sha256, done.files[1].sha256);
    assert_string_equal(got, want);
}

static void test_release_anew_after_a_change(void **state)
{
    struct complaint c = {0};
    struct released first, second;
    struct job *job;

    (void)state;
    scratch_save_text("j.yaml", "board: Demo\nchip: esp32\nfirmware:\n  archive: fw.tar.gz\n");
    assert_int_equal(job_release("j.yaml", &first, &c), 0);
    made_archive_text(&made, "notes.txt", "changed");
    made_archive_save(&made, true, "fw.tar.gz");
    assert_null(job_load("j.yaml", NULL, &c));
    assert_int_equal(c.code, FAIL_HASH_MISMATCH);
    complaint_clear(&c);
    assert_int_equal(job_release("j.yaml", &second, &c), 0);
    assert_string_not_equal(first.files[0].sha256, second.files[0].sha256);
    job = job_load_or_fail("j.yaml", NULL);
    job_free(job);
}

static void refuses(const char *text, const char *want)
{
    struct complaint c = {0};
    char after[1000];

    scratch_save_text("j.yaml", text);
    assert_int_equal(job_release("j.yaml", NULL, &c), -1);
    if (strstr(c.text, want) == NULL)
        fail_msg("want: %s\n got: %s", want, c.text);
    scratch_read_text("j.yaml", after, sizeof after);
    assert_string_equal(after, text);
}

static void test_refusals_leave_the_file_alone(void **state)
{
    (void)state;
    refuses("board: Demo\nchip: esp32\n", "firmware: no file is named");
    refuses("board: Demo\nchip: esp32\nfirmware:\n  archive: gone.tar.gz\n", "gone.tar.gz: cannot be read");
    refuses("{board: Demo, chip: esp32, firmware: {archive: fw.tar.gz}}\n",
            "cannot be edited in the form it is");
    refuses("board: Demo\nchip: esp32\nfirmware:\n  archive: fw.tar.gz\n...\n",
            "cannot be edited in the form it is");
    refuses("board: Demo\nchip: esp32\nbuad: 1\n", "j.yaml:3: buad: unknown key");
    /* One alias for two pins: there are two texts to write and one place. */
    scratch_save_text("a.bin", "a");
    scratch_save_text("b.bin", "b");
    refuses("board: Demo\nchip: esp32\nfirmware:\n  images:\n"
            "    - {file: a.bin, offset: 0x300000, sha256: &s " PIN "}\n"
            "    - {file: b.bin, offset: 0x310000, sha256: *s}\npartial: yes\n",
            "cannot be edited in the form it is");
}

static void test_mode_and_link_are_kept(void **state)
{
    struct complaint c = {0};
    struct stat st;

    (void)state;
    scratch_save_text("real.yaml", "board: Demo\nchip: esp32\nfirmware:\n  archive: fw.tar.gz\n");
    assert_int_equal(chmod("real.yaml", 0600), 0);
    assert_int_equal(symlink("real.yaml", "link.yaml"), 0);
    assert_int_equal(job_release("link.yaml", NULL, &c), 0);
    assert_int_equal(lstat("link.yaml", &st), 0);
    assert_true(S_ISLNK(st.st_mode));
    assert_int_equal(stat("real.yaml", &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
}

/* A pin on a line of its own moves what stands below it. */
static void test_places_below_a_pin(void **state)
{
    struct complaint c = {0};

    (void)state;
    scratch_save_text("a.bin", "a");
    scratch_save_text("j.yaml", "board: Demo\nchip: esp32\nfirmware:\n  images:\n    - file: a.bin\n"
                                "      offset: 0x300000\npartial: yes\nprotect:\n  - 0x310000+0x1000\n"
                                "erase:\n  - 0x320000+0x1000\n");
    if (job_release("j.yaml", NULL, &c) != 0)
        fail_msg("%s", c.text);
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(test_every_form),
        CASE(test_list_of_images),
        CASE(test_places_below_a_pin),
        CASE(test_release_anew_after_a_change),
        CASE(test_refusals_leave_the_file_alone),
        CASE(test_mode_and_link_are_kept),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
