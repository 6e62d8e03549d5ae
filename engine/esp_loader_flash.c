/* SPDX-License-Identifier: Apache-2.0 */
/* The commands that touch flash. */
#include <errno.h>
#include <string.h>

#include "base/digest.h"
#include "engine/esp_loader_private.h"

#define SPI_BLOCK  0x10000u
#define SPI_SECTOR 0x1000u
#define SPI_PAGE   0x100u

#define SLOW_READ_BYTES 64u /* the ROM's READ_FLASH_SLOW always answers with as many */
#define READ_PACKET     0x1000u
#define WORK_WINDOW     0x8000u  /* the stub's inflate buffer */
#define WORK_ERASE      0x10000u /* what it may have to erase for each of them */

int esp_loader_spi_attach(struct esp_loader *l, uint32_t pads)
{
    const uint32_t words[] = {pads, 0};

    return loader_command(l, ESP_SPI_ATTACH, words, 2, LOADER_DEFAULT_US, 0, NULL);
}

int esp_loader_spi_set_size(struct esp_loader *l, uint32_t flash_size)
{
    const uint32_t words[] = {0, flash_size, SPI_BLOCK, SPI_SECTOR, SPI_PAGE, 0xFFFF};

    return loader_command(l, ESP_SPI_SET_PARAMS, words, 6, LOADER_DEFAULT_US, 0, NULL);
}

int esp_loader_erase(struct esp_loader *l, uint32_t offset, uint32_t size)
{
    const uint32_t rom[] = {size, 0, ESP_ROM_BLOCK, offset};
    const uint32_t stub[] = {offset, size};
    int64_t limit = loader_time(ERASE_US_PER_BYTE, size);

    if (l->is_stub)
        return loader_command(l, ESP_ERASE_REGION, stub, 2, limit, 0, NULL);
    return loader_command(l, ESP_FLASH_BEGIN, rom, 4, limit, 0, NULL);
}

uint32_t esp_loader_block(const struct esp_loader *l, uint32_t size)
{
    if (!l->is_stub)
        return ESP_ROM_BLOCK;
    return size < ESP_STUB_BLOCK ? size : ESP_STUB_BLOCK;
}

int esp_loader_flash_begin(struct esp_loader *l, uint32_t offset, uint32_t size)
{
    uint32_t block = esp_loader_block(l, size), blocks = (size + block - 1) / block;
    const uint32_t words[] = {l->is_stub ? size : blocks * block, blocks, block, offset, 0};

    /* The fifth word is the stub's alone: the ESP32's ROM takes four. */
    return loader_command(l, ESP_FLASH_BEGIN, words, l->is_stub ? 5 : 4, loader_time(ERASE_US_PER_BYTE, size),
                          0, NULL);
}

int esp_loader_flash_block(struct esp_loader *l, uint32_t seq, const uint8_t *data, size_t len)
{
    return loader_data(l, ESP_FLASH_DATA, seq, data, len, loader_time(ERASE_US_PER_BYTE, len + WORK_ERASE));
}

int esp_loader_defl_begin(struct esp_loader *l, uint32_t offset, uint32_t size, uint32_t zsize)
{
    const uint32_t words[] = {size, (zsize + ESP_STUB_BLOCK - 1) / ESP_STUB_BLOCK, ESP_STUB_BLOCK, offset, 0};

    if (!l->is_stub)
        return -ENOTSUP;
    return loader_command(l, ESP_DEFL_BEGIN, words, 5, loader_time(ERASE_US_PER_BYTE, size), 0, NULL);
}

/* Time to write `bytes`, with the erases a stub does in between. */
static int64_t write_time(uint32_t bytes)
{
    return loader_time(ERASE_US_PER_BYTE, bytes + (uint64_t)WORK_ERASE * (bytes / WORK_WINDOW + 2));
}

int esp_loader_defl_block(struct esp_loader *l, uint32_t seq, const uint8_t *data, size_t len, uint32_t work)
{
    if (!l->is_stub)
        return -ENOTSUP;
    return loader_data(l, ESP_DEFL_DATA, seq, data, len, write_time(work));
}

