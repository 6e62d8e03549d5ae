/* SPDX-License-Identifier: Apache-2.0 */
/* The engine's calls under the names the screen knows. */
#include "station/dashboard.h"

static int slot_count(void *ctx)
{
    return engine_slot_count(ctx);
}

static void snapshot(void *ctx, int i, struct slot_status *out)
{
    engine_snapshot(ctx, i, out);
}

static void drain(void *ctx)
{
    engine_drain(ctx);
}

static void abort_all(void *ctx)
{
    engine_abort(ctx);
}

static void acknowledge(void *ctx, int slot_number)
{
    engine_acknowledge(ctx, slot_number);
}

static bool is_done(void *ctx)
{
    return engine_is_done(ctx);
}

static bool is_draining(void *ctx)
{
    return engine_is_draining(ctx);
}

static int event_fd(void *ctx)
{
    return engine_event_fd(ctx);
}

static bool next_event(void *ctx, struct slot_event *out)
{
    return engine_next_event(ctx, out);
}

void dashboard_source_engine(struct dashboard_source *out, struct engine *e)
{
    *out = (struct dashboard_source){
        .ctx = e,
        .slot_count = slot_count,
        .snapshot = snapshot,
        .drain = drain,
        .abort = abort_all,
        .acknowledge = acknowledge,
        .is_done = is_done,
        .is_draining = is_draining,
        .event_fd = event_fd,
        .next_event = next_event,
    };
}
