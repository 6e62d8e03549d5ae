/* SPDX-License-Identifier: Apache-2.0 */
#include "station/screen/glyph.h"

#include <stdint.h>
#include <string.h>

#include "base/plain.h"
#include "station/screen/glyph_font.h"

#define GAP   1 /* pixels between letters */
#define SPACE 2 /* pixels of a space */

/* The next character; *text moves on. 0 at the end. */
static wchar_t next_letter(const char **text)
{
    uint32_t code;
    size_t length = plain_next(*text, &code);

    *text += length;
    return plain_is_broken(code, length) ? L'?' : (wchar_t)code;
}

static bool uses_lines(const struct canvas *c, int scale)
{
    return scale == 1 && c->theme->charset == CHARSET_ASCII;
}

static int pixel_columns(int scale)
{
    return scale == 1 ? 1 : 2 * (scale - 1);
}

int glyph_rows(int scale)
{
    return scale == 1 ? 3 : 5 * (scale - 1);
}

static int shape_columns(const struct glyph_shape *g, bool lines)
{
    return g ? (int)strlen(lines ? g->lines[0] : g->pixels[0]) : SPACE;
}

int glyph_columns(const struct canvas *c, int scale, const char *text)
{
    int pixels = 0;
    wchar_t letter;

    while ((letter = next_letter(&text)) != 0)
        pixels += shape_columns(glyph_shape(letter), uses_lines(c, scale)) + GAP;
    return pixels ? (pixels - GAP) * pixel_columns(scale) : 0;
}

int glyph_fit(const struct canvas *c, const char *text, int w, int h)
{
    for (int scale = GLYPH_SCALE_MAX; scale > 0; scale--) {
        if (glyph_rows(scale) <= h && glyph_columns(c, scale, text) <= w)
            return scale;
    }
    return 0;
}

bool glyph_has(const char *text)
{
    wchar_t letter;

    while ((letter = next_letter(&text)) != 0) {
        if (letter != ' ' && !glyph_shape(letter))
            return false;
    }
    return true;
}

static bool ink(const struct glyph_shape *g, int row, int column)
{
    return row >= 0 && row < 5 && g->pixels[row][column] == '#';
}

static void draw_lines(const struct canvas *c, int y, int x, enum role role, const struct glyph_shape *g)
{
    for (int row = 0; row < 3; row++)
        draw_text(c, y + row, x, 4, role, g->lines[row]);
}

/* Two pixels share a cell: five pixel rows take two and a half cells; the free half is air above the letters. */
static void draw_halves(const struct canvas *c, int y, int x, enum role role, const struct glyph_shape *g)
{
    for (int row = 0; row < 3; row++) {
        for (int column = 0; g->pixels[0][column]; column++) {
            int halves = (ink(g, 2 * row - 1, column) ? 1 : 0) | (ink(g, 2 * row, column) ? 2 : 0);

            draw_text(c, y + row, x + column, 1, role, c->theme->symbols->pixel[halves]);
        }
    }
}

static void draw_blocks(const struct canvas *c, int y, int x, int scale, enum role role,
                        const struct glyph_shape *g)
{
    int w = pixel_columns(scale), h = scale - 1;

    for (int row = 0; row < 5; row++) {
        for (int column = 0; g->pixels[0][column]; column++) {
            if (ink(g, row, column))
                draw_fill(c, (struct box){y + row * h, x + column * w, h, w}, role,
                          c->theme->symbols->pixel[3]);
        }
    }
}

void glyph_draw(const struct canvas *c, int y, int x, int scale, enum role role, const char *text)
{
    wchar_t letter;

    while ((letter = next_letter(&text)) != 0) {
        const struct glyph_shape *g = glyph_shape(letter);

        if (g && uses_lines(c, scale))
            draw_lines(c, y, x, role, g);
        else if (g && scale == 1)
            draw_halves(c, y, x, role, g);
        else if (g)
            draw_blocks(c, y, x, scale, role, g);
        x += (shape_columns(g, uses_lines(c, scale)) + GAP) * pixel_columns(scale);
    }
}
