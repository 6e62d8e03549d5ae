/* SPDX-License-Identifier: Apache-2.0 */
/*
 * session - a slot's port and the chip's loader behind it, from opening to closing. A board without reset wiring gives
 * one bootloader session per reset, so whoever found the board hands the same session to the attempt.
 * One thread; plain data so that its few users can look inside.
 */
#ifndef ENGINE_BOARD_SESSION_H
#define ENGINE_BOARD_SESSION_H

#include "engine/chip/esp_connect.h"
#include "engine/port/presence_line.h"
#include "engine/port/transport.h"

struct esp_loader;

/* What an attempt's line was like. */
struct session_line {
    uint32_t tried; /* the highest rate that the chip was told; 0: none */
    uint32_t used;  /* the last one; lower where the line did not bear the others */
    unsigned lost;  /* times that something had to be started over, or a rate was not answered at */
};

struct session {
    /* Set by the owner. */
    const struct transport_binding *bindings;
    const char *uri;
    struct transport_env env;
    struct connect_config connect;
    struct presence_line
        presence;  /* while this switch says that nothing lies there, nothing is reset or asked */
    uint32_t baud; /* to work at, below the job's maximum; 0: that */
    /* NULL while closed. */
    struct transport *port;
    struct esp_loader *loader;
    bool answers;             /* the loader has answered SYNC since the last reset */
    bool used;                /* it has answered at all since the port was opened */
    struct session_line line; /* of the attempt that runs, or ran last */
};

/* 0, or -1 with a 1xx failure. An open session stays as it is. */
int session_open(struct session *s, struct failure *f);
void session_close(struct session *s);
/* The switch says at this moment that the slot is empty; false where there is none. The port is open. */
bool session_is_empty(const struct session *s);
/* An attempt begins: its line has no story yet. Returns the rate to try first, at most `max`. */
uint32_t session_begin_line(struct session *s, uint32_t max);
/* Reaches the bootloader within `rounds` tries. 0, or -1 with a 1xx or 2xx failure. */
int session_connect(struct session *s, int rounds, struct failure *f);
bool session_can_reset(const struct session *s);

#endif /* ENGINE_BOARD_SESSION_H */
