/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/port/ftdi/usb_baud.h"

#define TOLERANCE_PERCENT 2
#define EIGHTHS_MAX       (0x3fffu * 8 + 7)

static uint32_t rate(uint32_t clock, uint32_t eighths)
{
    return (uint32_t)(((uint64_t)clock * 8 + eighths / 2) / eighths);
}

/* Between 1 and 2 the divider knows only 1.5. */
static uint32_t round_down(uint32_t eighths)
{
    if (eighths >= 16)
        return eighths;
    return eighths >= 12 ? 12 : 8;
}

static uint32_t round_up(uint32_t eighths)
{
    if (eighths > 12)
        return eighths > 16 ? eighths : 16;
    return eighths > 8 ? 12 : 8;
}

static uint32_t distance(uint32_t a, uint32_t b)
{
    return a > b ? a - b : b - a;
}

struct usb_baud usb_baud_find(bool high_speed, uint32_t wanted)
{
    /* The slow clock serves what the fast one's longest divisor does not reach. */
    uint32_t fast = 12000000;
    uint32_t clock = high_speed && (uint64_t)wanted * EIGHTHS_MAX > (uint64_t)fast * 8 ? fast : 3000000;
    struct usb_baud b = {0};

    if (wanted == 0)
        return b;
    uint64_t exact =
        (uint64_t)clock * 8 / wanted; /* eighths, rounded down: a rate at or above what is wanted */
    if (exact > EIGHTHS_MAX) {
        b.above = b.nearest = rate(clock, EIGHTHS_MAX);
    } else if (exact < 8) {
        b.below = b.nearest = clock;
    } else {
        uint32_t at = round_down((uint32_t)exact);
        b.above = rate(clock, at);
        b.below = b.above;
        if (b.above != wanted && (uint64_t)clock * 8 != (uint64_t)at * wanted)
            b.below = rate(clock, round_up(at + 1 > EIGHTHS_MAX ? EIGHTHS_MAX : at + 1));
        b.nearest = distance(b.above, wanted) <= distance(b.below, wanted) ? b.above : b.below;
    }
    b.good = (uint64_t)distance(b.nearest, wanted) * 100 <= (uint64_t)wanted * TOLERANCE_PERCENT;
    return b;
}
