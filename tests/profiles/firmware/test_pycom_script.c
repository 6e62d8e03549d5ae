/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "profiles/firmware/firmware_archive.h"
#include "profiles/firmware/pycom_script.h"

#define MB (1024u * 1024)

static const struct place at = {"WiPy.tar.gz", 0, NULL};

static int parse(const char *json, struct pycom_script *s, struct complaint *c)
{
    struct archive_member m = {"script2", (const uint8_t *)json, strlen(json)};

    return pycom_script_parse(&m, s, &at, c);
}

static void test_both_forms(void **state)
{
    struct complaint c = {0};
    struct pycom_script s;

    (void)state;
    if (parse(
            "[[\"e\",\"0x1000\",\"0x40000\"],[\"w\",\"0x10000\",\"./wipy.bin\"],[\"o\",\"0X3FF000\",\"cb.bin\"]]",
            &s, &c) != 0)
        fail_msg("%s", c.text);
    assert_false(s.is_object);
    assert_int_equal(s.count, 3);
    assert_int_equal(s.commands[0].letter, SCRIPT_ERASE);
    assert_int_equal(s.commands[0].offset, 0x1000);
    assert_int_equal(s.commands[0].size, 0x40000);
    assert_int_equal(s.commands[1].letter, SCRIPT_WRITE);
    assert_false(s.commands[1].named);
    assert_string_equal(s.commands[1].file, "wipy.bin");
    assert_int_equal(s.commands[2].letter, SCRIPT_OVERWRITE);
    assert_int_equal(s.commands[2].offset, 0x3FF000);

    if (parse(
            "{\"version\":\"2.1\",\"partitions\":{\"factory\":[\"0x10000\",\"0x1AE000\"]},\"script\":["
            "[\"e\",\"fs\"],[\"e\",\"ota\"],[\"e\",\"cb\"],[\"w\",\"factory\",\"wipy.bin\"],[\"e\",\"all\"]]}",
            &s, &c) != 0)
        fail_msg("%s", c.text);
    assert_true(s.is_object);
    assert_int_equal(s.partition_count, 1);
    assert_int_equal(s.partitions[0].size, 0x1AE000);
    assert_string_equal(s.commands[0].target, "fs");
    assert_string_equal(s.commands[1].target, "otadata");
    assert_string_equal(s.commands[2].target, "config");
    assert_true(s.commands[3].named);
    assert_string_equal(s.commands[4].target, "all");
}

