/* SPDX-License-Identifier: Apache-2.0 */
#include "station/screen/dashboard_menu.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "station/print/text.h"
#include "station/screen/dashboard_state.h"

struct entry {
    enum desk_act_kind kind;
    const char *title;
};

static const struct entry entries[] = {
    {DESK_LOG_IN, N_("Badge: log in")},
    {DESK_LOT, N_("Lot: choose or scan")},
    {DESK_JOB, N_("Job: choose")},
    {DESK_SERIAL, N_("Serial number of the board on the selected slot")},
    {DESK_SLOT, N_("Selected slot: on or off")},
    {DESK_UNLOCK, N_("Unlock a stop")},
    {DESK_EXTEND, N_("Lot: extend")},
    {DESK_PIN, N_("Change an engineer's PIN")},
    {DESK_LOG_OUT, N_("Log out")},
    {DESK_DRAIN, N_("Finish: start no other boards")},
    {DESK_ABORT, N_("Abort the boards that are being flashed")},
    {DESK_WORK, N_("Work here: keys and scanner act from now on")},
    {DESK_LOOK, N_("Only look from now on")},
};
#define ENTRY_COUNT (sizeof entries / sizeof entries[0])

bool menu_can(const struct dashboard *d, enum desk_act_kind kind)
{
    bool of_a_slot = kind == DESK_SLOT || kind == DESK_SERIAL;

    return (d->desk->takes & DESK_BIT(kind)) != 0 && (!of_a_slot || d->model.count > 0);
}

bool menu_only_looks(const struct dashboard *d)
{
    return d->desk->is_far && !menu_can(d, DESK_LOOK);
}

static const struct slot_status *selected(const struct dashboard *d)
{
    return d->selected < d->model.count ? &d->model.slots[d->selected] : NULL;
}

static enum desk_outcome act(struct dashboard *d, char why[static DESK_WHY_SIZE])
{
    const struct menu_flow *f = &d->flow;
    const struct slot_status *s = selected(d);
    const struct desk_act act = {.kind = f->kind,
                                 .slot = f->slot,
                                 .on = f->kind == DESK_SLOT ? s && s->state == SLOT_STOPPED : f->yes,
                                 .number = f->kind == DESK_EXTEND ? strtol(f->id, NULL, 10) : 0,
                                 .text = f->id,
                                 .pin = f->pin,
                                 .reason = f->reason};

    /* Said before the rules are asked: what they grant is recorded, and must then be so. */
    if (f->kind == DESK_JOB && model_running(&d->model) > 0) {
        snprintf(why, DESK_WHY_SIZE, "%s", _("Boards are being flashed. Wait until they are done."));
        return DESK_REFUSED;
    }
    return d->desk->act(d->desk->ctx, &act, why);
}

static void end_flow(struct dashboard *d)
{
    explicit_bzero(&d->flow, sizeof d->flow);
}

/* Somebody logged in, a lot was chosen or extended, a serial typed: slots that were kept from starting ask the records again. */
static void retry_blocked(struct dashboard *d)
{
    if (d->flow.kind != DESK_LOG_IN && d->flow.kind != DESK_SCAN && d->flow.kind != DESK_LOT &&
        d->flow.kind != DESK_EXTEND && d->flow.kind != DESK_SERIAL)
        return;
    for (int i = 0; i < d->model.count; i++) {
        const struct slot_status *s = &d->model.slots[i];

        if (s->state == SLOT_ACT && s->act == ACT_UNLOCK && !face_is_stopped(s))
            dashboard_act(d, DESK_GO_ON, s->slot);
    }
}

static void try_flow(struct dashboard *d);

static void take_pin(struct dashboard *d, const char *text)
{
    snprintf(d->flow.pin, sizeof d->flow.pin, "%s", text);
    try_flow(d);
}

static void take_reason(struct dashboard *d, const char *text)
{
    snprintf(d->flow.reason, sizeof d->flow.reason, "%s", text);
    try_flow(d);
}

static void take_yes(struct dashboard *d, const char *text)
{
    (void)text;
    d->flow.yes = true;
    try_flow(d);
}

/* Asks the rules; opens the prompt they want, or says how it ended. */
static void try_flow(struct dashboard *d)
{
    char why[DESK_WHY_SIZE] = "";

    switch (act(d, why)) {
    case DESK_DONE:
        if (why[0])
            dashboard_note(d, why);
        retry_blocked(d);
        break;
    case DESK_RESTART:
        dashboard_end_with(d, DASHBOARD_RESTART);
        break;
    case DESK_NEEDS_PIN:
        dialog_field(d, _("Engineer's PIN"), why, true, take_pin);
        return;
    case DESK_NEEDS_REASON:
        dialog_field(d, _("Reason"), why, false, take_reason);
        return;
    case DESK_NEEDS_YES:
        dialog_confirm(d, _("Lot"), why, take_yes);
        return;
    case DESK_REFUSED:
        if (why[0] != '\0' &&
            d->flow.kind != DESK_SERIAL) /* of a serial the desk has told what became of it */
            dashboard_note(d, why);
        if (d->flow.kind != DESK_SCAN)
            dialog_message(d, _("Refused"), why);
        break;
    }
    end_flow(d);
}

#define TYPE_IT "\n" /* the choice that asks for the keyboard; no id has a newline */

