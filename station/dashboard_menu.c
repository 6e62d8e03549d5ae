/* SPDX-License-Identifier: Apache-2.0 */
#include "station/dashboard_menu.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "station/dashboard_state.h"
#include "station/text.h"

struct entry {
    enum menu_task task;
    const char *title;
};

static const struct entry entries[] = {
    {MENU_BADGE, N_("Badge: log in")},
    {MENU_LOT, N_("Lot: choose or scan")},
    {MENU_JOB, N_("Job: choose")},
    {MENU_SERIAL, N_("Serial number of the board on the selected slot")},
    {MENU_SLOT, N_("Selected slot: on or off")},
    {MENU_UNLOCK, N_("Unlock a stop")},
    {MENU_EXTEND, N_("Lot: extend")},
    {MENU_PIN, N_("Change an engineer's PIN")},
    {MENU_LOG_OUT, N_("Log out")},
};
#define ENTRY_COUNT (sizeof entries / sizeof entries[0])

bool menu_can(const struct dashboard *d, enum menu_task task)
{
    const struct dashboard_work *w = d->config->work;

    if (!w)
        return false;
    switch (task) {
    case MENU_JOB:
        return w->jobs && w->choose_job;
    case MENU_LOT:
        return w->choose_lot != NULL;
    case MENU_EXTEND:
        return w->extend_lot != NULL;
    case MENU_BADGE:
        return w->badge != NULL;
    case MENU_LOG_OUT:
        return w->log_out != NULL;
    case MENU_SLOT:
        return w->slot_enable && d->model.count > 0;
    case MENU_UNLOCK:
        return w->unlock != NULL;
    case MENU_PIN:
        return w->change_pin != NULL;
    case MENU_SERIAL:
        return w->serial && d->model.count > 0;
    case MENU_SCAN:
        return w->scan != NULL;
    case MENU_NONE:
    case MENU_TASKS:
        break;
    }
    return false;
}

static const struct slot_status *selected(const struct dashboard *d)
{
    return d->selected < d->model.count ? &d->model.slots[d->selected] : NULL;
}

static enum work_answer ask(struct dashboard *d, struct work_request *r)
{
    const struct dashboard_work *w = d->config->work;
    const struct menu_flow *f = &d->flow;
    const struct slot_status *s = selected(d);

    switch (f->task) {
    case MENU_JOB:
        /* Said before the rules are asked: what they grant is recorded, and must then be so. */
        if (model_running(&d->model) > 0) {
            snprintf(r->why, sizeof r->why, "%s", _("Boards are being flashed. Wait until they are done."));
            return WORK_REFUSED;
        }
        return w->choose_job(w->ctx, f->id, r);
    case MENU_LOT:
        return w->choose_lot(w->ctx, f->id, r);
    case MENU_EXTEND:
        return w->extend_lot(w->ctx, strtol(f->id, NULL, 10), r);
    case MENU_BADGE:
        return w->badge(w->ctx, f->id, r);
    case MENU_LOG_OUT:
        return w->log_out(w->ctx, r);
    case MENU_SLOT:
        return w->slot_enable(w->ctx, f->slot, s && s->state == SLOT_STOPPED, r);
    case MENU_UNLOCK:
        return w->unlock(w->ctx, f->slot, r);
    case MENU_PIN:
        return w->change_pin(w->ctx, f->id, r);
    case MENU_SERIAL:
        return w->serial(w->ctx, f->slot, f->id, r);
    case MENU_SCAN:
        return w->scan(w->ctx, f->slot, f->id, r);
    case MENU_NONE:
    case MENU_TASKS:
        break;
    }
    snprintf(r->why, sizeof r->why, "%s", _("This cannot be done here."));
    return WORK_REFUSED;
}

static void end_flow(struct dashboard *d)
{
    explicit_bzero(&d->flow, sizeof d->flow);
}

