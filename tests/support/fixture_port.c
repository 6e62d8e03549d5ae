/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/support/fixture_port.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "engine/port/presence_line.h"

#define TICK_US 50000 /* how often the script gets its turn */

struct port {
    struct fixture *f;
    struct transport_env env;
    void *inner; /* the sim: port of the board behind it; NULL: none */
    int inner_board;
    uint32_t baud;
    int press; /* 1: reset, 2: with the boot wire */
};

void fixture_put(struct fixture *f, int board)
{
    f->board = board;
}

void fixture_press_reset(struct fixture *f, bool boot_wire)
{
    /* Only while no port steps the board: the fixture closes and opens it around. */
    f->board = -f->board - (boot_wire ? 1000 : 0);
}

static void close_inner(struct port *p)
{
    if (p->inner != NULL)
        sim_driver.close(p->inner);
    p->inner = NULL;
    p->inner_board = 0;
}

static void press(struct port *p)
{
    bool boot_wire = p->f->board <= -1000;
    int board = -(p->f->board + (boot_wire ? 1000 : 0));

    close_inner(p);
    struct sim_board *b = sim_tray_board(p->f->tray, board);
    sim_board_button(b, boot_wire, sim_board_sent_at(b) + 1000000); /* powered up long ago */
    p->f->board = board;
}

/* Makes the port follow the hands of the operator. 0, or -ENODEV. */
static int follow(struct port *p)
{
    char name[16], detail[TRANSPORT_DETAIL_SIZE];

    if (p->f->script != NULL)
        p->f->script(p->f, clock_now_us(p->env.clock));
    if (p->f->unplugged)
        return -ENODEV;
    if (p->f->board < 0)
        press(p);
    if (p->inner_board == p->f->board)
        return 0;
    close_inner(p);
    if (p->f->board == 0)
        return 0;
    snprintf(name, sizeof name, "%d", p->f->board);
    if (sim_driver.open(&p->inner, p->f->tray, name, &p->env, detail) < 0)
        return -ENODEV;
    p->inner_board = p->f->board;
    return sim_driver.set_baud(p->inner, p->baud, NULL);
}

static int fixture_open(void **out, void *ctx, const char *name, const struct transport_env *env,
                        char detail[TRANSPORT_DETAIL_SIZE])
{
    struct fixture *f = ctx;

    (void)name;
    if (f->script != NULL)
        f->script(f, clock_now_us(env->clock));
    if (f->unplugged) {
        snprintf(detail, TRANSPORT_DETAIL_SIZE, "unplugged");
        return -ENODEV;
    }
    struct port *p = calloc(1, sizeof *p);
    if (p == NULL)
        return -ENOMEM;
    *p = (struct port){.f = f, .env = *env, .baud = 115200};
    f->opened++;
    *out = p;
    return 0;
}

static void fixture_close(void *port)
{
    close_inner(port);
    free(port);
}

static ssize_t fixture_read(void *port, void *buf, size_t len, int64_t deadline_us)
{
    struct port *p = port;

    for (;;) {
        int rc = follow(p);
        if (rc < 0)
            return rc;
        int64_t now = clock_now_us(p->env.clock);
        int64_t until = deadline_us - now > TICK_US ? now + TICK_US : deadline_us;
        ssize_t n = 0;
        if (p->inner != NULL)
            n = sim_driver.read(p->inner, buf, len, until);
        else
            n = clock_wait_until(p->env.clock, until, p->env.cancel);
        if (n != 0 || clock_now_us(p->env.clock) >= deadline_us)
            return n;
    }
}

static int fixture_write(void *port, const void *buf, size_t len, int64_t deadline_us)
{
    struct port *p = port;
    int rc = follow(p);

    p->f->writes++;
    if (rc < 0 || p->inner == NULL)
        return rc < 0 ? rc : clock_wait_until(p->env.clock, clock_after(p->env.clock, 1000), p->env.cancel);
    return sim_driver.write(p->inner, buf, len, deadline_us);
}

static int fixture_set_baud(void *port, uint32_t baud, uint32_t *actual)
{
    struct port *p = port;

    p->baud = baud;
    if (actual != NULL)
        *actual = baud;
    int rc = follow(p);
    return rc < 0 || p->inner == NULL ? rc : sim_driver.set_baud(p->inner, baud, NULL);
}

static int fixture_set_lines(void *port, bool dtr, bool rts)
{
    struct port *p = port;
    int rc = follow(p);

    p->f->resets++;
    if (p->f->no_lines)
        return -ENOTSUP;
    return rc < 0 || p->inner == NULL ? rc : sim_driver.set_lines(p->inner, dtr, rts);
}

static int fixture_flush_input(void *port)
{
    struct port *p = port;
    int rc = follow(p);

    return rc < 0 || p->inner == NULL ? rc : sim_driver.flush_input(p->inner);
}

static int fixture_wait_modem(void *port, uint8_t mask, uint8_t was, int64_t deadline_us)
{
    struct port *p = port;

    for (;;) {
        int rc = follow(p);
        if (rc == 0 && !p->f->has_switch)
            rc = -ENOTSUP;
        uint8_t now = p->f->closed ? MODEM_DSR : 0;
        int64_t at = clock_now_us(p->env.clock);
        if (rc < 0 || (now & mask) != was || at >= deadline_us)
            return rc < 0 ? rc : now;
        rc = clock_wait_until(p->env.clock, deadline_us - at > TICK_US ? at + TICK_US : deadline_us,
                              p->env.cancel);
        if (rc < 0)
            return rc;
    }
}

static int fixture_wait_present(void *ctx, const char *name, int64_t deadline_us,
                                const struct transport_env *env)
{
    struct fixture *f = ctx;

    (void)name;
    while (f->unplugged) {
        if (clock_now_us(env->clock) >= deadline_us)
            return -ETIMEDOUT;
        int rc = clock_wait_until(env->clock, clock_after(env->clock, TICK_US), env->cancel);
        if (rc < 0)
            return rc;
        f->script(f, clock_now_us(env->clock));
    }
    return 0;
}

const struct transport_driver fixture_driver = {
    .scheme = "fix",
    .open = fixture_open,
    .close = fixture_close,
    .read = fixture_read,
    .write = fixture_write,
    .set_baud = fixture_set_baud,
    .set_lines = fixture_set_lines,
    .flush_input = fixture_flush_input,
    .wait_modem = fixture_wait_modem,
    .wait_present = fixture_wait_present,
};
