/* SPDX-License-Identifier: Apache-2.0 */
/* run_slots - which slots take part in a run: virtual ones, those named, or all that are configured. */
#ifndef STATION_RUN_RUN_SLOTS_H
#define STATION_RUN_RUN_SLOTS_H

#include "engine/slot/engine_config.h"
#include "station/config/config.h"
#include "station/run/run.h"

struct run_slots {
    struct engine_slot slots[RUN_SIM_MAX];
    char uris[RUN_SIM_MAX][96];
    int count;
};

/* `config` must outlive *out. 0, or an exit code after one line on stderr. */
int run_slots_choose(struct run_slots *out, const struct run_options *options, const struct config *config);
/* Remembers, for the next engine, which slots are switched off. */
void run_slots_enable(struct run_slots *slots, int number, bool on);

#endif /* STATION_RUN_RUN_SLOTS_H */
