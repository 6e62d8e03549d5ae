/* SPDX-License-Identifier: Apache-2.0 */
/* station.yaml after an edit: the one thing changed, every other byte as it was; or refused, with the line. */
#include <errno.h>
#include <dirent.h>
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

#include "tests/fuzz/check_station.h"
#include "tests/support/scratch.h"
#include "tests/support/station_text.h"

#define TEXTS 200

static const char usual[] = "station: line-1   # by the door\n"
                            "\n"
                            "# The fixture.\n"
                            "slots:\n"
                            "\n"
                            "  - number: 2\n"
                            "    port: tty:/dev/y\n"
                            "\n"
                            "    label: left  # a nickname\n"
                            "  # the new one\n"
                            "  - number: 1\n"
                            "    port: \"ftdi:1-4.2:B\"  # A is broken\n"
                            "# rules\n"
                            "policy:\n"
                            "  lot_required: yes\n";

/* `text` with the first `old` in it replaced. */
static const char *with(const char *text, const char *old, const char *new)
{
    static char out[8192];
    const char *at = strstr(text, old);

    assert_non_null(at);
    snprintf(out, sizeof out, "%.*s%s%s", (int)(at - text), text, new, at + strlen(old));
    return out;
}

static void assert_edit(const char *text, enum check_edit edit, int number, const char *expected)
{
    struct complaint c = {0};
    struct config_edit *e = config_edit_text("s.yaml", text, strlen(text), &c);
    const struct config_slot slot = {.number = number,
                                     .port = "ftdi:1-1:C",
                                     .label = "a \"b\"",
                                     .has_reset = true,
                                     .presence = {MODEM_DSR, true}};
    size_t size;

    assert_non_null(e);
    int rc = edit == CHECK_LABEL    ? config_edit_label(e, number, "x", &c)
             : edit == CHECK_FORGET ? config_edit_forget(e, number, &c)
                                    : config_edit_add(e, &slot, &c);
    if (rc != 0)
        print_message("%s\n", c.text);
    assert_int_equal(rc, 0);
    const char *now = config_edit_result(e, &size);
    if (size != strlen(expected) || memcmp(now, expected, size) != 0)
        print_message("%.*s\nnot\n%s\n", (int)size, now, expected);
    assert_int_equal(size, strlen(expected));
    assert_memory_equal(now, expected, size);
    config_edit_free(e);
}

static void a_label_is_all_that_changes(void **state)
{
    (void)state;
    assert_edit(usual, CHECK_LABEL, 2, with(usual, "label: left ", "label: \"x\" "));
    assert_edit(usual, CHECK_LABEL, 1, with(usual, "# A is broken\n", "# A is broken\n    label: \"x\"\n"));
    assert_edit("slots: [{number: 1, port: 'tty:/x'}]", CHECK_LABEL, 1,
                "slots: [{label: \"x\", number: 1, port: 'tty:/x'}]");
    assert_edit("slots:\r\n- number: 1\r\n  port: tty:/x", CHECK_LABEL, 1,
                "slots:\r\n- number: 1\r\n  port: tty:/x\r\n  label: \"x\"");
    assert_edit("station: &s a\nslots:\n- number: 1\n  label: *s\n  port: tty:/x\n", CHECK_LABEL, 1,
                "station: &s a\nslots:\n- number: 1\n  label: \"x\"\n  port: tty:/x\n");
    assert_edit("slots:\n- number: 1\n  label:\n  port: tty:/x\n", CHECK_LABEL, 1,
                "slots:\n- number: 1\n  label: \"x\"\n  port: tty:/x\n");
    assert_edit("slots:\n- label: |-\n    a\n\n  number: 1\n  port: tty:/x\n", CHECK_LABEL, 1,
                "slots:\n- label: \"x\"\n\n  number: 1\n  port: tty:/x\n");
}

