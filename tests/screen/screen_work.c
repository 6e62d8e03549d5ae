/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The rules a screen meets: jobs and unlocking want the engineer's PIN (2468), unlocking a reason too; badge "RETIRED"
 * and lot "CLOSED" are refused. Records are three units and their attempts.
 */
#include "tests/screen/screen_work.h"

#include <stdio.h>
#include <string.h>

static void tell(void *ctx, const char *what, int slot, const char *text)
{
    fprintf(ctx, "%s %d %s\n", what, slot, text);
    fflush(ctx);
}

static enum work_answer check_pin(struct work_request *r)
{
    if (r->pin[0] == '\0') {
        snprintf(r->why, sizeof r->why, "Only an engineer may do this.");
        return WORK_NEEDS_PIN;
    }
    if (strcmp(r->pin, "2468") != 0) {
        snprintf(r->why, sizeof r->why, "The PIN is wrong.");
        return WORK_REFUSED;
    }
    return WORK_DONE;
}

static int jobs(void *ctx, struct work_choice *out, int max)
{
    (void)ctx;
    if (max < 3)
        return 0;
    out[0] = (struct work_choice){"wipy-1.18.1", "wipy-1.18.1", "released", true};
    out[1] = (struct work_choice){"lopy4-1.20", "lopy4-1.20", "released", false};
    out[2] = (struct work_choice){"wipy-dev", "wipy-dev", "not released", false};
    return 3;
}

static enum work_answer choose_job(void *ctx, const char *id, struct work_request *r)
{
    enum work_answer answer = strcmp(id, "wipy-dev") == 0 ? check_pin(r) : WORK_DONE;

    if (answer != WORK_DONE)
        return answer;
    tell(ctx, "job", 0, id);
    return WORK_RESTART;
}

static int lots(void *ctx, struct work_choice *out, int max)
{
    (void)ctx;
    if (max < 2)
        return 0;
    out[0] = (struct work_choice){"L-2026-47", "L-2026-47", "12 of 200", true};
    out[1] = (struct work_choice){"L-2026-48", "L-2026-48", "0 of 50", false};
    return 2;
}

static enum work_answer choose_lot(void *ctx, const char *id, struct work_request *r)
{
    if (strcmp(id, "CLOSED") == 0) {
        snprintf(r->why, sizeof r->why, "Lot CLOSED is closed.");
        return WORK_REFUSED;
    }
    tell(ctx, "lot", 0, id);
    snprintf(r->why, sizeof r->why, "Lot is now %.60s.", id);
    return WORK_DONE;
}

static enum work_answer extend_lot(void *ctx, long by, struct work_request *r)
{
    enum work_answer answer = check_pin(r);
    char text[32];

    if (answer != WORK_DONE)
        return answer;
    snprintf(text, sizeof text, "%ld", by);
    tell(ctx, "extend", 0, text);
    return WORK_DONE;
}

static enum work_answer badge(void *ctx, const char *code, struct work_request *r)
{
    if (strcmp(code, "RETIRED") == 0) {
        snprintf(r->why, sizeof r->why, "This badge is not in use any more.");
        return WORK_REFUSED;
    }
    tell(ctx, "badge", 0, code);
    snprintf(r->why, sizeof r->why, "Welcome, %.60s.", code);
    return WORK_DONE;
}

static enum work_answer log_out(void *ctx, struct work_request *r)
{
    (void)r;
    tell(ctx, "logout", 0, "");
    return WORK_DONE;
}

static enum work_answer slot_enable(void *ctx, int slot, bool on, struct work_request *r)
{
    enum work_answer answer = check_pin(r);

    if (answer == WORK_DONE)
        tell(ctx, "slot", slot, on ? "on" : "off");
    return answer;
}

static enum work_answer unlock(void *ctx, int slot, struct work_request *r)
{
    enum work_answer answer = check_pin(r);

