/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fixture_port - an adapter that stays plugged in while boards of a tray come and go behind it, or that is itself
 * pulled. Driver "fix:"; a test's script runs in the worker's calls, in the worker's clock, so nothing races.
 */
#ifndef TESTS_SUPPORT_FIXTURE_PORT_H
#define TESTS_SUPPORT_FIXTURE_PORT_H

#include "sim/board/sim_tray.h"

struct fixture {
    struct sim_tray *tray;
    bool no_lines;                                     /* an adapter without modem lines */
    void (*script)(struct fixture *f, int64_t now_us); /* may call the functions below */
    void *script_ctx;
    int board;               /* in the fixture now; 0: none */
    bool unplugged;          /* the adapter itself is gone */
    int opened;              /* how often the port was opened */
    int resets;              /* how often the modem lines were set */
    int writes;              /* how often anything was sent */
    bool has_switch, closed; /* a presence switch on DSR, and what it says */
};

void fixture_put(struct fixture *f, int board); /* 0: takes it away */
void fixture_press_reset(struct fixture *f, bool boot_wire);

extern const struct transport_driver fixture_driver; /* its ctx is the struct fixture */

#endif /* TESTS_SUPPORT_FIXTURE_PORT_H */
