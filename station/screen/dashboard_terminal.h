/* SPDX-License-Identifier: Apache-2.0 */
/*
 * dashboard_terminal - takes the terminal and gives it back, also after a crash. One at a time in a process.
 */
#ifndef STATION_SCREEN_DASHBOARD_TERMINAL_H
#define STATION_SCREEN_DASHBOARD_TERMINAL_H

#include <stdbool.h>
#include <stddef.h>

/* 0, or -1 with *why: nothing was changed then. text_init() must have run, before any thread. */
int terminal_open(char *why, size_t why_size);
/* What was drawn since the last time goes out, in one piece. Not while terminal_waits(). */
void terminal_refresh(void);
/* The terminal has not taken the last frame yet: poll terminal_fd() for POLLOUT, then terminal_push(). */
bool terminal_waits(void);
int terminal_fd(void);
void terminal_push(void);
/*
 * Restores what terminal_open() found. `lost`: the terminal is gone, nothing is written to it. One that takes nothing
 * is given a second.
 */
void terminal_close(bool lost);
/* Asks the kernel for the size and tells ncurses. At least 1 x 1. */
void terminal_measure(int *rows, int *cols);

#endif /* STATION_SCREEN_DASHBOARD_TERMINAL_H */
