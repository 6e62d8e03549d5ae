/* SPDX-License-Identifier: Apache-2.0 */
#include "station/screen/dashboard_layout.h"

/* A tile of this size shows everything in large letters beside each other; scores are relative to it. */
#define GOOD_W 16.0
#define GOOD_H 5.0

static double score(struct box area, int count, int columns)
{
    int rows = (count + columns - 1) / columns;
    int w = area.w / columns, h = area.h / rows;
    double across = w / GOOD_W, down = h / GOOD_H, least = across < down ? across : down;

    if (w < TILE_LEAST_W || h < TILE_LEAST_H)
        return 0;
    /* A full last row looks like a fixture. */
    return count % columns == 0 ? least * 1.3 : least;
}

static int best_columns(struct box area, int count)
{
    double best = 0;
    int columns = 0;

    for (int n = 1; n <= count && area.w / n >= TILE_LEAST_W; n++) {
        double s = score(area, count, n);

        if (s > best) {
            best = s;
            columns = n;
        }
    }
    return columns;
}

void layout_tray(struct tray_layout *l, struct box area, int count, int fixture_rows, int fixture_columns,
                 int selected)
{
    int columns = 0, per_page;

    *l = (struct tray_layout){.area = area, .pages = 1, .last = count};
    if (count < 1 || area.h < 1 || area.w < 1) {
        l->last = 0;
        return;
    }
    if (fixture_columns > 0 && fixture_rows * fixture_columns >= count &&
        score(area, count, fixture_columns) > 0)
        columns = fixture_columns;
    if (columns == 0)
        columns = best_columns(area, count);
    if (columns > 0) {
        l->columns = columns;
        l->rows = (count + columns - 1) / columns;
    } else {
        l->columns = area.w / TILE_LEAST_W > 0 ? area.w / TILE_LEAST_W : 1;
        l->rows = area.h / TILE_LEAST_H > 0 ? area.h / TILE_LEAST_H : 1;
        per_page = l->columns * l->rows;
        l->pages = (count + per_page - 1) / per_page;
        l->page = selected / per_page;
        l->first = l->page * per_page;
        l->last = l->first + per_page < count ? l->first + per_page : count;
    }
    l->tile_w = area.w / l->columns;
    l->tile_h = area.h / l->rows;
    /* A row to spare is air under the header. */
    if (area.h > l->rows * l->tile_h)
        l->area.y++;
}

struct box layout_tile(const struct tray_layout *l, int i)
{
    int at = i - l->first;

    return (struct box){l->area.y + at / l->columns * l->tile_h, l->area.x + at % l->columns * l->tile_w,
                        l->tile_h, l->tile_w};
}
