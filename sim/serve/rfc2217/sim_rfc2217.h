/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sim_rfc2217 - virtual boards on TCP ports, in real time, in one thread: RFC 2217, so that DTR, RTS, rate and purge of
 * a client reach the board. One client a board at a time; another one is turned away.
 */
#ifndef SIM_SERVE_RFC2217_SIM_RFC2217_H
#define SIM_SERVE_RFC2217_SIM_RFC2217_H

#include "sim/board/sim_tray.h"

struct sim_rfc2217;

struct sim_rfc2217_config {
    struct sim_tray *tray; /* borrowed, outlives the server */
    int boards;            /* 1.., at most what the tray holds */
    const char *
        address; /* numeric; NULL: 127.0.0.1 and nobody else. Another one lets anybody in: no passwords here */
    uint16_t port; /* of board 1, the others follow; 0: any free one for each */
    int stop_fd;   /* readable: stop serving */
};

/* Caller owns: sim_rfc2217_free(). NULL: `error` says why. Listens on return. */
struct sim_rfc2217 *sim_rfc2217_new(const struct sim_rfc2217_config *config, char error[static 160]);
void sim_rfc2217_free(struct sim_rfc2217 *s);                       /* NULL is fine */
uint16_t sim_rfc2217_port(const struct sim_rfc2217 *s, int number); /* board 1.. */
/* Serves until stop_fd is readable. 0 or a negative errno. */
int sim_rfc2217_serve(struct sim_rfc2217 *s);

#endif /* SIM_SERVE_RFC2217_SIM_RFC2217_H */
