/* SPDX-License-Identifier: Apache-2.0 */
/*
 * run_work - the screen's wishes about work (job, lot, badge, stops, serials), put to db/desk/work.h, which decides and audits.
 * The screen's thread only.
 */
#ifndef STATION_RUN_WORK_H
#define STATION_RUN_WORK_H

#include "station/dashboard.h"

struct run;
struct run_work;

/* `run` is borrowed. NULL: no memory. Caller owns: run_work_free(). */
struct run_work *run_work_new(struct run *run);
void run_work_free(struct run_work *w);                               /* NULL is fine */
const struct dashboard_work *run_work_face(const struct run_work *w); /* borrowed */
/* A board ended: somebody is at work, the badge stays. */
/* The next update fills in everything. */
void run_work_refresh(struct run_work *w);
void run_work_active(struct run_work *w);
/* dashboard_config.update with ctx = w: lot progress, who is logged in; logs out whoever has been idle too long. */
void run_work_update(void *ctx, struct dashboard_station *io);

#endif /* STATION_RUN_WORK_H */
