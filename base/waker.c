/* SPDX-License-Identifier: Apache-2.0 */
#include "base/waker.h"

#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

struct waker {
    int fd;
    atomic_bool raised;
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
    atomic_init(&w->raised, false);
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

    atomic_store(&w->raised, true);
    /* A full counter is as readable as a written one, so EAGAIN loses nothing. */
    ssize_t ignored = write(w->fd, &one, sizeof one);
    (void)ignored;
}

bool waker_raised(const struct waker *w)
{
    return atomic_load(&w->raised);
}

void waker_clear(struct waker *w)
{
    uint64_t count;

    atomic_store(&w->raised, false);
    ssize_t ignored = read(w->fd, &count, sizeof count);
    (void)ignored;
}

int waker_fd(const struct waker *w)
{
    return w->fd;
}
