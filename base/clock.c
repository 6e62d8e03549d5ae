/* SPDX-License-Identifier: Apache-2.0 */
#include "base/clock.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <time.h>

#include "base/waker.h"

struct clock {
    bool is_virtual;
    int64_t virtual_us;
};

struct clock *clock_new_real(void)
{
    return calloc(1, sizeof(struct clock));
}

struct clock *clock_new_virtual(void)
{
    struct clock *c = calloc(1, sizeof *c);

    if (c != NULL)
        c->is_virtual = true;
    return c;
}

void clock_free(struct clock *c)
{
    free(c);
}

bool clock_is_virtual(const struct clock *c)
{
    return c->is_virtual;
}

int64_t clock_monotonic_us(void)
{
    struct timespec ts;

    clock_gettime(CLOCK_MONOTONIC, &ts);
    return (int64_t)ts.tv_sec * 1000000 + ts.tv_nsec / 1000;
}

int64_t clock_now_us(const struct clock *c)
{
    return c->is_virtual ? c->virtual_us : clock_monotonic_us();
}

static int wait_real(const struct clock *c, int64_t until_us, const struct waker *cancel)
{
    struct pollfd p = {.fd = cancel != NULL ? waker_fd(cancel) : -1, .events = POLLIN};

    for (;;) {
        int64_t left = until_us - clock_now_us(c);
        if (left <= 0)
            return 0;
        struct timespec ts = {.tv_sec = left / 1000000, .tv_nsec = left % 1000000 * 1000};
        int n = ppoll(&p, 1, until_us == CLOCK_NEVER ? NULL : &ts, NULL);
        if (n > 0)
            return -ECANCELED;
        if (n < 0 && errno != EINTR)
            return -errno;
    }
}

int clock_wait_until(struct clock *c, int64_t until_us, const struct waker *cancel)
{
    if (cancel != NULL && waker_raised(cancel))
        return -ECANCELED;
    if (!c->is_virtual)
        return wait_real(c, until_us, cancel);
    if (until_us != CLOCK_NEVER && until_us > c->virtual_us)
        c->virtual_us = until_us;
    return 0;
}

int64_t clock_wall_ms(void)
{
    struct timespec ts;

    clock_gettime(CLOCK_REALTIME, &ts);
    return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

int64_t clock_after(const struct clock *c, int64_t us)
{
    int64_t now = clock_now_us(c);

    return us >= CLOCK_NEVER - now ? CLOCK_NEVER : now + us;
}
