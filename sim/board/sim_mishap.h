/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sim_mishap - things that happen to a board once, at a moment that the test chooses. (What a board is like is a
 * personality; what its seed draws for it are faults.)
 */
#ifndef SIM_BOARD_SIM_MISHAP_H
#define SIM_BOARD_SIM_MISHAP_H

#include <stdbool.h>
#include <stdint.h>

struct sim_flash;

#define SIM_MISHAPS_MAX 8

enum sim_mishap_kind {
    SIM_MISHAP_NONE,
    SIM_MISHAP_RESET,      /* the chip restarts, and the byte that comes is lost */
    SIM_MISHAP_DAMAGE,     /* the flash sector at `where` loses half of its bits, as from a stray write */
    SIM_MISHAP_LYING_READ, /* the next bytes read back from flash have one bit wrong */
    SIM_MISHAP_DIGEST_ELSEWHERE, /* the next digest is right, but of as many bytes one sector further on */
    SIM_MISHAP_EXCHANGE          /* another board lies in the slot: power-on, another MAC, another flash */
};

struct sim_mishap {
    enum sim_mishap_kind kind;
    uint32_t after; /* received bytes behind the first FLASH_BEGIN or DEFL_BEGIN of more than 0 bytes */
    bool early;     /* `after` counts from power-on instead */
    uint32_t where;
};

/* The plan of one board: it decides, the board does (sim_fate). */
struct sim_mishaps {
    struct sim_mishap planned[SIM_MISHAPS_MAX]; /* kind NONE once it has happened */
    unsigned count, happened;
    uint64_t received, writing_since; /* bytes; 0: nothing has been announced yet */
    bool read_lies, digest_elsewhere; /* the next one */
};

/* False: too many. */
bool sim_mishap_plan(struct sim_mishaps *s, const struct sim_mishap *m);
/* A BEGIN that announces bytes has been taken. */
void sim_mishap_begins(struct sim_mishaps *s);
/* A byte has reached the board. */
void sim_mishap_byte(struct sim_mishaps *s);
/* Takes the next mishap that this byte brings, for the board to suffer; false: no more. */
bool sim_mishap_take(struct sim_mishaps *s, struct sim_mishap *due);
/* `len` bytes, read from flash, are about to be told. May change them. */
void sim_mishap_read(struct sim_mishaps *s, uint8_t *bytes, uint32_t len);
/* Where the digest of a range that lies in flash is taken. */
uint32_t sim_mishap_digest(struct sim_mishaps *s, const struct sim_flash *f, uint32_t address, uint32_t len);

#endif /* SIM_BOARD_SIM_MISHAP_H */
