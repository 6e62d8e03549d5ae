/* SPDX-License-Identifier: Apache-2.0 */
#include "sim/serve/ftdi/sim_ftdi_urbs.h"

#include <stdlib.h>

void urb_queue_init(struct urb_queue *q)
{
    q->head = NULL;
    q->tail = &q->head;
    q->count = 0;
}

void urb_queue_push(struct urb_queue *q, struct chip_urb *u)
{
    u->next = NULL;
    *q->tail = u;
    q->tail = &u->next;
    q->count++;
}

struct chip_urb *urb_queue_pop(struct urb_queue *q)
{
    struct chip_urb *u = q->head;

    if (u == NULL)
        return NULL;
    q->head = u->next;
    if (q->head == NULL)
        q->tail = &q->head;
    q->count--;
    return u;
}

struct chip_urb *urb_queue_remove(struct urb_queue *q, uint64_t tag)
{
    for (struct chip_urb **at = &q->head; *at != NULL; at = &(*at)->next) {
        struct chip_urb *u = *at;
        if (u->tag != tag)
            continue;
        *at = u->next;
        if (u->next == NULL)
            q->tail = at;
        q->count--;
        return u;
    }
    return NULL;
}

void urb_queue_clear(struct urb_queue *q)
{
    struct chip_urb *u;

    while ((u = urb_queue_pop(q)) != NULL)
        free(u);
}
