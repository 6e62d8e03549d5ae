/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bent_port - a virtual board's port with a hand on the wire: driver "bent:" is "sim:" that shows each request to the test
 * before it goes out, as it stands and free to be changed. One thread.
 */
#ifndef TESTS_SUPPORT_BENT_PORT_H
#define TESTS_SUPPORT_BENT_PORT_H

#include "sim/board/sim_tray.h"

struct bent_port {
    struct sim_tray *tray;
    /* Each write, whole frames as the engine sends them; may change the bytes, not their number. May be NULL. */
    void (*on_request)(void *ctx, uint8_t op, uint8_t *bytes, size_t len);
    void *ctx;
    unsigned requests[256]; /* sent so far, by command */
    /* What the board answers from here to the next write, or to the next move of the lines, is never heard. */
    bool deaf;
    int gone;      /* < 0: the errno that each read and write ends with from here on */
    int opened;    /* times */
    bool dtr, rts; /* as last set */
    /* the port's own */
    void *inner;
    uint8_t bytes[0x9000];
};

extern const struct transport_driver bent_driver; /* its ctx is the struct bent_port */

#endif /* TESTS_SUPPORT_BENT_PORT_H */
