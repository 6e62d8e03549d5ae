/* SPDX-License-Identifier: Apache-2.0 */
/* plan_print - a plan by its regions, for people and programmes: what is sent and what is left out, on one board or on any. */
#ifndef STATION_PRINT_PLAN_PRINT_H
#define STATION_PRINT_PLAN_PRINT_H

struct board_plan;
struct job;

/* `board`: what one was found to hold; NULL: every plan of the job. */
void plan_print(const struct job *job, const struct board_plan *board); /* tables on stdout */
void plan_print_json(const struct job *job,
                     const struct board_plan *board); /* a line a plan: event "job_plan" */

#endif /* STATION_PRINT_PLAN_PRINT_H */
