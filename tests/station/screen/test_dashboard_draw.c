/* SPDX-License-Identifier: Apache-2.0 */
/* Texts are measured and broken in columns, whatever letters they have: a name is never torn, a row never overflows. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <locale.h>

#include "station/screen/dashboard_draw.h"

static const struct theme utf8 = {.charset = CHARSET_UTF8}, ascii = {.charset = CHARSET_ASCII};
static const struct canvas screen = {&utf8, 24, 80}, plain = {&ascii, 24, 80};

/* Widths are those of Unicode's East Asian Width (UAX 11): W and F are two columns, combining marks none. */
static void columns_are_counted(void **state)
{
    static const struct {
        const char *text;
        int columns;
    } table[] = {
        {"", 0},
        {"PASS", 4},
        {"LÄUFT", 5},
        {"検査", 4},
        {"ＰＡＳＳ", 8},
        {"e\u0301", 1},
        {"ｅ\u0301", 2},
        {"\u0301", 1},
        {"한", 2},
        {"a\xff"
         "b",
         3},
        {"\x1b[2J", 4},
    };

    (void)state;
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++)
        assert_int_equal(draw_width(&screen, table[i].text), table[i].columns);
    assert_int_equal(draw_width(&plain, "LÄUFT"), 6); /* LAeUFT */
}

static void rows_are_broken_between_letters(void **state)
{
    (void)state;
    assert_int_equal(draw_wrapped_rows(&screen, 5, "検査検査検"), 3);
    assert_int_equal(draw_wrapped_rows(&screen, 4, "検査 検査"), 2);
    assert_int_equal(draw_wrapped_rows(&screen, 3, "検査"), 2);
    /* No row is wide enough for one: each has a row of its own, and there is an end. */
    assert_int_equal(draw_wrapped_rows(&screen, 1, "検査"), 2);
    assert_int_equal(draw_wrapped_rows(&screen, 1, "e\u0301e\u0301"), 2);
}

static void what_fits_is_whole(void **state)
{
    const struct box b = {0, 0, 2, 8};

    (void)state;
    assert_true(draw_fits(&screen, b, "does not answer"));
    assert_true(draw_fits(&screen, b, "検査検査 検査"));
    assert_false(draw_fits(&screen, b, "検査検査検査検"));
    assert_false(draw_fits(&screen, b, "gespeichert"));
    assert_false(draw_fits(&screen, b, "a b c d e f g h i"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(columns_are_counted),
        cmocka_unit_test(rows_are_broken_between_letters),
        cmocka_unit_test(what_fits_is_whole),
    };

    setlocale(LC_ALL, "C.UTF-8");
    return cmocka_run_group_tests(tests, NULL, NULL);
}
