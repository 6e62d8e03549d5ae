/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/support/hall.h"
#include "tests/support/or_fail.h"

#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

void hall_init(struct hall *h, int slots, const char *personalities)
{
    const struct sim_tray_config c = {
        .count = slots, .revision = 1, .seed = 5, .personalities = personalities};

    assert_in_range(slots, 1, HALL_SLOTS);
    memset(h, 0, sizeof *h);
    h->tray = sim_tray_new_or_fail(&c);
    tiny_job_make(&h->tiny, 0x8000, 3);
    memory_recorder_init(&h->recorder);
    h->bindings[0] = (struct transport_binding){&sim_driver, h->tray};
    for (int i = 0; i < slots; i++) {
        snprintf(h->uris[i], sizeof h->uris[i], "sim:%d", i + 1);
        h->slots[i] = (struct engine_slot){.number = i + 1, .uri = h->uris[i], .virtual_time = true};
    }
    h->config = (struct engine_config){
        .job = &h->tiny.job,
        .stub_note = "no stub in this test",
        .recorder = &h->recorder.recorder,
        .bindings = h->bindings,
        .slots = h->slots,
        .slot_count = slots,
        .once = true,
        .kind = ATTEMPT_TRAINING,
    };
}

void hall_watch(struct hall *h)
{
    struct pollfd p = {.fd = engine_event_fd(h->engine), .events = POLLIN};
    struct slot_event e;

    for (bool done = false; !done;) {
        assert_true(poll(&p, 1, 60000) > 0);
        done = engine_is_done(h->engine);
        while (engine_next_event(h->engine, &e)) {
            h->events++;
            if (e.kind == EVENT_RESULT)
                h->results[e.status.result]++;
        }
    }
    engine_join(h->engine);
}

void hall_done(struct hall *h)
{
    engine_free(h->engine);
    tiny_job_done(&h->tiny);
    memory_recorder_done(&h->recorder);
    sim_tray_free(h->tray);
}
