/* SPDX-License-Identifier: Apache-2.0 */
/*
 * config_block - the fields that Pycom's firmware keeps in the identity sector of its boards: identity, keys and settings,
 * one table of offset, size and kind; read and changed in a copy of the sector.
 *
 * The first 1024 bytes of the sector, as Pycom's published sources have them since 2019 (pycom_config.h, version 1.20.2);
 * what was added later follows what was there, so older firmware finds its own. There is no checksum and no version in it: a
 * block that is half written can only be told by values that cannot be. Pure; static storage.
 */
#ifndef PROFILES_PYCOM_CONFIG_BLOCK_H
#define PROFILES_PYCOM_CONFIG_BLOCK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CONFIG_BLOCK_SIZE    1024u
#define CONFIG_BLOCK_SECTOR  4096u
#define CONFIG_IDENTITY_SIZE 52u /* EUI and what Sigfox has: what names the board. From there on: settings */
#define CONFIG_EUI_SIZE      8u
#define CONFIG_REGION_AT     52u

enum config_kind {
    CONFIG_HEX,    /* all its bytes, as they stand there */
    CONFIG_TEXT,   /* ends with a NUL within its size */
    CONFIG_NUMBER, /* 1 or 4 bytes, little endian */
    CONFIG_SWITCH, /* a byte of its own, or `bits` of one: 0 or 1 */
    CONFIG_CHOICE, /* one of `words`, in a byte or `bits` of one */
    CONFIG_REGION  /* profiles/pycom/lora_region.h */
};

struct config_field {
    const char *name; /* "eui" */
    uint16_t offset, size;
    enum config_kind kind;
    uint8_t shift, bits; /* of the byte; bits 0: all of it */
    bool secret;         /* never shown unless it is asked for */
    const char *words;   /* "sta ap apsta none": by value; NULL: none */
    const char *what;    /* one line for people */
};

/* In the order of their places, NULL behind the last. */
const struct config_field *config_field_at(size_t index);
const struct config_field *config_field_find(const char *name);

#define CONFIG_VALUE_SIZE 600 /* the longest text with every byte escaped, and its end */
#define CONFIG_WHY        640

/* Was it ever written? What flash has where nothing was is FF; a text of which the first byte is NUL is none either. */
bool config_field_is_set(const struct config_field *field, const uint8_t block[static CONFIG_BLOCK_SIZE]);
/* Its value as config_field_put() takes it, secret or not; "" when it is not set. */
void config_field_text(const struct config_field *field, const uint8_t block[static CONFIG_BLOCK_SIZE],
                       char out[static CONFIG_VALUE_SIZE]);
/*
 * `value` ("" takes it back: never set) into the block; other bits of the same byte stay, but for a byte that was never
 * written: there they become 0. `board` (NULL or "": not known) is asked of a region. 0, or -EINVAL and one sentence.
 */
int config_field_put(const struct config_field *field, const char *value, const char *board,
                     uint8_t block[static CONFIG_BLOCK_SIZE], char why[static CONFIG_WHY]);

/* A run of bytes that differ, within one field. */
struct config_change {
    const char *name; /* of the field; "reserved" where there is none */
    uint32_t offset, size;
    bool secret;
};

/* The first run at or behind *at, which then stands behind it. False: there is none. */
bool config_block_next_change(const uint8_t before[static CONFIG_BLOCK_SECTOR],
                              const uint8_t after[static CONFIG_BLOCK_SECTOR], uint32_t *at,
                              struct config_change *out);
/* Is it one byte all over, as an erased sector is? */
bool config_block_is_blank(const uint8_t *block, size_t size);
/* Static storage: why these bytes cannot be a config block that was written whole; NULL: they can. */
const char *config_block_trouble(const uint8_t block[static CONFIG_BLOCK_SIZE]);

#endif /* PROFILES_PYCOM_CONFIG_BLOCK_H */
