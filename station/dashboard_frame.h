/* SPDX-License-Identifier: Apache-2.0 */
/*
 * dashboard_frame - gathers what ncurses writes and sends it to the terminal in one piece: no half-drawn screen.
 *
 * ncurses 6.4 flushes at every move of the cursor: hundreds of writes a frame, and whoever looks in between sees half
 * of it. Here it writes into memory, and frame_send() makes one write(2) of that, where the terminal knows it as one
 * synchronised update. One thread.
 */
#ifndef STATION_DASHBOARD_FRAME_H
#define STATION_DASHBOARD_FRAME_H

#include <stddef.h>
#include <stdio.h>

#define FRAME_MARK_SIZE 32

struct frame {
    FILE *out;   /* for newterm(); owned */
    int tty;     /* where frames go */
    int memory;  /* what was gathered; -1: no memory file to be had, ncurses writes for itself */
    char *bytes; /* grows to the largest frame */
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
/* What was gathered and not sent is dropped. After endwin() and delscreen(). */
void frame_close(struct frame *f);

#endif /* STATION_DASHBOARD_FRAME_H */
