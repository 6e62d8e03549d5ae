/* SPDX-License-Identifier: Apache-2.0 */
#include "station/run/run_work.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "db/desk/duty.h"
#include "db/desk/lot.h"
#include "db/desk/operator.h"
#include "db/desk/stop_rule.h"
#include "db/desk/work.h"
#include "profiles/text/complaint.h"
#include "station/config/job_names.h"
#include "station/print/phrase.h"
#include "station/print/text.h"
#include "station/run/run_choice.h"
#include "station/run/run_header.h"
#include "station/run/run_private.h"
#include "station/run/run_scan.h"
#include "station/run/run_serial.h"
#include "station/run/run_words.h"

#define REFRESH_MS 1000
#define STOPS_MAX  64

struct run_work {
    struct run *run;
    char known[DUTY_NAME_SIZE]; /* who works here, as the next was found out */
    bool is_engineer;           /* as far as the header says so; no right comes from it */
    int64_t active_ms, refreshed_ms;
};

static struct duty *duty(const struct run_work *w)
{
    return db_recorder_duty(w->run->recorder);
}

/* In the operator's language, whoever said it. */
static enum desk_outcome refused(char *why, const char *text)
{
    char words[PHRASE_SIZE];

    snprintf(why, DESK_WHY_SIZE, "%s", phrase_words(text, words));
    return DESK_REFUSED;
}

/* Idle time is not the wall clock's, which anybody may set. */
static int64_t now_ms(const struct run_work *w)
{
    return db_mono_us(w->run->db) / 1000;
}

static enum desk_outcome done(const struct work_receipt *receipt, char *why)
{
    snprintf(why, DESK_WHY_SIZE, "%s",
             receipt->pin_short ? _("This PIN is too short and opened for the last time: change it now.")
                                : "");
    return DESK_DONE;
}

/* Of what db/desk/work.h refused: what is missing, or why. */
static enum desk_outcome not_done(enum work_action action, const struct failure *f,
                                  const struct desk_act *act, char *why)
{
    if (f->code == FAIL_ROLE && f->sys == EACCES && (act->pin == NULL || act->pin[0] == '\0')) {
        refused(why, run_words_pin(action));
        return DESK_NEEDS_PIN;
    }
    if (f->code == FAIL_WORK && f->sys == EINVAL) {
        refused(why, _("Say why: it stands in the records."));
        return DESK_NEEDS_REASON;
    }
    return refused(why, run_words_refusal(f));
}

/* Puts the call, with PIN and reason as far as they were given; says what is missing. */
static enum desk_outcome put(struct run_work *w, const struct work_call *what, const struct desk_act *act,
                             char *why)
{
    const struct duty_names who = duty_now(duty(w));
    struct work_call call = *what;
    struct failure f = {0};
    struct work_receipt receipt = {0};

    w->active_ms = now_ms(w);
    call.door = DOOR_SCREEN;
    call.actor = who.operator_id;
    call.pin = act->pin;
    call.reason = act->reason;
    why[0] = '\0';
    return work_do(w->run->db, &call, &receipt, &f) == 0 ? done(&receipt, why)
                                                         : not_done(call.action, &f, act, why);
}

/* "released" or "not released" beside a job's name; a file that cannot be used says so. */
static void fill_job(struct desk_choice *out, const struct job_name *found, const char *current)
{
    struct complaint c = {0};
    struct job *job = job_load_settings(found->path, &c);

    memset(out, 0, sizeof *out);
    snprintf(out->id, sizeof out->id, "%s", found->name);
    snprintf(out->title, sizeof out->title, "%s", found->name);
    out->current = strcmp(found->name, current) == 0;
    snprintf(out->note, sizeof out->note, "%s",
             job == NULL     ? _("unusable")
             : job->released ? _("released")
                             : _("not released"));
    job_free(job);
}

static int by_name(const void *a, const void *b)
{
    const struct job_name *x = a, *y = b;

    return strcmp(x->name, y->name);
}

/* By name: where a job lies is nothing to the one who chooses. */
static int jobs(struct run_work *w, struct desk_choice *out, int max)
{
    struct job_name *found = NULL;
    int count = job_names(&found);

    if (count > 0)
        qsort(found, (size_t)count, sizeof *found, by_name);
    count = count < max ? count : max;
    for (int i = 0; i < count; i++)
        fill_job(&out[i], &found[i], w->run->job->name);
    free(found);
    return count;
}

