/* SPDX-License-Identifier: Apache-2.0 */
/*
 * run_rates - what the records know of the rates that slots bore: with which each begins (engine/slot/slot_baud.h).
 *
 * A slot's newest PASS among its last RUN_RATES_LOOK attempts counts, where it was on the same port and by the same job; a
 * virtual board has no cable, and nothing is remembered of it. Records that cannot be read cost a retry, not the run.
 */
#ifndef STATION_RUN_RUN_RATES_H
#define STATION_RUN_RUN_RATES_H

#include <stdbool.h>

#define RUN_RATES_LOOK 20

struct db;
struct job;
struct run_slots;

void run_rates_remember(struct run_slots *slots, struct db *db, const struct job *job, bool training);

#endif /* STATION_RUN_RUN_RATES_H */
