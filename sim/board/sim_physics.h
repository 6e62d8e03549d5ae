/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sim_physics - the numbers of the real world, microseconds unless named otherwise, each with where it comes from.
 *
 * "data sheet": Winbond W25Q32JV/W25Q64JV/W25Q128JV, AC characteristics, typical column.
 * "disassembly": the page-program routine of the ESP32 revision 3 mask ROM, which also serves both stubs.
 * "estimate": no measurement at hand; chosen plausible, and said so. Ratios matter more than digits here.
 */
#ifndef SIM_BOARD_SIM_PHYSICS_H
#define SIM_BOARD_SIM_PHYSICS_H

/* UART */
#define SIM_BITS_PER_BYTE     10       /* 8N1: start, eight data, stop */
#define SIM_STUB_FAST_UART_HZ 80000000 /* stub v1.1.0 and later raise the peripheral clock to 80 MHz */
#define SIM_BAUD_TOLERANCE    30  /* per mille: the last of ten bits must still be sampled inside itself */
#define SIM_UART_FIFO         128 /* bytes; ESP32 technical reference, UART chapter */
#define SIM_UART_ISR_BATCH    120 /* stub: receive interrupt when this many wait (FIFO less a margin), or ... */
#define SIM_UART_IDLE_BYTES   2   /* ... when the line was silent for this many byte times (estimate) */

/* Processor */
#define SIM_ROM_COMMAND_US   150  /* estimate: ROM at crystal speed, one frame parsed and answered */
#define SIM_STUB_COMMAND_US  40   /* estimate: the same in the stub */
#define SIM_STUB_START_US    2000 /* estimate: MEM_END's jump, stub clears its memory, sets up, says OHAI */
#define SIM_ROM_INFLATE_NS   400 /* estimate, a byte of output: table decoder without cache tuning at 40 MHz */
#define SIM_STUB_INFLATE_NS  120 /* estimate, a byte of output */
#define SIM_ROM_MD5_NS       900 /* estimate, a byte: read over SPI plus MD5 at 40 MHz. esptool allows 8 us */
#define SIM_STUB_MD5_NS      350 /* estimate, a byte; legacy stub and stub v1.0.0 */
#define SIM_STUB_FAST_MD5_NS 150 /* estimate, a byte; stub with the raised clock */

/* Power-on and reset */
#define SIM_EN_RISE_US \
    6000 /* EN: 10 kOhm and 1 uF to the input threshold, 0.6 of the supply (esptool's boot docs ask for 1..10 uF) */
#define SIM_BOOT_US     2500   /* estimate: EN high to the first character of the ROM's banner */
#define SIM_WATCHDOG_US 300000 /* estimate: a boot that found no valid image to the next one */
#define SIM_BROWNOUT_US 180000 /* estimate: current peak to the detector's reset, again and again */
#define SIM_BANNER_BAUD 115200 /* what the ROM prints at with a 40 MHz crystal */

/* Flash */
#define SIM_PAGE_PROGRAM_FIRST_NS 30000  /* data sheet: first byte of a page program */
#define SIM_PAGE_PROGRAM_NEXT_NS  2500   /* data sheet: each byte more */
#define SIM_PROGRAM_CHUNK         32     /* disassembly: bytes a page-program command */
#define SIM_PROGRAM_COMMAND_NS    15000  /* estimate: write enable, command, status polls around each chunk */
#define SIM_ERASE_SECTOR_US       45000  /* data sheet: 4 KiB */
#define SIM_ERASE_BLOCK_US        150000 /* data sheet: 64 KiB */
#define SIM_ERASE_CHIP_US_PER_MIB 2500000 /* data sheet: 10 s for 4 MiB, 20 s for 8 MiB, 40 s for 16 MiB */
#define SIM_READ_NS               220 /* estimate, a byte: 40 MHz single line plus the routine around it */
#define SIM_SLOW_FACTOR           6   /* "slow": near the data sheets' maximum column */

#endif /* SIM_BOARD_SIM_PHYSICS_H */
