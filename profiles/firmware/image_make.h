/* SPDX-License-Identifier: Apache-2.0 */
/* image_make - small, sound images and partition tables, for the demo archive and for tests. */
#ifndef PROFILES_FIRMWARE_IMAGE_MAKE_H
#define PROFILES_FIRMWARE_IMAGE_MAKE_H

#include <stddef.h>
#include <stdint.h>

#include "profiles/firmware/partition.h"

struct image_wish {
    uint16_t chip_id;
    uint16_t min_revision, max_revision; /* in full, as the header has them: 0 and 0 is an old image */
    size_t payload;                      /* bytes of the one segment, at least 256; rounded up to 4 */
    uint32_t seed;       /* of the contents: repeated words and noise, so that it compresses like code */
    const char *version; /* of the application descriptor; NULL: no descriptor */
    const char *project;
    const char *banner; /* text laid into the contents; NULL: none */
};

/* Header, one segment, checksum, SHA-256. Caller frees; NULL: out of memory. */
uint8_t *image_make(const struct image_wish *wish, size_t *size);
/* PARTITION_TABLE_SIZE bytes with an MD5 row. */
void partition_table_make(const struct partition *rows, size_t count,
                          uint8_t out[static PARTITION_TABLE_SIZE]);

#endif /* PROFILES_FIRMWARE_IMAGE_MAKE_H */
