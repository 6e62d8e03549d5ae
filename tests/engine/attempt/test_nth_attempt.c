/* SPDX-License-Identifier: Apache-2.0 */
/* label: scenario */
/*
 * One board is flashed and recorded in a real database, once for every call below that may fail: a PASS is in the flash
 * and in the records, what failed is the station's fault and never the board's, and the identity sector is kept.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>
#include <sqlite3.h>

#include "db/care/verify.h"
#include "tests/support/db_fixture.h"
#include "tests/support/nth_call.h"
#include "tests/support/sim_bench.h"

#define APP 0x4000u
#define ALL                                                                                 \
    (1u << NTH_ALLOC | 1u << NTH_READ | 1u << NTH_WRITE | 1u << NTH_SYNC | 1u << NTH_POLL | \
     1u << NTH_SQL_ALLOC | 1u << NTH_SQL_READ | 1u << NTH_SQL_WRITE | 1u << NTH_SQL_WRECK | \
     1u << NTH_SQL_SYNC | 1u << NTH_SQL_SIZE | 1u << NTH_SQL_LOCK | 1u << NTH_SQL_MAP)

struct flashing {
    const char *stub; /* NULL: the ROM's loader */
    struct db_fixture x;
    struct sim_bench b;
};

static char templates[SCRATCH_SIZE];
static char house_db[128];

static void ready(void *ctx)
{
    struct flashing *g = ctx;
    struct sim_tray_config tray = {.count = 1, .revision = 1, .flash_size = 4u << 20, .seed = 11};

    fixture_new(&g->x);
    scratch_copy(house_db, g->x.path);
    fixture_start(&g->x);
    sim_bench_init_tray(&g->b, &tray);
    tiny_job_done(&g->b.tiny);
    tiny_job_make(&g->b.tiny, APP, 7);
    if (g->stub != NULL)
        assert_true(sim_bench_use_stub(&g->b, g->stub));
    g->b.config.recorder = g->x.face;
    g->b.config.start = board_start(1);
    g->b.config.start.kind = ATTEMPT_TRAINING;
}

static void run(void *ctx)
{
    struct flashing *g = ctx;

    sim_bench_run(&g->b);
}

static void judge_told(const struct flashing *g, bool met)
{
    const struct attempt_result *r = &g->b.result;

    if (r->result == RESULT_PASS) {
        assert_true(g->b.recorded);
        assert_int_equal(r->failure.code, FAILURE_NONE);
        return;
    }
    if (!met)
        fail_msg("%s: %d %s", result_name(r->result), (int)r->failure.code, r->failure.detail);
    assert_int_not_equal(r->failure.code, FAILURE_NONE);
    if (r->result != RESULT_ERROR)
        fail_msg("%s for what is the station's: %d %s", result_name(r->result), (int)r->failure.code,
                 r->failure.detail);
}

/* On the board, or in the records for the next attempt to put back. */
static void judge_identity(struct flashing *g)
{
    uint8_t sha256[SHA256_SIZE];
    char hex[SHA256_TEXT_SIZE], sql[256];

    if (sim_bench_config_kept(&g->b))
        return;
    digest_sha256(g->b.config_before, SECTOR_SIZE, sha256);
    digest_hex(sha256, SHA256_SIZE, hex);
    snprintf(sql, sizeof sql,
             "SELECT count(*) FROM backup b JOIN sector s USING (sha256) WHERE b.sha256 = x'%s'", hex);
    assert_true(fixture_int(&g->x, sql) > 0);
}

static void judge_records(struct flashing *g)
{
    struct verify_report v;
    struct failure f = {0};
    char sql[160];

    assert_int_equal(verify_all(g->x.db, &v, &f), 0);
    if (v.first_bad != 0)
        fail_msg("%s", v.text);
    if (!g->b.recorded)
        return;
    snprintf(sql, sizeof sql,
             "SELECT count(*) FROM attempt WHERE id = %lld AND result = '%s' AND coalesce(code, 0) = %d",
             (long long)g->b.attempt, result_name(g->b.result.result), (int)g->b.result.failure.code);
    assert_int_equal(fixture_int(&g->x, sql), 1);
}

static void judge(void *ctx, bool met)
{
    struct flashing *g = ctx;

    judge_told(g, met);
    fixture_stop(&g->x);
    fixture_start(&g->x);
    judge_records(g);
    judge_identity(g);
    if (g->b.result.result == RESULT_PASS)
        assert_true(tiny_job_is_in(&g->b.tiny, sim_bench_flash(&g->b)));
    sim_bench_done(&g->b);
    fixture_free(&g->x);
}

static void drive(const char *name, struct flashing *g)
{
    const struct nth_case c = {
        .name = name, .kinds = ALL, .most = 8, .ready = ready, .run = run, .judge = judge, .ctx = g};

    nth_case_drive(&c);
}

static void a_board_is_flashed_by_its_rom(void **state)
{
    (void)state;
    struct flashing g = {.stub = NULL};

    drive("ROM", &g);
}

static void a_board_is_flashed_by_a_stub(void **state)
{
    (void)state;
    struct flashing g = {.stub = "esp32.json"};
    struct sim_bench b;

    sim_bench_init(&b, "good");
    bool here = sim_bench_use_stub(&b, g.stub);
    sim_bench_done(&b);
    if (!here) {
        skip();
    }
    drive("stub", &g);
}

static int set_up(void **state)
{
    (void)state;
    struct db_fixture x;

    nth_call_watch_sqlite();
    scratch_make(templates, "nth");
    snprintf(house_db, sizeof house_db, "%s/house.db", templates);
    fixture_new(&x);
    fixture_start(&x);
    fixture_flash(&x, 1, "L1", 1, RESULT_PASS, FAILURE_NONE);
    fixture_stop(&x);
    scratch_copy(x.path, house_db);
    fixture_free(&x);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    scratch_remove(templates);
    return 0;
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(a_board_is_flashed_by_its_rom, nth_case_say_where),
        cmocka_unit_test_teardown(a_board_is_flashed_by_a_stub, nth_case_say_where),
    };
    if (argc > 1)
        cmocka_set_test_filter(argv[1]);
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
