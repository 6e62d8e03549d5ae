/* SPDX-License-Identifier: Apache-2.0 */
/* If this failed, a slot whose port is named by a link would stand in no row of `flashline slots`, or in another's. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "station/config/slot_ports.h"
#include "tests/support/scratch.h"

static void a_slot_is_found_by_any_name_of_its_tty(void **state)
{
    (void)state;
    struct config config = {.slot_count = 1};
    struct usb_serial s = {.binding.tty = "/dev/null"};
    char dir[SCRATCH_SIZE], link[SCRATCH_SIZE + 16], second[SCRATCH_SIZE + 16];
    const char *const good[] = {"/dev/null", link, second}, *const other[] = {"/dev/zero", dir,
                                                                              "/dev/nosuch"};

    scratch_make(dir, "slot-ports");
    snprintf(link, sizeof link, "%s/by-id", dir);
    snprintf(second, sizeof second, "%s/line-3", dir);
    assert_int_equal(symlink("/dev/null", link), 0);
    assert_int_equal(symlink("by-id", second), 0);
    for (size_t i = 0; i < 3; i++) {
        snprintf(config.slots[0].port, sizeof config.slots[0].port, "tty:%s", good[i]);
        assert_ptr_equal(slot_port_find(&config, &s), &config.slots[0]);
        snprintf(config.slots[0].port, sizeof config.slots[0].port, "tty:%s", other[i]);
        assert_null(slot_port_find(&config, &s));
    }
    scratch_remove(dir);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_slot_is_found_by_any_name_of_its_tty),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
