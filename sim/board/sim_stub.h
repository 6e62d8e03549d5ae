/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sim_stub - Espressif's helper programs, recognised by address, size and SHA-256 of the text that was uploaded, each
 * with its own behaviour. Anything else that is uploaded and started just crashes. A stub starts nothing itself: what a
 * command wants run next stands in the board's `next`.
 */
#ifndef SIM_BOARD_SIM_STUB_H
#define SIM_BOARD_SIM_STUB_H

#include <stdbool.h>
#include <stdint.h>

struct sim_board;
struct sim_stub;

/* Starts what lies in the memory: a stub where one is recognised, which ends the one that ran; else the chip hangs. */
void sim_stub_jump(struct sim_board *b, uint32_t entry);
/*
 * Puts a stub straight into memory, without an upload: "v1", "v2 1.0.0", "v2 1.2.2". 0, or -EINVAL for another name.
 * For tests: Espressif's files are not part of this project.
 */
int sim_stub_start(struct sim_board *b, const char *name);
/* SIM_EVENT_STUB and SIM_EVENT_WORK are due. */
void sim_stub_event(struct sim_board *b);
/* One received byte; `at_us` is when the interrupt fetched it. */
void sim_stub_byte(struct sim_board *b, uint8_t byte, int64_t at_us);
void sim_stub_free(struct sim_stub *s); /* NULL is fine */

#endif /* SIM_BOARD_SIM_STUB_H */
