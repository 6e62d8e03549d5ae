/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/chip/esp_loader.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/digest.h"
#include "engine/chip/esp_target.h"
#include "engine/chip/slip.h"
#include "engine/port/transport.h"

#define SYNC_ANSWERS   8
#define SYNC_QUIET_US  30000 /* longer than the gap between two repeated answers at 115200 */
#define RESYNC_TRIES   3
#define RESYNC_WAIT_US 200000
/* Until a chip has followed: the ROM sends two bytes more at its old rate; the first stub waits 11 ms by its own source. */
#define BAUD_ROM_US      5000
#define BAUD_STUB_US     20000
#define STUB_GREETING_US 3000000

#define SPI_BLOCK  0x10000u
#define SPI_SECTOR 0x1000u
#define SPI_PAGE   0x100u

#define READ_PACKET 0x1000u
#define WORK_WINDOW 0x8000u  /* the stub's inflate buffer */
#define WORK_ERASE  0x10000u /* what it may have to erase for each of them */

/* A packet of READ_FLASH is the longest frame that comes. */
#define FRAME_MAX (ESP_HEADER_SIZE + READ_PACKET + 64)

struct esp_loader {
    struct transport *t;
    struct clock *clock;
    bool is_stub;
    const struct esp_target *target;
    uint8_t op, status, error;
    int64_t limit_us;
    int owed; /* answers to SYNC that may still come */
    struct boot_log log;
    struct slip_decoder slip;
    uint8_t rx[512];
    size_t rx_at, rx_len;
    uint8_t frame[FRAME_MAX];
    uint8_t tx[SLIP_ENCODED_MAX(ESP_REQUEST_MAX)];
};

/* Time limits of Espressif's own client, in microseconds. */
#define LOADER_DEFAULT_US 3000000
#define LOADER_WRITE_US   10000000
#define ERASE_US_PER_BYTE 40
#define MD5_US_PER_BYTE   8

struct esp_loader *esp_loader_new(struct transport *t, struct clock *clock)
{
    struct esp_loader *l = calloc(1, sizeof *l);

    if (l == NULL)
        return NULL;
    l->t = t;
    l->clock = clock;
    l->limit_us = CLOCK_NEVER;
    slip_decoder_init(&l->slip, l->frame, sizeof l->frame);
    return l;
}

void esp_loader_free(struct esp_loader *l)
{
    free(l);
}

bool esp_loader_is_stub(const struct esp_loader *l)
{
    return l->is_stub;
}

void esp_loader_set_stub(struct esp_loader *l, bool is_stub)
{
    l->is_stub = is_stub;
}

const struct esp_target *esp_loader_target(const struct esp_loader *l)
{
    return l->target;
}

void esp_loader_set_target(struct esp_loader *l, const struct esp_target *target)
{
    l->target = target;
}

bool esp_loader_flash_refused(const struct esp_loader *l)
{
    if (l->status == ESP_STATUS_STUB_SPI_FAILED || l->status == ESP_STATUS_STUB_SPI_LOCKED)
        return true;
    return l->status == ESP_STATUS_ROM_REFUSES &&
           (l->error == ESP_ERROR_COMMAND || l->error == ESP_ERROR_FLASH_WRITE ||
            l->error == ESP_ERROR_FLASH_READ);
}

bool esp_loader_checksum_refused(const struct esp_loader *l)
{
    return !l->is_stub && l->status == ESP_STATUS_ROM_REFUSES && l->error == ESP_ERROR_CHECKSUM;
}

bool esp_loader_block_refused(const struct esp_loader *l)
{
    return l->is_stub && l->status == ESP_STATUS_STUB_CHECKSUM;
}

struct boot_log *esp_loader_log(struct esp_loader *l)
{
    return &l->log;
}

struct transport *esp_loader_transport(struct esp_loader *l)
{
    return l->t;
}

struct clock *esp_loader_clock(struct esp_loader *l)
{
    return l->clock;
}

void esp_loader_set_limit(struct esp_loader *l, int64_t until_us)
{
    l->limit_us = until_us;
}

