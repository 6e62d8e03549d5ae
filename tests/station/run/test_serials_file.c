/* SPDX-License-Identifier: Apache-2.0 */
/* The file of `run --serials`: which board gets which serial, and each line that is refused, by its number and by the station's one rule. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "db/desk/work.h"
#include "profiles/text/complaint.h"
#include "station/run/run_private.h"
#include "station/run/run_scan.h"
#include "station/run/serials_file.h"
#include "tests/support/db_fixture.h"

#define MAC_1    "24:0a:c4:00:00:01"
#define MAC_2    "24:0a:c4:00:00:02"
#define MARK     "\xef\xbb\xbf"
#define TEN      "0123456789"
#define LETTERS3 TEN TEN TEN TEN TEN TEN "012" /* 63 bytes, as many as a name may have */

struct room {
    struct db_fixture x;
    struct run run;
    char path[160];
    struct complaint c;
};

static const int numbers[] = {2, 5, 7};

static void must(struct room *r, struct work_call call)
{
    assert_int_equal(work_do(r->x.db, &call, NULL, NULL), 0);
}

static void room_open(struct room *r, const char *station)
{
    char path[160];

    memset(r, 0, sizeof *r);
    fixture_new(&r->x);
    fixture_start(&r->x);
    must(r, (struct work_call){.action = WORK_OPERATOR_ADD, .object = "op-1", .badge = "B-1"});
    must(r, (struct work_call){.action = WORK_LOT_OPEN, .object = "A-17"});
    snprintf(path, sizeof path, "%s/station.yaml", r->x.dir);
    scratch_save_text(path, station);
    snprintf(r->path, sizeof r->path, "%s/serials.csv", r->x.dir);
    r->run = (struct run){.db = r->x.db, .recorder = r->x.rec, .config = config_load(path, &r->c)};
    assert_non_null(r->run.config);
    r->run.slots.count = 3;
    for (int i = 0; i < 3; i++)
        r->run.slots.slots[i] =
            (struct engine_slot){.number = numbers[i], .label = i == 0 ? "left" : "right"};
}

static void room_close(struct room *r)
{
    config_free(r->run.config);
    fixture_free(&r->x);
}

/* As a run reads it. */
static struct serials_file *read_bytes(struct room *r, const char *bytes, size_t size)
{
    const struct serials_for here = {numbers, 3, run_scan_serial, &r->run};

    complaint_clear(&r->c);
    scratch_save(r->path, bytes, size);
    return serials_file_read(r->path, &here, &r->c);
}

static struct serials_file *read_text(struct room *r, const char *text)
{
    return read_bytes(r, text, strlen(text));
}

static struct mac mac_of(const char *text)
{
    struct mac mac;

    assert_int_equal(mac_parse(text, &mac), 0);
    return mac;
}

static void by_mac_it_is_the_boards_each_time_it_comes(void **state)
{
    (void)state;
    static const char *const files[] = {
        MAC_1 ",SN-1\n" MAC_2 ",SN-2\n",
        MAC_1 ",SN-1\r\n" MAC_2 ",SN-2\r\n",
        MARK MAC_1 ",SN-1\r\n" MAC_2 ",SN-2", /* as spreadsheets save it; without an end on the last line */
        "240AC4000001,SN-1\n240ac4000002, SN-2 \n",
        "24-0A-C4-00-00-01,SN-1\n24-0a-c4-00-00-02,SN-2\n",
        "240a.c400.0001,SN-1\n24:0A:C4:00:00:02,SN-2\n",
    };
    const struct mac one = mac_of(MAC_1), two = mac_of(MAC_2), other = mac_of("24:0a:c4:00:00:03");
    struct room r;

    room_open(&r, "policy: {lot_required: no}\n");
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
        struct serials_file *f = read_text(&r, files[i]);
        if (f == NULL)
            fail_msg("file %zu: %s", i, r.c.text);
        for (int again = 0; again < 2; again++) {
            assert_string_equal(serials_file_take(f, 7, &two), "SN-2");
            assert_string_equal(serials_file_take(f, 2, &one), "SN-1");
        }
        assert_null(serials_file_take(f, 2, &other));
        serials_file_free(f);
    }
    room_close(&r);
}

