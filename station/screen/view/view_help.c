/* SPDX-License-Identifier: Apache-2.0 */
/* Help: every key, and what each face of a tile means. */
#include "station/screen/view/view.h"

#include "station/print/text.h"

struct help_line {
    const char *key, *text;
};

static const struct help_line help_keys[] = {
    {N_("Arrows, hjkl"), N_("move")},
    {N_("Space"), N_("the selected slot's request is done: go on")},
    {N_("Enter, 2, F2"), N_("the selected slot in detail")},
    {N_("3, F3"), N_("the lot: yield, what fails, time a board")},
    {N_("4, F4"), N_("the log: / searches, f filters")},
    {N_("5, F5"), N_("units: / finds by MAC or serial, or scan a label")},
    {N_("w, F6"), N_("work: job, lot, badge, slots, unlock")},
    {N_("b, F7"), N_("badge: log in")},
    {N_("u"), N_("take a serial number back, until its board is erased")},
    {N_("Esc"), N_("back; in the tray: follow the slot that needs you")},
    {N_("q, F10"), N_("back; in the tray: quit, asks first")},
    {N_("Ctrl-C"), N_("finish the running boards and end; again: asks to abort")},
    {N_("Ctrl-L"), N_("draw the screen anew")},
};
#define KEY_COUNT ((int)(sizeof help_keys / sizeof help_keys[0]))

static const struct {
    enum face face;
    const char *word, *text;
} help_faces[] = {
    {FACE_EMPTY, N_("EMPTY"), N_("no board")},
    {FACE_READY, N_("READY"), N_("starts by itself when a board is put on")},
    {FACE_BUSY, N_("BUSY"), N_("being flashed: leave it alone")},
    {FACE_SAVING, N_("SAVING"), N_("its record is being written: not a PASS yet")},
    {FACE_PASS, N_("PASS"), N_("verified and recorded: take it off")},
    {FACE_PASS_RETRY, N_("PASS R"), N_("PASS that needed a second try")},
    {FACE_FAIL, N_("FAIL"), N_("the board's fault: red tray")},
    {FACE_HOLD, N_("HOLD"), N_("quarantine: yellow tray, the engineer decides")},
    {FACE_ERROR, N_("ERROR"), N_("not the board's fault, or not saved: read the remedy")},
    {FACE_ACT, N_("ACT"), N_("you must do something now; blinks until done")},
    {FACE_OFF, N_("OFF"), N_("slot is switched off")},
};
#define FACE_W     13 /* edge, symbol, word */
#define HELP_FACES ((int)(sizeof help_faces / sizeof help_faces[0]))

static void draw_keys(const struct dashboard *d, struct box b)
{
    draw_text(&d->canvas, b.y, b.x, b.w, ROLE_STRONG, _("Keys"));
    for (int i = 0; i < KEY_COUNT && i + 1 < b.h; i++) {
        draw_text(&d->canvas, b.y + 1 + i, b.x, 14, ROLE_KEY, _(help_keys[i].key));
        draw_text(&d->canvas, b.y + 1 + i, b.x + 15, b.w - 15, ROLE_TEXT, _(help_keys[i].text));
    }
}

static void draw_faces(const struct dashboard *d, struct box b)
{
    draw_text(&d->canvas, b.y, b.x, b.w, ROLE_STRONG, _("Tiles"));
    for (int i = 0; i < HELP_FACES && i + 1 < b.h; i++) {
        enum face f = help_faces[i].face;

        enum role role = face_is_solid(f) ? ROLE_FACE + f : ROLE_WORD + f;

        draw_fill(&d->canvas, (struct box){b.y + 1 + i, b.x, 1, FACE_W}, role, " ");
        draw_textf(&d->canvas, b.y + 1 + i, b.x, FACE_W, role, "%s %s %s", d->theme.symbols->edge[f],
                   d->theme.symbols->face[f], _(help_faces[i].word));
        draw_text(&d->canvas, b.y + 1 + i, b.x + 15, b.w - 15, ROLE_TEXT, _(help_faces[i].text));
    }
}

#define HELP_ROWS (KEY_COUNT + HELP_FACES + 3)

/* Both lists fit below each other. */
static bool is_one_page(const struct dashboard *d)
{
    return dashboard_body(d).h >= HELP_ROWS;
}

static void draw_help(struct dashboard *d, struct box b)
{
    const struct box keys = {b.y, b.x + 1, b.h, b.w - 2};

    if (is_one_page(d)) {
        draw_keys(d, keys);
        draw_faces(d, (struct box){b.y + KEY_COUNT + 2, b.x + 1, b.h - KEY_COUNT - 2, b.w - 2});
    } else if (d->help.top == 0) {
        draw_keys(d, keys);
    } else {
        draw_faces(d, keys);
    }
}

static bool key_help(struct dashboard *d, const struct input_event *e)
{
    enum motion m = dashboard_motion(e);

    if (m == MOVE_DOWN || m == MOVE_PAGE_DOWN || m == MOVE_RIGHT)
        d->help.top = 1;
    else if (m == MOVE_UP || m == MOVE_PAGE_UP || m == MOVE_LEFT)
        d->help.top = 0;
    else
        return false;
    return true;
}

static int hints_help(const struct dashboard *d, struct key_hint *out)
{
    if (is_one_page(d))
        return 0;
    out[0] = (struct key_hint){_("Arrows"), _("Keys / tiles")};
    return 1;
}

const struct view view_help = {draw_help, key_help, hints_help, NULL, NULL};