/* In the operator's language; the limit is base/plain.h's. */
static const char *name_words(const char *name)
{
    if (plain_trouble(name) != NULL || (plain_hides(name) && !plain_is_blank(name)))
        return _("This text has characters that cannot be shown.");
    if (strlen(name) >= PLAIN_NAME_SIZE)
        return _("This name is too long: it may have 63 bytes.");
    return _("This name is blank.");
}

/* The rules' word on a name, in the operator's language where it is about the name itself. */
static enum desk_outcome refused_by_rules(char *why, const char *name, const struct failure *f)
{
    if (name != NULL && plain_name_trouble(name) != NULL)
        return refused(why, name_words(name));
    return refused(why, f->code == HOLD_LOT_FULL ? _("This lot is closed.") : run_words_refusal(f));
}

/* Puts the choice, and what the rules and the lock of roles say of it into words. */
static enum desk_outcome choose(struct run_work *w, const struct run_choice *choice,
                                const struct desk_act *act, char *why)
{
    struct run_asker asker = {.door = DOOR_SCREEN, .pin = act->pin, .reason = act->reason};
    struct failure f = {0};

    w->active_ms = now_ms(w);
    why[0] = '\0';
    int rc = run_choose(w->run, &asker, choice, &f);
    if (rc == 1 && !choice->may_open) {
        snprintf(why, DESK_WHY_SIZE, _("Lot %s is new. Open it?"), choice->lot);
        return DESK_NEEDS_YES;
    }
    if (rc < 0)
        return asker.asked != WORK_ACTION_COUNT
                   ? not_done(asker.asked, &f, act, why)
                   : refused_by_rules(why, choice->lot != NULL ? choice->lot : choice->operator_id, &f);
    w->refreshed_ms = 0;
    return done(&asker.receipt, why);
}

/* Said before the job is read: that takes a second. */
static bool is_tray_free(struct run *run, char *why)
{
    int slot = 0;
    enum tray_state state = run_tray_state(run, &slot);

    if (state == TRAY_RUNS)
        snprintf(why, DESK_WHY_SIZE, "%s", _(TRAY_RUNS_WORDS));
    else if (state == TRAY_HAS_BOARD)
        snprintf(why, DESK_WHY_SIZE, _(TRAY_HAS_BOARD_WORDS), slot);
    return state == TRAY_FREE;
}

/* Loads it here and now: a second without a key is better than a tray that ends with a bad job. */
static enum desk_outcome choose_job(struct run_work *w, const struct desk_act *act, char *why)
{
    struct failure f = {0};

    if (!is_tray_free(w->run, why))
        return DESK_REFUSED;
    const struct run_choice choice = {.job = run_load_job(act->text, &f)};
    if (choice.job == NULL)
        return refused(why, f.code == FAIL_WORK ? _(f.detail) : f.detail);
    enum desk_outcome answer = choose(w, &choice, act, why);
    if (answer == DESK_DONE)
        return DESK_RESTART;
    job_free(choice.job);
    return answer;
}

static int lots(struct run_work *w, struct desk_choice *out, int max)
{
    struct failure f = {0};
    const struct duty_names who = duty_now(duty(w));
    struct lot_status *all = calloc((size_t)max, sizeof *all);
    int count = all != NULL ? lot_list(w->run->db, false, w->run->training, all, max, &f) : -ENOMEM;

    for (int i = 0; i < count; i++) {
        memset(&out[i], 0, sizeof out[i]);
        snprintf(out[i].id, sizeof out[i].id, "%s", all[i].code);
        snprintf(out[i].title, sizeof out[i].title, "%s", all[i].code);
        if (all[i].planned > 0)
            snprintf(out[i].note, sizeof out[i].note, "%lld / %lld", (long long)all[i].good,
                     (long long)all[i].planned);
        out[i].current = strcmp(all[i].code, who.lot) == 0;
    }
    free(all);
    return count < 0 && count != -ENOMEM ? -EIO : count;
}

static enum desk_outcome choose_lot(struct run_work *w, const struct desk_act *act, char *why)
{
    const struct run_choice choice = {.lot = act->text, .may_open = act->on};

    return choose(w, &choice, act, why);
}

static enum desk_outcome extend_lot(struct run_work *w, const struct desk_act *act, char *why)
{
    const struct duty_names who = duty_now(duty(w));
    struct work_call call = {.action = WORK_LOT_EXTEND, .object = who.lot, .number = act->number};

    if (who.lot[0] == '\0')
        return refused(why, _("No lot is chosen."));
    w->refreshed_ms = 0;
    return put(w, &call, act, why);
}

