/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sim_trouble - what goes wrong on one board: its personality and the faults its seed drew. Same seed, same trouble.
 *
 * It decides and counts, and knows no board: those who have one ask it and do what it says (sim_fate, sim_state).
 */
#ifndef SIM_BOARD_SIM_TROUBLE_H
#define SIM_BOARD_SIM_TROUBLE_H

#include <stdbool.h>
#include <stdint.h>

#include "sim/board/sim_personality.h"

struct sim_random;
struct sim_trouble;

/* NULL: no memory. `fault_rate`: the chance that this board has faults at all. */
struct sim_trouble *sim_trouble_new(const struct sim_personality *p, uint64_t seed, double fault_rate);
void sim_trouble_free(struct sim_trouble *t);
const struct sim_personality *sim_trouble_personality(const struct sim_trouble *t);

/* A byte has reached the board. False: the chip restarts over it, and the byte is lost. */
bool sim_trouble_byte(struct sim_trouble *t);

enum sim_blow {
    SIM_BLOW_NONE,
    SIM_BLOW_DROP,  /* the byte is lost */
    SIM_BLOW_FLIP,  /* its bit `amount` % 8 turns over */
    SIM_BLOW_STALL, /* the processor does nothing for `amount` microseconds */
    SIM_BLOW_RESET, /* the chip restarts, and the byte is lost */
    SIM_BLOW_LIE    /* programming at the place that `amount` draws does nothing, once */
};
/* The next thing that befalls the board with this byte, until SIM_BLOW_NONE. */
enum sim_blow sim_trouble_take(struct sim_trouble *t, uint32_t *amount);
/* The byte on a noisy line, sent at `baud`; draws from the board's noise. */
void sim_trouble_noise(struct sim_trouble *t, struct sim_random *noise, uint32_t baud, uint8_t *byte);

/* A reply is about to leave. False: it is lost. */
bool sim_trouble_reply(struct sim_trouble *t);
/* True once: one bit of this reply turns over on its way. */
bool sim_trouble_flips(struct sim_trouble *t);

enum sim_progress_end { SIM_PROGRESS_GOES_ON, SIM_PROGRESS_STOPS, SIM_PROGRESS_UNPLUGS };
/* `done` of `total` bytes of a region are written. */
enum sim_progress_end sim_trouble_progress(struct sim_trouble *t, uint32_t done, uint32_t total);

#endif /* SIM_BOARD_SIM_TROUBLE_H */