void esp_loader_restarted(struct esp_loader *l)
{
    l->is_stub = false;
    l->target = NULL;
    l->owed = 0;
    l->rx_at = l->rx_len = 0;
    slip_decoder_reset(&l->slip);
}

/* At least LOADER_DEFAULT_US. */
static int64_t loader_time(uint32_t us_per_byte, uint64_t bytes)
{
    int64_t us = (int64_t)(us_per_byte * bytes);

    return us < LOADER_DEFAULT_US ? LOADER_DEFAULT_US : us;
}

static int fill(struct esp_loader *l, int64_t deadline_us)
{
    ssize_t n = transport_read(l->t, l->rx, sizeof l->rx, deadline_us);

    if (n <= 0)
        return (int)n;
    boot_log_feed(&l->log, l->rx, (size_t)n);
    l->rx_at = 0;
    l->rx_len = (size_t)n;
    return 1;
}

/* Next whole frame into l->frame: its length > 0, 0 at the deadline, or a negative errno. */
static int loader_frame(struct esp_loader *l, int64_t deadline_us)
{
    /* A line that never falls silent must not outlast the deadline either. */
    for (bool late = false;; late = clock_now_us(l->clock) >= deadline_us) {
        while (l->rx_at < l->rx_len) {
            if (slip_feed(&l->slip, l->rx[l->rx_at++]) == SLIP_FRAME)
                return (int)l->slip.len;
        }
        int rc = late ? 0 : fill(l, deadline_us);
        if (rc <= 0)
            return rc;
    }
}

static int loader_send(struct esp_loader *l, uint8_t op, size_t len)
{
    l->op = op;
    if (len == 0)
        return -EINVAL;
    if (clock_now_us(l->clock) > l->limit_us)
        return -ETIME;
    return transport_write(l->t, l->tx, len, clock_after(l->clock, LOADER_WRITE_US));
}

/* 0: good. A reply too short for its data can still carry a refusal in its first two bytes. */
static int check_status(struct esp_loader *l, const struct esp_reply *r, size_t expect)
{
    bool whole = r->len >= expect + ESP_STATUS_SIZE;
    const uint8_t *status = whole ? r->body + expect : r->body;

    if (r->len < ESP_STATUS_SIZE)
        return -EBADMSG;
    l->status = status[0];
    l->error = status[1];
    if (status[0] != ESP_STATUS_GOOD)
        return -EREMOTEIO;
    return whole ? 0 : -EBADMSG;
}

/* Bytes of data that the answer to `op` has before its status. */
static size_t data_size(const struct esp_loader *l, uint8_t op)
{
    const struct esp_layout *x = esp_layout(op);

    return l->is_stub ? x->stub_data : x->rom_data;
}

/* Waits for the reply to the request in l->tx. */
static int loader_reply(struct esp_loader *l, int64_t timeout_us, struct esp_reply *out)
{
    int64_t deadline = clock_after(l->clock, timeout_us);
    struct esp_reply r;

    for (;;) {
        int n = loader_frame(l, deadline);
        if (n <= 0)
            return n == 0 ? -ETIMEDOUT : n;
        if (!esp_reply_parse(l->frame, (size_t)n, &r))
            continue;
        if (r.op == l->op)
            break;
        /* The ROM names the command before the one it did not understand. */
        if (r.len >= ESP_STATUS_SIZE && r.body[0] != ESP_STATUS_GOOD && r.body[1] == ESP_ERROR_MESSAGE)
            return -EBADMSG;
    }
    if (out != NULL)
        *out = r;
    return check_status(l, &r, data_size(l, l->op));
}

static bool is_begin(uint8_t op)
{
    return op == ESP_FLASH_BEGIN || op == ESP_DEFL_BEGIN;
}

static bool is_of_stream(uint8_t op)
{
    return op == ESP_DEFL_BEGIN || op == ESP_DEFL_DATA;
}

bool esp_loader_takes_streams(const struct esp_loader *l)
{
    return l->is_stub || (l->target != NULL && l->target->rom_inflates);
}