static enum desk_outcome badge(struct run_work *w, const struct desk_act *act, char *why)
{
    struct operator_info who = {0};
    struct failure f = {0};
    int known = operator_by_badge(w->run->db, act->text, &who, &f);

    if (known == -ENOENT)
        return refused(why, _("Nobody here has this badge."));
    if (known != 0)
        return refused(why, f.detail);
    const struct run_choice choice = {.operator_id = who.name};
    return choose(w, &choice, act, why);
}

static enum desk_outcome log_out_because(struct run_work *w, const char *because, const struct desk_act *act,
                                         char *why)
{
    const struct run_choice choice = {.log_out = because};

    return choose(w, &choice, act, why);
}

/* For this run of the programme: station.yaml stays as it is. */
static enum desk_outcome slot_enable(struct run_work *w, const struct desk_act *act, char *why)
{
    int slot = act->slot;
    bool on = act->on;
    char object[32];

    snprintf(object, sizeof object, "slot %d", slot);
    struct work_call call = {
        .action = WORK_SLOT_CHANGE, .object = object, .text = on ? "on" : "off", .old = on ? "off" : "on"};
    enum desk_outcome answer = put(w, &call, act, why);
    if (answer != DESK_DONE)
        return answer;
    run_slots_enable(&w->run->slots, slot, on);
    engine_enable(w->run->engine, slot, on);
    return DESK_DONE;
}

/* A locked slot may be held by a stop of its own or, without one, by the station's. */
static int stop_of(struct run_work *w, int slot)
{
    struct stop_info stops[STOPS_MAX];
    struct failure f = {0};
    int count = stop_list(w->run->db, w->run->training, stops, STOPS_MAX, &f);
    bool station = false;

    for (int i = 0; i < count; i++) {
        if (stops[i].slot == slot)
            return slot;
        station = station || stops[i].slot == 0;
    }
    return station ? 0 : slot;
}

static enum desk_outcome unlock(struct run_work *w, const struct desk_act *act, char *why)
{
    int slot = stop_of(w, act->slot);
    struct work_call call = {.action = WORK_UNLOCK, .number = slot};
    enum desk_outcome answer = put(w, &call, act, why);

    for (int i = 0; answer == DESK_DONE && i < w->run->slots.count; i++) {
        if (slot == 0 || w->run->slots.slots[i].number == slot)
            engine_acknowledge(w->run->engine, w->run->slots.slots[i].number);
    }
    return answer;
}

static enum desk_outcome change_pin(struct run_work *w, const struct desk_act *act, char *why)
{
    struct work_call call = {.action = WORK_PIN, .new_pin = act->text};

    return put(w, &call, act, why);
}

/* A refusal stands in the log already; the dialog that a code was typed into says it too. */
static enum desk_outcome serial(struct run_work *w, const struct desk_act *act, char *why)
{
    enum serial_answer answer = run_serial_scan(w->run, act->slot, act->text);

    w->active_ms = now_ms(w);
    return serial_answer_is_refusal(answer) ? refused(why, _(run_serial_sentence(answer))) : DESK_DONE;
}

/* What the scanner may ask for by a code of its own; `back` means the serial that was taken last, whatever slot is selected. */
static enum desk_outcome command(struct run_work *w, const struct desk_act *act, char *why)
{
    if (strcmp(act->text, "logout") == 0)
        return log_out_because(w, "asked", act, why);
    if (strcmp(act->text, "back") == 0) {
        run_serial_take_back(w->run, 0); /* the log has what became of it */
        return DESK_DONE;
    }
    snprintf(why, DESK_WHY_SIZE, _("There is no command '%s'."), act->text);
    return DESK_REFUSED;
}

typedef enum desk_outcome act_on(struct run_work *w, const struct desk_act *act, char *why);

/* In the order of enum scan_kind. */
static act_on *const acts_on[] = {serial, choose_lot, badge, choose_job, command};

/* A scan nobody waited for: what it is, is for the rules to say. */
static enum desk_outcome scan(struct run_work *w, const struct desk_act *act, char *why)
{
    struct scan_code code;
    struct desk_act what = *act;

    w->active_ms = now_ms(w);
    if (!run_serial_is_label(w->run, act->text)) {
        if (!run_scan_decide(w->run, act->text, &code)) {
            run_serial_refuse(w->run, 0, run_scan_told(w->run, act->text), code.why);
            return DESK_REFUSED; /* the desk of serials has told it */
        }
        what.text = code.text;
        if (code.kind != SCAN_SERIAL)
            return acts_on[code.kind](w, &what, why);
    }
    run_serial_scan(w->run, 0, what.text); /* for the board that asks; the log has what became of it */
    return DESK_DONE;
}

