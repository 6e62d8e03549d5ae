/* SPDX-License-Identifier: Apache-2.0 */
#include "sim/board/sim_random.h"

#include <string.h>

uint64_t sim_random_next(struct sim_random *r)
{
    uint64_t z = r->state += 0x9e3779b97f4a7c15u;

    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

uint32_t sim_random_below(struct sim_random *r, uint32_t limit)
{
    return (uint32_t)((sim_random_next(r) >> 32) * limit >> 32);
}

double sim_random_unit(struct sim_random *r)
{
    return (double)(sim_random_next(r) >> 11) / 9007199254740992.0; /* 2^53 */
}

void sim_random_fill(struct sim_random *r, uint8_t *out, size_t len)
{
    while (len > 0) {
        uint64_t v = sim_random_next(r);
        size_t n = len < sizeof v ? len : sizeof v;
        memcpy(out, &v, n);
        out += n;
        len -= n;
    }
}

uint64_t sim_random_mix(uint64_t a, uint64_t b)
{
    struct sim_random r = {a ^ (b * 0xd6e8feb86659fd93u)};

    return sim_random_next(&r);
}
