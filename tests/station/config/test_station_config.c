/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "profiles/text/complaint.h"
#include "station/config/config.h"
#include "tests/support/scratch.h"

struct config_place {
    char dir[SCRATCH_SIZE], file[SCRATCH_SIZE + 16];
};

static int make_place(void **state)
{
    struct config_place *p = calloc(1, sizeof *p);
    scratch_make(p->dir, "config");
    snprintf(p->file, sizeof p->file, "%s/s.yaml", p->dir);
    *state = p;
    return 0;
}

static int free_place(void **state)
{
    struct config_place *p = *state;
    scratch_remove(p->dir);
    free(p);
    return 0;
}

static const char whole[] = "station: line-1\n"
                            "database: /tmp/x.db\n"
                            "layout:\n"
                            "  rows: 1\n"
                            "  columns: 2\n"
                            "# the fixture\n"
                            "slots:\n"
                            "  - number: 2\n"
                            "    port: tty:/dev/ttyUSB1\n"
                            "  - number: 1\n"
                            "    port: \"ftdi:1-4.2:B\"\n"
                            "    label: left\n"
                            "    reset: none\n"
                            "    presence: not-dsr\n"
                            "# rules\n"
                            "policy:\n"
                            "  stop_slot_failures: 5\n"
                            "  lot_required: yes\n"
                            "  duplicate_mac: rework\n"
                            "  blank_mac: warn\n";

static void a_whole_file_is_read(void **state)
{
    struct config_place *p = *state;
    struct complaint c = {0};
    char text[CONFIG_POLICY_TEXT];
    scratch_save_text(p->file, whole);
    struct config *config = config_load(p->file, &c);
    assert_non_null(config);
    assert_string_equal(config->station_id, "line-1");
    assert_int_equal(config->layout_columns, 2);
    assert_int_equal(config->slot_count, 2);
    assert_int_equal(config->slots[0].number, 1);
    assert_string_equal(config->slots[0].port, "ftdi:1-4.2:B");
    assert_true(config->slots[0].has_reset && config->slots[0].reset == RESET_NONE);
    assert_false(config->slots[1].has_reset);
    assert_string_equal(presence_line_word(&config->slots[0].presence), "not-dsr");
    assert_int_equal(config->slots[1].presence.input, 0);
    assert_int_equal(config->policy.stop_slot_failures, 5);
    assert_int_equal(config->policy.stop_station_failures, 10);
    assert_true(config->policy.lot_required);
    assert_true(config->policy.has_duplicate_mac && config->policy.duplicate_mac == DUPLICATE_REWORK);
    assert_int_equal(config->policy.blank_mac, ADDRESS_WARN);
    assert_int_equal(config->policy.multicast_mac, ADDRESS_REFUSE);
    config_policy_text(&config->policy, text);
    assert_non_null(
        strstr(text, "duplicate_mac rework, blank_mac warn, multicast_mac refuse, stop_slot_failures 5"));
    assert_ptr_equal(config_find_slot(config, "left"), &config->slots[0]);
    assert_ptr_equal(config_find_slot(config, "2"), &config->slots[1]);
    assert_null(config_find_slot(config, "3"));
    assert_null(config_find_slot(config, ""));
    config_free(config);
}

