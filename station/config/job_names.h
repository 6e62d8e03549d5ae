/* SPDX-License-Identifier: Apache-2.0 */
/* job_names - the jobs that --job finds by name. */
#ifndef STATION_CONFIG_JOB_NAMES_H
#define STATION_CONFIG_JOB_NAMES_H

#define JOB_NAME_SIZE 64

/* Fills up to `max` names, sorted, each once. How many, or -ENOMEM. */
int job_names(char (*out)[JOB_NAME_SIZE], int max);

#endif /* STATION_CONFIG_JOB_NAMES_H */
