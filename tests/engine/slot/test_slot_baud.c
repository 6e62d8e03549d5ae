/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The rate of a slot: down on what only its line explains, up again with patience. A wrong rule would slow a whole tray for
 * one dead board, or lose board after board to one bad cable.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/record.h"
#include "engine/board/baud_ladder.h"
#include "engine/board/session.h"
#include "engine/slot/slot_baud.h"

/* What happened to a board: one letter each in the stories below. */
static enum slot_baud_step one(struct slot_baud *b, char what)
{
    struct session_line line = {.tried = b->rate, .used = b->rate};
    struct attempt_result r = {.result = RESULT_PASS};

    switch (what) {
    case '.': /* good */
        break;
    case 'r': /* good, after a region was started over */
        line.lost = 1;
        break;
    case 'l': /* lost, at this rate and at the next */
        line.lost = 3;
        line.used = baud_below(b->rate);
        r.result = RESULT_ERROR;
        r.failure.blame = BLAME_FIXTURE;
        break;
    case 'd': /* good at the next lower rate */
        line.lost = 1;
        line.used = baud_below(b->rate);
        break;
    case 'D': /* good two rates below */
        line.lost = 2;
        line.used = baud_below(baud_below(b->rate));
        break;
    case 'f': /* its flash is bad */
        r.result = RESULT_FAIL;
        r.failure.blame = BLAME_BOARD;
        break;
    case 'F': /* and something was started over on the way */
        line.lost = 1;
        r.result = RESULT_FAIL;
        r.failure.blame = BLAME_BOARD;
        break;
    case 'b': /* good; its chip restarted by itself, from low voltage as like as not */
        line.lost = 1;
        line.used = baud_below(b->rate);
        r.chip_resets = 1;
        break;
    case 's': /* silent from the start */
        line.tried = line.used = 0;
        r.result = RESULT_ERROR;
        r.failure.blame = BLAME_FIXTURE;
        break;
    default:
        fail_msg("no board is called '%c'", what);
    }
    return slot_baud_note(b, &line, &r);
}

static enum slot_baud_step many(struct slot_baud *b, char what, unsigned count)
{
    enum slot_baud_step last = SLOT_BAUD_STAYS;

    for (unsigned i = 0; i < count; i++) {
        assert_int_equal(last, SLOT_BAUD_STAYS);
        last = one(b, what);
    }
    return last;
}

static void the_line_alone_brings_it_down(void **state)
{
    static const struct {
        const char *boards;
        uint32_t rate;
    } rows[] = {
        {"....................................", 2000000}, /* above the job's rate there is nothing */
        {"d", 1500000},
        {"D", 921600},
        {"dd", 921600},
        {"r", 2000000},
        {"rr", 1500000},
        {"r.r.r.r", 2000000},
        {"l", 2000000},
        {"ll", 1500000},
        {"lr", 1500000},
        {"l.l", 2000000},
        {"fffff", 2000000},
        {"FFFFF", 2000000},
        {"lfl", 1500000},
        {"bbbbb", 2000000},
        {"sssss", 2000000},
        {"lsl", 1500000},
        {"dddddddd", 115200},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct slot_baud b;
        slot_baud_init(&b, 2000000, 0);
        for (const char *at = rows[i].boards; *at != '\0'; at++)
            one(&b, *at);
        if (b.rate != rows[i].rate)
            fail_msg("after '%s': %u, not %u", rows[i].boards, b.rate, rows[i].rate);
    }
}

static void twenty_clean_boards_bring_it_up_again(void **state)
{
    struct slot_baud b;

    (void)state;
    slot_baud_init(&b, 2000000, 0);
    assert_int_equal(one(&b, 'D'), SLOT_BAUD_DOWN);
    assert_int_equal(b.rate, 921600);
    assert_int_equal(many(&b, '.', 20), SLOT_BAUD_UP);
    assert_int_equal(b.rate, 1500000);
    assert_int_equal(many(&b, '.', 20), SLOT_BAUD_UP);
    assert_int_equal(b.rate, 2000000);
    assert_int_equal(many(&b, '.', 100), SLOT_BAUD_STAYS);
    /* A fault in between begins the count anew; a board's own does not. */
    one(&b, 'd');
    many(&b, '.', 19);
    one(&b, 'r');
    assert_int_equal(many(&b, '.', 19), SLOT_BAUD_STAYS);
    one(&b, 'f');
    assert_int_equal(one(&b, '.'), SLOT_BAUD_UP);
}