static void by_slot_it_is_the_first_boards_there(void **state)
{
    (void)state;
    const struct mac one = mac_of(MAC_1), two = mac_of(MAC_2);
    struct room r;

    room_open(&r, "policy: {lot_required: no}\n");
    struct serials_file *f = read_text(&r, MARK "SN-1\r\n" LETTERS3 "\r\n");
    assert_non_null(f);
    assert_string_equal(serials_file_take(f, 5, &two), LETTERS3);
    assert_string_equal(serials_file_take(f, 2, &one), "SN-1");
    assert_null(serials_file_take(f, 2, &two)); /* another board: not the first one's */
    assert_string_equal(serials_file_take(f, 2, &one), "SN-1");
    assert_null(serials_file_take(f, 7, &one)); /* the file has two lines */
    assert_null(serials_file_take(f, 1, &one)); /* no slot of this run */
    serials_file_free(f);
    room_close(&r);
}

/* What each is told as, behind "<file>:<line>: ". */
static const struct {
    const char *text;
    int line; /* 0: of the file as a whole */
    const char *told;
} bad[] = {
    {"", 0, "no serial number is in it"},
    {MARK, 1, "scan '' is blank"},
    {"SN-1\n\nSN-2\n", 2, "scan '' is blank"},
    {"SN-1\r\n \t\r\n", 2, "scan ' ?' is blank"},
    {MAC_1 ",SN-1\n" MAC_2 ",\n", 2, "scan '' is blank"},
    {MAC_1 ",SN-1\n" MAC_2 "\n", 2, "either every line is MAC,SERIAL or every line is a serial number"},
    {"SN-1\n" MAC_2 ",SN-2\n", 2, "either every line is MAC,SERIAL or every line is a serial number"},
    {MAC_1 ",SN-1\n\n" MAC_2 ",SN-2\n", 2, "scan '' is blank"},
    {MAC_1 ",SN-1\r\n\r\n", 2, "scan '' is blank"},
    /* A spreadsheet of another country, and one with more columns: read by slot, or as they are, they would name boards. */
    {MAC_1 ";SN-1\n" MAC_2 ";SN-2\n", 1, "write MAC,SERIAL with a comma between them"},
    {"SN-1\n24-0A-C4-00-00-02\tSN-2\n", 2, "write MAC,SERIAL with a comma between them"},
    {"240AC4000001|SN-1\n", 1, "write MAC,SERIAL with a comma between them"},
    {MAC_1 ",SN-1,3\n", 1, "more than one comma: write MAC,SERIAL and nothing else"},
    {"00:00:00:00:00:00,SN-1\n", 1,
     "boards with this MAC address have none of their own: it tells none of them apart"},
    {MAC_1 ",SN-1\nFF-FF-FF-FF-FF-FF,SN-2\n", 2,
     "boards with this MAC address have none of their own: it tells none of them apart"},
    {MAC_1 ",SN-1\n24-0A-C4-00-00-01,SN-2\n", 2, "this MAC stands on line 1 already"},
    {MAC_1 ",SN-1\n240ac4000001,SN-2\n", 2, "this MAC stands on line 1 already"},
    {"SN-1\rSN-2\r", 1, "scan 'SN-1?SN-2' has a control character"}, /* line ends of long ago */
    {"mac,serial\n" MAC_1 ",SN-1\n", 1, "this is no MAC address"},
    {MAC_1 "0,SN-1\n", 1, "this is no MAC address"},
    {MAC_1 ",SN-1\n" MAC_2 ",SN-1\n", 2, "this serial number stands on line 1 already"},
    {MAC_1 ",SN-1\n" MAC_2 ",SN-2\n" MAC_1 ",SN-3\n", 3, "this MAC stands on line 1 already"},
    {MAC_1 ",SN-1\n" MAC_1 ",SN-1\n", 2, "this MAC stands on line 1 already"},
    {"SN-1\nSN-2\n SN-1\n", 3, "this serial number stands on line 1 already"},
    {"SN-1\nSN-2\nSN-3\nSN-4\n", 4, "this run has 3 slots: no slot is left for this line"},
    {LETTERS3 "4\n", 1, "scan '" TEN TEN TEN TEN TEN TEN "...' is longer than 63 bytes"},
    {"SN-1\nSN\x1b[2J\n", 2, "scan 'SN?[2J' has a control character"},
    {"SN-1\n" MARK "SN\xff\n", 2, "scan '?SN?' is not UTF-8"},
    {"SN\xe2\x80\xae-1\n", 1, "scan 'SN?-1' has a mark that turns the direction of writing"},
    /* What a screen and the control socket refuse of a scan. */
    {"SN-1\nhttps://example.org/p/1\n", 2,
     "scan 'https://example.org/p/1' is a web address, no code of this station"},
    {MAC_1 ",A-17\n", 1, "scan 'A-17' is a lot, not a serial number"},
    {"SN-1\nB-1\n", 2, "this is somebody's badge"},
    {"left\n", 1, "scan 'left' is a slot's label, not a serial number"},
    {"SN-1\nright \n", 2, "scan 'right' is a slot's label, not a serial number"},
};

