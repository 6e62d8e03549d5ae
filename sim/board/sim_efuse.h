/* SPDX-License-Identifier: Apache-2.0 */
/* sim_efuse - the fuses of one ESP32 and the few read-only words that identify it. Layout: ESP32 technical reference. */
#ifndef SIM_BOARD_SIM_EFUSE_H
#define SIM_BOARD_SIM_EFUSE_H

#include <stdint.h>

#include "base/mac.h"

#define SIM_EFUSE_BASE  0x3ff5a000u
#define SIM_EFUSE_WORDS 7 /* block 0 */

struct sim_efuse {
    uint32_t word[SIM_EFUSE_WORDS];
    uint32_t apb_date;   /* 3ff6607c: bit 31 is the revision's third bit */
    uint32_t rtc_cal;    /* 3ff5f06c: the ROM's count of the 8 MHz oscillator against the crystal */
    uint32_t chip_magic; /* 40001000 */
};

#define SIM_EFUSE_W0_DOWNLOAD_DISABLE (1u << 27)
#define SIM_EFUSE_W0_CRYPT_CNT(n)     ((uint32_t)(n) << 20)
#define SIM_EFUSE_W5_CRYPT_CONFIG     (0xfu << 28)
#define SIM_EFUSE_W6_ABS_DONE_0       (1u << 4)
#define SIM_EFUSE_W6_ABS_DONE_1       (1u << 5)

/* A clean chip of that revision (0, 1 or 3). `drift`: per mille by which the ROM misjudges its crystal. */
void sim_efuse_init(struct sim_efuse *e, const struct mac *mac, int revision, int drift);
/* The crystal as the ROM believes it to be, Hz: from the calibration count and fuse CK8M_FREQ. */
uint32_t sim_efuse_believed_xtal(const struct sim_efuse *e);

#endif /* SIM_BOARD_SIM_EFUSE_H */
