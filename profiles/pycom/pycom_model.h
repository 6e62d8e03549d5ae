/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pycom_model - Pycom's boards and modules as data: what they are called, which radios they have, and which sizes of flash
 * go with which revision of their chip.
 *
 * The board's type cannot be read from the chip. Its firmware takes revision 0 for a board with 4 MB and every later one for
 * 8 MB, whatever the flash says, so a generation is known by its size, and one whose size and revision disagree boots wrong.
 * Names, radios and generations are those of Pycom's published sources and archives. Pure; static storage.
 */
#ifndef PROFILES_PYCOM_PYCOM_MODEL_H
#define PROFILES_PYCOM_PYCOM_MODEL_H

#include <stdbool.h>
#include <stddef.h>

#define PYCOM_RADIO_LORA   1u
#define PYCOM_RADIO_SIGFOX 2u
#define PYCOM_RADIO_LTE    4u

struct pycom_model {
    const char *name;  /* as people say it: "WiPy 3.0" */
    const char *board; /* as its firmware and its archives say it: "WiPy" */
    const char *also[4];
    unsigned radios;
    bool has_4mb, has_8mb; /* revision 0; revision 1 and later */
};

/* By any of its names; blanks and the case of letters do not count: "wipy3", "WiPy 3.0", "W01". NULL: none of Pycom's. */
const struct pycom_model *pycom_model_find(const char *name);

#endif /* PROFILES_PYCOM_PYCOM_MODEL_H */
