/* SPDX-License-Identifier: Apache-2.0 */
#include "station/screen/dashboard_face.h"

#include <stdio.h>

#include "station/print/remedy.h"
#include "station/print/text.h"

static enum face face_of_result(const struct slot_status *s)
{
    switch (s->result) {
    case RESULT_PASS:
        return s->retries > 0 ? FACE_PASS_RETRY : FACE_PASS;
    case RESULT_FAIL:
        return FACE_FAIL;
    case RESULT_HOLD:
        return FACE_HOLD;
    case RESULT_OPEN:
        return FACE_READY;
    default:
        return FACE_ERROR;
    }
}

/* An empty slot whose adapter comes with its board has no port, and that is in order. Every other trouble is not. */
static enum face face_of_idle(const struct slot_status *s)
{
    enum failure_code code = s->failure.code;

    return code == FAILURE_NONE || code == FAIL_PORT_MISSING || code == FAIL_PORT_LOST ? FACE_EMPTY
                                                                                       : FACE_ERROR;
}

enum face face_of(const struct slot_status *s)
{
    switch (s->state) {
    case SLOT_IDLE:
        return face_of_idle(s);
    case SLOT_WAITING:
        return FACE_READY;
    case SLOT_BUSY:
        return FACE_BUSY;
    case SLOT_SAVING:
        return FACE_SAVING;
    case SLOT_DONE:
        return face_of_result(s);
    case SLOT_ACT:
        /* A finished board that waits to be taken off keeps its verdict: PASS is what the operator acts on. */
        return s->act == ACT_REMOVE_BOARD && s->result != RESULT_OPEN ? face_of_result(s) : FACE_ACT;
    case SLOT_STOPPED:
        /* Drained after a board: its result still stands in the fixture. */
        return s->result != RESULT_OPEN ? face_of_result(s) : FACE_OFF;
    }
    return FACE_OFF;
}

bool face_is_failed(enum face f)
{
    return f == FACE_FAIL || f == FACE_HOLD || f == FACE_ERROR;
}

bool face_is_solid(enum face f)
{
    return f == FACE_PASS || f == FACE_PASS_RETRY || f == FACE_ACT || face_is_failed(f);
}

static bool is_blocked(const struct slot_status *s)
{
    return s->state == SLOT_ACT && s->act == ACT_UNLOCK && s->failure.code != FAILURE_NONE;
}

bool face_is_stopped(const struct slot_status *s)
{
    return s->state == SLOT_ACT && s->act == ACT_UNLOCK &&
           (s->failure.code == FAIL_STOP_RULE || s->failure.code == FAILURE_NONE);
}

bool face_has_failure(const struct slot_status *s)
{
    return face_is_failed(face_of(s)) || is_blocked(s) ||
           (s->state == SLOT_IDLE && s->failure.code != FAILURE_NONE);
}

static const char *act_word(const struct slot_status *s, int level)
{
    /* Longest first; each list ends with the word every tile has room for. */
    static const char *const words[][2] = {
        [ACT_NONE] = {N_("ACTION"), NULL},         [ACT_BOOT_JUMPER] = {N_("JUMPER"), NULL},
        [ACT_REMOVE_BOARD] = {N_("REMOVE"), NULL}, [ACT_UNLOCK] = {N_("LOCKED"), NULL},
        [ACT_LEAVE] = {N_("SCAN SERIAL"), NULL},
    };

    /* Only a stop is locked; without badge, lot or disk space a board is kept from starting. */
    if (level == 0 && is_blocked(s) && !face_is_stopped(s))
        return _("BLOCKED");
    if (level == 0 && (size_t)s->act < sizeof words / sizeof words[0])
        return _(words[s->act][0]);
    if (level == 1 && s->act == ACT_LEAVE)
        return _("SCAN");
    return level == 1 ? _("ACT") : NULL;
}

static const char *error_word(const struct slot_status *s, int level)
{
    if (s->failure.code == FAIL_RECORD)
        return level == 0 ? _("NOT SAVED") : level == 1 ? _("ERROR") : NULL;
    if (s->result == RESULT_ABORTED)
        return level == 0 ? _("STOPPED") : level == 1 ? _("STOP") : NULL;
    return level == 0 ? _("ERROR") : level == 1 ? _("ERR") : NULL;
}

