/* SPDX-License-Identifier: Apache-2.0 */
#include "profiles/firmware/file_system.h"

#include <stdbool.h>
#include <string.h>

#include "profiles/firmware/little_endian.h"

#define LITTLEFS_BLOCK 4096u /* what the second superblock is looked for at; the first tells the size */
#define LITTLEFS_HEAD  32u   /* up to the count of blocks */
#define FAT_HEAD       512u

static bool find_littlefs(const uint8_t *b, size_t size, struct file_system *out)
{
    if (size < LITTLEFS_HEAD || memcmp(b + 8, "littlefs", 8) != 0)
        return false;
    *out = (struct file_system){FILE_SYSTEM_LITTLEFS, le32(b + 24), le32(b + 28)};
    return true;
}

static bool is_sector_size(uint32_t n)
{
    return n == 512 || n == 1024 || n == 2048 || n == 4096;
}

/* A boot sector with a jump, a signature and a BPB that can be one: a table of partitions has the signature alone. */
static bool find_fat(const uint8_t *b, size_t size, struct file_system *out)
{
    uint32_t unit, count, cluster;

    if (size < FAT_HEAD || b[510] != 0x55 || b[511] != 0xaa || (b[0] != 0xeb && b[0] != 0xe9))
        return false;
    unit = le16(b + 11);
    cluster = b[13];
    count = le16(b + 19) != 0 ? le16(b + 19) : le32(b + 32);
    if (!is_sector_size(unit) || cluster == 0 || (cluster & (cluster - 1)) != 0 || le16(b + 14) == 0 ||
        b[16] == 0 || b[16] > 2 || count == 0)
        return false;
    *out = (struct file_system){FILE_SYSTEM_FAT, unit, count};
    return true;
}

void file_system_find(const uint8_t *bytes, size_t size, struct file_system *out)
{
    memset(out, 0, sizeof *out);
    if (find_littlefs(bytes, size, out) || find_fat(bytes, size, out))
        return;
    if (size > LITTLEFS_BLOCK)
        find_littlefs(bytes + LITTLEFS_BLOCK, size - LITTLEFS_BLOCK, out);
}

const char *file_system_name(enum file_system_kind kind)
{
    return kind == FILE_SYSTEM_FAT ? "FAT" : kind == FILE_SYSTEM_LITTLEFS ? "LittleFS" : "no file system";
}
