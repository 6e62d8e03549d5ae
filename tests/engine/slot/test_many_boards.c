/* SPDX-License-Identifier: Apache-2.0 */
/* label: scenario */
/*
 * Two thousand virtual boards with seeded faults, sixteen slots at once, in virtual time. Whatever happens to them, a
 * PASS means that the whole firmware is in that board's flash, and everything else has a code.
 */
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "engine/chip/esp_stub.h"
#include "engine/slot/engine.h"
#include "sim/board/sim_tray.h"
#include "tests/support/memory_recorder.h"
#include "tests/support/or_fail.h"
#include "tests/support/skipped.h"
#include "tests/support/tiny_job.h"

#define SLOTS 16
#ifdef __SANITIZE_THREAD__
#define ROUNDS 15 /* ten times slower there, and the threads meet in each round alike */
#else
#define ROUNDS 125
#endif
#define CODES 1000

struct tally {
    int results[RESULT_COUNT];
    int codes[CODES];
    int after_retry, false_pass, without_code, identity_lost;
};

struct many {
    struct tiny_job tiny;
    struct memory_recorder recorder;
    struct stub stub;
    bool has_stub;
    struct tally tally;
};

static void find_stub(struct many *m)
{
    const char *env[][2] = {{"FLASHLINE_STUB_DIR", ""},
                            {"XDG_CACHE_HOME", "/flashline/stubs"},
                            {"HOME", "/.cache/flashline/stubs"}};
    char path[512], why[160];

    for (size_t i = 0; i < sizeof env / sizeof env[0] && !m->has_stub; i++) {
        const char *dir = getenv(env[i][0]);
        if (dir == NULL)
            continue;
        snprintf(path, sizeof path, "%s%s/esp32.json", dir, env[i][1]);
        m->has_stub = stub_load(path, &m->stub, why) == 0;
    }
}

static void count_result(struct many *m, struct sim_tray *tray, const struct slot_status *st)
{
    struct tally *t = &m->tally;
    uint32_t size;
    const uint8_t *flash = sim_board_flash(sim_tray_board(tray, st->slot), &size);

    t->results[st->result]++;
    if (st->result == RESULT_PASS) {
        t->after_retry += st->retries > 0;
        t->false_pass += !tiny_job_is_in(&m->tiny, flash);
    } else if (st->failure.code == FAILURE_NONE) {
        t->without_code++;
    }
    t->codes[st->failure.code % CODES]++;
}

static void run_round(struct many *m, int round)
{
    struct sim_tray_config c = {
        .count = SLOTS, .revision = 0, .seed = 1000 + (uint64_t)round, .fault_rate = 0.6};
    char error[SIM_TRAY_ERROR], uris[SLOTS][16];
    struct engine_slot slots[SLOTS];
    static uint8_t identity[SLOTS][SECTOR_SIZE];
    struct sim_tray *tray = sim_tray_new(&c, error);
    uint32_t size;

    assert_non_null(tray);
    for (int i = 0; i < SLOTS; i++) {
        snprintf(uris[i], sizeof uris[i], "sim:%d", i + 1);
        slots[i] = (struct engine_slot){.number = i + 1, .uri = uris[i], .virtual_time = true};
        memcpy(identity[i], sim_board_flash(sim_tray_board(tray, i + 1), &size) + CONFIG_SECTOR, SECTOR_SIZE);
    }
    const struct transport_binding bindings[] = {{&sim_driver, tray}, {NULL, NULL}};
    struct engine_config config = {
        .job = &m->tiny.job,
        .stub = m->has_stub && round % 2 == 1 ? &m->stub : NULL,
        .stub_note = "every other round",
        .recorder = &m->recorder.recorder,
        .bindings = bindings,
        .slots = slots,
        .slot_count = SLOTS,
        .once = true,
        .kind = ATTEMPT_TRAINING,
    };
    struct failure f = {0};
    struct engine *e = engine_new_or_fail(&config);
    assert_int_equal(engine_start(e, &f), 0);
    engine_join(e);
    for (int i = 0; i < SLOTS; i++) {
        struct slot_status st;
        engine_snapshot(e, i, &st);
        assert_int_equal(st.state, SLOT_DONE);
        count_result(m, tray, &st);
        const uint8_t *flash = sim_board_flash(sim_tray_board(tray, i + 1), &size);
        m->tally.identity_lost += memcmp(flash + CONFIG_SECTOR, identity[i], SECTOR_SIZE) != 0;
    }
    engine_free(e);
    sim_tray_free(tray);
}

static void print_tally(const struct tally *t)
{
    for (int r = 0; r < RESULT_COUNT; r++) {
        if (t->results[r] > 0)
            print_message("%-12s %5d\n", result_name((enum result)r), t->results[r]);
    }
    print_message("after retry  %5d\n", t->after_retry);
    for (int code = 1; code < CODES; code++) {
        if (t->codes[code] > 0)
            print_message("  %d %-22s %5d\n", code, failure_name((enum failure_code)code), t->codes[code]);
    }
}

static void no_board_passes_that_does_not_hold_the_firmware(void **state)
{
    static struct many m;

    (void)state;
    memset(&m, 0, sizeof m);
    tiny_job_make(&m.tiny, 0x18000, 21);
    m.tiny.job.retries = 2;
    memory_recorder_init(&m.recorder);
    find_stub(&m);
    if (!m.has_stub)
        skipped_row("no esp32.json among the stub files: all rounds with the ROM loader");
    for (int round = 0; round < ROUNDS; round++)
        run_round(&m, round);
    print_tally(&m.tally);
    assert_int_equal(m.tally.false_pass, 0);
    assert_int_equal(m.tally.without_code, 0);
    assert_int_equal(m.tally.identity_lost, 0);
    assert_int_equal(m.recorder.opened, SLOTS * ROUNDS);
    assert_int_equal(m.recorder.closed, SLOTS * ROUNDS);
    /* A test that only ever saw one kind of end would prove nothing. */
    assert_true(m.tally.results[RESULT_PASS] > SLOTS * ROUNDS / 3);
    assert_true(m.tally.after_retry > 0);
    if (ROUNDS > 100) /* three boards in two thousand end otherwise */
        assert_true(m.tally.results[RESULT_PASS] < SLOTS * ROUNDS);
    stub_free(&m.stub);
    tiny_job_done(&m.tiny);
    memory_recorder_done(&m.recorder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_board_passes_that_does_not_hold_the_firmware),
    };
    return cmocka_run_group_tests_name("many_boards", tests, NULL, NULL);
}
