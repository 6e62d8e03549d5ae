/* SPDX-License-Identifier: Apache-2.0 */
/*
 * esp_chip - which chip this is, and which flash is behind it: magic word, eFuses decoded, JEDEC id. Figures: Espressif's
 * technical reference and eFuse tables.
 */
#ifndef ENGINE_CHIP_ESP_CHIP_H
#define ENGINE_CHIP_ESP_CHIP_H

#include "base/record.h"

struct esp_loader;

/* The raw words an ESP32 tells about itself. */
struct esp32_words {
    uint32_t efuse[7]; /* block 0, words 0..6 */
    uint32_t date;     /* 0x3FF6607C: bit 31 is the third revision bit */
    uint32_t uart_div; /* 0x3FF40014: the divider the ROM found for SYNC's rate */
};

struct esp_chip {
    uint32_t magic;
    char id[16]; /* "esp32", "esp8266", .. or "" for one not in the table: the rest is then not filled */
    struct unit_identity unit; /* flash fields are left 0 */
    bool mac_crc_ok;
    uint32_t spi_pads; /* word for SPI_ATTACH: in-package flash on its own pads; 0: the usual ones */
    uint8_t ck8m_freq; /* for the ROM's own guess of the crystal */
};

/* Pure. `baud` is the rate at which the ROM was synchronised. */
void esp32_decode(const struct esp32_words *w, uint32_t baud, struct esp_chip *out);

/* Reads and decodes. 0 or a negative errno as in esp_loader.h; a chip that is not known is no error. */
int esp_chip_identify(struct esp_loader *l, struct esp_chip *out);
/* It is one whose words can be read: esp_chip_identify() has filled all of it. */
bool esp_chip_is_known(const struct esp_chip *c);
/* Only the MAC, to see that the board is still the same one. */
int esp_chip_read_mac(struct esp_loader *l, struct mac *out);
/* The same of whoever answers: -ENOTSUP where it is no chip that is known. */
int esp_chip_ask_mac(struct esp_loader *l, struct mac *out);
/* What the ROM must be told so that it makes `baud`: it guesses its crystal wrong by some percent. */
int esp_chip_rom_baud(struct esp_loader *l, const struct esp_chip *chip, uint32_t baud, uint32_t *told);

/* Which eFuse has one of the SECURITY_ bits set (base/record.h); static storage. */
const char *esp_security_text(uint32_t bit);
/* The ROM would start what begins with these bytes of a boot sector: an image, the second-stage bootloader's too. */
bool esp_chip_boots_from(const uint8_t *first);

/* Bytes that the capacity code of a JEDEC id means; 0: not a flash chip's id. Pure. */
uint32_t esp_flash_size(uint32_t jedec_id);
/* RDID through the SPI1 registers, as the stock client does it: manufacturer in bits 7:0. */
int esp_flash_read_id(struct esp_loader *l, uint32_t *jedec_id);

#endif /* ENGINE_CHIP_ESP_CHIP_H */
