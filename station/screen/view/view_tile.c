/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One tile. From two metres: whose slot, how it ended, what to do; everything else is for the person standing there.
 *
 * The left column carries the state's shape, so that no two states look alike without colour. Finished tiles are
 * filled, running and idle ones are not; only ACT moves.
 */
#include "station/screen/view/view_tile.h"

#include <stdio.h>
#include <string.h>

#include "station/print/remedy.h"
#include "station/print/text.h"
#include "station/screen/dashboard_serial.h"
#include "station/screen/dashboard_words.h"
#include "station/screen/glyph.h"

#define COMPACT_W       15 /* narrower or lower: no large letters */
#define COMPACT_H       3
#define RIGHT_EDGE_W    24 /* narrower tiles give that column to words */
#define NUMBER_GAP      2
#define TILE_BOARD_SIZE 64 /* a serial number whole */

struct tile {
    const struct canvas *canvas;
    const struct dashboard *dashboard;
    const struct slot_status *slot;
    int index; /* of it */
    enum face face;
    enum role role;
    struct box inner;
    char number[8];
};

static int tile_percent(const struct tile *t, char *out, size_t size)
{
    int percent = face_percent(t->slot);

    if (percent >= 0)
        snprintf(out, size, "%d%%", percent);
    else
        out[0] = '\0';
    return percent;
}

static void tile_left(const struct tile *t, char *out, size_t size)
{
    if (t->slot->left_us >= 0)
        snprintf(out, size, _("%d s left"), (int)((t->slot->left_us + 999999) / 1000000));
    else
        out[0] = '\0';
}

/* Which board it is: its serial where it has one, else the end of its MAC. */
static void tile_board(const struct tile *t, char *out, size_t size)
{
    const uint8_t *m = t->slot->unit.mac.bytes;
    const char *code = serial_code(t->dashboard, t->index);

    if (code[0])
        snprintf(out, size, "%s", code);
    else if (t->slot->has_unit)
        snprintf(out, size, "%02x:%02x:%02x", m[3], m[4], m[5]);
    else
        out[0] = '\0';
}

static const char *tile_word(const struct tile *t, int width)
{
    return words_face(t->canvas, t->slot, width);
}

static const char *tile_symbol(const struct tile *t)
{
    return t->canvas->theme->symbols->face[t->face];
}

/* The board and what it got; a version that does not fit beside it is left off. */
static void tile_board_version(const struct tile *t, struct box b, const char *symbol)
{
    char board[TILE_BOARD_SIZE], text[WORDS_SIZE];
    const char *version = t->dashboard->station.firmware_version;

    tile_board(t, board, sizeof board);
    snprintf(text, sizeof text, "%s %s  %s", symbol, board, version);
    if (version[0] == '\0' || draw_width(t->canvas, text) > b.w)
        snprintf(text, sizeof text, "%s %s", symbol, board);
    draw_text(t->canvas, b.y, b.x, b.w, t->role, text);
}

/* The board, in a row that is left under what the tile says. */
static void tile_board_below(const struct tile *t, struct box b, int used)
{
    char board[TILE_BOARD_SIZE];

    tile_board(t, board, sizeof board);
    if (used < b.h)
        draw_text(t->canvas, b.y + used, b.x, b.w, t->role, board);
}

/* No room for the title: its number, and where it happened if that fits; then whose it is. An empty slot has no such stage. */
static void tile_number(const struct tile *t, struct box b, const char *lead)
{
    char text[WORDS_SIZE];

    snprintf(text, sizeof text, "%s%s", lead,
             t->slot->state == SLOT_IDLE ? "" : face_stage(t->slot->failure.stage));
    draw_whole(t->canvas, b.y, b.x, b.w, t->role, draw_width(t->canvas, text) <= b.w ? text : lead);
    tile_board_below(t, b, 1);
}

/*
 * What went wrong or what to do, in the words the tile has room for. `lead` stands before a failure's title. Title, remedy
 * and instruction are told whole or not at all: half of one misleads, and the panel has it too.
 */