int esp_loader_write_barrier(struct esp_loader *l, bool deflated, uint32_t work)
{
    static const uint32_t stay = 1;

    if (!l->is_stub)
        return 0;
    return loader_command(l, deflated ? ESP_DEFL_END : ESP_FLASH_END, &stay, 1, write_time(work), 0, NULL);
}

static int hex_digit(uint8_t c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -EBADMSG;
}

int esp_loader_md5(struct esp_loader *l, uint32_t offset, uint32_t size, uint8_t out[static 16])
{
    const uint32_t words[] = {offset, size, 0, 0};
    size_t expect = l->is_stub ? MD5_SIZE : 2 * MD5_SIZE;
    struct esp_reply r;
    int rc = loader_command(l, ESP_FLASH_MD5, words, 4, loader_time(MD5_US_PER_BYTE, size), expect, &r);

    if (rc < 0)
        return rc;
    if (l->is_stub) {
        memcpy(out, r.body, MD5_SIZE);
        return 0;
    }
    for (int i = 0; i < MD5_SIZE; i++) {
        int high = hex_digit(r.body[2 * i]), low = hex_digit(r.body[2 * i + 1]);
        if (high < 0 || low < 0)
            return -EBADMSG;
        out[i] = (uint8_t)(high << 4 | low);
    }
    return 0;
}

static int read_slow(struct esp_loader *l, uint32_t offset, uint8_t *out, size_t len)
{
    struct esp_reply r;

    for (size_t at = 0; at < len; at += SLOW_READ_BYTES) {
        const uint32_t words[] = {offset + (uint32_t)at, SLOW_READ_BYTES};
        size_t n = len - at < SLOW_READ_BYTES ? len - at : SLOW_READ_BYTES;
        int rc = loader_command(l, ESP_READ_FLASH_SLOW, words, 2, LOADER_DEFAULT_US, SLOW_READ_BYTES, &r);
        if (rc < 0)
            return rc;
        memcpy(out + at, r.body, n);
    }
    return 0;
}

static int acknowledge(struct esp_loader *l, uint32_t total)
{
    uint8_t word[4];
    struct slip_writer w;

    esp_put32(word, total);
    slip_begin(&w, l->tx, sizeof l->tx);
    slip_put(&w, word, sizeof word);
    return transport_write(l->t, l->tx, slip_finish(&w), clock_after(l->clock, LOADER_WRITE_US));
}

/* The stub sends bare frames of data, waits for the running total after each, and ends with the digest of all. */
static int read_packets(struct esp_loader *l, uint8_t *out, size_t len)
{
    uint8_t md5[MD5_SIZE];
    size_t at = 0;

    while (at < len) {
        int n = loader_frame(l, clock_after(l->clock, LOADER_DEFAULT_US));
        if (n <= 0)
            return n == 0 ? -ETIMEDOUT : n;
        if ((size_t)n > len - at)
            return -EBADMSG;
        memcpy(out + at, l->frame, (size_t)n);
        at += (size_t)n;
        int rc = acknowledge(l, (uint32_t)at);
        if (rc < 0)
            return rc;
    }
    int n = loader_frame(l, clock_after(l->clock, LOADER_DEFAULT_US));
    if (n <= 0)
        return n == 0 ? -ETIMEDOUT : n;
    digest_md5(out, len, md5);
    return n == MD5_SIZE && memcmp(md5, l->frame, MD5_SIZE) == 0 ? 0 : -EBADMSG;
}

int esp_loader_read_flash(struct esp_loader *l, uint32_t offset, uint8_t *out, size_t len)
{
    /* One packet under way: the older stub takes this number for bytes, the newer one never sends two. */
    const uint32_t words[] = {offset, (uint32_t)len, READ_PACKET, 1};

    if (!l->is_stub)
        return read_slow(l, offset, out, len);
    int rc = loader_command(l, ESP_READ_FLASH, words, 4, LOADER_DEFAULT_US, 0, NULL);
    return rc < 0 ? rc : read_packets(l, out, len);
}
