/* SPDX-License-Identifier: Apache-2.0 */
/*
 * job_choice - what a person names on the command line as what to flash: a job by its name, a job's file, or a firmware
 * (archive, merged image, build folder). The one way in for 'flash', 'run' and 'job check'; touches no port.
 */
#ifndef STATION_RUN_JOB_CHOICE_H
#define STATION_RUN_JOB_CHOICE_H

struct job;
struct job_extra;

/*
 * `name` is a job of that name where there is one (path_job()), else a file or folder. `extra`: what the command line adds to it.
 * NULL: one line was printed on stderr, *exit_code says how to end. Caller owns: job_free().
 */
struct job *job_choice_open(const char *verb, const char *name, const struct job_extra *extra,
                            int *exit_code);

#endif /* STATION_RUN_JOB_CHOICE_H */
