/* SPDX-License-Identifier: Apache-2.0 */
/* The strict reader: every kind of slip is told with its line, and a good file is read as written. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "profiles/job/job_file.h"
#include "profiles/text/yaml_schema.h"

static const struct {
    const char *yaml, *want; /* `want`: the complaint begins so */
} slips[] = {
    {"", "j.yaml:1: the file is empty"},
    {"# only a comment\n", "j.yaml:1: the file is empty"},
    {"--- \n...\n", "j.yaml:1: the file is empty"},
    {"- board: WiPy\n", "j.yaml:1: the file is a list"},
    {"just text\n", "j.yaml:1: the file is a value"},
    {"chip: esp32\n", "j.yaml:1: board: is missing"},
    {"board: WiPy\n", "j.yaml:1: chip: is missing"},
    {"board: WiPy\nchip: esp32\nbaud: 12abc\n", "j.yaml:3: baud: '12abc' is not a whole number"},
    {"board: WiPy\nchip: esp32\nbaud: 0700\n", "j.yaml:3: baud: '0700' is not a whole number"},
    {"board: WiPy\nchip: esp32\nbaud: 1e6\n", "j.yaml:3: baud: '1e6' is not a whole number"},
    {"board: WiPy\nchip: esp32\nbaud: 115200.0\n", "j.yaml:3: baud: '115200.0' is not a whole number"},
    {"board: WiPy\nchip: esp32\nbaud: +115200\n", "j.yaml:3: baud: '+115200' is not a whole number"},
    {"board: WiPy\nchip: esp32\nbaud: -115200\n", "j.yaml:3: baud: '-115200' is not a whole number"},
    {"board: WiPy\nchip: esp32\nbaud: 0x\n", "j.yaml:3: baud: '0x' is not a whole number"},
    {"board: WiPy\nchip: esp32\nbaud: 99999999999999999999\n",
     "j.yaml:3: baud: '99999999999999999999' is not a"},
    {"board: WiPy\nchip: esp32\nbaud: '115200'\n", "j.yaml:3: baud: '115200' is text in quotes"},
    {"board: WiPy\nchip: esp32\nbaud: 100\n", "j.yaml:3: baud: '100' is out of range; write 9600 to 4000000"},
    {"board: WiPy\nchip: esp32\nbaud:\n", "j.yaml:3: baud: has no value"},
    {"board: WiPy\nchip: esp32\nbaud: [115200]\n", "j.yaml:3: baud: is a list"},
    {"board: WiPy\nchip: esp32\nbaud: {a: 1}\n", "j.yaml:3: baud: is a section"},
    {"board: WiPy\nboard: LoPy\nchip: esp32\n", "j.yaml:2: board: is given twice, first at line 1"},
    {"board: WiPy\nchip: esp32\nbuad: 115200\n", "j.yaml:3: buad: unknown key; known here: board, name"},
    {"board: WiPy\nchip: esp32\n\tbaud: 115200\n", "j.yaml:3: a tab; use spaces"},
    {"board:\tWiPy\nchip: esp32\n", "j.yaml:1: a tab; use spaces"},
    {"board: WiPy\nchip: esp32\nbaud: 1: 2\n", "j.yaml:3: is not valid YAML: mapping values are not allowed"},
    {"board: \"WiPy\nchip: esp32\n", "j.yaml:3: is not valid YAML"},
    {"board: WiPy\nchip: esp32\nbaud: !!int 115200\n",
     "j.yaml:3: baud: has the YAML tag 'tag:yaml.org,2002:int'; remove"},
    {"board: !mine WiPy\nchip: esp32\n", "j.yaml:1: board: has the YAML tag '!mine'; remove it"},
    {"board: WiPy\nchip: esp8266\n", "j.yaml:2: chip: 'esp8266' is not known; write one of: esp32"},
    {"board: WiPy\nchip: esp32\nwrite_config: maybe\n",
     "j.yaml:3: write_config: 'maybe' is neither yes nor no"},
    {"board: WiPy\nchip: esp32\nwrite_config: 'yes'\n", "j.yaml:3: write_config: 'yes' is text in quotes"},
    {"board: WiPy\nchip: esp32\nflash_size: [4MB, 5MB]\n", "j.yaml:3: flash_size: '5MB' is no flash size"},
    {"board: WiPy\nchip: esp32\nflash_size: 4M\n", "j.yaml:3: flash_size: '4M' is not a size"},
    {"board: WiPy\nchip: esp32\nflash_size: []\n", "j.yaml:3: flash_size: is an empty list"},
    {"board: WiPy\nchip: esp32\nflash_size: [4MB, 4MB]\n", "j.yaml:3: flash_size: '4MB' is listed twice"},
    {"board: WiPy\nchip: esp32\nrevision: 3\n", "j.yaml:3: revision: is a value; write a section"},
    {"board: WiPy\nchip: esp32\nrevision:\n  min: three\n", "j.yaml:4: min: 'three' is no chip revision"},
    {"board: WiPy\nchip: esp32\nrevision: {max: 1, min: 3}\n", "j.yaml:3: revision: max is below min"},
    {"board: WiPy\nchip: esp32\nrevision: {min: 4}\n",
     "j.yaml:3: min: '4' is beyond every ESP32; write 3.3 or less"},
    {"board: WiPy\nchip: esp32\nfirmware:\n  archive: a\n  merged: {file: b, offset: 0}\n",
     "j.yaml:5: merged: the firmware is already described at line 4"},
    {"board: WiPy\nchip: esp32\nfirmware:\n  images:\n    - file: a\n",
     "j.yaml:5: offset: is missing from images"},
    {"board: WiPy\nchip: esp32\nfirmware:\n  images: a.bin\n", "j.yaml:4: images: is a value; write a list"},
    {"board: WiPy\nchip: esp32\nfirmware:\n  images:\n    - {file: a, offset: 0x1001}\n",
     "j.yaml:5: offset: '0x1001' is not a multiple of 0x1000"},
    {"board: WiPy\nchip: esp32\nreset: D0|Q1\n", "j.yaml:3: reset: 'D0|Q1' is not known"},
    {"board: WiPy\nchip: esp32\nfirmware:\n  sha256: 0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef\n"
     "  images:\n    - {file: a.bin, offset: 0x10000}\n",
     "j.yaml:4: sha256: does not say which file it is of"},
    {"board: WiPy\nchip: esp32\nfirmware: {sha256: 12}\n", "j.yaml:3: sha256: '12' is no SHA-256"},
    {"board: WiPy\nchip: esp32\nreleased: yes\n", "j.yaml:3: released: no firmware is named"},
    {"board: WiPy\nchip: esp32\nreleased: yes\nfirmware:\n  archive: a\n",
     "j.yaml:5: released: this file has no sha256"},
    {"board: WiPy\nchip: esp32\n---\nboard: LoPy\n", "j.yaml:4: a second document begins"},
    {"? [a]\n: b\n", "j.yaml:1: a key is a list"},
    {"board: \"Wi\\x00Py\"\nchip: esp32\n", "j.yaml:1: board: is a value; write a single value"},
    {"board: \"Wi\\ePy\"\nchip: esp32\n", "j.yaml:1: board: holds a control character"},
    {"board: Wi\x01Py\nchip: esp32\n", "j.yaml: is not valid YAML: control characters are not allowed"},
};