static void a_slot_goes_with_its_lines(void **state)
{
    (void)state;
    assert_edit(usual, CHECK_FORGET, 2,
                with(usual, "  - number: 2\n    port: tty:/dev/y\n\n    label: left  # a nickname\n", ""));
    assert_edit(usual, CHECK_FORGET, 1,
                with(usual, "  - number: 1\n    port: \"ftdi:1-4.2:B\"  # A is broken\n", ""));
    assert_edit("slots: [ {number: 1, port: 'tty:/x'}, {number: 2, port: 'tty:/y'} ]\n", CHECK_FORGET, 1,
                "slots: [ {number: 2, port: 'tty:/y'} ]\n");
    assert_edit("slots: [ {number: 1, port: 'tty:/x'}, {number: 2, port: 'tty:/y'} ]\n", CHECK_FORGET, 2,
                "slots: [ {number: 1, port: 'tty:/x'} ]\n");
    assert_edit("slots: # all\n  - number: 1\n    port: tty:/x\n# end\n", CHECK_FORGET, 1,
                "slots: [] # all\n# end\n");
    assert_edit(
        "slots:\n- number: 1\n  port: tty:/x\n  ? label\n# of the second\n- number: 2\n  port: tty:/y\n",
        CHECK_FORGET, 1, "slots:\n# of the second\n- number: 2\n  port: tty:/y\n");
    assert_edit("slots: [{number: 1, port: 'tty:/x'},]", CHECK_FORGET, 1, "slots: []");
}

#define NEW_SLOT \
    "number: 3\n%sport: \"ftdi:1-1:C\"\n%slabel: \"a \\\"b\\\"\"\n%sreset: classic\n%spresence: not-dsr\n"

static void a_new_slot_costs_nothing(void **state)
{
    char lines[256];

    (void)state;
    snprintf(lines, sizeof lines, "# A is broken\n  - " NEW_SLOT, "    ", "    ", "    ", "    ");
    assert_edit(usual, CHECK_ADD, 3, with(usual, "# A is broken\n", lines));
    snprintf(lines, sizeof lines, "station: a\n# end\nslots:\n  - " NEW_SLOT, "    ", "    ", "    ", "    ");
    assert_edit("station: a\n# end\n", CHECK_ADD, 3, lines);
    snprintf(lines, sizeof lines, "station: a\nslots:\n  - " NEW_SLOT "...\n", "    ", "    ", "    ",
             "    ");
    assert_edit("station: a\n...\n", CHECK_ADD, 3, lines);
    assert_edit(
        "slots: []\n", CHECK_ADD, 3,
        "slots: [{number: 3, port: \"ftdi:1-1:C\", label: \"a \\\"b\\\"\", reset: classic, presence: not-dsr}]\n");
    assert_edit(
        "{}", CHECK_ADD, 3,
        "{slots: [{number: 3, port: \"ftdi:1-1:C\", label: \"a \\\"b\\\"\", reset: classic, presence: not-dsr}]}");
}

