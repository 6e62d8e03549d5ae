/* SPDX-License-Identifier: Apache-2.0 */
/* The question over the view, in the middle of the screen. */
#include "station/screen/view/view.h"

#include <string.h>

#include "base/plain.h"
#include "station/print/text.h"

#define DIALOG_W 64

static void frame(const struct canvas *c, struct box b, const char *title)
{
    draw_fill(c, b, ROLE_DIALOG, " ");
    draw_fill(c, (struct box){b.y, b.x, 1, b.w}, ROLE_KEYS, " ");
    draw_text(c, b.y, b.x + 2, b.w - 4, ROLE_KEYS, title);
}

static void draw_field(const struct dashboard *d, struct box b)
{
    const struct dialog *g = &d->dialog;
    char shown[DIALOG_FIELD_SIZE];
    const char *text = g->field;
    int width;

    if (g->secret) {
        memset(shown, '*', sizeof shown);
        shown[strlen(g->field) < sizeof shown ? strlen(g->field) : sizeof shown - 1] = '\0';
        text = shown;
    }
    /* The end of a long text is what one is typing. */
    while ((width = draw_width(&d->canvas, text)) > b.w - 1) {
        do
            text++;
        while (plain_continues(*text));
    }
    draw_fill(&d->canvas, (struct box){b.y, b.x, 1, b.w}, ROLE_ROW, " ");
    draw_text(&d->canvas, b.y, b.x, b.w - 1, ROLE_ROW, text);
    draw_text(&d->canvas, b.y, b.x + width, 1, ROLE_KEYS, "_");
}

static void draw_choices(const struct dashboard *d, struct box b)
{
    const struct dialog *g = &d->dialog;
    int top = g->choice >= b.h ? g->choice - b.h + 1 : 0;

    if (g->choice_count == 0)
        draw_text(&d->canvas, b.y, b.x, b.w, ROLE_DIALOG, _("There is nothing to choose from."));
    for (int i = 0; i < b.h && top + i < g->choice_count; i++) {
        const struct desk_choice *choice = &g->choices[top + i];
        enum role role = top + i == g->choice ? ROLE_ROW : ROLE_DIALOG;
        int note = draw_width(&d->canvas, choice->note);

        draw_fill(&d->canvas, (struct box){b.y + i, b.x, 1, b.w}, role, " ");
        draw_textf(&d->canvas, b.y + i, b.x, b.w - note - 2, role, "%s %s", choice->current ? "*" : " ",
                   choice->title);
        draw_right(&d->canvas, b.y + i, b.x, b.w - 1, role, choice->note);
    }
}

static int content_rows(const struct dashboard *d, int width)
{
    const struct dialog *g = &d->dialog;

    if (g->kind == DIALOG_CHOICE)
        return g->choice_count > 0 ? g->choice_count : 1;
    return draw_wrapped_rows(&d->canvas, width, g->text) + (g->kind == DIALOG_FIELD ? 2 : 0);
}

void view_dialog_draw(struct dashboard *d, struct box area)
{
    const struct dialog *g = &d->dialog;
    struct box b = {0, 0, 0, area.w < DIALOG_W + 4 ? area.w - 4 : DIALOG_W};
    struct box inner;
    int rows;

    if (g->kind == DIALOG_NONE || b.w < 10)
        return;
    rows = content_rows(d, b.w - 4);
    b.h = rows + 3 < area.h ? rows + 3 : area.h;
    b.y = area.y + (area.h - b.h) / 2;
    b.x = area.x + (area.w - b.w) / 2;
    frame(&d->canvas, b, g->title);
    inner = (struct box){b.y + 2, b.x + 2, b.h - 3, b.w - 4};
    if (g->kind == DIALOG_CHOICE) {
        draw_choices(d, inner);
        return;
    }
    rows = draw_wrapped(&d->canvas, inner, ROLE_DIALOG, g->text);
    if (g->kind == DIALOG_FIELD)
        draw_field(d, (struct box){inner.y + rows + (rows > 0), inner.x, 1, inner.w});
}

int view_dialog_hints(const struct dashboard *d, struct key_hint *out)
{
    int n = 0;

    switch (d->dialog.kind) {
    case DIALOG_CONFIRM:
        out[n++] = (struct key_hint){_("y"), _("Yes")};
        out[n++] = (struct key_hint){"n", _("No")};
        break;
    case DIALOG_FIELD:
        out[n++] = (struct key_hint){_("Enter"), _("OK")};
        out[n++] = (struct key_hint){"Esc", _("Cancel")};
        break;
    case DIALOG_CHOICE:
        out[n++] = (struct key_hint){_("Enter"), _("Choose")};
        out[n++] = (struct key_hint){_("Arrows"), _("Move")};
        out[n++] = (struct key_hint){"Esc", _("Cancel")};
        break;
    case DIALOG_MESSAGE:
        out[n++] = (struct key_hint){_("Enter"), _("OK")};
        break;
    case DIALOG_NONE:
        break;
    }
    return n;
}
