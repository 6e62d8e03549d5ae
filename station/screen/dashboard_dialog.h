/* SPDX-License-Identifier: Apache-2.0 */
/*
 * dashboard_dialog - the one question that may stand over a view: yes or no, a text, a choice, or a message.
 *
 * Whoever opens it says what the answer does. A scan goes into a text field or a choice that takes free text, and
 * nowhere else.
 */
#ifndef STATION_SCREEN_DASHBOARD_DIALOG_H
#define STATION_SCREEN_DASHBOARD_DIALOG_H

#include <stdbool.h>

#include "station/screen/dashboard_input.h"
#include "station/screen/desk.h"

struct dashboard;

enum dialog_kind { DIALOG_NONE, DIALOG_CONFIRM, DIALOG_FIELD, DIALOG_CHOICE, DIALOG_MESSAGE };

#define DIALOG_FIELD_SIZE  160
#define DIALOG_CHOICES_MAX 128
#define DIALOG_TEXT_SIZE   DESK_WHY_SIZE

/* Called once with the field's text or the choice's id ("" for a confirmed question); not at all when refused. */
typedef void dialog_answer(struct dashboard *d, const char *text);

struct dialog {
    enum dialog_kind kind;
    char title[96];
    char text[DIALOG_TEXT_SIZE];
    char field[DIALOG_FIELD_SIZE];
    bool overfull;               /* more was typed than there is room for: no answer, until it is corrected */
    bool secret;                 /* a PIN: shown as stars, wiped when closed */
    bool free_text;              /* a choice that also takes a scanned id */
    struct desk_choice *choices; /* owned */
    int choice_count, choice;
    dialog_answer *answer;
};

void dialog_confirm(struct dashboard *d, const char *title, const char *text, dialog_answer *answer);
void dialog_field(struct dashboard *d, const char *title, const char *text, bool secret,
                  dialog_answer *answer);
void dialog_message(struct dashboard *d, const char *title, const char *text);
/* Takes ownership of `choices`. */
void dialog_choose(struct dashboard *d, const char *title, struct desk_choice *choices, int count,
                   bool free_text, dialog_answer *answer);
void dialog_close(struct dashboard *d);
bool dialog_is_open(const struct dashboard *d);
bool dialog_wants_text(const struct dashboard *d);
/* Every input goes here while a dialog is open. */
void dialog_input(struct dashboard *d, const struct input_event *e);

#endif /* STATION_SCREEN_DASHBOARD_DIALOG_H */
