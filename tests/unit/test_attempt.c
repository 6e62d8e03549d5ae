/* SPDX-License-Identifier: Apache-2.0 */
/* Whole attempts on virtual boards, in virtual time: the good way, and every way that must end otherwise. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "tests/support/sim_bench.h"

static void check_pass(struct sim_bench *b)
{
    if (b->result.result != RESULT_PASS)
        print_message("%s %s in %s: %s\n", result_name(b->result.result),
                      failure_name(b->result.failure.code), stage_name(b->result.failure.stage),
                      b->result.failure.detail);
    assert_int_equal(b->result.result, RESULT_PASS);
    assert_true(b->recorded);
    assert_int_equal(b->recorder.opened, 1);
    assert_int_equal(b->recorder.closed, 1);
    assert_true(tiny_job_is_in(&b->tiny, sim_bench_flash(b)));
    assert_true(sim_bench_config_kept(b));
}

static void a_good_board_passes_with_the_rom_loader(void **state)
{
    struct sim_bench b;

    (void)state;
    sim_bench_init(&b, "good");
    sim_bench_run(&b);
    check_pass(&b);
    assert_false(b.result.used_stub);
    assert_int_equal(b.result.baud, 921600);
    assert_int_equal(b.result.retries, 0);
    print_message("ROM: %lld ms\n", (long long)b.result.duration_us / 1000);
    sim_bench_done(&b);
}

static void a_board_that_cannot_run_the_stub_falls_back_to_the_rom(void **state)
{
    struct sim_bench b;

    (void)state;
    sim_bench_init(&b, "no-stub");
    if (!sim_bench_use_stub(&b, "esp32.json")) {
        sim_bench_done(&b);
        print_message("skipped: no stub file; script/bootstrap brings it\n");
        skip();
    }
    sim_bench_run(&b);
    check_pass(&b);
    assert_false(b.result.used_stub);
    assert_true(b.result.stub_note[0] != '\0');
    sim_bench_done(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_good_board_passes_with_the_rom_loader),
        cmocka_unit_test(a_board_that_cannot_run_the_stub_falls_back_to_the_rom),
    };
    return cmocka_run_group_tests_name("attempt", tests, NULL, NULL);
}
