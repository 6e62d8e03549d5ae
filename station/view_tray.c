/* SPDX-License-Identifier: Apache-2.0 */
/* The tray: one tile a slot. */
#include "station/dashboard_state.h"

#include <stdio.h>

#include "station/text.h"

static void tile(struct dashboard *d, int i, struct box b)
{
    const struct canvas *c = &d->canvas;
    const struct slot_status *s = &d->model.slots[i];
    enum face f = face_of(s);
    enum role role = face_is_solid(f) ? ROLE_FACE + f : ROLE_WORD + f;
    int percent = face_percent(s);
    char text[64];

    if (face_is_solid(f))
        draw_fill(c, b, role, " ");
    draw_textf(c, b.y, b.x, b.w, role, "%2d %s %s", s->slot, c->theme->symbols->face[f], face_word(s, 0));
    if (f == FACE_BUSY && b.h > 1) {
        if (percent >= 0)
            snprintf(text, sizeof text, "%s %d%%", face_stage(s->stage), percent);
        else
            snprintf(text, sizeof text, "%s", face_stage(s->stage));
        draw_text(c, b.y + 1, b.x, b.w, role, text);
        draw_bar(c, b.y + 2, b.x, b.h > 2 ? b.w : 0, percent);
    } else if (face_is_failed(f) && b.h > 1) {
        draw_wrapped(c, (struct box){b.y + 1, b.x, b.h - 1, b.w}, role, _(failure_title(s->failure.code)));
    }
    if (s->has_unit && b.h > 3)
        draw_textf(c, b.y + b.h - 1, b.x, b.w, role, "%02x:%02x:%02x", s->unit.mac.bytes[3],
                   s->unit.mac.bytes[4], s->unit.mac.bytes[5]);
}

static void draw_tray(struct dashboard *d, struct box b)
{
    int n = d->model.count, columns = 4, rows;

    while (columns < n && (n + columns - 1) / columns * 3 > b.h)
        columns *= 2;
    rows = (n + columns - 1) / columns;
    for (int i = 0; i < n; i++) {
        int w = b.w / columns, h = rows ? b.h / rows : 1;

        tile(d, i, (struct box){b.y + i / columns * h, b.x + i % columns * w, h > 1 ? h - (h > 3) : 1, w - 1});
    }
}

static bool key_tray(struct dashboard *d, const struct input_event *e)
{
    (void)d;
    (void)e;
    return false;
}

static const char *keys_tray(const struct dashboard *d)
{
    (void)d;
    return _("q stop after the running boards");
}

const struct view view_tray = {draw_tray, key_tray, keys_tray};
