/* SPDX-License-Identifier: Apache-2.0 */
/* view - the views by their ids, and what stands around and over whichever is up. */
#ifndef STATION_SCREEN_VIEW_VIEW_H
#define STATION_SCREEN_VIEW_VIEW_H

#include "station/screen/dashboard_state.h"

const struct view *view_of(enum view_id id); /* static storage */

extern const struct view view_tray, view_detail, view_lot, view_log, view_units, view_help;

/* station/screen/view/view_tray.c: for a window without room for any tile */
void view_tray_hidden(const struct dashboard *d, struct box row);

/* station/screen/view/view_frame.c */
void view_frame_header(struct dashboard *d, struct box b);
void view_frame_footer(struct dashboard *d, struct box b);

/* station/screen/view/view_dialog.c */
void view_dialog_draw(struct dashboard *d, struct box area);
int view_dialog_hints(const struct dashboard *d, struct key_hint *out);

#endif /* STATION_SCREEN_VIEW_VIEW_H */
