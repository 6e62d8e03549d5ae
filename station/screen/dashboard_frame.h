/* SPDX-License-Identifier: Apache-2.0 */
/*
 * dashboard_frame - gathers what ncurses writes and sends it to the terminal in one piece: no half-drawn screen.
 *
 * ncurses 6.4 flushes at every move of the cursor: hundreds of writes a frame, and whoever looks in between sees half
 * of it. Here it writes into memory, and frame_send() makes one write(2) of that, where the terminal knows it as one
 * synchronised update. A terminal that takes nothing (stopped, its window hung) is not waited for: what it has not
 * taken waits, and as long as it does no other frame is to be drawn. ncurses then draws the newest state over what it
 * knows to be on its way. One thread.
 */
#ifndef STATION_SCREEN_DASHBOARD_FRAME_H
#define STATION_SCREEN_DASHBOARD_FRAME_H

#include <stddef.h>
#include <stdbool.h>
#include <stdio.h>

struct outlet;

#define FRAME_MARK_SIZE 32

struct frame {
    FILE *out;             /* for newterm(); owned */
    struct outlet *outlet; /* where frames go */
    int memory;            /* what was gathered; -1: no memory file to be had, ncurses writes for itself */
    char *bytes;           /* grows to the largest frame */
    size_t size;
    char begin[FRAME_MARK_SIZE],
        end[FRAME_MARK_SIZE]; /* of a synchronised update; "": the terminal has none */
};

/* 0 or -errno. `out` is the terminal itself until frame_gather(): ncurses asks it for its modes. */
int frame_open(struct frame *f, int tty);
/* After newterm() and the setting of modes. */
void frame_gather(struct frame *f);
/* Also after a lost terminal: what cannot be written is dropped, the next poll of the terminal tells. */
void frame_send(struct frame *f);
bool frame_waits(
    const struct frame *f); /* not all of it is out: poll frame_fd() for POLLOUT, then frame_push() */
void frame_push(struct frame *f);
int frame_fd(const struct frame *f); /* non-blocking */
/* What was gathered and not sent is dropped. After endwin() and delscreen(). */
void frame_close(struct frame *f);

#endif /* STATION_SCREEN_DASHBOARD_FRAME_H */
