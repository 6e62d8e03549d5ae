/* SPDX-License-Identifier: Apache-2.0 */
#include "profiles/job/pycom_board.h"

#include <stddef.h>
#include <strings.h>

bool pycom_board_is(const char *name)
{
    static const char *const boards[] = {"WiPy", "LoPy", "LoPy4", "SiPy", "GPy", "FiPy"};

    for (size_t i = 0; i < sizeof boards / sizeof boards[0]; i++)
        if (strcasecmp(name, boards[i]) == 0)
            return true;
    return false;
}

/* Pycom's pinouts: GPIO0 is the module's P2, and the expansion boards print G23 beside it. */
const char *pycom_board_boot_pin(const char *name)
{
    return pycom_board_is(name) ? "G23 (P2, GPIO0)" : "GPIO0";
}
