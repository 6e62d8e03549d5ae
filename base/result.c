/* SPDX-License-Identifier: Apache-2.0 */
#include "base/result.h"

#include <strings.h>

static const char *const names[] = {
#define X(id, name) name,
    RESULTS(X)
#undef X
};

const char *result_name(enum result r)
{
    return r >= 0 && r < RESULT_COUNT ? names[r] : "unknown";
}

enum result result_parse(const char *name)
{
    for (int r = 0; r < RESULT_COUNT; r++) {
        if (strcasecmp(name, names[r]) == 0)
            return (enum result)r;
    }
    return RESULT_COUNT;
}
