/* SPDX-License-Identifier: Apache-2.0 */
/*
 * esp_wire - requests and replies of Espressif's serial bootloader as bytes. Pure functions.
 *
 * Request:  00 op len16 check32 body      Reply: 01 op len16 val32 body, the body ending in the status bytes.
 * All numbers little endian. Names and numbers: Espressif's documentation of the serial protocol.
 */
#ifndef ENGINE_CHIP_ESP_WIRE_H
#define ENGINE_CHIP_ESP_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum esp_op {
    ESP_FLASH_BEGIN = 0x02,
    ESP_FLASH_DATA = 0x03,
    ESP_FLASH_END = 0x04, /* never to the ROM: it leaves the loader even when asked to stay */
    ESP_MEM_BEGIN = 0x05,
    ESP_MEM_END = 0x06,
    ESP_MEM_DATA = 0x07,
    ESP_SYNC = 0x08,
    ESP_WRITE_REG = 0x09,
    ESP_READ_REG = 0x0A,
    ESP_SPI_SET_PARAMS = 0x0B,
    ESP_SPI_ATTACH = 0x0D,
    ESP_READ_FLASH_SLOW = 0x0E, /* ROM only */
    ESP_CHANGE_BAUD = 0x0F,
    ESP_DEFL_BEGIN = 0x10,
    ESP_DEFL_DATA = 0x11,
    ESP_DEFL_END = 0x12, /* stubs only: their barrier */
    ESP_FLASH_MD5 = 0x13,
    ESP_SECURITY_INFO = 0x14, /* the first chip's ROM does not know it */
    ESP_ERASE_FLASH = 0xD0,   /* this and the rest: stubs only */
    ESP_ERASE_REGION = 0xD1,
    ESP_READ_FLASH = 0xD2
};

/* First status byte of a reply: 0 is good; below 0x10 the ROM's, whose second byte tells more; from 0xC0 a stub's. */
enum esp_status {
    ESP_STATUS_GOOD = 0x00,
    ESP_STATUS_ROM_REFUSES = 0x01,
    ESP_STATUS_STUB_CHECKSUM = 0xC1,
    ESP_STATUS_STUB_SPI_FAILED = 0xC4,
    ESP_STATUS_STUB_SPI_LOCKED = 0xC5
};

/* Second status byte, the ROM's. */
enum esp_error {
    ESP_ERROR_MESSAGE = 0x05, /* or a command that it does not know */
    ESP_ERROR_COMMAND = 0x06,
    ESP_ERROR_CHECKSUM = 0x07,
    ESP_ERROR_FLASH_WRITE = 0x08,
    ESP_ERROR_FLASH_READ = 0x09
};

/* Where the fields of a packet stand, in bytes. */
enum esp_field {
    ESP_AT_DIRECTION = 0,
    ESP_AT_OP = 1,
    ESP_AT_LEN = 2,  /* of the body, 16 bits */
    ESP_AT_WORD = 4, /* checksum of a request, value of a reply */
    ESP_HEADER_SIZE = 8
};

#define ESP_STATUS_SIZE \
    2 /* after a reply's data: enum esp_status, enum esp_error. The ROM sends two bytes more */
#define ESP_WORDS_MAX      6   /* of a command */
#define ESP_REG_WRITES_MAX 8   /* of one WRITE_REG, 16 bytes each */
#define ESP_SLOW_READ_SIZE 64u /* the ROM's READ_FLASH_SLOW always answers with as many */
/* Data of GET_SECURITY_INFO: flags, count of encryption, purposes of seven keys; then chip id and a version of the ROM, or not. */
#define ESP_SECURITY_SIZE       20u
#define ESP_SECURITY_SHORT_SIZE 12u

/*
 * What a command carries in 32-bit words and what its answer carries before the status, through the ROM and through a stub.
 * The one table of it: requests are made by it and replies read by it.
 */
struct esp_layout {
    uint8_t op;
    const char *name;
    uint8_t rom_words, stub_words; /* 0: not for that loader */
    uint8_t rom_data, stub_data;   /* bytes */
};

const struct esp_layout *esp_layout(uint8_t op); /* NULL: not one of the commands; static storage */
const char *esp_op_name(uint8_t op);             /* "DEFL_DATA"; static storage */
/* Of a framed request as it went over the wire; NULL: these bytes begin none. */
const char *esp_request_name(const uint8_t *wire, size_t len);

/* The first word of a reply to SYNC: a stub answers 0, the ROM does not. */
#define ESP_SYNC_WORD 0x20120707u

#define ESP_DATA_HEADER_SIZE 16
#define ESP_SYNC_SIZE        36
/* The largest request: a stub's data block. */
#define ESP_REQUEST_MAX (ESP_HEADER_SIZE + ESP_DATA_HEADER_SIZE + 0x4000)

void esp_put32(uint8_t *p, uint32_t v);
uint32_t esp_get32(const uint8_t *p);

void esp_sync_body(uint8_t out[static ESP_SYNC_SIZE]);

/* Framed request into `out`. `body` may be NULL when its length is 0. Returns its length, 0 when it does not fit. */
size_t esp_request(uint8_t *out, size_t size, uint8_t op, const uint8_t *body, size_t len);
/* Framed data block (FLASH_DATA, DEFL_DATA, MEM_DATA): data header, checksum, data. */
size_t esp_data_request(uint8_t *out, size_t size, uint8_t op, uint32_t seq, const uint8_t *data, size_t len);

struct esp_reply {
    uint8_t op;
    uint32_t val;        /* has a meaning for READ_REG and SYNC only */
    const uint8_t *body; /* borrowed from the frame */
    size_t len;
};

/* False: not a reply (boot text, noise, a frame too short). A length field that is wrong is not believed. */
bool esp_reply_parse(const uint8_t *frame, size_t len, struct esp_reply *out);

/* The chip's two status bytes in words, for the detail of a failure: "bad checksum". Static storage. */
const char *esp_status_text(uint8_t status, uint8_t error);

#endif /* ENGINE_CHIP_ESP_WIRE_H */
