/* SPDX-License-Identifier: Apache-2.0 */
/*
 * otadata - the record by which Pycom's bootloader picks the image to start. 40 bytes, little endian, rest of the
 * sector FF; CRC-32 over the first 36 bytes, started with FF FF FF FF. Espressif's own record is ota_select.h.
 */
#ifndef PROFILES_FIRMWARE_OTADATA_H
#define PROFILES_FIRMWARE_OTADATA_H

#include <stdint.h>

#define OTADATA_RECORD_SIZE 40

enum otadata_image { OTADATA_FACTORY = 0, OTADATA_OTA_0 = 1 };
enum otadata_status { OTADATA_CHECK = 0, OTADATA_READY = 1 };

/* `size` is that of the image's partition. Writes OTADATA_RECORD_SIZE bytes. */
void otadata_make(enum otadata_image image, enum otadata_status status, uint32_t size,
                  uint8_t out[static OTADATA_RECORD_SIZE]);
/* The image that a record chooses, or -1: it is none, and the bootloader makes one for the factory image. */
int otadata_read(const uint8_t record[static OTADATA_RECORD_SIZE]);

#endif /* PROFILES_FIRMWARE_OTADATA_H */
