/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/slot/slot_status.h"

bool slot_status_runs(const struct slot_status *s)
{
    return s->state == SLOT_BUSY || s->state == SLOT_SAVING || (s->state == SLOT_ACT && s->act == ACT_LEAVE);
}

const char *slot_state_name(enum slot_state s)
{
    static const char *const names[] = {"idle", "waiting", "busy", "saving", "done", "act", "stopped"};

    return names[s];
}
