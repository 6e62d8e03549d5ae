/* SPDX-License-Identifier: Apache-2.0 */
/* dashboard_list - moving in a list that is longer than the screen, and what the keys for moving are. Pure. */
#ifndef STATION_SCREEN_DASHBOARD_LIST_H
#define STATION_SCREEN_DASHBOARD_LIST_H

#include "station/screen/dashboard_input.h"

enum motion {
    MOVE_NONE,
    MOVE_LEFT,
    MOVE_RIGHT,
    MOVE_UP,
    MOVE_DOWN,
    MOVE_PAGE_UP,
    MOVE_PAGE_DOWN,
    MOVE_FIRST,
    MOVE_LAST,
    MOVE_BACK
};

enum motion dashboard_motion(const struct input_event *e); /* arrows, hjkl, Page, Home, g, G, Esc */

struct list {
    int top, selected; /* rows, 0.. */
};

/* True when the motion is one of a list's. */
bool list_move(struct list *l, enum motion motion, int count, int rows);
/* After `count` changed: keeps both inside. */
void list_clamp(struct list *l, int count, int rows);

#endif /* STATION_SCREEN_DASHBOARD_LIST_H */
