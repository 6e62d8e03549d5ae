/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ota_select - what the two sectors of a partition of type data, ota tell ESP-IDF's bootloader to start. A record of 32
 * bytes begins each sector: sequence number, label, state, CRC-32 of the number, little endian. The valid one with the
 * higher number counts; number n means slot (n - 1) modulo the count of slots. Pycom's own record is otadata.h.
 */
#ifndef PROFILES_FIRMWARE_OTA_SELECT_H
#define PROFILES_FIRMWARE_OTA_SELECT_H

#include <stdint.h>

#define OTA_SELECT_RECORD 32
#define OTA_SELECT_NONE   (-1) /* blank, damaged, or marked as failed: factory, else the first slot */

/* The slot, 0 to `slots` - 1, or OTA_SELECT_NONE. */
int ota_select_read(const uint8_t first[static OTA_SELECT_RECORD],
                    const uint8_t second[static OTA_SELECT_RECORD], unsigned int slots);

#endif /* PROFILES_FIRMWARE_OTA_SELECT_H */