static void a_text_is_put_where_it_belongs(void **state)
{
    static const struct {
        enum config_text which;
        const char *value, *before, *after; /* NULL after: refused */
    } rows[] = {
        {CONFIG_STATION, "l \"2\"", "station: line-1   # by the door\nslots: []\n",
         "station: \"l \\\"2\\\"\"   # by the door\nslots: []\n"},
        {CONFIG_STATION, "l", "# mine\nslots: []", "# mine\nslots: []\nstation: \"l\""},
        {CONFIG_STATION, "l", "slots: []\r\n", "slots: []\r\nstation: \"l\"\r\n"},
        {CONFIG_STATION, "l", "{slots: []}", "{station: \"l\", slots: []}"},
        {CONFIG_STATION, "l", "station: l\n", "station: l\n"},
        {CONFIG_DATABASE, "/x y.db", "database: old.db\n", "database: \"/x y.db\"\n"},
        {CONFIG_BACKUP_DIR, "/b", "station: a\n", "station: a\npolicy:\n  backup_dir: \"/b\"\n"},
        {CONFIG_BACKUP_DIR, "/b", "policy:\n    lot_required: yes # always\n# end\nstation: a\n",
         "policy:\n    lot_required: yes # always\n    backup_dir: \"/b\"\n# end\nstation: a\n"},
        {CONFIG_BACKUP_DIR, "/b", "policy: {lot_required: yes}\n",
         "policy: {backup_dir: \"/b\", lot_required: yes}\n"},
        {CONFIG_BACKUP_DIR, "/b", "{station: a}", "{policy: {backup_dir: \"/b\"}, station: a}"},
        {CONFIG_BACKUP_DIR, "/b", "policy:\n  backup_dir: /a\n", "policy:\n  backup_dir: \"/b\"\n"},
        {CONFIG_STATION, "a\nb", "station: a\n", NULL},
        {CONFIG_STATION, "0123456789012345678901234567890123456789012345678901234567890123", "station: a\n",
         NULL},
        {CONFIG_DATABASE, "~other/x.db", "station: a\n", NULL},
        {CONFIG_STATION, "l", "station: &s a\nbell_command: *s\n", NULL},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const char *expected = rows[i].after != NULL ? rows[i].after : rows[i].before;
        struct complaint c = {0};
        struct config_edit *e = config_edit_text("s.yaml", rows[i].before, strlen(rows[i].before), &c);
        size_t size;

        assert_non_null(e);
        int rc = config_edit_put(e, rows[i].which, rows[i].value, &c);
        const char *now = config_edit_result(e, &size);
        if (rc != (rows[i].after != NULL ? 0 : -1) || size != strlen(expected) ||
            memcmp(now, expected, size) != 0)
            fail_msg("row %zu: %s\n%.*s\nnot\n%s\n", i, c.text, (int)size, now, expected);
        assert_true(rc == 0 || strncmp(c.text, "s.yaml", 6) == 0);
        config_edit_free(e);
    }
}

static void what_cannot_be_edited_is_refused_with_its_line(void **state)
{
    static const struct {
        const char *text, *says;
        enum check_edit edit;
        int number;
    } all[] = {
        {"slots:\n- number: 1\n  port: tty:/x\n  label: &l a\nstation: *l\n",
         "s.yaml:4: label: line 5 takes it", CHECK_LABEL, 1},
        {"slots:\n- number: 1\n  port: tty:/x\n  label: &l a\nstation: *l\n", "s.yaml:2: line 5 takes",
         CHECK_FORGET, 1},
        {"? slots\n: - number: 1\n    port: tty:/x\n", "s.yaml:2: ", CHECK_FORGET, 1},
        {"slots:\n- number: 1\n  port: tty:/x\n  ? label\n- number: 2\n  port: tty:/y\n",
         "s.yaml:5: ", CHECK_LABEL, 1},
        {"bell_command: |\n  x", "s.yaml:1: ", CHECK_ADD, 1},
        {"station: a\n", "s.yaml: there is no slot 1", CHECK_FORGET, 1},
        {"slots:\n- number: 1\n  port: tty:/x\n", "s.yaml:2: slot 1 is described already", CHECK_ADD, 1},
    };

    (void)state;
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        struct complaint c = {0};
        struct config_edit *e = config_edit_text("s.yaml", all[i].text, strlen(all[i].text), &c);
        size_t size;
        assert_non_null(e);
        assert_int_equal(check_make_edit(e, all[i].edit, all[i].number, &c), -1);
        if (strncmp(c.text, all[i].says, strlen(all[i].says)) != 0)
            print_message("%zu: %s\n", i, c.text);
        assert_memory_equal(c.text, all[i].says, strlen(all[i].says));
        assert_non_null(strstr(c.text, "nothing was changed"));
        assert_memory_equal(config_edit_result(e, &size), all[i].text, strlen(all[i].text));
        config_edit_free(e);
    }
}

static void another_encoding_is_refused(void **state)
{
    static const char text[] = "\xff\xfes\0t\0a\0t\0i\0o\0n\0:\0 \0c\0\n";
    struct complaint c = {0};

    (void)state;
    assert_null(config_edit_text("s.yaml", text, sizeof text, &c));
    assert_non_null(strstr(c.text, "UTF-8"));
}

