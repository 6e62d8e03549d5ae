/* SPDX-License-Identifier: Apache-2.0 */
/* sim_rom_info - what GET_SECURITY_INFO tells of a chip, for those who answer it: the ROM and the stubs, which ask the ROM. */
#ifndef SIM_BOARD_SIM_ROM_INFO_H
#define SIM_BOARD_SIM_ROM_INFO_H

#include <stdint.h>

#define SIM_ROM_INFO 20 /* bytes at most; an S2 has the first 12 */

struct sim_board;

/* Flags, the count of flash encryption, purposes of the keys, which chip it is. */
void sim_rom_security(const struct sim_board *b, uint8_t info[static SIM_ROM_INFO]);

#endif /* SIM_BOARD_SIM_ROM_INFO_H */