    if (answer != WORK_DONE)
        return answer;
    if (r->reason[0] == '\0') {
        snprintf(r->why, sizeof r->why, "Why may this slot go on?");
        return WORK_NEEDS_REASON;
    }
    tell(ctx, "unlock", slot, r->reason);
    return WORK_DONE;
}

static enum work_answer serial(void *ctx, int slot, const char *text, struct work_request *r)
{
    (void)r;
    tell(ctx, "serial", slot, text);
    return WORK_DONE;
}

static enum work_answer take_scan(void *ctx, int slot, const char *text, struct work_request *r)
{
    (void)r;
    tell(ctx, "scan", slot, text);
    return WORK_DONE;
}

const struct dashboard_work *screen_work(FILE *calls)
{
    static struct dashboard_work work;

    work = (struct dashboard_work){
        .ctx = calls,
        .jobs = jobs,
        .choose_job = choose_job,
        .lots = lots,
        .choose_lot = choose_lot,
        .extend_lot = extend_lot,
        .badge = badge,
        .log_out = log_out,
        .slot_enable = slot_enable,
        .unlock = unlock,
        .serial = serial,
        .scan = take_scan,
    };
    return calls ? &work : NULL;
}

#define NOON_MS 1795348800000 /* 2026-11-22 12:00:00 UTC */

static void fill_attempt(struct review_attempt *a, int n, int slot)
{
    static const enum failure_code codes[] = {FAIL_NO_SYNC, FAILURE_NONE, FAIL_MD5_MISMATCH, FAILURE_NONE};
    enum failure_code code = codes[n % 4];

    memset(a, 0, sizeof *a);
    a->opened_ms = NOON_MS - n * 61000;
    a->start.slot = slot;
    a->start.kind = n == 3 ? ATTEMPT_REWORK : ATTEMPT_PRODUCTION;
    snprintf(a->start.job_name, sizeof a->start.job_name, "wipy-1.18.1");
    snprintf(a->start.firmware_version, sizeof a->start.firmware_version, "1.18.1.r7");
    snprintf(a->start.lot, sizeof a->start.lot, "L-2026-47");
    snprintf(a->start.operator_id, sizeof a->start.operator_id, "op-7");
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

static int slot_attempts(void *ctx, int slot, struct review_attempt *out, int max)
{
    (void)ctx;
    for (int i = 0; i < 4 && i < max; i++)
        fill_attempt(&out[i], i, slot);
    return max < 4 ? max : 4;
}

static int unit_story(void *ctx, const struct mac *mac, struct review_attempt *out, int max)
{
    int n = slot_attempts(ctx, 3, out, max);

    for (int i = 0; i < n; i++)
        out[i].unit.mac = *mac;
    return n;
}

static int units(void *ctx, const char *search, struct review_unit *out, int max)
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

    (void)ctx;
    for (int i = 0; i < 3 && n < max; i++) {
        if (!strstr(table[i].mac, search) && !strstr(table[i].serial, search))
            continue;
        memset(&out[n], 0, sizeof out[n]);
        mac_parse(table[i].mac, &out[n].mac);
        snprintf(out[n].serial, sizeof out[n].serial, "%s", table[i].serial);
        snprintf(out[n].chip, sizeof out[n].chip, "ESP32-D0WDQ6");
        out[n].last = table[i].last;
        out[n].attempts = table[i].attempts;
        out[n++].last_ms = NOON_MS - i * 60000;
    }
    return n;
}

static int lot(void *ctx, const char *name, struct review_lot *out)
{
    (void)ctx;
    memset(out, 0, sizeof *out);
    snprintf(out->lot, sizeof out->lot, "%s", name);
    out->units = 120;
    out->first_pass = 109;
    out->final_pass = 114;
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

const struct dashboard_review *screen_review(void)
{
    static const struct dashboard_review review = {
        .lot = lot,
        .slot_attempts = slot_attempts,
        .units = units,
        .unit_story = unit_story,
    };

    return &review;
}
