/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/chip/esp_wire.h"

#include <string.h>

#include "base/digest.h"
#include "engine/chip/slip.h"

#define DIRECTION_REQUEST 0x00
#define DIRECTION_REPLY   0x01

static const struct esp_layout layouts[] = {
    /* bytes to be erased, blocks, bytes a block, offset; a stub, and most chips' ROMs (esp_target.h): encrypted or not */
    {ESP_FLASH_BEGIN, "FLASH_BEGIN", 4, 5, 0, 0},
    /* bytes, number of the block, 0, 0; then the bytes */
    {ESP_FLASH_DATA, "FLASH_DATA", 4, 4, 0, 0},
    /* 1: stay in the loader */
    {ESP_FLASH_END, "FLASH_END", 0, 1, 0, 0},
    /* bytes, blocks, bytes a block, address */
    {ESP_MEM_BEGIN, "MEM_BEGIN", 4, 4, 0, 0},
    /* 0: run it; where */
    {ESP_MEM_END, "MEM_END", 2, 2, 0, 0},
    /* as FLASH_DATA */
    {ESP_MEM_DATA, "MEM_DATA", 4, 4, 0, 0},
    /* esp_sync_body() */
    {ESP_SYNC, "SYNC", ESP_SYNC_SIZE / 4, ESP_SYNC_SIZE / 4, 0, 0},
    /* address, value, mask, microseconds to wait before */
    {ESP_WRITE_REG, "WRITE_REG", 4, 4, 0, 0},
    /* address; the value stands in the reply's header */
    {ESP_READ_REG, "READ_REG", 1, 1, 0, 0},
    /* 0, bytes of flash, of a block, of a sector, of a page, mask of the status */
    {ESP_SPI_SET_PARAMS, "SPI_SET_PARAMS", 6, 6, 0, 0},
    /* pads, 0 */
    {ESP_SPI_ATTACH, "SPI_ATTACH", 2, 0, 0, 0},
    /* offset, bytes */
    {ESP_READ_FLASH_SLOW, "READ_FLASH_SLOW", 2, 0, ESP_SLOW_READ_SIZE, 0},
    /* the new rate; a stub: and the present one, the ROM: 0 */
    {ESP_CHANGE_BAUD, "CHANGE_BAUD", 2, 2, 0, 0},
    /* bytes they become, blocks, bytes a block, offset, encrypted or not. To a ROM whose inflate is believed: esp_loader.h */
    {ESP_DEFL_BEGIN, "DEFL_BEGIN", 0, 5, 0, 0},
    /* as FLASH_DATA */
    {ESP_DEFL_DATA, "DEFL_DATA", 0, 4, 0, 0},
    /* as FLASH_END */
    {ESP_DEFL_END, "DEFL_END", 0, 1, 0, 0},
    /* offset, bytes, 0, 0; the digest comes in hex from the ROM, as it is from a stub */
    {ESP_FLASH_MD5, "FLASH_MD5", 4, 4, 2 * MD5_SIZE, MD5_SIZE},
    /* nothing; of the reply esp_loader.c knows both forms */
    {ESP_SECURITY_INFO, "GET_SECURITY_INFO", 0, 0, ESP_SECURITY_SIZE, ESP_SECURITY_SIZE},
    /* known by name alone: the identity sector would go with the rest */
    {ESP_ERASE_FLASH, "ERASE_FLASH", 0, 0, 0, 0},
    /* offset, bytes */
    {ESP_ERASE_REGION, "ERASE_REGION", 0, 2, 0, 0},
    /* offset, bytes, bytes a packet, packets under way; then packets, each answered with a word, and the digest */
    {ESP_READ_FLASH, "READ_FLASH", 0, 4, 0, 0},
};

const struct esp_layout *esp_layout(uint8_t op)
{
    for (size_t i = 0; i < sizeof layouts / sizeof layouts[0]; i++) {
        if (layouts[i].op == op)
            return &layouts[i];
    }
    return NULL;
}

const char *esp_op_name(uint8_t op)
{
    const struct esp_layout *x = esp_layout(op);

    return x != NULL ? x->name : "unknown command";
}

const char *esp_request_name(const uint8_t *wire, size_t len)
{
    const uint8_t *packet = wire + 1; /* after the frame's delimiter */

    if (len <= 1 + ESP_AT_OP || wire[0] != SLIP_END || packet[ESP_AT_DIRECTION] != DIRECTION_REQUEST)
        return NULL;
    return esp_op_name(packet[ESP_AT_OP]);
}

