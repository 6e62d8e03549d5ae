/* SPDX-License-Identifier: Apache-2.0 */
/*
 * chip_kind - what a chip asks of the files made for it: its id in an image, where its ROM looks for a bootloader, which
 * revisions there can be, where its code may run. One row a chip.
 *
 * Read-only, static storage, any thread. Figures: Espressif's technical reference manuals and image format; the memory maps
 * as esptool 5.3.1 and ESP-IDF have them. Firmware of ESP32 boards was seen booting; the other rows are from those sources.
 */
#ifndef PROFILES_FIRMWARE_CHIP_KIND_H
#define PROFILES_FIRMWARE_CHIP_KIND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Addresses; `to` is not of it. A list ends with an empty one. */
struct chip_stretch {
    uint32_t from, to;
};

#define CHIP_STRETCHES 7

struct chip_kind {
    const char *name;  /* as jobs and builds call it: "esp32c3" */
    const char *title; /* as people do: "ESP32-C3" */
    uint16_t image_id;
    uint32_t boot_sector;      /* where the ROM looks for the second-stage bootloader, in flash */
    int last_revision;         /* major * 100 + minor: no later one fits its eFuses */
    bool old_minimum_is_minor; /* in images without revisions in full: the one byte counts minor revisions */
    bool has_supply_fuses;     /* eFuses say which voltage its flash gets */
    const char *boot_pin;      /* low at a reset that shall end in the serial bootloader */
    uint32_t page; /* of the cache that maps flash, in bytes: the smallest that a build can choose */
    struct {
        uint8_t code;
        const char *name;
    } frequencies[4];                           /* of the image header's low nibble; ends with no name */
    struct chip_stretch mapped[CHIP_STRETCHES]; /* flash appears there */
    struct chip_stretch memory[CHIP_STRETCHES]; /* segments are copied there */
    struct chip_stretch
        loader[CHIP_STRETCHES]; /* where a bootloader keeps what it needs while it loads; empty: not known */
    struct chip_stretch stack;  /* the ROM's, which a bootloader runs on; empty: not known */
};

/* Both NULL where there is none. */
const struct chip_kind *chip_kind_by_name(const char *name);
const struct chip_kind *chip_kind_by_image(uint16_t image_id);
/* The `n`-th (0..) of the names, for a job's `chip`; NULL: there are no more. */
const char *chip_kind_name(size_t n);
/* The chip that images were for before they told. */
const struct chip_kind *chip_kind_first(void);
/* An image header's frequency may be called that. */
bool chip_kind_has_frequency(const struct chip_kind *k, uint8_t code, const char *name);
const char *chip_kind_frequency(const struct chip_kind *k, uint8_t code); /* "?" where it means none */
/* The `n`-th place (0..) where some chip looks for its bootloader, each once, in rising order; false: there are no more. */
bool chip_kind_boots(size_t n, uint32_t *offset);

#endif /* PROFILES_FIRMWARE_CHIP_KIND_H */
