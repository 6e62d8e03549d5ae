/* SPDX-License-Identifier: Apache-2.0 */
/* sim_bench - one virtual board, a job, a recorder in memory and an attempt on them in virtual time. */
#ifndef TESTS_SUPPORT_SIM_BENCH_H
#define TESTS_SUPPORT_SIM_BENCH_H

#include "engine/attempt/attempt.h"
#include "engine/board/session.h"
#include "engine/chip/esp_stub.h"
#include "sim/board/sim_tray.h"
#include "tests/support/memory_recorder.h"
#include "tests/support/tiny_job.h"

#define BENCH_BOARD 1

struct sim_bench {
    struct sim_tray *tray;
    struct tiny_job tiny;
    struct memory_recorder recorder;
    struct clock *clock;
    struct waker *cancel;
    struct transport_binding bindings[2];
    struct session session;
    struct attempt_config config;
    struct stub stub;
    uint8_t config_before[SECTOR_SIZE]; /* the identity sector as the board came */
    struct attempt_result result;
    int64_t attempt;
    bool opened, recorded;
};

/* A board of revision 1 with 8 MiB, of that personality. Asserts on failure. */
void sim_bench_init(struct sim_bench *b, const char *personality);
void sim_bench_init_tray(struct sim_bench *b, const struct sim_tray_config *config);
/* Loads the stub file called `name` ("esp32.json": version 2, "esp32-v1.json"); false: there is none here, and that was said. */
bool sim_bench_use_stub(struct sim_bench *b, const char *name);
void sim_bench_run(
    struct sim_bench *b); /* b->result, attempt, opened, recorded; its failure says what was being done */
/* Also closes the port. */
const uint8_t *sim_bench_flash(struct sim_bench *b);
bool sim_bench_config_kept(struct sim_bench *b);
void sim_bench_done(struct sim_bench *b);

#endif /* TESTS_SUPPORT_SIM_BENCH_H */
