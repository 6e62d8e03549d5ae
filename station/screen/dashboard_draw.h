/* SPDX-License-Identifier: Apache-2.0 */
/*
 * dashboard_draw - text, bars and fills on a terminal of any size: whatever does not fit is cut, never an error.
 *
 * Texts are UTF-8 from anywhere: control characters and broken bytes become '?', so that a lot's name cannot steer the
 * terminal. Columns are terminal cells.
 */
#ifndef STATION_SCREEN_DASHBOARD_DRAW_H
#define STATION_SCREEN_DASHBOARD_DRAW_H

#include <stdbool.h>

#include "station/screen/theme.h"

/* A translated line: a sentence of the rooms below whole (station/print/phrase.h), and what stands before it. */
#define WORDS_SIZE 2048

struct canvas {
    const struct theme *theme;
    int rows, cols; /* of the terminal */
};

struct box {
    int y, x, h, w;
};

/* Draws at most `width` columns; returns the columns used. A longer text ends with an ellipsis. */
int draw_text(const struct canvas *c, int y, int x, int width, enum role role, const char *text);
int draw_textf(const struct canvas *c, int y, int x, int width, enum role role, const char *format, ...)
    __attribute__((format(printf, 6, 7)));
/* Whole or not at all: half of a word may be another word. Returns the columns used, 0: there was no room. */
int draw_whole(const struct canvas *c, int y, int x, int width, enum role role, const char *text);
/* Ends at column x + width. */
int draw_right(const struct canvas *c, int y, int x, int width, enum role role, const char *text);
int draw_centre(const struct canvas *c, int y, int x, int width, enum role role, const char *text);
/* Breaks at spaces into at most h rows of the box; returns the rows used. */
int draw_wrapped(const struct canvas *c, struct box b, enum role role, const char *text);
int draw_wrapped_rows(const struct canvas *c, int width, const char *text); /* rows it would take */
/* All of it fits into the box, and no word is broken. */
bool draw_fits(const struct canvas *c, struct box b, const char *text);
void draw_fill(const struct canvas *c, struct box b, enum role role, const char *symbol);
/* percent -1: an empty trough. */
void draw_bar(const struct canvas *c, int y, int x, int width, int percent);

int draw_width(const struct canvas *c, const char *text); /* columns */

#endif /* STATION_SCREEN_DASHBOARD_DRAW_H */
