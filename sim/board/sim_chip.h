/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sim_chip - the table of chips that a virtual board can have: one record a chip, static, read-only.
 *
 * Written from public facts of each chip alone, never from the engine's table, on purpose: a wrong number here must not be
 * wrong there as well. What is measured and what is taken from sources stands at each record in sim_chip.c.
 */
#ifndef SIM_BOARD_SIM_CHIP_H
#define SIM_BOARD_SIM_CHIP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SIM_CHIP_MAGIC 0x40001000u /* the ROM's word by which old tools tell chips apart */

struct sim_span {
    uint32_t from, to; /* to: the last address */
};

struct sim_cell {
    uint32_t address, value;
};

/* Bits of one word of fuses; width 0: this chip has no such field. */
struct sim_fuse {
    uint16_t offset; /* bytes from the fuses' base */
    uint8_t shift, width;
};

/* How the mask ROM's loader behaves: measured on an ESP32 of revision 3 and on an ESP32-C3 of v0.3. */
enum sim_rom_family {
    SIM_ROM_FIRST, /* the ESP32's */
    SIM_ROM_LATER  /* the C3's; the other chips' ROMs are taken to be like it */
};

struct sim_fuse_map {
    uint32_t base;
    uint16_t size;       /* bytes of it that read as fuses */
    uint16_t mac;        /* offset of the first of its two words */
    uint16_t custom_mac; /* offset of the first of its six bytes */
    bool has_mac_crc, has_mac_ext;
    struct sim_fuse minor, minor_high, major,
        major_high; /* of the revision; the high ones go on where the low end */
    struct sim_fuse package, flash, psram;
    struct sim_fuse secure_boot, secure_boot_2, crypt_count, crypt_config, no_download, secure_download;
    struct sim_fuse pad_jtag;                   /* off for good */
    struct sim_fuse vdd_force, vdd_on, vdd_3v3; /* the supply of the flash */
    struct sim_fuse write_key, read_key;        /* protection of the first block of keys */
    struct sim_fuse key_purpose;                /* of that block */
};

/* The serial flash controller that a host drives by register: offsets from its base. */
struct sim_spi_map {
    uint32_t base;
    uint8_t user, user2, miso_length, data;
    bool address_high;              /* a 24-bit address lies in the upper bits of its register */
    uint32_t user_idle, user2_idle; /* as the ROM leaves them when it attaches the flash */
};

/* What the ROM prints. */
struct sim_banner {
    const char *rom, *build;
    uint16_t run,
        download; /* strap values of a board that starts from flash, and of one that waits for download */
    const char *download_name;
};

/* Flash without power until these registers are written, on these revisions. */
struct sim_power {
    int revisions[2];
    uint32_t pads, force; /* bit 0 of the first, bits 0 and 1 of the second */
};

struct sim_chip {
    const char *name;  /* as tools spell it: "esp32c3" */
    const char *title; /* "ESP32-C3" */
    uint16_t id;       /* in images and in GET_SECURITY_INFO */
    enum sim_rom_family rom;
    uint8_t info_size; /* bytes of data that GET_SECURITY_INFO answers; 0: no such command */
    uint8_t info_tail; /* last byte of its key purposes */
    uint8_t info_eco;  /* its last word */
    bool
        divides_by_zero; /* a rate of 0 is an exception (Xtensa); else it makes the largest divisor (RISC-V) */
    uint32_t magic;
    uint32_t boot_at; /* where the ROM looks for the second stage */
    int revision;     /* of a board nobody asked a revision of: major * 100 + minor; ESP32: major */
    uint8_t package, flash_in_package, psram_in_package;
    uint32_t flash_size;
    uint32_t xtal_hz, rom_xtal_hz; /* the crystal, and what the ROM takes it for */
    uint32_t other_xtal_hz;        /* a crystal that exists on boards as well; 0: none */
    uint32_t xtal_word;            /* register whose bits 30:24 hold rom_xtal_hz in MHz; 0: none */
    uint32_t clkdiv, strap;        /* registers */
    uint32_t clkdiv_mask;          /* whole part of the divisor */
    struct sim_fuse_map fuses;
    struct sim_spi_map spi;
    struct sim_banner banner;
    const struct sim_power *power; /* NULL: powered at once */
    const struct sim_span *map;    /* what an access reaches; the rest is an exception */
    size_t spans;
    const struct sim_cell *words; /* read-only memory that somebody looks at */
    size_t word_count;
};

const struct sim_chip *sim_chip_find(const char *name); /* NULL: unknown */
const struct sim_chip *sim_chip_at(size_t index);       /* 0 is the ESP32; NULL past the last */

#endif /* SIM_BOARD_SIM_CHIP_H */
