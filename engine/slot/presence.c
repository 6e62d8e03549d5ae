/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/slot/presence.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>

#include "engine/chip/esp_chip.h"
#include "engine/chip/esp_loader.h"
#include "engine/chip/esp_reset.h"
#include "engine/slot/slot.h"

#define LOOK_GAP_US   2000000 /* between two tries to find a board: bounds the wait of the operator */
#define PORT_RETRY_US 2000000 /* a port that is there and cannot be opened yet: udev may be late */
#define SYNC_WAIT_US  100000
#define SYNCS         3        /* unanswered in a row: nobody is there */
#define RUN_TIME_US   10000000 /* a board that passed may run its program so long before it is looked for */
#define SILENT_LOOKS  2        /* whole reset-and-SYNC tries without any answer: it is gone */
#define SETTLE_US     200000   /* a switch that has been still for so long bounces no more (5 to 20 ms) */
#define HELD_BOOTS    3 /* resets with the jumper in place and no answer: asking for more of them is no help */
#define SWITCH_US     10000000 /* between two looks whether the wait for a switch still makes sense */
#define LEAVE_LOOKS \
    30 /* of virtual time, that for people does not pass: after so many looks it stands still */

/* What one look at the port has shown. */
enum look { LOOK_STOP, LOOK_NOTHING, LOOK_BOARD, LOOK_NO_PORT };

static enum look stop_or(const struct slot *s, enum look otherwise)
{
    return slot_must_stop(s) ? LOOK_STOP : otherwise;
}

/* Ends at `until_us`, at once on a drain, and early when something is heard or the operator answers. */
static enum look rest(struct slot *s, int64_t until_us)
{
    struct session *x = &s->session;

    if (!slot_begin_wait(s))
        return LOOK_STOP;
    int rc = x->port != NULL ? esp_loader_hear(x->loader, until_us)
                             : clock_wait_until(s->clock, until_us, s->waker);
    if (!slot_end_wait(s))
        return LOOK_STOP;
    if (rc < 0 && rc != -ECANCELED) {
        session_close(x);
        return LOOK_NO_PORT;
    }
    return LOOK_NOTHING;
}

static enum look wait_port(struct slot *s, int64_t deadline_us)
{
    int64_t retry = clock_after(s->clock, PORT_RETRY_US);

    if (!slot_begin_wait(s))
        return LOOK_STOP;
    int rc = transport_wait_present(s->session.bindings, s->uri, deadline_us, &s->session.env);
    /* There already, yet it did not open; or the driver cannot tell: look again soon. */
    if (rc != -ETIMEDOUT && rc != -ECANCELED)
        clock_wait_until(s->clock, retry < deadline_us ? retry : deadline_us, s->waker);
    return slot_end_wait(s) ? LOOK_NO_PORT : LOOK_STOP;
}

static bool has_switch(const struct slot *s)
{
    return s->config.presence.input != 0;
}

static bool may_cure_itself(enum failure_code code)
{
    return code == FAIL_PORT_MISSING || code == FAIL_PORT_PERMISSION || code == FAIL_PORT_BUSY ||
           code == FAIL_PORT_LOST;
}

/* Opens the port, waiting for it if need be. LOOK_NOTHING: it is open. LOOK_BOARD: let an attempt say why it is not. */
static enum look open_port(struct slot *s, int64_t give_up_us)
{
    struct failure f = {0};

    while (session_open(&s->session, &f) < 0) {
        slot_set_problem(s, &f);
        slot_set_state(s, SLOT_IDLE, ACT_NONE);
        if (clock_now_us(s->clock) >= give_up_us)
            return LOOK_BOARD;
        enum look look = may_cure_itself(f.code) ? wait_port(s, give_up_us)
                                                 : rest(s, clock_after(s->clock, PORT_RETRY_US));
        if (look == LOOK_STOP)
            return LOOK_STOP;
    }
    slot_set_problem(s, NULL);
    return LOOK_NOTHING;
}

/*
 * Waits until the switch says `there` and has settled. LOOK_BOARD or LOOK_NOTHING: what it says at the deadline at the
 * latest, or when the operator answers (then: not yet what was awaited).
 */
