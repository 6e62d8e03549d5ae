/* SPDX-License-Identifier: Apache-2.0 */
/*
 * clock - the time of one slot: real (CLOCK_MONOTONIC) or virtual (moves only when its owner waits).
 *
 * Unit: microseconds, int64_t, from an arbitrary start. CLOCK_NEVER means "no deadline".
 * Threads: one clock belongs to one slot's worker; nothing here locks. clock_wall_ms() and clock_monotonic_us() are free for all.
 */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

struct clock;
struct waker;

#define CLOCK_NEVER INT64_MAX

struct clock *clock_new_real(void);    /* caller owns: clock_free() */
struct clock *clock_new_virtual(void); /* starts at 0 */
void clock_free(struct clock *c);      /* NULL is fine */

bool clock_is_virtual(const struct clock *c);
int64_t clock_now_us(const struct clock *c);

/*
 * Waits until `until_us`. Real: sleeps, woken early by `cancel` (may be NULL). Virtual: jumps there at once.
 * Returns 0, or -ECANCELED when `cancel` was raised before or during the wait (a virtual clock then does not move).
 */
int clock_wait_until(struct clock *c, int64_t until_us, const struct waker *cancel);

/* The machine's monotonic time, which real clocks show: the one place that reads it. Free for all threads. */
int64_t clock_monotonic_us(void);

/* Unix time in milliseconds, UTC. For records only: it may jump. */
int64_t clock_wall_ms(void);

/* `now + us` without overflow past CLOCK_NEVER. */
int64_t clock_after(const struct clock *c, int64_t us);

#endif /* BASE_CLOCK_H */