/* The control character NEL within quotes is a blank to YAML: the text would load, and say something else. */
static void what_would_read_as_something_else_is_refused(void **state)
{
    static const char text[] = "slots:\n- number: 1\n  port: tty:/x\n";
    struct complaint c = {0};
    struct config_edit *e = config_edit_text("s.yaml", text, strlen(text), &c);

    (void)state;
    assert_non_null(e);
    assert_int_equal(config_edit_label(e, 1, "a\xc2\x85z", &c), -1);
    assert_memory_equal(c.text, "s.yaml:2: ", 10);
    config_edit_free(e);
}

static int count_of(const char *text, size_t size, char what)
{
    int count = 0;

    for (size_t i = 0; i < size; i++)
        count += text[i] == what;
    return count;
}

/* In every style there is: the edit is made, and no comment is lost to a label or a new slot. */
static void whatever_the_style_each_edit_is_made(void **state)
{
    static char text[STATION_TEXT_SIZE];

    (void)state;
    for (uint64_t seed = 1; seed <= TEXTS; seed++) {
        struct complaint c = {0};
        size_t size = station_text_make(seed, text), new_size;
        struct config *config = config_parse("s.yaml", text, size, &c);
        if (config == NULL) {
            fail_msg("seed %d: %s\n%s\n", (int)seed, c.text, text);
            return;
        }
        int fresh = config->slot_count + 1;
        for (int number = 1; number < fresh; number++) {
            assert_true(check_edit(text, size, config, CHECK_LABEL, number));
            assert_true(check_edit(text, size, config, CHECK_FORGET, number));
            struct config_edit *e = config_edit_text("s.yaml", text, size, &c);
            assert_int_equal(config_edit_label(e, number, "neu", &c), 0);
            const char *now = config_edit_result(e, &new_size);
            assert_int_equal(count_of(now, new_size, '#'), count_of(text, size, '#'));
            config_edit_free(e);
        }
        assert_true(check_edit(text, size, config, CHECK_ADD, fresh));
        config_free(config);
    }
}

/* What was written by hand, to be difficult; fuzz_station replays it too. */
static void what_people_wrote_survives(void **state)
{
    static char text[STATION_TEXT_SIZE];
    const char *folder = SOURCE_DIR "/tests/fuzz/corpus/station";
    DIR *d = opendir(folder);
    int files = 0, edits = 0;

    (void)state;
    assert_non_null(d);
    for (struct dirent *f; (f = readdir(d)) != NULL;) {
        char path[512];
        if (f->d_name[0] == '.')
            continue;
        snprintf(path, sizeof path, "%s/%s", folder, f->d_name);
        FILE *in = fopen(path, "rb");
        assert_non_null(in);
        size_t size = fread(text, 1, sizeof text, in);
        fclose(in);
        edits += check_station(text, size);
        files++;
    }
    closedir(d);
    assert_in_range(files, 20, 10000);
    assert_in_range(edits, 3 * files / 2, 100 * files);
}

struct edit_place {
    char dir[SCRATCH_SIZE], file[SCRATCH_SIZE + 16], link[SCRATCH_SIZE + 16];
};

static int make_place(void **state)
{
    struct edit_place *p = calloc(1, sizeof *p);
    scratch_make(p->dir, "edit");
    snprintf(p->file, sizeof p->file, "%s/s.yaml", p->dir);
    snprintf(p->link, sizeof p->link, "%s/link.yaml", p->dir);
    *state = p;
    return 0;
}

static int free_place(void **state)
{
    struct edit_place *p = *state;
    scratch_remove(p->dir);
    free(p);
    return 0;
}

static struct config_edit *labelled(const char *path, struct complaint *c)
{
    struct config_edit *e = config_edit_open(path, c);

    assert_non_null(e);
    assert_int_equal(config_edit_label(e, 2, "x", c), 0);
    return e;
}

