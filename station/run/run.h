/* SPDX-License-Identifier: Apache-2.0 */
/*
 * run - everything that a tray needs to be flashed, put together: job, stub, slots, virtual boards, records, engine.
 *
 * run_open() touches no board and, until everything else is found good, no database. One thread.
 */
#ifndef STATION_RUN_RUN_H
#define STATION_RUN_RUN_H

#include <stdbool.h>
#include <stdio.h>

#include "station/config/options_common.h"
#include "station/run/tally.h"

struct run;
struct config;
struct job;

#define RUN_SIM_MAX 256

enum run_time { RUN_TIME_REAL, RUN_TIME_VIRTUAL };

/* As the command line says; zeroed is the default. Texts are borrowed. */
struct run_options {
    const char *verb; /* for messages: "run" */
    struct options_common common;
    const char *job, *firmware, *region; /* as job_choice_open() takes them */
    const char *slots;                   /* "1,3,left" or URIs; NULL: all that are configured */
    const char *slots_option;            /* that named them, for messages; NULL: "slots", "": no option */
    int reset;                           /* enum reset_method for slots named by URI; -1: the job's */
    long sim;                            /* 0: real slots; else that many virtual boards */
    int sim_time;                        /* enum run_time */
    const char *sim_dump;                /* folder for the boards' flash afterwards */
    const char *sim_personality;
    const char *sim_chip; /* chips of the virtual boards, in turn; NULL: ESP32 (sim/board/sim_tray.h) */
    long sim_seed, sim_revision;
    long sim_flash_size; /* MiB; 0: what suits the revision */
    double sim_fault_rate;
    bool once, headless, training, ascii, mono;
    bool write_all;     /* also what a board holds already, whatever the job says */
    bool rework;        /* units that passed are flashed again: the engineer's decision */
    const char *reason; /* of the rework */
    long count;
    const char *lot, *operator_id;
    const char *serials; /* file of serials: every board must have one then */
    const char *stub;    /* a file, a folder or "no" */
};

/*
 * `job`: what to flash, or NULL: load what the options name. The run owns it from here on, also on failure. NULL: one line was
 * printed on stderr, *exit_code says how to end. Caller owns: run_close().
 */
struct run *run_open(const struct run_options *options, struct job *job, int *exit_code);
/* Flashes until the tray is done, with screen, text or JSON; prints the table. The verb's exit code. */
int run_tray(struct run *run);
void run_close(struct run *run); /* NULL is fine */

#endif /* STATION_RUN_RUN_H */
