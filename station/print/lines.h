/* SPDX-License-Identifier: Apache-2.0 */
/*
 * lines - what a run says, line by line, to a reader who may stop reading: nobody waits for him.
 *
 * Lines that he does not take wait here, the newest of them: where there are more than there is room for, the oldest go,
 * and when he reads again he is told how many. A line that was begun is finished, and on a pipe lines up to PIPE_BUF
 * come whole or not at all. One thread.
 */
#ifndef STATION_PRINT_LINES_H
#define STATION_PRINT_LINES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#define LINES_ROOM (8u << 20) /* bytes: hours of a full tray's talk */

struct lines;

/* `fd` is borrowed. `json`: the note on dropped lines is one too (docs/json.md). NULL: no memory. Caller: lines_free(). */
struct lines *lines_new(int fd, bool json, size_t room);
void lines_free(struct lines *l); /* what waits is lost. NULL is fine */

/* Write here, and fflush() after each line: an error is the reader's end, or a full disk. Owned by `l`. */
FILE *lines_stream(struct lines *l);
/* To poll for POLLOUT; -1: nothing waits. */
int lines_fd(const struct lines *l);
/* When it can be written. 0, or -errno: as the stream's errors, and for good. */
int lines_push(struct lines *l);

/*
 * The end of a run: waits until the reader has everything; with `patience_ms` >= 0 until he has taken nothing for that
 * long, and never past a signal on `signal_fd` (signals_open()). Returns the number of lines that he was not given and
 * not told of.
 */
long lines_finish(struct lines *l, int signal_fd, int patience_ms);

#endif /* STATION_PRINT_LINES_H */
