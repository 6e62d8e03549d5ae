/* SPDX-License-Identifier: Apache-2.0 */
/* chip_firmware - a small sound firmware for any chip: bootloader, table, application, as a flash from 0x0 on. */
#ifndef TESTS_SUPPORT_CHIP_FIRMWARE_H
#define TESTS_SUPPORT_CHIP_FIRMWARE_H

#include <stdint.h>

#define CHIP_FIRMWARE_SIZE 0x20000u

/* `boot`: where its bootloader goes; `min_revision` of its application, 0: any. Asserts on failure. */
void chip_firmware_make(uint8_t flash[static CHIP_FIRMWARE_SIZE], uint16_t chip_id, uint32_t boot,
                        uint16_t min_revision);

#endif /* TESTS_SUPPORT_CHIP_FIRMWARE_H */
