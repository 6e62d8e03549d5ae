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
