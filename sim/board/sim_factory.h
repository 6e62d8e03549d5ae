/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sim_factory - what a board holds when it reaches the station: a MAC of the training prefix, identity data in the
 * config sector at 0x3FF000 (as Pycom's factory wrote it), an older firmware elsewhere. All from one seed.
 */
#ifndef SIM_BOARD_SIM_FACTORY_H
#define SIM_BOARD_SIM_FACTORY_H

#include <stdint.h>

#include "base/mac.h"

struct sim_chip;
struct sim_flash;

#define SIM_CONFIG_SECTOR 0x3ff000u

/* MAC_TRAINING_PREFIX and three bytes of the seed; the last bits count, so neighbours in one tray differ. */
struct mac sim_factory_mac(uint64_t seed, int number);
/* The identity sector is an ESP32's alone: nobody else's boards carry one. */
void sim_factory_fill(struct sim_flash *f, const struct sim_chip *chip, const struct mac *mac, uint64_t seed);

#endif /* SIM_BOARD_SIM_FACTORY_H */