static enum look await_switch(struct slot *s, bool there, int64_t until_us)
{
    const struct presence_line *line = &s->config.presence;
    uint8_t closed = line->inverted ? 0 : line->input, open = line->input ^ closed;
    uint8_t wanted = there ? closed : open, other = there ? open : closed;
    int rc;

    if (!slot_begin_wait(s))
        return LOOK_STOP;
    do {
        int64_t look = clock_after(s->clock, SWITCH_US);
        rc = transport_wait_modem(s->session.port, line->input, other, look < until_us ? look : until_us);
        if (rc >= 0 && (rc & line->input) == wanted)
            rc = transport_wait_modem(s->session.port, line->input, wanted, clock_after(s->clock, SETTLE_US));
    } while (rc >= 0 && (rc & line->input) != wanted && clock_now_us(s->clock) < until_us);
    if (!slot_end_wait(s))
        return LOOK_STOP;
    if (rc == -ECANCELED)
        return there ? LOOK_NOTHING : LOOK_BOARD;
    if (rc >= 0)
        return (rc & line->input) == closed ? LOOK_BOARD : LOOK_NOTHING;
    session_close(&s->session);
    return LOOK_NO_PORT;
}

/* Without a board in it the slot is left alone: no reset, no question, until the switch closes. */
static enum look await_board_by_switch(struct slot *s, int64_t give_up_us, bool *first)
{
    enum look look = await_switch(s, true, clock_now_us(s->clock));

    if (look != LOOK_NOTHING)
        return look;
    *first = true;
    slot_set_state(s, SLOT_IDLE, ACT_NONE);
    return await_switch(s, true, give_up_us);
}

/* The board may run its program meanwhile: nobody disturbs it. */
static bool wait_removal_by_switch(struct slot *s)
{
    while (s->session.port != NULL) {
        enum look look = await_switch(s, false, CLOCK_NEVER);
        if (look == LOOK_STOP)
            return false;
        if (look != LOOK_BOARD || slot_take_answer(s))
            break;
    }
    return true;
}

/* SYNC without a reset: for boards whose reset is in the operator's hands. */
static int ask(struct slot *s, uint32_t baud)
{
    int rc = transport_set_baud(s->session.port, baud);

    for (int i = 0; i < SYNCS; i++) {
        rc = rc < 0 && rc != -ETIMEDOUT ? rc : esp_loader_sync(s->session.loader, SYNC_WAIT_US);
        if (rc != -ETIMEDOUT)
            break;
    }
    return rc;
}

static enum look after_error(struct slot *s, int rc)
{
    if (rc == -ECANCELED)
        return stop_or(s, LOOK_NOTHING);
    session_close(&s->session);
    return stop_or(s, LOOK_NO_PORT);
}

/* One try to find a board: with a reset where that is wired, else by asking. */
static enum look look_for_board(struct slot *s)
{
    struct session *x = &s->session;
    struct failure f = {0};

    if (!slot_begin_wait(s))
        return LOOK_STOP;
    int rc = 0;
    if (session_can_reset(x))
        rc = session_connect(x, 1, &f);
    else
        rc = ask(s, ESP_SYNC_BAUD);
    bool go = slot_end_wait(s);
    if (!go)
        return LOOK_STOP;
    if (rc == 0) {
        x->answers = x->used = true;
        return LOOK_BOARD;
    }
    if (rc == -ETIMEDOUT || (rc == -1 && f.code >= FAIL_NO_SYNC && f.code <= FAIL_BROWNOUT))
        return LOOK_NOTHING;
    if (rc == -ECANCELED || f.code == FAIL_ABORTED)
        return LOOK_NOTHING;
    return after_error(s, rc);
}

/* The board that answers passed here before: it does not start again by itself. NULL: it did not. */
static const struct unit_identity *passed_before(struct slot *s)
{
    struct mac mac;

    return s->passed_count > 0 && esp_chip_read_mac(s->session.loader, &mac) == 0 ? slot_passed(s, &mac)
                                                                                  : NULL;
}

/* It is looked at every two seconds, told once. */
static bool is_shown(const struct slot *s, const struct unit_identity *known)
{
    const struct slot_status *now = &s->status;

    return now->state == SLOT_ACT && now->act == ACT_REMOVE_BOARD && mac_equal(&now->unit.mac, &known->mac);
}

