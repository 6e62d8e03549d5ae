/* SPDX-License-Identifier: Apache-2.0 */
/* run_words - what the rules of work say to the operator, in his language. Static storage or the failure's own text. */
#ifndef STATION_RUN_RUN_WORDS_H
#define STATION_RUN_RUN_WORDS_H

#include "db/desk/work.h"

/* Why the engineer's PIN is asked for. */
const char *run_words_pin(enum work_action action);
/* Why it was refused: in words where the operator can do something about it, else the failure's detail. */
const char *run_words_refusal(const struct failure *f);

#endif /* STATION_RUN_RUN_WORDS_H */