static void tile_explain(const struct tile *t, struct box b, const char *lead)
{
    const struct slot_status *s = t->slot;
    char text[WORDS_SIZE], remedy_text[REMEDY_SIZE], act_text[FACE_TEXT];
    const char *remedy = remedy_words(s->failure.code, s->boot_pin, remedy_text);
    const char *act = serial_instruction(t->dashboard, t->index, act_text);
    int used;

    if (b.h < 1)
        return;
    if (t->face == FACE_ACT && !face_has_failure(s)) {
        if (!draw_fits(t->canvas, b, act))
            act = face_instruction_short(s, act_text);
        used = draw_fits(t->canvas, b, act) ? draw_wrapped(t->canvas, b, t->role, act) : 0;
        tile_board_below(t, b, used);
        return;
    }
    snprintf(text, sizeof text, "%s%s", lead, _(failure_title(s->failure.code)));
    if (!draw_fits(t->canvas, b, text)) {
        tile_number(t, b, lead);
        return;
    }
    used = draw_wrapped(t->canvas, b, t->role, text);
    b.y += used;
    b.h -= used;
    if (draw_fits(t->canvas, b, remedy))
        draw_wrapped(t->canvas, b, t->role, remedy);
}

/* Two texts on one line, at its ends: the right one in fewer words, or not at all, where both do not fit. */
static void tile_pair(const struct tile *t, int y, int x, int w, const char *left, const char *right)
{
    char shorter[WORDS_SIZE];
    int room = w - draw_width(t->canvas, left) - 1;

    draw_whole(t->canvas, y, x, w, t->role, left);
    if (draw_width(t->canvas, right) > room && t->slot->left_us >= 0 && strlen(right) > 4) {
        snprintf(shorter, sizeof shorter, _("%d s"), (int)((t->slot->left_us + 999999) / 1000000));
        right = shorter;
    }
    if (draw_width(t->canvas, right) <= room)
        draw_right(t->canvas, y, x, w, t->role, right);
}

static void compact_second(const struct tile *t, int y, int h)
{
    const struct box b = t->inner;
    char text[WORDS_SIZE], code[16];
    int percent;

    snprintf(code, sizeof code, "%d ", t->slot->failure.code);
    switch (t->face) {
    case FACE_BUSY:
    case FACE_SAVING:
        percent = tile_percent(t, text, sizeof text);
        draw_bar(t->canvas, y, b.x, b.w, percent);
        if (h > 1)
            tile_pair(t, y + 1, b.x, b.w, face_stage(t->slot->stage), text);
        break;
    case FACE_ACT:
        if (h == 1)
            draw_text(t->canvas, y, b.x, b.w, t->role, tile_word(t, b.w));
        else
            tile_explain(t, (struct box){y, b.x, h, b.w}, code);
        break;
    default:
        if (face_has_failure(t->slot) && h == 1) {
            draw_text(t->canvas, y, b.x, b.w, t->role, code);
            break;
        }
        if (face_has_failure(t->slot)) {
            tile_explain(t, (struct box){y, b.x, h, b.w}, code);
            break;
        }
        tile_board(t, text, sizeof text);
        draw_text(t->canvas, y, b.x, b.w, t->role, text);
        if (h > 1 && (t->face == FACE_PASS || t->face == FACE_PASS_RETRY))
            draw_whole(t->canvas, y + 1, b.x, b.w, t->role, t->dashboard->station.firmware_version);
    }
}

static void compact(const struct tile *t)
{
    const struct box b = t->inner;
    char percent[16];
    int digits = strlen(t->number) > 2 ? (int)strlen(t->number) : 2;
    int x = b.x + digits, room = b.w - digits;

    draw_textf(t->canvas, b.y, b.x, b.w, t->role, "%2s", t->number);
    if (room >= 10)
        x++, room--;
    draw_text(t->canvas, b.y, x, 1, t->role, tile_symbol(t));
    /* A busy tile of few columns says how far it is; "BUSY" is in its arrow and its bar. */
    if (t->face == FACE_BUSY && tile_percent(t, percent, sizeof percent) >= 0 && room < 10)
        draw_right(t->canvas, b.y, x + 1, room - 1, t->role, percent);
    else if (room >= 9)
        draw_text(t->canvas, b.y, x + 2, room - 2, t->role, tile_word(t, room - 2));
    else
        draw_text(t->canvas, b.y, x + 1, room - 1, t->role, tile_word(t, room - 1));
    if (b.h > 1)
        compact_second(t, b.y + 1, b.h - 1);
}

