/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <errno.h>
#include <cmocka.h>

#include "station/cli/options.h"
#include "base/suggest.h"
#include "station/print/exit_code.h"
#include "station/print/json.h"
#include "station/print/table.h"
#include "station/print/utf8.h"

static void the_nearest_word_is_one_slip_away(void **state)
{
    (void)state;
    static const char *const words[] = {"run", "units", "export", "explain"};
    assert_string_equal(suggest_nearest("rnu", words, 4), "run");
    assert_string_equal(suggest_nearest("unit", words, 4), "units");
    assert_string_equal(suggest_nearest("exprt", words, 4), "export");
    assert_null(suggest_nearest("banana", words, 4));
    assert_null(suggest_nearest("x", words, 4));
}

static void only_whole_decimal_text_is_a_number(void **state)
{
    (void)state;
    static const char *const bad[] = {"", "12abc", " 5", "+5", "0x10", "-", "5 ", "1e3"};
    long n = -1;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_true(options_long(bad[i], &n) < 0);
    assert_int_equal(n, -1);
    assert_true(options_long("99999999999999999999", &n) == -ERANGE);
    assert_int_equal(options_long("-3", &n), 0);
    assert_int_equal(n, -3);
    assert_int_equal(options_long("0700", &n), 0);
    assert_int_equal(n, 700);
}

struct parsed {
    struct options_common common;
    long count;
    int time, code, first;
    const char *job;
    double rate;
};

static void parse(struct parsed *p, int argc, const char *const *words)
{
    char *argv[16];
    const struct options_row rows[] = {
        OPTIONS_WHOLE("count", &p->count, "N", 1, 256, ""),
        OPTIONS_NUMBER("rate", &p->rate, "R", 0, 1, ""),
        OPTIONS_WORD("time", &p->time, "real|virtual", ""),
        OPTIONS_STRING("job", &p->job, "J", ""),
        OPTIONS_END,
    };
    const struct options_spec spec = {"test", "[OPTION...]", "", rows, 1};

    memset(p, 0, sizeof *p);
    p->time = -1;
    for (int i = 0; i < argc; i++)
        argv[i] = (char *)(uintptr_t)words[i];
    argv[argc] = NULL;
    p->first = options_parse(&spec, argc, argv, &p->common, &p->code);
}

static void options_land_where_their_rows_point(void **state)
{
    (void)state;
    struct parsed p;
    parse(&p, 10,
          (const char *const[]){"test", "--count", "7", "word", "--time=virtual", "--json", "--db", "x.db",
                                "--rate", "0.5"});
    assert_int_equal(p.first, 9);
    assert_int_equal(p.count, 7);
    assert_int_equal(p.time, 1);
    assert_true(p.common.json);
    assert_string_equal(p.common.db, "x.db");
    assert_true(p.rate > 0.49 && p.rate < 0.51);
}

static void every_slip_is_usage(void **state)
{
    (void)state;
    static const char *const slips[][3] = {
        {"test", "--count", "0"},     {"test", "--count", "-3"}, {"test", "--count", "257"},
        {"test", "--count", "12abc"}, {"test", "--count", ""},   {"test", "--time", "virtua"},
        {"test", "--rate", "nan"},    {"test", "--rate", "1.5"}, {"test", "--cuont", "3"},
        {"test", "--json=yes", NULL}, {"test", "--job", NULL},   {"test", "-x", NULL},
        {"test", "one", "two"},       {"test", "--job", ""},
    };
    struct parsed p;
    for (size_t i = 0; i < sizeof slips / sizeof slips[0]; i++) {
        parse(&p, slips[i][2] == NULL ? 2 : 3, slips[i]);
        assert_int_equal(p.first, -1);
        assert_int_equal(p.code, EXIT_USAGE);
        assert_int_equal(p.count, 0);
    }
}

static void bad_bytes_are_replaced_and_widths_counted(void **state)
{
    (void)state;
    char *fixed = utf8_repair("a\xC3\xA9\xFFz\xE2\x82");
    assert_string_equal(fixed, "a\xC3\xA9\xEF\xBF\xBDz\xEF\xBF\xBD\xEF\xBF\xBD");
    free(fixed);
    /* Right-to-left text stays; what turns its neighbours round, moves the cursor or hides in C1 does not. */
    fixed = utf8_plain("\xD7\xA9\xD7\x9C\t\xE2\x80\xAE"
                       "evil\xE2\x81\xA6\xC2\x9B"
                       "2J\x7F\xC2\xA0.");
    assert_string_equal(fixed, "\xD7\xA9\xD7\x9C??evil??2J?\xC2\xA0.");
    free(fixed);
    assert_int_equal(utf8_columns("caf\xC3\xA9"), 4);
}

static char *printed(const struct table *t)
{
    char *text = NULL;
    size_t len = 0;
    FILE *f = open_memstream(&text, &len);
    assert_int_equal(table_print(t, f), 0);
    fclose(f);
    return text;
}

static void tables_line_up_and_disarm_control_characters(void **state)
{
    (void)state;
    struct table *t = table_new((const char *const[]){">slot", "name", NULL});
    table_format(t, "%d", 3);
    table_text(t, "caf\xC3\xA9\x1b[2J");
    table_format(t, "%d", 12);
    table_text(t, NULL);
    assert_int_equal(table_rows(t), 2);
    char *text = printed(t);
    assert_string_equal(text, "slot  name\n   3  caf\xC3\xA9?[2J\n  12  \n");
    free(text);
    table_free(t);
}

static void a_json_line_is_valid_whatever_it_holds(void **state)
{
    (void)state;
    char *text = NULL;
    size_t len = 0;
    FILE *f = open_memstream(&text, &len);
    json_t *o = json_line_new("note");
    json_put_text(o, "text", "a\xFF\"\n");
    json_put_time(o, "at", 1763626530123);
    json_put_int(o, "slot", 3);
    assert_int_equal(json_line_write(f, o), 0);
    fclose(f);
    assert_string_equal(text, "{\"v\":1,\"event\":\"note\",\"text\":\"a\xEF\xBF\xBD\\\"\\n\",\"at\":"
                              "\"2025-11-20T08:15:30.123Z\",\"slot\":3}\n");
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_nearest_word_is_one_slip_away),
        cmocka_unit_test(only_whole_decimal_text_is_a_number),
        cmocka_unit_test(options_land_where_their_rows_point),
        cmocka_unit_test(every_slip_is_usage),
        cmocka_unit_test(bad_bytes_are_replaced_and_widths_counted),
        cmocka_unit_test(tables_line_up_and_disarm_control_characters),
        cmocka_unit_test(a_json_line_is_valid_whatever_it_holds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
