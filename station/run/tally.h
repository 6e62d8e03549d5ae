/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tally - what came out of one run: a line a board, totals, and the exit code. One thread.
 *
 * Counts what the records count (docs/terminology.md, "boards of a run"): attempts that stand there. A slot that was kept from
 * starting (a stop, a full lot, nobody logged in, no record to be had) is no board; it has a line, and the exit code knows it.
 */
#ifndef STATION_RUN_TALLY_H
#define STATION_RUN_TALLY_H

#include <stdbool.h>
#include <stdio.h>

#include "base/result.h"
#include "station/print/exit_code.h"

struct slot_event; /* engine/slot/slot_event.h */
struct tally;

/* Caller owns: tally_free(). `bounded`: the run has an end of its own, so that draining it cuts it short. */
struct tally *tally_new(bool bounded);
void tally_free(struct tally *t); /* NULL is fine */

/* Counts EVENT_RESULT, ignores the rest. `serial`: that the board is recorded under; "" : none. */
void tally_event(struct tally *t, const struct slot_event *event, const char *serial);
void tally_drained(struct tally *t); /* someone asked the run to end */
void tally_aborted(struct tally *t);
bool tally_was_drained(const struct tally *t);

int tally_count(const struct tally *t, enum result r);
int tally_boards(const struct tally *t);
int tally_retried(const struct tally *t); /* PASS after a whole-board retry */
int tally_not_started(const struct tally *t);
/* Table of the last boards and of what was not started (slot, MAC, serial where one has any, version, result, seconds, code) and one line of totals. */
void tally_print(const struct tally *t, const char *version, FILE *out);
/* docs/exit-codes.md. */
enum exit_code tally_exit_code(const struct tally *t);

#endif /* STATION_RUN_TALLY_H */