static void test_slips(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof slips / sizeof slips[0]; i++) {
        struct complaint c = {0};
        struct job job = {0};
        struct job_file f;

        job_file_defaults(&f, &job, "j.yaml");
        if (job_file_parse(slips[i].yaml, strlen(slips[i].yaml), &f, &c) == 0)
            fail_msg("was accepted: %s", slips[i].yaml);
        assert_int_equal(c.code, FAIL_JOB);
        if (strncmp(c.text, slips[i].want, strlen(slips[i].want)) != 0)
            fail_msg("for:\n%swant: %s\n got: %s", slips[i].yaml, slips[i].want, c.text);
        assert_null(strchr(c.text, '\n'));
    }
}

static void test_a_whole_job(void **state)
{
    static const char yaml[] =
        "# a job\nboard: Sensor\nname: sensor-a\nchip: esp32\n"
        "revision: {min: 1, max: 3}\nflash_size:\n  - 4MB\n  - 0x800000\n"
        "revision_decides_size: false\nfirmware:\n  images:\n"
        "    - {file: boot.bin, offset: 0x1000}\n    - file: app.bin\n      offset: 65536\n"
        "baud: 0x70800\nverify: md5\nretries: 2\nreset: D0|R1|W0.1|U1,0\nstub: no\n"
        "on_duplicate: rework\nwrite_config: yes\n";
    struct complaint c = {0};
    struct job job = {0};
    struct job_file f;

    (void)state;
    job_file_defaults(&f, &job, "dir/j.yaml");
    if (job_file_parse(yaml, strlen(yaml), &f, &c) != 0)
        fail_msg("%s", c.text);
    assert_string_equal(job.name, "sensor-a");
    assert_string_equal(job.board, "Sensor");
    assert_int_equal(job.revision_min, 100);
    assert_int_equal(job.revision_max, 399);
    assert_int_equal(job.flash_sizes[0], 4 << 20);
    assert_int_equal(job.flash_sizes[1], 8 << 20);
    assert_int_equal(job.flash_sizes[2], 0);
    assert_false(job.revision_decides_size);
    assert_int_equal(f.form, FIRMWARE_IMAGES);
    assert_int_equal(f.count, 2);
    assert_string_equal(f.files[1].path, "app.bin");
    assert_int_equal(f.files[1].offset, 0x10000);
    assert_int_equal(f.files[1].line, 13);
    assert_int_equal(job.baud, 460800);
    assert_int_equal(job.retries, 2);
    assert_int_equal(job.reset, RESET_CUSTOM);
    assert_string_equal(job.reset_custom, "D0|R1|W0.1|U1,0");
    assert_int_equal(job.stub, STUB_NO);
    assert_int_equal(job.on_duplicate, DUPLICATE_REWORK);
    assert_true(f.write_config);
}

