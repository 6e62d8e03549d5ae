/* SPDX-License-Identifier: Apache-2.0 */
#include "sim/board/sim_line.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "sim/board/sim_physics.h"

/* Forgets everything under way; the line is free at once. */
static void sim_line_clear(struct sim_line *l)
{
    while (l->count > 0) {
        free(l->runs[l->head].bytes);
        l->head = (l->head + 1) % l->capacity;
        l->count--;
    }
    l->free_us = INT64_MIN;
}

void sim_line_free(struct sim_line *l)
{
    sim_line_clear(l);
    free(l->runs);
    *l = (struct sim_line){.free_us = INT64_MIN};
}

static int grow(struct sim_line *l)
{
    size_t capacity = l->capacity == 0 ? 8 : l->capacity * 2;
    struct sim_run *runs = calloc(capacity, sizeof *runs);

    if (runs == NULL)
        return -ENOMEM;
    for (size_t i = 0; i < l->count; i++)
        runs[i] = l->runs[(l->head + i) % l->capacity];
    free(l->runs);
    l->runs = runs;
    l->capacity = capacity;
    l->head = 0;
    return 0;
}

int64_t sim_run_arrival(const struct sim_run *r, size_t index)
{
    int64_t bits = (int64_t)(index + 1) * SIM_BITS_PER_BYTE * 1000000;

    return r->start_us + (bits + r->baud - 1) / r->baud;
}

int sim_line_push(struct sim_line *l, const uint8_t *bytes, size_t len, uint32_t baud, int64_t now_us)
{
    if (len == 0)
        return 0;
    if (l->count == l->capacity && grow(l) < 0)
        return -ENOMEM;
    uint8_t *copy = malloc(len);
    if (copy == NULL)
        return -ENOMEM;
    memcpy(copy, bytes, len);
    struct sim_run *r = &l->runs[(l->head + l->count) % l->capacity];
    *r = (struct sim_run){
        .bytes = copy, .len = len, .baud = baud, .start_us = l->free_us > now_us ? l->free_us : now_us};
    l->count++;
    l->free_us = sim_run_arrival(r, len - 1);
    return 0;
}

struct sim_run *sim_line_run(const struct sim_line *l, size_t index)
{
    return index < l->count ? &l->runs[(l->head + index) % l->capacity] : NULL;
}

struct sim_run *sim_line_head(const struct sim_line *l)
{
    return sim_line_run(l, 0);
}

static void drop_head(struct sim_line *l)
{
    free(l->runs[l->head].bytes);
    l->head = (l->head + 1) % l->capacity;
    l->count--;
}

uint8_t sim_line_take(struct sim_line *l)
{
    struct sim_run *r = &l->runs[l->head];
    uint8_t byte = r->bytes[r->pos++];

    if (r->pos == r->len)
        drop_head(l);
    return byte;
}

void sim_line_cut(struct sim_line *l, int64_t at_us)
{
    while (l->count > 0) {
        struct sim_run *r = sim_line_run(l, l->count - 1);
        while (r->len > r->pos && sim_run_arrival(r, r->len - 1) > at_us)
            r->len--;
        if (r->len > r->pos)
            break;
        free(r->bytes);
        l->count--;
    }
    if (l->free_us > at_us)
        l->free_us = at_us;
}

bool sim_baud_match(uint32_t a, uint32_t b)
{
    uint64_t d = a > b ? a - b : b - a;

    return d * 1000 <= (uint64_t)b * SIM_BAUD_TOLERANCE;
}
