/* SPDX-License-Identifier: Apache-2.0 */
/* sim_trouble - what goes wrong on one board: its personality and the faults its seed drew. Same seed, same trouble. */
#ifndef SIM_SIM_TROUBLE_H
#define SIM_SIM_TROUBLE_H

#include <stdbool.h>
#include <stdint.h>

#include "sim/sim_personality.h"

struct sim_board;
struct sim_board_config;
struct sim_trouble;

/* NULL: no memory. `fault_rate`: the chance that this board has faults at all. */
struct sim_trouble *sim_trouble_new(const struct sim_personality *p, uint64_t seed, double fault_rate);
void sim_trouble_free(struct sim_trouble *t);
const struct sim_personality *sim_trouble_personality(const struct sim_trouble *t);

/* Fuses, flash and wires as the personality has them. Once, after the board is built. */
void sim_trouble_apply(struct sim_board *b);
/* A byte has reached the board. False: it is lost. May change it, stall, reset or kill the board. */
bool sim_trouble_byte(struct sim_board *b, uint8_t *byte, int64_t at_us);
/* A reply is about to leave. False: it is lost. */
bool sim_trouble_reply(struct sim_board *b);
/* True once: one bit of this reply turns over on its way. */
bool sim_trouble_flips(struct sim_board *b);
/* `done` of `total` bytes of a region are written. */
void sim_trouble_progress(struct sim_board *b, uint32_t done, uint32_t total);

#endif /* SIM_SIM_TROUBLE_H */
