/* SPDX-License-Identifier: Apache-2.0 */
#include "station/run/slot_json.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "base/time_text.h"
#include "station/print/json.h"
#include "station/print/remedy.h"

static const char *const event_names[] = {"state", "stage", "progress", "result", "note"};
static const char *const act_names[] = {"none", "boot_jumper", "remove_board", "unlock", "scan_serial"};

#define COUNT(names) (sizeof(names) / sizeof *(names))

json_t *slot_json_line(const char *event, int slot, int64_t t_ms, int64_t wall_ms)
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

static void put_result(json_t *o, const struct slot_status *s)
{
    json_put_text(o, "result", result_name(s->result));
    json_put_int(o, "bytes_written", (int64_t)s->bytes_written);
    json_put_int(o, "bytes_unchanged", (int64_t)s->bytes_unchanged);
}

void slot_json_put(json_t *o, const struct slot_status *s, const char *serial)
{
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
        json_put_int(o, "left_ms", (s->left_us + 999) / 1000);
    json_put_int(o, "attempt", s->attempt);
    json_put_int(o, "retries", s->retries);
    json_put_int(o, "baud", s->baud);
    json_put_int(o, "baud_max", s->baud_max);
    if (s->has_unit)
        put_unit(o, &s->unit);
    if (serial[0] != '\0')
        json_put_text(o, "serial", serial);
    if (s->result != RESULT_OPEN)
        put_result(o, s);
    if (s->failure.code != FAILURE_NONE)
        put_failure(o, &s->failure, s->boot_pin);
    if (s->note[0] != '\0')
        json_put_text(o, "note", s->note);
    json_put_int(o, "boards", s->boards);
    json_put_int(o, "passed", s->passed);
    json_put_int(o, "failed", s->failed);
}

void slot_json_put_stages(json_t *o, const struct slot_status *s)
{
    json_t *stages = json_object();

    for (int i = STAGE_OPEN; i < STAGE_COUNT; i++)
        if ((s->stages_reached & 1u << i) != 0)
            json_object_set_new(stages, stage_name((enum stage)i), json_integer(s->stage_at_ms[i]));
    json_object_set_new(o, "stages", stages);
}

json_t *slot_json_event(const struct slot_event *e, const char *serial)
{
    json_t *o = slot_json_line(event_names[e->kind], e->status.slot, e->t_ms, e->wall_ms);

    slot_json_put(o, &e->status, serial);
    return o;
}

static const char *text_of(const json_t *o, const char *key)
{
    const char *text = json_string_value(json_object_get(o, key));

    return text != NULL ? text : "";
}

/* Within [0, max]; else 0. */
static int64_t count_of(const json_t *o, const char *key, int64_t max)
{
    json_int_t n = json_integer_value(json_object_get(o, key));

    return n >= 0 && n <= max ? n : 0;
}

#define COPY(to, from) snprintf(to, sizeof(to), "%s", from)

/* The place of a name among `count`; 0 where it is none of them. */
static int place_of(const char *name, int count, const char *(*name_of)(int i))
{
    for (int i = 0; i < count; i++) {
        if (strcmp(name_of(i), name) == 0)
            return i;
    }
    return 0;
}

static const char *state_at(int i)
{
    return slot_state_name((enum slot_state)i);
}

static const char *act_at(int i)
{
    return act_names[i];
}

static const char *stage_at(int i)
{
    return stage_name((enum stage)i);
}

static const char *blame_at(int i)
{
    return blame_name((enum blame)i);
}

static enum stage stage_of(const json_t *o, const char *key)
{
    return (enum stage)place_of(text_of(o, key), STAGE_COUNT, stage_at);
}

static void get_unit(const json_t *o, struct slot_status *s)
{
    struct unit_identity *u = &s->unit;

    s->has_unit = mac_parse(text_of(o, "mac"), &u->mac) == 0;
    if (!s->has_unit)
        return;
    u->has_custom_mac = mac_parse(text_of(o, "custom_mac"), &u->custom_mac) == 0;
    u->has_eui64 = eui64_parse(text_of(o, "eui64"), u->eui64) == 0;
    COPY(u->chip, text_of(o, "chip"));
    u->revision = (int)count_of(o, "revision", INT_MAX);
    u->flash_id = (uint32_t)count_of(o, "flash_id", UINT32_MAX);
    u->flash_size = (uint32_t)count_of(o, "flash_size", UINT32_MAX);
    u->crystal_mhz = (int)count_of(o, "crystal_mhz", INT_MAX);
    u->security = (uint32_t)count_of(o, "security", UINT32_MAX);
}

