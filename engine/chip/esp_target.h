/* SPDX-License-Identifier: Apache-2.0 */
/*
 * esp_target - how each chip is spoken to: one row of data a chip, and nothing else in the engine names one. What its firmware
 * has to be stands in profiles/firmware/chip_kind.h, which each row points to by the chip's id in an image.
 *
 * Read-only, static storage, any thread; pure functions. Sources: esp_target.c, beside the rows.
 */
#ifndef ENGINE_CHIP_ESP_TARGET_H
#define ENGINE_CHIP_ESP_TARGET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct chip_kind;

/* Bits of a word that lies `at` bytes from where the eFuses are read. */
struct fuse_bits {
    uint16_t at;
    uint8_t shift, width; /* width 0: there are none */
};

/* A number, its lowest bits first. */
struct fuse_field {
    struct fuse_bits part[3];
};

#define TARGET_KEYS 6

enum fuse {
    FUSE_MAC_LOW,  /* its last four bytes */
    FUSE_MAC_HIGH, /* its first two */
    FUSE_MAC_CRC,
    FUSE_MAC_EXT,      /* what is put into the middle of it for an EUI-64 */
    FUSE_CUSTOM_FIRST, /* a MAC that the board's owner burnt: the first three bytes, the first one lowest */
    FUSE_CUSTOM_LAST,
    FUSE_CUSTOM_CRC,
    FUSE_CUSTOM_VERSION, /* 1: such a one was burnt; where there is this field */
    FUSE_MAJOR,
    FUSE_MINOR,
    FUSE_PACKAGE,
    FUSE_SINGLE_CORE,
    FUSE_CRYPT_COUNT, /* flash encryption: on while its bits are odd in number */
    FUSE_SECURE_BOOT_V1,
    FUSE_SECURE_BOOT,
    FUSE_JTAG_OFF,
    FUSE_DOWNLOAD_OFF,
    FUSE_FLASH, /* in the package: a code of `flash_mb` */
    FUSE_PSRAM,
    FUSE_BLOCK_MAJOR, /* of the eFuses' own layout */
    FUSE_BLOCK_MINOR,
    FUSE_PAD_CLK, /* of the flash in the package */
    FUSE_PAD_Q,
    FUSE_PAD_D,
    FUSE_PAD_CS,
    FUSE_PAD_HD,
    FUSE_OSCILLATOR, /* trim of the 8 MHz oscillator */
    FUSE_FLASH_POWERED,
    /* What else a production line looks at: engine/chip/esp_efuse.h has their names. */
    FUSE_WRITE_OFF,    /* one bit a group of eFuses that can be burnt no more */
    FUSE_READ_OFF,     /* one bit a block of keys that software cannot read */
    FUSE_CODING,       /* how blocks 1 to 3 are stored */
    FUSE_SUPPLY_FORCE, /* the flash's supply is by FUSE_SUPPLY_ON and _HIGH, not by a pin */
    FUSE_SUPPLY_ON,
    FUSE_SUPPLY_HIGH,   /* 3.3 V, else 1.8 V */
    FUSE_SUPPLY_IS_PIN, /* the chip's own supply pin is a GPIO */
    FUSE_CRYPT_CONFIG,
    FUSE_REVOKE_AT_ONCE, /* of secure boot's keys */
    FUSE_SECURE_VERSION, /* the least that anti-rollback lets start */
    FUSE_SECURE_DOWNLOAD,
    FUSE_FORCE_DOWNLOAD_OFF,
    FUSE_DOWNLOAD_CRYPT_OFF, /* the loader's encryption of what it writes */
    FUSE_DOWNLOAD_DECRYPT_OFF,
    FUSE_DOWNLOAD_CACHE_OFF,
    FUSE_JTAG_SOFT_OFF,
    FUSE_USB_JTAG_OFF,
    FUSE_USB_BRIDGE_OFF, /* of the unit called USB-Serial-JTAG */
    FUSE_USB_BRIDGE_DOWNLOAD_OFF,
    FUSE_USB_OTG_OFF,
    FUSE_USB_OTG_DOWNLOAD_OFF,
    FUSE_USB_PRINT_OFF,
    FUSE_PRINT,       /* when the ROM prints on its UART */
    FUSE_CONSOLE_OFF, /* the BASIC interpreter of the first chip's ROM */
    FUSE_KEY_PURPOSE, /* of the first of TARGET_KEYS */
    FUSE_KEY_PURPOSE_LAST = FUSE_KEY_PURPOSE + TARGET_KEYS - 1,
    FUSE_COUNT
};

/* A name that fits from a revision on, for one package; the last row that fits is the one. */
struct package_name {
    uint8_t package;
    int8_t single_core; /* -1: either */
    int8_t flash;       /* code of FUSE_FLASH, -1: any */
    int from;           /* revision */
    const char *name;
};

