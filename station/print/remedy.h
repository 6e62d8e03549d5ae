/* SPDX-License-Identifier: Apache-2.0 */
/*
 * remedy - what the operator does about a failure, with the name that the boards at hand give their boot pin. The table of
 * failures (base/failure_codes.h) knows no board and says "the boot pin".
 */
#ifndef STATION_PRINT_REMEDY_H
#define STATION_PRINT_REMEDY_H

#include "base/failure.h"

#define REMEDY_SIZE 320 /* the longest translation and a pin; test_remedy */

/* Into `out`, which is returned. `boot_pin`: as struct slot_status has it; "": none is known. */
const char *remedy_plain(enum failure_code code, const char *boot_pin, char out[static REMEDY_SIZE]);
/* The same in the operator's language, for the screen. */
const char *remedy_words(enum failure_code code, const char *boot_pin, char out[static REMEDY_SIZE]);
/* "G23" of "G23 (P2, GPIO0)": how many of its characters name the pin where room is short. */
int remedy_pin_short(const char *boot_pin);

#endif /* STATION_PRINT_REMEDY_H */
