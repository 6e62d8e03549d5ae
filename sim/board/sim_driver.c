/* SPDX-License-Identifier: Apache-2.0 */
/* The transport driver "sim:N": steps the board in the caller's clock. Behaves like a cable with an FTDI adapter. */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "sim/board/sim_tray.h"

struct port {
    struct sim_board *board;
    struct transport_env env;
    int64_t
        shift_us; /* board time minus clock time: a board lives on from one opening, and one clock, to the next */
    int number;
    char serial[24];
};

#define REOPEN_GAP_US 1000000 /* board time that passes between two openings */

static int64_t board_now(const struct port *p)
{
    return clock_now_us(p->env.clock) + p->shift_us;
}

static int sim_open(void **out, void *ctx, const char *name, const struct transport_env *env,
                    char detail[TRANSPORT_DETAIL_SIZE])
{
    char *end;
    long number = strtol(name, &end, 10);
    struct sim_board *board = NULL;

    if (!isdigit((unsigned char)*name) || *end != '\0' || number < 1 || number > 1000000) {
        snprintf(detail, TRANSPORT_DETAIL_SIZE,
                 "a virtual board is named sim:N with N from 1, not 'sim:%.40s'", name);
        return -EINVAL;
    }
    board = ctx != NULL ? sim_tray_board(ctx, (int)number) : NULL;
    if (board == NULL || sim_board_is_gone(board)) {
        snprintf(detail, TRANSPORT_DETAIL_SIZE,
                 board == NULL ? "there is no virtual board %ld" : "virtual board %ld was unplugged", number);
        return -ENODEV;
    }
    struct port *p = calloc(1, sizeof *p);
    if (p == NULL)
        return -ENOMEM;
    *p = (struct port){.board = board, .env = *env, .number = (int)number};
    snprintf(p->serial, sizeof p->serial, "SIM%05ld", number);
    p->shift_us = sim_board_sent_at(board) + REOPEN_GAP_US - clock_now_us(env->clock);
    *out = p;
    return 0;
}

static void sim_close(void *port)
{
    free(port);
}

/* What a call must answer before it does anything; 0: go on. */
static int refusal(const struct port *p)
{
    if (p->env.cancel != NULL && waker_raised(p->env.cancel))
        return -ECANCELED;
    return sim_board_is_gone(p->board) ? -ENODEV : 0;
}

static ssize_t sim_read(void *port, void *buf, size_t len, int64_t deadline_us)
{
    struct port *p = port;

    for (;;) {
        size_t n = sim_board_receive(p->board, buf, len, board_now(p));
        int rc = refusal(p);
        if (rc < 0 || n > 0)
            return rc < 0 ? rc : (ssize_t)n;
        if (clock_now_us(p->env.clock) >= deadline_us)
            return 0;
        int64_t next = sim_board_next(p->board);
        if (next != SIM_NEVER)
            next -= p->shift_us;
        if (next == SIM_NEVER && deadline_us == CLOCK_NEVER && clock_is_virtual(p->env.clock))
            return -EIO; /* nothing can ever happen: a hang, were it not said */
        rc = clock_wait_until(p->env.clock, next < deadline_us ? next : deadline_us, p->env.cancel);
        if (rc < 0)
            return rc;
    }
}

static int sim_write(void *port, const void *buf, size_t len, int64_t deadline_us)
{
    struct port *p = port;
    int rc = refusal(p);

    if (rc < 0)
        return rc;
    sim_board_send(p->board, buf, len, board_now(p));
    int64_t done = sim_board_sent_at(p->board) - p->shift_us;
    rc = clock_wait_until(p->env.clock, done < deadline_us ? done : deadline_us, p->env.cancel);
    if (rc < 0)
        return rc;
    return done > deadline_us ? -ETIMEDOUT : sim_board_is_gone(p->board) ? -ENODEV : 0;
}

static int sim_set_baud(void *port, uint32_t baud, uint32_t *actual)
{
    struct port *p = port;

    if (baud < 300 || baud > 5000000)
        return -ERANGE;
    if (sim_board_is_gone(p->board))
        return -ENODEV;
    sim_board_set_baud(p->board, baud, board_now(p));
    if (actual != NULL)
        *actual = baud;
    return 0;
}

static int sim_set_lines(void *port, bool dtr, bool rts)
{
    struct port *p = port;

    if (sim_board_is_gone(p->board))
        return -ENODEV;
    sim_board_set_lines(p->board, dtr, rts, board_now(p));
    return 0;
}

static int sim_flush_input(void *port)
{
    struct port *p = port;
    uint8_t waste[512];

    while (sim_board_receive(p->board, waste, sizeof waste, board_now(p)) > 0)
        ;
    return sim_board_is_gone(p->board) ? -ENODEV : 0;
}

static const char *sim_serial(void *port)
{
    return ((const struct port *)port)->serial;
}

const struct transport_driver sim_driver = {
    .scheme = "sim",
    .open = sim_open,
    .close = sim_close,
    .read = sim_read,
    .write = sim_write,
    .set_baud = sim_set_baud,
    .set_lines = sim_set_lines,
    .flush_input = sim_flush_input,
    .serial = sim_serial,
};
