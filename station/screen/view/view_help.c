/* SPDX-License-Identifier: Apache-2.0 */
/* Help: every key, and what each face of a tile means. */
#include "station/screen/view/view.h"

#include "station/print/text.h"

/* Who can use a key: everybody; who works here, at the station's own screen or with its work; one of the two kinds of screen. */
enum help_for { FOR_ALL, FOR_WORK, FOR_OWN, FOR_FAR };

struct help_line {
    const char *key, *text;
    enum help_for whose;
};

static const struct help_line help_keys[] = {
    {N_("Arrows, hjkl"), N_("move"), FOR_ALL},
    {N_("Space"), N_("the selected slot's request is done: go on"), FOR_WORK},
    {N_("Enter, 2, F2"), N_("the selected slot in detail"), FOR_ALL},
    {N_("3, F3"), N_("the lot: yield, what fails, time a board"), FOR_ALL},
    {N_("4, F4"), N_("the log: / searches, f filters"), FOR_ALL},
    {N_("5, F5"), N_("units: / finds by MAC or serial, or scan a label"), FOR_ALL},
    {N_("w, F6"), N_("work: job, lot, badge, slots, unlock"), FOR_WORK},
    {N_("w, F6"), N_("take the work of this station, or give it back"), FOR_FAR},
    {N_("b, F7"), N_("badge: log in"), FOR_WORK},
    {N_("u"), N_("take a serial number back, until its board is erased"), FOR_WORK},
    {N_("Esc"), N_("back; in the tray: follow the slot that needs you"), FOR_ALL},
    {N_("q, F10"), N_("back; in the tray: quit, asks first"), FOR_OWN},
    {N_("Ctrl-C"), N_("finish the running boards and end; again: asks to abort"), FOR_OWN},
    {N_("q, F10"), N_("back; in the tray: leave, the station goes on"), FOR_FAR},
    {N_("Ctrl-C"), N_("leave, the station goes on"), FOR_FAR},
    {N_("Ctrl-L"), N_("draw the screen anew"), FOR_ALL},
};
#define KEY_COUNT (sizeof help_keys / sizeof help_keys[0])

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

static bool is_for(const struct dashboard *d, enum help_for whose)
{
    switch (whose) {
    case FOR_WORK:
        return !menu_only_looks(d);
    case FOR_OWN:
        return !d->desk->is_far;
    case FOR_FAR:
        return d->desk->is_far;
    case FOR_ALL:
    default:
        return true;
    }
}

static int key_count(const struct dashboard *d)
{
    int n = 0;

    for (size_t i = 0; i < KEY_COUNT; i++)
        n += is_for(d, help_keys[i].whose);
    return n;
}

static void draw_keys(const struct dashboard *d, struct box b)
{
    int row = 1;

    draw_text(&d->canvas, b.y, b.x, b.w, ROLE_STRONG, _("Keys"));
    for (size_t i = 0; i < KEY_COUNT && row < b.h; i++) {
        if (!is_for(d, help_keys[i].whose))
            continue;
        draw_text(&d->canvas, b.y + row, b.x, 14, ROLE_KEY, _(help_keys[i].key));
        draw_text(&d->canvas, b.y + row, b.x + 15, b.w - 15, ROLE_TEXT, _(help_keys[i].text));
        row++;
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

/* Both lists fit below each other. */
static bool is_one_page(const struct dashboard *d)
{
    return dashboard_body(d).h >= key_count(d) + HELP_FACES + 3;
}

static void draw_help(struct dashboard *d, struct box b)
{
    const struct box keys = {b.y, b.x + 1, b.h, b.w - 2};

    if (is_one_page(d)) {
        draw_keys(d, keys);
        draw_faces(d, (struct box){b.y + key_count(d) + 2, b.x + 1, b.h - key_count(d) - 2, b.w - 2});
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
