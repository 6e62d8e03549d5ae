/* SPDX-License-Identifier: Apache-2.0 */
#include "station/screen/dashboard_input.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

#define HELD_LEAST  4     /* equal keys */
#define HELD_GAP_US 20000 /* a held key repeats every 33 ms or so; scanners are faster */

void input_init(struct input *in, const char *prefix)
{
    *in = (struct input){.end_us = INT64_MIN / 2};
    if (prefix)
        snprintf(in->prefix, sizeof in->prefix, "%s", prefix);
}

static bool is_end(int32_t code)
{
    return code == '\r' || code == '\n' || code == '\t';
}

static bool all_equal(const struct input *in)
{
    for (int i = 1; i < in->length; i++) {
        if (in->run[i] != in->run[0])
            return false;
    }
    return true;
}

static void clear_run(struct input *in)
{
    in->length = in->taken = 0;
    in->after_prefix = in->ended = in->cut = false;
    in->held = 0;
}

/* The run so far is the scanner's prefix and nothing else. */
static bool is_prefix(const struct input *in)
{
    size_t n = strlen(in->prefix);

    if (n == 0 || in->after_prefix || (size_t)in->length != n)
        return false;
    for (size_t i = 0; i < n; i++) {
        if (in->run[i] != (unsigned char)in->prefix[i])
            return false;
    }
    return true;
}

static bool may_become_prefix(const struct input *in)
{
    size_t n = strlen(in->prefix);

    if (in->after_prefix || (size_t)in->length >= n)
        return false;
    for (int i = 0; i < in->length; i++) {
        if (in->run[i] != (unsigned char)in->prefix[i])
            return false;
    }
    return in->length > 0;
}

/* Somebody leans on hjkl: scrolling must not wait for the end of it. */
static bool is_held(const struct input *in, int64_t now_us)
{
    return in->length >= HELD_LEAST && strchr("hjkl", (int)in->run[0]) && all_equal(in) &&
           now_us - in->first_us >= (int64_t)HELD_GAP_US * (in->length - 1);
}

static void add_to_run(struct input *in, int32_t code, int64_t now_us)
{
    if (in->length == 0 && !in->after_prefix)
        in->first_us = now_us;
    in->last_us = now_us;
    if (code != in->held)
        in->held = 0;
    if (in->length == INPUT_TEXT_MAX) {
        in->cut = true;
        return;
    }
    in->run[in->length++] = code;
    if (is_prefix(in)) {
        in->length = 0;
        in->after_prefix = true;
    }
    if (is_held(in, now_us))
        in->held = code;
}

void input_feed(struct input *in, int32_t code, bool is_function, int64_t now_us)
{
    bool running = in->length > in->taken || in->after_prefix;

    if (is_function || code == 27) {
        in->pending = code;
        in->pending_function = is_function;
        return;
    }
    if (is_end(code) && running && !in->field) {
        in->ended = true;
        in->end_us = now_us;
        return;
    }
    if (is_end(code) && in->after_prefix) {
        in->ended = true;
        in->end_us = now_us;
        return;
    }
    /* The second half of a scanner's CR LF is not the operator's Enter. */
    if (is_end(code) && !running && now_us - in->end_us < INPUT_QUIET_US)
        return;
    if ((is_end(code) || code < 32) && !running && (unsigned char)in->prefix[0] != code) {
        in->pending = code;
        in->pending_function = false;
        return;
    }
    add_to_run(in, code, now_us);
}

size_t input_utf8(char out[static 4], int32_t code)
{
    if (code < 0x80) {
        out[0] = (char)code;
        return 1;
    }
    if (code < 0x800) {
        out[0] = (char)(0xc0 | code >> 6);
        out[1] = (char)(0x80 | (code & 0x3f));
        return 2;
    }
    if (code < 0x10000) {
        out[0] = (char)(0xe0 | code >> 12);
        out[1] = (char)(0x80 | (code >> 6 & 0x3f));
        out[2] = (char)(0x80 | (code & 0x3f));
        return 3;
    }
    out[0] = (char)(0xf0 | (code >> 18 & 7));
    out[1] = (char)(0x80 | (code >> 12 & 0x3f));
    out[2] = (char)(0x80 | (code >> 6 & 0x3f));
    out[3] = (char)(0x80 | (code & 0x3f));
    return 4;
}

/* Hands the whole run out as one text. */
static bool give_text(struct input *in, enum input_kind kind, struct input_event *out)
{
    size_t n = 0;

    out->kind = in->cut ? INPUT_GARBAGE : kind;
    out->code = 0;
    for (int i = in->taken; i < in->length; i++)
        n += input_utf8(out->text + n, in->run[i]);
    out->text[n] = '\0';
    clear_run(in);
    return true;
}

static bool give_key(struct input *in, struct input_event *out)
{
    out->kind = INPUT_KEY;
    out->code = in->run[in->taken++];
    out->text[0] = '\0';
    if (in->taken == in->length) {
        in->length = in->taken = 0;
    }
    return true;
}

static bool give_pending(struct input *in, struct input_event *out)
{
    if (in->pending == 0)
        return false;
    out->kind = in->pending_function ? INPUT_FUNCTION : INPUT_KEY;
    out->code = in->pending;
    out->text[0] = '\0';
    in->pending = 0;
    return true;
}

/* How long the run may rest before it is judged. */
static int64_t patience(const struct input *in)
{
    if (in->after_prefix)
        return INPUT_SCAN_US;
    return in->length == 1 ? INPUT_QUIET_US : INPUT_GAP_US;
}

bool input_next(struct input *in, int64_t now_us, struct input_event *out)
{
    bool run = in->length > in->taken;

    if (in->ended)
        return give_text(in, INPUT_SCAN, out);
    if (!run && !in->after_prefix) {
        if (in->held && now_us - in->last_us >= INPUT_GAP_US)
            in->held = 0;
        return give_pending(in, out);
    }
    if (in->field && !in->after_prefix && !may_become_prefix(in))
        return give_key(in, out);
    if (run && (in->held || in->taken > 0))
        return give_key(in, out);
    if (in->pending == 0 && now_us - in->last_us < patience(in))
        return false;
    /* Judged: one key, one key held down, or a run that never ended. */
    if (!in->after_prefix && all_equal(in))
        return give_key(in, out);
    return give_text(in, INPUT_GARBAGE, out);
}

bool input_ready(const struct input *in)
{
    return in->ended || in->pending != 0 || (in->field && in->length > 0 && !may_become_prefix(in));
}

int64_t input_deadline(const struct input *in)
{
    if (in->length > in->taken || in->after_prefix)
        return in->last_us + patience(in);
    return INT64_MAX;
}
