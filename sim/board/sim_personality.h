/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sim_personality - the table of ways in which a virtual board can be special. Static, read-only.
 *
 * A personality is what the board is; seeded faults (sim_trouble.h) are what happens to it.
 */
#ifndef SIM_BOARD_SIM_PERSONALITY_H
#define SIM_BOARD_SIM_PERSONALITY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sim/board/sim_mishap.h"

struct sim_personality {
    const char *name;
    const char *about;  /* one line for --help and docs */
    bool silent;        /* says nothing at all */
    bool noise;         /* prints garbage instead of its banner and for answers */
    bool deaf;          /* its RX wire is open: banner yes, answers no */
    bool runs_app;      /* GPIO0 is not wired: always starts from flash */
    bool no_reset_wire; /* strapped for download once; a new session needs the button */
    bool jumper; /* no DTR and RTS either, and GPIO0 stays wired to ground: every reset ends in the loader */
    bool brownout;    /* restarts from low voltage for ever */
    bool breaks_stub; /* any uploaded code crashes */
    bool blank_mac, bad_mac_crc;
    bool wrong_size;                 /* flash of the other generation: revision and size disagree */
    bool weak_flash;                 /* a place that does not program */
    bool secure_boot, secure_boot_2; /* burnt; first version on the ESP32 only */
    bool encrypted;                  /* flash encryption is burnt */
    bool no_download;                /* the fuse against download */
    bool secure_download;       /* the loader reads nothing and runs nothing; the ESP32 has no such fuse */
    bool custom_mac;            /* a second MAC is burnt */
    bool vdd_1v8, vdd_3v3;      /* the flash's supply is burnt */
    bool no_jtag;               /* JTAG is off for good */
    bool has_key;               /* for flash encryption, in the first block, read- and write-protected */
    bool other_chip;            /* another chip of the family lies there */
    bool other_crystal;         /* not the crystal that its ROM takes for granted, where there are two */
    bool unpowered;             /* its flash is off; a P4's can be switched on */
    uint32_t flash_id;          /* 0: the flash's own */
    uint32_t baud_limit;        /* garbage above; 0: none */
    int slow_factor;            /* 0: 1 */
    int stops_at;               /* per cent of a region of 64 KiB or more at which it dies; 0: never */
    bool unplugs;               /* stops_at: USB is gone too */
    int resets_at;              /* per cent of such a region at which the chip restarts, once; 0: never */
    struct sim_mishap mishap;   /* that happens to it */
    uint32_t flip_every;        /* one bit wrong in about so many received bytes; 0: never */
    uint32_t flip_above;        /* only of those that come faster than this rate */
    int lose_every, lose_count; /* every so-manieth reply is lost, so many in all */
};

const struct sim_personality *
sim_personality_find(const char *name);                         /* NULL or "" is "good"; NULL: unknown */
const struct sim_personality *sim_personality_at(size_t index); /* NULL past the last */

#endif /* SIM_BOARD_SIM_PERSONALITY_H */
