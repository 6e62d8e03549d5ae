/* SPDX-License-Identifier: Apache-2.0 */
/*
 * dashboard_face - what a slot looks like from two metres: eleven faces, each with its word, symbol and edge.
 *
 * Pure functions over a snapshot.
 */
#ifndef STATION_SCREEN_DASHBOARD_FACE_H
#define STATION_SCREEN_DASHBOARD_FACE_H

#include <stdbool.h>
#include <stddef.h>

#include "engine/slot/slot_status.h"

enum face {
    FACE_EMPTY, /* no board */
    FACE_READY, /* waits for a board, starts by itself */
    FACE_BUSY,
    FACE_SAVING, /* chip done, record not durable yet: not a PASS */
    FACE_PASS,
    FACE_PASS_RETRY, /* PASS that needed a second try */
    FACE_FAIL,       /* the board's fault */
    FACE_HOLD,       /* quarantine */
    FACE_ERROR,      /* not the board's fault, or not saved */
    FACE_ACT,        /* the operator must do something now */
    FACE_OFF,
    FACE_COUNT
};

enum face face_of(const struct slot_status *s);
bool face_is_solid(enum face f);  /* finished: the whole tile is filled */
bool face_is_failed(enum face f); /* FAIL, HOLD or ERROR */
/* Has a title and a remedy to tell: failed, kept from starting by a rule, or without a port that can be used. */
bool face_has_failure(const struct slot_status *s);
/* A stop rule struck: the engineer alone releases it. */
bool face_is_stopped(const struct slot_status *s);
/* The state's word, translated. `level` 0 is the longest; higher ones are shorter; NULL past the shortest. */
const char *face_word(const struct slot_status *s, int level);
#define FACE_TEXT 320 /* an instruction with its pin; a remedy, as station/print/remedy.h has them */

/* What the operator must do, one sentence, translated; "" when nothing. Static storage, or `out`. */
const char *face_instruction(const struct slot_status *s, char out[static FACE_TEXT]);
/* Two or three words of it. */
const char *face_instruction_short(const struct slot_status *s, char out[static FACE_TEXT]);
/* What Space does for a slot that waits: one word, translated; "" : nothing. */
const char *face_answer(const struct slot_status *s);
/* Higher: look at this slot first. 0: nothing to see. */
int face_urgency(const struct slot_status *s);
/* Percent of the stage, or -1 where the stage does not count bytes. */
int face_percent(const struct slot_status *s);
/* The stage's name, translated; "" for none. */
const char *face_stage(enum stage s);

#endif /* STATION_SCREEN_DASHBOARD_FACE_H */
