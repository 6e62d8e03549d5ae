/* SPDX-License-Identifier: Apache-2.0 */
#include "profiles/firmware/otadata.h"

#include <libdeflate.h>
#include <string.h>

#include "profiles/firmware/little_endian.h"

#define CRC_AT 36

/* The chip's routine starts at FFFFFFFF where zlib's convention starts at 0: four FF bytes ahead say the same. */
static uint32_t sum(const uint8_t *record)
{
    static const uint8_t ones[4] = {0xff, 0xff, 0xff, 0xff};

    return libdeflate_crc32(libdeflate_crc32(0, ones, sizeof ones), record, CRC_AT);
}

void otadata_make(enum otadata_image image, enum otadata_status status, uint32_t size,
                  uint8_t out[static OTADATA_RECORD_SIZE])
{
    memset(out, 0, OTADATA_RECORD_SIZE);
    put_le32(out, (uint32_t)image);
    put_le32(out + 4, (uint32_t)status);
    put_le32(out + 12, size);
    memset(out + 20, 0xff, 16); /* signature: none */
    put_le32(out + CRC_AT, sum(out));
}

int otadata_read(const uint8_t record[static OTADATA_RECORD_SIZE])
{
    uint32_t image = le32(record);

    return image <= OTADATA_OTA_0 && le32(record + CRC_AT) == sum(record) ? (int)image : -1;
}
