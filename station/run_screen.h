/* SPDX-License-Identifier: Apache-2.0 */
/* run_screen - joins a run to the dashboard: what the header shows, and every event counted on its way to the screen. */
#ifndef STATION_RUN_SCREEN_H
#define STATION_RUN_SCREEN_H

#include <stdbool.h>

#include "engine/engine.h"
#include "station/config.h"
#include "station/run.h"

struct run_screen {
    struct engine *engine; /* started; all borrowed */
    struct tally *tally;
    const struct job *job;
    const struct config *config;
    const struct run_options *options;
    bool training;
    int signal_fd;
};

/*
 * Returns true when the run is over or draining without a terminal (then join it); false: this terminal cannot show
 * the screen (one line on stderr said why), nothing was changed.
 */
bool run_screen_show(const struct run_screen *s);

#endif /* STATION_RUN_SCREEN_H */
