/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sim_usbip_bench - a bus of virtual FTDI chips with the boards of a tray behind their interfaces.
 *
 * Boards are numbered 1.. in the order of chips and interfaces: the order in which a person would teach the slots.
 * One thread at a time.
 */
#ifndef SIM_SERVE_USBIP_SIM_USBIP_BENCH_H
#define SIM_SERVE_USBIP_SIM_USBIP_BENCH_H

#include "sim/board/sim_tray.h"
#include "sim/serve/usbip/sim_usbip_conn.h"

struct usbip_bench;

struct usbip_bench_config {
    const char *chips; /* "ft4232h", "ft232r,ft230x,ft2232h": taken in turn until `ports` have an interface */
    int ports;         /* serial interfaces wanted, 1..; a chip's interfaces beyond them lead nowhere */
    struct sim_tray *tray;   /* `ports` boards, borrowed; NULL: TXD is wired to RXD everywhere */
    bool ignores_event_char; /* all chips */
    int64_t now_us;
};

/* Caller owns: usbip_bench_free(). NULL: `error` says why in one line. */
struct usbip_bench *usbip_bench_new(const struct usbip_bench_config *config, char error[static 160]);
void usbip_bench_free(struct usbip_bench *b); /* NULL is fine */
struct usbip_bus *usbip_bench_bus(struct usbip_bench *b);
struct sim_tray *usbip_bench_tray(struct usbip_bench *b); /* NULL: echoes */
int64_t usbip_bench_started_us(const struct usbip_bench *b);
/* The board behind an interface of a bus port (both 0..), or 0. */
int usbip_bench_board(const struct usbip_bench *b, int port, int interface);
/* Puts a fresh board there. 0, -ENOENT (no board), -ENOMEM. */
int usbip_bench_exchange(struct usbip_bench *b, int port, int interface, int64_t now_us);
/* The bus port of a board that has pulled its own plug, or -1. */
int usbip_bench_find_gone(const struct usbip_bench *b);

#endif /* SIM_SERVE_USBIP_SIM_USBIP_BENCH_H */
