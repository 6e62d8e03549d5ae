/* SPDX-License-Identifier: Apache-2.0 */
/*
 * far_desk - what an attached screen does and asks, carried out by the run's main thread as its own screen's would be: the one rule of
 * work for both. The control thread puts it here and waits; the main thread takes it in its loop.
 *
 * Only who has the work of the gallery (station/run/gallery.h) is heard.
 */
#ifndef STATION_RUN_FAR_DESK_H
#define STATION_RUN_FAR_DESK_H

#include "station/screen/desk.h"

struct far_desk;
struct run;

struct far_desk *far_desk_new(void); /* NULL: no memory. Caller owns: far_desk_free() */
void far_desk_free(struct far_desk *d);

/* The control thread's: done when they return. False: the run ends, nobody is there to do it. */
bool far_desk_act(struct far_desk *d, const struct desk_act *act, enum desk_outcome *outcome,
                  char why[static DESK_WHY_SIZE]);
/* Rows filled, or a negative errno as desk.ask gives it. */
bool far_desk_ask(struct far_desk *d, const struct desk_query *query, struct desk_choice *out, int *count);

/* The main thread's. Readable while something waits. */
int far_desk_fd(const struct far_desk *d);
/* Takes what waits; `act` for the tray's own (DESK_GO_ON, DESK_DRAIN, DESK_ABORT), the rest is for the rules of work. */
void far_desk_turn(struct far_desk *d, struct run *run, void (*act)(void *ctx, const struct desk_act *act),
                   void *ctx);
/* From now on nothing is taken any more; who waits is told. */
void far_desk_close(struct far_desk *d);

#endif /* STATION_RUN_FAR_DESK_H */
