/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One tile. From two metres: whose slot, how it ended, what to do; everything else is for the person standing there.
 *
 * The left column carries the state's shape, so that no two states look alike without colour. Finished tiles are
 * filled, running and idle ones are not; only ACT moves.
 */
#include "station/view_tile.h"

#include <stdio.h>
#include <string.h>

#include "station/text.h"
#include "station/view_tile_parts.h"

#define COMPACT_W    15 /* narrower or lower: no large letters */
#define COMPACT_H    3
#define RIGHT_EDGE_W 24 /* narrower tiles give that column to words */

int tile_percent(const struct tile *t, char *out, size_t size)
{
    int percent = face_percent(t->slot);

    if (percent >= 0)
        snprintf(out, size, "%d%%", percent);
    else
        out[0] = '\0';
    return percent;
}

void tile_left(const struct tile *t, char *out, size_t size)
{
    if (t->slot->left_us >= 0)
        snprintf(out, size, _("%d s left"), (int)((t->slot->left_us + 999999) / 1000000));
    else
        out[0] = '\0';
}

void tile_mac(const struct tile *t, char *out, size_t size)
{
    const uint8_t *m = t->slot->unit.mac.bytes;

    if (t->slot->has_unit)
        snprintf(out, size, "%02x:%02x:%02x", m[3], m[4], m[5]);
    else
        out[0] = '\0';
}

/* The longest of the state's words that fits. */
const char *tile_word(const struct tile *t, int width)
{
    const char *word = NULL;

    for (int level = 0;; level++) {
        const char *shorter = face_word(t->slot, level);

        if (!shorter)
            return word ? word : "";
        word = shorter;
        if (draw_width(t->canvas, word) <= width)
            return word;
    }
}

const char *tile_symbol(const struct tile *t)
{
    return t->canvas->theme->symbols->face[t->face];
}

/* What went wrong or what to do, in the words the tile has room for. `lead` stands before a failure's title. */
void tile_explain(const struct tile *t, struct box b, const char *lead)
{
    const struct slot_status *s = t->slot;
    const char *title = _(failure_title(s->failure.code)), *remedy = _(failure_remedy(s->failure.code));
    const char *act = face_instruction(s);
    char text[320];
    int used;

    if (b.h < 1)
        return;
    if (t->face == FACE_ACT && !face_has_failure(s)) {
        if (draw_wrapped_rows(t->canvas, b.w, act) > b.h)
            act = face_instruction_short(s);
        draw_wrapped(t->canvas, b, t->role, act);
        return;
    }
    snprintf(text, sizeof text, "%s%s", lead, title);
    used = draw_wrapped(t->canvas, b, t->role, text);
    b.y += used;
    b.h -= used;
    /* A remedy is told whole or not at all: half of one misleads. The panel has it too. */
    if (b.h >= draw_wrapped_rows(t->canvas, b.w, remedy))
        draw_wrapped(t->canvas, b, t->role, remedy);
}

/* Two texts on one line, at its ends: the right one in fewer words, or not at all, where both do not fit. */
void tile_pair(const struct tile *t, int y, int x, int w, const char *left, const char *right)
{
    char shorter[32];
    int room = w - draw_width(t->canvas, left) - 1;

    draw_text(t->canvas, y, x, w, t->role, left);
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
    char text[64], code[16];
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
            draw_text(t->canvas, y, b.x, b.w, t->role, face_word(t->slot, 0));
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
        tile_mac(t, text, sizeof text);
        draw_text(t->canvas, y, b.x, b.w, t->role, text);
        if (h > 1 && (t->face == FACE_PASS || t->face == FACE_PASS_RETRY))
            draw_text(t->canvas, y + 1, b.x, b.w, t->role, t->dashboard->station.firmware_version);
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
        tile_draw_large(&t);
}
