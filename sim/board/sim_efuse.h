/* SPDX-License-Identifier: Apache-2.0 */
/* sim_efuse - the fuses of one chip and the few read-only words that identify it. Where they lie: sim_chip.h. */
#ifndef SIM_BOARD_SIM_EFUSE_H
#define SIM_BOARD_SIM_EFUSE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/mac.h"
#include "sim/board/sim_chip.h"

#define SIM_EFUSE_WORDS 128

struct sim_efuse {
    const struct sim_chip *chip;
    uint32_t word[SIM_EFUSE_WORDS];
    uint32_t apb_date; /* ESP32, 3ff6607c: bit 31 is the revision's third bit */
    uint32_t rtc_cal;  /* ESP32, 3ff5f06c: the ROM's count of the 8 MHz oscillator against the crystal */
};

/*
 * A clean chip. `revision`: ESP32 its major number (0, 1 or 3), others major * 100 + minor. `drift`: per mille by which the
 * ESP32's ROM misjudges its crystal.
 */
void sim_efuse_init(struct sim_efuse *e, const struct sim_chip *chip, const struct mac *mac, int revision,
                    int drift);
/* Burns `value` into a field, over what is burnt there; a field that the chip lacks: nothing. */
void sim_efuse_burn(struct sim_efuse *e, struct sim_fuse field, uint32_t value);
void sim_efuse_burn_custom_mac(struct sim_efuse *e, const struct mac *mac);
uint32_t sim_efuse_field(const struct sim_efuse *e, struct sim_fuse field); /* 0: the chip lacks it */
/* MAC fuses never written; its checksum made wrong, where there is one. */
void sim_efuse_blank_mac(struct sim_efuse *e);
void sim_efuse_spoil_mac(struct sim_efuse *e);

/* True and the word, when `address` is one of the fuses or of the words that identify a chip. */
bool sim_efuse_read(const struct sim_efuse *e, uint32_t address, uint32_t *value);
/* The ESP32's crystal as its ROM believes it to be, Hz: from the calibration count and fuse CK8M_FREQ. */
uint32_t sim_efuse_believed_xtal(const struct sim_efuse *e);
/* The flags of GET_SECURITY_INFO, and its count of flash encryption. */
uint32_t sim_efuse_flags(const struct sim_efuse *e);

#endif /* SIM_BOARD_SIM_EFUSE_H */
