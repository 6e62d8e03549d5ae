/* SPDX-License-Identifier: Apache-2.0 */
/*
 * esp_connect - from "a port is open" to "the loader has answered SYNC", and what it means when it does not.
 */
#ifndef ENGINE_CHIP_ESP_CONNECT_H
#define ENGINE_CHIP_ESP_CONNECT_H

#include "profiles/job/job.h"

#define CONNECT_ROUNDS 7 /* Espressif's own client tries as often */

struct esp_loader;
struct failure;
struct transport;
struct waker;

struct connect_config {
    enum reset_method reset;
    const char *reset_custom;
    const char *
        boot_pin; /* low at a reset that shall end in the bootloader, as the boards' maker calls it; NULL: not known */
    const struct waker *cancel;
    int rounds;
    int first_round; /* so that tries one by one take all reset sequences in turn */
    int round;       /* the one that ran last: of a chip that answers, the reset that this board needs */
    /* Also asked at this rate where reset is not wired (0: no): a loader left behind by an earlier session. */
    uint32_t other_baud;
};

/* The chip can be put into its bootloader from here: a reset is wired and the port has lines. */
bool connect_can_reset(const struct connect_config *c, const struct transport *t);
/* c->round is kept. 0: the loader answers (transport_baud() tells at which rate). Else -1 with a 1xx or 2xx failure of STAGE_CONNECT. */
int connect_run(struct esp_loader *l, struct connect_config *c, struct failure *f);

#endif /* ENGINE_CHIP_ESP_CONNECT_H */
