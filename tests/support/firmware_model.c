/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/support/firmware_model.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#define SECTOR 0x1000u

/* Offsets as the archives' scripts and partition tables give them. */
const struct firmware_sample firmware_samples[FIRMWARE_SAMPLES] = {
    {"WiPy-1.18.1.r1.tar.gz",
     "wipy",
     1,
     8u << 20,
     {{0x1000, 0x200000}},
     {{"bootloader.bin", 0x1000}, {"partitions.bin", 0x8000}, {"wipy.bin", 0x10000}},
     0x190000,
     0x180000},
    {"WiPy-1.18.1.r1.tar.gz",
     "wipy",
     0,
     4u << 20,
     {{0x1000, 0x200000}},
     {{"bootloader.bin", 0x1000}, {"partitions.bin", 0x8000}, {"wipy.bin", 0x10000}},
     0x190000,
     0x180000},
    {"WiPy-1.20.1.r1-0.7.0.tar.gz",
     "wipy",
     1,
     8u << 20,
     {{0x10000, 0x1EF000}},
     {{"bootloader.bin", 0x1000}, {"partitions_8MB.bin", 0x8000}, {"wipy.bin", 0x10000}},
     0x1FF000,
     0x1EF000},
    {"WiPy-1.20.1.r1-0.7.0.tar.gz",
     "wipy",
     0,
     4u << 20,
     {{0x10000, 0x1AE000}},
     {{"bootloader.bin", 0x1000}, {"partitions_4MB.bin", 0x8000}, {"wipy.bin", 0x10000}},
     0x1BE000,
     0x1AE000},
    {"micropython-tinypico-1.12.bin", "esp32", 1, 4u << 20, {{0}}, {{NULL, 0x1000}}, 0, 0},
};

void firmware_path(const char *dir, const struct firmware_sample *s, char out[static 1024])
{
    snprintf(out, 1024, "%s/firmware/%s", dir, s->file);
}

uint8_t *firmware_read(FILE *f, size_t *size)
{
    size_t room = 16u << 20;
    uint8_t *bytes = malloc(room);

    assert(bytes != NULL);
    *size = fread(bytes, 1, room, f);
    return bytes;
}

static uint8_t *read_member(const char *dir, const struct firmware_sample *s, const char *name, size_t *size)
{
    char path[1024], command[2048];

    firmware_path(dir, s, path);
    snprintf(command, sizeof command, "tar -xOzf '%s' %s", path, name != NULL ? name : "");
    FILE *f = name != NULL ? popen(command, "r") : fopen(path, "rb");
    assert(f != NULL);
    uint8_t *bytes = firmware_read(f, size);
    int rc = name != NULL ? pclose(f) : fclose(f);
    assert(rc == 0 && *size > 0);
    (void)rc;
    return bytes;
}

static void put32(uint8_t *p, uint32_t v)
{
    for (int i = 0; i < 4; i++)
        p[i] = (uint8_t)(v >> 8 * i);
}

/* Pycom's record "factory, ready", 40 bytes; its CRC runs over FF FF FF FF first. */
static void put_otadata(uint8_t *flash, const struct firmware_sample *s)
{
    uint8_t *p = flash + s->otadata;
    static const uint8_t ones[4] = {0xff, 0xff, 0xff, 0xff};

    memset(p, 0xff, SECTOR);
    memset(p, 0, 20);
    put32(p + 4, 1);
    put32(p + 12, s->app_size);
    put32(p + 36, (uint32_t)crc32(crc32(0, ones, 4), p, 36));
}

void firmware_expect(uint8_t *flash, const char *dir, const struct firmware_sample *s)
{
    for (int i = 0; i < 2; i++)
        memset(flash + s->erased[i].offset, 0xff, s->erased[i].size);
    for (int i = 0; i < 4 && s->members[i].offset != 0; i++) {
        size_t size;
        uint8_t *bytes = read_member(dir, s, s->members[i].name, &size);
        uint8_t *at = flash + s->members[i].offset;
        memset(at, 0xff, (size + SECTOR - 1) / SECTOR * SECTOR);
        memcpy(at, bytes, size);
        free(bytes);
    }
    if (s->otadata != 0)
        put_otadata(flash, s);
}
