/* SPDX-License-Identifier: Apache-2.0 */
/*
 * glyph - letters that are read from two metres: three terminal rows tall and more.
 *
 * At two metres a letter needs 9.3 mm at least (ISO 9241-3, 16 arc minutes); one row of a common 24 inch screen gives
 * 3 mm of capital, three rows 13 mm. Scale 1 is 3 rows; scale s > 1 has pixels of 2(s-1) x (s-1) cells, so 5(s-1) rows.
 * Capitals, digits and a little punctuation; anything else is drawn as a space.
 */
#ifndef STATION_SCREEN_GLYPH_H
#define STATION_SCREEN_GLYPH_H

#include <stdbool.h>

#include "station/screen/dashboard_draw.h"

#define GLYPH_SCALE_MAX 8

int glyph_rows(int scale);
int glyph_columns(const struct canvas *c, int scale, const char *text);
/* The largest scale at which `text` fits into w x h; 0: none. */
int glyph_fit(const struct canvas *c, const char *text, int w, int h);
/* False when a character has no glyph: then write it in plain text. */
bool glyph_has(const char *text);
void glyph_draw(const struct canvas *c, int y, int x, int scale, enum role role, const char *text);

#endif /* STATION_SCREEN_GLYPH_H */
