/* SPDX-License-Identifier: Apache-2.0 */
#include "sim/board/sim_efuse.h"

#include <string.h>

#define CK8M_FREQ \
    0x50u /* block 0 word 4, bits 7:0; with a calibration count of 1280 it means 40 MHz exactly */

void sim_efuse_init(struct sim_efuse *e, const struct mac *mac, int revision, int drift)
{
    const uint8_t *m = mac->bytes;

    memset(e, 0, sizeof *e);
    e->word[1] = (uint32_t)m[2] << 24 | (uint32_t)m[3] << 16 | (uint32_t)m[4] << 8 | m[5];
    e->word[2] = (uint32_t)mac_crc8(mac) << 16 | (uint32_t)m[0] << 8 | m[1];
    /* Word 3: revision bit 0 is bit 15, the package is bits 11:9 (1: D0WD, as revision 3 comes; 0: D0WDQ6). */
    e->word[3] = (revision >= 1 ? 1u << 15 : 0) | (revision >= 3 ? 1u << 9 : 0);
    e->word[4] = CK8M_FREQ;
    e->word[5] = revision >= 2 ? 1u << 20 : 0;
    e->apb_date = 0x16042000u | (revision >= 3 ? 1u << 31 : 0);
    e->rtc_cal = (uint32_t)(1280 + 1280 * drift / 1000) << 7;
    e->chip_magic = 0x00f01d83;
}

uint32_t sim_efuse_believed_xtal(const struct sim_efuse *e)
{
    uint64_t count = e->rtc_cal >> 7 & 0x1ffffff;

    return (uint32_t)(count * 15625 * (e->word[4] & 0xff) / 40);
}