static void the_recorder_gets_the_rules_of_the_file(void **state)
{
    const struct config_policy usual = CONFIG_POLICY_DEFAULT;
    struct config_place *p = *state;
    struct complaint c = {0};
    struct db_policy rules;

    /* Unsaid, the job decides on duplicates, and no other address passes. */
    config_policy_apply(&usual, DUPLICATE_WARN, &rules);
    assert_int_equal(rules.on_duplicate, DUPLICATE_WARN);
    config_policy_apply(&usual, DUPLICATE_REFUSE, &rules);
    assert_int_equal(rules.on_duplicate, DUPLICATE_REFUSE);
    assert_int_equal(rules.on_blank, ADDRESS_REFUSE);
    assert_int_equal(rules.on_multicast, ADDRESS_REFUSE);
    scratch_save_text(
        p->file,
        "policy:\n  duplicate_mac: refuse\n  multicast_mac: warn\n  serial_required: yes\n  disk_floor_mb: 7\n");
    struct config *config = config_load(p->file, &c);
    assert_non_null(config);
    config_policy_apply(&config->policy, DUPLICATE_REWORK, &rules);
    assert_int_equal(rules.on_duplicate, DUPLICATE_REFUSE);
    assert_int_equal(rules.on_blank, ADDRESS_REFUSE);
    assert_int_equal(rules.on_multicast, ADDRESS_WARN);
    assert_int_equal(rules.disk_floor, 7 << 20);
    assert_true(rules.serial_required);
    config_policy_apply(&config->policy, DUPLICATE_REWORK, &rules);
    assert_true(rules.serial_required); /* it is practised too */
    config_free(config);
}

static void every_slip_names_file_and_line(void **state)
{
    static const struct {
        const char *text;
        int line;
    } slips[] = {
        {"", 0},
        {"station: a\nstatoin: b\n", 2},
        {"station: a\nstation: b\n", 2},
        {"layout:\n  rows: two\n  columns: 2\n", 2},
        {"slots:\n  - number: 1\n    port: sim:1\n", 3},
        {"shifts: [06:00, 6:30]\n", 1},
        {"shifts:\n  - 06:00\n  - 24:00\n", 3},
        {"shifts:\n  - 14:00\n  - 06:00\n", 3},
        {"shifts: [06:00, 06:00]\n", 1},
        {"slots:\n  - number: 1\n    port: ttyUSB0\n", 3},
        {"slots:\n  - number: 0\n    port: tty:/dev/x\n", 2},
        {"slots:\n  - number: 1\n    port: tty:/dev/x\n  - number: 1\n    port: tty:/dev/y\n", 4},
        {"slots:\n  - number: 1\n    port: tty:/dev/x\n  - number: 2\n    port: tty:/dev/x\n", 5},
        {"slots:\n  - number: 1\n    port: tty:/dev/x\n    reset: maybe\n", 4},
        {"slots:\n  - number: 1\n    port: tty:/dev/x\n    presence: dtr\n", 4},
        {"policy:\n\tstop_slot_failures: 3\n", 2},
        {"policy:\n  stop_slot_failures: 12abc\n", 2},
        {"policy:\n  lot_required: yes\n  duplicate_mac: refused\n", 3},
        {"policy:\n  blank_mac: rework\n", 2},
        {"policy:\n  multicast_mac: allow\n", 2},
        {"policy:\n  duplicate_mac: warn\n  duplicate_mac: warn\n", 3},
    };
    struct config_place *p = *state;
    for (size_t i = 0; i < sizeof slips / sizeof slips[0]; i++) {
        struct complaint c = {0};
        char where[128];
        scratch_save_text(p->file, slips[i].text);
        assert_null(config_load(p->file, &c));
        assert_int_equal(c.code, FAIL_CONFIG);
        snprintf(where, sizeof where, "%s:", p->file);
        if (slips[i].line > 0)
            snprintf(where, sizeof where, "%s:%d:", p->file, slips[i].line);
        if (strncmp(c.text, where, strlen(where)) != 0)
            print_message("%s\n", c.text);
        assert_memory_equal(c.text, where, strlen(where));
    }
}

#define THIRTY "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"