/* Words that `op` has through the loader that runs; 0: it is not for that one. */
static size_t word_count(const struct esp_loader *l, uint8_t op)
{
    const struct esp_layout *x = esp_layout(op);

    if (l->is_stub || l->target == NULL)
        return l->is_stub ? x->stub_words : x->rom_words;
    if (is_of_stream(op) && !l->target->rom_inflates)
        return 0;
    if (is_begin(op))
        return l->target->begin_words;
    return is_of_stream(op) ? x->stub_words : x->rom_words;
}

/* As many of the words as the command has. */
static int send_words(struct esp_loader *l, uint8_t op, const uint32_t words[static ESP_WORDS_MAX])
{
    uint8_t body[4 * ESP_WORDS_MAX];
    size_t count = word_count(l, op);

    if (count == 0)
        return -ENOTSUP;
    for (size_t i = 0; i < count; i++)
        esp_put32(body + 4 * i, words[i]);
    return loader_send(l, op, esp_request(l->tx, sizeof l->tx, op, body, 4 * count));
}

static int loader_command(struct esp_loader *l, uint8_t op, const uint32_t words[static ESP_WORDS_MAX],
                          int64_t timeout_us, struct esp_reply *out)
{
    int rc = send_words(l, op, words);

    return rc < 0 ? rc : loader_reply(l, timeout_us, out);
}

static int loader_data(struct esp_loader *l, uint8_t op, uint32_t seq, const uint8_t *data, size_t len,
                       int64_t timeout_us)
{
    if (word_count(l, op) == 0)
        return -ENOTSUP;
    int rc = loader_send(l, op, esp_data_request(l->tx, sizeof l->tx, op, seq, data, len));
    return rc < 0 ? rc : loader_reply(l, timeout_us, NULL);
}

/* Waits for one answer to SYNC; *val gets its word. */
static int sync_answer(struct esp_loader *l, int64_t deadline_us, uint32_t *val)
{
    struct esp_reply r;

    for (;;) {
        int n = loader_frame(l, deadline_us);
        if (n <= 0)
            return n == 0 ? -ETIMEDOUT : n;
        if (esp_reply_parse(l->frame, (size_t)n, &r) && r.op == ESP_SYNC) {
            *val = r.val;
            l->owed--;
            return 0;
        }
    }
}

int esp_loader_sync(struct esp_loader *l, int64_t wait_us)
{
    uint8_t body[ESP_SYNC_SIZE];
    uint32_t val = 0, more = 0;

    esp_sync_body(body);
    l->owed += SYNC_ANSWERS;
    int rc = loader_send(l, ESP_SYNC, esp_request(l->tx, sizeof l->tx, ESP_SYNC, body, sizeof body));
    if (rc == 0)
        rc = sync_answer(l, clock_after(l->clock, wait_us), &val);
    if (rc < 0)
        return rc;
    l->is_stub = val == 0;
    /* Answers to an earlier SYNC may come too, or some of them got lost: the end is their number, or silence. */
    for (int i = 0; i < 4 * SYNC_ANSWERS && rc == 0 && l->owed > 0; i++)
        rc = sync_answer(l, clock_after(l->clock, SYNC_QUIET_US), &more);
    l->owed = 0;
    return rc == -ETIMEDOUT ? 0 : rc;
}

int esp_loader_resync(struct esp_loader *l)
{
    static const uint8_t end = SLIP_END;
    int rc = -ETIMEDOUT;

    l->target = NULL; /* whoever has it in his hands may have taken another */
    for (int i = 0; i < RESYNC_TRIES; i++) {
        rc = esp_loader_listen(l, clock_after(l->clock, SYNC_QUIET_US));
        if (rc == 0)
            rc = transport_write(l->t, &end, 1, clock_after(l->clock, LOADER_WRITE_US));
        if (rc == 0)
            rc = esp_loader_sync(l, RESYNC_WAIT_US);
        if (rc != -ETIMEDOUT)
            break;
    }
    return rc;
}

