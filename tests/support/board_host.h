/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sim_bench - a host for tests of virtual boards: sends raw bytes, collects decoded frames, in virtual time.
 * Written apart from the engine's protocol code, so that both cannot share one mistake.
 */
#ifndef TESTS_UNIT_SIM_BENCH_H
#define TESTS_UNIT_SIM_BENCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/sim_board.h"

struct sim_bench {
    struct sim_board *board;
    int64_t now;
    uint8_t raw[70000]; /* bytes received and not looked at */
    size_t raw_len;
};

static inline void bench_pass(struct sim_bench *h, int64_t us)
{
    h->now += us;
    h->raw_len += sim_board_receive(h->board, h->raw + h->raw_len, sizeof h->raw - h->raw_len, h->now);
}

/* Lets time pass until a byte has come or `patience` is over. */
static inline bool bench_wait(struct sim_bench *h, int64_t patience)
{
    const int64_t until = h->now + patience;
    const size_t before = h->raw_len;

    while (h->now < until) {
        int64_t next = sim_board_next(h->board);
        int64_t step = (next < until ? next : until) - h->now;
        bench_pass(h, step > 0 ? step : 0);
        if (h->raw_len > before)
            return true;
        if (step <= 0)
            h->now++;
    }
    return false;
}

static inline void bench_send(struct sim_bench *h, const uint8_t *bytes, size_t len)
{
    sim_board_send(h->board, bytes, len, h->now);
    int64_t sent = sim_board_sent_at(h->board);
    bench_pass(h, sent > h->now ? sent - h->now : 0);
}

/* Encodes and sends one frame. */
static inline void bench_frame(struct sim_bench *h, const uint8_t *payload, size_t len)
{
    uint8_t *out = malloc(2 * len + 2);
    size_t n = 0;

    if (out == NULL)
        abort();
    out[n++] = 0xc0;
    for (size_t i = 0; i < len; i++) {
        if (payload[i] == 0xc0 || payload[i] == 0xdb) {
            out[n++] = 0xdb;
            out[n++] = payload[i] == 0xc0 ? 0xdc : 0xdd;
        } else {
            out[n++] = payload[i];
        }
    }
    out[n++] = 0xc0;
    bench_send(h, out, n);
    free(out);
}

/* Takes the next whole frame out of what was received; -1 when none comes within `patience`. Skips text around it. */
static inline ssize_t bench_reply(struct sim_bench *h, uint8_t *out, size_t room, int64_t patience)
{
    const int64_t until = h->now + patience;

    for (;;) {
        uint8_t *from = memchr(h->raw, 0xc0, h->raw_len);
        uint8_t *end = h->raw + h->raw_len;
        while (from != NULL && from + 1 < end && from[1] == 0xc0)
            from++;
        uint8_t *to = from != NULL && from + 1 < end ? memchr(from + 1, 0xc0, (size_t)(end - from - 1)) : NULL;
        if (to != NULL) {
            size_t n = 0;
            for (uint8_t *p = from + 1; p < to && n < room; p++)
                out[n++] = *p != 0xdb ? *p : *++p == 0xdc ? 0xc0 : 0xdb;
            h->raw_len = (size_t)(end - to - 1);
            memmove(h->raw, to + 1, h->raw_len);
            return (ssize_t)n;
        }
        if (h->now >= until || !bench_wait(h, until - h->now))
            return -1;
    }
}

static inline void bench_drop(struct sim_bench *h)
{
    bench_pass(h, 0);
    h->raw_len = 0;
}

static inline void bench_word(uint8_t *at, uint32_t v)
{
    for (int i = 0; i < 4; i++)
        at[i] = (uint8_t)(v >> 8 * i);
}

/* One command without a checksum. */
static inline void bench_command(struct sim_bench *h, uint8_t op, const uint32_t *words, size_t count)
{
    uint8_t f[8 + 64] = {0, op, (uint8_t)(count * 4), 0};

    for (size_t i = 0; i < count; i++)
        bench_word(f + 8 + 4 * i, words[i]);
    bench_frame(h, f, 8 + 4 * count);
}

/* FLASH_DATA, DEFL_DATA or MEM_DATA with its checksum. */
static inline void bench_block(struct sim_bench *h, uint8_t op, uint32_t seq, const uint8_t *data, size_t len)
{
    uint8_t *f = calloc(1, 24 + len);
    uint32_t sum = 0xef;

    if (f == NULL)
        abort();
    for (size_t i = 0; i < len; i++)
        sum ^= data[i];
    f[1] = op;
    f[2] = (uint8_t)(len + 16);
    f[3] = (uint8_t)((len + 16) >> 8);
    bench_word(f + 4, sum);
    bench_word(f + 8, (uint32_t)len);
    bench_word(f + 12, seq);
    memcpy(f + 24, data, len);
    bench_frame(h, f, 24 + len);
    free(f);
}

static inline void bench_start(struct sim_bench *h, const struct sim_board_config *config)
{
    memset(h, 0, sizeof *h);
    h->board = sim_board_new(config, 0);
    if (h->board == NULL)
        abort();
    bench_pass(h, 300000);
    bench_drop(h);
}

static inline void bench_end(struct sim_bench *h)
{
    sim_board_free(h->board);
}

static inline void bench_sync(struct sim_bench *h)
{
    uint8_t f[8 + 36] = {0, 8, 36, 0, 0, 0, 0, 0, 7, 7, 0x12, 0x20};

    memset(f + 12, 0x55, 32);
    bench_frame(h, f, sizeof f);
    bench_pass(h, 100000);
    bench_drop(h);
}

#endif /* TESTS_UNIT_SIM_BENCH_H */
