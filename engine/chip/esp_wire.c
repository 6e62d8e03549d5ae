/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/chip/esp_wire.h"

#include <string.h>

#include "engine/chip/slip.h"

#define DIRECTION_REQUEST 0x00
#define DIRECTION_REPLY   0x01

const char *esp_op_name(uint8_t op)
{
    static const struct {
        uint8_t op;
        const char *name;
    } names[] = {
        {ESP_FLASH_BEGIN, "FLASH_BEGIN"},
        {ESP_FLASH_DATA, "FLASH_DATA"},
        {ESP_FLASH_END, "FLASH_END"},
        {ESP_MEM_BEGIN, "MEM_BEGIN"},
        {ESP_MEM_END, "MEM_END"},
        {ESP_MEM_DATA, "MEM_DATA"},
        {ESP_SYNC, "SYNC"},
        {ESP_WRITE_REG, "WRITE_REG"},
        {ESP_READ_REG, "READ_REG"},
        {ESP_SPI_SET_PARAMS, "SPI_SET_PARAMS"},
        {ESP_SPI_ATTACH, "SPI_ATTACH"},
        {ESP_READ_FLASH_SLOW, "READ_FLASH_SLOW"},
        {ESP_CHANGE_BAUD, "CHANGE_BAUD"},
        {ESP_DEFL_BEGIN, "DEFL_BEGIN"},
        {ESP_DEFL_DATA, "DEFL_DATA"},
        {ESP_DEFL_END, "DEFL_END"},
        {ESP_FLASH_MD5, "FLASH_MD5"},
        {ESP_ERASE_FLASH, "ERASE_FLASH"},
        {ESP_ERASE_REGION, "ERASE_REGION"},
        {ESP_READ_FLASH, "READ_FLASH"},
    };

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (names[i].op == op)
            return names[i].name;
    }
    return "unknown command";
}

void esp_put32(uint8_t *p, uint32_t v)
{
    p[0] = (uint8_t)v;
    p[1] = (uint8_t)(v >> 8);
    p[2] = (uint8_t)(v >> 16);
    p[3] = (uint8_t)(v >> 24);
}

static uint32_t esp_get32(const uint8_t *p)
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
    uint8_t header[ESP_HEADER_SIZE] = {DIRECTION_REQUEST, op, (uint8_t)len, (uint8_t)(len >> 8)};

    esp_put32(header + 4, check);
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
    if (len < ESP_HEADER_SIZE || frame[0] != DIRECTION_REPLY)
        return false;
    out->op = frame[1];
    out->val = esp_get32(frame + 4);
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
