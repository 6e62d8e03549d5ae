/* SPDX-License-Identifier: Apache-2.0 */
/* view_tile - draws one slot into a box of any size from 10 x 2. */
#ifndef STATION_SCREEN_VIEW_VIEW_TILE_H
#define STATION_SCREEN_VIEW_VIEW_TILE_H

#include "station/screen/dashboard_state.h"

/* The box includes the mark's column at the left and, above three rows, a free row below. */
void view_tile_draw(const struct dashboard *d, int i, struct box b, bool selected);

#endif /* STATION_SCREEN_VIEW_VIEW_TILE_H */
