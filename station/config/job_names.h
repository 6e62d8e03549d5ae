/* SPDX-License-Identifier: Apache-2.0 */
/* job_names - the jobs that --job finds by name (station/config/paths.h). */
#ifndef STATION_CONFIG_JOB_NAMES_H
#define STATION_CONFIG_JOB_NAMES_H

#include <stddef.h>

#include "station/config/paths.h"

#define JOB_NAME_SIZE 64

struct job_name {
    char name[JOB_NAME_SIZE];
    char path[PATH_TEXT];
};

/*
 * *out: each name once, with the file that path_job() finds; place by place, in a place by name. How many, or -ENOMEM.
 * Caller frees *out.
 */
int job_names(struct job_name **out);

#endif /* STATION_CONFIG_JOB_NAMES_H */
