/* SPDX-License-Identifier: Apache-2.0 */
/* headless_json - slot events as JSON Lines; docs/json.md is the contract. */
#include "station/run/headless_private.h"

#include "station/print/json.h"
#include "station/print/remedy.h"
#include "station/run/run_serial.h"

static const char *const event_names[] = {"state", "stage", "progress", "result", "note"};
static const char *const act_names[] = {"none", "boot_jumper", "remove_board", "unlock", "scan_serial"};

static json_t *line_new(const char *event, int slot, int64_t t_ms, int64_t wall_ms)
{
    json_t *o = json_line_new(event);

    json_put_int(o, "slot", slot);
    json_put_int(o, "t_ms", t_ms);
    json_put_time(o, "time", wall_ms);
    return o;
}

static void put_unit(json_t *o, const struct unit_identity *u)
{
    json_put_mac(o, "mac", &u->mac);
    if (u->has_custom_mac)
        json_put_mac(o, "custom_mac", &u->custom_mac);
    if (u->has_eui64)
        json_put_eui64(o, "eui64", u->eui64);
    json_put_text(o, "chip", u->chip);
    json_put_int(o, "revision", u->revision);
    json_put_int(o, "flash_id", u->flash_id);
    json_put_int(o, "flash_size", u->flash_size);
    json_put_int(o, "crystal_mhz", u->crystal_mhz);
    json_put_int(o, "security", u->security);
}

static void put_failure(json_t *o, const struct failure *f, const char *boot_pin)
{
    char remedy[REMEDY_SIZE];

    json_put_int(o, "code", f->code);
    json_put_text(o, "name", failure_name(f->code));
    json_put_text(o, "failed_stage", stage_name(f->stage));
    json_put_text(o, "blame", blame_name(f->blame));
    json_put_text(o, "title", failure_title(f->code));
    json_put_text(o, "remedy", remedy_plain(f->code, boot_pin, remedy));
    json_put_text(o, "detail", f->detail);
}

int headless_json_event(FILE *out, const struct slot_event *e, const char *serial)
{
    const struct slot_status *s = &e->status;
    json_t *o = line_new(event_names[e->kind], s->slot, e->t_ms, e->wall_ms);

    json_put_text(o, "port", s->port);
    if (s->label[0] != '\0')
        json_put_text(o, "label", s->label);
    json_put_text(o, "state", slot_state_name(s->state));
    if (s->act != ACT_NONE)
        json_put_text(o, "act", act_names[s->act]);
    if (s->act == ACT_BOOT_JUMPER)
        json_put_text(o, "boot_pin", s->boot_pin);
    json_put_text(o, "stage", stage_name(s->stage));
    json_put_int(o, "done", (int64_t)s->done);
    json_put_int(o, "total", (int64_t)s->total);
    if (s->left_us >= 0)
        json_put_int(o, "left_ms", s->left_us / 1000);
    json_put_int(o, "attempt", s->attempt);
    json_put_int(o, "retries", s->retries);
    if (s->has_unit)
        put_unit(o, &s->unit);
    if (serial[0] != '\0')
        json_put_text(o, "serial", serial);
    if (s->result != RESULT_OPEN)
        json_put_text(o, "result", result_name(s->result));
    if (s->failure.code != FAILURE_NONE)
        put_failure(o, &s->failure, s->boot_pin);
    if (s->note[0] != '\0')
        json_put_text(o, "note", s->note);
    json_put_int(o, "boards", s->boards);
    json_put_int(o, "passed", s->passed);
    json_put_int(o, "failed", s->failed);
    return json_line_write(out, o);
}

int headless_json_start(FILE *out, const struct headless *h)
{
    json_t *o = line_new("start", 0, 0, clock_wall_ms()), *notes = json_array();

    json_put_text(o, "programme", FLASHLINE_VERSION);
    json_put_text(o, "station", h->station_id);
    json_put_text(o, "database", h->database);
    json_put_text(o, "lot", h->lot);
    json_put_text(o, "operator", h->operator_id);
    json_put_text(o, "job", h->job->name);
    json_put_bool(o, "job_released", h->job->released);
    json_put_hex(o, "job_sha256", h->job->sha256, SHA256_SIZE);
    json_put_text(o, "firmware", h->job->firmware_source);
    json_put_text(o, "firmware_version", h->job->firmware_version);
    json_put_hex(o, "firmware_sha256", h->job->firmware_sha256, SHA256_SIZE);
    json_put_int(o, "slots", engine_slot_count(h->engine));
    json_put_bool(o, "training", h->training);
    for (size_t i = 0; i < h->job->warning_count; i++)
        json_array_append_new(notes, json_string(h->job->warnings[i]));
    json_object_set_new(o, "job_notes", notes);
    return json_line_write(out, o);
}

int headless_json_word(FILE *out, const char *event, int64_t t_ms)
{
    return json_line_write(out, line_new(event, 0, t_ms, clock_wall_ms()));
}

int headless_json_note(FILE *out, const char *text, int64_t t_ms)
{
    json_t *o = line_new("note", 0, t_ms, clock_wall_ms());

    json_put_text(o, "note", text);
    return json_line_write(out, o);
}

int headless_json_duty(FILE *out, const struct duty_names *who, int64_t t_ms)
{
    json_t *o = line_new("duty", 0, t_ms, clock_wall_ms());

    json_put_text(o, "lot", who->lot);
    json_put_text(o, "operator", who->operator_id);
    return json_line_write(out, o);
}

int headless_json_serial(FILE *out, const struct serial_word *w, int64_t t_ms)
{
    json_t *o = line_new("serial", w->slot, t_ms, clock_wall_ms());

    json_put_text(o, "answer", serial_answer_name(w->answer));
    json_put_bool(o, "refused", serial_answer_is_refusal(w->answer));
    if (w->code[0] != '\0')
        json_put_text(o, "serial", w->code);
    if (w->has_mac)
        json_put_mac(o, "mac", &w->mac);
    if (w->other != 0)
        json_put_int(o, "other_slot", w->other);
    if (w->count != 0)
        json_put_int(o, "count", w->count);
    json_put_text(o, "text", run_serial_words(w));
    return json_line_write(out, o);
}

int headless_json_end(FILE *out, const struct headless *h, int64_t t_ms)
{
    json_t *o = line_new("end", 0, t_ms, clock_wall_ms());

    json_put_int(o, "boards", tally_boards(h->tally));
    json_put_int(o, "passed_after_retry", tally_retried(h->tally));
    for (int r = RESULT_PASS; r < RESULT_COUNT; r++)
        json_put_int(o, result_name((enum result)r), tally_count(h->tally, (enum result)r));
    json_put_int(o, "not_started", tally_not_started(h->tally));
    json_put_int(o, "exit", tally_exit_code(h->tally));
    return json_line_write(out, o);
}
