/* SPDX-License-Identifier: Apache-2.0 */
/* view_tile_parts - what the small and the large form of a tile share. Private to station/view_tile*.c. */
#ifndef STATION_VIEW_TILE_PARTS_H
#define STATION_VIEW_TILE_PARTS_H

#include "station/dashboard_state.h"

struct tile {
    const struct canvas *canvas;
    const struct dashboard *dashboard;
    const struct slot_status *slot;
    enum face face;
    enum role role;
    struct box inner;
    char number[8];
};

int tile_percent(const struct tile *t, char *out, size_t size); /* "47%" or ""; the number, or -1 */
void tile_left(const struct tile *t, char *out, size_t size);   /* "12 s left" or "" */
void tile_mac(const struct tile *t, char *out, size_t size);    /* last three bytes or "" */
const char *tile_word(const struct tile *t, int width); /* the longest of the state's words that fits */
const char *tile_symbol(const struct tile *t);
/* What went wrong or what to do, in the words the box has room for. `lead` stands before a failure's title. */
void tile_explain(const struct tile *t, struct box b, const char *lead);
/* Two texts on one line, at its ends: the right one in fewer words, or not at all, where both do not fit. */
void tile_pair(const struct tile *t, int y, int x, int w, const char *left, const char *right);
void tile_draw_large(const struct tile *t); /* station/view_tile_large.c */

#endif /* STATION_VIEW_TILE_PARTS_H */