int esp_loader_listen(struct esp_loader *l, int64_t until_us)
{
    int rc;

    do {
        rc = fill(l, until_us);
    } while (rc > 0 && clock_now_us(l->clock) < until_us);
    l->rx_at = l->rx_len = 0;
    slip_decoder_reset(&l->slip);
    return rc < 0 ? rc : 0;
}

int esp_loader_hear(struct esp_loader *l, int64_t until_us)
{
    int rc = fill(l, until_us);

    l->rx_at = l->rx_len = 0;
    slip_decoder_reset(&l->slip);
    return rc;
}

/* The refusal of an unknown command comes under the name of the one before, and as often as that one is answered. */
static int swallow_refusals(struct esp_loader *l, uint8_t under)
{
    int n = 1, more = under == ESP_SYNC ? SYNC_ANSWERS - 1 : 0;

    for (int i = 0; i < more && n > 0; i++)
        n = loader_frame(l, clock_after(l->clock, SYNC_QUIET_US));
    return n < 0 ? n : -ENOTSUP;
}

static void read_security(const uint8_t *b, bool has_chip, struct esp_security *out)
{
    *out = (struct esp_security){.flags = esp_get32(b), .crypt_count = b[4], .has_chip = has_chip};
    if (has_chip) {
        out->chip_id = esp_get32(b + 12);
        out->rom_version = esp_get32(b + 16);
    }
}

/* A whole answer has its data and its status; what is shorter is a refusal, or makes no sense. */
static int take_security(struct esp_loader *l, const struct esp_reply *r, struct esp_security *out)
{
    bool has_chip = r->len >= ESP_SECURITY_SIZE + ESP_STATUS_SIZE;
    size_t size = has_chip ? ESP_SECURITY_SIZE : ESP_SECURITY_SHORT_SIZE;

    if (r->len < size + ESP_STATUS_SIZE)
        return r->len >= ESP_STATUS_SIZE && r->body[0] != ESP_STATUS_GOOD ? -ENOTSUP : -EBADMSG;
    int rc = check_status(l, r, size);
    if (rc == 0)
        read_security(r->body, has_chip, out);
    return rc;
}

int esp_loader_security(struct esp_loader *l, struct esp_security *out)
{
    int64_t deadline = clock_after(l->clock, LOADER_DEFAULT_US);
    struct esp_reply r;
    int rc = loader_send(l, ESP_SECURITY_INFO, esp_request(l->tx, sizeof l->tx, ESP_SECURITY_INFO, NULL, 0));

    while (rc == 0) {
        int n = loader_frame(l, deadline);
        if (n <= 0)
            return n == 0 ? -ETIMEDOUT : n;
        if (!esp_reply_parse(l->frame, (size_t)n, &r))
            continue;
        if (r.op == ESP_SECURITY_INFO)
            return take_security(l, &r, out);
        if (r.len >= ESP_STATUS_SIZE && r.body[0] != ESP_STATUS_GOOD && r.body[1] == ESP_ERROR_MESSAGE)
            return swallow_refusals(l, r.op);
    }
    return rc;
}

int esp_loader_read_reg(struct esp_loader *l, uint32_t addr, uint32_t *value)
{
    struct esp_reply r;
    const uint32_t words[ESP_WORDS_MAX] = {addr};
    int rc = loader_command(l, ESP_READ_REG, words, LOADER_DEFAULT_US, &r);

    if (rc == 0)
        *value = r.val;
    return rc;
}

static int write_together(struct esp_loader *l, const uint32_t (*writes)[2], size_t count)
{
    uint8_t body[16 * ESP_REG_WRITES_MAX] = {0};

    for (size_t i = 0; i < count; i++) {
        esp_put32(body + 16 * i, writes[i][0]);
        esp_put32(body + 16 * i + 4, writes[i][1]);
        esp_put32(body + 16 * i + 8, 0xFFFFFFFF);
    }
    int rc = loader_send(l, ESP_WRITE_REG, esp_request(l->tx, sizeof l->tx, ESP_WRITE_REG, body, 16 * count));
    return rc < 0 ? rc : loader_reply(l, LOADER_DEFAULT_US, NULL);
}

