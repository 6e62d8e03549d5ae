/* SPDX-License-Identifier: Apache-2.0 */
/* job_plan - 'job plan': what a job sends, region by region, and on the board in a slot what of it is there already. */
#ifndef STATION_CLI_JOB_PLAN_H
#define STATION_CLI_JOB_PLAN_H

#include "station/cli/options.h"

struct job_plan_options {
    const struct options_common *common;
    const char *job, *firmware;
    const char *port, *slot; /* of the board; neither, and not `sim`: none is asked */
    const char *stub;        /* as of a run */
    int reset;               /* enum reset_method for a port named by URI; -1: the job's */
    bool sim;                /* a virtual board instead of a real one */
    const char *sim_personality;
};

/* 0, or an exit code after one line on stderr (docs/exit-codes.md). */
int job_plan_show(const struct job_plan_options *o);

#endif /* STATION_CLI_JOB_PLAN_H */
