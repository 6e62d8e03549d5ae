/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The rules a screen meets: jobs and unlocking want the engineer's PIN (2468), unlocking a reason too; badge "RETIRED"
 * and lot "CLOSED" are refused. Records are three units and their attempts.
 */
#include "tests/station/screen/screen_desk.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static void tell(FILE *calls, const char *what, int slot, const char *text)
{
    fprintf(calls, "%s %d %s\n", what, slot, text);
    fflush(calls);
}

static enum desk_outcome check_pin(const struct desk_act *act, char *why)
{
    if (act->pin[0] == '\0') {
        snprintf(why, DESK_WHY_SIZE, "Only an engineer may do this.");
        return DESK_NEEDS_PIN;
    }
    if (strcmp(act->pin, "2468") != 0) {
        snprintf(why, DESK_WHY_SIZE, "The PIN is wrong.");
        return DESK_REFUSED;
    }
    return DESK_DONE;
}

static int jobs(struct desk_choice *out, int max)
{
    if (max < 3)
        return 0;
    out[0] = (struct desk_choice){"wipy-1.18.1", "wipy-1.18.1", "released", true};
    out[1] = (struct desk_choice){"lopy4-1.20", "lopy4-1.20", "released", false};
    out[2] = (struct desk_choice){"wipy-dev", "wipy-dev", "not released", false};
    return 3;
}

static int lots(struct desk_choice *out, int max)
{
    if (max < 2)
        return 0;
    out[0] = (struct desk_choice){"L-2026-47", "L-2026-47", "12 of 200", true};
    out[1] = (struct desk_choice){"L-2026-48", "L-2026-48", "0 of 50", false};
    return 2;
}

static enum desk_outcome choose_lot(FILE *calls, const struct desk_act *act, char *why)
{
    if (strcmp(act->text, "CLOSED") == 0) {
        snprintf(why, DESK_WHY_SIZE, "Lot CLOSED is closed.");
        return DESK_REFUSED;
    }
    tell(calls, "lot", 0, act->text);
    snprintf(why, DESK_WHY_SIZE, "Lot is now %.60s.", act->text);
    return DESK_DONE;
}

static enum desk_outcome badge(FILE *calls, const struct desk_act *act, char *why)
{
    if (strcmp(act->text, "RETIRED") == 0) {
        snprintf(why, DESK_WHY_SIZE, "This badge is not in use any more.");
        return DESK_REFUSED;
    }
    tell(calls, "badge", 0, act->text);
    snprintf(why, DESK_WHY_SIZE, "Welcome, %.60s.", act->text);
    return DESK_DONE;
}

/* What the engineer's PIN opens. */
static enum desk_outcome guarded(FILE *calls, const struct desk_act *act, char *why)
{
    enum desk_outcome outcome = check_pin(act, why);
    char text[32];

    if (outcome != DESK_DONE)
        return outcome;
    if (act->kind == DESK_UNLOCK && act->reason[0] == '\0') {
        snprintf(why, DESK_WHY_SIZE, "Why may this slot go on?");
        return DESK_NEEDS_REASON;
    }
    snprintf(text, sizeof text, "%ld", act->number);
    if (act->kind == DESK_EXTEND)
        tell(calls, "extend", 0, text);
    else if (act->kind == DESK_SLOT)
        tell(calls, "slot", act->slot, act->on ? "on" : "off");
    else
        tell(calls, "unlock", act->slot, act->reason);
    return DESK_DONE;
}

enum desk_outcome screen_desk_act(FILE *calls, const struct desk_act *act, char why[static DESK_WHY_SIZE])
{
    enum desk_outcome outcome = DESK_DONE;

    switch (act->kind) {
    case DESK_JOB:
        outcome = strcmp(act->text, "wipy-dev") == 0 ? check_pin(act, why) : DESK_DONE;
        if (outcome != DESK_DONE)
            return outcome;
        tell(calls, "job", 0, act->text);
        return DESK_RESTART;
    case DESK_LOT:
        return choose_lot(calls, act, why);
    case DESK_LOG_IN:
        return badge(calls, act, why);
    case DESK_EXTEND:
    case DESK_SLOT:
    case DESK_UNLOCK:
        return guarded(calls, act, why);
    case DESK_LOG_OUT:
        tell(calls, "logout", 0, "");
        return DESK_DONE;
    case DESK_SERIAL:
        tell(calls, "serial", act->slot, act->text);
        return DESK_DONE;
    case DESK_CHOOSE:
        tell(calls, "choose", act->slot, "");
        return DESK_DONE;
    case DESK_TAKE_BACK:
        tell(calls, "take-back", act->slot, "");
        return DESK_DONE;
    case DESK_SCAN:
        tell(calls, "scan", act->slot, act->text);
        return DESK_DONE;
    default:
        return DESK_REFUSED;
    }
}

#define NOON_MS 1795348800000 /* 2026-11-22 12:00:00 UTC */

