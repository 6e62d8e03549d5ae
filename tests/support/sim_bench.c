/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/support/sim_bench.h"
#include "tests/support/skipped.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void sim_bench_init_tray(struct sim_bench *b, const struct sim_tray_config *config)
{
    char error[SIM_TRAY_ERROR];
    uint32_t size;

    memset(b, 0, sizeof *b);
    b->tray = sim_tray_new(config, error);
    if (b->tray == NULL)
        fprintf(stderr, "%s\n", error);
    assert(b->tray != NULL);
    const uint8_t *flash = sim_board_flash(sim_tray_board(b->tray, BENCH_BOARD), &size);
    if (size > CONFIG_SECTOR)
        memcpy(b->config_before, flash + CONFIG_SECTOR, SECTOR_SIZE);
    tiny_job_make(&b->tiny, 0x20000, 7);
    memory_recorder_init(&b->recorder);
    b->clock = clock_new_virtual();
    b->cancel = waker_new();
    b->bindings[0] = (struct transport_binding){&sim_driver, b->tray};
    b->session = (struct session){
        .bindings = b->bindings,
        .uri = "sim:1",
        .env = {b->clock, b->cancel},
        .connect = {.reset = RESET_TIGHT, .cancel = b->cancel},
    };
    b->config = (struct attempt_config){
        .job = &b->tiny.job,
        .stub_note = "no stub in this test",
        .recorder = &b->recorder.recorder,
        .session = &b->session,
        .start = {.kind = ATTEMPT_TRAINING, .slot = 1, .port = "sim:1"},
    };
}

void sim_bench_init(struct sim_bench *b, const char *personality)
{
    char text[64];
    struct sim_tray_config c = {.count = 1, .revision = 1, .seed = 11, .personalities = text};

    snprintf(text, sizeof text, "1=%s", personality);
    sim_bench_init_tray(b, &c);
}

static bool load_from(struct sim_bench *b, const char *dir, const char *tail, const char *name)
{
    char path[512], why[160];

    if (dir == NULL)
        return false;
    snprintf(path, sizeof path, "%s%s/%s", dir, tail, name);
    return access(path, R_OK) == 0 && stub_load(path, &b->stub, why) == 0;
}

bool sim_bench_use_stub(struct sim_bench *b, const char *name)
{
    if (!load_from(b, getenv("FLASHLINE_STUB_DIR"), "", name) &&
        !load_from(b, getenv("XDG_CACHE_HOME"), "/flashline/stubs", name) &&
        !load_from(b, getenv("HOME"), "/.cache/flashline/stubs", name)) {
        skipped_row("no %s among the stub files (script/bootstrap says where it looked)", name);
        return false;
    }
    b->config.stub = &b->stub;
    return true;
}

/* The words of a command alone tell nobody which of the many digests or sectors it was. */
static void check_context(const struct failure *f)
{
    bool low = strncmp(f->detail, "no answer to ", 13) == 0 || strncmp(f->detail, "an answer to ", 13) == 0 ||
               strstr(f->detail, ": the chip answers ") != NULL;

    if (low && strstr(f->detail, ", while ") == NULL)
        fprintf(stderr, "%s does not say what was being done: %s\n", failure_name(f->code), f->detail);
    assert(!low || strstr(f->detail, ", while ") != NULL);
}

void sim_bench_run(struct sim_bench *b)
{
    b->recorded = attempt_run(&b->config, &b->result, &b->attempt, &b->opened);
    check_context(&b->result.failure);
}

const uint8_t *sim_bench_flash(struct sim_bench *b)
{
    uint32_t size;

    session_close(&b->session);
    return sim_board_flash(sim_tray_board(b->tray, BENCH_BOARD), &size);
}

bool sim_bench_config_kept(struct sim_bench *b)
{
    return memcmp(sim_bench_flash(b) + CONFIG_SECTOR, b->config_before, SECTOR_SIZE) == 0;
}

void sim_bench_done(struct sim_bench *b)
{
    session_close(&b->session);
    stub_free(&b->stub);
    tiny_job_done(&b->tiny);
    memory_recorder_done(&b->recorder);
    waker_free(b->cancel);
    clock_free(b->clock);
    sim_tray_free(b->tray);
}
