/* SPDX-License-Identifier: Apache-2.0 */
/* Attempts on a board whose running stub, the first version, has a broken stream behind it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>
#include <zlib.h>

#include "sim/board/sim_random.h"
#include "sim/board/sim_stub.h"
#include "tests/support/board_host.h"
#include "tests/support/sim_bench.h"

#define OP_DEFL_BEGIN 0x10
#define OP_DEFL_DATA  0x11

/* An earlier session starts the first stub, sends half a stream and is gone. */
static void leave_half_a_stream(struct sim_board *board)
{
    static struct board_host h;
    static uint8_t bytes[0x3000], z[0x3000];
    struct sim_random r = {5};
    uLongf zsize = sizeof z;
    uint8_t got[64];
    const uint32_t begin[5] = {sizeof bytes, 2, 0x1000, 0x20000, 0};

    h = (struct board_host){.board = board};
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (uint8_t)(sim_random_next(&r) & 0x0f);
    assert_int_equal(compress2(z, &zsize, bytes, sizeof bytes, 9), Z_OK);
    assert_in_range(zsize, 0x1001, sizeof z);
    host_pass(&h, HOST_SECOND);
    host_sync(&h);
    assert_int_equal(sim_stub_start(board, "v1"), 0);
    assert_int_equal(host_reply(&h, got, sizeof got, HOST_SECOND), 4);
    host_ask(&h, OP_DEFL_BEGIN, begin, 5, got);
    assert_int_equal(got[8], 0);
    host_block(&h, OP_DEFL_DATA, 0, z, 0x1000);
    assert_int_equal(host_reply(&h, got, sizeof got, HOST_SECOND), 10);
    assert_int_equal(got[8], 0);
}

static void a_stub_with_a_broken_stream_behind_it_is_given_no_other(void **state)
{
    struct sim_bench b;

    (void)state;
    sim_bench_init(&b, "no-reset-wire");
    leave_half_a_stream(sim_tray_board(b.tray, BENCH_BOARD));
    b.tiny.job.reset = RESET_NONE;
    b.session.connect.reset = RESET_NONE;
    b.tiny.job.retries = 0;
    sim_bench_run(&b);
    if (b.result.result != RESULT_PASS)
        print_message("%s: %s\n", failure_name(b.result.failure.code), b.result.failure.detail);
    assert_int_equal(b.result.result, RESULT_PASS);
    assert_true(tiny_job_is_in(&b.tiny, sim_bench_flash(&b)));
    assert_true(sim_bench_config_kept(&b));
    sim_bench_done(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_stub_with_a_broken_stream_behind_it_is_given_no_other),
    };
    return cmocka_run_group_tests_name("attempt_stream", tests, NULL, NULL);
}