const char *face_word(const struct slot_status *s, int level)
{
    static const char *const words[FACE_COUNT] = {
        [FACE_EMPTY] = N_("EMPTY"), [FACE_READY] = N_("READY"), [FACE_BUSY] = N_("BUSY"),
        [FACE_PASS] = N_("PASS"),   [FACE_FAIL] = N_("FAIL"),   [FACE_HOLD] = N_("HOLD"),
        [FACE_OFF] = N_("OFF"),
    };
    enum face f = face_of(s);

    switch (f) {
    case FACE_ACT:
        return act_word(s, level);
    case FACE_ERROR:
        return error_word(s, level);
    case FACE_PASS_RETRY:
        return level == 0 ? _("PASS R") : level == 1 ? _("PASSR") : NULL;
    case FACE_BUSY: /* it stands untouched until its serial is scanned, and another board's is scanned first */
        return level > 0 ? NULL : s->act == ACT_LEAVE ? _("WAITS") : _(words[f]);
    case FACE_SAVING:
        return level == 0 ? _("SAVING") : level == 1 ? _("SAVE") : NULL;
    default:
        return level == 0 ? _(words[f]) : NULL;
    }
}

const char *face_instruction(const struct slot_status *s, char out[static FACE_TEXT])
{
    if (s->state != SLOT_ACT)
        return "";
    if (is_blocked(s))
        return remedy_words(s->failure.code, s->boot_pin, out);
    switch (s->act) {
    case ACT_BOOT_JUMPER:
        snprintf(out, FACE_TEXT, _("Connect %s to GND and press reset on the board."), s->boot_pin);
        return out;
    case ACT_REMOVE_BOARD:
        return _("Take the board off this slot.");
    case ACT_UNLOCK:
        return _("Stop rule: too many failures. Call the engineer, who unlocks with a reason.");
    case ACT_LEAVE:
        return _("Scan the serial number of this board.");
    case ACT_NONE:
        break;
    }
    return "";
}

const char *face_instruction_short(const struct slot_status *s, char out[static FACE_TEXT])
{
    if (s->state != SLOT_ACT)
        return "";
    switch (s->act) {
    case ACT_BOOT_JUMPER:
        snprintf(out, FACE_TEXT, _("%.*s to GND"), remedy_pin_short(s->boot_pin), s->boot_pin);
        return out;
    case ACT_REMOVE_BOARD:
        return _("remove board");
    case ACT_UNLOCK:
        return _("call engineer");
    case ACT_LEAVE:
        return _("scan serial");
    case ACT_NONE:
        break;
    }
    return "";
}

const char *face_answer(const struct slot_status *s)
{
    if (s->state != SLOT_ACT || s->act == ACT_LEAVE)
        return "";
    if (face_is_stopped(s))
        return _("Unlock");
    return is_blocked(s) ? _("Try again") : _("Done");
}

int face_urgency(const struct slot_status *s)
{
    static const int urgency[FACE_COUNT] = {
        [FACE_ACT] = 5,
        [FACE_ERROR] = 4,
        [FACE_HOLD] = 3,
        [FACE_FAIL] = 2,
    };

    if (s->failure.code == FAIL_RECORD || face_is_stopped(s))
        return 6;
    return urgency[face_of(s)];
}

int face_percent(const struct slot_status *s)
{
    if (s->state != SLOT_BUSY || s->total == 0)
        return -1;
    /* 100 only when the stage is over: a bar that is full too early is a lie. */
    return s->done >= s->total ? 100 : (int)(s->done * 100 / s->total);
}

const char *face_stage(enum stage s)
{
    static const char *const names[STAGE_COUNT] = {
        [STAGE_OPEN] = N_("open"),         [STAGE_CONNECT] = N_("connect"), [STAGE_IDENTIFY] = N_("identify"),
        [STAGE_GATE] = N_("gate"),         [STAGE_BACKUP] = N_("backup"),   [STAGE_STUB] = N_("stub"),
        [STAGE_ERASE] = N_("erase"),       [STAGE_WRITE] = N_("write"),     [STAGE_VERIFY] = N_("verify"),
        [STAGE_FINALISE] = N_("finalise"), [STAGE_CONFIRM] = N_("confirm"), [STAGE_RESET] = N_("reset"),
        [STAGE_RECORD] = N_("record"),
    };

    return (size_t)s < STAGE_COUNT && names[s] ? _(names[s]) : "";
}
