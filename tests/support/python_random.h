/* SPDX-License-Identifier: Apache-2.0 */
/*
 * python_random - the numbers of Python's random.Random(seed), with which the recordings of real loaders made their data:
 * the Mersenne twister MT19937 (Matsumoto and Nishimura, 1998), seeded with one word as Python does.
 */
#ifndef TESTS_SUPPORT_PYTHON_RANDOM_H
#define TESTS_SUPPORT_PYTHON_RANDOM_H

#include <stddef.h>
#include <stdint.h>

#define PYTHON_RANDOM_STATE 624

struct python_random {
    uint32_t mt[PYTHON_RANDOM_STATE];
    int at;
};

void python_random_seed(struct python_random *r, uint32_t seed);
uint32_t python_random_below(struct python_random *r, uint32_t limit); /* randrange(limit), limit > 0 */
/* bytes(first + randrange(limit) for each) */
void python_random_bytes(struct python_random *r, uint32_t limit, uint8_t first, uint8_t *out, size_t len);

#endif /* TESTS_SUPPORT_PYTHON_RANDOM_H */
