/* SPDX-License-Identifier: Apache-2.0 */
#include "station/screen/dashboard_model.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void history_reset(struct slot_history *h)
{
    for (int s = 0; s < STAGE_COUNT; s++)
        h->stage_at_ms[s] = -1;
    h->ended_ms = -1;
}

int model_init(struct model *m, int count)
{
    size_t n = count > 0 ? (size_t)count : 1;

    *m = (struct model){.count = count, .run.boards_per_hour = -1};
    m->slots = calloc(n, sizeof *m->slots);
    m->history = calloc(n, sizeof *m->history);
    m->serials = calloc(n, sizeof *m->serials);
    m->log = calloc(LOG_MAX, sizeof *m->log);
    if (!m->slots || !m->history || !m->serials || !m->log) {
        model_free(m);
        return -ENOMEM;
    }
    for (int i = 0; i < count; i++)
        history_reset(&m->history[i]);
    return 0;
}

void model_free(struct model *m)
{
    free(m->slots);
    free(m->history);
    free(m->serials);
    free(m->log);
    *m = (struct model){.count = 0};
}

/* What began before the screen did: the attempt that was under way, or had ended, when it came up. */
static void seed(struct slot_history *h, const struct slot_status *s)
{
    bool is_new = h->ended_ms < 0;

    for (int i = 0; i < STAGE_COUNT; i++)
        is_new = is_new && h->stage_at_ms[i] < 0;
    if (!is_new || s->stages_reached == 0)
        return;
    for (int i = 0; i < STAGE_COUNT; i++)
        h->stage_at_ms[i] = (s->stages_reached & 1u << i) != 0 ? s->stage_at_ms[i] : -1;
}

void model_seed(struct model *m)
{
    for (int i = 0; i < m->count; i++)
        if (slot_status_runs(&m->slots[i]))
            seed(&m->history[i], &m->slots[i]);
}

void model_serials(struct model *m, const struct desk_serial *serials)
{
    for (int i = 0; i < m->count; i++) {
        struct slot_status *s = &m->slots[i];

        m->serials[i] = serials ? serials[i] : (struct desk_serial){.state = DESK_SERIAL_NONE};
        if (s->state == SLOT_ACT && s->act == ACT_LEAVE && m->serials[i].state == DESK_SERIAL_WAITS)
            s->state = SLOT_BUSY;
    }
}

void model_count(struct model *m, const struct desk_run *run)
{
    struct desk_run by_slots = {.boards_per_hour = -1};

    memset(m->faces, 0, sizeof m->faces);
    m->asking = 0;
    for (int i = 0; i < m->count; i++) {
        m->asking += m->slots[i].state == SLOT_ACT && m->slots[i].act == ACT_LEAVE;
        m->faces[face_of(&m->slots[i])]++;
        by_slots.passed += m->slots[i].passed;
        by_slots.not_passed += m->slots[i].failed;
    }
    m->run = run->known ? *run : by_slots;
}

static void log_add(struct model *m, const struct log_entry *e)
{
    m->log[m->log_next] = *e;
    m->log_next = (m->log_next + 1) % LOG_MAX;
    if (m->log_length < LOG_MAX)
        m->log_length++;
}

const struct log_entry *model_log(const struct model *m, int i)
{
    if (i < 0 || i >= m->log_length)
        return NULL;
    return &m->log[(m->log_next - 1 - i + 2 * LOG_MAX) % LOG_MAX];
}

void model_note(struct model *m, int64_t wall_ms, int slot, const char *text)
{
    struct log_entry e = {.wall_ms = wall_ms, .slot = slot, .kind = EVENT_NOTE};

    snprintf(e.note, sizeof e.note, "%s", text);
    log_add(m, &e);
}

static struct slot_history *history_of(struct model *m, int number)
{
    for (int i = 0; i < m->count; i++) {
        if (m->slots[i].slot == number)
            return &m->history[i];
    }
    return NULL;
}

static void add_recent(struct model *m, enum face f)
{
    if (m->recent_length == RECENT_MAX)
        memmove(m->recent, m->recent + 1, (RECENT_MAX - 1) * sizeof m->recent[0]);
    else
        m->recent_length++;
    m->recent[m->recent_length - 1] = f;
}

