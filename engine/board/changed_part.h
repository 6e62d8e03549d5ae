/* SPDX-License-Identifier: Apache-2.0 */
/*
 * changed_part - what of a piece is sent to a board, by what is known of it: neighbouring regions in one stream, or the few
 * sectors of one that changed. Pure.
 */
#ifndef ENGINE_BOARD_CHANGED_PART_H
#define ENGINE_BOARD_CHANGED_PART_H

#include "engine/board/board_survey.h"

struct changed_part {
    const struct survey *survey;
    const struct piece *piece;
    bool breaks; /* a stream ends where blank flash begins: survey_wants_blanks() */

    uint32_t at, size;   /* within the piece; size 0: nothing of it */
    size_t first, count; /* its regions, as a stream; count 0: whole sectors, plain */
    size_t next;         /* region to go on with */
};

/* The whole piece where sending its changed parts one by one would cost as much. */
struct changed_part changed_part_first(const struct survey *s, const struct piece *p, bool breaks);
/* The next one; size 0: there is none. */
struct changed_part changed_part_next(const struct changed_part *before);
/* Bytes of flash that all of them write. */
uint64_t changed_bytes(const struct survey *s, const struct piece *p, bool breaks);
/* The same as it goes over the line to a loader that takes streams; with their frames, not with what is escaped. */
uint64_t changed_wire(const struct survey *s, const struct piece *p, bool breaks);

#endif /* ENGINE_BOARD_CHANGED_PART_H */
