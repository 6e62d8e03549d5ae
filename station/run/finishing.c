/* SPDX-License-Identifier: Apache-2.0 */
#include "station/run/finishing.h"

#include <stdio.h>

#include "db/open/db.h"
#include "engine/slot/engine.h"

static int under_way(struct engine *engine)
{
    struct slot_status s;
    int n = 0;

    for (int i = 0; i < engine_slot_count(engine); i++) {
        engine_snapshot(engine, i, &s);
        n += s.state == SLOT_BUSY || s.state == SLOT_SAVING;
    }
    return n;
}

void finishing_tell(struct finishing *f)
{
    int left = engine_is_draining(f->engine) ? under_way(f->engine) : 0;
    char text[48] = "";

    if (left == f->told)
        return;
    f->told = left;
    if (left > 0)
        snprintf(text, sizeof text, "finishing %d board%s", left, left == 1 ? "" : "s");
    db_tell(f->db, text);
}
