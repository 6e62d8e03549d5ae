/* SPDX-License-Identifier: Apache-2.0 */
/* partition - an ESP-IDF partition table as it lies in flash: 32-byte rows, an MD5 row, FF to the end. */
#ifndef PROFILES_FIRMWARE_PARTITION_H
#define PROFILES_FIRMWARE_PARTITION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PARTITION_TABLE_OFFSET 0x8000u
#define PARTITION_TABLE_SIZE   0xC00u
#define PARTITION_MAX          95
#define PARTITION_APP          0x00
#define PARTITION_DATA         0x01
#define PARTITION_APP_FACTORY  0x00
#define PARTITION_APP_OTA_0    0x10
#define PARTITION_APP_TEST     0x20
#define PARTITION_DATA_OTA     0x00
#define PARTITION_ENCRYPTED    0x1u

struct partition {
    char name[17];
    uint8_t type, subtype;
    uint32_t offset, size, flags;
};

struct partition_table {
    struct partition rows[PARTITION_MAX];
    size_t count;
    bool has_md5; /* tables made before 2018 have none */
};

/* Whether the bytes begin like a table. */
bool partition_table_is(const uint8_t *bytes, size_t size);

/*
 * Reads a table. Returns 0, or -1 with *why a few words: bad row, bad MD5, partitions that overlap or leave the
 * address space. `why` points to static storage.
 */
int partition_table_parse(const uint8_t *bytes, size_t size, struct partition_table *out, const char **why);

const struct partition *partition_find(const struct partition_table *t, const char *name);
/* The partition that begins at `offset`, or NULL. */
const struct partition *partition_at(const struct partition_table *t, uint32_t offset);

#endif /* PROFILES_FIRMWARE_PARTITION_H */