static void refused(struct room *r, const char *bytes, size_t size, int line, const char *told)
{
    char expected[512];

    if (line > 0)
        snprintf(expected, sizeof expected, "%s:%d: %s", r->path, line, told);
    else
        snprintf(expected, sizeof expected, "%s: %s", r->path, told);
    assert_null(read_bytes(r, bytes, size));
    assert_int_equal(r->c.code, FAIL_CONFIG);
    assert_string_equal(r->c.text, expected);
}

static void a_bad_line_is_told_with_its_number(void **state)
{
    (void)state;
    struct room r;

    room_open(&r, "policy: {lot_required: no}\n");
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        refused(&r, bad[i].text, strlen(bad[i].text), bad[i].line, bad[i].told);
    refused(&r, "SN-1\nSN-2\0SN-3\n", 15, 2, "a NUL byte");
    /* A folder, and a file that is not there. */
    const struct serials_for here = {numbers, 3, run_scan_serial, &r.run};
    complaint_clear(&r.c);
    assert_null(serials_file_read(r.x.dir, &here, &r.c));
    assert_non_null(strstr(r.c.text, "directory"));
    complaint_clear(&r.c);
    assert_null(serials_file_read("/nowhere/serials.csv", &here, &r.c));
    assert_string_equal(r.c.text, "/nowhere/serials.csv: No such file or directory");
    room_close(&r);
}

/* `scan:` of station.yaml, as for a scan: letters and prefix before anything is compared. */
static void the_stations_patterns_hold_for_a_file(void **state)
{
    (void)state;
    static const char rules[] = "scan:\n"
                                "  case: upper\n"
                                "  serial: {pattern: '[A-Z][A-Z]-[0-9]+', prefix: 'S:'}\n"
                                "  lot: {pattern: 'L[0-9]+'}\n";
    const struct mac one = mac_of(MAC_1);
    struct room r;

    room_open(&r, rules);
    struct serials_file *f = read_text(&r, "s:sn-1\nsn-2\n");
    if (f == NULL)
        fail_msg("%s", r.c.text);
    assert_string_equal(serials_file_take(f, 2, &one), "SN-1");
    assert_string_equal(serials_file_take(f, 5, &one), "SN-2");
    serials_file_free(f);
    refused(&r, "SN-1\nS:sn-1\n", 12, 2, "this serial number stands on line 1 already");
    refused(&r, "l77\n", 4, 1, "scan 'l77' is a lot, not a serial number");
    refused(&r, "77\n", 3, 1, "scan '77' is not a serial number as station.yaml knows it (scan:)");
    room_close(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(by_mac_it_is_the_boards_each_time_it_comes),
        cmocka_unit_test(by_slot_it_is_the_first_boards_there),
        cmocka_unit_test(a_bad_line_is_told_with_its_number),
        cmocka_unit_test(the_stations_patterns_hold_for_a_file),
    };

    return cmocka_run_group_tests_name("serials_file", tests, NULL, NULL);
}
