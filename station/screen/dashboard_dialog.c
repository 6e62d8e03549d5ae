/* SPDX-License-Identifier: Apache-2.0 */
#include "station/screen/dashboard_dialog.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/plain.h"
#include "station/print/text.h"
#include "station/screen/dashboard_state.h"

static struct dialog *dialog_open(struct dashboard *d, enum dialog_kind kind, const char *title,
                                  const char *text, dialog_answer *answer)
{
    struct dialog *g = &d->dialog;

    dialog_close(d);
    g->kind = kind;
    g->answer = answer;
    snprintf(g->title, sizeof g->title, "%s", title);
    snprintf(g->text, sizeof g->text, "%s", text);
    d->dirty = true;
    return g;
}

void dialog_confirm(struct dashboard *d, const char *title, const char *text, dialog_answer *answer)
{
    dialog_open(d, DIALOG_CONFIRM, title, text, answer);
}

void dialog_field(struct dashboard *d, const char *title, const char *text, bool secret,
                  dialog_answer *answer)
{
    dialog_open(d, DIALOG_FIELD, title, text, answer)->secret = secret;
    d->input.field = true;
}

void dialog_message(struct dashboard *d, const char *title, const char *text)
{
    dialog_open(d, DIALOG_MESSAGE, title, text, NULL);
}

void dialog_choose(struct dashboard *d, const char *title, struct desk_choice *choices, int count,
                   bool free_text, dialog_answer *answer)
{
    struct dialog *g = dialog_open(d, DIALOG_CHOICE, title, "", answer);

    g->choices = choices;
    g->choice_count = count;
    g->free_text = free_text;
    for (int i = 0; i < count; i++) {
        if (choices[i].current)
            g->choice = i;
    }
}

void dialog_close(struct dashboard *d)
{
    free(d->dialog.choices);
    explicit_bzero(&d->dialog, sizeof d->dialog);
    d->input.field = false;
    d->dirty = true;
}

bool dialog_is_open(const struct dashboard *d)
{
    return d->dialog.kind != DIALOG_NONE;
}

bool dialog_wants_text(const struct dashboard *d)
{
    return d->dialog.kind == DIALOG_FIELD || (d->dialog.kind == DIALOG_CHOICE && d->dialog.free_text);
}

/* What does not fit is not answered by its beginning. */
static void refuse_overlong(struct dashboard *d)
{
    char title[sizeof d->dialog.title];

    snprintf(title, sizeof title, "%s", d->dialog.title);
    dialog_message(d, title, _("This text is too long; nothing was taken. Start again with a shorter one."));
}

/* Closes first: the answer may open the next dialog. */
static void give_answer(struct dashboard *d, const char *text)
{
    char copy[DIALOG_FIELD_SIZE];
    dialog_answer *answer = d->dialog.answer;

    if (d->dialog.overfull || strlen(text) >= sizeof copy) {
        refuse_overlong(d);
        return;
    }
    snprintf(copy, sizeof copy, "%s", text);
    dialog_close(d);
    if (answer)
        answer(d, copy);
    explicit_bzero(copy, sizeof copy);
}

/* Whoever corrects sees what stands there. */
static void erase_last(struct dialog *g)
{
    size_t n = strlen(g->field);

    g->overfull = false;
    /* A whole UTF-8 character, not its last byte. */
    while (n > 0 && plain_continues(g->field[n - 1]))
        n--;
    g->field[n > 0 ? n - 1 : 0] = '\0';
}

static void clear_field(struct dialog *g)
{
    g->overfull = false;
    g->field[0] = '\0';
}

static void append(struct dialog *g, int32_t code)
{
    size_t n = strlen(g->field);
    char bytes[4];
    size_t length = input_utf8(bytes, code);

    g->overfull = g->overfull || n + length >= sizeof g->field;
    if (!g->overfull) {
        memcpy(g->field + n, bytes, length);
        g->field[n + length] = '\0';
    }
}

static bool is_enter(const struct input_event *e)
{
    return e->kind == INPUT_KEY && (e->code == '\r' || e->code == '\n' || e->code == '\t');
}

static bool is_escape(const struct input_event *e)
{
    return e->kind == INPUT_KEY && e->code == 27;
}

static void field_input(struct dashboard *d, const struct input_event *e)
{
    struct dialog *g = &d->dialog;

    if (e->kind == INPUT_SCAN)
        give_answer(d, e->text);
    else if (is_escape(e))
        dialog_close(d);
    else if (is_enter(e))
        give_answer(d, g->field);
    else if ((e->kind == INPUT_FUNCTION && e->code == KEY_BACKSPACE) ||
             (e->kind == INPUT_KEY && (e->code == 127 || e->code == 8)))
        erase_last(g);
    else if (e->kind == INPUT_KEY && e->code == 21) /* Ctrl-U */
        clear_field(g);
    else if (e->kind == INPUT_KEY && e->code >= 32)
        append(g, e->code);
}

static void choice_input(struct dashboard *d, const struct input_event *e)
{
    struct dialog *g = &d->dialog;
    enum motion motion = dashboard_motion(e);

    if (e->kind == INPUT_SCAN && g->free_text)
        give_answer(d, e->text);
    else if (is_escape(e) || (e->kind == INPUT_KEY && e->code == 'q'))
        dialog_close(d);
    else if (is_enter(e) && g->choice_count > 0)
        give_answer(d, g->choices[g->choice].id);
    else if (motion == MOVE_DOWN && g->choice + 1 < g->choice_count)
        g->choice++;
    else if (motion == MOVE_UP && g->choice > 0)
        g->choice--;
    else if (motion == MOVE_FIRST)
        g->choice = 0;
    else if (motion == MOVE_LAST && g->choice_count > 0)
        g->choice = g->choice_count - 1;
}

static void confirm_input(struct dashboard *d, const struct input_event *e)
{
    /* TRANSLATORS: the key for yes, one lower-case ASCII letter. */
    const char *yes = _("y");

    if (e->kind == INPUT_KEY && (e->code == yes[0] || e->code == yes[0] - 32))
        give_answer(d, "");
    else if (is_escape(e) || (e->kind == INPUT_KEY && (e->code == 'n' || e->code == 'N' || e->code == 'q')))
        dialog_close(d);
}

void dialog_input(struct dashboard *d, const struct input_event *e)
{
    switch (d->dialog.kind) {
    case DIALOG_FIELD:
        field_input(d, e);
        break;
    case DIALOG_CHOICE:
        choice_input(d, e);
        break;
    case DIALOG_CONFIRM:
        confirm_input(d, e);
        break;
    case DIALOG_MESSAGE:
        if (is_enter(e) || is_escape(e) || (e->kind == INPUT_KEY && (e->code == ' ' || e->code == 'q')))
            dialog_close(d);
        break;
    case DIALOG_NONE:
        break;
    }
}
