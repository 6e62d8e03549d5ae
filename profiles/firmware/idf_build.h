/* SPDX-License-Identifier: Apache-2.0 */
/*
 * idf_build - what an ESP-IDF build says of itself in flasher_args.json: which file goes where, for which chip, and with
 * which settings. Plain data; paths are those of the file, relative to its folder. What is refused is refused by name.
 */
#ifndef PROFILES_FIRMWARE_IDF_BUILD_H
#define PROFILES_FIRMWARE_IDF_BUILD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "profiles/text/complaint.h"

#define IDF_BUILD_LIST      "flasher_args.json"
#define IDF_BUILD_BYTES_MAX (64u * 1024)
#define IDF_BUILD_FILES_MAX 16
#define IDF_BUILD_NOTES_MAX 16

struct idf_file {
    uint32_t offset; /* a multiple of 4 KiB */
    char path[200];
    bool is_outside; /* the path leads out of the build's folder */
};

struct idf_build {
    struct idf_file files[IDF_BUILD_FILES_MAX]; /* by offset */
    size_t count;
    char chip[16];                       /* "esp32" */
    char flash_mode[16], flash_freq[16]; /* "" : not said */
    uint32_t flash_size;                 /* bytes; 0: not said */
    bool detects_size;          /* esptool would ask the flash for it and change the bootloader's header */
    char before[24], after[24]; /* how esptool would reset: "default_reset"; "" : not said */
    bool no_stub;               /* it asks for the ROM loader */
    size_t app;                 /* index in `files`; `count`: it does not say */
    char others[IDF_BUILD_NOTES_MAX][40]; /* arguments for esptool that are none of the above */
    size_t other_count;
};

/* Returns 0, or -1 with *c filled (FAIL_FIRMWARE). Also refused: a build that is to be written encrypted. */
int idf_build_parse(const uint8_t *bytes, size_t size, struct idf_build *out, const struct place *at,
                    struct complaint *c);
/*
 * config/sdkconfig.json of the same folder: -1 where the build is for secure boot or flash encryption (*c says which).
 * What cannot be read as such a file is 0: the chip is asked itself before anything is written.
 */
int idf_build_check_config(const uint8_t *bytes, size_t size, const struct place *at, struct complaint *c);

#endif /* PROFILES_FIRMWARE_IDF_BUILD_H */
