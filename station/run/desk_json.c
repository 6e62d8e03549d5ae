/* SPDX-License-Identifier: Apache-2.0 */
#include "station/run/desk_json.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "station/print/json.h"
#include "station/print/phrase.h"
#include "station/print/text.h"
#include "station/run/run_serial.h"
#include "station/run/run_words.h"
#include "station/run/slot_json.h"

#define SLOTS_MAX 256 /* as a run has at most */

static const char *const seat_names[] = {"free", "taken", "own"};
static const char *const serial_names[] = {"none", "waits", "asks", "again", "taken"};
static const char *const act_names[] = {"nothing",   "job",    "lot",    "extend", "log_in", "log_out",
                                        "slot",      "unlock", "serial", "pin",    "scan",   "choose",
                                        "take_back", "go_on",  "drain",  "abort"};
static const char *const outcome_names[] = {"done",         "restart",   "needs_pin",
                                            "needs_reason", "needs_yes", "refused"};
static const char *const topic_names[] = {"jobs", "lots"};

#define COUNT(names)   (sizeof(names) / sizeof *(names))
#define COPY(to, from) snprintf(to, sizeof(to), "%s", from)

/* COUNT(names): it is none of them. */
static size_t place_of(const char *name, const char *const *names, size_t count)
{
    size_t i = 0;

    while (i < count && strcmp(names[i], name) != 0)
        i++;
    return i;
}

static const char *text_of(const json_t *o, const char *key)
{
    const char *text = json_string_value(json_object_get(o, key));

    return text != NULL ? text : "";
}

static long long whole_of(const json_t *o, const char *key, long long min, long long max)
{
    json_int_t n = json_integer_value(json_object_get(o, key));

    return n >= min && n <= max ? n : 0;
}

static bool is_true(const json_t *o, const char *key)
{
    return json_is_true(json_object_get(o, key));
}

static void put_run(json_t *o, const struct desk_run *r)
{
    if (!r->known)
        return;
    json_put_int(o, "passed", r->passed);
    json_put_int(o, "not_passed", r->not_passed);
    json_put_int(o, "units_tried", r->units_tried);
    json_put_int(o, "good", r->good);
    json_put_int(o, "first_tries", r->first_tries);
    json_put_int(o, "first_passes", r->first_passes);
    if (r->boards_per_hour >= 0 && o != NULL)
        json_object_set_new(o, "boards_per_hour", json_real(r->boards_per_hour));
}

json_t *desk_json_station(const struct desk_facts *facts)
{
    const struct desk_station *s = facts->station;
    json_t *o = slot_json_line("station", 0, 0, clock_wall_ms());

    json_put_text(o, "station", s->station_id);
    json_put_int(o, "slots", facts->slots);
    json_put_text(o, "job", s->job);
    json_put_text(o, "firmware_version", s->firmware_version);
    json_put_text(o, "firmware_tail", s->firmware_tail);
    json_put_text(o, "lot", s->lot);
    json_put_int(o, "lot_good", s->lot_good);
    json_put_int(o, "lot_planned", s->lot_planned);
    json_put_text(o, "operator", s->operator_id);
    json_put_text(o, "role", s->role);
    json_put_bool(o, "training", s->training);
    json_put_int(o, "layout_rows", s->layout_rows);
    json_put_int(o, "layout_columns", s->layout_cols);
    json_put_bool(o, "draining", facts->draining);
    json_put_text(o, "work", seat_names[facts->seat]);
    json_put_text(o, "database", facts->database);
    json_put_int(o, "run", facts->run_id);
    json_put_text(o, "scan_prefix", facts->scan_prefix != NULL ? facts->scan_prefix : "");
    put_run(o, facts->run);
    return o;
}

json_t *desk_json_slot(const struct slot_status *s, const struct desk_serial *serial, int64_t wall_ms)
{
    json_t *o = slot_json_line("slot", s->slot, (s->now_us - s->started_us) / 1000, wall_ms);

    slot_json_put(o, s, "");
    json_put_text(o, "boot_pin", s->boot_pin);
    if (serial->state != DESK_SERIAL_NONE)
        json_put_text(o, "serial_state", serial_names[serial->state]);
    if (serial->code[0] != '\0')
        json_put_text(o, "serial", serial->code);
    return o;
}

