/* SPDX-License-Identifier: Apache-2.0 */
#include "sim/serve/ftdi/sim_ftdi_line.h"

#include <stdlib.h>
#include <string.h>

#include "sim/board/sim_board.h"

#define ECHO_SIZE     (64u * 1024u) /* far more than any chip's buffer: a full one drops the newest bytes */
#define BITS_PER_BYTE 10            /* start, eight, stop */

struct sim_ftdi_echo {
    uint32_t baud;
    int64_t sent_at;
    size_t head, count;
    uint8_t bytes[ECHO_SIZE];
    int64_t due[ECHO_SIZE]; /* when each byte has arrived */
};

struct sim_ftdi_echo *sim_ftdi_echo_new(void)
{
    struct sim_ftdi_echo *e = calloc(1, sizeof *e);

    if (e != NULL)
        e->baud = 9600;
    return e;
}

void sim_ftdi_echo_free(struct sim_ftdi_echo *e)
{
    free(e);
}

static void echo_set_baud(void *ctx, uint32_t baud, int64_t now_us)
{
    struct sim_ftdi_echo *e = ctx;

    (void)now_us;
    e->baud = baud > 0 ? baud : 1;
}

static void echo_set_lines(void *ctx, bool dtr, bool rts, int64_t now_us)
{
    (void)ctx;
    (void)dtr;
    (void)rts;
    (void)now_us;
}

static int64_t line_time(const struct sim_ftdi_echo *e, size_t len)
{
    return (int64_t)(len * BITS_PER_BYTE * 1000000u / e->baud);
}

static void open_send(void *ctx, const uint8_t *bytes, size_t len, int64_t now_us)
{
    struct sim_ftdi_echo *e = ctx;

    (void)bytes;
    e->sent_at = (e->sent_at > now_us ? e->sent_at : now_us) + line_time(e, len);
}

static void echo_send(void *ctx, const uint8_t *bytes, size_t len, int64_t now_us)
{
    struct sim_ftdi_echo *e = ctx;
    int64_t start = e->sent_at > now_us ? e->sent_at : now_us;

    for (size_t i = 0; i < len && e->count < ECHO_SIZE; i++) {
        size_t at = (e->head + e->count++) % ECHO_SIZE;
        e->bytes[at] = bytes[i];
        e->due[at] = start + line_time(e, i + 1);
    }
    e->sent_at = start + line_time(e, len);
}

static int64_t echo_sent_at(void *ctx)
{
    return ((struct sim_ftdi_echo *)ctx)->sent_at;
}

static size_t echo_receive(void *ctx, uint8_t *buf, size_t len, int64_t now_us)
{
    struct sim_ftdi_echo *e = ctx;
    size_t n = 0;

    while (n < len && e->count > 0 && e->due[e->head] <= now_us) {
        buf[n++] = e->bytes[e->head];
        e->head = (e->head + 1) % ECHO_SIZE;
        e->count--;
    }
    return n;
}

static int64_t echo_next(void *ctx)
{
    const struct sim_ftdi_echo *e = ctx;

    return e->count > 0 ? e->due[e->head] : INT64_MAX;
}

struct sim_ftdi_line sim_ftdi_line_echo(struct sim_ftdi_echo *e)
{
    return (struct sim_ftdi_line){
        .ctx = e,
        .set_baud = echo_set_baud,
        .set_lines = echo_set_lines,
        .send = echo_send,
        .sent_at = echo_sent_at,
        .receive = echo_receive,
        .next = echo_next,
    };
}

struct sim_ftdi_line sim_ftdi_line_open(struct sim_ftdi_echo *e)
{
    struct sim_ftdi_line line = sim_ftdi_line_echo(e);

    line.send = open_send;
    return line;
}

/* A virtual board as a line. */

static void board_set_baud(void *ctx, uint32_t baud, int64_t now_us)
{
    sim_board_set_baud(ctx, baud, now_us);
}

static void board_set_lines(void *ctx, bool dtr, bool rts, int64_t now_us)
{
    sim_board_set_lines(ctx, dtr, rts, now_us);
}

static void board_send(void *ctx, const uint8_t *bytes, size_t len, int64_t now_us)
{
    sim_board_send(ctx, bytes, len, now_us);
}

static int64_t board_sent_at(void *ctx)
{
    return sim_board_sent_at(ctx);
}

static size_t board_receive(void *ctx, uint8_t *buf, size_t len, int64_t now_us)
{
    return sim_board_receive(ctx, buf, len, now_us);
}

static int64_t board_next(void *ctx)
{
    return sim_board_next(ctx);
}

struct sim_ftdi_line sim_ftdi_line_board(struct sim_board *board)
{
    return (struct sim_ftdi_line){
        .ctx = board,
        .set_baud = board_set_baud,
        .set_lines = board_set_lines,
        .send = board_send,
        .sent_at = board_sent_at,
        .receive = board_receive,
        .next = board_next,
    };
}
