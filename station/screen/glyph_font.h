/* SPDX-License-Identifier: Apache-2.0 */
/* glyph_font - the pixels. `pixels`: five rows, '#' is ink; `lines`: three rows of ASCII strokes for small text. */
#ifndef STATION_SCREEN_GLYPH_FONT_H
#define STATION_SCREEN_GLYPH_FONT_H

#include <wchar.h>

struct glyph_shape {
    wchar_t letter;
    const char *pixels[5];
    const char *lines[3];
};

/* The shape of a character, or NULL. */
const struct glyph_shape *glyph_shape(wchar_t letter);

#endif /* STATION_SCREEN_GLYPH_FONT_H */
