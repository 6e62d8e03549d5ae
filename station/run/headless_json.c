/* SPDX-License-Identifier: Apache-2.0 */
/* headless_json - slot events as JSON Lines; docs/json.md is the contract. */
#include "station/run/headless_private.h"

#include "station/print/json.h"
#include "station/run/run_serial.h"
#include "station/run/slot_json.h"

int headless_json_event(FILE *out, const struct slot_event *e, const char *serial)
{
    return json_line_write(out, slot_json_event(e, serial));
}

int headless_json_start(FILE *out, const struct headless *h)
{
    json_t *o = slot_json_line("start", 0, 0, clock_wall_ms()), *notes = json_array();

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
    return json_line_write(out, slot_json_line(event, 0, t_ms, clock_wall_ms()));
}

int headless_json_note(FILE *out, const char *text, int64_t t_ms)
{
    json_t *o = slot_json_line("note", 0, t_ms, clock_wall_ms());

    json_put_text(o, "note", text);
    return json_line_write(out, o);
}

int headless_json_duty(FILE *out, const struct duty_names *who, int64_t t_ms)
{
    json_t *o = slot_json_line("duty", 0, t_ms, clock_wall_ms());

    json_put_text(o, "lot", who->lot);
    json_put_text(o, "operator", who->operator_id);
    return json_line_write(out, o);
}

int headless_json_serial(FILE *out, const struct serial_word *w, int64_t t_ms)
{
    json_t *o = slot_json_line("serial", w->slot, t_ms, clock_wall_ms());

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

int headless_json_end(FILE *out, const struct tally *tally, int64_t t_ms)
{
    json_t *o = slot_json_line("end", 0, t_ms, clock_wall_ms());

    json_put_int(o, "boards", tally_boards(tally));
    json_put_int(o, "passed_after_retry", tally_retried(tally));
    for (int r = RESULT_PASS; r < RESULT_COUNT; r++)
        json_put_int(o, result_name((enum result)r), tally_count(tally, (enum result)r));
    json_put_int(o, "not_started", tally_not_started(tally));
    json_put_int(o, "exit", tally_exit_code(tally));
    return json_line_write(out, o);
}
