/* SPDX-License-Identifier: Apache-2.0 */
/*
 * firmware_version - what an application image says of itself.
 *
 * Order: ESP-IDF's application descriptor; the banner of Pycom's builds ("Pycom MicroPython 1.20.2.r4 [..] on ..;
 * WiPy with ESP32"); the banner of plain MicroPython. The banner also gives the board.
 */
#ifndef PROFILES_FIRMWARE_FIRMWARE_VERSION_H
#define PROFILES_FIRMWARE_FIRMWARE_VERSION_H

#include <stddef.h>
#include <stdint.h>

struct firmware_version {
    char version[64];   /* "" : the image does not say */
    char board[32];     /* "" : the image does not say */
    const char *origin; /* "app descriptor", "Pycom strings", "MicroPython strings", "none"; static storage */
};

/* `app` begins at the image's first byte. */
void firmware_version_find(const uint8_t *app, size_t size, struct firmware_version *out);
/* "WiPy-1.18.1.r1.tar.gz" -> "1.18.1.r1"; "" when the name holds no version. */
void firmware_version_of_name(const char *file, char *out, size_t size);

#endif /* PROFILES_FIRMWARE_FIRMWARE_VERSION_H */