json_t *desk_json_whole_slot(const struct slot_status *s, const struct desk_serial *serial, int64_t wall_ms)
{
    json_t *o = desk_json_slot(s, serial, wall_ms);

    slot_json_put_stages(o, s);
    return o;
}

/* ---- reading ---- */

void desk_copy_free(struct desk_copy *c)
{
    free(c->status);
    free(c->serials);
    *c = (struct desk_copy){0};
}

/* Their number is told once: a station does not change its slots while it runs. */
static bool make_slots(struct desk_copy *c, int slots)
{
    if (c->slots != 0 || slots == 0)
        return c->slots != 0;
    c->status = calloc((size_t)slots, sizeof *c->status);
    c->serials = calloc((size_t)slots, sizeof *c->serials);
    if (c->status == NULL || c->serials == NULL)
        return false;
    for (int i = 0; i < slots; i++)
        c->status[i].left_us = -1;
    c->slots = slots;
    return true;
}

static void get_run(const json_t *o, struct desk_run *r)
{
    const json_t *rate = json_object_get(o, "boards_per_hour");

    *r = (struct desk_run){.known = json_is_integer(json_object_get(o, "passed")), .boards_per_hour = -1};
    r->passed = (long)whole_of(o, "passed", 0, LONG_MAX);
    r->not_passed = (long)whole_of(o, "not_passed", 0, LONG_MAX);
    r->units_tried = (long)whole_of(o, "units_tried", 0, LONG_MAX);
    r->good = (long)whole_of(o, "good", 0, LONG_MAX);
    r->first_tries = (long)whole_of(o, "first_tries", 0, LONG_MAX);
    r->first_passes = (long)whole_of(o, "first_passes", 0, LONG_MAX);
    if (json_is_number(rate))
        r->boards_per_hour = json_number_value(rate);
}

static void get_station(const json_t *o, struct desk_copy *c)
{
    struct desk_station *s = &c->station;
    size_t seat = place_of(text_of(o, "work"), seat_names, COUNT(seat_names));

    COPY(s->station_id, text_of(o, "station"));
    COPY(s->job, text_of(o, "job"));
    COPY(s->firmware_version, text_of(o, "firmware_version"));
    COPY(s->firmware_tail, text_of(o, "firmware_tail"));
    COPY(s->lot, text_of(o, "lot"));
    s->lot_good = (long)whole_of(o, "lot_good", 0, LONG_MAX);
    s->lot_planned = (long)whole_of(o, "lot_planned", 0, LONG_MAX);
    COPY(s->operator_id, text_of(o, "operator"));
    COPY(s->role, text_of(o, "role"));
    s->training = is_true(o, "training");
    s->layout_rows = (int)whole_of(o, "layout_rows", 0, SLOTS_MAX);
    s->layout_cols = (int)whole_of(o, "layout_columns", 0, SLOTS_MAX);
    c->draining = is_true(o, "draining");
    c->seat = seat < COUNT(seat_names) ? (enum desk_seat)seat : SEAT_TAKEN;
    c->run_id = whole_of(o, "run", 0, LLONG_MAX);
    COPY(c->database, text_of(o, "database"));
    COPY(c->scan_prefix, text_of(o, "scan_prefix"));
    get_run(o, &c->run);
}

static struct slot_status *slot_of(struct desk_copy *c, const json_t *o, int *at)
{
    int slot = (int)whole_of(o, "slot", 1, INT_MAX);

    /* Until all were told they come in their order; numbers are those of the fixture, not 1, 2, 3. */
    for (*at = 0; *at < c->slots; (*at)++) {
        if (c->status[*at].slot == slot || c->status[*at].slot == 0)
            return slot != 0 ? &c->status[*at] : NULL;
    }
    return NULL;
}

static enum desk_line get_slot(const json_t *o, struct desk_copy *c, struct slot_event *out)
{
    int at;
    struct slot_status *s = slot_of(c, o, &at);

    if (s == NULL || !slot_json_get(o, s))
        return DESK_LINE_OTHER;
    if (slot_json_get_event(o, s, out))
        return DESK_LINE_EVENT;
    size_t state = place_of(text_of(o, "serial_state"), serial_names, COUNT(serial_names));
    c->serials[at].state = state < COUNT(serial_names) ? (enum desk_serial_state)state : DESK_SERIAL_NONE;
    COPY(c->serials[at].code, text_of(o, "serial"));
    return DESK_LINE_STATE;
}