int esp_loader_write_regs(struct esp_loader *l, const uint32_t (*writes)[2], size_t count)
{
    size_t together = l->is_stub ? 1 : count;
    int rc = count > ESP_REG_WRITES_MAX ? -EINVAL : 0;

    for (size_t i = 0; i < count && rc == 0; i += together)
        rc = write_together(l, writes + i, together);
    return rc;
}

int esp_loader_write_reg(struct esp_loader *l, uint32_t addr, uint32_t value)
{
    const uint32_t one[][2] = {{addr, value}};

    return esp_loader_write_regs(l, one, 1);
}

int esp_loader_change_baud(struct esp_loader *l, uint32_t told, uint32_t baud)
{
    const uint32_t words[ESP_WORDS_MAX] = {told, l->is_stub ? transport_baud(l->t) : 0};
    int rc = loader_command(l, ESP_CHANGE_BAUD, words, LOADER_DEFAULT_US, NULL);

    /* The answer came at the old rate; only now the port follows. */
    if (rc == 0)
        rc = transport_set_baud(l->t, baud);
    if (rc == 0)
        rc = esp_loader_listen(l, clock_after(l->clock, l->is_stub ? BAUD_STUB_US : BAUD_ROM_US));
    return rc;
}

int esp_loader_mem_begin(struct esp_loader *l, uint32_t size, uint32_t addr)
{
    const uint32_t words[ESP_WORDS_MAX] = {size, (size + ESP_RAM_BLOCK - 1) / ESP_RAM_BLOCK, ESP_RAM_BLOCK,
                                           addr};

    return loader_command(l, ESP_MEM_BEGIN, words, LOADER_DEFAULT_US, NULL);
}

int esp_loader_mem_block(struct esp_loader *l, uint32_t seq, const uint8_t *data, size_t len)
{
    return loader_data(l, ESP_MEM_DATA, seq, data, len, LOADER_DEFAULT_US);
}

int esp_loader_mem_run_stub(struct esp_loader *l, uint32_t entry)
{
    static const uint8_t greeting[] = {'O', 'H', 'A', 'I'};
    const uint32_t words[ESP_WORDS_MAX] = {0, entry};
    int n, rc = send_words(l, ESP_MEM_END, words);

    if (rc < 0)
        return rc;
    /* The ROM's own answer to MEM_END may be lost when the program starts at once: only the greeting counts. */
    int64_t deadline = clock_after(l->clock, STUB_GREETING_US);
    while ((n = loader_frame(l, deadline)) > 0) {
        if (n == sizeof greeting && memcmp(l->frame, greeting, sizeof greeting) == 0) {
            l->is_stub = true;
            return 0;
        }
    }
    return n == 0 ? -ETIMEDOUT : n;
}

/* The commands that touch flash. */

int esp_loader_spi_attach(struct esp_loader *l, uint32_t pads)
{
    const uint32_t words[ESP_WORDS_MAX] = {pads, 0};

    return loader_command(l, ESP_SPI_ATTACH, words, LOADER_DEFAULT_US, NULL);
}

int esp_loader_spi_set_size(struct esp_loader *l, uint32_t flash_size)
{
    const uint32_t words[ESP_WORDS_MAX] = {0, flash_size, SPI_BLOCK, SPI_SECTOR, SPI_PAGE, 0xFFFF};

    return loader_command(l, ESP_SPI_SET_PARAMS, words, LOADER_DEFAULT_US, NULL);
}

int esp_loader_erase(struct esp_loader *l, uint32_t offset, uint32_t size)
{
    const uint32_t rom[ESP_WORDS_MAX] = {size, 0, ESP_ROM_BLOCK, offset};
    const uint32_t stub[ESP_WORDS_MAX] = {offset, size};
    int64_t limit = loader_time(ERASE_US_PER_BYTE, size);

    if (l->is_stub)
        return loader_command(l, ESP_ERASE_REGION, stub, limit, NULL);
    return loader_command(l, ESP_FLASH_BEGIN, rom, limit, NULL);
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
    const uint32_t words[ESP_WORDS_MAX] = {l->is_stub ? size : blocks * block, blocks, block, offset, 0};

    return loader_command(l, ESP_FLASH_BEGIN, words, loader_time(ERASE_US_PER_BYTE, size), NULL);
}

