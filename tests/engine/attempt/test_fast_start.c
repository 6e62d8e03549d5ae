/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a board costs beside the writing of its flash: the times of its stages in virtual time, and how often it is asked
 * something. A wait by the clock that comes back, a question too many, or one asked at 115200 again is seen here.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "tests/support/sim_bench.h"

/* Requests by the stage that they are sent in. */
static unsigned requests[STAGE_COUNT];
static enum stage stage_now;

static int count_write(void *port, const void *buf, size_t len, int64_t deadline_us)
{
    requests[stage_now]++;
    return sim_driver.write(port, buf, len, deadline_us);
}

static void see_stage(void *ctx, const struct attempt_view *v)
{
    (void)ctx;
    stage_now = v->stage;
}

struct limit {
    enum stage stage;
    int64_t at_most_ms;
    unsigned requests;
};

static void check(const char *stub, uint32_t baud, const struct limit *limits, size_t count)
{
    struct transport_driver counting = sim_driver;
    struct sim_bench b;

    sim_bench_init(&b, "good");
    if (stub != NULL && !sim_bench_use_stub(&b, stub)) {
        sim_bench_done(&b);
        return;
    }
    counting.write = count_write;
    b.bindings[0].driver = &counting;
    b.tiny.job.baud = baud;
    b.config.publish = see_stage;
    memset(requests, 0, sizeof requests);
    sim_bench_run(&b);
    assert_int_equal(b.result.result, RESULT_PASS);
    assert_int_equal(b.result.retries, 0);
    for (size_t i = 0; i < count; i++) {
        const struct limit *l = &limits[i];
        if (b.result.stage_us[l->stage] > l->at_most_ms * 1000 || requests[l->stage] > l->requests)
            fail_msg("%s at %u baud: %s takes %.1f ms and %u requests, %d ms and %u are enough",
                     stub != NULL ? stub : "ROM", baud, stage_name(l->stage),
                     (double)b.result.stage_us[l->stage] / 1000, requests[l->stage], (int)l->at_most_ms,
                     l->requests);
    }
    sim_bench_done(&b);
}

#define CHECK(stub, baud, ...)                                       \
    do {                                                             \
        static const struct limit limits[] = {__VA_ARGS__};          \
        check(stub, baud, limits, sizeof limits / sizeof limits[0]); \
    } while (0)

/*
 * connect: EN low 20 ms, its rise and the boot text 20, SYNC and its eight answers 14. identify: 12 ms of it at 115200, the
 * answers of the ESP32 that it does not know GET_SECURITY_INFO. stub: 6.9 KB of it on the wire.
 */
static void nothing_waits_beside_the_wire(void **state)
{
    (void)state;
    CHECK(NULL, 921600, {STAGE_CONNECT, 57, 1}, {STAGE_IDENTIFY, 53, 43}, {STAGE_GATE, 0, 0},
          {STAGE_RESET, 20, 0});
    CHECK(NULL, 2000000, {STAGE_CONNECT, 57, 1}, {STAGE_IDENTIFY, 45, 43}, {STAGE_RESET, 20, 0});
    CHECK(NULL, 115200, {STAGE_CONNECT, 57, 1}, {STAGE_IDENTIFY, 125, 38}, {STAGE_RESET, 20, 0});
    CHECK("esp32.json", 921600, {STAGE_STUB, 82, 7}, {STAGE_BACKUP, 68, 19}, {STAGE_RESET, 20, 0});
    CHECK("esp32.json", 2000000, {STAGE_STUB, 40, 7}, {STAGE_BACKUP, 39, 19}, {STAGE_RESET, 20, 0});
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_waits_beside_the_wire),
    };
    return cmocka_run_group_tests_name("fast_start", tests, NULL, NULL);
}
