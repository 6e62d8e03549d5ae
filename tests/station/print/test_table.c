/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <pty.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include <cmocka.h>

#include "station/print/table.h"

static const char *const titles[] = {">SLOT", "LOT", "WHAT IT SAYS", "", NULL};

static struct table *made(void)
{
    static const char *const cells[] = {
        "3", "WO-7", "the board does not answer at 115200 baud", "!", "12", "", "fine", ""};
    struct table *t = table_new(titles);

    assert_non_null(t);
    for (size_t i = 0; i < sizeof cells / sizeof cells[0]; i++)
        assert_int_equal(table_text(t, cells[i]), 0);
    return t;
}

#define AS_WIDE                                                 \
    "SLOT  LOT   WHAT IT SAYS                              \n"  \
    "   3  WO-7  the board does not answer at 115200 baud  !\n" \
    "  12        fine                                      \n"
#define CLOSER                                               \
    "SLOT LOT  WHAT IT SAYS                             \n"  \
    "   3 WO-7 the board does not answer at 115200 baud !\n" \
    "  12      fine                                     \n"
#define RECORDS                                 \
    "SLOT          3\n"                         \
    "LOT           WO-7\n"                      \
    "WHAT IT SAYS  the board does not answer\n" \
    "              at 115200 baud\n"            \
    "              !\n"                         \
    "\n"                                        \
    "SLOT          12\n"                        \
    "LOT\n"                                     \
    "WHAT IT SAYS  fine\n"

/* 4 + 4 + 40 + 1 columns of text: 55 with two blanks between them, 52 with one. */
static void a_table_is_as_wide_as_there_is_room(void **state)
{
    static const struct {
        int columns;
        const char *wanted;
    } rows[] = {{0, AS_WIDE}, {55, AS_WIDE}, {54, CLOSER}, {52, CLOSER}, {40, RECORDS}};

    (void)state;
    struct table *t = made();
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char *got = NULL;
        size_t size = 0;
        FILE *out = open_memstream(&got, &size);
        assert_non_null(out);
        assert_int_equal(table_print_within(t, rows[i].columns, out), 0);
        fclose(out);
        assert_string_equal(got, rows[i].wanted);
        free(got);
    }
    table_free(t);
}

static void check_alone(const char *const *names, const char *const *cells, size_t count, const char *wanted)
{
    char *got = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&got, &size);
    struct table *t = table_new(names);

    assert_non_null(out);
    assert_non_null(t);
    for (size_t i = 0; i < count; i++)
        table_text(t, cells[i]);
    assert_int_equal(table_print_within(t, 40, out), 0);
    fclose(out);
    assert_string_equal(got, wanted);
    free(got);
    table_free(t);
}

/* A word that does not fit beside its name has a line of its own, whole; without rows the names are told. */
static void no_word_is_broken_and_no_name_lost(void **state)
{
    static const char *const names[] = {"FIRMWARE", "A LONGER NAME", "ANOTHER NAME OF MANY", NULL};
    static const char *const cells[] = {"wipy", "0123456789abcdef0123456789abcdef", "x"};

    (void)state;
    check_alone(
        names, cells, 3,
        "FIRMWARE              wipy\nA LONGER NAME\n  0123456789abcdef0123456789abcdef\nANOTHER NAME OF MANY  x\n");
    check_alone(names, cells, 0, "FIRMWARE\nA LONGER NAME\nANOTHER NAME OF MANY\n");
}

/* A terminal has its own line ends. */
static void a_terminal_is_asked_for_its_width(void **state)
{
    static const struct {
        unsigned short columns;
        const char *wanted;
    } rows[] = {{120, AS_WIDE}, {53, CLOSER}, {40, RECORDS}};

    (void)state;
    struct table *t = made();
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const struct winsize size = {.ws_row = 24, .ws_col = rows[i].columns};
        char got[1024], plain[1024];
        int master, slave;
        assert_int_equal(openpty(&master, &slave, NULL, NULL, &size), 0);
        FILE *out = fdopen(slave, "w");
        assert_non_null(out);
        assert_int_equal(table_print(t, out), 0);
        assert_int_equal(fflush(out), 0);
        size_t len = 0;
        while (len < strlen(rows[i].wanted)) {
            ssize_t n = read(master, got, sizeof got);
            assert_true(n > 0);
            for (ssize_t k = 0; k < n; k++)
                if (got[k] != '\r' && len + 1 < sizeof plain)
                    plain[len++] = got[k];
        }
        plain[len] = '\0';
        assert_string_equal(plain, rows[i].wanted);
        fclose(out);
        close(master);
    }
    table_free(t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_table_is_as_wide_as_there_is_room),
        cmocka_unit_test(no_word_is_broken_and_no_name_lost),
        cmocka_unit_test(a_terminal_is_asked_for_its_width),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