/* Typed or scanned into a field of its own. */
static enum desk_outcome in_field(struct run_work *w, enum scan_kind kind, const struct desk_act *act,
                                  char *why)
{
    struct scan_code code;
    struct desk_act what = *act;
    struct lot_status lot;
    struct failure f = {0};

    if (kind == SCAN_LOT && lot_brief(w->run->db, act->text, &lot, &f) == 0)
        return choose_lot(w, act, why); /* out of the list: whatever patterns say of new ones */
    if (!run_scan_field(w->run, kind, act->text, &code)) {
        if (kind == SCAN_SERIAL)
            run_serial_refuse(w->run, act->slot, run_scan_told(w->run, act->text), code.why);
        return refused(why, code.why);
    }
    what.text = code.text;
    return acts_on[kind](w, &what, why);
}

static enum desk_outcome choose_slot(struct run_work *w, const struct desk_act *act)
{
    w->active_ms = now_ms(w);
    run_serial_choose(w->run, act->slot);
    return DESK_DONE;
}

static enum desk_outcome take_back(struct run_work *w, const struct desk_act *act)
{
    w->active_ms = now_ms(w);
    run_serial_take_back(w->run, act->slot);
    return DESK_DONE;
}

int run_work_ask(struct run_work *w, const struct desk_query *q, union desk_answer out)
{
    switch (q->topic) {
    case DESK_JOBS:
        return jobs(w, out.choices, q->max);
    case DESK_LOTS:
        return lots(w, out.choices, q->max);
    default:
        return -ENOSYS;
    }
}

enum desk_outcome run_work_act(struct run_work *w, const struct desk_act *act, char why[static DESK_WHY_SIZE])
{
    why[0] = '\0';
    switch (act->kind) {
    case DESK_JOB:
        return choose_job(w, act, why);
    case DESK_LOT:
        return in_field(w, SCAN_LOT, act, why);
    case DESK_EXTEND:
        return extend_lot(w, act, why);
    case DESK_LOG_IN:
        return in_field(w, SCAN_BADGE, act, why);
    case DESK_LOG_OUT:
        return log_out_because(w, "asked", act, why);
    case DESK_SLOT:
        return slot_enable(w, act, why);
    case DESK_UNLOCK:
        return unlock(w, act, why);
    case DESK_PIN:
        return change_pin(w, act, why);
    case DESK_SERIAL:
        return in_field(w, SCAN_SERIAL, act, why);
    case DESK_SCAN:
        return scan(w, act, why);
    case DESK_CHOOSE:
        return choose_slot(w, act);
    case DESK_TAKE_BACK:
        return take_back(w, act);
    default:
        return refused(why, _("This cannot be done here."));
    }
}

void run_work_refresh(struct run_work *w)
{
    w->refreshed_ms = 0;
}

void run_work_active(struct run_work *w)
{
    w->active_ms = now_ms(w);
}

/* Whoever it came from, a badge, the start or the control socket: somebody new is at work from now on. */
static void look_who_works(struct run_work *w)
{
    const struct duty_names who = duty_now(duty(w));

    if (strcmp(who.operator_id, w->known) == 0)
        return;
    snprintf(w->known, sizeof w->known, "%s", who.operator_id);
    w->is_engineer = run_header_is_engineer(w->run->db, who.operator_id);
    w->active_ms = now_ms(w);
    w->refreshed_ms = 0;
}

void run_work_update(struct run_work *w, struct desk_station *io)
{
    const struct desk_act act = {.kind = DESK_LOG_OUT, .text = "", .pin = "", .reason = ""};
    char why[DESK_WHY_SIZE];
    int64_t now = now_ms(w), limit = (int64_t)w->run->config->policy.idle_logout_minutes * 60000;

    look_who_works(w);
    if (limit > 0 && duty_now(duty(w)).operator_id[0] != '\0' && now - w->active_ms > limit)
        log_out_because(w, "idle", &act, why);
    if (now - w->refreshed_ms < REFRESH_MS && now >= w->refreshed_ms)
        return;
    w->refreshed_ms = now;
    run_header_people(w->run, w->is_engineer, io);
}

struct run_work *run_work_new(struct run *run)
{
    struct run_work *w = calloc(1, sizeof *w);

    if (w == NULL)
        return NULL;
    w->run = run;
    w->active_ms = now_ms(w);
    return w;
}

void run_work_free(struct run_work *w)
{
    free(w);
}
