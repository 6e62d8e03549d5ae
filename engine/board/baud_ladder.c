/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/board/baud_ladder.h"

#include <stddef.h>

#define TOLERANCE_PERCENT 2

static const uint32_t rates[] = {3000000, 2000000, 1500000, 921600, 460800, 230400, BAUD_LEAST};

#define RATES (sizeof rates / sizeof rates[0])

uint32_t baud_below(uint32_t rate)
{
    for (size_t i = 0; i < RATES; i++) {
        if (rates[i] < rate)
            return rates[i];
    }
    return 0;
}

uint32_t baud_above(uint32_t rate, uint32_t max)
{
    for (size_t i = RATES; i > 0; i--) {
        if (rates[i - 1] > rate)
            return rates[i - 1] < max ? rates[i - 1] : max;
    }
    return max > rate ? max : rate;
}

uint32_t baud_asked(uint32_t made)
{
    for (size_t i = 0; i < RATES; i++) {
        uint64_t off = made > rates[i] ? made - rates[i] : rates[i] - made;
        if (off * 100 <= (uint64_t)rates[i] * TOLERANCE_PERCENT)
            return rates[i];
    }
    return made;
}
