/* SPDX-License-Identifier: Apache-2.0 */
/* What a code is: a wrong kind would put a lot label, a badge or a web address on a board's record as its serial. */
#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "db/desk/scan_rule.h"

#define RULE(k, p, x) [k] = {.is_given = true, .pattern = p, .prefix = x}

static const struct scan_rules line = {.kinds = {RULE(SCAN_SERIAL, "SN[0-9]{4}|X-[0-9]+", ""),
                                                 RULE(SCAN_LOT, "[A-Z]-[0-9]+", "L:"),
                                                 RULE(SCAN_BADGE, "[0-9]{6}", ""), RULE(SCAN_JOB, "", "JOB/"),
                                                 RULE(SCAN_COMMAND, "[a-z]+", "!")},
                                       .are_given = true};
/* Made so that one code is two things. */
static const struct scan_rules twofold = {
    .kinds = {RULE(SCAN_SERIAL, "[0-9]+", ""), RULE(SCAN_LOT, "[0-9]{4}", "")}, .are_given = true};
static const struct scan_rules upper = {
    .kinds = {RULE(SCAN_SERIAL, "SN[0-9]{4}", "")}, .are_given = true, .letters = SCAN_CASE_UPPER};
static const struct scan_rules lower = {
    .kinds = {RULE(SCAN_SERIAL, "sn[0-9]{4}", "")}, .are_given = true, .letters = SCAN_CASE_LOWER};
static const struct scan_rules kept = {
    .kinds = {RULE(SCAN_BADGE, " ?[0-9]+ ?", "")}, .are_given = true, .keep_blanks = true};
static const struct scan_rules open = {.kinds = {RULE(SCAN_SERIAL, ".*", "")}, .are_given = true};

static const struct scan_rules turned = {
    .kinds = {RULE(SCAN_SERIAL, ".*", "")}, .are_given = true, .letters = SCAN_CASE_UPPER};

#define REFUSED SCAN_KIND_COUNT

static const struct {
    const struct scan_rules *rules;
    const char *code;
    enum scan_kind kind;
    const char *text; /* what it is then; of a refused one: a part of why */
} rows[] = {
    {&line, "SN0042", SCAN_SERIAL, "SN0042"},
    {&line, "X-7", SCAN_SERIAL, "X-7"},
    {&line, "  SN0042\r\n", SCAN_SERIAL, "SN0042"},
    {&line, "L:A-17", SCAN_LOT, "A-17"},
    {&line, "123456", SCAN_BADGE, "123456"},
    {&line, "JOB/wipy", SCAN_JOB, "wipy"},
    {&line, "!logout", SCAN_COMMAND, "logout"},
    /* The whole of it, not a part: alternatives too. */
    {&line, "SN00421", REFUSED, "'SN00421' fits nothing"},
    {&line, "aX-7", REFUSED, "'aX-7' fits nothing"},
    {&line, "SN0042 X-7", REFUSED, "fits nothing"},
    {&line, "A-17", REFUSED, "fits nothing"}, /* a lot without its prefix is none */
    {&line, "L:", REFUSED, "fits nothing"},
    {&line, "JOB/", REFUSED, "fits nothing"},
    {&line, "sn0042", REFUSED, "fits nothing"},
    {&line, "https://example.org/SN0042", REFUSED, "fits nothing"},
    {&line, "", REFUSED, "is blank"},
    {&line, " \t\r\n", REFUSED, "is blank"},
    {&line,
     "SN00\x1d"
     "42",
     REFUSED, "'SN00?42' has a control character"},
    {&line,
     "SN00\xff"
     "42",
     REFUSED, "is not UTF-8"},
    {&line,
     "SN\xe2\x80\xae"
     "0042",
     REFUSED, "direction"},
    {&twofold, "1234", REFUSED, "'1234' fits two kinds: a serial number and a lot"},
    {&twofold, "12345", SCAN_SERIAL, "12345"},
    {&upper, "sn0042", SCAN_SERIAL, "SN0042"},
    {&lower, "SN0042", SCAN_SERIAL, "sn0042"},
    {&kept, " 12 ", SCAN_BADGE, " 12 "},
    {&kept, "12\n", REFUSED, "control character"},
    {&open, "=cmd", SCAN_SERIAL, "=cmd"}, /* a name like another: exports guard spreadsheets */
    /* ASCII letters alone are turned, and half a character is never made. */
    {&turned,
     " gr\xc3\xb6\xc3\x9f"
     "e-7\xc3\x84 ",
     SCAN_SERIAL,
     "GR\xc3\xb6\xc3\x9f"
     "E-7\xc3\x84"},
    {&turned, "\xc3\xa9", SCAN_SERIAL, "\xc3\xa9"},
    {&turned, "sn-\xc3", REFUSED, "is not UTF-8"},
    {&turned, "sn-1\r\nsn-2", REFUSED, "control character"}, /* two scans in one are none */
    {&turned, "sn-1\v\f\t ", SCAN_SERIAL, "SN-1"},
    {&turned, "sn-1\xc2\x85", REFUSED, "control character"}, /* NEL: no blank of ASCII */
    {&turned, "\x7fsn-1", REFUSED, "control character"},
    {&turned, "\xe2\x80\xa8sn-1", REFUSED, "control character"}, /* a line separator */
    {&turned, "\xc2\xa0", REFUSED, "is blank"},
    {&turned, "\xe2\x80\x8b\xef\xbb\xbf", REFUSED, "is blank"}, /* of no width */
};

