/* SPDX-License-Identifier: Apache-2.0 */
/*
 * run_unit - a board's own data out of the run's job: values of pools by db/desk/pool.h, its serial number and lot by its record.
 * The one function behind run and flash; any worker's thread, while the run's job stays what it is.
 */
#ifndef STATION_RUN_RUN_UNIT_H
#define STATION_RUN_RUN_UNIT_H

#include <stdint.h>

struct failure;
struct plan;
struct unit_data;
struct unit_identity;

/* As attempt_compose of engine/attempt/attempt.h; `run`: struct run. */
int run_unit_compose(void *run, int64_t attempt, const struct unit_identity *unit, const struct plan *plan,
                     struct unit_data *out, struct failure *f);

#endif /* STATION_RUN_RUN_UNIT_H */
