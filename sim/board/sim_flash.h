/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sim_flash - a NOR flash chip: erasing sets bits, programming only clears them; times as its data sheet has them.
 *
 * Addresses past the end are the caller's fault and do nothing. Every changing call returns the microseconds it takes.
 */
#ifndef SIM_BOARD_SIM_FLASH_H
#define SIM_BOARD_SIM_FLASH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SIM_SECTOR 0x1000u
#define SIM_BLOCK  0x10000u

struct sim_flash {
    uint8_t *bytes;
    uint32_t size;
    uint32_t id;        /* as RDID returns it: maker in bits 7:0, type 15:8, capacity 23:16 */
    uint8_t status[3];  /* status registers 1..3 */
    bool write_enabled; /* the latch that WREN sets; only for commands sent by register */
    bool asleep;        /* after B9 until AB */
    bool unpowered;     /* does nothing, and reads as FF */
    int slow_factor;    /* 1: as the data sheet */
    uint32_t weak_at;   /* the 64 bytes here keep a bit that should clear; UINT32_MAX: none */
    uint32_t lie_at;    /* programming that covers this address does nothing, once; UINT32_MAX: none */
};

/* 0 or -ENOMEM / -EINVAL (size not a power of two of 64 KiB .. 16 MiB). All FF. */
int sim_flash_init(struct sim_flash *f, uint32_t size, uint32_t id);
void sim_flash_free(struct sim_flash *f);
/* The JEDEC id of a Winbond W25Q of that size. */
uint32_t sim_flash_winbond(uint32_t size);

int64_t sim_flash_erase_sector(struct sim_flash *f, uint32_t address);
int64_t sim_flash_erase_block(struct sim_flash *f, uint32_t address); /* 64 KiB */
int64_t sim_flash_erase_chip(struct sim_flash *f);
/* Every sector that [address, address + len) touches, by blocks where whole ones fit. */
int64_t sim_flash_erase_area(struct sim_flash *f, uint32_t address, uint32_t len);
/* As the ROM's routine does: 32 bytes a command. */
int64_t sim_flash_program(struct sim_flash *f, uint32_t address, const uint8_t *data, size_t len);
/* Puts bytes there as they are, in no time: what lay there before anybody looked. Outside: nothing. */
void sim_flash_preload(struct sim_flash *f, uint32_t address, const uint8_t *bytes, size_t len);
bool sim_flash_blank(const struct sim_flash *f, uint32_t address, uint32_t len);
/* True when [address, address + len) lies inside. */
bool sim_flash_covers(const struct sim_flash *f, uint32_t address, uint64_t len);

#endif /* SIM_BOARD_SIM_FLASH_H */