static void test_defaults(void **state)
{
    static const char yaml[] = "board: x\nchip: esp32\n";
    struct complaint c = {0};
    struct job job = {0};
    struct job_file f;

    (void)state;
    job_file_defaults(&f, &job, "a/b/wipy.prod.yaml");
    assert_int_equal(job_file_parse(yaml, strlen(yaml), &f, &c), 0);
    assert_string_equal(job.name, "wipy");
    assert_int_equal(job.baud, 2000000);
    assert_int_equal(job.retries, 1);
    assert_int_equal(job.revision_max, 0);
    assert_int_equal(job.reset, RESET_CLASSIC);
    assert_int_equal(job.on_duplicate, DUPLICATE_REFUSE);
    assert_false(f.write_config);
}

static void test_sizes(void **state)
{
    int64_t n;

    (void)state;
    assert_int_equal(schema_parse_size("4MB", &n), 0);
    assert_int_equal(n, 4 << 20);
    assert_int_equal(schema_parse_size("512KB", &n), 0);
    assert_int_equal(n, 512 << 10);
    assert_int_equal(schema_parse_size("0xFfF", &n), 0);
    assert_int_equal(n, 4095);
    assert_int_equal(schema_parse_size("MB", &n), -EINVAL);
    assert_int_equal(schema_parse_size("0x4MB", &n), -EINVAL);
    assert_int_equal(schema_parse_size("04MB", &n), -EINVAL);
    assert_int_equal(schema_parse_size("4 MB", &n), -EINVAL);
    assert_int_equal(schema_parse_size("4mb", &n), -EINVAL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_slips), cmocka_unit_test(test_a_whole_job),
                                       cmocka_unit_test(test_defaults), cmocka_unit_test(test_sizes)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
