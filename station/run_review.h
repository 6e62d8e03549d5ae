/* SPDX-License-Identifier: Apache-2.0 */
/* run_review - the screen's questions to the records, on a reading connection of their own. The screen's thread only. */
#ifndef STATION_RUN_REVIEW_H
#define STATION_RUN_REVIEW_H

#include "station/dashboard_review.h"

struct run_review;
struct failure;

/* NULL: *f. Caller owns: run_review_free(). */
struct run_review *run_review_new(const char *database, bool training, struct failure *f);
void run_review_free(struct run_review *r);                                 /* NULL is fine */
const struct dashboard_review *run_review_face(const struct run_review *r); /* borrowed */

#endif /* STATION_RUN_REVIEW_H */
