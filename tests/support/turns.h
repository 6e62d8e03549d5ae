/* SPDX-License-Identifier: Apache-2.0 */
/*
 * turns - threads that work one at a time, in an order that follows from a seed: what happens among them then repeats exactly.
 *
 * Each thread calls turns_wait() wherever another might come between; between two calls it is alone. The first turn is given
 * when all have come once. A thread that ends hands its turn on by itself. A thread that blocks for another while it has the
 * turn blocks them all: it calls turns_rest() instead.
 */
#ifndef FLASHLINE_TESTS_SUPPORT_TURNS_H
#define FLASHLINE_TESTS_SUPPORT_TURNS_H

#include <stdint.h>

#define TURNS_FREE UINT64_MAX /* as a seed: all at once, as threads come; turns_rest() rests all the same */

struct turns;

struct turns *
turns_new(int count,
          uint64_t seed);         /* caller owns, until the threads have ended; ends the test if it fails */
void turns_free(struct turns *t); /* NULL is fine */

/* Thread `who`, 0..count-1: hands the turn on and returns when it has it again. */
void turns_wait(struct turns *t, int who);
/* The same, but has no turn before turns_go_on(). */
void turns_rest(struct turns *t, int who);
void turns_go_on(struct turns *t); /* whoever rests is among the others again; the caller keeps its turn */

#endif
