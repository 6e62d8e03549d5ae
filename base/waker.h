/* SPDX-License-Identifier: Apache-2.0 */
/*
 * waker - "stop waiting": an eventfd and a flag that any thread may raise.
 *
 * Whoever blocks puts waker_fd() in its poll set; nobody polls in slices. Raising is sticky until waker_clear().
 * A raise that meets a clear is cleared as if it had come before, or stays as if after: flag and descriptor agree.
 * Threads: waker_raise() and waker_raised() from any thread and from a signal handler; the rest from the owner.
 */
#ifndef BASE_WAKER_H
#define BASE_WAKER_H

#include <stdbool.h>

struct waker;

struct waker *waker_new(void);    /* caller owns: waker_free(). NULL: out of memory or descriptors */
void waker_free(struct waker *w); /* NULL is fine */
void waker_raise(struct waker *w);
bool waker_raised(const struct waker *w);
void waker_clear(struct waker *w);
int waker_fd(const struct waker *w); /* borrowed; readable while raised */

#endif /* BASE_WAKER_H */
