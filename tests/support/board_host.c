/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/support/board_host.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/board/sim_factory.h"

void host_pass(struct board_host *h, int64_t us)
{
    h->now += us;
    h->raw_len += sim_board_receive(h->board, h->raw + h->raw_len, sizeof h->raw - h->raw_len, h->now);
}

/* Lets time pass until a byte has come or `patience` is over. */
bool host_wait(struct board_host *h, int64_t patience)
{
    const int64_t until = h->now + patience;
    const size_t before = h->raw_len;

    while (h->now < until) {
        int64_t next = sim_board_next(h->board);
        int64_t step = (next < until ? next : until) - h->now;
        host_pass(h, step > 0 ? step : 0);
        if (h->raw_len > before)
            return true;
        if (step <= 0)
            h->now++;
    }
    return false;
}

void host_send(struct board_host *h, const uint8_t *bytes, size_t len)
{
    sim_board_send(h->board, bytes, len, h->now);
    int64_t sent = sim_board_sent_at(h->board);
    host_pass(h, sent > h->now ? sent - h->now : 0);
}

/* Encodes and sends one frame. */
void host_frame(struct board_host *h, const uint8_t *payload, size_t len)
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
    host_send(h, out, n);
    free(out);
}

/* Takes the next whole frame out of what was received; -1 when none comes within `patience`. Skips text around it. */
ssize_t host_reply(struct board_host *h, uint8_t *out, size_t room, int64_t patience)
{
    const int64_t until = h->now + patience;

    for (;;) {
        uint8_t *from = memchr(h->raw, 0xc0, h->raw_len);
        uint8_t *end = h->raw + h->raw_len;
        while (from != NULL && from + 1 < end && from[1] == 0xc0)
            from++;
        uint8_t *to =
            from != NULL && from + 1 < end ? memchr(from + 1, 0xc0, (size_t)(end - from - 1)) : NULL;
        if (to != NULL) {
            size_t n = 0;
            for (uint8_t *p = from + 1; p < to && n < room; p++)
                out[n++] = *p != 0xdb ? *p : *++p == 0xdc ? 0xc0 : 0xdb;
            h->raw_len = (size_t)(end - to - 1);
            memmove(h->raw, to + 1, h->raw_len);
            return (ssize_t)n;
        }
        if (h->now >= until || !host_wait(h, until - h->now))
            return -1;
    }
}

void host_drop(struct board_host *h)
{
    host_pass(h, 0);
    h->raw_len = 0;
}

void host_word(uint8_t *at, uint32_t v)
{
    for (int i = 0; i < 4; i++)
        at[i] = (uint8_t)(v >> 8 * i);
}

/* One command without a checksum. */
void host_command(struct board_host *h, uint8_t op, const uint32_t *words, size_t count)
{
    uint8_t f[8 + 64] = {0, op, (uint8_t)(count * 4), 0};

    for (size_t i = 0; i < count; i++)
        host_word(f + 8 + 4 * i, words[i]);
    host_frame(h, f, 8 + 4 * count);
}

/* FLASH_DATA, DEFL_DATA or MEM_DATA with its checksum. */
void host_block(struct board_host *h, uint8_t op, uint32_t seq, const uint8_t *data, size_t len)
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
    host_word(f + 4, sum);
    host_word(f + 8, (uint32_t)len);
    host_word(f + 12, seq);
    memcpy(f + 24, data, len);
    host_frame(h, f, 24 + len);
    free(f);
}

struct sim_board_config host_board(const char *personality)
{
    return (struct sim_board_config){.mac = sim_factory_mac(5, 1),
                                     .revision = 1,
                                     .flash_size = 4u << 20,
                                     .reset_wired = true,
                                     .starts_in_bootloader = true,
                                     .personality = personality,
                                     .seed = 9};
}

void host_start(struct board_host *h, const struct sim_board_config *config)
{
    memset(h, 0, sizeof *h);
    h->board = sim_board_new(config, 0);
    if (h->board == NULL)
        abort();
    host_pass(h, 300000);
    host_drop(h);
}

void host_end(struct board_host *h)
{
    sim_board_free(h->board);
}

void host_sync(struct board_host *h)
{
    uint8_t f[8 + 36] = {0, 8, 36, 0, 0, 0, 0, 0, 7, 7, 0x12, 0x20};

    memset(f + 12, 0x55, 32);
    host_frame(h, f, sizeof f);
    host_pass(h, 100000);
    host_drop(h);
}

ssize_t host_ask(struct board_host *h, uint8_t op, const uint32_t *words, size_t count, uint8_t got[64])
{
    host_command(h, op, words, count);
    return host_reply(h, got, 64, 60 * HOST_SECOND);
}

static uint32_t word_at(const uint8_t *p)
{
    return p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

bool host_reads(struct board_host *h, uint32_t address, uint32_t *value)
{
    uint8_t got[64];

    if (host_ask(h, 0x0a, &address, 1, got) < 10 || got[1] != 0x0a)
        return false;
    *value = word_at(got + 4);
    return true;
}

size_t host_boot_text(struct board_host *h, bool download, char *text, size_t room)
{
    host_drop(h);
    sim_board_set_lines(h->board, false, true, h->now);
    host_pass(h, 100000);
    host_drop(h);
    sim_board_set_lines(h->board, download, false, h->now);
    host_pass(h, 200000);
    size_t n = h->raw_len < room - 1 ? h->raw_len : room - 1;
    memcpy(text, h->raw, n);
    text[n] = '\0';
    h->raw_len = 0;
    return n;
}
