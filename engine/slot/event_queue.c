/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/slot/event_queue.h"

#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#define PROGRESS_LIMIT 256 /* events waiting beyond which progress is not worth queueing */

struct node {
    struct node *next;
    struct slot_event event;
};

struct event_queue {
    int fd; /* an eventfd's */

    pthread_mutex_t lock; /* what follows, and the count in fd */
    struct node *first, *last;
    size_t count;
    bool finished;
};

struct event_queue *event_queue_new(void)
{
    struct event_queue *q = calloc(1, sizeof *q);

    if (q == NULL)
        return NULL;
    q->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (q->fd < 0) {
        free(q);
        return NULL;
    }
    pthread_mutex_init(&q->lock, NULL);
    return q;
}

void event_queue_free(struct event_queue *q)
{
    if (q == NULL)
        return;
    while (q->first != NULL) {
        struct node *next = q->first->next;
        free(q->first);
        q->first = next;
    }
    pthread_mutex_destroy(&q->lock);
    close(q->fd);
    free(q);
}

/* The descriptor is readable exactly while an event waits or the queue is finished. */
static void make_readable(struct event_queue *q)
{
    const uint64_t one = 1;
    ssize_t ignored = write(q->fd, &one, sizeof one);

    (void)ignored;
}

static void make_quiet(struct event_queue *q)
{
    uint64_t count;
    ssize_t ignored = read(q->fd, &count, sizeof count);

    (void)ignored;
}

void event_queue_put(struct event_queue *q, const struct slot_event *event)
{
    struct node *n = malloc(sizeof *n);

    if (n == NULL)
        return;
    n->next = NULL;
    n->event = *event;
    pthread_mutex_lock(&q->lock);
    bool keep = event->kind != EVENT_PROGRESS || q->count < PROGRESS_LIMIT;
    if (keep) {
        if (q->last != NULL)
            q->last->next = n;
        else
            q->first = n;
        q->last = n;
        if (q->count++ == 0)
            make_readable(q);
    }
    pthread_mutex_unlock(&q->lock);
    if (!keep)
        free(n);
}

bool event_queue_take(struct event_queue *q, struct slot_event *out)
{
    pthread_mutex_lock(&q->lock);
    struct node *n = q->first;
    if (n != NULL) {
        q->first = n->next;
        if (q->first == NULL)
            q->last = NULL;
        if (--q->count == 0 && !q->finished)
            make_quiet(q);
    }
    pthread_mutex_unlock(&q->lock);
    if (n == NULL)
        return false;
    *out = n->event;
    free(n);
    return true;
}

void event_queue_finish(struct event_queue *q)
{
    pthread_mutex_lock(&q->lock);
    q->finished = true;
    make_readable(q);
    pthread_mutex_unlock(&q->lock);
}

int event_queue_fd(const struct event_queue *q)
{
    return q->fd;
}
