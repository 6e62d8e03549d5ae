/* SPDX-License-Identifier: Apache-2.0 */
/* Any text as the script of a sound archive; the first byte chooses flash size and the job's word. */
#include "profiles/firmware/image_make.h"
#include "tests/fuzz/plan_scripts.h"

#define MB (1024u * 1024)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct archive_member member(const char *name, const uint8_t *data, size_t size)
{
    return (struct archive_member){name, data, size};
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct partition rows[] = {{"nvs", 1, 2, 0x9000, 0x7000, 0},
                                            {"factory", 0, 0x00, 0x10000, 0x1AE000, 0},
                                            {"otadata", 1, 0, 0x1BE000, 0x1000, 0},
                                            {"ota_0", 0, 0x10, 0x1C0000, 0x1AE000, 0},
                                            {"config", 1, 6, 0x3FF000, 0x1000, 0}};
    const struct image_wish wish = {.payload = 6000, .seed = 1};
    uint8_t table[PARTITION_TABLE_SIZE], blank[9000];
    struct archive_member members[5];
    struct firmware_archive archive = {members, 0};
    struct archive_member script;
    struct arena *a = arena_new();
    size_t image_size;
    uint8_t *image = image_make(&wish, &image_size);

    if (size == 0 || a == NULL || image == NULL)
        goto out;
    partition_table_make(rows, 5, table);
    memset(blank, 0xff, sizeof blank);
    members[archive.count++] = member("b", image, image_size);
    members[archive.count++] = member("t", table, sizeof table);
    members[archive.count++] = member("x", (const uint8_t *)"some bytes", 10);
    members[archive.count++] = member("f", blank, sizeof blank);
    script = member("script", data + 1, size - 1);
    plan_script_member(a, &archive, &script, data[0] & 1 ? 8 * MB : 4 * MB, (data[0] & 2) != 0);
out:
    free(image);
    arena_free(a);
    return 0;
}
