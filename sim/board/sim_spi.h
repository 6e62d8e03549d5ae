/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sim_spi - the flash controller of a chip as a host drives it through READ_REG and WRITE_REG: user commands to the flash
 * chip. Knows identification, status and erase commands; anything else reads FF and changes nothing.
 */
#ifndef SIM_BOARD_SIM_SPI_H
#define SIM_BOARD_SIM_SPI_H

#include <stdbool.h>
#include <stdint.h>

#include "sim/board/sim_chip.h"
#include "sim/board/sim_flash.h"

#define SIM_SPI_WORDS 64

struct sim_spi {
    const struct sim_spi_map *map;
    uint32_t reg[SIM_SPI_WORDS];
    bool attached; /* pins routed to the flash */
};

void sim_spi_reset(struct sim_spi *s); /* the map stays */
bool sim_spi_holds(const struct sim_spi *s, uint32_t address);
void sim_spi_attach(struct sim_spi *s); /* as the ROM leaves the registers */
uint32_t sim_spi_read(const struct sim_spi *s, uint32_t address);
/* Returns the microseconds that the flash is busy with what was started. */
int64_t sim_spi_write(struct sim_spi *s, struct sim_flash *f, uint32_t address, uint32_t value);

#endif /* SIM_BOARD_SIM_SPI_H */