static void the_file_keeps_mode_owner_and_link(void **state)
{
    struct edit_place *p = *state;
    struct complaint c = {0};
    struct stat st;
    char text[4096];

    scratch_save_text(p->file, usual);
    assert_int_equal(chmod(p->file, 0640), 0);
    if (geteuid() == 0)
        assert_int_equal(chown(p->file, 1234, 5678), 0);
    assert_int_equal(symlink("s.yaml", p->link), 0);
    struct config_edit *e = labelled(p->link, &c);
    assert_int_equal(config_edit_save(e, &c), 0);
    config_edit_free(e);
    assert_int_equal(lstat(p->link, &st), 0);
    assert_true(S_ISLNK(st.st_mode));
    assert_int_equal(stat(p->file, &st), 0);
    assert_int_equal(st.st_mode & 07777, 0640);
    if (geteuid() == 0) {
        assert_int_equal(st.st_uid, 1234);
        assert_int_equal(st.st_gid, 5678);
    }
    scratch_read_text(p->file, text, sizeof text);
    assert_string_equal(text, with(usual, "label: left ", "label: \"x\" "));
}

static void assert_not_saved(struct config_edit *e, const char *why)
{
    struct complaint c = {0};

    assert_int_equal(config_edit_save(e, &c), -1);
    if (strstr(c.text, why) == NULL)
        print_message("%s\n", c.text);
    assert_non_null(strstr(c.text, why));
    config_edit_free(e);
}

static void a_file_that_is_not_as_it_was_is_left_alone(void **state)
{
    struct edit_place *p = *state;
    struct complaint c = {0};
    char text[4096];

    scratch_save_text(p->file, usual);
    struct config_edit *e = labelled(p->file, &c);
    scratch_save_text(p->file, "station: b\n");
    assert_not_saved(e, "somebody else meanwhile");
    scratch_read_text(p->file, text, sizeof text);
    assert_string_equal(text, "station: b\n");
    scratch_save_text(p->file, usual);
    e = labelled(p->file, &c);
    scratch_save_text(p->file, with(usual, "# rules", "# RULES"));
    assert_not_saved(e, "somebody else meanwhile");
    scratch_save_text(p->file, usual);
    assert_int_equal(link(p->file, p->link), 0);
    assert_not_saved(labelled(p->file, &c), "2 names");
    unlink(p->file);
    unlink(p->link);
    assert_int_equal(symlink("nowhere.yaml", p->link), 0);
    assert_null(config_edit_open(p->link, &c));
    assert_non_null(strstr(c.text, "link to a file that is not there"));
}

static void the_first_slot_makes_the_file(void **state)
{
    struct edit_place *p = *state;
    struct complaint c = {0};
    /* What is not used may be anything: slots learn leaves RESET_NONE there. */
    const struct config_slot slots[2] = {{.number = 1, .port = "ftdi:1-1:A", .reset = RESET_NONE},
                                         {.number = 7, .port = "ftdi:1-1:B"}};
    char path[SCRATCH_SIZE + 64], text[4096];
    struct stat st;

    snprintf(path, sizeof path, "%s/a/b/s.yaml", p->dir);
    struct config_edit *e = config_edit_open(path, &c);
    assert_non_null(e);
    assert_int_equal(config_edit_add(e, &slots[0], &c), 0);
    assert_int_equal(config_edit_add(e, &slots[1], &c), 0);
    assert_int_equal(config_edit_save(e, &c), 0);
    config_edit_free(e);
    scratch_read_text(path, text, sizeof text);
    assert_string_equal(
        text, "slots:\n  - number: 1\n    port: \"ftdi:1-1:A\"\n  - number: 7\n    port: \"ftdi:1-1:B\"\n");
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
}

/* Reads one more of the names behind "known here: ". */
static bool next_key(const char **at, char key[static 64])
{
    size_t len = strcspn(*at, ",");

    if (len == 0 || len >= 64)
        return false;
    snprintf(key, 64, "%.*s", (int)len, *at);
    *at += len + ((*at)[len] == ',' ? 2 : 0);
    return true;
}

static struct config *parse(const char *text)
{
    struct complaint c = {0};

    return config_parse("s.yaml", text, strlen(text), &c);
}

