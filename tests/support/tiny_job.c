/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/support/tiny_job.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

/* Half of it repeats, so that the stream compresses about as firmware does. */
static uint8_t *make_bytes(uint32_t size, unsigned seed)
{
    uint8_t *bytes = malloc(size);
    uint32_t x = seed * 2654435761u + 1;

    assert(bytes != NULL);
    for (uint32_t i = 0; i < size; i++) {
        x = x * 1664525u + 1013904223u;
        bytes[i] = i / 64 % 2 == 0 ? (uint8_t)(x >> 24) : (uint8_t)(i / 64 * 2);
    }
    return bytes;
}

static void make_piece(struct piece *p, const char *name, uint32_t offset, uint32_t size, unsigned seed)
{
    uint8_t *data = make_bytes(size, seed);
    uLongf zsize = compressBound(size);
    uint8_t *z = malloc(zsize);

    assert(z != NULL);
    if (offset == BOOT_SECTOR)
        data[0] = 0xE9;
    int rc = compress2(z, &zsize, data, size, 9);
    assert(rc == Z_OK);
    (void)rc;
    snprintf(p->name, sizeof p->name, "%s", name);
    p->offset = offset;
    p->size = size;
    p->data = data;
    p->z = z;
    p->zsize = (uint32_t)zsize;
    digest_md5(data, size, p->md5);
}

void tiny_job_make(struct tiny_job *t, uint32_t app_size, unsigned seed)
{
    struct job *j = &t->job;

    memset(t, 0, sizeof *t);
    make_piece(&t->boot, "bootloader", BOOT_SECTOR, SECTOR_SIZE, seed);
    make_piece(&t->pieces[0], "bootloader rest", 0x2000, 0x2100, seed + 1);
    make_piece(&t->pieces[1], "table", 0x8000, 0xC00, seed + 2);
    make_piece(&t->pieces[2], "app", TINY_APP_OFFSET, app_size, seed + 3);
    make_piece(&t->finals[0], "otadata", TINY_OTADATA, SECTOR_SIZE, seed + 4);
    t->erases[0] = (struct span){0x9000, 0x7000};
    t->erases[1] = (struct span){0x3C0000, 0x40000}; /* runs into the identity sector on purpose */
    t->plan = (struct plan){
        .name = "files",
        .needs_size = 0x400000,
        .erases = t->erases,
        .erase_count = 2,
        .pieces = t->pieces,
        .piece_count = 3,
        .finals = t->finals,
        .final_count = 1,
        .boot_sector = BOOT_SECTOR,
        .boot = &t->boot,
        .identity = {CONFIG_SECTOR, SECTOR_SIZE},
    };
    snprintf(j->name, sizeof j->name, "tiny");
    snprintf(j->chip, sizeof j->chip, "esp32");
    snprintf(j->board, sizeof j->board, "esp32");
    snprintf(j->firmware_version, sizeof j->firmware_version, "1.0");
    j->baud = 921600;
    j->reset = RESET_TIGHT;
    j->retries = 1;
    j->plans = &t->plan;
    j->plan_count = 1;
    j->image_bytes = app_size;
}

void tiny_job_without_boot(struct tiny_job *t)
{
    t->plan.boot = NULL;
}

static void free_piece(struct piece *p)
{
    free((void *)(uintptr_t)p->data);
    free((void *)(uintptr_t)p->z);
}

void tiny_job_done(struct tiny_job *t)
{
    for (size_t i = 0; i < t->plan.piece_count; i++)
        free_piece(&t->pieces[i]);
    free_piece(&t->finals[0]);
    free_piece(&t->boot);
}

static bool piece_is_in(const struct piece *p, const uint8_t *flash)
{
    return memcmp(flash + p->offset, p->data, p->size) == 0;
}

bool tiny_job_is_in(const struct tiny_job *t, const uint8_t *flash)
{
    bool all = t->plan.boot == NULL || piece_is_in(t->plan.boot, flash);

    for (size_t i = 0; i < t->plan.piece_count; i++)
        all = all && piece_is_in(&t->pieces[i], flash);
    for (size_t i = 0; i < t->plan.final_count; i++)
        all = all && piece_is_in(&t->finals[i], flash);
    return all;
}
