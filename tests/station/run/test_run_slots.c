/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "station/run/run_slots.h"

static const struct config fixture = {
    .path = "station.yaml",
    .found = true,
    .slot_count = 3,
    .slots = {{.number = 1, .port = "ftdi:1-1:A", .label = "left"},
              {.number = 2, .port = "ftdi:1-1:B", .reset = RESET_NONE, .has_reset = true},
              {.number = 5, .port = "tty:/dev/ttyS0"}}};

static struct run_slots chosen;

static int choose(const char *slots, int sim, const struct config *config)
{
    const struct run_options o = {.verb = "run", .slots = slots, .sim = sim, .reset = -1};
    return run_slots_choose(&chosen, &o, config);
}

static void without_a_word_all_configured_slots_take_part(void **state)
{
    (void)state;
    assert_int_equal(choose(NULL, 0, &fixture), 0);
    assert_int_equal(chosen.count, 3);
    assert_int_equal(chosen.slots[2].number, 5);
    assert_true(chosen.slots[1].has_reset && chosen.slots[1].reset == RESET_NONE);
}

static void slots_are_named_by_number_label_or_port(void **state)
{
    (void)state;
    assert_int_equal(choose("2,left,tty:/dev/pts/7,tty:/dev/ttyS0,tty:/dev/pts/8", 0, &fixture), 0);
    assert_int_equal(chosen.count, 5);
    assert_string_equal(chosen.slots[0].uri, "ftdi:1-1:B");
    assert_string_equal(chosen.slots[1].uri, "ftdi:1-1:A");
    /* A port nobody configured never takes a configured slot's number; one that is keeps its own. */
    assert_int_equal(chosen.slots[2].number, 6);
    assert_int_equal(chosen.slots[3].number, 5);
    assert_int_equal(chosen.slots[4].number, 7);
}

static void slips_are_usage(void **state)
{
    (void)state;
    static const char *const slips[] = {"3",     "rigth", "1,1",  "1,left",    "1,,2",
                                        "sim:1", ",",     "COM3", "left,auto", "/dev/ttyS0"};
    static const struct config none = {.path = "station.yaml"};
    for (size_t i = 0; i < sizeof slips / sizeof slips[0]; i++)
        assert_int_equal(choose(slips[i], 0, &fixture), EXIT_USAGE);
    assert_int_equal(choose(NULL, 0, &none), EXIT_USAGE);
}

static void virtual_boards_stand_in_slots_of_their_own(void **state)
{
    (void)state;
    assert_int_equal(choose(NULL, 8, &fixture), 0);
    assert_int_equal(chosen.count, 8);
    assert_string_equal(chosen.slots[7].uri, "sim:8");
    assert_int_equal(chosen.slots[7].number, 8);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_a_word_all_configured_slots_take_part),
        cmocka_unit_test(slots_are_named_by_number_label_or_port),
        cmocka_unit_test(slips_are_usage),
        cmocka_unit_test(virtual_boards_stand_in_slots_of_their_own),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