/* Does some value of this key make another configuration of it? */
static bool is_compared(const char *section, const char *rest, const char *key)
{
    static const char *const values[] = {"9",
                                         "yes",
                                         "warn",
                                         "some text",
                                         "tty:/dev/q",
                                         "none",
                                         "not-dcd",
                                         "no",
                                         "upper",
                                         "['06:00', '14:00']",
                                         "{pattern: '[0-9]+', prefix: 'L:'}",
                                         "{rows: 3, columns: 3}",
                                         "[{number: 3, port: 'tty:/q'}]"};
    bool differs = false;
    char text[512];

    snprintf(text, sizeof text, "%s%s", section, rest);
    struct config *without = parse(rest[0] != '\0' ? text : "{}");
    assert_non_null(without);
    for (size_t i = 0; !differs && i < sizeof values / sizeof *values; i++) {
        snprintf(text, sizeof text, "%s%s  %s: %s\n", section, rest, key, values[i]);
        struct config *given = parse(text);
        differs = given != NULL && !config_same(without, given);
        config_free(given);
    }
    config_free(without);
    return differs;
}

/* A key that the comparison forgets could be changed by an edit unseen. The schema itself says which keys there are. */
static int assert_each_key_counts(const char *section, const char *rest)
{
    struct complaint c = {0};
    char text[512], key[64];
    int keys = 0;

    snprintf(text, sizeof text, "%s%s  zzz: 1\n", section, rest);
    assert_null(config_parse("s.yaml", text, strlen(text), &c));
    const char *at = strstr(c.text, "known here: ");
    assert_non_null(at);
    at += strlen("known here: ");
    for (; next_key(&at, key); keys++) {
        if (strcmp(key, "policy") == 0 || strcmp(key, "scan") == 0 || strcmp(key, "number") == 0 ||
            strcmp(key, "port") == 0)
            continue; /* a section of its own, below; what the edits themselves name */
        if (!is_compared(section, rest, key))
            print_message("not compared: %s\n", key);
        assert_true(is_compared(section, rest, key));
    }
    return keys;
}

static void every_key_of_the_schema_is_compared(void **state)
{
    (void)state;
    assert_in_range(assert_each_key_counts("", ""), 7, 100);
    assert_in_range(assert_each_key_counts("policy:\n", ""), 13, 100);
    assert_in_range(assert_each_key_counts("scan:\n", ""), 7, 100);
    static const char *const scans[] = {"scan: {lot: {}}", "scan: {lot: {pattern: a}}",
                                        "scan: {lot: {prefix: a}}", "scan: {lot: {pattern: b}}",
                                        "scan: {badge: {pattern: a}}"};
    for (size_t i = 0; i < sizeof scans / sizeof *scans; i++) {
        for (size_t k = 0; k < sizeof scans / sizeof *scans; k++) {
            struct config *a = parse(scans[i]), *b = parse(scans[k]);
            assert_int_equal(config_same(a, b), i == k);
            config_free(a);
            config_free(b);
        }
    }
    assert_in_range(assert_each_key_counts("slots:\n- number: 1\n", "  port: tty:/dev/w\n"), 5, 100);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_label_is_all_that_changes),
        cmocka_unit_test(a_slot_goes_with_its_lines),
        cmocka_unit_test(a_new_slot_costs_nothing),
        cmocka_unit_test(a_text_is_put_where_it_belongs),
        cmocka_unit_test(what_cannot_be_edited_is_refused_with_its_line),
        cmocka_unit_test(another_encoding_is_refused),
        cmocka_unit_test(what_would_read_as_something_else_is_refused),
        cmocka_unit_test(whatever_the_style_each_edit_is_made),
        cmocka_unit_test(what_people_wrote_survives),
        cmocka_unit_test_setup_teardown(the_file_keeps_mode_owner_and_link, make_place, free_place),
        cmocka_unit_test_setup_teardown(a_file_that_is_not_as_it_was_is_left_alone, make_place, free_place),
        cmocka_unit_test_setup_teardown(the_first_slot_makes_the_file, make_place, free_place),
        cmocka_unit_test(every_key_of_the_schema_is_compared),
    };

    return cmocka_run_group_tests_name("config_edit", tests, NULL, NULL);
}
