/* SPDX-License-Identifier: Apache-2.0 */
/* sim_random - repeatable numbers from a seed (splitmix64, public domain algorithm by Sebastiano Vigna). Not for secrets. */
#ifndef SIM_BOARD_SIM_RANDOM_H
#define SIM_BOARD_SIM_RANDOM_H

#include <stddef.h>
#include <stdint.h>

struct sim_random {
    uint64_t state;
};

uint64_t sim_random_next(struct sim_random *r);
uint32_t sim_random_below(struct sim_random *r, uint32_t limit); /* limit > 0 */
double sim_random_unit(struct sim_random *r);                    /* 0 <= x < 1 */
void sim_random_fill(struct sim_random *r, uint8_t *out, size_t len);
/* One number from two: seeds of things that must not depend on each other. */
uint64_t sim_random_mix(uint64_t a, uint64_t b);

#endif /* SIM_BOARD_SIM_RANDOM_H */