static void fill_attempt(struct desk_attempt *a, int n, int slot)
{
    static const enum failure_code codes[] = {FAIL_NO_SYNC, FAILURE_NONE, FAIL_MD5_MISMATCH, FAILURE_NONE};
    enum failure_code code = codes[n % 4];

    memset(a, 0, sizeof *a);
    a->opened_ms = NOON_MS - n * 61000;
    a->start.slot = slot;
    a->start.kind = n == 3 ? ATTEMPT_REWORK : ATTEMPT_PRODUCTION;
    snprintf(a->start.job_name, sizeof a->start.job_name, "wipy-1.18.1");
    snprintf(a->start.firmware_version, sizeof a->start.firmware_version, "1.18.1.r7");
    snprintf(a->lot, sizeof a->lot, "L-2026-47");
    snprintf(a->operator_id, sizeof a->operator_id, "op-7");
    a->has_unit = code != FAIL_NO_SYNC;
    mac_parse("24:0a:c4:00:00:07", &a->unit.mac);
    a->end.duration_us = 21400000 + n * 300000;
    a->closed_ms = a->opened_ms + a->end.duration_us / 1000;
    if (code != FAILURE_NONE)
        failure_set(&a->end.failure, code, code == FAIL_NO_SYNC ? STAGE_CONNECT : STAGE_VERIFY, 0,
                    "no answer");
    a->end.result = failure_result(&a->end.failure);
    if (code == FAIL_NO_SYNC) {
        static const uint8_t sync[] = {0xc0, 0x00, 0x08, 0x24, 0x00, 0x00, 0x00,
                                       0x00, 0x00, 0x07, 0x07, 0x12, 0x20};

        memcpy(a->end.tx_evidence, sync, sizeof sync);
        a->end.tx_evidence_len = sizeof sync;
        memcpy(a->end.rx_evidence, "ets Jun  8 2016", 15);
        a->end.rx_evidence_len = 15;
        a->end.line.framing = 2;
    }
}

static int slot_attempts(int slot, struct desk_attempt *out, int max)
{
    for (int i = 0; i < 4 && i < max; i++)
        fill_attempt(&out[i], i, slot);
    return max < 4 ? max : 4;
}

static int unit_story(const struct mac *mac, struct desk_attempt *out, int max)
{
    int n = slot_attempts(3, out, max);

    for (int i = 0; i < n; i++)
        out[i].unit.mac = *mac;
    return n;
}

static int units(const char *search, struct desk_unit *out, int max)
{
    static const struct {
        const char *mac, *serial;
        enum result last;
        int attempts;
    } table[] = {
        {"24:0a:c4:00:00:07", "SN-000107", RESULT_PASS, 2},
        {"24:0a:c4:00:00:08", "SN-000108", RESULT_FAIL, 3},
        {"30:ae:a4:12:34:56", "", RESULT_HOLD, 1},
    };
    int n = 0;

    for (int i = 0; i < 3 && n < max; i++) {
        if (!strstr(table[i].mac, search) && !strstr(table[i].serial, search))
            continue;
        memset(&out[n], 0, sizeof out[n]);
        mac_parse(table[i].mac, &out[n].mac);
        snprintf(out[n].serial, sizeof out[n].serial, "%s", table[i].serial);
        snprintf(out[n].chip, sizeof out[n].chip, "ESP32-D0WDQ6");
        out[n].last = table[i].last;
        out[n].tries = table[i].attempts;
        out[n++].last_ms = NOON_MS - i * 60000;
    }
    return n;
}

static int lot(const char *name, struct desk_lot *out)
{
    memset(out, 0, sizeof *out);
    snprintf(out->lot, sizeof out->lot, "%s", name);
    out->first_tries = out->units_tried = 120;
    out->first_passes = 109;
    out->good = 114;
    out->planned = 200;
    out->pareto_count = 3;
    out->pareto[0].code = FAIL_NO_SYNC;
    out->pareto[0].count = 7;
    out->pareto[1].code = FAIL_MD5_MISMATCH;
    out->pareto[1].count = 3;
    out->pareto[2].code = HOLD_MAC_DUPLICATE;
    out->pareto[2].count = 1;
    out->cycle_count = 100;
    for (int i = 0; i < 100; i++)
        out->cycle_ms[i] = 18000 + i * 7919 % 9000;
    out->median_ms = 21400;
    out->p95_ms = 26100;
    out->boards_per_hour = 412;
    return 0;
}

int screen_desk_ask(const struct desk_query *q, union desk_answer out)
{
    switch (q->topic) {
    case DESK_JOBS:
        return jobs(out.choices, q->max);
    case DESK_LOTS:
        return lots(out.choices, q->max);
    case DESK_LOT_FIGURES:
        return lot(q->text, out.lot);
    case DESK_SLOT_ATTEMPTS:
        return slot_attempts(q->slot, out.attempts, q->max);
    case DESK_UNITS:
        return units(q->text, out.units, q->max);
    case DESK_UNIT_STORY:
        return unit_story(&q->mac, out.attempts, q->max);
    }
    return -ENOSYS;
}
