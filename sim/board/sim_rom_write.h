/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sim_rom_write - what the mask ROM's MEM_, FLASH_ and DEFL_ commands do. One set of variables for all three: a block with a
 * wrong checksum uses up its sequence number. The two families of ROMs differ in what they write of a compressed stream:
 * the first whole windows of 32 KiB, the later ones what the stream made. For sim_rom.c alone.
 *
 * Each returns the pair of status bytes 0xSSEE, 0 is ok; after a crash they mean nothing.
 */
#ifndef SIM_BOARD_SIM_ROM_WRITE_H
#define SIM_BOARD_SIM_ROM_WRITE_H

#include "sim/board/sim_state.h"

#define SIM_ROM_INVALID      0x0105
#define SIM_ROM_FAILED       0x0106
#define SIM_ROM_BAD_CHECKSUM 0x0107
#define SIM_ROM_BAD_READ     0x0109
#define SIM_ROM_BAD_LENGTH   0x010a
#define SIM_ROM_BAD_STREAM   0x010b
#define SIM_ROM_BAD_ADLER    0x010c
#define SIM_ROM_BAD_PARAM    0x0164

/* All zero again, as after a power-on; after a mere reset the later ROMs find sizes that an earlier transfer left. */
void sim_rom_write_reset(struct sim_board *b);
unsigned sim_rom_begin(struct sim_board *b, const uint8_t *body, size_t size, enum sim_transfer kind);
unsigned sim_rom_data(struct sim_board *b, const uint8_t *body, enum sim_transfer kind, uint32_t checksum);
unsigned sim_rom_flash_end(const struct sim_board *b);
unsigned sim_rom_deflate_end(const struct sim_board *b);

#endif /* SIM_BOARD_SIM_ROM_WRITE_H */
