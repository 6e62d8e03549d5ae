/* SPDX-License-Identifier: Apache-2.0 */
/*
 * esp_efuse - what a chip's eFuses say, for people and records: each field by the name that Espressif's tools give it, its
 * value, and what that means. Where the fields stand is in esp_target.h; the words are read by esp_chip_read() with those that
 * identify a chip, and nothing is read for this alone.
 *
 * The blocks of keys are never read: a key's bits would else stand in a record of the wire. Whether one is there follows from
 * its purpose and its protection.
 *
 * Nothing here burns. What will burn has its place beside this file, in one of its own that takes a target and the words as
 * found, and goes through the attempt's stages between gate and backup; all that only reads stays free of it.
 *
 * Pure, any thread; strings are static. Sources: esp_target.c; the names and the purposes of keys: espefuse 5.3.1.
 */
#ifndef ENGINE_CHIP_ESP_EFUSE_H
#define ENGINE_CHIP_ESP_EFUSE_H

#include "base/record.h"
#include "engine/chip/esp_target.h"

/* What was read of which chip. */
struct efuse_reading {
    const struct esp_target *target;
    const uint32_t *words; /* FUSE_WORDS_MAX, in the order of esp_target_words() */
    int revision;          /* major * 100 + minor: some fields are there from one on */
};

#define EFUSE_LINES_MAX 48

struct efuse_line {
    const char *name; /* "UART_PRINT_CONTROL" */
    char value
        [16]; /* a number as it stands there, or of a block of keys "R/W", with a dash where that is off for good */
    const char *meaning; /* in English; "" where the number says it all */
};

/* Of a field that the chip has; NULL: it has none. */
const char *esp_efuse_name(const struct esp_target *t, enum fuse f);

/*
 * Which voltage the flash gets: "1.8V", "3.3V" or "off" (from outside) where that is burnt, "pin" where a pin decides it at each
 * reset; NULL: this chip has no such eFuses.
 */
const char *esp_efuse_supply(const struct efuse_reading *r);

/* Every field, then the protection of each block of keys. Returns how many. */
size_t esp_efuse_list(const struct efuse_reading *r, struct efuse_line out[static EFUSE_LINES_MAX]);

/* The fields as "NAME=value NAME=value", for unit_identity.efuse; never cut. */
void esp_efuse_text(const struct efuse_reading *r, char out[static EFUSE_TEXT_SIZE]);

#endif /* ENGINE_CHIP_ESP_EFUSE_H */