static enum desk_line note(struct slot_event *out, const json_t *o, const char *text)
{
    *out = (struct slot_event){.kind = EVENT_NOTE, .wall_ms = clock_wall_ms()};
    out->status.slot = (int)whole_of(o, "slot", 0, INT_MAX);
    COPY(out->status.note, text);
    return DESK_LINE_NOTE;
}

/* What became of a scan, in the words of the screen that shows it. */
static enum desk_line get_word(const json_t *o, struct slot_event *out)
{
    const char *text = text_of(o, "text"), *answer = text_of(o, "answer");
    char line[RUN_SERIAL_LINE], words[PHRASE_SIZE];
    struct serial_word w = {.answer = SERIAL_NO_SERIAL, .count = (long)whole_of(o, "count", 0, LONG_MAX)};

    for (int i = 0; i < SERIAL_ANSWERS; i++) {
        if (strcmp(serial_answer_name((enum serial_answer)i), answer) == 0)
            w.answer = (enum serial_answer)i;
    }
    COPY(w.code, text_of(o, "serial"));
    bool is_usual = strcmp(text, run_serial_sentence(w.answer)) == 0;
    if (!is_usual)
        COPY(w.why, text);
    run_serial_line(&w, is_usual ? _(run_serial_sentence(w.answer)) : phrase_words(text, words), line);
    return note(out, o, line);
}

/* Who works here was changed by somebody else. */
static enum desk_line get_duty(const json_t *o, const struct desk_copy *c, struct slot_event *out)
{
    struct control_duty_now now = {0};
    char text[SLOT_NOTE_SIZE];

    COPY(now.operator_id, text_of(o, "operator"));
    COPY(now.lot, text_of(o, "lot"));
    COPY(now.job, c->station.job);
    run_words_chosen(&now, text, sizeof text);
    return note(out, o, text);
}

/* This screen took nothing for too long. */
static enum desk_line get_dropped(const json_t *o, struct slot_event *out)
{
    char text[SLOT_NOTE_SIZE];
    long lines = (long)whole_of(o, "lines", 0, LONG_MAX);

    snprintf(text, sizeof text,
             ngettext("%ld line of the log is missing here: this screen took nothing",
                      "%ld lines of the log are missing here: this screen took nothing",
                      (unsigned long)lines),
             lines);
    return note(out, o, text);
}

static enum desk_line get_end(const json_t *o, struct desk_copy *c)
{
    c->has_ended = true;
    c->boards = (int)whole_of(o, "boards", 0, INT_MAX);
    c->passed = (int)whole_of(o, "PASS", 0, INT_MAX);
    c->exit_code = (int)whole_of(o, "exit", 0, INT_MAX);
    return DESK_LINE_STATE;
}

static enum desk_line get(const json_t *o, struct desk_copy *c, struct slot_event *out)
{
    const char *event = text_of(o, "event");

    if (json_is_false(json_object_get(o, "ok"))) {
        note(out, o, text_of(o, "detail"));
        return DESK_LINE_REFUSED;
    }
    if (strcmp(event, "station") == 0 && make_slots(c, (int)whole_of(o, "slots", 1, SLOTS_MAX))) {
        get_station(o, c);
        return DESK_LINE_STATE;
    }
    if (strcmp(event, "end") == 0)
        return get_end(o, c);
    if (strcmp(event, "serial") == 0)
        return get_word(o, out);
    if (strcmp(event, "duty") == 0)
        return get_duty(o, c, out);
    if (strcmp(event, "dropped") == 0)
        return get_dropped(o, out);
    if (strcmp(event, "note") == 0 && whole_of(o, "slot", 0, INT_MAX) == 0)
        return note(out, o, text_of(o, "note"));
    c->draining = c->draining || strcmp(event, "drain") == 0 || strcmp(event, "abort") == 0;
    return get_slot(o, c, out);
}

enum desk_line desk_copy_read(struct desk_copy *c, const char *line, struct slot_event *out)
{
    json_t *o = json_loads(line, JSON_REJECT_DUPLICATES, NULL);
    enum desk_line what = json_is_object(o) ? get(o, c, out) : DESK_LINE_OTHER;

    json_decref(o);
    return what;
}

