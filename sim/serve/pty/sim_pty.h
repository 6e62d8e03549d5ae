/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sim_pty - virtual boards behind pseudo terminals, in real time, in one thread.
 *
 * A pty has no modem lines, so a board cannot see DTR and RTS: it stands in its bootloader, and whenever its pty is
 * opened anew it is restarted there (a tool can be run many times). The rate that the client sets is seen.
 *
 * With `lines` somebody beside the client tells its lines on a local socket, a datagram "/dev/pts/7 1 0" for each change (DTR,
 * RTS; 1: asserted): then a board that is opened starts as one that was just put on, and is reset by its lines.
 */
#ifndef SIM_SERVE_PTY_SIM_PTY_H
#define SIM_SERVE_PTY_SIM_PTY_H

#include "sim/board/sim_tray.h"

struct sim_pty;

struct sim_pty_config {
    struct sim_tray *tray; /* borrowed, outlives the server */
    int boards;            /* 1.., at most what the tray holds */
    const char *link;  /* NULL, or a prefix: LINK1, LINK2 .. become symbolic links to the ptys; borrowed */
    const char *lines; /* NULL, or where the socket for lines is made; removed at the end; borrowed */
    int stop_fd;       /* readable: stop serving */
};

/* Caller owns: sim_pty_free(). NULL: `error` says why. */
struct sim_pty *sim_pty_new(const struct sim_pty_config *config, char error[static 160]);
void sim_pty_free(struct sim_pty *s);                          /* NULL is fine; removes the links it made */
const char *sim_pty_path(const struct sim_pty *s, int number); /* of the slave; borrowed */
/* Serves until stop_fd is readable. 0 or a negative errno. */
int sim_pty_serve(struct sim_pty *s);

#endif /* SIM_SERVE_PTY_SIM_PTY_H */