/* What the operator should know while nothing answers. */
static void say_waiting(struct slot *s)
{
    struct boot_log *log = esp_loader_log(s->session.loader);
    char note[sizeof s->status.note];

    if (session_can_reset(&s->session)) {
        slot_set_state(s, SLOT_WAITING, ACT_NONE);
        return;
    }
    bool runs = boot_log_sign(log) == BOOT_FLASH || boot_log_sign(log) == BOOT_TEXT;
    snprintf(note, sizeof note, "%sconnect %s to GND, press reset",
             runs ? "the board runs its program: " : "", s->status.boot_pin);
    slot_note(s, note);
    slot_set_state(s, SLOT_ACT, ACT_BOOT_JUMPER);
}

/*
 * No answer to SYNC although this side resets, but boot text, or a switch that says so; or the operator has reset it often
 * enough: a board is there, and an attempt will name its fault.
 */
static bool board_without_answer(const struct slot *s)
{
    const struct boot_log *log = esp_loader_log(s->session.loader);

    if (!session_can_reset(&s->session))
        return log->held_boots >= HELD_BOOTS;
    return has_switch(s) || boot_log_has_banner(log);
}

bool presence_wait_board(struct slot *s, int64_t give_up_us)
{
    bool first = true;

    if (s->session.loader != NULL)
        boot_log_clear(esp_loader_log(s->session.loader)); /* of the board before */
    for (;;) {
        enum look look = open_port(s, give_up_us);
        if (look != LOOK_NOTHING)
            return look == LOOK_BOARD;
        if (has_switch(s)) {
            look = await_board_by_switch(s, give_up_us, &first);
            slot_take_answer(s); /* "done" puts no board into an empty slot */
            if (look == LOOK_NOTHING && clock_now_us(s->clock) < give_up_us)
                continue;
        }
        if (look != LOOK_STOP && s->session.port != NULL)
            look = s->session.answers ? LOOK_BOARD : look_for_board(s);
        if (look == LOOK_STOP)
            return false;
        const struct unit_identity *known = look == LOOK_BOARD ? passed_before(s) : NULL;
        if (look == LOOK_BOARD && known == NULL)
            return true;
        if (known != NULL) {
            s->session.answers = false;
            if (!is_shown(s, known))
                slot_show_known(s, known);
            slot_note(s, "this board passed here already");
            if (has_switch(s) && !wait_removal_by_switch(s))
                return false;
        } else if (look == LOOK_NOTHING) {
            if (!first && board_without_answer(s))
                return true;
            say_waiting(s);
            first = false;
        }
        if (clock_now_us(s->clock) >= give_up_us)
            return true;
        if (rest(s, clock_after(s->clock, LOOK_GAP_US)) == LOOK_STOP)
            return false;
        slot_take_answer(s); /* "done": looks at once, which is what happens anyway */
    }
}

/* A chip that has no MAC to tell is not the one that told this. */
static bool is_other_board(struct esp_loader *l, const struct mac *mac)
{
    struct mac now;
    int rc = esp_chip_read_mac(l, &now);

    return rc == -ENOTSUP || (rc == 0 && !mac_equal(&now, mac));
}

/* Does the chip answer, or print boot text, or is there silence? */
static enum look look_for_same(struct slot *s, const struct mac *mac, bool *in_loader)
{
    struct session *x = &s->session;
    struct failure f = {0};
    int rc = -ETIMEDOUT;

    if (!slot_begin_wait(s))
        return LOOK_STOP;
    if (*in_loader)
        rc = ask(s, transport_baud(x->port));
    if (rc == -ETIMEDOUT && session_can_reset(x))
        rc = session_connect(x, SILENT_LOOKS, &f);
    bool other = rc == 0 && mac != NULL && is_other_board(x->loader, mac);
    if (!slot_end_wait(s))
        return LOOK_STOP;
    if (rc == 0) {
        *in_loader = true;
        x->answers = other;
        return other ? LOOK_NOTHING : LOOK_BOARD;
    }
    if (rc == -ECANCELED || f.code == FAIL_ABORTED)
        return LOOK_BOARD;
    if (rc == -1 && boot_log_has_banner(esp_loader_log(x->loader)))
        return LOOK_BOARD;
    if (rc == -ETIMEDOUT || (rc == -1 && f.code >= FAIL_NO_SYNC && f.code <= FAIL_BROWNOUT))
        return LOOK_NOTHING;
    return after_error(s, rc);
}