void esp_put32(uint8_t *p, uint32_t v)
{
    p[0] = (uint8_t)v;
    p[1] = (uint8_t)(v >> 8);
    p[2] = (uint8_t)(v >> 16);
    p[3] = (uint8_t)(v >> 24);
}

uint32_t esp_get32(const uint8_t *p)
{
    return p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

/* XOR over the payload of a data block, start 0xEF. */
static uint8_t esp_checksum(const uint8_t *data, size_t len)
{
    uint8_t sum = 0xEF;

    for (size_t i = 0; i < len; i++)
        sum ^= data[i];
    return sum;
}

void esp_sync_body(uint8_t out[static ESP_SYNC_SIZE])
{
    static const uint8_t head[] = {0x07, 0x07, 0x12, 0x20};

    memset(out, 0x55, ESP_SYNC_SIZE);
    memcpy(out, head, sizeof head);
}

static void put_header(struct slip_writer *w, uint8_t op, size_t len, uint32_t check)
{
    uint8_t header[ESP_HEADER_SIZE] = {
        [ESP_AT_DIRECTION] = DIRECTION_REQUEST,
        [ESP_AT_OP] = op,
        [ESP_AT_LEN] = (uint8_t)len,
        [ESP_AT_LEN + 1] = (uint8_t)(len >> 8),
    };

    esp_put32(header + ESP_AT_WORD, check);
    slip_put(w, header, sizeof header);
}

size_t esp_request(uint8_t *out, size_t size, uint8_t op, const uint8_t *body, size_t len)
{
    struct slip_writer w;

    slip_begin(&w, out, size);
    put_header(&w, op, len, 0);
    slip_put(&w, body, len);
    return slip_finish(&w);
}

size_t esp_data_request(uint8_t *out, size_t size, uint8_t op, uint32_t seq, const uint8_t *data, size_t len)
{
    uint8_t head[ESP_DATA_HEADER_SIZE] = {0};
    struct slip_writer w;

    esp_put32(head, (uint32_t)len);
    esp_put32(head + 4, seq);
    slip_begin(&w, out, size);
    put_header(&w, op, sizeof head + len, esp_checksum(data, len));
    slip_put(&w, head, sizeof head);
    slip_put(&w, data, len);
    return slip_finish(&w);
}

bool esp_reply_parse(const uint8_t *frame, size_t len, struct esp_reply *out)
{
    if (len < ESP_HEADER_SIZE || frame[ESP_AT_DIRECTION] != DIRECTION_REPLY)
        return false;
    out->op = frame[ESP_AT_OP];
    out->val = esp_get32(frame + ESP_AT_WORD);
    out->body = frame + ESP_HEADER_SIZE;
    out->len = len - ESP_HEADER_SIZE;
    return true;
}

const char *esp_status_text(uint8_t status, uint8_t error)
{
    static const struct {
        uint8_t code;
        const char *text;
    } rom[] =
        {
            {0x00, "undefined error"},
            {0x01, "bad parameter"},
            {0x02, "out of memory"},
            {0x03, "send failed"},
            {0x04, "receive failed"},
            {0x05, "bad message or unknown command"},
            {0x06, "command failed"},
            {0x07, "bad checksum"},
            {0x08, "flash write verify failed"},
            {0x09, "flash read failed"},
            {0x0A, "flash read length"},
            {0x0B, "deflate failed"},
            {0x0C, "wrong adler32"},
            {0x0D, "deflate parameter"},
            {0x0E, "bad RAM size"},
            {0x0F, "bad RAM address"},
        },
      stub[] = {
          {0xC0, "bad data length"},   {0xC1, "bad checksum"},         {0xC2, "bad block size"},
          {0xC3, "invalid command"},   {0xC4, "SPI operation failed"}, {0xC5, "SPI unlock failed"},
          {0xC6, "not in flash mode"}, {0xC7, "inflate error"},        {0xC8, "not enough data"},
          {0xC9, "too much data"},     {0xFF, "not implemented"},
      };

    for (size_t i = 0; i < sizeof stub / sizeof stub[0]; i++) {
        if (stub[i].code == status)
            return stub[i].text;
    }
    for (size_t i = 0; i < sizeof rom / sizeof rom[0]; i++) {
        if (rom[i].code == error)
            return rom[i].text;
    }
    return "unknown error";
}
