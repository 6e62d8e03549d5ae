/* SPDX-License-Identifier: Apache-2.0 */
/* run_screen - joins a run to the dashboard: what the header shows, and every event counted on its way to the screen. */
#ifndef STATION_RUN_RUN_SCREEN_H
#define STATION_RUN_RUN_SCREEN_H

struct run;

enum run_screen_end {
    RUN_SCREEN_OVER, /* every slot has ended */
    RUN_SCREEN_RESTART, /* every slot has ended, nobody asked for that: on with run->next_job, if one was chosen */
    RUN_SCREEN_NONE /* this terminal cannot show it: one line on stderr said why, nothing was changed */
};

/* With run->engine started. */
enum run_screen_end run_screen_show(struct run *run);

#endif /* STATION_RUN_RUN_SCREEN_H */