/* `scan:` is what names boards: a slip in it is told where it stands, before a shift begins. */
static void every_slip_of_the_scanner_names_file_and_line(void **state)
{
    static const struct {
        const char *text;
        int line; /* 0: it is sound */
        const char *what;
    } slips[] = {
        {"scan:\n  serial: {pattern: 'SN-[0-9]+'}\n  lot: {prefix: 'L:'}\n", 0, ""},
        {"scan:\n  serial: {pattern: '('}\n", 2, "pattern: '(' is no POSIX extended regular expression"},
        {"scan:\n  trim: yes\n  lot:\n    pattern: '[a'\n", 4, "'[a' is no POSIX extended"},
        {"scan:\n  lot: {pattern: 'a{2,1}'}\n", 2, "'a{2,1}' is no POSIX extended"},
        {"scan:\n  lot: {pattern: 'a)|(b'}\n", 2, "'a)|(b' is no POSIX extended"},
        {"scan:\n  lots: {pattern: a}\n", 2, "lots: "},
        {"scan:\n  lot: {patern: a}\n", 2, "patern: "},
        {"scan:\n  lot: {pattern: a}\n  lot: {pattern: b}\n", 3, "lot: "},
        {"scan:\n  lot: {pattern: ''}\n", 2, "pattern: has no value"},
        {"scan:\n  lot: {prefix: ''}\n", 2, "prefix: has no value"},
        {"scan:\n  lot: 'L-[0-9]+'\n", 2, "lot: "},
        {"scan:\n  case: title\n", 2, "case: 'title' is not known"},
        {"scan:\n  trim: sometimes\n", 2, "trim: "},
        {"scan:\n  lot: {prefix: \"L\\e[\"}\n", 2, "prefix: holds a control character"},
        {"scan:\n  lot: {pattern: \"L\\t\"}\n", 2, "pattern: holds a control character"},
        {"scan:\n  lot: {prefix: \"L\\x85\"}\n", 2, "prefix: has a control character"},
        {"scan:\n  lot: {prefix: \"\\u202e\"}\n", 2, "prefix: has a mark that turns the direction"},
        {"scan:\n  lot: {prefix: " THIRTY "x}\n", 0, ""},
        {"scan:\n  lot: {prefix: " THIRTY "xx}\n", 2, "prefix: is longer than 31 bytes"},
        {"scan:\n  lot: {pattern: " THIRTY THIRTY THIRTY THIRTY THIRTY THIRTY THIRTY THIRTY THIRTY "}\n", 2,
         "pattern: is longer than 255 bytes"},
        {"scan:\n  serial: {prefix: X}\n\n  lot: {prefix: X}\n", 2,
         "serial: takes every code that lot could be"},
        {"scan:\n  lot: {pattern: '[0-9]+'}\n  badge: {pattern: '.*'}\n", 3,
         "badge: takes every code that lot could be"},
        {"scan:\n  lot: {prefix: 'l:'}\n  case: upper\n", 2, "lot: prefix 'l:' has letters"},
        {"scan:\n  lot: {prefix: ' L'}\n", 2, "lot: prefix ' L' begins with a blank"},
        {"scan_prefix: \"\\x02\"\n", 1, "scan_prefix: holds a control character"},
        {"scan_prefix: \"123456789012345\"\n", 0, ""},
        {"scan_prefix: \"1234567890123456\"\n", 1, "scan_prefix: is longer than 15 bytes"},
    };
    struct config_place *p = *state;

    for (size_t i = 0; i < sizeof slips / sizeof slips[0]; i++) {
        struct complaint c = {0};
        char where[160];
        scratch_save_text(p->file, slips[i].text);
        struct config *config = config_load(p->file, &c);
        snprintf(where, sizeof where, "%s:%d: ", p->file, slips[i].line);
        if ((config != NULL) != (slips[i].line == 0) ||
            (config == NULL && (strncmp(c.text, where, strlen(where)) != 0 || strchr(c.text, '\n') != NULL ||
                                strstr(c.text, slips[i].what) == NULL)))
            fail_msg("slip %zu: '%s'", i, c.text);
        config_free(config);
    }
}

