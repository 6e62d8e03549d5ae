/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pycom_board - which board types are Pycom's, by the name their firmware gives them: their identity stands at
 * CONFIG_SECTOR, their chip's revision tells the size of their flash, and their expansion boards print names of their own
 * beside the pins. Pure.
 */
#ifndef PROFILES_JOB_PYCOM_BOARD_H
#define PROFILES_JOB_PYCOM_BOARD_H

#include <stdbool.h>

bool pycom_board_is(const char *name);
/*
 * The pin that a board of this type must have at GND when it is reset into its bootloader, by the name that stands on its
 * carrier: "G23 (P2, GPIO0)" on Pycom's, else the chip's own, "GPIO0". The first word alone names it too. Static storage.
 */
const char *pycom_board_boot_pin(const char *name);

#endif /* PROFILES_JOB_PYCOM_BOARD_H */
