/* SPDX-License-Identifier: Apache-2.0 */
/*
 * app_load - whether a chip's second-stage bootloader can bring the segments of a sound application to where they run.
 * Figures: the chip's memory map (chip_kind.h); what is refused: ESP-IDF's image loader. A chip that is not known: nothing.
 */
#ifndef PROFILES_FIRMWARE_APP_LOAD_H
#define PROFILES_FIRMWARE_APP_LOAD_H

#include "profiles/firmware/esp_image.h"

#define APP_LOAD_WHY_SIZE 160

/* `boot`: the bootloader that will load it, NULL: not known. Returns 0, or -1 with what is wrong in `why`. */
int app_load_check(const struct esp_image *app, const struct esp_image *boot,
                   char why[static APP_LOAD_WHY_SIZE]);

#endif /* PROFILES_FIRMWARE_APP_LOAD_H */