bool presence_wait_removal(struct slot *s, const struct mac *mac, bool passed)
{
    /* Where no reset is wired the loader still runs and can be asked; elsewhere a good board was let go. */
    bool in_loader = s->session.port != NULL && !session_can_reset(&s->session);
    int64_t gap = in_loader || !passed ? LOOK_GAP_US : RUN_TIME_US;

    s->session.answers = false;
    if (has_switch(s))
        return wait_removal_by_switch(s);
    while (s->session.port != NULL) {
        int64_t until = clock_after(s->clock, gap);
        enum look look;
        do { /* what a running program prints does not shorten its time */
            look = rest(s, until);
            if (look == LOOK_STOP)
                return false;
            if (slot_take_answer(s))
                return true;
        } while (look == LOOK_NOTHING && clock_now_us(s->clock) < until);
        if (look == LOOK_NO_PORT)
            break;
        look = look_for_same(s, mac, &in_loader);
        if (look == LOOK_STOP)
            return false;
        if (look != LOOK_BOARD)
            break;
        gap = LOOK_GAP_US;
    }
    return true;
}

bool presence_wait_answer(struct slot *s)
{
    for (;;) {
        if (!slot_begin_wait(s))
            return false;
        clock_wait_until(s->clock, CLOCK_NEVER, s->waker);
        if (!slot_end_wait(s))
            return false;
        if (slot_take_answer(s) || clock_is_virtual(s->clock)) {
            slot_set_state(s, SLOT_IDLE, ACT_NONE); /* answered: nobody must act any more */
            return true;
        }
    }
}

/* Asked again once: a single answer may be lost on the way. Nobody but an abort ends this, it is short. */
static bool is_same_board(struct slot *s, const struct mac *mac)
{
    struct session *x = &s->session;
    struct failure f = {0};
    struct mac now;

    for (int i = 0; i < 2; i++) {
        int rc = ask(s, transport_baud(x->port));
        if (rc == -ETIMEDOUT && session_can_reset(x))
            rc = session_connect(x, SILENT_LOOKS, &f);
        x->answers = rc == 0;
        if (rc == 0 && (rc = esp_chip_read_mac(x->loader, &now)) == 0)
            return mac_equal(&now, mac);
        if (rc != -ETIMEDOUT && rc != -EBADMSG)
            break;
    }
    return false;
}

/* A virtual clock would run through years while a person looks for a label. */
static enum look stand_still(struct slot *s)
{
    struct pollfd woken = {.fd = waker_fd(s->waker), .events = POLLIN};

    if (!slot_begin_wait(s))
        return LOOK_STOP;
    poll(&woken, 1, -1);
    return slot_end_wait(s) ? LOOK_NOTHING : LOOK_STOP;
}

/* LOOK_NOTHING: it is to be asked whether it is still there; LOOK_NO_PORT: it is not. */
static enum look rest_for_leave(struct slot *s, int looks)
{
    if (has_switch(s)) {
        enum look look = await_switch(s, false, CLOCK_NEVER);
        return look == LOOK_BOARD ? LOOK_NOTHING : look == LOOK_STOP ? LOOK_STOP : LOOK_NO_PORT;
    }
    if (clock_is_virtual(s->clock) && looks >= LEAVE_LOOKS)
        return stand_still(s);
    return rest(s, clock_after(s->clock, LOOK_GAP_US));
}

enum attempt_await presence_wait_leave(struct slot *s, const struct mac *mac)
{
    for (int looks = 0;; looks++) {
        enum look look = rest_for_leave(s, looks);
        bool asked = slot_take_look(s);
        bool same = look == LOOK_NOTHING && is_same_board(s, mac);
        if (look == LOOK_STOP || slot_must_stop(s))
            return AWAIT_STOP;
        if (!same)
            return AWAIT_GONE;
        if (asked)
            return AWAIT_ASK;
    }
}
