/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sim_usbip_conn - one USB/IP client as a state machine over bytes; and the bus of chips that clients choose from.
 *
 * No sockets: the server (or a fuzzer) feeds what arrived and sends what collects. Every length is checked before it is
 * used, and no buffer grows past USBIP_BACKLOG_MAX. One thread.
 */
#ifndef SIM_SERVE_USBIP_SIM_USBIP_CONN_H
#define SIM_SERVE_USBIP_SIM_USBIP_CONN_H

#include "sim/serve/ftdi/sim_ftdi_chip.h"

#define USBIP_BUS_PORTS   16
#define USBIP_BACKLOG_MAX (8u * 1024u * 1024u)

struct usbip_conn;

/* Port k of the bus (0..) is bus id "1-<k+1>". */
struct usbip_bus_port {
    struct sim_ftdi_chip *chip; /* borrowed */
    bool plugged;
    struct usbip_conn *user; /* who has imported it; NULL: nobody */
};

struct usbip_bus {
    struct usbip_bus_port ports[USBIP_BUS_PORTS];
    int count;
};

/* Caller owns: usbip_conn_free(). `bus` is borrowed. NULL: no memory. */
struct usbip_conn *usbip_conn_new(struct usbip_bus *bus);
/* Gives its chip back to the bus, powered off. NULL is fine. */
void usbip_conn_free(struct usbip_conn *c, int64_t now_us);

/* Takes what arrived. 0, or -EPROTO/-ENOMEM: close the connection. */
int usbip_conn_feed(struct usbip_conn *c, const uint8_t *bytes, size_t len, int64_t now_us);
/* Turns the chip's completions into replies. 0 or -ENOMEM. */
int usbip_conn_collect(struct usbip_conn *c, int64_t now_us);
/* What waits to be sent; usbip_conn_sent() forgets the first `len` of it. */
const uint8_t *usbip_conn_output(const struct usbip_conn *c, size_t *len);
void usbip_conn_sent(struct usbip_conn *c, size_t len);
/* True while the client should not be listened to: it does not read its replies. */
bool usbip_conn_is_choked(const struct usbip_conn *c);
/* True once all that was asked before the import has been answered and nothing more will come. */
bool usbip_conn_is_over(const struct usbip_conn *c);
int64_t usbip_conn_next(const struct usbip_conn *c); /* when to collect again; INT64_MAX: when bytes arrive */

#endif /* SIM_SERVE_USBIP_SIM_USBIP_CONN_H */
