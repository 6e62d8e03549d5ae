/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/slot/slot_status.h"

const char *slot_state_name(enum slot_state s)
{
    static const char *const names[] = {"idle", "waiting", "busy", "saving", "done", "act", "stopped"};

    return names[s];
}