static void each_code_is_what_the_rules_say(void **state)
{
    (void)state;
    struct scan_code out;

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        bool taken = scan_decide(rows[i].rules, rows[i].code, &out);
        if (taken != (rows[i].kind != REFUSED) || out.kind != rows[i].kind ||
            (taken ? strcmp(out.text, rows[i].text) != 0 : strstr(out.why, rows[i].text) == NULL))
            fail_msg("row %zu, '%s': kind %d, text '%s', why '%s'", i, rows[i].code, (int)out.kind, out.text,
                     out.why);
    }
}

/* Longer than any name, and longer than any code: refused, never cut. */
static void a_long_code_is_refused_whole(void **state)
{
    (void)state;
    struct scan_code out;
    char code[301];

    memset(code, '7', sizeof code);
    for (size_t len = 1; len <= 300; len++) {
        code[len] = '\0';
        assert_int_equal(scan_decide(&open, code, &out), len <= 63);
        if (len > 63)
            assert_non_null(
                strstr(out.why, len < SCAN_TEXT_SIZE ? "longer than 63 bytes" : "longer than any code"));
        else
            assert_string_equal(out.text, code);
        code[len] = '7';
    }
}

static void a_field_takes_its_own_kind_alone(void **state)
{
    (void)state;
    static const struct {
        enum scan_kind field;
        const char *code;
        bool taken;
        const char *text;
    } fields[] = {
        {SCAN_LOT, "L:A-17", true, "A-17"},
        {SCAN_LOT, "A-17", true, "A-17"}, /* typed: without the prefix */
        {SCAN_LOT, "123456", false, "is a badge, not a lot"},
        {SCAN_LOT, "SN0042", false, "is a serial number, not a lot"},
        {SCAN_LOT, "anything", false, "is not a lot"},
        {SCAN_BADGE, "L:A-17", false, "is a lot, not a badge"},
        {SCAN_SERIAL, "123456", false, "is a badge, not a serial number"},
        {SCAN_SERIAL, " X-9 ", true, "X-9"},
    };
    struct scan_code out;

    for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++) {
        bool taken = scan_decide_field(&line, fields[i].field, fields[i].code, &out);
        if (taken != fields[i].taken || strstr(taken ? out.text : out.why, fields[i].text) == NULL)
            fail_msg("row %zu, '%s': '%s' '%s'", i, fields[i].code, out.text, out.why);
    }
    /* No rules at all: as it was given, but plain and without blanks around it. */
    const struct scan_rules none = {0};
    assert_true(scan_decide_field(&none, SCAN_LOT, " A-17 ", &out));
    assert_string_equal(out.text, "A-17");
    assert_false(scan_decide_field(&none, SCAN_LOT, "A\x1b", &out));
}

static void a_bad_pattern_is_told(void **state)
{
    (void)state;
    static const char *const bad[] = {"(", "[a", "a{2,1}", "a)(b", "*a)"};
    char why[96];

    assert_null(scan_pattern_trouble("^SN[0-9]{4}$", why));
    assert_null(scan_pattern_trouble("", why));
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        if (scan_pattern_trouble(bad[i], why) == NULL)
            fail_msg("'%s' is taken", bad[i]);
    assert_true(scan_is_web_address("https://example.org/x"));
    assert_true(scan_is_web_address("WWW.example.org"));
    assert_false(scan_is_web_address("SN-www.7"));
}

