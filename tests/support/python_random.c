/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/support/python_random.h"

#define STATE PYTHON_RANDOM_STATE

void python_random_seed(struct python_random *r, uint32_t seed)
{
    uint32_t *mt = r->mt;

    mt[0] = 19650218u;
    for (uint32_t i = 1; i < STATE; i++)
        mt[i] = 1812433253u * (mt[i - 1] ^ mt[i - 1] >> 30) + i;
    uint32_t i = 1;
    for (int k = 0; k < STATE; k++) {
        mt[i] = (mt[i] ^ (mt[i - 1] ^ mt[i - 1] >> 30) * 1664525u) + seed;
        if (++i == STATE) {
            mt[0] = mt[STATE - 1];
            i = 1;
        }
    }
    for (int k = 0; k < STATE - 1; k++) {
        mt[i] = (mt[i] ^ (mt[i - 1] ^ mt[i - 1] >> 30) * 1566083941u) - i;
        if (++i == STATE) {
            mt[0] = mt[STATE - 1];
            i = 1;
        }
    }
    mt[0] = 0x80000000u;
    r->at = STATE;
}

static uint32_t next(struct python_random *r)
{
    uint32_t *mt = r->mt;

    if (r->at >= STATE) {
        for (int k = 0; k < STATE; k++) {
            uint32_t y = (mt[k] & 0x80000000u) | (mt[(k + 1) % STATE] & 0x7fffffffu);
            mt[k] = mt[(k + 397) % STATE] ^ y >> 1 ^ (y & 1 ? 0x9908b0dfu : 0);
        }
        r->at = 0;
    }
    uint32_t y = mt[r->at++];
    y ^= y >> 11;
    y ^= y << 7 & 0x9d2c5680u;
    y ^= y << 15 & 0xefc60000u;
    return y ^ y >> 18;
}

/* As many bits as the limit has are drawn until they are below it. */
uint32_t python_random_below(struct python_random *r, uint32_t limit)
{
    unsigned bits = 0;
    uint32_t v;

    while (bits < 32 && limit >> bits != 0)
        bits++;
    do
        v = next(r) >> (32 - bits);
    while (v >= limit);
    return v;
}

void python_random_bytes(struct python_random *r, uint32_t limit, uint8_t first, uint8_t *out, size_t len)
{
    for (size_t i = 0; i < len; i++)
        out[i] = (uint8_t)(first + python_random_below(r, limit));
}