static void take_id(struct dashboard *d, const char *text)
{
    if (strcmp(text, TYPE_IT) == 0) {
        dialog_field(d, _("Lot"), _("Type or scan the lot's number."), false, take_id);
        return;
    }
    snprintf(d->flow.id, sizeof d->flow.id, "%s", text);
    if (text[0])
        try_flow(d);
    else
        end_flow(d);
}

/* Nobody sees what is typed: twice, or one slip would shut the engineer out. */
static void take_pin_again(struct dashboard *d, const char *text)
{
    if (strcmp(text, d->flow.id) == 0) {
        try_flow(d);
        return;
    }
    end_flow(d);
    dialog_message(d, _("Refused"), _("The two are not the same."));
}

static void take_new_pin(struct dashboard *d, const char *text)
{
    snprintf(d->flow.id, sizeof d->flow.id, "%s", text);
    if (text[0])
        dialog_field(d, _("New PIN"), _("The same once more."), true, take_pin_again);
    else
        end_flow(d);
}

static void take_number(struct dashboard *d, const char *text)
{
    char *end;
    long n = strtol(text, &end, 10);

    if (n <= 0 || *end || n > 1000000) {
        dialog_message(d, _("Refused"), _("A whole number from 1 is needed."));
        end_flow(d);
        return;
    }
    take_id(d, text);
}

static void choose_from(struct dashboard *d, const char *title, bool free_text, enum desk_topic topic)
{
    const struct desk_query query = {.topic = topic, .max = DIALOG_CHOICES_MAX};
    struct desk_choice *choices = calloc(DIALOG_CHOICES_MAX, sizeof *choices);
    int n = choices && dashboard_knows(d, topic)
                ? dashboard_ask(d, &query, (union desk_answer){.choices = choices})
                : 0;

    if (n < 0) {
        free(choices);
        dialog_message(d, title, _("The records cannot be read."));
        return;
    }
    if (free_text && n < DIALOG_CHOICES_MAX && choices) {
        snprintf(choices[n].id, sizeof choices[n].id, TYPE_IT);
        snprintf(choices[n].title, sizeof choices[n].title, "%s", _("another: type its number"));
        n++;
    }
    dialog_choose(d, title, choices, n, free_text, take_id);
}

static void unlock_flow(struct dashboard *d)
{
    const struct slot_status *s = selected(d);

    /* The station's own stop unless the selected slot is the one that is locked. */
    d->flow.slot = s && face_is_stopped(s) ? s->slot : 0;
    try_flow(d);
}

void menu_start(struct dashboard *d, enum desk_act_kind kind)
{
    const struct slot_status *s = selected(d);
    char text[WORDS_SIZE];

    if (!menu_can(d, kind))
        return;
    end_flow(d);
    d->flow.kind = kind;
    d->flow.slot = s ? s->slot : 0;
    switch (kind) {
    case DESK_JOB:
        choose_from(d, _("Choose the job"), false, DESK_JOBS);
        break;
    case DESK_LOT:
        choose_from(d, _("Choose the lot or scan its number"), true, DESK_LOTS);
        break;
    case DESK_EXTEND:
        dialog_field(d, _("Extend the lot"), _("By how many boards?"), false, take_number);
        break;
    case DESK_LOG_IN:
        dialog_field(d, _("Badge"), _("Scan your badge, or type its number and press Enter."), false,
                     take_id);
        break;
    case DESK_SERIAL:
        snprintf(text, sizeof text, _("Scan the serial number of the board on slot %d."), d->flow.slot);
        dialog_field(d, _("Serial number"), text, false, take_id);
        break;
    case DESK_PIN:
        dialog_field(d, _("New PIN"), _("Six digits or more, or a passphrase of eight characters."), true,
                     take_new_pin);
        break;
    case DESK_UNLOCK:
        unlock_flow(d);
        break;
    case DESK_DRAIN:
        dialog_confirm(d, _("Finish?"),
                       _("Boards under way are finished, no others are started, and the station ends."),
                       take_yes);
        break;
    case DESK_ABORT:
        dialog_confirm(d, _("Abort?"),
                       _("The boards boot nothing until they are flashed again. The station ends."),
                       take_yes);
        break;
    default:
        try_flow(d);
    }
}

static void take_entry(struct dashboard *d, const char *id)
{
    menu_start(d, (enum desk_act_kind)strtol(id, NULL, 10));
}

void menu_open(struct dashboard *d)
{
    struct desk_choice *choices = calloc(ENTRY_COUNT, sizeof *choices);
    int n = 0;

    for (size_t i = 0; choices && i < ENTRY_COUNT; i++) {
        if (!menu_can(d, entries[i].kind))
            continue;
        snprintf(choices[n].id, sizeof choices[n].id, "%d", (int)entries[i].kind);
        snprintf(choices[n].title, sizeof choices[n].title, "%s", _(entries[i].title));
        n++;
    }
    dialog_choose(d, _("Work"), choices, n, false, take_entry);
}

void menu_scan(struct dashboard *d, const char *text)
{
    char note[WORDS_SIZE];

    if (!menu_can(d, DESK_SCAN)) {
        snprintf(note, sizeof note, _("scan '%s' ignored: no field waits for it"), text);
        dashboard_note(d, note);
        return;
    }
    end_flow(d);
    if (strlen(text) >= sizeof d->flow.id) {
        dashboard_note(d, _("The scan is refused: it is longer than any code here."));
        return;
    }
    d->flow.kind = DESK_SCAN;
    d->flow.slot = selected(d) ? selected(d)->slot : 0;
    snprintf(d->flow.id, sizeof d->flow.id, "%s", text);
    try_flow(d);
}
