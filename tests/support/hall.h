/* SPDX-License-Identifier: Apache-2.0 */
/* hall - an engine's surroundings: virtual boards in virtual time, a tiny job, a recorder in memory. Asserts. */
#ifndef TESTS_SUPPORT_HALL_H
#define TESTS_SUPPORT_HALL_H

#include "engine/slot/engine.h"
#include "sim/board/sim_tray.h"
#include "tests/support/memory_recorder.h"
#include "tests/support/tiny_job.h"

#define HALL_SLOTS 8 /* at most */

struct hall {
    struct sim_tray *tray;
    struct tiny_job tiny;
    struct memory_recorder recorder;
    struct transport_binding bindings[2];
    struct engine_slot slots[HALL_SLOTS];
    char uris[HALL_SLOTS][16];
    struct engine_config config;       /* of a run that ends by itself; change it before engine_new() */
    int results[RESULT_COUNT], events; /* counted by hall_watch() */
    struct engine *engine;             /* the test makes and starts it; hall_done() frees it */
};

/* `slots` boards, each in its slot; `personalities` as struct sim_tray_config has them, may be NULL. */
void hall_init(struct hall *h, int slots, const char *personalities);
/* Reads events until all workers of the started engine have ended, and joins them. */
void hall_watch(struct hall *h);
void hall_done(struct hall *h);

#endif /* TESTS_SUPPORT_HALL_H */
