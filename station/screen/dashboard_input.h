/* SPDX-License-Identifier: Apache-2.0 */
/*
 * dashboard_input - tells a person's keys from a scanner's.
 *
 * A barcode scanner is a keyboard that types fast and ends with Enter. A printable key becomes a hotkey only after
 * INPUT_QUIET_US without another: a scanned "q" can never quit. A run of fast keys is a scan when Enter or Tab ends it,
 * held keys when all are the same, and otherwise thrown away and reported. A scan prefix, where the scanner sends one,
 * makes what follows a scan at any pace. While a field waits for text, keys go there at once.
 *
 * Pure: time is an argument, microseconds of any monotonic clock. Plain data, one owner.
 */
#ifndef STATION_SCREEN_DASHBOARD_INPUT_H
#define STATION_SCREEN_DASHBOARD_INPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <wchar.h>

#define INPUT_QUIET_US 50000   /* scanners send a key every 1 to 20 ms, people every 60 ms at best */
#define INPUT_GAP_US   150000  /* within a run: a busy machine may deliver in gulps */
#define INPUT_SCAN_US  2000000 /* a prefix without its Enter gives up */
#define INPUT_TEXT_MAX 128

enum input_kind {
    INPUT_KEY,      /* `code`: a character */
    INPUT_FUNCTION, /* `code`: a KEY_* of curses */
    INPUT_SCAN,     /* `text` */
    INPUT_GARBAGE   /* `text`: fast keys without an end; nothing was done with them */
};

struct input_event {
    enum input_kind kind;
    int32_t code;
    char text[INPUT_TEXT_MAX * 4 + 1]; /* UTF-8, without prefix and end */
};

struct input {
    char prefix[16]; /* as long as station.yaml takes it */
    bool field;      /* a text field waits: set by the owner */
    bool after_prefix;
    bool ended;   /* Enter or Tab closed the run: it is a scan */
    bool cut;     /* longer than INPUT_TEXT_MAX: no barcode of ours */
    int32_t held; /* a movement key that is being held: its repeats are keys at once; 0: none */
    int32_t run[INPUT_TEXT_MAX];
    int length, taken; /* `taken`: keys of the run already handed out */
    int32_t pending;   /* what came behind a finished run; 0: nothing */
    bool pending_function;
    int64_t first_us, last_us, end_us; /* of the run; of the last scan's end */
};

void input_init(struct input *in, const char *prefix);
/* A key arrived. Take everything out by input_next() before the next feed. */
void input_feed(struct input *in, int32_t code, bool is_function, int64_t now_us);
/* What is certain by now: true and *out, or false. Call it when nothing more is waiting to be read. */
bool input_next(struct input *in, int64_t now_us, struct input_event *out);
/* True when something is certain without waiting: take it out before the next feed. */
bool input_ready(const struct input *in);
/* When input_next() may know more; INT64_MAX: not before another key. */
int64_t input_deadline(const struct input *in);
/* One code point as UTF-8 without a NUL; returns its bytes. */
size_t input_utf8(char out[static 4], int32_t code);

#endif /* STATION_SCREEN_DASHBOARD_INPUT_H */