static void test_slips(void **state)
{
    static const struct {
        const char *json, *want;
    } slips[] = {
        {"", "script2: line 1 is not valid JSON"},
        {"[", "script2: line 1 is not valid JSON"},
        {"\"text\"", "script2: line 1 is not valid JSON"},
        {"[]", "script2: has no commands"},
        {"{}", "script2: version '' is not known"},
        {"{\"version\":\"3.0\",\"script\":[]}", "script2: version '3.0' is not known"},
        {"{\"version\":\"2.1\"}", "script2: has no commands"},
        {"{\"version\":\"2.1\",\"version\":\"2.0\"}", "duplicate"},
        {"[[\"e\",\"nvs\"],[\"x\",\"0x1000\",\"a.bin\"]]",
         "script2: entry 2: unknown letter 'x'; known are e, w and o"},
        {"[[\"wH\",\"0x1000\",\"a.bin\"]]", "script2: entry 1: unknown letter 'wH'"},
        {"[[\"w\",\"0x1000\"]]", "script2: entry 1: writing needs a target and the name of a member"},
        {"[[\"w\",\"0x1000\",\"\"]]", "script2: entry 1: writing needs"},
        {"[[\"w\",4096,\"a.bin\"]]", "script2: entry 1: is not a command"},
        {"[[\"w\",\"0x1000g\",\"a.bin\"]]", "script2: entry 1: '0x1000g' is not a hex offset"},
        {"[[\"w\",\"0x\",\"a.bin\"]]", "script2: entry 1: '0x' is not a hex offset"},
        {"[[\"w\",\"0x100000000\",\"a.bin\"]]", "is not a hex offset"},
        {"[[\"w\",\"\",\"a.bin\"]]", "entry 1: '' is not a partition name"},
        {"[[\"e\",\"0x1000\"]]", "script2: entry 1: erasing at an offset needs a size in hex"},
        {"[[\"e\",\"0x1000\",\"4096\"]]", "script2: entry 1: erasing at an offset needs a size in hex"},
        {"[[\"e\",\"0x1000\",\"0x0\"]]", "erasing at an offset needs a size"},
        {"[[\"e\",\"nvs\",\"0x1000\"]]", "script2: entry 1: erasing a partition takes no size"},
        {"[\"e\"]", "script2: entry 1: is not a command"},
        {"[[]]", "script2: entry 1: is not a command"},
        {"[null]", "script2: entry 1: is not a command"},
        {"[[\"w\",\"a\\u0000b\",\"x\"]]", "not valid JSON"},
        {"{\"version\":\"2.1\",\"partitions\":{\"x\":[\"0x10\",\"0x1000\"]},\"script\":[[\"e\",\"x\"]]}",
         "partition 'x' is not"},
        {"{\"version\":\"2.1\",\"partitions\":{\"x\":[\"0x1000\"]},\"script\":[[\"e\",\"x\"]]}",
         "partition 'x' is not"},
        {"{\"version\":\"2.1\",\"partitions\":{\"x\":[\"0xFFFFF000\",\"0x2000\"]},\"script\":[[\"e\",\"x\"]]}",
         "partition 'x' is not"},
        {"{\"version\":\"2.1\",\"partitions\":[],\"script\":[[\"e\",\"x\"]]}",
         "\"partitions\" is not a list"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof slips / sizeof slips[0]; i++) {
        struct complaint c = {0};
        struct pycom_script s;

        if (parse(slips[i].json, &s, &c) == 0)
            fail_msg("was accepted: %s", slips[i].json);
        assert_int_equal(c.code, FAIL_FIRMWARE);
        assert_int_equal(strncmp(c.text, "WiPy.tar.gz: script2: ", 22), 0);
        if (strstr(c.text, slips[i].want) == NULL)
            fail_msg("for: %s\nwant: %s\n got: %s", slips[i].json, slips[i].want, c.text);
    }
}

static const char *choose(const char *const *names, uint32_t flash_size, struct complaint *c)
{
    struct archive_member members[8];
    struct firmware_archive archive = {members, 0};
    const struct archive_member *m;

    for (; names[archive.count] != NULL; archive.count++)
        members[archive.count] = (struct archive_member){names[archive.count], NULL, 0};
    complaint_clear(c);
    m = pycom_script_choose(&archive, flash_size, &at, c);
    return m != NULL ? m->name : NULL;
}

static void test_choice(void **state)
{
    static const char *const all[] = {"script", "script2", "script_4MB", "script_8MB", NULL};
    static const char *const sipy[] = {"script", "script2", "script_4MB", NULL};
    static const char *const old[] = {"script", NULL};
    static const char *const large[] = {"script_8MB", "wipy.bin", NULL};
    static const char *const enc[] = {"script_8MB_enc", "script_4MB_enc", "wipy.bin_enc", NULL};
    static const char *const none[] = {"wipy.bin", NULL};
    struct complaint c;

    (void)state;
    assert_string_equal(choose(all, 4 * MB, &c), "script_4MB");
    assert_string_equal(choose(all, 8 * MB, &c), "script_8MB");
    assert_string_equal(choose(all, 16 * MB, &c), "script2");
    assert_string_equal(choose(sipy, 8 * MB, &c), "script2");
    assert_string_equal(choose(old, 8 * MB, &c), "script");
    assert_null(choose(large, 4 * MB, &c));
    assert_non_null(strstr(c.text, "has no script for 4 MB flash; it has script_8MB"));
    assert_null(choose(enc, 8 * MB, &c));
    assert_non_null(strstr(c.text, "has only 'script_8MB_enc' for boards with flash encryption"));
    assert_null(choose(none, 8 * MB, &c));
    assert_non_null(strstr(c.text, "has no script member"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_both_forms), cmocka_unit_test(test_slips),
                                       cmocka_unit_test(test_choice)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
