/* SPDX-License-Identifier: Apache-2.0 */
/* label: scenario */
/*
 * Between the first question to the flash and the last nothing is allocated but the record of the wire, which grows by doubling up to
 * its bound: neither for a stream nor for a block, and however large the firmware is. So 64 slots share the one copy of what a
 * job compressed.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "tests/support/nth_call.h"
#include "tests/support/sim_bench.h"

/* The record of the wire has three parts, each of 4, 8, 16, 32, then 64 KiB. */
#define GROWTHS 15

static struct {
    struct sim_bench b;
    struct transport_driver driver;
    enum stage stage;
    bool counts;
    long allocated;
} w;

static bool is_counted(enum stage s)
{
    return s >= STAGE_ERASE && s <= STAGE_CONFIRM;
}

static void count_on(void)
{
    if (w.counts)
        nth_call_arm(NTH_ALLOC, 0);
}

static void count_off(void)
{
    if (w.counts)
        w.allocated += nth_call_disarm();
}

/* The board's own allocations are not the engine's. */
static ssize_t quiet_read(void *port, void *buf, size_t len, int64_t deadline_us)
{
    count_off();
    ssize_t n = sim_driver.read(port, buf, len, deadline_us);
    count_on();
    return n;
}

static int quiet_write(void *port, const void *buf, size_t len, int64_t deadline_us)
{
    count_off();
    int rc = sim_driver.write(port, buf, len, deadline_us);
    count_on();
    return rc;
}

static void see(void *ctx, const struct attempt_view *v)
{
    (void)ctx;
    if (v->stage == w.stage)
        return;
    count_off();
    w.stage = v->stage;
    w.counts = is_counted(w.stage);
    count_on();
}

/* How often, for an application of that size; the flash is blank, or carries all but one block of it. */
static long allocations(const char *stub, uint32_t app_size, bool carries)
{
    struct sim_tray_config c = {.count = 1, .revision = 1, .flash_size = 4u << 20, .seed = 11};

    memset(&w, 0, sizeof w);
    sim_bench_init_tray(&w.b, &c);
    tiny_job_done(&w.b.tiny);
    tiny_job_make(&w.b.tiny, app_size, 7);
    if (stub != NULL && !sim_bench_use_stub(&w.b, stub)) {
        sim_bench_done(&w.b);
        return 0;
    }
    w.driver = sim_driver;
    w.driver.read = quiet_read;
    w.driver.write = quiet_write;
    w.b.bindings[0].driver = &w.driver;
    w.b.config.publish = see;
    if (carries)
        sim_board_preload(sim_tray_board(w.b.tray, BENCH_BOARD), TINY_APP_OFFSET, w.b.tiny.pieces[2].data,
                          app_size - 0x10000);
    sim_bench_run(&w.b);
    assert_int_equal(w.b.result.result, RESULT_PASS);
    assert_true(carries == (w.b.result.bytes_unchanged > 0));
    sim_bench_done(&w.b);
    return w.allocated;
}

static void writing_allocates_nothing(void **state)
{
    static const char *const stubs[] = {NULL, "esp32.json"};

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        for (int carries = 0; carries < 2; carries++) {
            long small = allocations(stubs[i], 0x20000, carries),
                 large = allocations(stubs[i], 0x60000, carries);
            print_message("  %s%s: %ld and %ld growths of the record of the wire\n",
                          stubs[i] != NULL ? stubs[i] : "ROM", carries ? ", all but one block there" : "",
                          small, large);
            assert_true(large <= GROWTHS);
            assert_true(large - small <= 3); /* three times the blocks */
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(writing_allocates_nothing),
    };
    return cmocka_run_group_tests_name("write", tests, NULL, NULL);
}
