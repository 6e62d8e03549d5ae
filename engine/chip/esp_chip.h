/* SPDX-License-Identifier: Apache-2.0 */
/*
 * esp_chip - which chip this is, and which flash is behind it: asked by GET_SECURITY_INFO or the magic word, eFuses decoded, JEDEC
 * id. What differs from chip to chip stands in esp_target.h.
 */
#ifndef ENGINE_CHIP_ESP_CHIP_H
#define ENGINE_CHIP_ESP_CHIP_H

#include "base/record.h"
#include "engine/chip/esp_efuse.h"
#include "engine/chip/esp_loader.h"
#include "engine/chip/esp_target.h"

/* What a chip tells about itself: the words of esp_target_words(), in that order. */
struct esp_words {
    uint32_t fuse[FUSE_WORDS_MAX];
    uint32_t uart_divider; /* the ROM's for SYNC's rate; 0: not asked, the chip has one crystal */
};

struct esp_chip {
    const struct esp_target *target; /* NULL: not one that is known; the rest is then not filled */
    char id[16];                     /* "esp32c3", "esp8266"; "" for one that is in no table */
    uint32_t magic, chip_id;         /* by which of both it was asked; the other is 0 */
    bool has_chip_id;
    bool has_security;
    struct esp_security security;
    bool secure_download;      /* its ROM takes only what writes: no register, no digest, no program in RAM */
    struct unit_identity unit; /* flash fields are left 0 */
    bool mac_crc_ok;           /* true where the chip has no such checksum */
    uint8_t flash_mb, psram_mb; /* inside its package; 0: none, or it does not say */
    uint32_t spi_pads;          /* word for SPI_ATTACH: in-package flash on its own pads; 0: the usual ones */
    uint8_t oscillator;         /* RATE_MEASURED: trim by which the ROM guesses its crystal */
    bool flash_powered;         /* its ROM has done that (esp_target.h, `power`) */
    uint32_t fuse[FUSE_WORDS_MAX]; /* as read, for engine/chip/esp_efuse.h */
};

/* Of one that was read: what esp_efuse.h is asked with; borrows `c`. */
struct efuse_reading esp_chip_fuses(const struct esp_chip *c);
/* esp_efuse_supply() of it. */
const char *esp_chip_supply(const struct esp_chip *c);

/* Pure. `baud` is the rate at which the ROM was synchronised. out->security is taken into account where it is there. */
void esp_chip_decode(const struct esp_target *t, const struct esp_words *w, uint32_t baud,
                     struct esp_chip *out);

/* Who it is, and that alone; the loader then knows. 0 or a negative errno as in esp_loader.h; one that is not known is no error. */
int esp_chip_ask(struct esp_loader *l, struct esp_chip *out);
/* Of one that was asked: reads all of it and decodes. */
int esp_chip_read(struct esp_loader *l, struct esp_chip *out);
/* It is one whose words can be read: esp_chip_read() has filled all of it. */
bool esp_chip_is_known(const struct esp_chip *c);
/* Who it says it is, for a refusal: "esp8266 (magic word fff0c101)"; `out` of at least 64 bytes, returned. */
const char *esp_chip_words(const struct esp_chip *c, char out[static 64]);
/* Only the MAC, to see that the board is still the same one. -ENOTSUP where it is no chip that is known, or tells nothing. */
int esp_chip_read_mac(struct esp_loader *l, struct mac *out);
/* Powers the flash of a chip whose ROM leaves it off; nothing to do for others. Before it is attached. */
int esp_chip_power_flash(struct esp_loader *l, const struct esp_chip *chip);
/* Of one that was asked: as little as esp_chip_rom_baud() has to know. Read once: a rate made of a misread word does not answer. */
int esp_chip_ask_rate(struct esp_loader *l, struct esp_chip *chip);
/* What the ROM must be told so that it makes `baud`: some take their crystal for another than it is. */
int esp_chip_rom_baud(struct esp_loader *l, const struct esp_chip *chip, uint32_t baud, uint32_t *told);

/* Which eFuse has one of the SECURITY_ bits set (base/record.h), in words; `out` of at least 80 bytes, returned. */
const char *esp_security_text(const struct esp_chip *c, uint32_t bit, char out[static 80]);
/* The ROM would start what begins with these bytes of a boot sector: an image, the second-stage bootloader's too. */
bool esp_chip_boots_from(const uint8_t *first);

/* Bytes that the capacity code of a JEDEC id means; 0: not a flash chip's id. Pure. */
uint32_t esp_flash_size(uint32_t jedec_id);
/* RDID through the SPI1 registers, as the stock client does it, twice: manufacturer in bits 7:0. -EBADMSG: two answers. */
int esp_flash_read_id(struct esp_loader *l, uint32_t *jedec_id);

#endif /* ENGINE_CHIP_ESP_CHIP_H */