static void add_cycle(struct model *m, int64_t ms)
{
    if (m->cycle_length == CYCLES_MAX)
        memmove(m->cycle_ms, m->cycle_ms + 1, (CYCLES_MAX - 1) * sizeof m->cycle_ms[0]);
    else
        m->cycle_length++;
    m->cycle_ms[m->cycle_length - 1] = ms;
}

static void add_tally(struct model *m, enum failure_code code)
{
    for (int i = 0; i < m->tally_length; i++) {
        if (m->tally[i].code == code) {
            m->tally[i].count++;
            return;
        }
    }
    if (m->tally_length < TALLY_MAX) {
        m->tally[m->tally_length].code = code;
        m->tally[m->tally_length++].count = 1;
    }
}

/* The face of a result, whatever the slot does by now. */
static enum face ended_face(const struct slot_status *s)
{
    struct slot_status done = *s;

    done.state = SLOT_DONE;
    return face_of(&done);
}

static void add_result(struct model *m, const struct slot_event *e)
{
    enum face f = ended_face(&e->status);

    add_recent(m, f);
    if (f == FACE_PASS || f == FACE_PASS_RETRY) {
        add_cycle(m, e->t_ms);
    } else if (e->status.failure.code != FAILURE_NONE) {
        add_tally(m, e->status.failure.code);
    }
}

static void note_stage(struct slot_history *h, const struct slot_event *e)
{
    enum stage stage = e->status.stage;

    if ((size_t)stage >= STAGE_COUNT)
        return;
    /* A retry begins again at CONNECT: what comes after it has not happened yet. */
    if (h->ended_ms >= 0 || stage == STAGE_OPEN)
        history_reset(h);
    for (int later = (int)stage + 1; later < STAGE_COUNT; later++)
        h->stage_at_ms[later] = -1;
    h->stage_at_ms[stage] = e->t_ms;
}

void model_event(struct model *m, const struct slot_event *e)
{
    const struct slot_status *s = &e->status;
    struct slot_history *h = history_of(m, s->slot);
    struct log_entry entry = {
        .wall_ms = e->wall_ms,
        .slot = s->slot,
        .kind = e->kind,
        .face = face_of(s),
        .act = s->state == SLOT_ACT ? s->act : ACT_NONE,
        .retries = s->retries,
        .duration_ms = e->t_ms,
        .failure = s->failure,
        .has_mac = s->has_unit,
        .mac = s->unit.mac,
    };

    if (e->kind == EVENT_STAGE && h)
        note_stage(h, e);
    if (e->kind == EVENT_PROGRESS || e->kind == EVENT_STAGE)
        return;
    /* Kept from starting, by a stop or for want of a badge: something to do, not a result; no board of this run. */
    if (e->kind == EVENT_RESULT && entry.act == ACT_UNLOCK)
        entry.kind = EVENT_STATE;
    else if (e->kind == EVENT_RESULT) {
        entry.face = ended_face(s);
        if (s->attempt != 0)
            add_result(m, e);
        if (h)
            h->ended_ms = e->t_ms;
    }
    /* Of the states only those that a person acts on are news; results are told by EVENT_RESULT. */
    if (e->kind == EVENT_STATE && s->state != SLOT_ACT && (s->state != SLOT_BUSY || s->stage != STAGE_NONE))
        return;
    snprintf(entry.boot_pin, sizeof entry.boot_pin, "%s", s->boot_pin);
    snprintf(entry.note, sizeof entry.note, "%s", s->note);
    log_add(m, &entry);
}

double model_yield(const struct model *m)
{
    return m->run.units_tried > 0 ? 100.0 * (double)m->run.good / (double)m->run.units_tried : -1;
}

int model_urgent(const struct model *m)
{
    int best = -1, most = 0;

    for (int i = 0; i < m->count; i++) {
        int urgency = face_urgency(&m->slots[i]);

        if (urgency > most) {
            most = urgency;
            best = i;
        }
    }
    return best;
}

int model_running(const struct model *m)
{
    return m->faces[FACE_BUSY] + m->faces[FACE_SAVING] + m->asking;
}

int model_urgent_outside(const struct model *m, int first, int last)
{
    int n = 0;

    for (int i = 0; i < m->count; i++)
        n += (i < first || i >= last) && face_urgency(&m->slots[i]) > 0;
    return n;
}
