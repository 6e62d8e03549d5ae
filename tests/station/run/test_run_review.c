/* SPDX-License-Identifier: Apache-2.0 */
/* What is typed into the screen's list of units finds them: by serial, by a part of a MAC, and by any address that is burnt in. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "station/run/run_review.h"
#include "tests/support/db_fixture.h"

/* `custom`: the last byte of its owner's MAC, 0: none burnt. */
static void flash(struct db_fixture *x, uint32_t tail, uint8_t custom, bool has_eui64)
{
    const struct attempt_start s = board_start(1);
    struct unit_identity u = board_identity(tail);
    struct recorder_verdict v = {0};
    struct failure f = {0};
    int64_t attempt;

    u.has_custom_mac = custom != 0;
    u.custom_mac = (struct mac){{0x70, 0xb3, 0xd5, 0, 0, custom}};
    u.has_eui64 = has_eui64;
    memcpy(u.eui64, (const uint8_t[]){0x24, 0x0a, 0xc4, 0xff, 0xfe, 0, 0, (uint8_t)tail}, EUI64_SIZE);
    assert_int_equal(x->face->open(x->face->ctx, &s, &attempt, &f), 0);
    assert_int_equal(x->face->identify(x->face->ctx, attempt, &u, &v, &f), 0);
    const struct attempt_result e = board_end(RESULT_PASS, FAILURE_NONE);
    assert_int_equal(x->face->close(x->face->ctx, attempt, &e, &f), 0);
}

static void a_search_finds_units_by_any_address(void **state)
{
    static const struct {
        const char *search;
        int count, first; /* how many units, the last byte of the first one's base MAC */
    } rows[] = {
        {"", 4, 4},
        {"24:0a:c4:00:00:02", 1, 2},
        {"240ac4000003", 1, 3},
        {"c4:00", 4, 4},
        {"70:b3:d5:00:00:09", 1, 2},
        {"70-B3-D5-00-00-09", 1, 2},
        {"70:b3:d5:00:00:08", 2, 4}, /* burnt twice: both */
        {"d5:00:00:09", 1, 2},
        {"24:0a:c4:ff:fe:00:00:03", 1, 3},
        {"FF:FE", 1, 3},
        {"70:b3:d5:00:00:01", 0, 0},
    };
    struct db_fixture x;
    struct failure f = {0};

    (void)state;
    fixture_new(&x);
    fixture_start(&x);
    flash(&x, 1, 8, false);
    flash(&x, 2, 9, false);
    flash(&x, 3, 0, true);
    flash(&x, 4, 8, false);
    struct run_review *r = run_review_new(x.path, false, db_run(x.db), &f);
    assert_non_null(r);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct desk_unit units[8] = {0};
        const struct desk_query q = {.topic = DESK_UNITS, .text = rows[i].search, .max = 8};
        int count = run_review_ask(r, &q, (union desk_answer){.units = units});
        if (count != rows[i].count || (count > 0 && units[0].mac.bytes[5] != rows[i].first))
            fail_msg("'%s' found %d units, the first %d", rows[i].search, count,
                     count > 0 ? units[0].mac.bytes[5] : 0);
    }
    run_review_free(r);
    fixture_free(&x);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(a_search_finds_units_by_any_address)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
