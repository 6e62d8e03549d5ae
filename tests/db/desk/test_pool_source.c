/* SPDX-License-Identifier: Apache-2.0 */
/* Values come into pools from what people have: all of a source or nothing, with the place of what is wrong. */
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
#include <sqlite3.h>

#include "db/desk/pool_source.h"
#include "tests/support/scratch.h"

#define MARK "\xef\xbb\xbf"

static const struct pool_shape words = {POOL_TEXT, 1}, eui64 = {POOL_EUI64, 8}, mac = {POOL_MAC, 6},
                               two = {POOL_HEX, 2}, file = {POOL_FILE, 1};

/* "value" or "value=MAC's last byte", joined by blanks; of one that is refused what was said. */
static const char *listed(int rc, const struct pool_block *b, const struct failure *f)
{
    static char out[1024];
    size_t length = 0;

    if (rc != 0)
        return f->detail;
    out[0] = '\0';
    for (size_t i = 0; i < b->count && length < sizeof out; i++) {
        const struct pool_entry *e = &b->entries[i];
        length += (size_t)snprintf(out + length, sizeof out - length, "%s%s", i > 0 ? " " : "", e->text);
        if (e->has_mac)
            length += (size_t)snprintf(out + length, sizeof out - length, "=%02x", e->mac.bytes[5]);
        if (e->state == POOL_SPOILED)
            length += (size_t)snprintf(out + length, sizeof out - length, "!");
    }
    return out;
}

static void a_csv_is_read_as_it_is_written(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        struct pool_columns columns;
        const char *is;
    } rows[] = {
        {"a\nb\n", {NULL, NULL, false}, "a b"},
        {"a\nb", {NULL, NULL, false}, "a b"},
        {MARK "a\r\n\r\nb\r\n", {NULL, NULL, false}, "a b"},
        {"n,sn\n1,a\n2,b\n", {"sn", NULL, false}, "a b"},
        {"n,sn\n1,a\n2,b\n", {"2", NULL, true}, "a b"},
        {"\n\nn,sn\n1,a\n", {"sn", NULL, false}, "a"},
        {"n;sn;mac\n1;a;24:0a:c4:00:00:07\n2;b;\n", {"sn", "mac", false}, "a=07 b"},
        {"n\tsn\n1\t\"a\"\n", {"sn", NULL, false}, "a"},
        {"\"x,\"\"y\"\"\",2\n", {NULL, NULL, false}, "x,\"y\""},
        {"\"a\",\"\"\n", {NULL, NULL, false}, "a"},
        {"a;b,c\n", {"2", NULL, false}, "b,c"},
        {"a\n\"b\n", {NULL, NULL, false}, ":2: a quote is not closed, or there are more than 256 columns"},
        {"\"a\"\"\n", {NULL, NULL, false}, ":1: a quote is not closed, or there are more than 256 columns"},
        {"\"a\"b\n", {NULL, NULL, false}, ":1: a quote is not closed, or there are more than 256 columns"},
        {"n,sn\n1,a\n2,\n", {"sn", NULL, false}, ":3: there is no value in this line"},
        {"n,sn\n1,a\n2\n", {"sn", NULL, false}, ":3: there is no value in this line"},
        {"n,sn\n", {"serial", NULL, false}, ":1: there is no column 'serial'"},
        {"n,sn\n", {"0", NULL, false}, ":1: there is no column '0'"},
        {"sn,mac\na,24:0a\n", {"sn", "mac", false}, ":2: the board's MAC is none"},
        {"a\nb\na\n", {NULL, NULL, false}, ":3: a stands in line 1 too"},
        {"sn,mac\na,240ac4000001\nb,24-0A-C4-00-00-01\n",
         {"sn", "mac", false},
         ":3: board 24:0a:c4:00:00:01 has the value of line 2 too"},
        {"a\nb\x07\n", {NULL, NULL, false}, ":2: 'b\x07' has a control character"},
        {"sn\n", {"sn", NULL, false}, ": there is no value in it"},
    };
    char dir[SCRATCH_SIZE], path[128];

    scratch_make(dir, "pool");
    snprintf(path, sizeof path, "%s/v.csv", dir);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct pool_block b;
        struct failure f = {0};
        scratch_save_text(path, rows[i].text);
        pool_block_begin(&b, "p", &words);
        int rc = pool_read_csv(path, &rows[i].columns, &b, &f);
        rc = rc == 0 ? pool_block_check(&b, &f) : rc;
        const char *got = listed(rc, &b, &f);
        if (rows[i].is[0] == ':')
            got = strncmp(got, path, strlen(path)) == 0 ? got + strlen(path) : got;
        assert_string_equal(got, rows[i].is);
        pool_block_free(&b);
    }
    scratch_remove(dir);
}

