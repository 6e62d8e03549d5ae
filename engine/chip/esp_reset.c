/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/chip/esp_reset.h"

#include <errno.h>
#include <string.h>

#include "engine/chip/esp_loader.h"
#include "engine/port/transport.h"

#define WAIT_MAX_US 10000000

/* EN low as RESET_EN_LOW_US or RESET_EN_PATIENT_US, then GPIO0 held low. */
#define TIGHT(low, hold)   "U0,0|U1,1|U0,1|W" low "|U1,0|H" hold "|U0,0|D0"
#define CLASSIC(low, hold) "D0|R1|W" low "|D1|R0|H" hold "|D0"
#define SHORT_HOLD         "0.02", "0.05"
#define LONG_HOLD          "0.1", "0.55"
#define WITH(form, holds)  form(holds)

static bool parse_bit(const char **p, bool *out)
{
    if (**p != '0' && **p != '1')
        return false;
    *out = *(*p)++ == '1';
    return true;
}

/* Decimal seconds, at most microseconds fine. */
static bool parse_wait(const char **p, int64_t *us)
{
    int64_t value = 0, unit = 1000000;
    const char *begin = *p;

    for (; **p >= '0' && **p <= '9' && value <= WAIT_MAX_US; (*p)++)
        value = value * 10 + (**p - '0') * (int64_t)1000000;
    if (**p == '.') {
        for ((*p)++; **p >= '0' && **p <= '9' && unit > 1; (*p)++) {
            unit /= 10;
            value += (**p - '0') * unit;
        }
    }
    *us = value;
    return *p > begin && value <= WAIT_MAX_US && (*p)[-1] != '.';
}

static bool parse_step(const char **p, struct reset_step *step)
{
    switch (*(*p)++) {
    case 'D':
        step->kind = RESET_STEP_DTR;
        return parse_bit(p, &step->dtr);
    case 'R':
        step->kind = RESET_STEP_RTS;
        return parse_bit(p, &step->rts);
    case 'U':
        step->kind = RESET_STEP_BOTH;
        if (!parse_bit(p, &step->dtr) || **p != ',')
            return false;
        (*p)++;
        return parse_bit(p, &step->rts);
    case 'W':
        step->kind = RESET_STEP_WAIT;
        return parse_wait(p, &step->wait_us);
    case 'H':
        step->kind = RESET_STEP_HEAR;
        return parse_wait(p, &step->wait_us);
    default:
        (*p)--;
        return false;
    }
}

int reset_parse(const char *text, struct reset_sequence *out, size_t *at)
{
    const char *p = text;
    bool ok = true;

    memset(out, 0, sizeof *out);
    do {
        ok = out->count < RESET_STEPS_MAX && parse_step(&p, &out->steps[out->count]);
        out->count++;
    } while (ok && *p == '|' && *++p != '\0');
    ok = ok && *p == '\0' && p > text && p[-1] != '|';
    if (!ok && at != NULL)
        *at = (size_t)(p - text);
    return ok ? 0 : -EINVAL;
}

const char *reset_text(enum reset_method method, const char *custom, int round)
{
    static const char *const tight_first[] = {WITH(TIGHT, SHORT_HOLD), WITH(TIGHT, LONG_HOLD),
                                              WITH(CLASSIC, SHORT_HOLD), WITH(CLASSIC, LONG_HOLD)};
    static const char *const classic_first[] = {WITH(CLASSIC, SHORT_HOLD), WITH(CLASSIC, LONG_HOLD),
                                                WITH(TIGHT, SHORT_HOLD), WITH(TIGHT, LONG_HOLD)};

    switch (method) {
    case RESET_TIGHT:
        return tight_first[round % 4];
    case RESET_CLASSIC:
        return classic_first[round % 4];
    case RESET_CUSTOM:
        return custom;
    case RESET_NONE:
        break;
    }
    return NULL;
}

int64_t reset_en_low_us(enum reset_method method, int round)
{
    bool quick = (method == RESET_TIGHT || method == RESET_CLASSIC) && round % 2 == 0;

    return quick ? RESET_EN_LOW_US : RESET_EN_PATIENT_US;
}

static int set_lines(struct transport *t, const struct reset_step *step, bool *dtr, bool *rts)
{
    *dtr = step->kind == RESET_STEP_RTS ? *dtr : step->dtr;
    *rts = step->kind == RESET_STEP_DTR ? *rts : step->rts;
    return transport_set_lines(t, *dtr, *rts);
}

/* Boot text of this reset alone counts: the chip was silent before, and what came until then is forgotten. */
static int hear_boot(struct esp_loader *l, int64_t wait_us)
{
    struct boot_log *log = esp_loader_log(l);
    struct clock *clock = esp_loader_clock(l);
    int64_t until = clock_after(clock, wait_us);
    uint64_t since = boot_log_heard(log);
    int rc;

    do {
        rc = esp_loader_hear(l, until);
    } while (rc > 0 && !boot_log_begins(log, since) && clock_now_us(clock) < until);
    return rc < 0 ? rc : 0;
}

static int run_step(struct esp_loader *l, const struct waker *cancel, const struct reset_step *step,
                    bool *dtr, bool *rts)
{
    struct clock *clock = esp_loader_clock(l);

    switch (step->kind) {
    case RESET_STEP_WAIT:
        return clock_wait_until(clock, clock_after(clock, step->wait_us), cancel);
    case RESET_STEP_HEAR:
        return hear_boot(l, step->wait_us);
    default:
        return set_lines(esp_loader_transport(l), step, dtr, rts);
    }
}

int reset_run(struct esp_loader *l, const struct waker *cancel, const struct reset_sequence *s)
{
    bool dtr = false, rts = false;
    int rc = 0;

    for (int i = 0; i < s->count && rc == 0; i++) {
        /* What an adapter still held of a program's text, or of an endless row of boots, is none of this reset's. */
        if (i + 1 < s->count && s->steps[i + 1].kind == RESET_STEP_HEAR)
            rc = transport_flush_input(esp_loader_transport(l));
        if (rc == 0)
            rc = run_step(l, cancel, &s->steps[i], &dtr, &rts);
    }
    return rc;
}

int reset_to_program(struct transport *t, struct clock *clock, const struct waker *cancel, int64_t low_us)
{
    int rc = transport_set_lines(t, false, true);

    if (rc == 0)
        rc = clock_wait_until(clock, clock_after(clock, low_us), cancel);
    return rc < 0 ? rc : transport_set_lines(t, false, false);
}

int reset_hold(struct transport *t)
{
    return transport_set_lines(t, false, true);
}
