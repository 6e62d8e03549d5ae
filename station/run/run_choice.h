/* SPDX-License-Identifier: Apache-2.0 */
/*
 * run_choice - operator, lot and job of a run, chosen anew: one way for its start, its screen and the control socket. The rules
 * (db/desk/duty_rules.h) are asked, db/desk/work.h gives its leave and audits, and then what was chosen stands: all of it or nothing.
 *
 * Any thread; one choice at a time, whoever makes it.
 */
#ifndef STATION_RUN_RUN_CHOICE_H
#define STATION_RUN_RUN_CHOICE_H

#include "db/desk/work.h"
#include "station/print/text.h"

struct run;
struct job;

/* Who makes it, by which door, and how far work.h went with it. */
struct run_asker {
    enum work_door door;
    const char *pin, *reason;    /* NULL or "": none */
    enum work_action asked;      /* the last that was put; WORK_ACTION_COUNT: none was */
    struct work_receipt receipt; /* of the last that was done */
};

struct run_choice {
    const char *operator_id, *lot; /* NULL: as it is */
    const char *log_out; /* why nobody works here from now on: "asked", "idle"; NULL: it is not that */
    struct job *job;     /* NULL: as it is. It is the run's when 0 is returned, else the caller's */
    bool may_open;       /* a lot that is new */
};

/* The job of that name, read and checked: a second. NULL: *f, FAIL_WORK with an English sentence to be translated where there is none. */
struct job *run_load_job(const char *name, struct failure *f);

/* What stands in the way of another job, and how it is said; the second with the slot's number. */
enum tray_state { TRAY_FREE, TRAY_RUNS, TRAY_HAS_BOARD };
#define TRAY_RUNS_WORDS      N_("Boards are being flashed. Wait until they are done.")
#define TRAY_HAS_BOARD_WORDS N_("Take the finished boards off first: one stands on slot %d.")

/*
 * 0: it stands, another job (and the lot that was chosen with it) for every board that begins from now on: no more begin with the
 * old one, and the run starts again. 1: as 0 where the lot was new and `may_open`, and was opened; without `may_open` nothing was
 * done. -1: *f as the rules and work_do() fill it, or FAIL_WORK for a tray that is not free (sys EBUSY) and
 * a run that is not ready for it (EAGAIN); nothing was done.
 */
int run_choose(struct run *run, struct run_asker *asker, const struct run_choice *choice, struct failure *f);

/* Is anything flashed, or does a finished board stand in a slot (*slot)? */
enum tray_state run_tray_state(struct run *run, int *slot);

/* From here on the control socket may choose, too; before, and after the last round, it is told to ask again. */
void run_choice_open(struct run *run);
/* Every slot has ended. Is there another round, with the job that was chosen? `may`: nobody asked for the end. */
bool run_goes_on(struct run *run, bool may);
/* Is this the job that boards are flashed with from now on? Then there is nothing to choose. */
bool run_has_job(struct run *run, const struct job *job);

#endif /* STATION_RUN_RUN_CHOICE_H */
