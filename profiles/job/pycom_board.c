/* SPDX-License-Identifier: Apache-2.0 */
#include "profiles/job/pycom_board.h"

#include <stddef.h>

#include "profiles/pycom/pycom_model.h"

bool pycom_board_is(const char *name)
{
    return pycom_model_find(name) != NULL;
}

/* Pycom's pinouts: GPIO0 is the module's P2, and the expansion boards print G23 beside it. */
const char *pycom_board_boot_pin(const char *name)
{
    return pycom_board_is(name) ? "G23 (P2, GPIO0)" : "GPIO0";
}