/*
 * The large letters. Three arrangements: number and word in one line; the number with figures beside it and the word
 * below; the number alone with words beside it. What gives the larger letters wins.
 */

/* The stage and how far it is; where there is no room for both, the percentage, which is never a word of any language. */
static void tile_pair_left(const struct tile *t, int y, int x, int w, const char *stage, const char *percent)
{
    char both[WORDS_SIZE];

    snprintf(both, sizeof both, "%s %s", stage, percent);
    if (draw_width(t->canvas, both) <= w || !percent[0])
        draw_whole(t->canvas, y, x, w, t->role, percent[0] ? both : stage);
    else
        draw_whole(t->canvas, y, x, w, t->role, percent);
}

/* Up to three lines beside a large number: symbol and figures. */
static void beside(const struct tile *t, struct box b, bool with_word)
{
    char percent[16], text[WORDS_SIZE];
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
        tile_pair_left(t, b.y + row++, b.x, b.w, face_stage(t->slot->stage), with_word ? percent : "");
        tile_left(t, text, sizeof text);
        draw_whole(t->canvas, b.y + row, b.x, b.w, t->role, text);
    } else if (t->face != FACE_ACT && face_has_failure(t->slot)) {
        draw_textf(t->canvas, b.y + row++, b.x, b.w, t->role, "%d", t->slot->failure.code);
        tile_board(t, text, sizeof text);
        draw_text(t->canvas, b.y + row, b.x, b.w, t->role, text);
    } else if (t->face != FACE_ACT) {
        tile_board(t, text, sizeof text);
        draw_text(t->canvas, b.y + row++, b.x, b.w, t->role, text);
        if (t->slot->has_unit)
            draw_whole(t->canvas, b.y + row, b.x, b.w, t->role, t->dashboard->station.firmware_version);
    }
}

static bool tile_explains(const struct tile *t)
{
    return t->face == FACE_ACT || face_has_failure(t->slot);
}

/* What stands under the large letters. */
static void below(const struct tile *t, struct box b, bool told_beside)
{
    char text[WORDS_SIZE], percent[16];

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
            char done[WORDS_SIZE];

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
    if (b.h < 1)
        return;
    if (t->slot->has_unit)
        tile_board_version(t, b, t->face == FACE_BUSY ? " " : tile_symbol(t));
    else if (t->face != FACE_BUSY)
        draw_text(t->canvas, b.y, b.x, b.w, t->role, tile_symbol(t));
}

