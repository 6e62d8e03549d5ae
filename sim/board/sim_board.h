/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sim_board - one board that does not exist, with a chip of sim_chip.h: bytes in, bytes out, two lines, and time.
 *
 * A state machine without threads or waiting: whoever owns it tells it the time (microseconds, any start, never going
 * back) with each call. It models the mask ROM's loader, both Espressif stubs, NOR flash, eFuses, straps, line time by
 * baud, erase and program time. Its SLIP decoder is its own, on purpose: the ROM has framing faults a shared one would
 * hide. Not thread safe: one owner at a time.
 */
#ifndef SIM_BOARD_SIM_BOARD_H
#define SIM_BOARD_SIM_BOARD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/mac.h"

struct sim_board;
struct sim_chip;
struct sim_mishap;

#define SIM_NEVER INT64_MAX

struct sim_board_config {
    const struct sim_chip *chip; /* NULL: an ESP32 */
    struct mac mac;
    int revision;              /* ESP32: 0, 1 or 3; other chips: major * 100 + minor */
    uint32_t flash_size;       /* bytes: power of two, 1 MiB .. 16 MiB */
    uint32_t flash_id;         /* JEDEC as RDID returns it; 0: a W25Q of flash_size */
    bool reset_wired;          /* DTR -> GPIO0, RTS -> EN; false: Expansion Board 2, use sim_board_button() */
    bool rateless;             /* bytes arrive whole whatever the two rates are, as in an emulator's UART */
    bool starts_in_bootloader; /* strapped for download at power-on */
    bool is_attached;          /* the ROM has its flash without SPI_ATTACH, as in an emulator */
    int strap; /* 0: what the wiring makes; else straps of this value + 1, whatever the wiring */
    const char *personality; /* NULL or "good"; see sim_personality.h */
    uint64_t seed;           /* for seeded faults */
    double fault_rate;       /* 0..1: how often a board of this seed misbehaves; 0: never */
};

/* Caller owns: sim_board_free(). NULL: bad config (unknown personality) or no memory. Powered on at `now_us`. */
struct sim_board *sim_board_new(const struct sim_board_config *config, int64_t now_us);
void sim_board_free(struct sim_board *b);

/* The host's side of the line: its UART's rate, its two modem lines (true = asserted = pin low). */
void sim_board_set_baud(struct sim_board *b, uint32_t baud, int64_t now_us);
void sim_board_set_lines(struct sim_board *b, bool dtr, bool rts, int64_t now_us);
/* Bytes the host starts to send now; they take their line time to arrive. Takes all. */
void sim_board_send(struct sim_board *b, const uint8_t *bytes, size_t len, int64_t now_us);
/* When the last byte handed to sim_board_send() has left the host: a real write would block until about then. */
int64_t sim_board_sent_at(const struct sim_board *b);
/* Bytes from the board that have wholly arrived at the host by now_us. */
size_t sim_board_receive(struct sim_board *b, uint8_t *buf, size_t len, int64_t now_us);
/* When something next happens by itself: a byte arrives, an erase ends. SIM_NEVER: only the host can change anything. */
int64_t sim_board_next(const struct sim_board *b);

/* The operator's hands. */
void sim_board_button(struct sim_board *b, bool boot_wire_to_gnd,
                      int64_t now_us);             /* press and release reset */
bool sim_board_is_gone(const struct sim_board *b); /* the personality pulled the plug */

/* Burns bits of a word of fuses, `offset` bytes from their base. They count from the next reset on. */
void sim_board_burn(struct sim_board *b, uint32_t offset, uint32_t bits);
const struct sim_chip *
sim_board_chip(const struct sim_board *b); /* that lies there: a personality may say another */

/* What its divisor makes of its clock now. */
uint32_t sim_board_baud(const struct sim_board *b);

/* Whole frames that the board's loaders have taken from the line since power-on, by command number. */
struct sim_frames {
    uint32_t rom[256], stub[256];
};
const struct sim_frames *sim_board_frames(const struct sim_board *b);

/* For dumps and checks; borrowed, valid until the next call that passes time. */
const uint8_t *sim_board_flash(const struct sim_board *b, uint32_t *size);
/* Puts bytes into flash as a factory would have (identity data, an older firmware). Before use. */
void sim_board_preload(struct sim_board *b, uint32_t offset, const uint8_t *bytes, size_t len);
/* Puts into flash what a factory left there, by the config's MAC and seed (sim_factory.h). Before use. */
void sim_board_fill(struct sim_board *b);

/* What a test makes happen to the board (sim_mishap.h). Before use. False: too many. */
bool sim_board_plan_mishap(struct sim_board *b, const struct sim_mishap *m);
unsigned sim_board_mishaps(const struct sim_board *b); /* how many have happened */
/* Bytes received since the count of a mishap's `after` began; 0 before. */
uint64_t sim_board_received(const struct sim_board *b);
/* What the second board of an exchange came with, as long as sim_board_flash(); NULL: there was none, or no memory. */
const uint8_t *sim_board_exchanged_flash(const struct sim_board *b);

#endif /* SIM_BOARD_SIM_BOARD_H */
