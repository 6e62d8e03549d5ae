/* SPDX-License-Identifier: Apache-2.0 */
/*
 * stop_request - what one more signal asks of boards at work: the one rule for the screen, for lines and for JSON.
 *
 * The first INT or TERM drains. TERM a second time aborts: programmes send it, and mean it. INT is a key under a sleeve: a
 * second one within a second of the last says no more than the first. HUP drains and is never counted, or a session that
 * ends (HUP and TERM at once) would abort. Pure; plain data, one owner.
 */
#ifndef STATION_PRINT_STOP_REQUEST_H
#define STATION_PRINT_STOP_REQUEST_H

#include <stdbool.h>
#include <stdint.h>

#define STOP_REST_US 1000000 /* a key that repeats, or two strokes of one fright, lie closer together */

enum stop_step {
    STOP_NONE,  /* not a signal that asks for an end */
    STOP_DRAIN, /* no new boards, running ones finish */
    STOP_WARN,  /* too soon to be meant: say what one more does */
    STOP_ABORT  /* running boards end at once; where somebody can be asked, he is asked first */
};

struct stop_request {
    bool asked;     /* by INT or TERM */
    int64_t int_us; /* of the last INT */
};

/* now_us: any monotonic clock, never 0 or less. */
enum stop_step stop_request_take(struct stop_request *r, int number, int64_t now_us);

#endif /* STATION_PRINT_STOP_REQUEST_H */
