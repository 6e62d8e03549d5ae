/* SPDX-License-Identifier: Apache-2.0 */
/* job_print - a loaded job for people and programmes: what it will do to a board of each flash size. */
#ifndef STATION_PRINT_JOB_PRINT_H
#define STATION_PRINT_JOB_PRINT_H

struct job;

void job_print(const struct job *job);      /* tables on stdout */
void job_print_json(const struct job *job); /* one line: event "job" */

#endif /* STATION_PRINT_JOB_PRINT_H */
