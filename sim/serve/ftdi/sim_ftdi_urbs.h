/* SPDX-License-Identifier: Apache-2.0 */
/* sim_ftdi_urbs - URBs of a virtual chip that wait, the oldest first. Who takes one out owns it. */
#ifndef SIM_SERVE_FTDI_SIM_FTDI_URBS_H
#define SIM_SERVE_FTDI_SIM_FTDI_URBS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct chip_urb {
    struct chip_urb *next;
    uint64_t tag;
    int status;
    int64_t due_us; /* OUT: when the chip has room for all of it */
    bool is_in;
    size_t len, actual;
    uint8_t data[]; /* IN only */
};

struct urb_queue {
    struct chip_urb *head, **tail;
    int count;
};

void urb_queue_init(struct urb_queue *q);
void urb_queue_push(struct urb_queue *q, struct chip_urb *u);
struct chip_urb *urb_queue_pop(struct urb_queue *q);                  /* NULL: none waits */
struct chip_urb *urb_queue_remove(struct urb_queue *q, uint64_t tag); /* NULL: not among them */
void urb_queue_clear(struct urb_queue *q);                            /* frees them */

#endif /* SIM_SERVE_FTDI_SIM_FTDI_URBS_H */
