/* SPDX-License-Identifier: Apache-2.0 */
#include "profiles/firmware/ota_select.h"

#include <libdeflate.h>
#include <stdbool.h>

#include "profiles/firmware/little_endian.h"

#define NUMBER_AT 0
#define STATE_AT  24
#define CRC_AT    28

/* Of esp_ota_img_states_t: an image that did not prove itself. */
#define STATE_INVALID 3u
#define STATE_ABORTED 4u

static bool counts(const uint8_t *record)
{
    uint32_t state = le32(record + STATE_AT);

    return le32(record + NUMBER_AT) != UINT32_MAX && state != STATE_INVALID && state != STATE_ABORTED &&
           le32(record + CRC_AT) == libdeflate_crc32(UINT32_MAX, record + NUMBER_AT, 4);
}

int ota_select_read(const uint8_t first[static OTA_SELECT_RECORD],
                    const uint8_t second[static OTA_SELECT_RECORD], unsigned int slots)
{
    uint32_t a = le32(first + NUMBER_AT), b = le32(second + NUMBER_AT), number;

    if (slots == 0 || (!counts(first) && !counts(second)))
        return OTA_SELECT_NONE;
    number = !counts(second) || (counts(first) && a >= b) ? a : b;
    return (int)((number - 1) % slots);
}
