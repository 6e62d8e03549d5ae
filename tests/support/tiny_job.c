/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/support/tiny_job.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "profiles/plan/image_piece.h"
#include "profiles/text/arena.h"

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

static void make_piece(struct tiny_job *t, struct piece *p, const char *name, uint32_t offset, uint32_t size,
                       unsigned seed)
{
    struct piece_store store = {.arena = t->arena, .compress = true};
    uint8_t *made = make_bytes(size, seed), *data = arena_alloc(t->arena, size);

    assert(data != NULL);
    memcpy(data, made, size);
    free(made);
    if (offset == BOOT_SECTOR)
        data[0] = 0xE9;
    int rc = image_piece_make(&store, name, offset, data, size, p);
    assert(rc == 0);
    (void)rc;
}

void tiny_job_make(struct tiny_job *t, uint32_t app_size, unsigned seed)
{
    struct job *j = &t->job;

    memset(t, 0, sizeof *t);
    t->arena = arena_new();
    assert(t->arena != NULL);
    make_piece(t, &t->boot, "bootloader", BOOT_SECTOR, SECTOR_SIZE, seed);
    make_piece(t, &t->pieces[0], "bootloader rest", 0x2000, 0x2100, seed + 1);
    make_piece(t, &t->pieces[1], "table", 0x8000, 0xC00, seed + 2);
    make_piece(t, &t->pieces[2], "app", TINY_APP_OFFSET, app_size, seed + 3);
    make_piece(t, &t->finals[0], "otadata", TINY_OTADATA, SECTOR_SIZE, seed + 4);
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

void tiny_job_done(struct tiny_job *t)
{
    arena_free(t->arena);
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
