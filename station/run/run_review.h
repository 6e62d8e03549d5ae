/* SPDX-License-Identifier: Apache-2.0 */
/* run_review - the screen's questions to the records, on a reading connection of their own. The screen's thread only. */
#ifndef STATION_RUN_RUN_REVIEW_H
#define STATION_RUN_RUN_REVIEW_H

#include "station/screen/desk.h"

struct run_review;
struct failure;

/* `run`: by db_run() of the station. NULL: *f. Caller owns: run_review_free(). */
struct run_review *run_review_new(const char *database, bool training, int64_t run, struct failure *f);
void run_review_free(struct run_review *r); /* NULL is fine */
/* What it knows: all topics but the choices. As desk.ask. */
#define RUN_REVIEW_KNOWS                                                                \
    (DESK_BIT(DESK_LOT_FIGURES) | DESK_BIT(DESK_SLOT_ATTEMPTS) | DESK_BIT(DESK_UNITS) | \
     DESK_BIT(DESK_UNIT_STORY))
/* This run as it stands now; known false: the records cannot be read. */
void run_review_run(struct run_review *r, struct desk_run *out);
int run_review_ask(struct run_review *r, const struct desk_query *query, union desk_answer out);

#endif /* STATION_RUN_RUN_REVIEW_H */