/* A cable that bears 1.5 Mbaud and no more shall not cost a retry every twenty boards for ever. */
static void a_rate_that_fails_again_is_tried_ever_more_rarely(void **state)
{
    static const unsigned patience[] = {20, 40, 80, 160, 320, 320};
    struct slot_baud b;

    (void)state;
    slot_baud_init(&b, 2000000, 0);
    one(&b, 'd');
    for (size_t i = 0; i < sizeof patience / sizeof patience[0]; i++) {
        assert_int_equal(many(&b, '.', patience[i]), SLOT_BAUD_UP);
        assert_int_equal(b.rate, 2000000);
        assert_int_equal(one(&b, i % 2 == 0 ? 'd' : 'l'), SLOT_BAUD_DOWN); /* on trial one is enough */
        assert_int_equal(b.rate, 1500000);
    }
    /* Once it was clean for long enough up there, it is as good as new. */
    assert_int_equal(many(&b, '.', 320), SLOT_BAUD_UP);
    many(&b, '.', 20);
    assert_int_equal(one(&b, 'l'), SLOT_BAUD_STAYS);
    assert_int_equal(one(&b, 'l'), SLOT_BAUD_DOWN);
    assert_int_equal(many(&b, '.', 20), SLOT_BAUD_UP);
}

static void what_an_earlier_run_knew_is_begun_with(void **state)
{
    struct slot_baud b;

    (void)state;
    slot_baud_init(&b, 2000000, 921600);
    assert_int_equal(b.rate, 921600);
    assert_int_equal(many(&b, '.', 20), SLOT_BAUD_UP);
    slot_baud_init(&b, 460800, 921600); /* another job's */
    assert_int_equal(b.rate, 460800);
    slot_baud_init(&b, 1750000, 0);
    one(&b, 'd');
    assert_int_equal(b.rate, 1500000);
    many(&b, '.', 20);
    assert_int_equal(b.rate, 1750000);
}

static void what_the_adapter_cannot_make_is_not_tried_again(void **state)
{
    const struct session_line line = {.tried = 921600, .used = 921600};
    const struct attempt_result r = {.result = RESULT_PASS};
    struct slot_baud b;

    (void)state;
    slot_baud_init(&b, 2000000, 0);
    for (int i = 0; i < 100; i++)
        assert_int_equal(slot_baud_note(&b, &line, &r), SLOT_BAUD_STAYS);
    assert_int_equal(b.rate, 921600);
}

static void rates_are_steps(void **state)
{
    (void)state;
    assert_int_equal(baud_below(2000000), 1500000);
    assert_int_equal(baud_below(1750000), 1500000);
    assert_int_equal(baud_below(115200), 0);
    assert_int_equal(baud_above(921600, 2000000), 1500000);
    assert_int_equal(baud_above(1500000, 1750000), 1750000);
    assert_int_equal(baud_above(3000000, 4000000), 4000000);
    assert_int_equal(baud_above(2000000, 2000000), 2000000);
    assert_int_equal(baud_asked(923077), 921600);
    assert_int_equal(baud_asked(2000000), 2000000);
    assert_int_equal(baud_asked(1750000), 1750000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_line_alone_brings_it_down),
        cmocka_unit_test(twenty_clean_boards_bring_it_up_again),
        cmocka_unit_test(a_rate_that_fails_again_is_tried_ever_more_rarely),
        cmocka_unit_test(what_an_earlier_run_knew_is_begun_with),
        cmocka_unit_test(what_the_adapter_cannot_make_is_not_tried_again),
        cmocka_unit_test(rates_are_steps),
    };
    return cmocka_run_group_tests_name("slot_baud", tests, NULL, NULL);
}
