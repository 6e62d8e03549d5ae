/* SPDX-License-Identifier: Apache-2.0 */
/* With which rate a slot begins after a restart: that of its newest good board, where port and job are still the same. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "profiles/job/job.h"
#include "station/run/run_rates.h"
#include "station/run/run_slots.h"
#include "tests/support/db_fixture.h"

/* One attempt on a slot, of the fixture's job. */
static void record(struct db_fixture *x, int slot, const char *port, enum result result, uint32_t baud)
{
    static uint32_t tail;
    struct attempt_start start = board_start(slot);
    struct unit_identity unit = board_identity(++tail);
    struct attempt_result end = board_end(result, result == RESULT_PASS ? FAILURE_NONE : FAIL_WRITE_LOST);
    struct recorder_verdict verdict;
    struct failure f = {0};
    int64_t attempt;

    strncpy(start.port, port, sizeof start.port - 1);
    end.baud = baud;
    assert_int_equal(x->face->open(x->face->ctx, &start, &attempt, &f), 0);
    assert_int_equal(x->face->identify(x->face->ctx, attempt, &unit, &verdict, &f), 0);
    assert_int_equal(x->face->close(x->face->ctx, attempt, &end, &f), 0);
}

static uint32_t remembered(struct db_fixture *x, int slot, const char *port, const struct job *job)
{
    static struct run_slots slots;

    memset(&slots, 0, sizeof slots);
    slots.count = 1;
    slots.slots[0] = (struct engine_slot){.number = slot, .uri = port, .baud = 77};
    run_rates_remember(&slots, x->db, job, false);
    return slots.slots[0].baud;
}

static void a_slot_begins_with_the_rate_of_its_newest_good_board(void **state)
{
    struct db_fixture x;
    struct attempt_start start = board_start(1);
    struct job job = {.baud = 2000000}, other = {.baud = 2000000};

    (void)state;
    memcpy(job.sha256, start.job_sha256, sizeof job.sha256);
    memcpy(other.sha256, start.job_sha256, sizeof other.sha256);
    other.sha256[0] ^= 1;
    fixture_new(&x);
    fixture_start(&x);
    assert_int_equal(remembered(&x, 1, "ftdi:1-1:A", &job), 0);
    record(&x, 1, "ftdi:1-1:A", RESULT_PASS, 1500000);
    record(&x, 1, "ftdi:1-1:A", RESULT_PASS, 923077); /* what the adapter made of 921600 */
    record(&x, 1, "ftdi:1-1:A", RESULT_ERROR, 460800);
    record(&x, 2, "ftdi:1-1:B", RESULT_PASS, 2000000);
    record(&x, 3, "sim:3", RESULT_PASS, 460800);
    assert_int_equal(remembered(&x, 1, "ftdi:1-1:A", &job), 921600);
    assert_int_equal(remembered(&x, 2, "ftdi:1-1:B", &job), 2000000);
    assert_int_equal(remembered(&x, 1, "ftdi:1-2:A", &job), 0);   /* another place is another cable */
    assert_int_equal(remembered(&x, 1, "ftdi:1-1:A", &other), 0); /* that one may have allowed less */
    assert_int_equal(remembered(&x, 3, "sim:3", &job), 0);
    for (int i = 0; i < RUN_RATES_LOOK; i++)
        record(&x, 1, "ftdi:1-1:A", RESULT_ERROR, 115200);
    assert_int_equal(remembered(&x, 1, "ftdi:1-1:A", &job), 0);
    fixture_free(&x);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_slot_begins_with_the_rate_of_its_newest_good_board),
    };
    return cmocka_run_group_tests_name("run_rates", tests, NULL, NULL);
}
