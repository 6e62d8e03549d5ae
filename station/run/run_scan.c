/* SPDX-License-Identifier: Apache-2.0 */
#include "station/run/run_scan.h"

#include <stdio.h>
#include <string.h>

#include "base/plain.h"
#include "db/desk/lot.h"
#include "db/desk/operator.h"
#include "station/run/run_private.h"
#include "station/run/run_serial.h"

static bool refuse(struct scan_code *out, const char *why)
{
    char code[SCAN_TEXT_SIZE];

    snprintf(code, sizeof code, "%s", out->text);
    return scan_refuse(out, code, why);
}

static bool refuse_badge(struct scan_code *out)
{
    out->text[0] = '\0'; /* it opens something: not for a log */
    out->kind = SCAN_KIND_COUNT;
    snprintf(out->why, sizeof out->why, "this is somebody's badge");
    return false;
}

static bool is_somebodys(const struct run *run, const char *text)
{
    struct operator_info who = {0};
    struct failure f = {0};

    return operator_by_any_badge(run->db, text, &who, &f) == 0;
}

static bool is_lot(const struct run *run, const char *text)
{
    struct lot_status lot;
    struct failure f = {0};

    return lot_brief(run->db, text, &lot, &f) == 0;
}

/* By what the records know. A badge may look like anything: it is asked for first, and never told. */
static bool decide_by_records(const struct run *run, struct scan_code *out)
{
    if (is_somebodys(run, out->text)) {
        out->kind = SCAN_BADGE;
        return true;
    }
    if (scan_is_web_address(out->text))
        return refuse(out, "is a web address, no code of this station");
    if (is_lot(run, out->text)) {
        out->kind = SCAN_LOT;
        return true;
    }
    const char *trouble = plain_name_trouble(out->text);
    if (trouble != NULL)
        return refuse(out, trouble);
    out->kind = SCAN_SERIAL;
    return true;
}

static bool is_badge(const struct run *run, const char *code)
{
    struct scan_code read;

    return scan_decide_field(&run->config->scan, SCAN_BADGE, code, &read) && is_somebodys(run, read.text);
}

bool run_scan_decide(const struct run *run, const char *code, struct scan_code *out)
{
    const struct scan_rules *rules = &run->config->scan;

    if (rules->are_given)
        return scan_decide(rules, code, out) || (is_badge(run, code) && refuse_badge(out));
    return scan_clean(rules, code, out) && decide_by_records(run, out);
}

/* Nothing is scanned into a field of another kind, with rules or without. */
bool run_scan_field(const struct run *run, enum scan_kind kind, const char *code, struct scan_code *out)
{
    const struct scan_rules *rules = &run->config->scan;

    if (kind != SCAN_BADGE && is_badge(run, code))
        return refuse_badge(out);
    if (!scan_decide_field(rules, kind, code, out))
        return false;
    if (kind == SCAN_SERIAL && (run_serial_is_label(run, code) || run_serial_is_label(run, out->text)))
        return refuse(out, "is a slot's label, not a serial number");
    if (rules->are_given || kind == SCAN_BADGE)
        return true;
    if (scan_is_web_address(out->text))
        return refuse(out, "is a web address, no code of this station");
    if (kind == SCAN_SERIAL && is_lot(run, out->text))
        return refuse(out, "is a lot, not a serial number");
    return true;
}

const char *run_scan_told(const struct run *run, const char *code)
{
    return is_badge(run, code) ? "a badge" : code;
}

bool run_scan_serial(void *run, const char *code, struct scan_code *out)
{
    return run_scan_field(run, SCAN_SERIAL, code, out);
}