/* ---- acts and questions ---- */

static json_t *request_new(const char *action)
{
    json_t *o = json_object();

    json_put_int(o, "v", 1);
    json_put_text(o, "action", action);
    return o;
}

/* As it was said or not at all, as control_wire.c says it: repaired, it would be another name or PIN. */
static bool say(json_t *o, const char *key, const char *text)
{
    return text == NULL || text[0] == '\0' || json_object_set_new(o, key, json_string(text)) == 0;
}

json_t *desk_json_act(const struct desk_act *act)
{
    json_t *o = request_new(DESK_ACT_ACTION);

    json_put_text(o, "act", act_names[act->kind]);
    json_put_int(o, "slot", act->slot);
    json_put_bool(o, "on", act->on);
    json_put_int(o, "number", act->number);
    if (o != NULL && say(o, "text", act->text) && say(o, "pin", act->pin) && say(o, "reason", act->reason))
        return o;
    json_decref(o);
    return NULL;
}

bool desk_json_get_act(const json_t *o, struct desk_act *act)
{
    size_t kind = place_of(text_of(o, "act"), act_names, COUNT(act_names));

    *act = (struct desk_act){.kind = (enum desk_act_kind)kind,
                             .slot = (int)whole_of(o, "slot", 0, INT_MAX),
                             .on = is_true(o, "on"),
                             .number = (long)whole_of(o, "number", -1000000, 1000000),
                             .text = text_of(o, "text"),
                             .pin = text_of(o, "pin"),
                             .reason = text_of(o, "reason")};
    return kind < COUNT(act_names);
}

static json_t *answer_new(void)
{
    json_t *o = json_object();

    json_put_int(o, "v", 1);
    json_put_bool(o, "ok", true);
    return o;
}

json_t *desk_json_outcome(enum desk_outcome outcome, const char *why)
{
    json_t *o = answer_new();

    json_put_text(o, "outcome", outcome_names[outcome]);
    json_put_text(o, "why", why);
    return o;
}

enum desk_outcome desk_json_get_outcome(const json_t *o, char why[static DESK_WHY_SIZE])
{
    size_t outcome = place_of(text_of(o, "outcome"), outcome_names, COUNT(outcome_names));

    snprintf(why, DESK_WHY_SIZE, "%s", text_of(o, "why"));
    return outcome < COUNT(outcome_names) ? (enum desk_outcome)outcome : DESK_REFUSED;
}

json_t *desk_json_ask(const struct desk_query *query)
{
    json_t *o = request_new(DESK_ASK_ACTION);

    json_put_text(o, "topic", topic_names[query->topic]);
    json_put_int(o, "max", query->max);
    return o;
}

bool desk_json_get_ask(const json_t *o, struct desk_query *query)
{
    size_t topic = place_of(text_of(o, "topic"), topic_names, COUNT(topic_names));

    *query = (struct desk_query){
        .topic = (enum desk_topic)topic, .text = "", .max = (int)whole_of(o, "max", 1, SLOTS_MAX)};
    return topic < COUNT(topic_names) && query->max > 0;
}

json_t *desk_json_choices(const struct desk_choice *choices, int count)
{
    json_t *o = answer_new(), *all = json_array();

    for (int i = 0; i < count; i++) {
        json_t *one = json_object();
        json_put_text(one, "id", choices[i].id);
        json_put_text(one, "title", choices[i].title);
        json_put_text(one, "note", choices[i].note);
        json_put_bool(one, "current", choices[i].current);
        json_array_append_new(all, one);
    }
    if (o != NULL)
        json_object_set_new(o, "choices", count >= 0 ? all : json_null());
    if (o == NULL || count < 0)
        json_decref(all);
    return o;
}

int desk_json_get_choices(const json_t *o, struct desk_choice *out, int max)
{
    const json_t *all = json_object_get(o, "choices"), *one;
    size_t i;
    int count = 0;

    if (!json_is_array(all))
        return -EIO;
    json_array_foreach((json_t *)all, i, one)
    {
        if (count == max)
            break;
        out[count] = (struct desk_choice){.current = is_true(one, "current")};
        COPY(out[count].id, text_of(one, "id"));
        COPY(out[count].title, text_of(one, "title"));
        COPY(out[count].note, text_of(one, "note"));
        count++;
    }
    return count;
}
