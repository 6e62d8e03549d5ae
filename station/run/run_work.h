/* SPDX-License-Identifier: Apache-2.0 */
/*
 * run_work - the screen's wishes about work (job, lot, badge, stops), put to db/desk/work.h, which decides and audits;
 * a serial, and a lot that is already open, go to db/desk/duty.h.
 * The screen's thread only.
 */
#ifndef STATION_RUN_RUN_WORK_H
#define STATION_RUN_RUN_WORK_H

#include "station/screen/desk.h"

struct run;
struct run_work;

/* `run` is borrowed. NULL: no memory. Caller owns: run_work_free(). */
struct run_work *run_work_new(struct run *run);
void run_work_free(struct run_work *w); /* NULL is fine */

#define RUN_WORK_KNOWS (DESK_BIT(DESK_JOBS) | DESK_BIT(DESK_LOTS))
#define RUN_WORK_TAKES                                                                              \
    (DESK_BIT(DESK_JOB) | DESK_BIT(DESK_LOT) | DESK_BIT(DESK_EXTEND) | DESK_BIT(DESK_LOG_IN) |      \
     DESK_BIT(DESK_LOG_OUT) | DESK_BIT(DESK_SLOT) | DESK_BIT(DESK_UNLOCK) | DESK_BIT(DESK_SERIAL) | \
     DESK_BIT(DESK_PIN) | DESK_BIT(DESK_SCAN) | DESK_BIT(DESK_CHOOSE) | DESK_BIT(DESK_TAKE_BACK))

/* As desk.ask and desk.act, for these. */
int run_work_ask(struct run_work *w, const struct desk_query *query, union desk_answer out);
enum desk_outcome run_work_act(struct run_work *w, const struct desk_act *act,
                               char why[static DESK_WHY_SIZE]);
/* A board ended: somebody is at work, the badge stays. */
void run_work_active(struct run_work *w);
/* Lot progress, who is logged in, about once a second; logs out whoever has been idle too long. */
void run_work_update(struct run_work *w, struct desk_station *io);
/* The next update fills in everything. */
void run_work_refresh(struct run_work *w);

#endif /* STATION_RUN_RUN_WORK_H */
