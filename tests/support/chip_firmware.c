/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/support/chip_firmware.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "profiles/firmware/image_make.h"

#define APP_AT 0x10000u

static void put_image(uint8_t *flash, uint32_t at, const struct image_wish *wish)
{
    size_t size;
    uint8_t *b = image_make(wish, &size);

    assert(b != NULL && at + size <= CHIP_FIRMWARE_SIZE);
    memcpy(flash + at, b, size);
    free(b);
}

void chip_firmware_make(uint8_t flash[static CHIP_FIRMWARE_SIZE], uint16_t chip_id, uint32_t boot,
                        uint16_t min_revision)
{
    static const struct partition rows[] = {
        {"nvs", PARTITION_DATA, 2, 0x9000, 0x6000, 0},
        {"factory", PARTITION_APP, PARTITION_APP_FACTORY, APP_AT, 0x100000, 0}};
    const struct image_wish loader = {.chip_id = chip_id, .payload = 0x3000, .seed = 1},
                            app = {.chip_id = chip_id,
                                   .min_revision = min_revision,
                                   .max_revision = min_revision != 0 ? 9999 : 0,
                                   .payload = 0x8000,
                                   .seed = 2,
                                   .version = "1.2",
                                   .project = "lamp"};

    memset(flash, 0xff, CHIP_FIRMWARE_SIZE);
    put_image(flash, boot, &loader);
    partition_table_make(rows, 2, flash + PARTITION_TABLE_OFFSET);
    put_image(flash, APP_AT, &app);
}
