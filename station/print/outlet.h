/* SPDX-License-Identifier: Apache-2.0 */
/*
 * outlet - bytes on their way to a terminal, a pipe or a file, which are never waited for: what the other side does not
 * take now waits here, and whoever owns the outlet polls for it beside everything else.
 *
 * The descriptor is opened anew where that can be done, so that O_NONBLOCK stays ours and is not the shell's, which
 * shares the terminal. A regular file is written at once. One thread.
 */
#ifndef STATION_PRINT_OUTLET_H
#define STATION_PRINT_OUTLET_H

#include <stdbool.h>
#include <stddef.h>

struct outlet;

/* `fd` is borrowed and stays open. NULL: out of memory. Caller owns: outlet_free(), which drops what waits. */
struct outlet *outlet_new(int fd);
void outlet_free(struct outlet *o); /* NULL is fine */

/*
 * Takes all of it. 0: it is out, or waits (outlet_waits()); -errno: the other side is gone, a disk is full, there is no
 * memory: nothing waits any more.
 */
int outlet_put(struct outlet *o, const void *bytes, size_t size);
/* Tries again: as outlet_put(). */
int outlet_push(struct outlet *o);
bool outlet_waits(const struct outlet *o);
size_t outlet_size(const struct outlet *o); /* bytes that wait */
/* To poll for POLLOUT, and to write to without waiting. */
int outlet_fd(const struct outlet *o);

#endif /* STATION_PRINT_OUTLET_H */
