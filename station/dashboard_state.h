/* SPDX-License-Identifier: Apache-2.0 */
/*
 * dashboard_state - what the loop and the views share. Private to station/dashboard*.c and station/view_*.c.
 */
#ifndef STATION_DASHBOARD_STATE_H
#define STATION_DASHBOARD_STATE_H

#include "station/dashboard.h"
#include "station/dashboard_draw.h"
#include "station/dashboard_input.h"
#include "station/dashboard_model.h"
#include "station/theme.h"

struct dashboard;

struct key_hint {
    const char *key, *word; /* translated */
};
#define HINTS_MAX 8 /* of one view */

enum motion {
    MOVE_NONE, MOVE_LEFT, MOVE_RIGHT, MOVE_UP, MOVE_DOWN,
    MOVE_PAGE_UP, MOVE_PAGE_DOWN, MOVE_FIRST, MOVE_LAST, MOVE_BACK
};
enum motion dashboard_motion(const struct input_event *e); /* arrows, hjkl, Page, Home, g, G, Esc */

/* One whole screen between header and footer. Draws from the state, keeps none of its own. */
struct view {
    void (*draw)(struct dashboard *d, struct box b);
    bool (*key)(struct dashboard *d, const struct input_event *e); /* true: used */
    int (*hints)(const struct dashboard *d, struct key_hint *out); /* keys of its own that work now; how many */
};

extern const struct view view_tray;

struct dashboard {
    const struct dashboard_config *config;
    const struct dashboard_source *source;
    struct dashboard_station station;
    struct theme theme;
    struct canvas canvas;
    struct model model;
    struct input input;
    const struct view *view;
    int64_t wall_ms; /* of this redraw */

    int selected;       /* slot index */
    bool selected_hand; /* the operator moved it: it no longer follows what is urgent */

    bool draining, aborting;
    bool resized;       /* measure the terminal before the next redraw */
    bool over;
    enum dashboard_end end;
    bool dirty;
};

struct box dashboard_body(const struct dashboard *d); /* between header and footer */
void dashboard_drain(struct dashboard *d);
void dashboard_quit(struct dashboard *d); /* `q`: drains, or asks first */

/* station/view_frame.c */
void view_frame_header(struct dashboard *d, struct box b);
void view_frame_footer(struct dashboard *d, struct box b);

#endif /* STATION_DASHBOARD_STATE_H */
