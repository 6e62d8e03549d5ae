/* SPDX-License-Identifier: Apache-2.0 */
#include "base/waker.h"

#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

/*
 * `raised` counts what was raised and not cleared; the descriptor's counter is never ahead of it, and behind only while
 * a raise is between its two steps. A clear takes from both what the descriptor gave: so a raise that meets it is
 * cleared whole or stays whole. (A flag that is set and a descriptor that is emptied separately lose a wake-up.)
 */
struct waker {
    int fd;
    atomic_uint_fast64_t raised;
};

struct waker *waker_new(void)
{
    struct waker *w = calloc(1, sizeof *w);

    if (w == NULL)
        return NULL;
    w->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (w->fd < 0) {
        free(w);
        return NULL;
    }
    atomic_init(&w->raised, 0);
    return w;
}

void waker_free(struct waker *w)
{
    if (w == NULL)
        return;
    close(w->fd);
    free(w);
}

void waker_raise(struct waker *w)
{
    const uint64_t one = 1;

    atomic_fetch_add(&w->raised, 1);
    /* It cannot be full: that would take 2^64 raises. */
    ssize_t ignored = write(w->fd, &one, sizeof one);
    (void)ignored;
}

bool waker_raised(const struct waker *w)
{
    return atomic_load(&w->raised) != 0;
}

void waker_clear(struct waker *w)
{
    uint64_t count;

    if (read(w->fd, &count, sizeof count) == (ssize_t)sizeof count)
        atomic_fetch_sub(&w->raised, count);
}

int waker_fd(const struct waker *w)
{
    return w->fd;
}
