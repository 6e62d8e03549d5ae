/* SPDX-License-Identifier: Apache-2.0 */
/* dashboard_layout - where each tile goes: 1 to any number of slots on any terminal. Pure. */
#ifndef STATION_SCREEN_DASHBOARD_LAYOUT_H
#define STATION_SCREEN_DASHBOARD_LAYOUT_H

#include "station/screen/dashboard_draw.h"

/* The least a tile needs: number, symbol and word, with its mark and edge; and a bar below. */
#define TILE_LEAST_W 10
#define TILE_LEAST_H 2

struct tray_layout {
    struct box area;
    int rows, columns;  /* of tiles on this page */
    int tile_h, tile_w; /* with gap and mark */
    int first, last;    /* slots on this page: first .. last - 1 */
    int pages, page;    /* page 0.. */
};

/* fixture_rows and fixture_columns are used when all slots fit into them and they fit the area; 0: choose. */
void layout_tray(struct tray_layout *l, struct box area, int count, int fixture_rows, int fixture_columns,
                 int selected);
/* i: first .. last - 1. */
struct box layout_tile(const struct tray_layout *l, int i);

#endif /* STATION_SCREEN_DASHBOARD_LAYOUT_H */
