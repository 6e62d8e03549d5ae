/* SPDX-License-Identifier: Apache-2.0 */
#include "base/stage.h"

const char *stage_name(enum stage s)
{
    static const char *const names[] = {
#define X(id, name) name,
        STAGES(X)
#undef X
    };

    return s >= 0 && s < STAGE_COUNT ? names[s] : "unknown";
}
