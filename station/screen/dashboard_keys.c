/* SPDX-License-Identifier: Apache-2.0 */
#include "station/screen/dashboard_keys.h"

#include <stdio.h>
#include <string.h>

#include "station/screen/dashboard_serial.h"
#include "station/screen/view/view.h"
#include "station/print/text.h"

static void quit_confirmed(struct dashboard *d, const char *text)
{
    (void)text;
    dashboard_drain(d);
}

static void abort_confirmed(struct dashboard *d, const char *text)
{
    (void)text;
    dashboard_abort(d);
}

/* Each question has an answer of its own: one that was open when something else began to drain must not abort. */
static void ask_abort(struct dashboard *d)
{
    char text[DIALOG_TEXT_SIZE];
    int running = model_running(&d->model);

    if (running == 0 || d->aborting)
        return;
    snprintf(
        text, sizeof text,
        ngettext("%d board is still being flashed. Abort it? It boots nothing until it is flashed again.",
                 "%d boards are still being flashed. Abort them? They boot nothing until flashed again.",
                 (unsigned long)running),
        running);
    dialog_confirm(d, _("Abort?"), text, abort_confirmed);
}

/* `q`: asks in any case, for it lies beside `w`; what it asks depends on whether boards run. */
static void quit(struct dashboard *d)
{
    char text[DIALOG_TEXT_SIZE];
    int running = model_running(&d->model);

    if (d->desk->is_far) {
        dashboard_end_with(d, DASHBOARD_LEFT);
        return;
    }
    if (d->draining) {
        ask_abort(d);
        return;
    }
    if (running == 0)
        snprintf(text, sizeof text, "%s", _("No board is being flashed. Quit?"));
    else
        snprintf(text, sizeof text,
                 ngettext("%d board is being flashed. Finish it, start no other, and quit?",
                          "%d boards are being flashed. Finish them, start no others, and quit?",
                          (unsigned long)running),
                 running);
    dialog_confirm(d, _("Quit?"), text, quit_confirmed);
}

void dashboard_stop(struct dashboard *d, enum stop_step step, bool by_key)
{
    if (d->desk->is_far && step != STOP_NONE) {
        dashboard_end_with(d, DASHBOARD_LEFT);
    } else if (step == STOP_DRAIN && !d->draining) {
        if (d->dialog.answer == quit_confirmed)
            dialog_close(d); /* it is answered */
        dashboard_drain(d);
    } else if (step != STOP_NONE && by_key) {
        ask_abort(d);
    } else if (step == STOP_ABORT) {
        dashboard_abort(d);
    }
}

/*
 * "Done, go on": only where a slot waits for the operator. A stop is not the operator's to release; what else kept a
 * board from starting (badge, lot, disk) is asked of the records again.
 */
static void acknowledge(struct dashboard *d)
{
    const struct slot_status *s = d->selected < d->model.count ? &d->model.slots[d->selected] : NULL;
    char text[FACE_TEXT];

    if (!s || s->state != SLOT_ACT || s->act == ACT_LEAVE)
        return;
    if (menu_only_looks(d))
        dialog_message(d, _("This screen only looks"), _("Take the work first: key w."));
    else if (face_is_stopped(s) && menu_can(d, DESK_UNLOCK))
        menu_start(d, DESK_UNLOCK);
    else if (face_is_stopped(s))
        dialog_message(d, face_word(s, 0), face_instruction(s, text));
    else
        dashboard_act(d, DESK_GO_ON, s->slot);
}

static void back(struct dashboard *d)
{
    dashboard_show(d, d->view == VIEW_HELP ? d->before_help : VIEW_TRAY);
}

static void show_help(struct dashboard *d)
{
    if (d->view != VIEW_HELP)
        d->before_help = d->view;
    dashboard_show(d, VIEW_HELP);
}

static bool show_key(struct dashboard *d, const struct input_event *e)
{
    static const struct {
        int digit;
        enum view_id view;
    } table[] = {{'1', VIEW_TRAY}, {'2', VIEW_DETAIL}, {'3', VIEW_LOT}, {'4', VIEW_LOG}, {'5', VIEW_UNITS}};

    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        int digit = (unsigned char)table[i].digit;

        /* F2 is 2: gloves find function keys, consoles without them have digits. */
        if ((e->kind == INPUT_KEY && e->code == digit) ||
            (e->kind == INPUT_FUNCTION && digit > '1' && e->code == KEY_F(digit - '0'))) {
            dashboard_show(d, table[i].view);
            return true;
        }
    }
    return false;
}

static void function_key(struct dashboard *d, int32_t code)
{
    if (code == KEY_F(1))
        show_help(d);
    else if (code == KEY_F(6))
        menu_open(d);
    else if (code == KEY_F(7))
        menu_start(d, DESK_LOG_IN);
    else if (code == KEY_F(10))
        quit(d);
}

static void plain_key(struct dashboard *d, int32_t code)
{
    switch (code) {
    case '?':
        show_help(d);
        break;
    case 'w':
        if (d->desk->takes)
            menu_open(d);
        break;
    case 'b':
        menu_start(d, DESK_LOG_IN);
        break;
    case ' ':
        acknowledge(d);
        break;
    case 'u':
        serial_take_back(d);
        break;
    case 27:
        back(d);
        break;
    case 'q':
    case 'Q':
        if (d->view == VIEW_TRAY)
            quit(d);
        else
            back(d);
        break;
    case 12: /* Ctrl-L: another program wrote over us */
        d->resized = true;
        break;
    default:
        break;
    }
}

static void take_scan(struct dashboard *d, const struct input_event *e)
{
    const struct view *view = view_of(d->view);
    char note[WORDS_SIZE];

    if (dialog_wants_text(d)) {
        dialog_input(d, e);
    } else if (dialog_is_open(d)) {
        snprintf(note, sizeof note, _("scan '%s' ignored: a question is open"), e->text);
        dashboard_note(d, note);
    } else if (view->scan) {
        view->scan(d, e->text);
        d->stale = true;
    } else {
        menu_scan(d, e->text);
    }
}

/* A view's own key; where it moves the selection, the board it comes to is the one that is scanned next. */
static bool view_key(struct dashboard *d, const struct input_event *e)
{
    int before = d->selected;
    bool used = view_of(d->view)->key(d, e);

    if (d->selected != before)
        serial_choose(d);
    return used;
}

void dashboard_input(struct dashboard *d, const struct input_event *e)
{
    d->dirty = true;
    if (e->kind == INPUT_SCAN) {
        take_scan(d, e);
        return;
    }
    if (e->kind == INPUT_GARBAGE) {
        dashboard_note(d, _("keys ignored: too fast for a person, and without a scanner's Enter"));
        return;
    }
    if (dialog_is_open(d)) {
        dialog_input(d, e);
        return;
    }
    d->stale = true;
    if (view_key(d, e) || show_key(d, e))
        return;
    if (e->kind == INPUT_FUNCTION)
        function_key(d, e->code);
    else
        plain_key(d, e->code);
}
