/* SPDX-License-Identifier: Apache-2.0 */
/* run_words - what the rules of work say to the operator, in his language. Static storage or the failure's own text. */
#ifndef STATION_RUN_RUN_WORDS_H
#define STATION_RUN_RUN_WORDS_H

#include <stdbool.h>
#include <stddef.h>

#include "db/desk/work.h"
#include "station/work/control.h"

#define RUN_WORDS_STUB 320

struct run;

/* Why the engineer's PIN is asked for. */
const char *run_words_pin(enum work_action action);
/* Why it was refused: in words where the operator can do something about it, else the failure's detail. */
const char *run_words_refusal(const struct failure *f);
/* A line for the log, of what others chose: who works here, on which lot, with which job, and what waits for the boards. */
void run_words_chosen(const struct control_duty_now *now, char *out, size_t size);
/* Are real boards flashed without the helper program that their chip could have? Says so and what helps, once a run. */
bool run_words_no_stub(struct run *run, char out[static RUN_WORDS_STUB]);

#endif /* STATION_RUN_RUN_WORDS_H */
