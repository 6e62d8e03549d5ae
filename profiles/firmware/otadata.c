/* SPDX-License-Identifier: Apache-2.0 */
#include "profiles/firmware/otadata.h"

#include <libdeflate.h>
#include <string.h>

#include "profiles/firmware/little_endian.h"

void otadata_make(enum otadata_image image, enum otadata_status status, uint32_t size,
                  uint8_t out[static OTADATA_RECORD_SIZE])
{
    static const uint8_t ones[4] = {0xff, 0xff, 0xff, 0xff};
    uint32_t crc;

    memset(out, 0, OTADATA_RECORD_SIZE);
    put_le32(out, (uint32_t)image);
    put_le32(out + 4, (uint32_t)status);
    put_le32(out + 12, size);
    memset(out + 20, 0xff, 16); /* signature: none */
    /* The chip's routine starts at FFFFFFFF where zlib's convention starts at 0: four FF bytes ahead say the same. */
    crc = libdeflate_crc32(0, ones, sizeof ones);
    crc = libdeflate_crc32(crc, out, 36);
    put_le32(out + 36, crc);
}
