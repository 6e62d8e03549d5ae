/* SPDX-License-Identifier: Apache-2.0 */
/* slot_event - what a slot has to tell at one moment. Plain data, by value. */
#ifndef ENGINE_SLOT_SLOT_EVENT_H
#define ENGINE_SLOT_SLOT_EVENT_H

#include "engine/slot/slot_status.h"

/* Something a log would show. `status` is the slot as it was just then. */
enum slot_event_kind { EVENT_STATE, EVENT_STAGE, EVENT_PROGRESS, EVENT_RESULT, EVENT_NOTE };

struct slot_event {
    enum slot_event_kind kind;
    int64_t wall_ms; /* UTC */
    int64_t t_ms;    /* since the attempt began, by the slot's clock */
    struct slot_status status;
};

#endif /* ENGINE_SLOT_SLOT_EVENT_H */
