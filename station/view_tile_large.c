/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The tile's large letters. Three arrangements: number and word in one line; the number with figures beside it and the
 * word below; the number alone with words beside it. What gives the larger letters wins.
 */
#include "station/view_tile_parts.h"

#include <stdio.h>

#include "station/glyph.h"
#include "station/text.h"

#define NUMBER_GAP 2

/* Up to three lines beside a large number: symbol and figures. */
static void beside(const struct tile *t, struct box b, bool with_word)
{
    char percent[16], text[64];
    int row = 0;

    if (b.w < 3)
        return;
    draw_text(t->canvas, b.y, b.x, 1, t->role, tile_symbol(t));
    tile_percent(t, percent, sizeof percent);
    if (with_word)
        draw_text(t->canvas, b.y, b.x + 2, b.w - 2, t->role, tile_word(t, b.w - 2));
    else
        draw_text(t->canvas, b.y, b.x + 2, b.w - 2, t->role, percent);
    row++;
    if (t->face == FACE_BUSY || t->face == FACE_SAVING) {
        draw_textf(t->canvas, b.y + row++, b.x, b.w, t->role, "%s %s", face_stage(t->slot->stage),
                   with_word ? percent : "");
        tile_left(t, text, sizeof text);
        draw_text(t->canvas, b.y + row, b.x, b.w, t->role, text);
    } else if (t->face != FACE_ACT && face_has_failure(t->slot)) {
        draw_textf(t->canvas, b.y + row++, b.x, b.w, t->role, "%d", t->slot->failure.code);
        tile_mac(t, text, sizeof text);
        draw_text(t->canvas, b.y + row, b.x, b.w, t->role, text);
    } else if (t->face != FACE_ACT) {
        tile_mac(t, text, sizeof text);
        draw_text(t->canvas, b.y + row++, b.x, b.w, t->role, text);
        if (t->slot->has_unit)
            draw_text(t->canvas, b.y + row, b.x, b.w, t->role, t->dashboard->station.firmware_version);
    }
}

static bool tile_explains(const struct tile *t)
{
    return t->face == FACE_ACT || face_has_failure(t->slot);
}

/* What stands under the large letters. */
static void below(const struct tile *t, struct box b, bool told_beside)
{
    char text[64], percent[16];

    if (b.h < 1)
        return;
    if (tile_explains(t)) {
        snprintf(text, sizeof text, "%s %d ", tile_symbol(t), t->slot->failure.code);
        tile_explain(t, b, told_beside ? "" : text);
        return;
    }
    if (t->face == FACE_BUSY || t->face == FACE_SAVING) {
        draw_bar(t->canvas, b.y, b.x, b.w, tile_percent(t, percent, sizeof percent));
        if (!told_beside && b.h > 1) {
            char done[64];

            tile_left(t, text, sizeof text);
            snprintf(done, sizeof done, "%s %s %s", tile_symbol(t), face_stage(t->slot->stage), percent);
            tile_pair(t, b.y + 1, b.x, b.w, done, text);
            b.h--;
            b.y++;
        }
        b.h--;
        b.y++;
    } else if (told_beside) {
        return;
    }
    tile_mac(t, text, sizeof text);
    if (b.h < 1)
        return;
    if (t->slot->has_unit)
        draw_textf(t->canvas, b.y, b.x, b.w, t->role, "%s %s  %s",
                   t->face == FACE_BUSY ? " " : tile_symbol(t), text, t->dashboard->station.firmware_version);
    else if (t->face != FACE_BUSY)
        draw_text(t->canvas, b.y, b.x, b.w, t->role, tile_symbol(t));
}

/* Rows that text needs under the letters: a failure's title, and its remedy where that fits whole. */
static int text_rows(const struct tile *t)
{
    int most = t->inner.h - 3, rows = 2;

    if (face_has_failure(t->slot)) {
        enum failure_code code = t->slot->failure.code;
        char text[320];
        int remedy;

        snprintf(text, sizeof text, "%s %d %s", tile_symbol(t), code, _(failure_title(code)));
        rows = draw_wrapped_rows(t->canvas, t->inner.w, text);
        remedy = draw_wrapped_rows(t->canvas, t->inner.w, _(failure_remedy(code)));
        if (rows + remedy <= most)
            rows += remedy;
    } else if (t->face == FACE_ACT) {
        rows = draw_wrapped_rows(t->canvas, t->inner.w, face_instruction(t->slot));
    } else if (t->face == FACE_BUSY) {
        rows = 3;
    }
    return rows < most ? rows : most;
}

