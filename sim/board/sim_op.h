/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sim_op - the numbers of the serial commands, for those who answer them: sim_rom.c and sim_stub.c. Nobody else.
 * Not the engine's table, on purpose: a number wrong in one place must not be right in both.
 */
#ifndef SIM_BOARD_SIM_OP_H
#define SIM_BOARD_SIM_OP_H

enum {
    OP_FLASH_BEGIN = 0x02,
    OP_FLASH_DATA = 0x03,
    OP_FLASH_END = 0x04,
    OP_MEM_BEGIN = 0x05,
    OP_MEM_END = 0x06,
    OP_MEM_DATA = 0x07,
    OP_SYNC = 0x08,
    OP_WRITE_REG = 0x09,
    OP_READ_REG = 0x0a,
    OP_SPI_SET_PARAMS = 0x0b,
    OP_SPI_ATTACH = 0x0d,      /* 0x0c is no command */
    OP_READ_FLASH_SLOW = 0x0e, /* ROM only */
    OP_CHANGE_BAUD = 0x0f,
    OP_DEFL_BEGIN = 0x10,
    OP_DEFL_DATA = 0x11,
    OP_DEFL_END = 0x12,
    OP_MD5 = 0x13,           /* the first ROM's last */
    OP_SECURITY_INFO = 0x14, /* later ROMs and the stubs; the rest: stubs only */
    OP_ERASE_FLASH = 0xd0,
    OP_ERASE_REGION = 0xd1,
    OP_READ_FLASH = 0xd2,
    OP_RUN_USER_CODE = 0xd3
};

#endif /* SIM_BOARD_SIM_OP_H */
