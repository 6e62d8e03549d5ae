/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One region onto the chip. A block is never sent again on suspicion: both stubs would write it twice and say yes, and
 * the ROM would miss it. After a lost or bad reply the chip is reset (where that is not wired: resynchronised) and the
 * region starts again from its BEGIN; whether it is right then, the chip's MD5 says later.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "engine/attempt_private.h"

#define RESTARTS_OF_A_STREAM 1
#define RESTARTS_A_REGION    2
#define RESTARTS_A_TRY       8
#define RESENDS_A_BLOCK      3
#define PART_SIZE            0x4000u /* one block of a stub */
#define STUB_BAD_CHECKSUM    0xC1

/* Tells how many bytes each block of a zlib stream becomes: time limits and progress follow from it. */
struct meter {
    z_stream z;
    uint8_t scratch[0x8000];
};

static struct meter *meter_new(void)
{
    struct meter *m = calloc(1, sizeof *m);

    if (m != NULL && inflateInit(&m->z) != Z_OK) {
        free(m);
        return NULL;
    }
    return m;
}

static void meter_free(struct meter *m)
{
    if (m != NULL)
        inflateEnd(&m->z);
    free(m);
}

static uint32_t meter_feed(struct meter *m, const uint8_t *block, uint32_t len)
{
    uint32_t bytes = 0;
    int rc;

    m->z.next_in = (z_const Bytef *)block;
    m->z.avail_in = len;
    do {
        m->z.next_out = m->scratch;
        m->z.avail_out = sizeof m->scratch;
        rc = inflate(&m->z, Z_NO_FLUSH);
        bytes += (uint32_t)(sizeof m->scratch - m->z.avail_out);
    } while (rc == Z_OK && (m->z.avail_in > 0 || m->z.avail_out == 0));
    return bytes;
}

/* The newer stub says by itself that it did not take a damaged block: only then may the same one go again. */
static bool block_was_refused(const struct attempt *a, int rc)
{
    return rc == -EREMOTEIO && esp_loader_is_stub(a->session->loader) && a->own_stub &&
           stub_resends_on_checksum(a->config->stub) &&
           esp_loader_status(a->session->loader) == STUB_BAD_CHECKSUM;
}

static int send_block(struct attempt *a, const struct piece *p, uint32_t seq, uint32_t at, uint32_t len,
                      uint32_t work)
{
    int rc = 0;

    for (int i = 0; i <= RESENDS_A_BLOCK; i++) {
        rc = esp_loader_defl_block(a->session->loader, seq, p->z + at, len, work);
        if (!block_was_refused(a, rc))
            break;
    }
    return rc;
}

static int send_blocks(struct attempt *a, const struct piece *p, struct meter *m)
{
    bool stub = esp_loader_is_stub(a->session->loader);
    uint32_t block = stub ? ESP_STUB_BLOCK : ESP_ROM_BLOCK;
    uint64_t base = a->done;
    uint32_t before = 0, sum = 0;
    int rc = 0;

    for (uint32_t at = 0, seq = 0; at < p->zsize && rc == 0; at += block, seq++) {
        uint32_t len = p->zsize - at < block ? p->zsize - at : block;
        uint32_t bytes = meter_feed(m, p->z + at, len);
        /* The ROM answers when it has written this block, a stub when it has written the one before. */
        rc = send_block(a, p, seq, at, len, stub ? before : bytes);
        before = bytes;
        sum += bytes;
        if (rc == 0)
            attempt_progress(a, base + sum, a->total);
    }
    if (rc == 0)
        rc = esp_loader_write_barrier(a->session->loader, true, before);
    if (rc == 0)
        attempt_progress(a, base + p->size, a->total);
    else
        a->done = base;
    return rc;
}

static int send_piece(struct attempt *a, const struct piece *p)
{
    struct meter *m = meter_new();

    if (m == NULL)
        return -ENOMEM;
    int rc = esp_loader_defl_begin(a->session->loader, p->offset, p->size, p->zsize);
    if (rc == 0)
        rc = send_blocks(a, p, m);
    meter_free(m);
    return rc;
}