/* What a station takes must not hang on the language of the terminal it was started in. */
static void patterns_are_of_bytes_in_every_language(void **state)
{
    (void)state;
    static const struct scan_rules one = {.kinds = {RULE(SCAN_SERIAL, "SN.7", "")}, .are_given = true},
                                   two = {.kinds = {RULE(SCAN_SERIAL, "SN..7", "")}, .are_given = true};
    static const char *const languages[] = {"C", "C.UTF-8"};
    struct scan_code out;

    for (size_t i = 0; i < 2; i++) {
        assert_non_null(setlocale(LC_ALL, languages[i]));
        assert_false(scan_decide(&one,
                                 "SN\xc3\xa4"
                                 "7",
                                 &out));
        assert_true(scan_decide(&two,
                                "SN\xc3\xa4"
                                "7",
                                &out));
    }
    setlocale(LC_ALL, "C");
}

static void kinds_that_hide_each_other_are_told(void **state)
{
    (void)state;
    static const struct {
        struct scan_rules rules;
        const char *why; /* NULL: nothing is wrong */
    } sets[] = {
        {{.kinds = {RULE(SCAN_SERIAL, "", "")}}, NULL}, /* alone it hides nobody */
        {{.kinds = {RULE(SCAN_SERIAL, ".*", "S:"), RULE(SCAN_LOT, "", "L:")}}, NULL},
        {{.kinds = {RULE(SCAN_SERIAL, "[0-9]+", ""), RULE(SCAN_LOT, "[0-9]{4}", "")}},
         NULL}, /* some of them */
        {{.kinds = {RULE(SCAN_SERIAL, "[0-9]+", "X"), RULE(SCAN_LOT, "[A-Z]+", "X")}}, NULL},
        {{.kinds = {RULE(SCAN_SERIAL, "", "X"), RULE(SCAN_LOT, "[A-Z]+", "X")}},
         "serial: takes every code that lot could be"},
        {{.kinds = {RULE(SCAN_SERIAL, "[0-9]+", "X"), RULE(SCAN_LOT, "", "X")}},
         "lot: takes every code that serial could be"},
        {{.kinds = {RULE(SCAN_SERIAL, "[0-9]+", ""), RULE(SCAN_LOT, "[0-9]+", "")}},
         "serial: takes every code that lot could be"},
        {{.kinds = {RULE(SCAN_SERIAL, ".*", ""), RULE(SCAN_COMMAND, "logout", "!")}},
         "serial: takes every code that command could be"},
        {{.kinds = {RULE(SCAN_SERIAL, "SN.*", ""), RULE(SCAN_JOB, "(.|..)+", "")}},
         "job: takes every code that serial could be"},
        {{.kinds = {RULE(SCAN_LOT, "", "L"), RULE(SCAN_BADGE, "[0-9]+", "LB")}},
         "lot: takes every code that badge could be"},
        {{.kinds = {RULE(SCAN_LOT, "", "l:")}, .letters = SCAN_CASE_UPPER}, "lot: prefix 'l:' has letters"},
        {{.kinds = {RULE(SCAN_LOT, "", "L:")}, .letters = SCAN_CASE_UPPER}, NULL},
        {{.kinds = {RULE(SCAN_LOT, "", "L:")}, .letters = SCAN_CASE_LOWER}, "lot: prefix 'L:' has letters"},
        {{.kinds = {RULE(SCAN_LOT, "", " L")}}, "lot: prefix ' L' begins with a blank"},
        {{.kinds = {RULE(SCAN_LOT, "", " L")}, .keep_blanks = true}, NULL},
    };
    enum scan_kind kind;
    char why[SCAN_TROUBLE_SIZE];

    for (size_t i = 0; i < sizeof sets / sizeof sets[0]; i++) {
        const char *said = scan_rules_trouble(&sets[i].rules, &kind, why);
        if ((said == NULL) != (sets[i].why == NULL) || (said != NULL && strstr(said, sets[i].why) == NULL))
            fail_msg("set %zu: '%s', not '%s'", i, said, sets[i].why);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_code_is_what_the_rules_say),
        cmocka_unit_test(a_long_code_is_refused_whole),
        cmocka_unit_test(a_field_takes_its_own_kind_alone),
        cmocka_unit_test(a_bad_pattern_is_told),
        cmocka_unit_test(patterns_are_of_bytes_in_every_language),
        cmocka_unit_test(kinds_that_hide_each_other_are_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
