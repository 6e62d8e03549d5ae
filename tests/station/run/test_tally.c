/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "engine/slot/slot_event.h"
#include "station/run/tally.h"

static void add(struct tally *t, int slot, enum result r, int retries, enum failure_code code)
{
    struct slot_event e = {.kind = EVENT_RESULT, .t_ms = 8100};
    e.status.slot = slot;
    e.status.attempt = slot;
    e.status.result = r;
    e.status.retries = retries;
    e.status.has_unit = true;
    e.status.unit.mac = (struct mac){{0x02, 0xf1, 0xa5, 0, 0, (uint8_t)slot}};
    snprintf(e.status.unit.chip, sizeof e.status.unit.chip, "%s", slot == 1 ? "ESP32-D0WD" : "ESP32-C3");
    e.status.failure.code = code;
    tally_event(t, &e, "");
}

/* Results as letters; D drained, A aborted. */
static enum exit_code exit_of(bool bounded, const char *what)
{
    struct tally *t = tally_new(bounded);
    for (; *what != '\0'; what++) {
        if (*what == 'D')
            tally_drained(t);
        else if (*what == 'A')
            tally_aborted(t);
        else
            add(t, 1,
                *what == 'p'   ? RESULT_PASS
                : *what == 'f' ? RESULT_FAIL
                : *what == 'e' ? RESULT_ERROR
                : *what == 'h' ? RESULT_HOLD
                               : RESULT_ABORTED,
                0, FAILURE_NONE);
    }
    enum exit_code code = tally_exit_code(t);
    tally_free(t);
    return code;
}

static void the_worst_news_decides_how_a_run_ends(void **state)
{
    (void)state;
    assert_int_equal(exit_of(true, "ppp"), EXIT_ALL_PASS);
    assert_int_equal(exit_of(true, "ppf"), EXIT_SOME_FAIL);
    assert_int_equal(exit_of(true, "php"), EXIT_SOME_FAIL);
    assert_int_equal(exit_of(true, "fep"), EXIT_STATION);
    assert_int_equal(exit_of(true, "fea"), EXIT_INTERRUPTED);
    assert_int_equal(exit_of(true, "ppA"), EXIT_INTERRUPTED);
}

static void draining_is_the_ordinary_end_only_where_there_is_no_other(void **state)
{
    (void)state;
    assert_int_equal(exit_of(false, "ppD"), EXIT_ALL_PASS);
    assert_int_equal(exit_of(false, "pfD"), EXIT_SOME_FAIL);
    assert_int_equal(exit_of(true, "ppD"), EXIT_INTERRUPTED);
    assert_int_equal(exit_of(false, "D"), EXIT_INTERRUPTED);
    assert_int_equal(exit_of(true, ""), EXIT_STATION);
}

static void kept_from_starting_is_no_board(void **state)
{
    struct tally *t = tally_new(false);
    struct slot_event e = {.kind = EVENT_RESULT};

    (void)state;
    e.status = (struct slot_status){.slot = 1, .state = SLOT_ACT, .act = ACT_UNLOCK, .result = RESULT_ERROR};
    e.status.failure.code = FAIL_STOP_RULE;
    tally_event(t, &e, "");
    assert_int_equal(tally_boards(t), 0);
    assert_int_equal(tally_count(t, RESULT_ERROR), 0);
    tally_free(t);
}

/* With one board a slot nobody is asked again: the slot ends, nothing of it stands in the records. */
static void a_slot_that_never_started_is_told_and_not_counted(void **state)
{
    struct slot_event e = {.kind = EVENT_RESULT};
    struct tally *t = tally_new(true);
    char *text = NULL;
    size_t len = 0;
    FILE *f = open_memstream(&text, &len);

    (void)state;
    add(t, 1, RESULT_PASS, 0, FAILURE_NONE);
    e.status = (struct slot_status){.slot = 2, .state = SLOT_DONE, .result = RESULT_ERROR};
    e.status.failure.code = FAIL_STOP_RULE;
    tally_event(t, &e, "");
    assert_int_equal(tally_boards(t), 1);
    assert_int_equal(tally_count(t, RESULT_ERROR), 0);
    assert_int_equal(tally_not_started(t), 1);
    assert_int_equal(tally_exit_code(t), EXIT_STATION);
    tally_print(t, "1.18.1.r1", f);
    fclose(f);
    assert_non_null(
        strstr(text, "   2  -                  -           1.18.1.r1  not started      0.0  908 "));
    assert_non_null(strstr(text, "\n1 board: 1 PASS; 1 not started\n"));
    free(text);
    tally_free(t);
}

static void the_table_tells_every_board(void **state)
{
    (void)state;
    char *text = NULL;
    size_t len = 0;
    FILE *f = open_memstream(&text, &len);
    struct tally *t = tally_new(true);
    add(t, 2, RESULT_FAIL, 0, FAIL_MD5_MISMATCH);
    add(t, 1, RESULT_PASS, 1, FAILURE_NONE);
    tally_print(t, "1.18.1.r1", f);
    fclose(f);
    assert_string_equal(
        text,
        "slot  MAC                chip        version    result        seconds  code\n"
        "   1  02:f1:a5:00:00:01  ESP32-D0WD  1.18.1.r1  PASS (retry)      8.1  \n"
        "   2  02:f1:a5:00:00:02  ESP32-C3    1.18.1.r1  FAIL              8.1  601 flash differs from the firmware\n"
        "2 boards: 1 PASS (1 after a retry), 1 FAIL\n");
    free(text);
    tally_free(t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_worst_news_decides_how_a_run_ends),
        cmocka_unit_test(draining_is_the_ordinary_end_only_where_there_is_no_other),
        cmocka_unit_test(kept_from_starting_is_no_board),
        cmocka_unit_test(a_slot_that_never_started_is_told_and_not_counted),
        cmocka_unit_test(the_table_tells_every_board),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
