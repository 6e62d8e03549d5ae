/* SPDX-License-Identifier: Apache-2.0 */
/* Every slot has a place, no two overlap, for any number of slots on any terminal. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "station/screen/dashboard_layout.h"

static void assert_inside(struct box b, struct box area)
{
    assert_true(b.h > 0 && b.w > 0);
    assert_true(b.y >= area.y && b.y + b.h <= area.y + area.h);
    assert_true(b.x >= area.x && b.x + b.w <= area.x + area.w);
}

static void tiles_lie_inside_and_apart(void **state)
{
    (void)state;
    for (int h = 1; h <= 130; h += 3) {
        for (int w = 1; w <= 480; w += 13) {
            for (int count = 1; count <= 64; count++) {
                struct box area = {2, 0, h, w};
                struct tray_layout l;

                layout_tray(&l, area, count, 0, 0, count - 1);
                assert_true(l.first <= count - 1 && count - 1 < l.last);
                for (int i = l.first; i < l.last; i++) {
                    struct box b = layout_tile(&l, i);

                    assert_inside(b, area);
                    if (i > l.first && (i - l.first) % l.columns != 0)
                        assert_true(layout_tile(&l, i - 1).x + b.w <= b.x);
                    else if (i > l.first)
                        assert_true(layout_tile(&l, i - 1).y + b.h <= b.y);
                }
            }
        }
    }
}

static void sixty_four_slots_fit_a_small_terminal(void **state)
{
    struct tray_layout l;

    (void)state;
    /* 80x24 less header, footer and panel. */
    layout_tray(&l, (struct box){2, 0, 16, 80}, 64, 0, 0, 0);
    assert_int_equal(l.pages, 1);
    assert_int_equal(l.columns, 8);
    assert_int_equal(l.rows, 8);
}

static void the_fixture_decides_where_it_fits(void **state)
{
    struct tray_layout l;

    (void)state;
    layout_tray(&l, (struct box){2, 0, 30, 120}, 8, 1, 8, 0);
    assert_int_equal(l.columns, 8);
    /* Eight columns do not fit into 70 cells: then what fits. */
    layout_tray(&l, (struct box){2, 0, 30, 70}, 8, 1, 8, 0);
    assert_int_not_equal(l.columns, 8);
    assert_int_equal(l.pages, 1);
}

static void what_does_not_fit_is_paged_around_the_selection(void **state)
{
    struct tray_layout l;

    (void)state;
    layout_tray(&l, (struct box){1, 0, 8, 40}, 64, 0, 0, 40);
    assert_true(l.pages > 1);
    assert_true(l.first <= 40 && 40 < l.last);
    layout_tray(&l, (struct box){1, 0, 0, 0}, 64, 0, 0, 40);
    assert_int_equal(l.last, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tiles_lie_inside_and_apart),
        cmocka_unit_test(sixty_four_slots_fit_a_small_terminal),
        cmocka_unit_test(the_fixture_decides_where_it_fits),
        cmocka_unit_test(what_does_not_fit_is_paged_around_the_selection),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