static void the_first_line_that_has_names_is_hinted_at(void **state)
{
    (void)state;
    const struct pool_columns columns = {NULL, NULL, false};
    char dir[SCRATCH_SIZE], path[128];
    struct pool_block b;
    struct failure f = {0};

    scratch_make(dir, "pool");
    snprintf(path, sizeof path, "%s/v.csv", dir);
    scratch_save_text(path, "eui\n70b3d54990000001\n");
    pool_block_begin(&b, "p", &eui64);
    assert_int_equal(pool_read_csv(path, &columns, &b, &f), -1);
    assert_non_null(strstr(f.detail, ":1: 'eui' is no EUI-64"));
    assert_non_null(strstr(f.detail, "--heading"));
    pool_block_free(&b);
    b.shape = eui64;
    b.secret = true; /* what is wrong with a secret is said without it */
    scratch_save_text(path, "70b3d5\n");
    assert_int_equal(pool_read_csv(path, &columns, &b, &f), -1);
    assert_null(strstr(f.detail, "70b3d5"));
    pool_block_free(&b);
    scratch_remove(dir);
}

static void a_range_counts_from_first_to_last(void **state)
{
    (void)state;
    static const struct {
        const struct pool_shape *shape;
        const char *range;
        long step;
        const char *is;
    } rows[] = {
        {&words, "SN-008..SN-011", 1, "SN-008 SN-009 SN-010 SN-011"},
        {&words, "SN2-7..SN2-9", 1, "SN2-7 SN2-8 SN2-9"},
        {&words, "5..5", 1, "5"},
        {&two, "00fe..0101", 1, "00fe 00ff 0100 0101"},
        {&two, "fffe..ffff", 1, "fffe ffff"},
        {&mac, "70b3d50000fc..70b3d5000108", 4,
         "70:b3:d5:00:00:fc 70:b3:d5:00:01:00 70:b3:d5:00:01:04 70:b3:d5:00:01:08"},
        {&eui64, "70b3d549ffffffff..70b3d54a00000000", 1, "70:b3:d5:49:ff:ff:ff:ff 70:b3:d5:4a:00:00:00:00"},
        {&words, "SN-9..SN-10", 1,
         "range SN-9..SN-10: the first is not before the last, or is not as long; write 1 to 50 as 01..50"},
        {&words, "SN-5..SN-4", 1,
         "range SN-5..SN-4: the first is not before the last, or is not as long; write 1 to 50 as 01..50"},
        {&words, "SA-5..SB-6", 1,
         "range SA-5..SB-6: the first is not before the last, or is not as long; write 1 to 50 as 01..50"},
        {&words, "A..B", 1, "range A..B: it does not end in figures"},
        {&words, "1-5", 1, "'1-5' is no range: FIRST..LAST"},
        {&two, "0..f", 1, "range 0..f: it is not as many bytes in hex as the pool's values have"},
        {&words, "00000..10000", 1, "00000..10000: more than 10000 values at once: bring them in in parts"},
    };

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct pool_block b;
        struct failure f = {0};
        pool_block_begin(&b, "p", rows[i].shape);
        int rc = pool_read_range(rows[i].range, rows[i].step, &b, &f);
        assert_string_equal(listed(rc, &b, &f), rows[i].is);
        pool_block_free(&b);
    }
}

static void a_folder_has_one_name_a_unit(void **state)
{
    (void)state;
    char dir[SCRATCH_SIZE], path[128];
    struct pool_block b;
    struct failure f = {0};

    scratch_make(dir, "pool");
    static const char *const names[] = {"unit-2.bin", "unit-1.bin", ".hidden", "practice"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        snprintf(path, sizeof path, "%s/%s", dir, names[i]);
        scratch_save_text(path, "x");
    }
    snprintf(path, sizeof path, "%s/unit-3", dir);
    assert_int_equal(mkdir(path, 0700), 0);
    pool_block_begin(&b, "p", &file);
    int rc = pool_read_folder(dir, &b, &f);
    assert_string_equal(listed(rc, &b, &f), "unit-1.bin unit-2.bin unit-3");
    assert_true(b.folder[0] == '/');
    pool_block_free(&b);
    snprintf(path, sizeof path, "%s/pipe", dir);
    assert_int_equal(mkfifo(path, 0600), 0);
    pool_block_begin(&b, "p", &file);
    assert_int_equal(pool_read_folder(dir, &b, &f), -1);
    assert_non_null(strstr(f.detail, "pipe is neither a file nor a folder"));
    pool_block_free(&b);
    scratch_remove(dir);
}