/* Number and word in one line of large letters. */
static void draw_wide(const struct tile *t, int scale, const char *word)
{
    const struct box b = t->inner;
    int number = glyph_columns(t->canvas, scale, t->number) + NUMBER_GAP * scale;
    int rows = glyph_rows(scale), air = b.h - rows > text_rows(t);

    glyph_draw(t->canvas, b.y, b.x, scale, t->role, t->number);
    glyph_draw(t->canvas, b.y, b.x + number, scale, t->role, word);
    below(t, (struct box){b.y + rows + air, b.x, b.h - rows - air, b.w}, false);
}

/* The number, figures beside it, the word under it. */
static void draw_stacked(const struct tile *t, int scale, const char *word, bool vague)
{
    const struct box b = t->inner;
    int number = glyph_columns(t->canvas, scale, t->number) + NUMBER_GAP * scale;
    int rows = glyph_rows(scale);

    glyph_draw(t->canvas, b.y, b.x, scale, t->role, t->number);
    beside(t, (struct box){b.y, b.x + number, rows, b.w - number}, vague);
    glyph_draw(t->canvas, b.y + rows, b.x, scale, t->role, word);
    below(t, (struct box){b.y + 2 * rows, b.x, b.h - 2 * rows, b.w}, b.w - number >= 8);
}

static void draw_side(const struct tile *t)
{
    const struct box b = t->inner;
    int number = glyph_columns(t->canvas, 1, t->number) + 1;
    struct box right = {b.y, b.x + number, 3, b.w - number};
    char code[16];

    glyph_draw(t->canvas, b.y, b.x, 1, t->role, t->number);
    if (b.h == 3 && tile_explains(t)) {
        draw_textf(t->canvas, b.y, right.x, right.w, t->role, "%s %s", tile_symbol(t),
                   tile_word(t, right.w - 2));
        snprintf(code, sizeof code, "%d ", t->slot->failure.code);
        tile_explain(t, (struct box){b.y + 1, right.x, 2, right.w}, code);
        return;
    }
    if (b.h == 3 && t->face == FACE_BUSY) {
        char percent[8], left[32], word[32];
        int value = tile_percent(t, percent, sizeof percent);

        snprintf(word, sizeof word, "%s %s", tile_symbol(t), tile_word(t, right.w - 2));
        tile_left(t, left, sizeof left);
        tile_pair(t, b.y, right.x, right.w, word, percent);
        tile_pair(t, b.y + 1, right.x, right.w, face_stage(t->slot->stage), left);
        draw_bar(t->canvas, b.y + 2, right.x, right.w, value);
        return;
    }
    beside(t, right, true);
    below(t, (struct box){b.y + 3, b.x, b.h - 3, b.w}, true);
}

static int fit_word(const struct tile *t, const char *word, int w, int h)
{
    return glyph_has(word) ? glyph_fit(t->canvas, word, w, h) : 0;
}

/* The largest scale at which number and word stand side by side. */
static int fit_wide(const struct tile *t, const char *word, int h)
{
    for (int scale = GLYPH_SCALE_MAX; scale > 0; scale--) {
        int number = glyph_columns(t->canvas, scale, t->number) + NUMBER_GAP * scale;

        if (glyph_rows(scale) <= h && number < t->inner.w &&
            fit_word(t, word, t->inner.w - number, h) >= scale)
            return scale;
    }
    return 0;
}

static int fit_stacked(const struct tile *t, const char *word)
{
    int scale = fit_word(t, word, t->inner.w, (t->inner.h - 1) / 2);

    return scale > 0 && glyph_columns(t->canvas, scale, t->number) <= t->inner.w ? scale : 0;
}

/* The exact word in smaller letters tells more than a vague one in larger: "JUMPER" before "ACT". */
void tile_draw_large(const struct tile *t)
{
    int rows = t->inner.h - text_rows(t);

    for (int level = 0;; level++) {
        const char *word = face_word(t->slot, level);
        int wide, stacked;

        if (!word)
            break;
        wide = t->inner.h >= 4 ? fit_wide(t, word, rows) : 0;
        stacked = fit_stacked(t, word);
        if (wide == 0 && stacked == 0)
            continue;
        if (wide >= stacked)
            draw_wide(t, wide, word);
        else
            draw_stacked(t, stacked, word, level > 0);
        return;
    }
    draw_side(t);
}