int esp_loader_flash_block(struct esp_loader *l, uint32_t seq, const uint8_t *data, size_t len)
{
    return loader_data(l, ESP_FLASH_DATA, seq, data, len, loader_time(ERASE_US_PER_BYTE, len + WORK_ERASE));
}

uint32_t esp_loader_stream_block(const struct esp_loader *l)
{
    return l->is_stub ? ESP_STUB_BLOCK : ESP_ROM_BLOCK;
}

int esp_loader_defl_begin(struct esp_loader *l, uint32_t offset, uint32_t size, uint32_t zsize)
{
    const uint32_t block = esp_loader_stream_block(l), blocks = (zsize + block - 1) / block;
    /* The ROM erases what it is told in whole sectors; a stub counts the bytes. */
    const uint32_t whole = (size + SPI_SECTOR - 1) / SPI_SECTOR * SPI_SECTOR;
    const uint32_t words[ESP_WORDS_MAX] = {l->is_stub ? size : whole, blocks, block, offset, 0};

    return loader_command(l, ESP_DEFL_BEGIN, words, loader_time(ERASE_US_PER_BYTE, size), NULL);
}

/* Time to write `bytes`, with the erases a stub does in between. */
static int64_t write_time(uint32_t bytes)
{
    return loader_time(ERASE_US_PER_BYTE, bytes + (uint64_t)WORK_ERASE * (bytes / WORK_WINDOW + 2));
}

int esp_loader_defl_block(struct esp_loader *l, uint32_t seq, const uint8_t *data, size_t len, uint32_t work)
{
    return loader_data(l, ESP_DEFL_DATA, seq, data, len, write_time(work));
}

int esp_loader_write_barrier(struct esp_loader *l, bool deflated, uint32_t work)
{
    static const uint32_t stay[ESP_WORDS_MAX] = {1};

    if (!l->is_stub)
        return 0;
    return loader_command(l, deflated ? ESP_DEFL_END : ESP_FLASH_END, stay, write_time(work), NULL);
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
    const uint32_t words[ESP_WORDS_MAX] = {offset, size, 0, 0};
    struct esp_reply r;
    int rc = loader_command(l, ESP_FLASH_MD5, words, loader_time(MD5_US_PER_BYTE, size), &r);

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

    for (size_t at = 0; at < len; at += ESP_SLOW_READ_SIZE) {
        const uint32_t words[ESP_WORDS_MAX] = {offset + (uint32_t)at, ESP_SLOW_READ_SIZE};
        size_t n = len - at < ESP_SLOW_READ_SIZE ? len - at : ESP_SLOW_READ_SIZE;
        int rc = loader_command(l, ESP_READ_FLASH_SLOW, words, LOADER_DEFAULT_US, &r);
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
    const uint32_t words[ESP_WORDS_MAX] = {offset, (uint32_t)len, READ_PACKET, 1};

    if (!l->is_stub)
        return read_slow(l, offset, out, len);
    int rc = loader_command(l, ESP_READ_FLASH, words, LOADER_DEFAULT_US, NULL);
    return rc < 0 ? rc : read_packets(l, out, len);
}

int esp_loader_failure(const struct esp_loader *l, struct failure *f, enum stage stage, int rc,
                       enum failure_code lost, enum failure_code refused)
{
    const char *op = esp_op_name(l->op);

    switch (rc) {
    case -ETIMEDOUT:
        return failure_set(f, lost, stage, 0, "no answer to %s", op);
    case -EBADMSG:
        return failure_set(f, lost, stage, 0, "an answer to %s that makes no sense", op);
    case -EREMOTEIO:
        return failure_set(f, refused, stage, l->status << 8 | l->error, "%s: the chip answers %02x %02x, %s",
                           op, l->status, l->error, esp_status_text(l->status, l->error));
    case -ETIME:
        return failure_set(f, FAIL_DEADLINE, stage, 0, "at %s", op);
    default:
        return transport_failure(f, stage, rc, op);
    }
}