/* Somebody logged in, a lot was chosen or extended, a serial typed: slots that were kept from starting ask the records again. */
static void retry_blocked(struct dashboard *d)
{
    if (d->flow.task != MENU_BADGE && d->flow.task != MENU_SCAN && d->flow.task != MENU_LOT &&
        d->flow.task != MENU_EXTEND && d->flow.task != MENU_SERIAL)
        return;
    for (int i = 0; i < d->model.count; i++) {
        const struct slot_status *s = &d->model.slots[i];

        if (s->state == SLOT_ACT && s->act == ACT_UNLOCK && !face_is_stopped(s))
            d->source->acknowledge(d->source->ctx, s->slot);
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

/* Asks the rules; opens the prompt they want, or says how it ended. */
static void try_flow(struct dashboard *d)
{
    struct work_request r = {.pin = d->flow.pin, .reason = d->flow.reason};

    switch (ask(d, &r)) {
    case WORK_DONE:
        if (r.why[0])
            dashboard_note(d, r.why);
        retry_blocked(d);
        break;
    case WORK_RESTART:
        dashboard_end_with(d, DASHBOARD_RESTART);
        break;
    case WORK_NEEDS_PIN:
        dialog_field(d, _("Engineer's PIN"), r.why, true, take_pin);
        return;
    case WORK_NEEDS_REASON:
        dialog_field(d, _("Reason"), r.why, false, take_reason);
        return;
    case WORK_REFUSED:
        dashboard_note(d, r.why);
        if (d->flow.task != MENU_SCAN)
            dialog_message(d, _("Refused"), r.why);
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

static void choose_from(struct dashboard *d, const char *title, bool free_text,
                        int (*list)(void *ctx, struct work_choice *out, int max))
{
    struct work_choice *choices = calloc(DIALOG_CHOICES_MAX, sizeof *choices);
    int n = choices && list ? list(d->config->work->ctx, choices, DIALOG_CHOICES_MAX) : 0;

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

void menu_start(struct dashboard *d, enum menu_task task)
{
    const struct slot_status *s = selected(d);
    char text[96];

    if (!menu_can(d, task))
        return;
    end_flow(d);
    d->flow.task = task;
    d->flow.slot = s ? s->slot : 0;
    switch (task) {
    case MENU_JOB:
        choose_from(d, _("Choose the job"), false, d->config->work->jobs);
        break;
    case MENU_LOT:
        choose_from(d, _("Choose the lot or scan its number"), true, d->config->work->lots);
        break;
    case MENU_EXTEND:
        dialog_field(d, _("Extend the lot"), _("By how many boards?"), false, take_number);
        break;
    case MENU_BADGE:
        dialog_field(d, _("Badge"), _("Scan your badge, or type its number and press Enter."), false,
                     take_id);
        break;
    case MENU_SERIAL:
        snprintf(text, sizeof text, _("Scan the serial number of the board on slot %d."), d->flow.slot);
        dialog_field(d, _("Serial number"), text, false, take_id);
        break;
    case MENU_PIN:
        dialog_field(d, _("New PIN"), _("Six digits or more, or a passphrase of eight characters."), true,
                     take_new_pin);
        break;
    case MENU_UNLOCK:
        unlock_flow(d);
        break;
    default:
        try_flow(d);
    }
}

static void take_entry(struct dashboard *d, const char *id)
{
    menu_start(d, (enum menu_task)strtol(id, NULL, 10));
}

void menu_open(struct dashboard *d)
{
    struct work_choice *choices = calloc(ENTRY_COUNT, sizeof *choices);
    int n = 0;

    for (size_t i = 0; choices && i < ENTRY_COUNT; i++) {
        if (!menu_can(d, entries[i].task))
            continue;
        snprintf(choices[n].id, sizeof choices[n].id, "%d", (int)entries[i].task);
        snprintf(choices[n].title, sizeof choices[n].title, "%s", _(entries[i].title));
        n++;
    }
    dialog_choose(d, _("Work"), choices, n, false, take_entry);
}

void menu_scan(struct dashboard *d, const char *text)
{
    char note[96];

    if (!menu_can(d, MENU_SCAN)) {
        snprintf(note, sizeof note, _("scan '%.40s' ignored: no field waits for it"), text);
        dashboard_note(d, note);
        return;
    }
    end_flow(d);
    d->flow.task = MENU_SCAN;
    d->flow.slot = selected(d) ? selected(d)->slot : 0;
    snprintf(d->flow.id, sizeof d->flow.id, "%s", text);
    try_flow(d);
}