/* Registers of the SPI controller that reaches the flash, from its base. */
struct spi_registers {
    uint8_t usr, usr2, miso_length, w0;
};

/* A register is read, bits are cleared, bits are set, it is written; then a wait. */
struct register_step {
    uint32_t address, clear, set;
    uint32_t wait_us;
};

/* Blocks of eFuses for keys; the keys themselves are never read. */
struct key_blocks {
    const char *name[TARGET_KEYS]; /* NULL: no more */
    uint8_t write_bit;             /* of the first block in FUSE_WRITE_OFF, the others follow */
    uint8_t read_bits;             /* a block in FUSE_READ_OFF, from bit 0; 2: one a half */
    bool takes_ecdsa;              /* purpose 1 is such a key */
};

/* What the ROM makes of a rate it is told. */
enum rom_rate {
    RATE_EXACT,
    RATE_MEASURED, /* it guesses its crystal by a trimmed oscillator, wrong by some percent */
    RATE_EXPECTED  /* it takes its crystal for another than it is */
};

#define TARGET_MAGICS   4
#define TARGET_STUBS    2
#define TARGET_PACKAGES 16
#define TARGET_STEPS    8

struct esp_target {
    uint16_t image_id;
    bool short_info;               /* its GET_SECURITY_INFO names no chip: 12 bytes of data instead of 20 */
    uint32_t magic[TARGET_MAGICS]; /* what stands at ESP_MAGIC_ADDRESS; 0: no more */
    bool magic_alone; /* some ROMs of it do not know that command; else who refuses it is no such chip */
    uint32_t fuses;   /* where fuse_bits.at counts from */
    struct fuse_field fuse[FUSE_COUNT];
    const uint8_t *major_of_code; /* NULL: FUSE_MAJOR is the number itself */
    bool early_layout_is_first;   /* layout 1.1 of the eFuses has other things there: such chips are v0.0 */
    bool revised_security;        /* FUSE_DOWNLOAD_OFF and FUSE_SECURE_BOOT are obeyed from v3.0 on */
    uint8_t flash_mb[8], psram_mb[8];
    bool named_by_psram; /* packages[].package is the code of FUSE_PSRAM */
    struct package_name packages[TARGET_PACKAGES];
    const struct key_blocks *keys;
    int wide_purposes_from; /* revision from which FUSE_KEY_PURPOSE has its second part; 0: always */
    uint32_t spi;
    const struct spi_registers *spi_at;
    uint8_t begin_words; /* of FLASH_BEGIN and DEFL_BEGIN through the ROM */
    bool rom_inflates;   /* its own inflate writes nothing but what it is given: measured, or not believed */
    uint8_t crystals[2]; /* MHz; the second 0: it has no other */
    uint32_t uart_divider; /* read where there are two crystals */
    enum rom_rate rate;
    uint32_t
        rate_register; /* RATE_MEASURED: the calibration; RATE_EXPECTED: 0, or where the ROM keeps its MHz (bits 30:24) */
    uint8_t expected_mhz; /* RATE_EXPECTED without a register */
    struct {
        const char *name;
        int from; /* revision; none that fits: no helper program runs there */
    } stubs[TARGET_STUBS];
    /* Revisions whose flash has to be powered before it is attached; both 0: none. */
    struct {
        int from, to;
        struct register_step steps[TARGET_STEPS];
        int ready_from; /* from this one, where FUSE_FLASH_POWERED is burnt, `ready` is done instead */
        struct register_step ready;
    } power;
};

#define ESP_MAGIC_ADDRESS 0x40001000u

/* NULL where there is none. */
const struct esp_target *esp_target_by_image(uint32_t image_id);
const struct esp_target *esp_target_by_magic(uint32_t magic);
const struct esp_target *esp_target_by_name(const char *chip); /* a job's `chip` */
const struct esp_target *esp_target_of_short_info(void);
/* Of a chip that is recognised only to be refused by name: "esp8266"; NULL: none. */
const char *esp_target_refused_name(uint32_t magic);

const struct chip_kind *esp_target_kind(const struct esp_target *t);

#define FUSE_WORDS_MAX 16

/* Which words have to be read for all its fields, in rising order: their places, at most FUSE_WORDS_MAX. Returns how many. */
size_t esp_target_words(const struct esp_target *t, uint16_t at[static FUSE_WORDS_MAX]);
/* A field out of those words. */
uint32_t esp_target_fuse(const struct esp_target *t, enum fuse f,
                         const uint32_t words[static FUSE_WORDS_MAX]);

/* The `n`-th (0..) of all chips' helper programs; NULL: there are no more. */
const char *esp_target_stub_name(size_t n);
/* The name of its helper program's file without ".json"; NULL: that revision has none. */
const char *esp_target_stub(const struct esp_target *t, int revision);

#endif /* ENGINE_CHIP_ESP_TARGET_H */
