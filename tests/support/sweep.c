/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "tests/support/sweep.h"

bool sweep_is_whole(void)
{
    const char *asked = getenv("FLASHLINE_SWEEP");

    return asked != NULL && strcmp(asked, "whole") == 0;
}

long sweep_cases(long slice, long whole)
{
    const char *asked = getenv("FLASHLINE_SWEEP");
    long n = asked != NULL ? strtol(asked, NULL, 10) : 0;

    if (sweep_is_whole())
        return whole;
    return n > 0 ? n : slice;
}

static long asked_seed(void)
{
    const char *asked = getenv("FLASHLINE_SWEEP_SEED");

    return asked != NULL ? strtol(asked, NULL, 10) : 0;
}

bool sweep_is_one_seed(void)
{
    return asked_seed() > 0;
}

long sweep_seed(void)
{
    return asked_seed() > 0 ? asked_seed() : 1;
}