/* Rows that text needs under the letters: a failure's title, and its remedy where that fits whole. */
static int text_rows(const struct tile *t)
{
    int most = t->inner.h - 3, rows = 2;
    char words[FACE_TEXT];

    if (face_has_failure(t->slot)) {
        enum failure_code code = t->slot->failure.code;
        char text[WORDS_SIZE];
        int remedy;

        snprintf(text, sizeof text, "%s %d %s", tile_symbol(t), code, _(failure_title(code)));
        rows = draw_wrapped_rows(t->canvas, t->inner.w, text);
        remedy = draw_wrapped_rows(t->canvas, t->inner.w, remedy_words(code, t->slot->boot_pin, words));
        if (rows + remedy <= most)
            rows += remedy;
    } else if (t->face == FACE_ACT) {
        rows = draw_wrapped_rows(t->canvas, t->inner.w, serial_instruction(t->dashboard, t->index, words));
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
        char percent[8], left[WORDS_SIZE], word[WORDS_SIZE];
        int value = tile_percent(t, percent, sizeof percent);

        snprintf(word, sizeof word, "%s %s", tile_symbol(t), tile_word(t, right.w - 2));
        tile_left(t, left, sizeof left);
        tile_pair(t, b.y, right.x, right.w, word, percent);
        tile_pair(t, b.y + 1, right.x, right.w, face_stage(t->slot->stage), left);
        if (t->slot->act == ACT_LEAVE) /* it waits its turn: there is no progress, but a label to be found */
            tile_board_below(t, (struct box){b.y + 2, right.x, 1, right.w}, 0);
        else
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

/* Of two words the second stands under the first: number and first word, then the second, then text. False: no room. */
static bool draw_two_words(const struct tile *t, const char *words)
{
    const struct box b = t->inner;
    const char *second = strchr(words, ' ');
    char first[32];

    if (t->slot->state != SLOT_ACT || t->slot->act != ACT_LEAVE || !second)
        return false;
    snprintf(first, sizeof first, "%.*s", (int)(second - words), words);
    for (int scale = GLYPH_SCALE_MAX; scale > 0; scale--) {
        int number = glyph_columns(t->canvas, scale, t->number) + NUMBER_GAP * scale,
            rows = glyph_rows(scale);

        if (2 * rows + 1 > b.h || fit_word(t, first, b.w - number, rows) < scale ||
            fit_word(t, second + 1, b.w, rows) < scale)
            continue;
        glyph_draw(t->canvas, b.y, b.x, scale, t->role, t->number);
        glyph_draw(t->canvas, b.y, b.x + number, scale, t->role, first);
        glyph_draw(t->canvas, b.y + rows, b.x, scale, t->role, second + 1);
        below(t, (struct box){b.y + 2 * rows, b.x, b.h - 2 * rows, b.w}, false);
        return true;
    }
    return false;
}

/* The exact word in smaller letters tells more than a vague one in larger: "JUMPER" before "ACT". */
static void draw_large(const struct tile *t)
{
    int rows = t->inner.h - text_rows(t);

    for (int level = 0;; level++) {
        const char *word = face_word(t->slot, level);
        int wide, stacked;

        if (!word)
            break;
        wide = t->inner.h >= 4 ? fit_wide(t, word, rows) : 0;
        stacked = fit_stacked(t, word);
        if (wide == 0 && stacked == 0 && draw_two_words(t, word))
            return;
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

static void draw_edges(const struct tile *t, struct box b)
{
    const char *edge = t->canvas->theme->symbols->edge[t->face];

    draw_fill(t->canvas, (struct box){b.y, b.x, b.h, 1}, t->role, edge);
    if (b.w >= RIGHT_EDGE_W && t->face != FACE_BUSY && t->face != FACE_SAVING)
        draw_fill(t->canvas, (struct box){b.y, b.x + b.w - 1, b.h, 1}, t->role, edge);
}

void view_tile_draw(const struct dashboard *d, int i, struct box b, bool selected)
{
    struct tile t = {
        .canvas = &d->canvas,
        .dashboard = d,
        .slot = &d->model.slots[i],
        .index = i,
        .face = face_of(&d->model.slots[i]),
    };

    snprintf(t.number, sizeof t.number, "%d", t.slot->slot);
    t.role = face_is_solid(t.face) ? ROLE_FACE + t.face : ROLE_WORD + t.face;
    if (b.h > 3)
        b.h--; /* air between the rows of the tray */
    if (selected)
        draw_fill(t.canvas, (struct box){b.y, b.x, b.h, 1}, ROLE_SELECTED, d->theme.symbols->select);
    b.x++;
    b.w--;
    if (face_is_solid(t.face))
        draw_fill(t.canvas, b, t.role, " ");
    draw_edges(&t, b);
    if (b.w >= RIGHT_EDGE_W) /* air beside the edges */
        t.inner = (struct box){b.y, b.x + 2, b.h, b.w - 4};
    else if (b.w >= COMPACT_W + 2 && !t.number[1])
        t.inner = (struct box){b.y, b.x + 2, b.h, b.w - 2};
    else
        t.inner = (struct box){b.y, b.x + 1, b.h, b.w - 1};
    if (t.inner.h < COMPACT_H || t.inner.w < COMPACT_W)
        compact(&t);
    else
        draw_large(&t);
}
