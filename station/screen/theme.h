/* SPDX-License-Identifier: Apache-2.0 */
/*
 * theme - colours by meaning, for 256, 8 and no colours, and the symbols a terminal can show.
 *
 * A state is never told by colour alone: each role has its own symbol and edge too. Plain data, filled once per
 * terminal.
 */
#ifndef STATION_SCREEN_THEME_H
#define STATION_SCREEN_THEME_H

#include <stdbool.h>

#include <curses.h>

#include "station/screen/dashboard_face.h"

enum role {
    ROLE_TEXT,
    ROLE_DIM,
    ROLE_STRONG,
    ROLE_HEADER,
    ROLE_HEADER_DIM,
    ROLE_KEYS,  /* the key line's words */
    ROLE_KEY,   /* the keys in it */
    ROLE_ALERT, /* something the operator must read */
    ROLE_BAR,
    ROLE_BAR_REST,
    ROLE_SELECTED,                      /* the mark beside the selected thing */
    ROLE_ROW,                           /* the selected row of a list */
    ROLE_DIALOG,                        /* the ground of a question */
    ROLE_FACE,                          /* + enum face: the fill of a tile */
    ROLE_WORD = ROLE_FACE + FACE_COUNT, /* + enum face: the state's word on the plain ground */
    ROLE_COUNT = ROLE_WORD + FACE_COUNT
};

enum charset {
    CHARSET_ASCII,
    CHARSET_CONSOLE, /* the Linux console's 512 glyphs: blocks and lines, few symbols */
    CHARSET_UTF8
};

struct theme_symbols {
    const char *face[FACE_COUNT]; /* one column each */
    const char *edge[FACE_COUNT]; /* a tile's left column */
    const char *bar_full, *bar_rest;
    const char *bar_part[8]; /* eighths, [0] unused; all "" where the terminal has none */
    const char *spark[8];    /* a sparkline's levels */
    const char *line;        /* horizontal rule */
    const char *dot;         /* between two facts */
    const char *select;      /* beside the selected tile */
    const char *ellipsis;
    const char *pixel[4]; /* large glyphs: none, upper, lower, both halves; ASCII has whole pixels only */
};

struct theme {
    attr_t attr[ROLE_COUNT];
    short pair[ROLE_COUNT];
    enum charset charset;
    int colours; /* 0, 8 or 256 */
    const struct theme_symbols *symbols;
};

/* After initscr: asks the terminal what it has. `mono` and `ascii` force less. */
void theme_init(struct theme *t, bool mono, bool ascii);

#endif /* STATION_SCREEN_THEME_H */