/* A configuration can be copied with what belongs to it, and says the same from wherever a verb is called. */
static void places_begin_at_the_file_that_names_them(void **state)
{
    static const struct {
        const char *written, *means; /* '@': the configuration's folder */
    } rows[] = {
        {"flashline.db", "@/flashline.db"}, {"records/x.db", "@/records/x.db"}, {"../x.db", "@/../x.db"},
        {"/var/x.db", "/var/x.db"},         {"~/x.db", "/home/line/x.db"},      {"a~b.db", "@/a~b.db"},
    };
    struct config_place *p = *state;

    setenv("HOME", "/home/line", 1);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct complaint c = {0};
        char text[256], want[SCRATCH_SIZE + 64];
        bool here = rows[i].means[0] == '@';

        snprintf(text, sizeof text, "database: '%s'\npolicy:\n  backup_dir: '%s'\n", rows[i].written,
                 rows[i].written);
        scratch_save_text(p->file, text);
        struct config *config = config_load(p->file, &c);
        assert_non_null(config);
        snprintf(want, sizeof want, "%s%s", here ? p->dir : "", rows[i].means + here);
        assert_string_equal(config->database, want);
        assert_string_equal(config->policy.backup_dir, want);
        config_free(config);
    }
}

static void the_scanners_rules_are_read_whole(void **state)
{
    struct config_place *p = *state;
    struct complaint c = {0};

    scratch_save_text(p->file,
                      "scan_prefix: \"~\\u00e4~~~~~~~~~~~~\"\nscan:\n  trim: no\n  case: lower\n"
                      "  serial: {pattern: 'sn-[0-9]{4}', prefix: 's:'}\n  command: {prefix: '!'}\n");
    struct config *config = config_load(p->file, &c);
    assert_non_null(config);
    assert_string_equal(config->scan_prefix, "~\xc3\xa4~~~~~~~~~~~~"); /* 15 bytes */
    assert_true(config->scan.are_given && config->scan.keep_blanks &&
                config->scan.letters == SCAN_CASE_LOWER);
    assert_string_equal(config->scan.kinds[SCAN_SERIAL].pattern, "sn-[0-9]{4}");
    assert_string_equal(config->scan.kinds[SCAN_SERIAL].prefix, "s:");
    assert_true(config->scan.kinds[SCAN_COMMAND].is_given);
    assert_string_equal(config->scan.kinds[SCAN_COMMAND].pattern, "");
    assert_false(config->scan.kinds[SCAN_LOT].is_given);
    config_free(config);
}

static void a_home_that_nobody_knows_is_refused(void **state)
{
    struct config_place *p = *state;
    struct complaint c = {0}, none = {0};

    scratch_save_text(p->file, "station: a\ndatabase: ~bob/x.db\n");
    assert_null(config_load(p->file, &c));
    assert_non_null(strstr(c.text, "s.yaml:2: database: '~bob/x.db' is in another account's home"));
    unsetenv("HOME");
    scratch_save_text(p->file, "database: ~/x.db\n");
    assert_null(config_load(p->file, &none));
    assert_non_null(strstr(none.text, "s.yaml:1: database: '~/x.db' needs HOME"));
}

static void a_named_file_must_be_there(void **state)
{
    struct config_place *p = *state;
    struct complaint c = {0};
    assert_null(config_load(p->file, &c));
    assert_non_null(strstr(c.text, "No such file"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_whole_file_is_read, make_place, free_place),
        cmocka_unit_test_setup_teardown(the_recorder_gets_the_rules_of_the_file, make_place, free_place),
        cmocka_unit_test_setup_teardown(every_slip_names_file_and_line, make_place, free_place),
        cmocka_unit_test_setup_teardown(every_slip_of_the_scanner_names_file_and_line, make_place,
                                        free_place),
        cmocka_unit_test_setup_teardown(the_scanners_rules_are_read_whole, make_place, free_place),

        cmocka_unit_test_setup_teardown(places_begin_at_the_file_that_names_them, make_place, free_place),
        cmocka_unit_test_setup_teardown(a_home_that_nobody_knows_is_refused, make_place, free_place),
        cmocka_unit_test_setup_teardown(a_named_file_must_be_there, make_place, free_place),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
