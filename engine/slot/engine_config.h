/* SPDX-License-Identifier: Apache-2.0 */
/* engine_config - what a run of the engine is told: its slots, the job, where it records. Plain data, all borrowed. */
#ifndef ENGINE_SLOT_ENGINE_CONFIG_H
#define ENGINE_SLOT_ENGINE_CONFIG_H

#include "base/record.h"
#include "engine/port/presence_line.h"
#include "profiles/job/job.h"

struct recorder;
struct unit_data;
struct transport_binding;
struct stub; /* engine/chip/esp_stub.h */

struct engine_slot {
    int number;        /* 1.. */
    const char *uri;   /* "sim:3" */
    const char *label; /* "" or NULL: none */
    bool virtual_time;
    enum reset_method reset; /* used when has_reset; else the job's */
    bool has_reset;
    struct presence_line presence; /* the fixture's switch on this port, if it has one */
    bool off;                      /* switched off from the start: see engine_enable() */
    uint32_t
        baud; /* to begin with, that this slot bore in an earlier run; 0: the job's. Above the job's it counts for nothing */
};

struct engine_config {
    const struct job *job;   /* borrowed, outlives the engine, like everything here */
    const struct stub *stub; /* NULL: ROM loader only */
    const char *stub_note;   /* why there is none; "" */
    const struct recorder *recorder;
    const struct transport_binding *bindings; /* ends with a NULL driver */
    const struct engine_slot *slots;
    int slot_count;
    bool once; /* one board a slot, then the slot stops */
    bool
        asks; /* somebody sees what keeps a slot from starting, and can mend it: with `once`, too, it waits for that */
    long count; /* stop starting boards after this many PASS; 0: no limit */
    enum attempt_kind kind;
    /* attempt_compose of engine/attempt/attempt.h, from many threads at once; NULL: jobs have nothing for it */
    int (*compose)(void *ctx, int64_t attempt, const struct unit_identity *unit, const struct plan *plan,
                   struct unit_data *out, struct failure *f);
    void *compose_ctx;
};

#endif /* ENGINE_SLOT_ENGINE_CONFIG_H */
