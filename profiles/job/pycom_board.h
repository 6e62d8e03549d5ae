/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pycom_board - which board types are Pycom's, by the name their firmware gives them: their identity stands at
 * CONFIG_SECTOR, and their chip's revision tells the size of their flash. Pure.
 */
#ifndef PROFILES_JOB_PYCOM_BOARD_H
#define PROFILES_JOB_PYCOM_BOARD_H

#include <stdbool.h>

bool pycom_board_is(const char *name);

#endif /* PROFILES_JOB_PYCOM_BOARD_H */