#define MACS "CREATE TABLE macs(mac TEXT, status INTEGER, last_touch INTEGER, wmac TEXT);"
#define ROW(n, status, touched, wmac) \
    "INSERT INTO macs VALUES ('70-B3-D5-49-90-00-00-0" #n "', " status ", " touched ", " wmac ");"

/* As the scripts left it: a board that was run again burnt a second EUI, what failed and what was locked is never given again. */
static void the_database_of_the_old_line_is_taken_over(void **state)
{
    (void)state;
    static const struct {
        const char *sql, *is;
    } rows[] = {
        {MACS ROW(1, "1", "1490000000", "'24:0A:C4:00:00:01'") ROW(
             2, "1", "1490000500", "'24:0A:C4:00:00:01'") ROW(3, "-1", "1490000600", "'24:0a:c4:00:00:02'")
             ROW(4, "-2", "1490000700", "NULL") ROW(5, "0", "0", "NULL") ROW(6, "0", "NULL", "''")
                 ROW(7, "1", "1490000800", "'240ac4000003'"),
         "70:b3:d5:49:90:00:00:01=01! 70:b3:d5:49:90:00:00:02=01 70:b3:d5:49:90:00:00:03=02! 70:b3:d5:49:90:00:00:04!"
         " 70:b3:d5:49:90:00:00:05 70:b3:d5:49:90:00:00:06 70:b3:d5:49:90:00:00:07=03"},
        {MACS ROW(1, "0", "0", "NULL") ROW(2, "0", "0", "'24:0a:c4:00:00:01'"),
         ": row 2 of table macs: it is unused, and yet a board has it"},
        {MACS ROW(1, "3", "0", "NULL"), ": row 1 of table macs: its status is none of 0, 1, -1, -2"},
        {MACS ROW(1, "1", "0", "'24:0a'"), ": row 1 of table macs: its wmac is no MAC address"},
        {MACS "INSERT INTO macs VALUES ('nothing', 0, 0, NULL)", ":1: 'nothing' is no EUI-64"},
        {"CREATE TABLE macs(mac TEXT)",
         " has no table macs with mac, status, last_touch and wmac: no such column: m.status"},
    };
    char dir[SCRATCH_SIZE], path[128];

    scratch_make(dir, "pool");
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct pool_block b;
        struct failure f = {0};
        sqlite3 *h = NULL;
        snprintf(path, sizeof path, "%s/macs-%zu.db", dir, i);
        assert_int_equal(sqlite3_open(path, &h), SQLITE_OK);
        assert_int_equal(sqlite3_exec(h, rows[i].sql, NULL, NULL, NULL), SQLITE_OK);
        sqlite3_close(h);
        assert_int_equal(chmod(path, 0400), 0);
        assert_true(pool_is_macs(path));
        pool_block_begin(&b, "p", &eui64);
        int rc = pool_read_macs(path, &b, &f);
        rc = rc == 0 ? pool_block_check(&b, &f) : rc;
        const char *got = listed(rc, &b, &f);
        if (rc != 0)
            got = strncmp(got, path, strlen(path)) == 0 ? got + strlen(path) : got;
        assert_string_equal(got, rows[i].is);
        pool_block_free(&b);
    }
    assert_false(pool_is_macs(dir));
    scratch_remove(dir);
}

static void made_up_values_have_the_shape_of_the_pool(void **state)
{
    (void)state;
    static const struct {
        struct pool_shape shape;
        size_t size;
        const char *begins;
    } rows[] = {
        {{POOL_TEXT, 14}, 14, "PRACTICE-"}, {{POOL_TEXT, 3}, 3, "PRA"}, {{POOL_TEXT, 256}, 256, "PRACTICE-"},
        {{POOL_HEX, 16}, 16, ""},           {{POOL_HEX, 256}, 256, ""}, {{POOL_MAC, 6}, 6, "02:f1:a5:"},
        {{POOL_EUI64, 8}, 8, "02:f1:a5:"},
    };
    const struct mac m = {{0x24, 0x0a, 0xc4, 0, 0, 5}};

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct pool_value v;
        pool_value_practice(&v, &rows[i].shape, false, "p", &m);
        assert_true(v.practice);
        assert_int_equal(v.size, rows[i].size);
        assert_memory_equal(v.text, rows[i].begins, strlen(rows[i].begins));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(made_up_values_have_the_shape_of_the_pool),
        cmocka_unit_test(a_csv_is_read_as_it_is_written),
        cmocka_unit_test(the_first_line_that_has_names_is_hinted_at),
        cmocka_unit_test(a_range_counts_from_first_to_last),
        cmocka_unit_test(a_folder_has_one_name_a_unit),
        cmocka_unit_test(the_database_of_the_old_line_is_taken_over),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