/* Plain data: whole blocks, or less than one. The ROM takes whole blocks only, so its last is filled up with FF. */
static int send_plain(struct attempt *a, const struct piece *p)
{
    struct esp_loader *l = a->session->loader;
    uint32_t block = esp_loader_is_stub(l) ? esp_loader_block(l, p->size) : ESP_ROM_BLOCK;
    uint32_t told = (p->size + block - 1) / block * block;
    uint8_t last[ESP_ROM_BLOCK];
    int rc = esp_loader_flash_begin(l, p->offset, told);

    memset(last, 0xFF, sizeof last);
    for (uint32_t at = 0, seq = 0; at < p->size && rc == 0; at += block, seq++) {
        const uint8_t *data = p->data + at;
        if (p->size - at < block) {
            memcpy(last, data, p->size - at);
            data = last;
        }
        rc = esp_loader_flash_block(l, seq, data, block);
    }
    return rc == 0 ? esp_loader_write_barrier(l, false, p->size) : rc;
}

bool attempt_flash_refused(const struct attempt *a, int rc)
{
    uint8_t status = esp_loader_status(a->session->loader), error = esp_loader_error(a->session->loader);

    if (rc != -EREMOTEIO)
        return false;
    if (status == 0xC4 || status == 0xC5) /* stub: SPI operation, SPI unlock */
        return true;
    return status == 0x01 &&
           (error == 0x06 || error == 0x08 || error == 0x09); /* ROM: command, write verify, read */
}

static bool line_failed(const struct attempt *a, int rc)
{
    return rc == -ETIMEDOUT || rc == -EBADMSG || (rc == -EREMOTEIO && !attempt_flash_refused(a, rc));
}

/* A board that cannot be reached again after it was lost: what it was lost at says more than the silence after it. */
static int give_up(struct attempt *a, const struct failure *first)
{
    switch (a->failure.code) {
    case FAIL_ABORTED:
    case FAIL_IDENTITY_CHANGED:
    case FAIL_PORT_LOST:
    case FAIL_PORT_STALLED:
    case FAIL_PORT_SILENT:
    case FAIL_BROWNOUT:
        return -1;
    default:
        a->failure = *first;
        return -1;
    }
}

static int run_region(struct attempt *a, const struct piece *p,
                      int (*send)(struct attempt *, const struct piece *), int restarts_max)
{
    struct failure first;

    for (int restarts = 0;; restarts++) {
        int rc = send(a, p);
        if (rc == 0)
            return 0;
        attempt_lost(a, rc, FAIL_WRITE_LOST, attempt_flash_refused(a, rc) ? FAIL_WRITE : FAIL_NOISE);
        if (!line_failed(a, rc) || restarts == restarts_max || a->restarts >= RESTARTS_A_TRY)
            return -1;
        first = a->failure;
        attempt_count_retry(a, p->name);
        if (attempt_reconnect(a) < 0)
            return give_up(a, &first);
    }
}

/* On a line that damages bytes a long stream hardly ever gets through: short plain regions lose little each. */
static int run_parts(struct attempt *a, const struct piece *p)
{
    uint64_t base = a->done;

    for (uint32_t at = 0; at < p->size;) {
        uint32_t size = p->size - at < PART_SIZE ? p->size - at : PART_SIZE;
        struct piece part = {.offset = p->offset + at, .size = size, .data = p->data + at};
        snprintf(part.name, sizeof part.name, "%.40s +0x%x", p->name, at);
        if (run_region(a, &part, send_plain, RESTARTS_A_REGION) < 0)
            return -1;
        at += part.size;
        attempt_progress(a, base + at, a->total);
    }
    return 0;
}

int attempt_region(struct attempt *a, const struct piece *piece)
{
    int before = a->restarts;

    a->touched = true;
    if (run_region(a, piece, send_piece, RESTARTS_OF_A_STREAM) == 0)
        return 0;
    /* Given up on for its restarts alone: the loader is reached again first, as after any loss. */
    bool line = a->failure.code == FAIL_WRITE_LOST || a->failure.code == FAIL_NOISE;
    if (!line || a->restarts != before + RESTARTS_OF_A_STREAM || !a->session->answers)
        return -1;
    struct failure first = a->failure;
    attempt_count_retry(a, piece->name);
    return attempt_reconnect(a) < 0 ? give_up(a, &first) : run_parts(a, piece);
}

int attempt_sector(struct attempt *a, uint32_t offset, const uint8_t data[static BACKUP_SIZE])
{
    const struct piece p = {.name = "boot sector", .offset = offset, .size = BACKUP_SIZE, .data = data};

    a->touched = true;
    return run_region(a, &p, send_plain, RESTARTS_A_REGION);
}
