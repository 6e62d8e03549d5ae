/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/slot/worker.h"

#include <stdio.h>
#include <string.h>

#include "engine/attempt/attempt.h"
#include "engine/slot/presence.h"
#include "engine/slot/shift.h"
#include "engine/slot/slot.h"

/* With one board a slot, how long the operator has for jumper and reset before the attempt says what is missing. */
#define JUMPER_TIME_US 120000000

static void copy_text(char *out, size_t size, const char *text)
{
    snprintf(out, size, "%s", text != NULL ? text : "");
}

static void fill_start(const struct slot *s, struct attempt_start *start)
{
    const struct engine_config *c = &s->shift->settings;
    const struct job *j = c->job;

    memset(start, 0, sizeof *start);
    start->kind = c->kind;
    start->slot = s->config.number;
    copy_text(start->port, sizeof start->port, s->uri);
    if (s->session.port != NULL)
        copy_text(start->adapter_serial, sizeof start->adapter_serial, transport_serial(s->session.port));
    copy_text(start->job_name, sizeof start->job_name, j->name);
    /* NOLINTNEXTLINE(clang-analyzer-core.NonNullParamChecker): an engine has a job, always */
    memcpy(start->job_sha256, j->sha256, sizeof start->job_sha256);
    copy_text(start->firmware_version, sizeof start->firmware_version, j->firmware_version);
    copy_text(start->firmware_source, sizeof start->firmware_source, j->firmware_source);
    memcpy(start->firmware_sha256, j->firmware_sha256, sizeof start->firmware_sha256);
}

static void see(void *ctx, const struct attempt_view *view)
{
    slot_view(ctx, view);
}

static enum attempt_await await_leave(void *ctx, const struct mac *mac)
{
    return presence_wait_leave(ctx, mac);
}

/* One board a slot: that was it. One that was kept from starting was none, where somebody may let it start. */
static bool was_the_one(const struct slot *s, bool opened)
{
    bool may_wait =
        s->shift->settings.asks && !clock_is_virtual(s->clock); /* that of virtual time never comes */

    return s->shift->settings.once && (opened || !may_wait);
}

/* What must happen before this slot can start again. */
static enum slot_act act_after(const struct slot *s, bool opened)
{
    if (was_the_one(s, opened))
        return ACT_NONE;
    return opened ? ACT_REMOVE_BOARD : ACT_UNLOCK;
}

/* Where nothing here resets a board it stands in its bootloader still; who flashes one board alone wants to see it run. */
static void say_after_pass(struct slot *s)
{
    char note[sizeof s->status.note];

    if (s->session.port == NULL || session_can_reset(&s->session))
        return;
    snprintf(note, sizeof note, "take the wire off %s, press reset: the board then runs its program",
             s->status.boot_pin);
    slot_note(s, note);
}

/* What this board has shown of the slot's line, for the next one. */
static void note_line(struct slot *s, const struct attempt_result *r)
{
    uint32_t before = s->baud.rate;
    char note[sizeof s->status.note];
    enum slot_baud_step step = slot_baud_note(&s->baud, &s->session.line, r);

    /* Where no reset is wired, a loader that stays behind is to be asked at the rate it has. */
    if (s->session.line.used != 0)
        s->session.connect.other_baud = s->session.line.used;
    if (step == SLOT_BAUD_STAYS || s->shift->settings.once)
        return;
    if (step == SLOT_BAUD_DOWN)
        snprintf(note, sizeof note, "the line of this slot does not bear %u baud: %u from the next board on",
                 before, s->baud.rate);
    else
        snprintf(note, sizeof note, "%u boards without a fault of the line: %u baud for the next one",
                 s->baud.wanted, s->baud.rate);
    slot_note(s, note);
}

/* One board. False: the slot ends here. */
static bool run_attempt(struct slot *s, bool *opened)
{
    const struct engine_config *c = &s->shift->settings;
    struct attempt_result result;
    int64_t attempt = 0;
    struct attempt_config config = {
        .job = c->job,
        .stub = c->stub,
        .stub_note = c->stub_note,
        .recorder = c->recorder,
        .session = &s->session,
        .publish = see,
        .await = await_leave,
        .ctx = s,
        .compose = c->compose,
        .compose_ctx = c->compose_ctx,
    };

    slot_begin_attempt(s);
    s->session.baud = s->baud.rate;
    fill_start(s, &config.start);
    bool recorded = attempt_run(&config, &result, &attempt, opened);
    bool passed = recorded && result.result == RESULT_PASS;
    if (passed)
        slot_remember_pass(s, &s->status.unit);
    shift_settle(s->shift, passed);
    /* Only now, with the record durable, may anyone see a PASS. */
    enum slot_act act = act_after(s, *opened);
    slot_end_attempt(s, &result, attempt, act == ACT_UNLOCK ? SLOT_ACT : SLOT_DONE, act);
    note_line(s, &result);
    if (passed && c->once)
        say_after_pass(s);
    if (!recorded && (*opened || result.failure.code == FAIL_RECORD)) {
        shift_drain(s->shift); /* a station that cannot record must not go on flashing */
        return false;
    }
    return true;
}

static bool wait_for_board(struct slot *s)
{
    const struct engine_config *c = &s->shift->settings;
    struct failure f;

    if (slot_must_stop(s))
        return false;
    if (!c->once)
        return presence_wait_board(s, CLOCK_NEVER);
    /*
     * One board a slot: it is there, or the attempt says at once what is not, of a port that cannot be used too. But where
     * nothing here can reset a board (a pseudo terminal has no lines), the operator needs time for the jumper.
     */
    if (session_open(&s->session, &f) < 0 || session_can_reset(&s->session))
        return true;
    return presence_wait_board(s, clock_after(s->clock, JUMPER_TIME_US));
}

static bool wait_between(struct slot *s, bool opened)
{
    struct slot_status now;

    if (!opened) {
        s->session.answers = false; /* by then it may be another board */
        return presence_wait_answer(s);
    }
    slot_copy(s, &now);
    if (!presence_wait_removal(s, now.has_unit ? &now.unit.mac : NULL, now.result == RESULT_PASS))
        return false;
    slot_show_empty(s); /* or another board already: it is not the one that PASS was said of */
    return true;
}

/* Switched off: gives the port back and waits to be switched on again. False: the station ends. */
static bool rest_off(struct slot *s)
{
    session_close(&s->session);
    return slot_rest_off(s);
}

static void work(struct slot *s)
{
    bool opened;

    for (;;) {
        if (slot_is_off(s) && !rest_off(s))
            break;
        if (!wait_for_board(s)) {
            if (slot_is_ending(s))
                break;
            continue; /* switched off */
        }
        enum place place = shift_reserve(s->shift, s);
        if (place == PLACE_NONE)
            break;
        if (place == PLACE_OFF)
            continue;
        if (!run_attempt(s, &opened) || was_the_one(s, opened))
            return; /* the result stays to be seen */
        if (!wait_between(s, opened) && slot_is_ending(s))
            return;
    }
    slot_set_state(s, SLOT_STOPPED, ACT_NONE);
}

void *worker_main(void *slot)
{
    struct slot *s = slot;

    work(s);
    session_close(&s->session);
    shift_worker_ended(s->shift);
    return NULL;
}
