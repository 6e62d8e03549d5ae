/* SPDX-License-Identifier: Apache-2.0 */
/* run_private - what the files of a run share. Main thread only, but for what db and engine lock themselves. */
#ifndef STATION_RUN_RUN_PRIVATE_H
#define STATION_RUN_RUN_PRIVATE_H

#include <pthread.h>

#include "db/desk/duty_rules.h"
#include "db/record/db_recorder.h"
#include "engine/port/transport.h"
#include "engine/slot/engine.h"
#include "profiles/job/job.h"
#include "station/config/config.h"
#include "station/run/run.h"
#include "station/run/run_slots.h"
#include "station/run/stub_list.h"

struct far_desk;
struct gallery;
struct sim_tray;
struct run_backup;
struct run_review;
struct run_work;
struct serials_file;
struct service;
struct waker;
struct control;

#define RUN_BINDINGS_MAX 5

struct run {
    struct run_options options;
    struct config *config;
    struct job *job;
    pthread_mutex_t
        choice_lock; /* one choice at a time (run_choice.h), or the taking up of what was chosen: what follows, and that
                                    `job` and `engine` stay what they are */
    struct job *next_job;          /* chosen, for when this round has ended */
    char next_lot[DUTY_NAME_SIZE]; /* chosen with it; "" : the lot stays */
    bool is_open;                  /* others may choose, through the control socket */
    struct waker *chosen;          /* raised when they did; any thread. NULL: nobody looks */
    struct run_slots slots;
    struct stub_list stubs; /* for the job's chip */
    char stub_note[200];
    bool lacks_stub; /* real boards that would have one: said once, before the first */
    bool said_stub;
    struct sim_tray *tray;
    struct transport_binding bindings[RUN_BINDINGS_MAX];
    char database[PATH_TEXT];
    struct db *db;
    struct db_recorder *recorder;
    struct serials_file *serials_file; /* NULL: none was named */
    struct run_backup *backup;
    struct control *control;
    struct gallery *gallery;     /* where others look at this run */
    struct far_desk *far_desk;   /* what they do in it */
    pthread_mutex_t engine_lock; /* for the next: written by the main thread, used by the control thread */
    struct engine
        *engine; /* guarded by engine_lock; the main thread, which alone writes it, reads it without */
    struct tally *tally;
    struct run_review *review; /* of the screen; NULL without one */
    struct run_work *work;
    struct service *service; /* NULL: nobody asked to be told */
    int signal_fd;
    int64_t started_ms; /* wall clock */
    bool training;
};

/* All: 0, or an exit code after one line on stderr. */
int run_open_records(struct run *run);
/* What is said of the job that is chosen now stands in the records too, before a board is flashed with it. */
int run_note_job(struct run *run);
/* Is there somebody to scan and choose? */
bool run_has_screen(const struct run *run);
/*
 * run_duty.c. Names that are none, and what must be given where nobody can be asked, before anything is opened; then who works
 * here and on which lot, by db/desk/duty_rules.h; then, when all else is allowed, the lot is taken, and opened if it is new.
 */
int run_check_names(const struct run *run);
int run_check_duty(struct run *run);
int run_take_lot(struct run *run);
/* run_choice.c: what db/desk/duty_rules.h asks for, of the configuration and of a job. */
struct duty_rules run_duty_rules(const struct run *run);
struct duty_job run_duty_job(const struct job *job);
/* The recorder goes by the rules of the job that is chosen now. */
void run_apply_rules(struct run *run);
/* May this work be started by whoever asks? Audited; asks for the engineer's PIN where one is needed. */
int run_check_role(struct run *run);

#endif /* STATION_RUN_RUN_PRIVATE_H */
