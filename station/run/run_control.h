/* SPDX-License-Identifier: Apache-2.0 */
/* run_control - what comes in by the control socket for a run: who works here, on which lot, with which job. Its thread. */
#ifndef STATION_RUN_RUN_CONTROL_H
#define STATION_RUN_RUN_CONTROL_H

#include "station/work/control.h"

struct run;

/* How it stands now. Any thread. */
void run_control_now(struct run *run, struct control_duty_now *now);
/* As control_station.duty; ctx is a struct run. */
int run_control_duty(void *ctx, const struct control_duty *d, struct control_duty_now *now,
                     struct work_receipt *receipt, struct failure *f);
/* As control_station.screen; ctx is a struct run. */
enum control_said run_control_screen(void *ctx, const char *line, int fd, pid_t pid, char **answer);

#endif /* STATION_RUN_RUN_CONTROL_H */
