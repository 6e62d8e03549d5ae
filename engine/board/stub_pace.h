/* SPDX-License-Identifier: Apache-2.0 */
/*
 * stub_pace - how long a stub's work takes and a frame on the line, in microseconds: the data sheets' typical times
 * (sim_physics.h), and the line's with a firmware's share of escapes. For plain_frame and packed_frame. Pure.
 */
#ifndef ENGINE_BOARD_STUB_PACE_H
#define ENGINE_BOARD_STUB_PACE_H

#include <stdint.h>

#define PACE_CHUNK 32u /* bytes that the ROM's routine programs at once */

uint32_t pace_program_us(uint32_t bytes);
/* A frame with so many bytes of data, its answer and the turn of chip and host. */
uint32_t pace_line_us(uint32_t baud, uint32_t bytes);
/* Bytes of data, at most ESP_STUB_BLOCK, of a frame that takes so long; 0: none does. */
uint32_t pace_bytes(uint32_t baud, uint32_t us);
/* One step, as stubs erase: a block where all of it is the region's, else a sector. Moves *at; returns its microseconds. */
uint32_t pace_erase(uint32_t *at, uint32_t end);

#endif /* ENGINE_BOARD_STUB_PACE_H */
