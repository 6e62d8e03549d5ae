/* SPDX-License-Identifier: Apache-2.0 */
#include "profiles/firmware/demo_archive.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "profiles/firmware/esp_image.h"
#include "profiles/firmware/image_make.h"
#include "profiles/firmware/tar_make.h"

#define BOOTLOADER_BYTES (20 * 1024)
#define APP_BYTES        (900 * 1024)

/* The maps that Pycom has shipped since 2019. */
static const struct partition map_4mb[] = {
    {"nvs", 1, 2, 0x9000, 0x7000, 0},       {"factory", 0, 0x00, 0x10000, 0x1AE000, 0},
    {"otadata", 1, 0, 0x1BE000, 0x1000, 0}, {"ota_0", 0, 0x10, 0x1C0000, 0x1AE000, 0},
    {"dummy", 1, 7, 0x36E000, 0x10000, 0},  {"fs", 1, 5, 0x380000, 0x7F000, 0},
    {"config", 1, 6, 0x3FF000, 0x1000, 0}};
static const struct partition map_8mb[] = {{"nvs", 1, 2, 0x9000, 0x7000, 0},
                                           {"factory", 0, 0x00, 0x10000, 0x1EF000, 0},
                                           {"otadata", 1, 0, 0x1FF000, 0x1000, 0},
                                           {"ota_0", 0, 0x10, 0x210000, 0x1EF000, 0},
                                           {"config", 1, 6, 0x3FF000, 0x1000, 0}};

static const char script_v1[] =
    "[\n  [\"e\", \"0x1000\", \"0x7000\"],\n  [\"w\", \"0x1000\", \"bootloader.bin\"],\n"
    "  [\"w\", \"0x8000\", \"partitions_4MB.bin\"],\n  [\"w\", \"0x10000\", \"demo.bin\"]\n]\n";

static size_t make_script(char *out, size_t size, const struct partition *map, const char *table)
{
    int n =
        snprintf(out, size,
                 "{\n  \"version\": \"2.1\",\n  \"partitions\": {\n"
                 "    \"factory\": [\"0x%X\", \"0x%X\"],\n    \"otadata\": [\"0x%X\", \"0x%X\"],\n"
                 "    \"ota_0\": [\"0x%X\", \"0x%X\"]\n  },\n  \"script\": [\n"
                 "    [\"w\", \"bootloader\", \"bootloader.bin\"],\n    [\"w\", \"partitions\", \"%s\"],\n"
                 "    [\"w\", \"factory\", \"demo.bin\"]\n  ]\n}\n",
                 map[1].offset, map[1].size, map[2].offset, map[2].size, map[3].offset, map[3].size, table);

    return n > 0 ? (size_t)n : 0;
}

int demo_archive_make(uint8_t **out, size_t *size)
{
    const struct image_wish boot_wish = {
        .chip_id = ESP_CHIP_ID_ESP32, .payload = BOOTLOADER_BYTES, .seed = 11};
    const struct image_wish app_wish = {.chip_id = ESP_CHIP_ID_ESP32,
                                        .payload = APP_BYTES,
                                        .seed = 12,
                                        .version = DEMO_VERSION,
                                        .project = "flashline-demo"};
    uint8_t table_4mb[PARTITION_TABLE_SIZE], table_8mb[PARTITION_TABLE_SIZE];
    size_t boot_size = 0, app_size = 0, size_4mb, size_8mb;
    uint8_t *boot = image_make(&boot_wish, &boot_size), *app = image_make(&app_wish, &app_size);
    char script_4mb[600], script_8mb[600];
    int rc = -ENOMEM;

    if (boot == NULL || app == NULL)
        goto out;
    partition_table_make(map_4mb, sizeof map_4mb / sizeof map_4mb[0], table_4mb);
    partition_table_make(map_8mb, sizeof map_8mb / sizeof map_8mb[0], table_8mb);
    size_4mb = make_script(script_4mb, sizeof script_4mb, map_4mb, "partitions_4MB.bin");
    size_8mb = make_script(script_8mb, sizeof script_8mb, map_8mb, "partitions_8MB.bin");
    const struct tar_member members[] = {
        {"bootloader.bin", boot, boot_size, TAR_FILE},
        {"partitions_4MB.bin", table_4mb, sizeof table_4mb, TAR_FILE},
        {"partitions_8MB.bin", table_8mb, sizeof table_8mb, TAR_FILE},
        {"demo.bin", app, app_size, TAR_FILE},
        {"script_4MB", script_4mb, size_4mb, TAR_FILE},
        {"script_8MB", script_8mb, size_8mb, TAR_FILE},
        {"script", script_v1, sizeof script_v1 - 1, TAR_FILE},
        {"script2", script_4mb, size_4mb, TAR_FILE},
    };
    rc = tar_make(members, sizeof members / sizeof members[0], true, out, size);
out:
    free(boot);
    free(app);
    return rc;
}
