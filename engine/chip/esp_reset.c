/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/chip/esp_reset.h"

#include <errno.h>
#include <string.h>

#define WAIT_MAX_US 10000000

#define TIGHT(hold)   "U0,0|U1,1|U0,1|W0.1|U1,0|W" hold "|U0,0|D0"
#define CLASSIC(hold) "D0|R1|W0.1|D1|R0|W" hold "|D0"
#define SHORT_HOLD    "0.05"
#define LONG_HOLD     "0.55"

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
    static const char *const tight_first[] = {TIGHT(SHORT_HOLD), TIGHT(LONG_HOLD), CLASSIC(SHORT_HOLD),
                                              CLASSIC(LONG_HOLD)};
    static const char *const classic_first[] = {CLASSIC(SHORT_HOLD), CLASSIC(LONG_HOLD), TIGHT(SHORT_HOLD),
                                                TIGHT(LONG_HOLD)};

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

int reset_run(struct transport *t, struct clock *clock, const struct waker *cancel,
              const struct reset_sequence *s)
{
    bool dtr = false, rts = false;

    for (int i = 0; i < s->count; i++) {
        const struct reset_step *step = &s->steps[i];
        int rc;
        if (step->kind == RESET_STEP_WAIT) {
            rc = clock_wait_until(clock, clock_after(clock, step->wait_us), cancel);
        } else {
            dtr = step->kind == RESET_STEP_RTS ? dtr : step->dtr;
            rts = step->kind == RESET_STEP_DTR ? rts : step->rts;
            rc = transport_set_lines(t, dtr, rts);
        }
        if (rc < 0)
            return rc;
    }
    return 0;
}

int reset_to_program(struct transport *t, struct clock *clock, const struct waker *cancel)
{
    static const struct reset_sequence s = {
        .steps = {{.kind = RESET_STEP_BOTH, .dtr = false, .rts = true},
                  {.kind = RESET_STEP_WAIT, .wait_us = 100000},
                  {.kind = RESET_STEP_BOTH, .dtr = false, .rts = false}},
        .count = 3,
    };

    return reset_run(t, clock, cancel, &s);
}

int reset_hold(struct transport *t)
{
    return transport_set_lines(t, false, true);
}
