/* SPDX-License-Identifier: Apache-2.0 */
/*
 * file_system - the image of a file system as MicroPython boards keep one, known by its superblock: FAT without a table of
 * partitions, or LittleFS 2. Pure.
 *
 * Where things stand: littlefs, SPEC.md ("The superblock": the name at byte 8 of block 0 or 1, then version, size and count of
 * blocks); Microsoft's FAT specification 1.03 (the BPB: bytes of a sector at 11, sectors at 19 or 32, AA55 at 510).
 */
#ifndef PROFILES_FIRMWARE_FILE_SYSTEM_H
#define PROFILES_FIRMWARE_FILE_SYSTEM_H

#include <stddef.h>
#include <stdint.h>

enum file_system_kind { FILE_SYSTEM_NONE, FILE_SYSTEM_FAT, FILE_SYSTEM_LITTLEFS };

struct file_system {
    enum file_system_kind kind;
    uint32_t unit;  /* bytes of a FAT's sector, of a LittleFS's block */
    uint32_t count; /* of them, as the superblock says */
};

/* Kind NONE, the rest 0: it begins as neither. */
void file_system_find(const uint8_t *bytes, size_t size, struct file_system *out);
/* "FAT", "LittleFS"; static storage. */
const char *file_system_name(enum file_system_kind kind);

#endif /* PROFILES_FIRMWARE_FILE_SYSTEM_H */
