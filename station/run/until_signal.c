/* SPDX-License-Identifier: Apache-2.0 */
#include "station/run/until_signal.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

#include "station/print/signals.h"

struct until_signal {
    int signal_fd;
    struct waker *cancel, *end;
    pthread_mutex_t lock; /* for the next, and that cancel is raised before it is set or never */
    bool committed;       /* guarded by lock */
    pthread_t thread;
    bool running;
};

static void *watch(void *arg)
{
    struct until_signal *u = arg;
    struct pollfd p[] = {{.fd = u->signal_fd, .events = POLLIN}, {.fd = waker_fd(u->end), .events = POLLIN}};

    while (poll(p, 2, -1) < 0 && errno == EINTR)
        continue;
    pthread_mutex_lock(&u->lock);
    if (p[0].revents != 0 && !u->committed)
        waker_raise(u->cancel);
    pthread_mutex_unlock(&u->lock);
    return NULL;
}

struct until_signal *until_signal_new(void)
{
    struct until_signal *u = calloc(1, sizeof *u);

    if (u == NULL)
        return NULL;
    pthread_mutex_init(&u->lock, NULL);
    u->signal_fd = signals_open(false);
    u->cancel = waker_new();
    u->end = waker_new();
    u->running = u->signal_fd >= 0 && u->cancel != NULL && u->end != NULL &&
                 pthread_create(&u->thread, NULL, watch, u) == 0;
    if (u->running)
        return u;
    until_signal_free(u);
    return NULL;
}

void until_signal_free(struct until_signal *u)
{
    if (u == NULL)
        return;
    if (u->running) {
        waker_raise(u->end);
        pthread_join(u->thread, NULL);
    }
    waker_free(u->cancel);
    waker_free(u->end);
    if (u->signal_fd >= 0)
        close(u->signal_fd);
    pthread_mutex_destroy(&u->lock);
    free(u);
}

const struct waker *until_signal_waker(const struct until_signal *u)
{
    return u->cancel;
}

bool until_signal_commit(struct until_signal *u)
{
    pthread_mutex_lock(&u->lock);
    bool free_way = !waker_raised(u->cancel);
    u->committed = free_way;
    pthread_mutex_unlock(&u->lock);
    return free_way;
}