/* A code that this version does not know has no title here: shown as it came, in its detail. */
static void get_failure(const json_t *o, struct failure *f)
{
    f->code = (enum failure_code)count_of(o, "code", 999);
    if (f->code == FAILURE_NONE)
        return;
    f->stage = stage_of(o, "failed_stage");
    f->blame = (enum blame)place_of(text_of(o, "blame"), BLAME_OPERATOR + 1, blame_at);
    COPY(f->detail, text_of(o, "detail"));
}

/* Where the line names none they are those of before, of the same attempt: between two of them a slot does not run. */
static void get_stages(const json_t *o, const struct slot_status *before, struct slot_status *s)
{
    const json_t *stages = json_object_get(o, "stages");

    if (!json_is_object(stages)) {
        s->stages_reached = slot_status_runs(before) ? before->stages_reached : 0;
        memcpy(s->stage_at_ms, before->stage_at_ms, sizeof s->stage_at_ms);
        return;
    }
    for (int i = STAGE_OPEN; i < STAGE_COUNT; i++) {
        if (!json_is_integer(json_object_get(stages, stage_at(i))))
            continue;
        s->stages_reached |= 1u << i;
        s->stage_at_ms[i] = count_of(stages, stage_at(i), INT64_MAX / 1000);
    }
}

bool slot_json_get(const json_t *o, struct slot_status *s)
{
    const char *boot_pin = json_string_value(json_object_get(o, "boot_pin"));
    struct slot_status new = {.slot = (int)count_of(o, "slot", INT_MAX)};
    enum result result = result_parse(text_of(o, "result"));

    if (new.slot == 0 || json_string_value(json_object_get(o, "state")) == NULL)
        return false;
    COPY(new.port, text_of(o, "port"));
    COPY(new.label, text_of(o, "label"));
    new.state = (enum slot_state)place_of(text_of(o, "state"), SLOT_STOPPED + 1, state_at);
    new.act = (enum slot_act)place_of(text_of(o, "act"), COUNT(act_names), act_at);
    new.stage = stage_of(o, "stage");
    get_stages(o, s, &new);
    new.done = (uint64_t)count_of(o, "done", INT64_MAX);
    new.total = (uint64_t)count_of(o, "total", INT64_MAX);
    new.now_us = count_of(o, "t_ms", INT64_MAX / 1000) * 1000;
    new.left_us =
        json_is_integer(json_object_get(o, "left_ms")) ? count_of(o, "left_ms", INT64_MAX / 1000) * 1000 : -1;
    new.result = result < RESULT_COUNT ? result : RESULT_OPEN;
    new.bytes_written = (uint64_t)count_of(o, "bytes_written", INT64_MAX);
    new.bytes_unchanged = (uint64_t)count_of(o, "bytes_unchanged", INT64_MAX);
    new.retries = (int)count_of(o, "retries", INT_MAX);
    new.baud = (uint32_t)count_of(o, "baud", UINT32_MAX);
    new.baud_max = (uint32_t)count_of(o, "baud_max", UINT32_MAX);
    new.attempt = count_of(o, "attempt", INT64_MAX);
    get_unit(o, &new);
    get_failure(o, &new.failure);
    COPY(new.boot_pin, boot_pin != NULL ? boot_pin : s->boot_pin);
    COPY(new.note, text_of(o, "note"));
    new.boards = (uint32_t)count_of(o, "boards", UINT32_MAX);
    new.passed = (uint32_t)count_of(o, "passed", UINT32_MAX);
    new.failed = (uint32_t)count_of(o, "failed", UINT32_MAX);
    *s = new;
    return true;
}

bool slot_json_get_event(const json_t *o, const struct slot_status *s, struct slot_event *out)
{
    const char *event = text_of(o, "event");
    size_t kind = 0;

    while (kind < COUNT(event_names) && strcmp(event_names[kind], event) != 0)
        kind++;
    if (kind == COUNT(event_names))
        return false;
    *out = (struct slot_event){.kind = (enum slot_event_kind)kind,
                               .wall_ms = time_text_utc_parse(text_of(o, "time")),
                               .t_ms = s->now_us / 1000,
                               .status = *s};
    return true;
}
