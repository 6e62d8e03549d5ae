/* SPDX-License-Identifier: Apache-2.0 */
/* run_unit - what a board of a run gets of its own: the job's places, filled with the values of records and pools. */
#ifndef STATION_RUN_RUN_UNIT_H
#define STATION_RUN_RUN_UNIT_H

#include "base/record.h"
#include "base/unit_data.h"
#include "profiles/plan/flash_plan.h"

/* attempt_compose of engine/attempt/attempt.h; `ctx` is the struct run. From many threads at once. */
int run_unit_compose(void *ctx, int64_t attempt, const struct unit_identity *unit, const struct plan *plan,
                     struct unit_data *out, struct failure *f);

#endif /* STATION_RUN_RUN_UNIT_H */
