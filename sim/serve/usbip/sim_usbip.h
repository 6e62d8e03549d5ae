/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sim_usbip - virtual FTDI chips served over USB/IP to `usbip attach`, from one poll loop.
 *
 * Chip k (0..) has the bus id 1-<k+1>. Listens on 127.0.0.1 unless told otherwise by name (QEMU's user network reaches
 * the loopback as 10.0.2.2). Commands may be given at run time as lines, see docs/usb.md; each is answered by lines, the
 * last one "ok" or "error: ...".
 * Threads: sim_usbip_serve() owns everything until it returns.
 */
#ifndef SIM_SERVE_USBIP_SIM_USBIP_H
#define SIM_SERVE_USBIP_SIM_USBIP_H

#include <stdbool.h>
#include <stdint.h>

#include "sim/serve/usbip/sim_usbip_bench.h"

struct sim_usbip;

struct sim_usbip_config {
    const char *bind_address;  /* NULL: 127.0.0.1 */
    uint16_t port;             /* 0: any free one, see sim_usbip_port() */
    const char *control;       /* "PORT" on 127.0.0.1 or the path of a unix socket; NULL: none */
    bool control_stdin;        /* also takes commands from stdin and answers on stdout */
    struct usbip_bench *bench; /* borrowed until sim_usbip_free() */
    int stop_fd;               /* borrowed: serving ends when it is readable; <= 0: only by "quit" */
};

/* Listening on return. Caller owns: sim_usbip_free(). NULL: `error` says why in one line. */
struct sim_usbip *sim_usbip_new(const struct sim_usbip_config *config, char error[static 160]);
uint16_t sim_usbip_port(const struct sim_usbip *s);
uint16_t sim_usbip_control_port(const struct sim_usbip *s); /* 0: none, or a unix socket */
/* Serves until stopped. 0 or a negative errno. */
int sim_usbip_serve(struct sim_usbip *s);
void sim_usbip_free(struct sim_usbip *s); /* NULL is fine */

#endif /* SIM_SERVE_USBIP_SIM_USBIP_H */
