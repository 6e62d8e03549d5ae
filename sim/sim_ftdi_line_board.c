/* SPDX-License-Identifier: Apache-2.0 */
/* A virtual board as a chip's line. Apart from the other lines, so that a chip can be tested without boards. */
#include "sim/sim_board.h"
#include "sim/sim_ftdi_line.h"

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
