/* SPDX-License-Identifier: Apache-2.0 */
/*
 * gallery - where others look at a run: each gets the state of the whole tray, then what happens, as lines of JSON (docs/json.md,
 * "flashline attach"). Screens that are attached, and programmes.
 *
 * The station waits for none of them. A guest that does not read gets no more lines than there is room for; when he reads again he is
 * told how many he missed, and has the whole state anew. Without guests a line costs one look at a counter.
 *
 * A thread of its own serves them, from the first one on. One of them may have the work: his process's acts are taken
 * (station/run/far_desk.h).
 */
#ifndef STATION_RUN_GALLERY_H
#define STATION_RUN_GALLERY_H

#include <stdbool.h>
#include <stdio.h>
#include <sys/types.h>

struct failure;
struct gallery;
struct run;

#define GALLERY_GUESTS 16

/* `run` is borrowed; its records are open. NULL: no memory. Caller owns: gallery_free(). */
struct gallery *gallery_new(struct run *run);
/* What was said last reaches who reads; nobody else is waited for. After the control socket is gone. NULL is fine. */
void gallery_free(struct gallery *g);

/* The control thread's. Takes `fd` (non-blocking, of process `pid`) where it returns 0; -1: *f, the house is full. */
int gallery_take(struct gallery *g, int fd, pid_t pid, struct failure *f);
/* This process acts from now on, or (`on` false) only looks. -1: *f, it does not look here, or another has the work. Any thread. */
int gallery_work(struct gallery *g, pid_t pid, bool on, struct failure *f);
pid_t gallery_worker(struct gallery *g); /* 0: nobody of the guests has the work. Any thread */

/* A stream for whole lines, or NULL: nobody looks, and there is no gallery_end(). The main thread's. */
FILE *gallery_begin(struct gallery *g);
void gallery_end(struct gallery *g);

#endif /* STATION_RUN_GALLERY_H */
