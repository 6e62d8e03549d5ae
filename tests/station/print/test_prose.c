/* SPDX-License-Identifier: Apache-2.0 */
/*
 * If this fails, what a person reads on a narrow terminal is torn within words, a path cannot be copied, or a programme that
 * reads a line gets two.
 */
#include <pty.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "station/print/prose.h"

static void says(const char *wanted, int columns, int hang, const char *text)
{
    char *got = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&got, &size);

    assert_non_null(out);
    prose_put(out, columns, hang, text);
    fclose(out);
    assert_string_equal(got, wanted);
    free(got);
}

static void lines_are_broken_between_words(void **state)
{
    static const struct {
        const char *text, *wanted;
        int columns, hang;
    } rows[] = {
        {"one two three", "one two three", 0, 2},
        {"one two three\n", "one two three\n", 14, 2},
        {"one two three\n", "one two\n  three\n", 13, 2},
        {"one two\nthree four", "one\ntwo\nthree\nfour", 6, 0},
        /* A table's blanks stay, and what follows them begins below itself. */
        {"  --slot S     one of them\n", "  --slot S     one of\n               them\n", 23, 13},
        {"     a remedy of words\n", "     a remedy\n     of words\n", 15, 0},
        /* A word is one, however long. */
        {"see /a/very/long/path/of/a/file now\n", "see\n/a/very/long/path/of/a/file\nnow\n", 10, 0},
        {"/a/very/long/path\n", "/a/very/long/path\n", 10, 0},
        /* Characters are counted, not bytes. */
        {"\xc3\xbc\xc3\xbc\xc3\xbc \xc3\xbc\xc3\xbc\n", "\xc3\xbc\xc3\xbc\xc3\xbc \xc3\xbc\xc3\xbc\n", 7, 0},
        {"\n\nfirst\n\n", "\n\nfirst\n\n", 40, 2},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        says(rows[i].wanted, rows[i].columns, rows[i].hang, rows[i].text);
}

static void a_paragraph_is_filled_anew(void **state)
{
    static const char text[] = "Asks for all of it, and\nwrites it. Then it ends.\nExit: 0.\n  a row\n";
    static const struct {
        const char *wanted;
        int columns;
    } rows[] = {
        {text, 0},
        {"Asks for all of it, and writes it. Then it ends.\nExit: 0.\n  a row\n", 80},
        {"Asks for all of it, and writes\nit. Then it ends.\nExit: 0.\n  a row\n", 31},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char *got = NULL;
        size_t size = 0;
        FILE *out = open_memstream(&got, &size);
        assert_non_null(out);
        prose_put_paragraph(out, rows[i].columns, text);
        fclose(out);
        assert_string_equal(got, rows[i].wanted);
        free(got);
    }
}

/* What is no terminal gets a line as it is: programmes read it. */
static void a_pipe_has_no_columns(void **state)
{
    FILE *file = tmpfile();

    (void)state;
    assert_non_null(file);
    assert_int_equal(prose_columns(file), 0);
    fclose(file);
}

/* As wide as it is; too narrow to break words for is none. */
static void a_terminal_has_its_columns(void **state)
{
    static const int columns[][2] = {{80, 80}, {40, 40}, {39, 0}, {0, 0}};

    (void)state;
    for (size_t i = 0; i < sizeof columns / sizeof columns[0]; i++) {
        const struct winsize size = {.ws_row = 24, .ws_col = (unsigned short)columns[i][0]};
        int master, slave;
        assert_int_equal(openpty(&master, &slave, NULL, NULL, &size), 0);
        FILE *out = fdopen(slave, "w");
        assert_non_null(out);
        assert_int_equal(prose_columns(out), columns[i][1]);
        fclose(out);
        close(master);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_are_broken_between_words),
        cmocka_unit_test(a_paragraph_is_filled_anew),
        cmocka_unit_test(a_pipe_has_no_columns),
        cmocka_unit_test(a_terminal_has_its_columns),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
