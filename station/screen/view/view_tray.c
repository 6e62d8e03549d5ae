/* SPDX-License-Identifier: Apache-2.0 */
/* The tray: one tile a slot, laid out like the fixture, and below it the selected slot in full words. */
#include "station/screen/view/view.h"

#include <stdio.h>

#include "station/print/phrase.h"
#include "station/print/remedy.h"
#include "station/print/text.h"
#include "station/screen/dashboard_layout.h"
#include "station/screen/dashboard_serial.h"
#include "station/screen/dashboard_words.h"
#include "station/screen/view/view_tile.h"

#define PANEL_ROWS  3
#define PANEL_LEAST 16 /* lower trays have no panel */

static int panel_rows(struct box b)
{
    return b.h >= PANEL_LEAST ? PANEL_ROWS : 0;
}

static void tray_layout(const struct dashboard *d, struct box b, struct tray_layout *l)
{
    b.h -= panel_rows(b);
    layout_tray(l, b, d->model.count, d->station.layout_rows, d->station.layout_cols, d->selected);
    if (l->pages < 2)
        return;
    b.h--; /* for the line that says so */
    layout_tray(l, b, d->model.count, d->station.layout_rows, d->station.layout_cols, d->selected);
}

/* What the window has no room for is never missed in silence: how many slots, and whether one of them wants somebody. */
static void draw_hidden(const struct dashboard *d, struct box row, int first, int last)
{
    int hidden = d->model.count - (last - first), urgent = model_urgent_outside(&d->model, first, last);
    int x = row.x + 1;

    x += draw_textf(&d->canvas, row.y, x, row.w - 1, ROLE_STRONG, _("%d of %d slots hidden"), hidden,
                    d->model.count);
    if (urgent > 0)
        draw_textf(&d->canvas, row.y, x + 2, row.x + row.w - x - 2, ROLE_ALERT, _("%d need you"), urgent);
}

void view_tray_hidden(const struct dashboard *d, struct box row)
{
    draw_hidden(d, row, 0, 0);
}

/* First line: slot, state, stage or title. Then the remedy, the instruction, or what is known of the board. */
static void panel(const struct dashboard *d, struct box b)
{
    const struct canvas *c = &d->canvas;
    const struct slot_status *s = &d->model.slots[d->selected];
    enum face f = face_of(s);
    char mac[MAC_TEXT_SIZE] = "", facts[WORDS_SIZE] = "", text[FACE_TEXT], said[PHRASE_SIZE];
    const char *code = serial_code(d, d->selected);
    struct box rest = {b.y + 1, b.x + 1, b.h - 1, b.w - 2};
    int x = b.x + 1, used;

    x += draw_textf(c, b.y, x, b.w - 2, ROLE_STRONG, _("Slot %d"), s->slot) + 1;
    if (s->label[0])
        x += draw_textf(c, b.y, x, b.w - x - 1, ROLE_TEXT, "%s ", s->label);
    x += draw_textf(c, b.y, x, b.w - x - 1, ROLE_WORD + f, "%s %s", d->theme.symbols->face[f],
                    face_word(s, 0)) +
         1;
    if (s->has_unit) {
        mac_text(&s->unit.mac, mac);
        snprintf(facts, sizeof facts, "%s  %s%s%s v%d.%d  %u MB", mac, code, code[0] ? "  " : "",
                 s->unit.chip, s->unit.revision / 100, s->unit.revision % 100,
                 (unsigned)(s->unit.flash_size >> 20));
    }
    if (face_has_failure(s)) {
        draw_textf(c, b.y, x, b.w - x - 1, ROLE_STRONG, "%d %s", s->failure.code,
                   _(failure_title(s->failure.code)));
        used = draw_wrapped(c, rest, ROLE_ALERT, remedy_words(s->failure.code, s->boot_pin, text));
        if (used < rest.h)
            draw_text(c, rest.y + used, rest.x, rest.w, ROLE_DIM, phrase_words(s->failure.detail, said));
        return;
    }
    draw_text(c, b.y, x, b.w - x - 1, ROLE_TEXT, facts);
    if (f == FACE_ACT) {
        used = draw_wrapped(c, rest, ROLE_ALERT, serial_instruction(d, d->selected, text));
        if (used < rest.h)
            draw_text(c, rest.y + used, rest.x, rest.w, ROLE_DIM, phrase_words(s->note, said));
        return;
    }
    if (s->state == SLOT_ACT)
        draw_text(c, rest.y, rest.x, rest.w, ROLE_ALERT, face_instruction(s, text));
    else
        draw_wrapped(c, rest, ROLE_DIM, s->note[0] ? phrase_words(s->note, said) : s->port);
}

static void draw_tray(struct dashboard *d, struct box b)
{
    struct tray_layout l;
    int rows = panel_rows(b);

    if (d->model.count == 0) {
        draw_centre(&d->canvas, b.y + b.h / 2, b.x, b.w, ROLE_ALERT,
                    _("No slots. Ask the engineer to teach the fixture: flashline slots learn"));
        return;
    }
    tray_layout(d, b, &l);
    for (int i = l.first; i < l.last; i++)
        view_tile_draw(d, i, layout_tile(&l, i), i == d->selected);
    if (l.pages > 1)
        draw_hidden(d, (struct box){b.y + b.h - rows - 1, b.x, 1, b.w}, l.first, l.last);
    if (rows > 0)
        panel(d, (struct box){b.y + b.h - rows, b.x, rows, b.w});
}

static void move_by(struct dashboard *d, int by)
{
    int to = d->selected + by;

    if (to >= 0 && to < d->model.count)
        d->selected = to;
    d->selected_hand = true;
}

static bool key_tray(struct dashboard *d, const struct input_event *e)
{
    struct tray_layout l;

    if (e->kind == INPUT_KEY && e->code == '\r' && d->model.count > 0) {
        dashboard_show(d, VIEW_DETAIL);
        return true;
    }
    tray_layout(d, dashboard_body(d), &l);
    switch (dashboard_motion(e)) {
    case MOVE_LEFT:
        move_by(d, -1);
        return true;
    case MOVE_RIGHT:
        move_by(d, 1);
        return true;
    case MOVE_UP:
        move_by(d, -l.columns);
        return true;
    case MOVE_DOWN:
        move_by(d, l.columns);
        return true;
    case MOVE_PAGE_UP:
        move_by(d, -l.columns * l.rows);
        return true;
    case MOVE_PAGE_DOWN:
        move_by(d, l.columns * l.rows);
        return true;
    case MOVE_FIRST:
        move_by(d, -d->selected);
        return true;
    case MOVE_LAST:
        move_by(d, d->model.count - 1 - d->selected);
        return true;
    case MOVE_BACK: /* Esc: the selection follows what is urgent again */
        d->selected_hand = false;
        return true;
    case MOVE_NONE:
        break;
    }
    return false;
}

static int hints_tray(const struct dashboard *d, struct key_hint *out)
{
    int n = 0;

    if (serial_can_take_back(d))
        out[n++] = (struct key_hint){"U", _("Serial back")};
    if (d->model.count > 0 && face_answer(&d->model.slots[d->selected])[0] && !menu_only_looks(d))
        out[n++] = (struct key_hint){_("Space"), face_answer(&d->model.slots[d->selected])};
    if (d->model.count > 0)
        out[n++] = (struct key_hint){_("Enter"), _("Detail")};
    if (d->selected_hand)
        out[n++] = (struct key_hint){"Esc", _("Follow")};
    return n;
}

const struct view view_tray = {draw_tray, key_tray, hints_tray, NULL, NULL};
